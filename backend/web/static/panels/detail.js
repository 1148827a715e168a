/** What stands behind one figure, a panel at a time: both views, the years, the gap, progress, findings. */

import { besideFigure } from "../beside.js";
import { element, redraw, write } from "../dom.js";
import { pick, t } from "../i18n.js";
import { drawDetail } from "../panel.js";
import { PANELS } from "../place.js";
import { drawPublishedDetail, tableName } from "../yearbook.js";
import { findingsPanel } from "./findings.js";
import { gapPanel } from "./gap.js";
import { progressPanel } from "./progress.js";
import { trendPanel } from "./trend.js";

/** The panels that are read when they are opened; each resolves to elements. */
const READ = { trend: trendPanel, gap: gapPanel, progress: progressPanel, findings: findingsPanel };

/** The panels of whoever has not signed in. */
const FOR_GUESTS = ["overview", "trend"];

const byId = (id) => document.getElementById(id);

/**
 * The panel; `on` hears `close()`, `panel(name)` and `open(region)` for a region named in it, and answers `drawn()`: when
 * the map is there, and there is time to read what stands beside it.
 */
export class Detail {
  #on;
  #host = byId("detail");
  #tabs = byId("panels");
  #body = byId("panel");
  #guest = false;
  #panel = PANELS[0];
  #asked = null;
  #turn = 0;

  constructor(on) {
    this.#on = on;
    this.#host.querySelector(".detail-close").addEventListener("click", () => on.close());
    this.#tabs.addEventListener("keydown", (event) => this.#press(event));
  }

  /** Offer what the reader may see. */
  reader({ guest }) {
    this.#guest = guest;
  }

  /**
   * Show `asked`: {row, name, indicator, period, view, basin, second, close, figure, printed, figures, tables}; `printed`
   * null: what was reported, else what was published of `figure`.
   */
  show(asked, panel) {
    const { row, name, indicator, printed, period } = asked;
    const before = this.#asked;
    const same = before && panel === this.#panel && before.row.region.code === row.region.code;
    const still = same && before.indicator === indicator && before.period === period && before.view === asked.view;
    this.#asked = asked;
    this.#panel = this.#offered().includes(panel) ? panel : PANELS[0];
    const title = printed ? tableName(printed) : pick(indicator);
    write(byId("detail-heading"), t("detail.heading", { region: name, indicator: title }));
    this.#host.querySelector(".detail-close").hidden = !asked.close;
    this.#drawTabs();
    this.#draw(still);
  }

  #offered() {
    const { row, printed } = this.#asked;
    if (printed || row.region.level === "basin") return [PANELS[0]];
    return this.#guest ? FOR_GUESTS : PANELS;
  }

  #drawTabs() {
    const offered = this.#offered();
    this.#tabs.hidden = offered.length < 2;
    for (const name of PANELS) {
      const tab = byId(`tab-${name}`) ?? this.#newTab(name);
      tab.hidden = !offered.includes(name);
      const chosen = name === this.#panel;
      tab.setAttribute("aria-selected", String(chosen));
      tab.tabIndex = chosen ? 0 : -1;
      write(tab, t(`panel.${name}`));
    }
    this.#body.setAttribute("aria-labelledby", offered.length < 2 ? "detail-heading" : `tab-${this.#panel}`);
  }

  #newTab(name) {
    const tab = element("button", { type: "button", role: "tab", id: `tab-${name}`, "aria-controls": "panel" });
    tab.addEventListener("click", () => this.#choose(name));
    this.#tabs.append(tab);
    return tab;
  }

  #choose(name) {
    this.#panel = name;
    this.#drawTabs();
    this.#draw(false);
    this.#on.panel(name);
  }

  #press(event) {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const offered = this.#offered();
    const next = offered[(offered.indexOf(this.#panel) + step + offered.length) % offered.length];
    this.#choose(next);
    byId(`tab-${next}`).focus();
  }

  #draw(still) {
    const turn = ++this.#turn;
    byId("beside-box").hidden = true;
    if (this.#panel === PANELS[0]) this.#drawOverview(turn);
    else this.#read(turn, still);
  }

  #drawOverview(turn) {
    const { row, figure, printed, figures } = this.#asked;
    this.#body.removeAttribute("aria-busy");
    if (printed) drawPublishedDetail(this.#body, { figure, printed, figures });
    else drawDetail(this.#body, this.#asked);
    if (row.region.level !== "basin" && !this.#guest) this.#drawBeside(turn);
  }

  /** Add what stands beside the figure as soon as it is read, unless something else is shown meanwhile. */
  async #drawBeside(turn) {
    const { row, indicator, period, tables } = this.#asked;
    await this.#on.drawn();
    if (turn !== this.#turn) return;
    const found = await besideFigure(row.region, indicator.code, period, tables).catch(() => []);
    if (turn !== this.#turn) return;
    byId("beside").replaceChildren(...found);
    byId("beside-box").hidden = !found.length;
  }

  /** Read the panel and draw it; what stands is left standing while it is read again. */
  async #read(turn, still) {
    const panel = this.#panel;
    if (!still) {
      this.#body.setAttribute("aria-busy", "true");
      this.#body.replaceChildren(element("p", { class: "panel-state", text: t("panel.loading") }));
    }
    const lines = await READ[panel](this.#asked, this.#on).catch((problem) => this.#failed(problem));
    if (turn !== this.#turn) return;
    this.#body.removeAttribute("aria-busy");
    if (still) redraw(this.#body, ...lines);
    else this.#body.replaceChildren(...lines);
  }

  #failed(problem) {
    if (!("zh" in problem)) throw problem;
    const retry = element("button", { type: "button", class: "quiet", text: t("error.retry") });
    retry.addEventListener("click", () => this.#draw(false));
    return [element("p", { role: "alert", class: "panel-state", text: pick(problem) }), retry];
  }
}
