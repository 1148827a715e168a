/** The desk: who is at it, which pages they have, and the page that the address names. */

import { readDeployment } from "../api.js";
import { element } from "../dom.js";
import { language, setLanguage, t, writeTexts } from "../i18n.js";
import { Session } from "../session.js";
import "./texts.js";
import { addressOf, go, readAddress } from "./address.js";
import { FilingPage } from "./filing_page.js";
import { FindingsPage } from "./findings_page.js";
import { listen, showHelp } from "./keys.js";
import { forgetPacks } from "./packs.js";
import { PeoplePage } from "./people_page.js";
import { problemBox, SIGN_IN_OVER } from "./problems.js";
import { ReviewPage } from "./review_page.js";
import { TurnaroundPage } from "./turnaround_page.js";

const PAGES = {
  review: ReviewPage,
  filing: FilingPage,
  findings: FindingsPage,
  people: PeoplePage,
  turnaround: TurnaroundPage,
};

const main = document.getElementById("main");
let deployment = null;
let session = null;
let shown = null;
let seated = null;

/** Return the names of the pages that the reader has a use for. */
const pagesOf = (grants) => Object.keys(PAGES).filter((name) => PAGES[name].serves(grants));

function drawFrame() {
  writeTexts();
  document.getElementById("demo-mark").hidden = !deployment?.demo;
  document.getElementById("help").title = t("help.title");
  session?.draw(document.getElementById("reader-box"));
  const nav = document.getElementById("pages");
  if (!session?.reader) return nav.replaceChildren();
  const { page } = readAddress();
  const links = pagesOf(session.reader.account.grants).map((name, k) =>
    element("a", {
      href: addressOf(name),
      "aria-current": name === page && "page",
      "aria-keyshortcuts": String(k + 1),
      text: t(`page.${name}`),
    }),
  );
  nav.replaceChildren(...links, element("a", { class: "to-map", href: "./", text: t("page.map") }));
}

async function route() {
  if (!session?.reader) return;
  const { grants } = session.reader.account;
  const pages = pagesOf(grants);
  const { page, params } = readAddress();
  if (!pages.length) {
    shown = null;
    main.replaceChildren(element("section", { class: "notice" }, element("h2", { text: t("desk.nothing.heading") }), element("p", { text: t("desk.nothing") })));
    main.setAttribute("aria-busy", "false");
    return drawFrame();
  }
  if (!pages.includes(page)) return go(pages[0], {}, { replace: true });
  drawFrame();
  document.title = `${t(`page.${page}`)} · ${deployment.name} ${t("desk.subtitle")}`;
  if (shown?.name !== page) {
    for (const dialog of document.querySelectorAll("dialog.sheet[open]")) dialog.close();
    shown = { name: page, page: new PAGES[page]({ reader: session.reader, deployment }) };
    main.replaceChildren(shown.page.root);
  }
  main.setAttribute("aria-busy", "true");
  const current = shown;
  try {
    await current.page.show(params);
  } catch (problem) {
    if (problem.status === 401) {
      seated = null;
      await signInAgain();
    } else if (shown === current) main.replaceChildren(problemBox(problem, () => reopen()));
  } finally {
    if (shown === current) main.setAttribute("aria-busy", "false");
  }
}

function reopen() {
  shown = null;
  return route();
}

/** Hear a sign-in or sign-out. Whoever signs in again finds what was being written; anybody else finds a fresh desk. */
function changed() {
  const username = session.reader?.account.username ?? null;
  if (username !== null && username === seated) return drawFrame();
  seated = username;
  forgetPacks();
  if (username === null) main.replaceChildren();
  drawFrame();
  return reopen();
}

/** Ask for a sign-in where the last one is over. */
function signInAgain() {
  return session?.renew().catch((problem) => main.replaceChildren(problemBox(problem, () => reopen())));
}

function keys() {
  const pages = session?.reader ? pagesOf(session.reader.account.grants) : [];
  const numbers = Object.fromEntries(pages.map((name, k) => [String(k + 1), () => go(name, {})]));
  return { "?": help, ...numbers, ...(shown?.page.keys?.() ?? {}) };
}

function help() {
  const pages = pagesOf(session?.reader?.account.grants ?? []);
  showHelp([
    ...(shown?.page.help?.() ?? []),
    [`1–${pages.length}`, t("help.pages")],
    ["Ctrl+↵", t("help.send")],
    ["Esc", t("help.cancel")],
    ["?", t("help.help")],
  ]);
}

async function start() {
  setLanguage(language());
  writeTexts();
  try {
    deployment = await readDeployment();
    session = new Session(deployment, changed);
    await session.start();
  } catch (problem) {
    main.replaceChildren(problemBox(problem, () => start()));
    main.setAttribute("aria-busy", "false");
  }
}

document.getElementById("language").addEventListener("click", () => {
  setLanguage(language() === "zh" ? "en" : "zh");
  reopen();
  drawFrame();
});
document.getElementById("help").addEventListener("click", help);
document.getElementById("skip").addEventListener("click", (event) => {
  event.preventDefault();
  main.focus();
});
window.addEventListener("hashchange", route);
document.addEventListener(SIGN_IN_OVER, signInAgain);
listen(keys);
start();
