/** The frame around the figures: title, switches, live state, notices, announcements. */

import { element, redraw, write } from "./dom.js";
import { language, pick, regionName, t } from "./i18n.js";
import { PUBLISHED, VIEWS } from "./place.js";

const byId = (id) => document.getElementById(id);

/** How long loading may take before the page says so. */
const PATIENCE_MS = 250;

/** The frame; `on` hears period, view, language, place(code), home, retry and signIn. */
export class Chrome {
  #on;
  #liveState = "on";
  #notice = null;
  #patience = null;

  constructor(on) {
    this.#on = on;
    byId("language").addEventListener("click", () => on.language());
    byId("period").addEventListener("change", (event) => on.period(event.target.value));
    byId("guest-sign-in").addEventListener("click", () => on.signIn());
    byId("controls").addEventListener("submit", (event) => event.preventDefault());
  }

  /** Draw what depends on the deployment and the settings alone; `views`: those that can be chosen. */
  draw(deployment, { period, view }, views, guest) {
    byId("guest").hidden = !guest;
    document.body.classList.toggle("is-guest", guest);
    write(byId("site-name"), deployment.name);
    byId("demo-mark").hidden = !deployment.demo;
    this.#mark(deployment.demo, view === PUBLISHED);
    write(byId("map-source"), deployment.map_source);
    write(byId("colophon"), `${deployment.name} ${deployment.version}`);
    byId("language").setAttribute("aria-label", t("language.switch"));
    byId("language").lang = language() === "zh" ? "en" : "zh-CN";
    const options = deployment.periods.map((each) =>
      element("option", {
        value: each,
        text: /^\d{4}$/.test(each) ? t("control.period.value", { period: each }) : each,
      }),
    );
    byId("period").replaceChildren(...options);
    if (period) byId("period").value = period;
    this.#drawViews(views, view, guest);
    this.live(this.#liveState);
  }

  /** Draw a notice that stands anew, in another language. */
  relabel() {
    this.#notice?.();
  }

  /** Write across the map whose figures it shows: the yearbook's are no demo data, whatever the deployment. */
  #mark(demo, published) {
    const watermark = byId("watermark");
    watermark.hidden = !demo && !published;
    watermark.classList.toggle("watermark-published", published);
    const name = (target, key) => {
      target.dataset.text = key;
      write(target, t(key));
    };
    name(watermark, published ? "published.watermark" : "demo.mark");
    name(byId("demo-explain"), published ? "demo.explain.published" : "demo.explain");
    name(byId("period-label"), published ? "control.period.reported" : "control.period");
  }

  /** Draw the switch of views; labels stay, so that focus stays. What a guest reads as the headline was published. */
  #drawViews(views, chosen, guest) {
    const host = byId("views");
    host.hidden = views.length < 2;
    for (const label of host.querySelectorAll("[data-view]")) if (!views.includes(label.dataset.view)) label.remove();
    let next = null;
    for (const view of views.toReversed()) {
      const label = host.querySelector(`[data-view="${view}"]`) ?? this.#newView(view, next);
      const key = guest && view === VIEWS[0] ? "view.guest" : `view.${view}`;
      label.title = t(`${key}.explain`);
      label.querySelector("input").checked = view === chosen;
      write(label.querySelector("span"), t(key));
      next = label;
    }
  }

  #newView(view, next) {
    const input = element("input", { type: "radio", name: "view", value: view, class: "unseen" });
    input.addEventListener("change", () => this.#on.view(view));
    const label = element("label", { "data-view": view }, input, element("span"));
    byId("views").insertBefore(label, next);
    return label;
  }

  /** Draw who is looking. */
  reader(session) {
    session.draw(byId("reader-box"));
  }

  /** Name the place, with the regions [{code, name}] above it, the reader's own first. */
  place(name, path) {
    write(byId("place"), name);
    document.title = `${name} · ${byId("site-name").textContent} · ${t("site.title")}`;
    const crumbs = path.map((one, k) => {
      const button = element("button", { type: "button", text: one.name });
      button.addEventListener("click", () => (k ? this.#on.place(one.code) : this.#on.home()));
      return element("li", {}, button);
    });
    if (path.length) crumbs.push(element("li", { "aria-current": "page", text: name }));
    byId("crumbs").replaceChildren(...crumbs);
  }

  /** Say that figures are being loaded, unless they come at once. */
  busy(isBusy) {
    clearTimeout(this.#patience);
    byId("main").setAttribute("aria-busy", String(isBusy));
    document.body.classList.remove("waiting");
    if (isBusy) this.#patience = setTimeout(() => document.body.classList.add("waiting"), PATIENCE_MS);
  }

  /** Show the figures again after a notice. */
  done() {
    this.#notice = null;
    byId("notice").hidden = true;
    byId("workspace").hidden = false;
    byId("live").hidden = false;
    byId("controls").hidden = false;
  }

  /** Show a problem instead of the figures. */
  fail(problem, away) {
    this.#instead(() => {
      const retry = element("button", { type: "button", class: "primary", text: t("error.retry") });
      retry.addEventListener("click", () => this.#on.retry());
      const home = element("button", { type: "button", class: "quiet", text: t("error.home") });
      home.addEventListener("click", () => this.#on.home());
      const text = pick({ zh: problem.zh ?? problem.message, en: problem.en ?? problem.message });
      return [
        element("h2", { text: t("error.heading") }),
        element("p", { text, role: "alert" }),
        element("p", { class: "notice-actions" }, retry, ...(away ? [home] : [])),
      ];
    });
  }

  /** Show nothing of what a reader saw who has left. */
  clear() {
    this.#instead(() => []);
    byId("notice").hidden = true;
    byId("crumbs").replaceChildren();
    write(byId("place"), "");
    history.replaceState(null, "", location.pathname);
  }

  /** Tell a reader below the county what this page is for. */
  explain(session) {
    this.#instead(() => {
      const { grant } = session.reader;
      const role = grant ? t(`role.${grant.role}`) : "";
      const region = grant ? regionName({ code: grant.region_code, name: grant.region_name }) : "";
      this.place(region || t("site.title"), []);
      const lines = [
        element("h2", { text: t("reader.heading") }),
        element("p", { text: t("reader.body", { role, region }) }),
        element("p", { text: t("reader.own") }),
      ];
      if (session.demoAccounts.length) lines.push(element("p", { class: "notice-aside", text: t("reader.demo") }));
      return lines;
    });
    this.busy(false);
  }

  #instead(draw) {
    this.#notice = () => redraw(byId("notice"), ...draw());
    byId("notice").replaceChildren(...draw());
    byId("notice").hidden = false;
    byId("workspace").hidden = true;
    byId("controls").hidden = true;
    byId("live").hidden = true;
    write(byId("ledger"), "");
  }

  /** Show whether the page is up to date. */
  live(state) {
    this.#liveState = state;
    const box = byId("live");
    box.dataset.state = state;
    const time = new Date().toLocaleTimeString(language() === "zh" ? "zh-CN" : "en-GB", { hour12: false });
    write(box.querySelector(".live-text"), state === "on" ? `${t("live.on")} ${time}` : t(`live.${state}`));
  }

  /** Show the digest of the ledgers that the figures come from. */
  ledger({ digest, counties, entries }) {
    write(byId("ledger"), t("ledger.digest", { digest: digest.slice(0, 12) }));
    byId("ledger").title = `${t("ledger.explain", { counties, entries })}\n${digest}`;
  }

  /** Say something to those who listen. */
  say(text) {
    write(byId("announcer"), text);
  }
}
