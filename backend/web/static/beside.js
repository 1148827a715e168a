/** Beside a figure: the measures of its region, and what a yearbook printed for it, marked as published. */

import { readMeasures, readPublished } from "./api.js";
import { element } from "./dom.js";
import { pick, t } from "./i18n.js";
import { grouped, round, shift, signed, trim } from "./numbers.js";
import { inAreas } from "./scale.js";

const PROVINCES = new Set(["nation", "province"]);

/**
 * Return the elements that stand beside `indicator` of a region in a period; none where there is nothing to say.
 * `tables` are the published ones of the indicator.
 */
export async function besideFigure(region, indicator, period, tables) {
  const hasPublished = PROVINCES.has(region.level) && tables.length > 0;
  const [{ measures }, printed] = await Promise.all([
    readMeasures(region.code, period),
    hasPublished ? readPublished(region.code) : [],
  ]);
  const own = measures.filter((measure) => measure.indicator === indicator);
  const amounts = tables.flatMap((table) => printed.filter(({ measure }) => measure === table.measure));
  return [...measureList(own), ...publishedTable(amounts)];
}

function measureList(measures) {
  if (!measures.length) return [];
  const rows = measures.map((measure) =>
    element(
      "div",
      {},
      element("dt", { text: `${pick(measure)} · ${t(`level.${measure.level}`)}` }),
      element("dd", { text: measureText(measure) }),
    ),
  );
  return [
    element("h3", { text: t("beside.measures") }),
    element("dl", { class: "measures" }, ...rows),
  ];
}

function measureText({ unit, value, shown }) {
  switch (unit) {
    case "1":
      return `${round(shift(value, 2), 2)}%`;
    case "mu":
      return `${inAreas(value)} ${t("unit.area")}`;
    default:
      return `${grouped(trim(shown))} ${t(`unit.${unit}`)}`;
  }
}

function publishedTable(amounts) {
  if (!amounts.length) return [];
  const years = [...new Set(amounts.map(({ year }) => year))].sort();
  const measures = [...new Set(amounts.map(({ measure }) => measure))];
  const of = (measure, year) => amounts.find((one) => one.measure === measure && one.year === year);
  const head = element(
    "tr",
    {},
    element("th", { scope: "col", text: t("beside.published.measure") }),
    ...years.map((year) => element("th", { scope: "col", text: String(year) })),
    element("th", { scope: "col", text: t("beside.published.change") }),
  );
  const rows = measures.map((measure) => {
    const name = pick(amounts.find((one) => one.measure === measure));
    const cells = years.map((year) => element("td", { text: amountText(of(measure, year)) }));
    const change = changeText(of(measure, 2020), of(measure, 2021));
    return element("tr", {}, element("th", { scope: "row", text: name }), ...cells, element("td", { text: change }));
  });
  const [{ source }] = amounts;
  return [
    element("h3", {}, t("beside.published"), element("span", { class: "chip chip-official", text: t("beside.mark") })),
    element("table", { class: "published" }, element("thead", {}, head), element("tbody", {}, ...rows)),
    element("p", { class: "source", text: t("beside.published.source", { source }) }),
  ];
}

const amountText = (one) => (one ? grouped(trim(round(shift(one.amount, -4), 2))) : t("table.none"));

function changeText(before, after) {
  if (!before || !after || Number(before.amount) === 0) return t("table.none");
  return `${signed((100 * (Number(after.amount) / Number(before.amount) - 1)).toFixed(1))}%`;
}
