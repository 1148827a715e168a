/** 核查: what the checks found, by check, and what the offices say of it; farms to visit beside it. */

import { readJson, sendJson } from "../api.js";
import { element } from "../dom.js";
import { pick, t } from "../i18n.js";
import { addressOf } from "./address.js";
import { announce } from "./announcer.js";
import { Browse } from "./browse.js";
import { drawFilters, indicatorName, indicatorOptions, pageHead, periodOptions, regionFilter } from "./filters.js";
import { openInspections } from "./inspections.js";
import { count, moment } from "./moments.js";
import { holds, readingGrants } from "./offices.js";
import { readFarmNames } from "./packs.js";
import { ON_MAP, plotMap } from "./plot_map.js";
import { complain } from "./problems.js";
import { button, facts, mark, panel, writing } from "./widgets.js";

/** Write the names of farms in place of their ids, for whoever is shown them. */
async function nameFarms(section, county) {
  const names = await readFarmNames(county).catch(() => new Map());
  for (const item of section.querySelectorAll("[data-id]")) {
    const name = names.get(item.dataset.id);
    if (name) item.textContent = name;
  }
}

const STATES = ["open", "explained", "dismissed", "gone"];
const SHOWN = 200;

export class FindingsPage {
  static serves(grants) {
    return readingGrants(grants).length > 0;
  }

  #deployment;
  #grants;
  #regions;
  #region = null;
  #params = {};
  #finding = null;
  #writing = null;

  constructor({ reader, deployment }) {
    this.#deployment = deployment;
    this.#grants = reader.account.grants;
    this.#regions = readingGrants(this.#grants);
    this.acts = element("div", { class: "page-acts" });
    const { head, filters } = pageHead(t("page.findings"), this.acts);
    this.filters = filters;
    this.browse = new Browse({
      page: "findings",
      chosen: "finding",
      label: "findings.list",
      empty: "findings.empty",
      read: (params, after) => this.#read(params, after),
      keyOf: (finding) => finding.id,
      row: (finding) => this.#row(finding),
      group: (finding) => pick({ zh: finding.title_zh, en: finding.title_en }),
      summary: (answer) => this.#summary(answer),
      detail: (host, key) => this.#detail(host, key),
    });
    this.root = element("div", { class: "page page-findings" }, head, this.browse.root);
  }

