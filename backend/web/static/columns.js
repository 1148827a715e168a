/** The columns of the table: what each is called, sorts by and says; published amounts have columns of their own. */

import { badge, element, redraw, write } from "./dom.js";
import { basinName, regionName, t } from "./i18n.js";
import { grouped, signed } from "./numbers.js";
import { explained } from "./panels/links.js";
import { PUBLISHED } from "./place.js";
import { asPrinted } from "./published.js";

const number = (text) => (text === null ? null : Number(text));
const STATES = ["met", "not_due", "no_goal", "below", "no_data"];

/** The columns of reported figures. `text` says what a cell says, `parts` what it is made of where it is no text. */
const REPORTED = [
  { key: "region", sort: (item) => item.order },
  { key: "rate", sort: (item) => item.figure.order, parts: (item) => [rateOf(item)], ofKind: true },
  { key: "goal", sort: (item) => number(item.figure.goal), text: (item) => item.figure.goalText, ofKind: true },
  {
    key: "distance",
    sort: (item) => number(item.figure.distance),
    text: (item) => item.figure.distance && signed(item.figure.distance),
    explained: true,
  },
  {
    key: "state",
    sort: (item) => STATES.indexOf(item.figure.state),
    parts: ({ figure }) => [badge(figure.state, t(`state.${figure.state}`))],
  },
  {
    key: "gap",
    sort: (item) => number(item.figure.gap),
    text: (item) => item.figure.gap && signed(item.figure.gap),
    explained: true,
  },
  { key: "reports", sort: (item) => item.figure.reports, text: (item) => grouped(item.figure.reports) },
  {
    key: "warnings",
    sort: (item) => item.summary.warnings.length * 1e6 + item.summary.flagged_reports,
    parts: (item) => warningMarks(item.summary),
    explained: true,
  },
  {
    key: "basins",
    sort: (item) => item.row.basins.length || null,
    parts: (item) => (item.total ? [] : item.row.basins.map((each) => basinChip(each))),
  },
];

const PRINTED = [
  { key: "region", sort: (item) => item.order },
  { key: "amount", sort: (item) => item.figure.order, text: (item) => item.figure.text, none: "published.none" },
  {
    key: "printed",
    sort: (item) => item.figure.order,
    text: ({ figure }) => figure.amount && asPrinted(figure.amount),
    explained: true,
  },
];

/** Return the columns for a kind of figure; the same array while the columns stay. */
export const columnsOf = (kind) => (kind === PUBLISHED ? PRINTED : REPORTED);

/** Return the heading of a column; what a figure and its goal are counted in depends on the kind, or comes as `unit`. */
export function headingOf({ key, ofKind }, { kind, unit }) {
  return t(ofKind && kind !== "rate" ? `table.${key}.${kind}` : `table.${key}`, { unit });
}

/** Fill the cell of a column; return whether its text changed. */
export function fillCell(cell, column, item) {
  if (column.text) return write(cell, column.text(item) ?? t(column.none ?? "table.none"));
  const before = cell.textContent;
  redraw(cell, ...column.parts(item));
  return cell.textContent !== before;
}

/** A figure as the way to its sheet; a basin has none. */
function rateOf({ figure, row, asked }) {
  if (figure.text === null) return t("state.no_data");
  if (row.region.level === "basin") return figure.text;
  return explained(figure.text, { ...asked, region: row.region.code }, regionName(row.region));
}

function basinChip(basin) {
  return element("span", { class: `chip chip-${basin.tier}` }, `${basinName(basin)} ${t(`tier.${basin.tier}`)}`);
}

function warningMarks({ flagged_reports: flagged, warnings }) {
  if (!flagged && !warnings.length) return [t("table.none")];
  const explain = t("table.warnings.value", { flagged, warnings: warnings.length });
  const marks = flagged ? [element("span", { "aria-hidden": "true" }, grouped(flagged))] : [];
  if (warnings.length) marks.push(element("b", { class: "alert", "aria-hidden": "true", text: "!" }));
  return [
    element("span", { title: explain, class: "warning-marks" }, ...marks),
    element("span", { class: "unseen", text: explain }),
  ];
}

/** What a township has in each column; statements know no townships, so that it has a field sum and no goal. */
const TOWNSHIP_CELLS = {
  rate: ({ figure }) => figure.text ?? t("state.no_data"),
  reports: ({ reports }) => grouped((reports.submitted ?? 0) + (reports.returned ?? 0) + (reports.accepted ?? 0)),
  state: () => t("townships.field"),
};

/** Return the row of a township {name, figure, reports} among `columns`. */
export function townshipRow(township, columns) {
  const name = element("th", { scope: "row", class: "column-region", lang: "zh-CN", text: township.name });
  const cells = columns.slice(1).map(({ key }) => {
    const text = TOWNSHIP_CELLS[key]?.(township) ?? "";
    return element("td", { class: `column-${key}`, text });
  });
  return element("tr", { class: "township" }, name, ...cells);
}
