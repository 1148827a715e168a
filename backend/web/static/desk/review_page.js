/** 审核: the queue of a county's or township's office, and the report in hand. */

import { readJson } from "../api.js";
import { element } from "../dom.js";
import { t } from "../i18n.js";
import { go } from "./address.js";
import { Browse } from "./browse.js";
import { openBulk } from "./bulk.js";
import { drawFilters, indicatorName, indicatorOptions, pageHead, periodOptions, regionFilter } from "./filters.js";
import { ago, count } from "./moments.js";
import { readTownships } from "./packs.js";
import { ReportView } from "./report_view.js";
import { button, mark } from "./widgets.js";

const OFFICES = ["county", "township"];
const STATUSES = ["submitted", "returned", "accepted"];

/** Return the ledgers that grants review: {code, name, role}; a township's nine digits begin with its county's six. */
function ledgersOf(grants) {
  const found = new Map();
  for (const grant of grants.filter(({ role }) => OFFICES.includes(role))) {
    const code = grant.region_code.slice(0, 6);
    if (found.get(code)?.role !== "county") found.set(code, { code, name: grant.region_name, role: grant.role });
  }
  return [...found.values()];
}

export class ReviewPage {
  static serves(grants) {
    return ledgersOf(grants).length > 0;
  }

  #deployment;
  #ledgers;
  #ledger = null;
  #townships = new Map();
  #params = {};
  #view = null;
  #answer = null;
  #asked = 0;

  constructor({ reader, deployment }) {
    this.#deployment = deployment;
    this.#ledgers = ledgersOf(reader.account.grants);
    this.acts = element("div", { class: "page-acts" });
    const { head, filters } = pageHead(t("page.review"), this.acts);
    this.filters = filters;
    this.browse = new Browse({
      page: "review",
      chosen: "record",
      label: "review.list",
      empty: "review.empty",
      read: (params, after) => this.#read(params, after),
      keyOf: (report) => report.record_id,
      row: (report) => this.#row(report),
      summary: (answer) => this.#summary(answer),
      detail: (host, key) => this.#detail(host, key),
    });
    this.root = element("div", { class: "page page-review" }, head, this.browse.root);
  }

  async show(params) {
    const county = this.#ledgers.find(({ code }) => code === params.county) ?? this.#ledgers[0];
    const asked = ++this.#asked;
    const townships = await readTownships(county.code);
    if (asked !== this.#asked) return;
    this.#ledger = county;
    this.#params = params;
    this.#townships = townships;
    this.#drawFilters();
    this.#drawActs();
    await this.browse.show(params);
  }

  #drawFilters() {
    const townships = [...this.#townships].filter(([, name]) => name !== "—");
    const wanted = [
      ...regionFilter("county", this.#ledgers),
      ["status", t("filter.status"), STATUSES.map((one) => [one === "submitted" ? "" : one, t(`status.${one}`)])],
      ["indicator", t("filter.indicator"), indicatorOptions(this.#deployment)],
      ["township", t("filter.township"), [["", t("filter.all.townships")], ...townships]],
      ["flagged", t("filter.flagged"), [["", t("filter.all")], ["true", t("filter.flagged.yes")], ["false", t("filter.flagged.no")]]],
      ["period", t("filter.period"), periodOptions(this.#deployment)],
    ];
    drawFilters(this.filters, "review", this.#params, "record", wanted);
  }

  #drawActs() {
    const waiting = (this.#params.status ?? "submitted") === "submitted";
    this.acts.hidden = !waiting || this.#ledger.role !== "county";
    this.acts.replaceChildren(
      button(t("bulk.accept"), () => this.#bulk("accept")),
      button(t("bulk.return"), () => this.#bulk("return")),
    );
  }

  #query() {
    const { status, indicator, township, flagged, period } = this.#params;
    return { status, indicator, township, flagged, period };
  }

  async #read(_params, after) {
    const path = `v1/counties/${this.#ledger.code}/reviews`;
    const page = await readJson(path, { ...this.#query(), after, limit: 50 });
    this.#answer = { ...page, items: page.reports };
    return this.#answer;
  }

  #summary({ total, flagged }) {
    const said = [element("strong", { text: t("review.total", { count: count(total) }) })];
    if (flagged) said.push(mark("flagged", t("review.flagged", { count: count(flagged) })));
    return said;
  }

  #row(report) {
    const name = report.farm_name ?? t("farm.unnamed");
    const facts = [
      indicatorName(this.#deployment, report.indicator),
      this.#townships.get(report.township_code) ?? report.township_code,
      report.period,
    ].join(" · ");
    const first = element("span", { class: "row-head" }, element("b", { text: name }));
    if (report.is_flagged) first.append(mark("flagged", t("review.flag")));
    else if (report.reviewed_revision !== null) first.append(element("span", { class: "chip", text: t("review.again") }));
    return [
      first,
      element("span", { class: "row-facts", text: facts }),
      element("span", { class: "row-side", text: ago(report.waiting_since) }),
    ];
  }

  async #detail(host, key) {
    const view = new ReportView({
      host,
      ledger: this.#ledger,
      recordId: key,
      townships: this.#townships,
      deployment: this.#deployment,
      settled: (status) => this.#settled(key, status),
    });
    this.#view = view;
    await view.show();
  }

  async #settled(key, status) {
    const wanted = this.#params.status ?? "submitted";
    if (status === wanted) return this.browse.redraw();
    return this.browse.settle(key, (answer, report) => {
      answer.total -= 1;
      if (report.is_flagged) answer.flagged -= 1;
    });
  }

  async #bulk(decision) {
    await openBulk({
      decision,
      county: this.#ledger.code,
      query: this.#query(),
      words: this.#words(),
      done: async () => {
        go("review", { ...this.#params, record: null }, { replace: true });
        await this.browse.reload();
      },
    });
  }

  /** Return the filters in words, so that nobody decides on more than was meant. */
  #words() {
    const { indicator, township, period } = this.#params;
    return [
      indicator ? indicatorName(this.#deployment, indicator) : t("filter.all.indicators"),
      township ? (this.#townships.get(township) ?? township) : t("filter.all.townships"),
      period ? t("control.period.value", { period }) : t("filter.all.periods"),
    ].join(" · ");
  }

  keys() {
    const view = (name) => () => this.#view && this.browse.chosen && this.#view[name]();
    return {
      j: () => this.browse.move(1),
      k: () => this.browse.move(-1),
      ArrowDown: () => this.browse.move(1),
      ArrowUp: () => this.browse.move(-1),
      a: view("accept"),
      r: view("startReturn"),
      e: view("startCorrection"),
      p: view("precheck"),
    };
  }

  help() {
    const county = this.#ledger?.role === "county";
    return [
      ["j ↓", t("help.next")],
      ["k ↑", t("help.previous")],
      ...(county ? [["a", t("help.accept")]] : [["p", t("help.precheck")]]),
      ["r", t("help.return")],
      ...(county ? [["e", t("help.correct")]] : []),
    ];
  }
}