  async show(params) {
    this.#region = this.#regions.find(({ code }) => code === params.region) ?? this.#regions[0];
    this.#params = params;
    const [open, ...others] = STATES.map((one) => [one, t(`finding.${one}`)]);
    drawFilters(this.filters, "findings", params, "finding", [
      ...regionFilter("region", this.#regions),
      ["period", t("filter.period"), periodOptions(this.#deployment)],
      ["indicator", t("filter.indicator"), indicatorOptions(this.#deployment)],
      ["state", t("filter.state"), [["", open[1]], ...others]],
    ]);
    const county = this.#region.level === "county";
    this.acts.replaceChildren(
      ...(county ? [button(t("inspections.show"), () => openInspections(this.#region, this.#deployment, params))] : []),
    );
    await this.browse.show(params);
  }

  async #read(params, after) {
    const query = { region: this.#region.code, period: params.period, indicator: params.indicator, state: params.state ?? "open", after, limit: SHOWN };
    const page = await readJson("v1/findings", query);
    const items = [...page.findings].sort((a, b) => a.code.localeCompare(b.code) || a.first_seen.localeCompare(b.first_seen));
    return { ...page, items };
  }

  #summary({ counts }) {
    return STATES.filter((state) => counts[state] && state !== "gone").map((state) => mark(state, `${t(`finding.${state}`)} ${count(counts[state])}`));
  }

  #row(finding) {
    const head = element("span", { class: "row-head" }, element("b", { text: pick(finding) }));
    const place = finding.region_code === this.#region.code ? null : finding.region_name;
    const said = [place, indicatorName(this.#deployment, finding.indicator), finding.period, moment(finding.first_seen)].filter(Boolean);
    return [head, element("span", { class: "row-facts", text: said.join(" · ") }), element("span", { class: "row-side" }, mark(finding.state, t(`finding.${finding.state}`)))];
  }

  async #detail(host, key) {
    this.#finding = this.browse.items.find(({ id }) => id === key) ?? (await this.#find(key));
    this.#draw(host);
  }

  /** Find one that is named by the address and not in the list yet, page by page. */
  async #find(key) {
    let after = null;
    do {
      const page = await this.#read(this.#params, after);
      const found = page.items.find(({ id }) => id === key);
      if (found) return found;
      after = page.after;
    } while (after);
    throw { zh: t("findings.unknown"), en: t("findings.unknown") };
  }

  #draw(host) {
    const finding = this.#finding;
    this.#writing = element("div", { class: "writing-host" });
    const acts = element("div", { class: "act-bar", hidden: !finding.may.length });
    if (finding.may.includes("explained")) acts.append(button(t("finding.act.explain"), () => this.#start("explain"), { key: "x", kind: "primary" }));
    if (finding.may.includes("dismissed")) acts.append(button(t("finding.act.dismiss"), () => this.#start("dismiss"), { key: "d" }));
    this.outcome = element("div", { class: "outcome", "aria-live": "polite" });
    const said = [
      [t("finding.region"), finding.region_name],
      [t("filter.indicator"), indicatorName(this.#deployment, finding.indicator) || "—"],
      [t("filter.period"), finding.period],
      [t("finding.level"), t(`finding.level.${finding.level}`)],
      [t("finding.first"), moment(finding.first_seen)],
      [t("finding.last"), moment(finding.last_seen)],
    ];
    const head = element(
      "header",
      { class: "report-head" },
      element("div", { class: "title-line" }, element("h2", { text: pick({ zh: finding.title_zh, en: finding.title_en }) }), mark(finding.state, t(`finding.${finding.state}`))),
      element("p", { class: "lead", text: pick(finding) }),
      facts(said),
    );
    const settled = finding.explanation
      ? element("div", { class: "why why-returned" }, element("h3", { text: t(`finding.${finding.state}`) }), element("p", { text: finding.explanation }), element("p", { class: "hint", text: `${finding.office ?? ""} ${moment(finding.decided_at)}` }))
      : null;
    const plots = element("section", { class: "plot-map-host" });
    host.replaceChildren(...[head, this.outcome, settled, plots, this.#records(), this.#writing, acts].filter(Boolean));
    // Positions are the owning county's: whoever only reads its figures is not sent to a closed door.
    if (ON_MAP.has(finding.code) && holds(this.#grants, "county")) plotMap(plots, finding);
    this.bar = acts;
  }

  /** Return what a finding is about: reports, which lead to their review, or (without an indicator) farms. */
  #records() {
    const { record_id: one, records, county_code: county, indicator, level } = this.#finding;
    const ids = [...new Set([...(one ? [one] : []), ...records])];
    if (!ids.length || level !== "report") return null;
    const links = indicator !== null && holds(this.#grants, "county");
    const items = ids.map((id) => {
      const text = t(indicator === null ? "finding.farm" : "finding.record", { id: id.slice(-8) });
      return element("li", { "data-id": id }, links ? element("a", { href: addressOf("review", { county, record: id }), text }) : text);
    });
    const heading = t(indicator === null ? "finding.farms" : "finding.records", { count: ids.length });
    const section = element("section", { class: "records" }, element("h3", { text: heading }), element("ul", {}, ...items));
    if (indicator === null) nameFarms(section, county);
    return section;
  }

  #start(act) {
    if (!this.#finding?.may.includes(act === "explain" ? "explained" : "dismissed") || this.#writing.firstChild) return;
    const why = writing(t(`finding.why.${act}`), { max: 1000, hint: t(`finding.hint.${act}`) });
    const close = () => {
      this.#writing.replaceChildren();
      this.bar.hidden = false;
    };
    const send = async () => {
      const { id, evidence, state } = this.#finding;
      const next = await sendJson(`v1/findings/${id}/${act}`, { explanation: why.area.value.trim(), evidence });
      close();
      announce(t(`finding.done.${act}`));
      if ((this.#params.state ?? "open") === next.state) return this.browse.reload();
      return this.browse.settle(id, (answer) => {
        answer.counts[state] -= 1;
        answer.counts[next.state] += 1;
      });
    };
    this.#writing.replaceChildren(panel(t(`finding.act.${act}`), [why.holder], send, close, { submit: t(`finding.act.${act}`), complain }));
    this.bar.hidden = true;
    why.area.focus();
  }

  keys() {
    const act = (name) => () => this.browse.chosen && this.#start(name);
    return {
      j: () => this.browse.move(1),
      k: () => this.browse.move(-1),
      ArrowDown: () => this.browse.move(1),
      ArrowUp: () => this.browse.move(-1),
      x: act("explain"),
      d: act("dismiss"),
    };
  }

  help() {
    return [["j ↓", t("help.next")], ["k ↑", t("help.previous")], ["x", t("help.explain")], ["d", t("help.dismiss")]];
  }
}
