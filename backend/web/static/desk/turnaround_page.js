/** 时效: how long reports waited for their decision, of offices and never of persons. */

import { readJson } from "../api.js";
import { element } from "../dom.js";
import { t } from "../i18n.js";
import { drawFilters, indicatorOptions, pageHead } from "./filters.js";
import { ago, count, moment } from "./moments.js";
import { readingGrants } from "./offices.js";
import { readTownships } from "./packs.js";
import { problemBox } from "./problems.js";

const SPANS = { "": null, 30: 30, 90: 90, 365: 365 };
const DAY_MS = 86_400_000;

export class TurnaroundPage {
  static serves(grants) {
    return readingGrants(grants).length > 0;
  }

  #deployment;
  #regions;
  #counties = new Map();
  #asked = 0;

  constructor({ reader, deployment }) {
    this.#deployment = deployment;
    this.#regions = readingGrants(reader.account.grants);
    const { head, filters } = pageHead(t("page.turnaround"));
    this.filters = filters;
    this.body = element("div", { class: "turnaround" });
    this.root = element("div", { class: "page page-turnaround" }, head, element("p", { class: "hint", text: t("turnaround.hint") }), this.body);
  }

  /** Return the counties that the reader may look at: [code, name], of all grants. */
  async #readCounties() {
    if (this.#counties.size) return this.#counties;
    const indicator = this.#deployment.indicators[0].code;
    for (const region of this.#regions) {
      if (region.level === "county") {
        this.#counties.set(region.code, region.name);
        continue;
      }
      let after = null;
      do {
        const page = await readJson(`v1/filings/${region.code}`, { period: this.#deployment.periods[0], indicator, after, limit: 1000 });
        for (const one of page.filings) this.#counties.set(one.region.code, one.region.name);
        after = page.after;
      } while (after);
    }
    return this.#counties;
  }

  async show(params) {
    const asked = ++this.#asked;
    const counties = await this.#readCounties();
    if (asked !== this.#asked) return;
    const county = counties.has(params.county) ? params.county : counties.keys().next().value;
    const [first, ...others] = [...counties];
    drawFilters(this.filters, "turnaround", params, "none", [
      ...(counties.size > 1 ? [["county", t("filter.county"), [["", first[1]], ...others.map(([code, name]) => [code, `${name} ${code}`])]]] : []),
      ["indicator", t("filter.indicator"), indicatorOptions(this.#deployment)],
      ["days", t("turnaround.since"), Object.keys(SPANS).sort().map((days) => [days, days ? t("turnaround.days", { days }) : t("turnaround.all")])],
    ]);
    this.body.replaceChildren(element("p", { class: "loading", text: t("list.loading") }));
    try {
      const days = SPANS[params.days ?? ""];
      const since = days ? new Date(Math.floor(Date.now() / DAY_MS - days) * DAY_MS).toISOString() : null;
      const [answer, townships] = await Promise.all([
        readJson(`v1/counties/${county}/turnaround`, { indicator: params.indicator, since }),
        readTownships(county),
      ]);
      if (asked === this.#asked) this.#draw(answer, townships, counties.get(county));
    } catch (problem) {
      this.body.replaceChildren(problemBox(problem, () => this.show(params)));
    }
  }

  #draw({ county, townships }, names, name) {
    const most = Math.max(1, ...[county, ...townships].map((row) => Number(row.p90_days ?? 0)));
    const head = ["turnaround.office", "turnaround.decided", "turnaround.waiting", "turnaround.median", "turnaround.p90", "turnaround.oldest"];
    const rows = [rowOf(county, name, most, "total"), ...townships.map((row) => rowOf(row, names.get(row.region_code) ?? row.region_code, most))];
    const table = element(
      "table",
      {},
      element("caption", { text: t("turnaround.caption", { county: name }) }),
      element("thead", {}, element("tr", {}, ...head.map((key, k) => element("th", { scope: "col", class: k ? "number" : null, text: t(key) })))),
      element("tbody", {}, ...rows),
    );
    this.body.replaceChildren(element("div", { class: "scroller", tabindex: "0", role: "region", "aria-label": t("turnaround.caption", { county: name }) }, table));
  }
}

/** Return a number of days as a person reads it: hours below one day. */
function daysOf(value) {
  if (value === null) return "—";
  const days = Number(value);
  return days < 1 ? t("turnaround.hours", { hours: (days * 24).toFixed(1) }) : t("turnaround.value", { days: days.toFixed(1) });
}

function rowOf(row, name, most, kind = null) {
  const bar = element("progress", { max: most, value: Number(row.p90_days ?? 0), "aria-hidden": "true" });
  return element(
    "tr",
    { class: kind },
    element("th", { scope: "row", text: name }),
    element("td", { class: "number", text: count(row.decided) }),
    element("td", { class: "number", text: count(row.waiting) }),
    element("td", { class: "number", text: daysOf(row.median_days) }),
    element("td", { class: "number" }, ...(row.p90_days === null ? [] : [bar]), daysOf(row.p90_days)),
    element("td", { class: "number", title: moment(row.oldest_waiting_since) || null, text: row.oldest_waiting_since ? ago(row.oldest_waiting_since) : "—" }),
  );
}
