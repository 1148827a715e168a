/** 报送: the filings of a region by county and indicator, and the one in hand. */

import { readJson } from "../api.js";
import { element } from "../dom.js";
import { pick, regionName, t } from "../i18n.js";
import { Browse } from "./browse.js";
import { FilingView } from "./filing_view.js";
import { drawFilters, indicatorName, indicatorOptions, pageHead, periodOptions, regionFilter } from "./filters.js";
import { count, moment } from "./moments.js";
import { readingGrants } from "./offices.js";
import { workingPeriod } from "./period.js";
import { openReadiness } from "./readiness.js";
import { button, mark } from "./widgets.js";

const STATES = ["open", "filed", "endorsed", "accepted", "published"];

export class FilingPage {
  static serves(grants) {
    return readingGrants(grants).length > 0;
  }

  #deployment;
  #grants;
  #regions;
  #region = null;
  #params = {};
  #period = null;
  #asked = 0;
  #view = null;

  constructor({ reader, deployment }) {
    this.#deployment = deployment;
    this.#grants = reader.account.grants;
    this.#regions = readingGrants(this.#grants);
    this.acts = element("div", { class: "page-acts" });
    const { head, filters } = pageHead(t("page.filing"), this.acts);
    this.filters = filters;
    this.browse = new Browse({
      page: "filing",
      chosen: "filing",
      label: "filing.list",
      empty: "filing.empty",
      read: (params, after) => this.#read(params, after),
      keyOf: (filing) => `${filing.region.code}:${filing.indicator}`,
      row: (filing) => this.#row(filing),
      summary: (answer) => this.#summary(answer),
      detail: (host, key) => this.#detail(host, key),
    });
    this.root = element("div", { class: "page page-filing" }, head, this.browse.root);
  }

  get #isCounty() {
    return this.#region.level === "county";
  }

  /** The indicator that the list is narrowed to: a county sees all of its own, a region above one at a time. */
  get #indicator() {
    if (this.#isCounty) return null;
    const asked = this.#params.indicator ?? this.#deployment.indicators[0].code;
    return asked === "all" ? null : asked;
  }

  async show(params) {
    const asked = ++this.#asked;
    const region = this.#regions.find(({ code }) => code === params.region) ?? this.#regions[0];
    const period = params.period ?? (await workingPeriod(region.code, this.#deployment.periods));
    if (asked !== this.#asked) return;
    this.#region = region;
    this.#period = period;
    this.#params = params;
    const indicators = indicatorOptions(this.#deployment, false);
    const wanted = [
      ...regionFilter("region", this.#regions),
      ["period", t("filter.period"), periodOptions(this.#deployment, false)],
      ...(this.#isCounty
        ? []
        : [["indicator", t("filter.indicator"), [["", indicators[0][1]], ...indicators.slice(1), ["all", t("filter.all.indicators")]]]]),
      ["state", t("filter.state"), [["", t("filter.all.states")], ...STATES.map((one) => [one, t(`filing.${one}`)])]],
    ];
    drawFilters(this.filters, "filing", { ...params, period: this.#period }, "filing", wanted);
    this.acts.replaceChildren(
      ...(this.#isCounty ? [button(t("readiness.show"), () => openReadiness(this.#region.code, this.#period), { key: "c" })] : []),
    );
    await this.browse.show(params);
  }

  async #read(params, after) {
    const query = { period: this.#period, indicator: this.#indicator, state: params.state, after, limit: 100 };
    const page = await readJson(`v1/filings/${this.#region.code}`, query);
    const place = ({ indicator }) => this.#deployment.indicators.findIndex(({ code }) => code === indicator);
    const items = this.#isCounty ? page.filings.sort((a, b) => place(a) - place(b)) : page.filings;
    return { ...page, items };
  }

  #summary({ region, counts }) {
    const chosen = this.#indicator ? [counts[this.#indicator]] : Object.values(counts);
    const said = [element("strong", { text: `${regionName(region)} · ${t("control.period.value", { period: this.#period })}` })];
    for (const state of STATES) {
      const number = chosen.reduce((sum, one) => sum + (one[state] ?? 0), 0);
      if (number) said.push(mark(state, `${t(`filing.${state}`)} ${count(number)}`));
    }
    return said;
  }

  #row(filing) {
    const indicator = indicatorName(this.#deployment, filing.indicator);
    const first = this.#isCounty ? indicator : filing.region.name;
    const facts = this.#isCounty || this.#indicator ? moment(filing.moved_at) : `${indicator} ${moment(filing.moved_at)}`;
    const side = element("span", { class: "row-side" }, mark(filing.state, t(`filing.${filing.state}`)));
    const head = element("span", { class: "row-head" }, element("b", { text: first }));
    if (filing.returned) head.append(mark("returned", t("filing.returned")));
    return [head, element("span", { class: "row-facts", text: facts || t("filing.untouched") }), side];
  }

  async #detail(host, key) {
    const [region, indicator] = key.split(":");
    this.#view = new FilingView({
      host,
      region,
      indicator,
      period: this.#period,
      grants: this.#grants,
      name: pick(this.#deployment.indicators.find(({ code }) => code === indicator) ?? { zh: indicator, en: indicator }),
      moved: () => this.browse.reload(),
    });
    await this.#view.show();
  }

  keys() {
    const act = (name) => () => this.#view && this.browse.chosen && this.#view.start(name);
    return {
      j: () => this.browse.move(1),
      k: () => this.browse.move(-1),
      ArrowDown: () => this.browse.move(1),
      ArrowUp: () => this.browse.move(-1),
      f: act("file"),
      a: () => this.#view && this.browse.chosen && this.#view.startForward(),
      r: act("return"),
      u: act("recall"),
      ...(this.#isCounty ? { c: () => openReadiness(this.#region.code, this.#period) } : {}),
    };
  }

  help() {
    return [
      ["j ↓", t("help.next")],
      ["k ↑", t("help.previous")],
      ["f", t("help.file")],
      ["a", t("help.forward")],
      ["r", t("help.return.filing")],
      ["u", t("help.recall")],
      ...(this.#region && this.#isCounty ? [["c", t("readiness.show")]] : []),
    ];
  }
}
