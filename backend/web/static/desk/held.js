/** What a filing keeps out, and the exceptions that let it in for a time. */

import { readJson, sendJson } from "../api.js";
import { element } from "../dom.js";
import { t } from "../i18n.js";
import { Attempts } from "./identifiers.js";
import { moment } from "./moments.js";
import { complain, problemBox } from "./problems.js";
import { line, panel, writing } from "./widgets.js";

const attempts = new Attempts();
const DAY_MS = 86_400_000;

/** Return a moment on a date field as China Standard Time says it: the end of that day. */
const endOf = (day) => `${day}T23:59:59+08:00`;

async function fill(host, path) {
  try {
    const page = await readJson(`${path}/held`, { limit: 100 });
    const rows = page.changes.map((one) =>
      element(
        "li",
        {},
        element("time", { datetime: one.received_at, text: moment(one.received_at) }),
        element("b", { text: t(`history.${one.action}`) }),
        element("span", { text: `${one.township_code ?? "—"} · ${one.fields.join(" ") || t("held.whole")}` }),
      ),
    );
    host.replaceChildren(element("ol", { class: "steps" }, ...rows));
  } catch (problem) {
    host.replaceChildren(problemBox(problem, () => fill(host, path)));
  }
}

/**
 * Return what is held and let in, and a way to let more in for the office that holds the filing; null for nothing.
 *
 * @param took called with the filing after an exception was recorded
 */
export function heldBox(filing, path, grants, took) {
  const { held, exceptions, state, holder } = filing;
  const mayExcept = state !== "open" && grants.some(({ role }) => role === holder);
  if (!held && !exceptions.length && !mayExcept) return null;
  const box = element("details", { class: "history held", open: held > 0 }, element("summary", { text: t("held.heading", { count: held }) }));
  if (held) {
    const list = element("div", {});
    box.append(element("p", { class: "hint", text: t("held.hint") }), list);
    fill(list, path);
  }
  for (const one of exceptions) {
    box.append(element("p", { class: "exception", text: t("held.exception", { office: one.office, until: moment(one.until), reason: one.reason }) }));
  }
  if (mayExcept) box.append(exceptionForm(path, took));
  return box;
}

function exceptionForm(path, took) {
  const tomorrow = new Date(Date.now() + 7 * DAY_MS).toISOString().slice(0, 10);
  const until = line(t("held.until"), { type: "date", value: tomorrow, required: true });
  const why = writing(t("held.reason"), { rows: 2, max: 2000 });
  const host = element("div", {});
  const open = element("button", { type: "button", class: "quiet", text: t("held.except") });
  const send = async () => {
    const wish = { until: endOf(until.input.value), reason: why.area.value.trim() };
    const next = await sendJson(`${path}/exceptions`, { exception_id: attempts.idFor({ path, ...wish }), ...wish });
    attempts.done({ path, ...wish });
    await took(next);
  };
  open.addEventListener("click", () => {
    host.replaceChildren(panel(t("held.except"), [until.holder, why.holder], send, () => host.replaceChildren(open), { complain }));
    until.input.focus();
  });
  host.append(open);
  return host;
}
