/** How published amounts are drawn, so that nobody takes them for reports: the bar above the map, tip and detail. */

import { element, redraw, write } from "./dom.js";
import { pick, regionName, t } from "./i18n.js";
import { BINGTUAN, XINJIANG, asPrinted, shownUnit } from "./published.js";

/** What is printed stands for the whole year of its table, whatever the period of the reports. */
export const tableName = ({ table, year }) => t("published.table", { measure: pick(table), year });

/** The bar above the map: the mark, its source, and what is chosen. `on` hears measure(code) and year(number). */
export class PublishedBar {
  #host;
  #measure;
  #year;

  constructor(host, on) {
    this.#host = host;
    this.#measure = host.querySelector("#measure");
    this.#year = host.querySelector("#year");
    this.#measure.addEventListener("change", () => on.measure(this.#measure.value));
    this.#year.addEventListener("change", () => on.year(Number(this.#year.value)));
  }

  /** Draw what is shown of `tables` (those of the indicator); `printed` null: the view is another, the bar is away. */
  draw(printed, tables, figures) {
    this.#host.hidden = !printed;
    if (!printed) return;
    const { table, year } = printed;
    redraw(
      this.#measure,
      ...tables.map((each) => element("option", { value: each.measure, text: pick(each) })),
    );
    redraw(this.#year, ...table.years.map((each) => element("option", { value: each, text: t("published.year", { year: each }) })));
    this.#measure.value = table.measure;
    this.#year.value = year;
    redraw(this.#host.querySelector(".published-source"), ...sourceOf([...printed.amounts.values()]));
    write(this.#host.querySelector(".published-note"), noteOf(printed, figures));
  }
}

/** Return the source of amounts and how far it can be trusted; none where there are none. */
function sourceOf([first]) {
  if (!first) return [];
  return [
    t("published.source", { source: "" }),
    element("cite", { lang: "zh-CN", text: first.source }),
    element("span", { class: `chip chip-${first.status}`, text: t(`source.${first.status}`) }),
  ];
}

function noteOf({ amounts }, figures) {
  const parts = [t("published.aside")];
  const rows = figures.rows.map((row) => row.region.code);
  if (amounts.has(XINJIANG) && rows.includes(BINGTUAN) && !amounts.has(BINGTUAN)) parts.push(t("published.bingtuan"));
  return parts.join(t("list.sentence"));
}

/** Return why the regions shown have no published amount, or "" where they have. */
export function silence(printed, figures) {
  if (!printed || figures.rows.some((row) => printed.amounts.has(row.region.code))) return "";
  return t(figures.region?.level === "nation" ? "published.none.year" : "published.none.below");
}

/** Return what the tip says of a region's published amount. */
export function publishedTip(row, figure, printed) {
  const { amount } = figure;
  const value = amount ? `${figure.text}${figure.unit}` : t("published.none");
  const lines = [
    element("p", { class: "tip-name", text: regionName(row.region) }),
    element("p", { class: "tip-rate" }, element("b", { text: value })),
    element("p", { text: tableName(printed) }),
    element("p", { class: "published-word", text: t("published.mark") }),
  ];
  if (amount) lines.splice(3, 0, element("p", { text: t("published.asprinted", { printed: asPrinted(amount) }) }));
  return lines;
}

/** Draw the published amount of one region: as shown, as printed, and where it was printed. */
export function drawPublishedDetail(host, { figure, printed, figures }) {
  const { amount } = figure;
  const lines = [element("p", {}, element("strong", { class: "published-mark", text: t("published.mark") }))];
  if (amount) lines.push(facts(figure, printed), element("p", { class: "source" }, ...sourceOf([amount])));
  else lines.push(element("p", { class: "published-none", text: silence(printed, figures) || t("published.none.region") }));
  redraw(host, ...lines);
}

function facts(figure, { table, year }) {
  const fact = (label, value, note) =>
    element(
      "div",
      {},
      element("dt", { text: label }),
      element(
        "dd",
        {},
        element("span", { class: "fact-value", text: value }),
        element("span", { class: "fact-note", text: note }),
      ),
    );
  return element(
    "dl",
    { class: "facts facts-published" },
    fact(t("published.amount"), figure.text, shownUnit(table)),
    fact(t("published.printed"), asPrinted(figure.amount), t("published.year", { year })),
  );
}
