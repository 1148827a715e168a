/** What is not there yet and why: offices that have not filed, phones gone silent, farms with nothing, work that waits. */

import { readCompleteness } from "../api.js";
import { element } from "../dom.js";
import { t } from "../i18n.js";
import { grouped } from "../numbers.js";
import { facts, regionButton } from "./parts.js";

const STATES = ["open", "filed", "endorsed", "accepted", "published"];

/** Return the elements of the panel. */
export async function progressPanel({ row, indicator, period }, on) {
  const found = await readCompleteness(row.region.code, period, indicator.code);
  const standing = found.total.indicators[indicator.code];
  const due = found.indicators.find((one) => one.indicator === indicator.code);
  return [
    element("p", { class: "due" }, dueText(due)),
    bar(standing.counties),
    reasons(found, standing),
    ...rowsTable(found, indicator.code, on),
  ];
}

function dueText({ due, days_left: left }) {
  if (due === null) return t("progress.due.none");
  if (left < 0) return t("progress.due.over", { due, days: -left });
  return t("progress.due", { due, days: left });
}

/** Counties by state as one bar, with the numbers in words beneath. */
function bar(counties) {
  const present = STATES.filter((state) => counties[state]);
  const parts = present.map((state) => element("i", { class: `step-${state}`, "data-count": counties[state] }));
  parts.forEach((part) => part.style.setProperty("flex-grow", part.dataset.count));
  const words = present.map((state) =>
    element("li", {}, element("i", { class: `step-${state}`, "aria-hidden": "true" }), t(`filing.${state}`, { count: grouped(counties[state]) })),
  );
  return element(
    "div",
    { class: "steps" },
    element("div", { class: "steps-bar", "aria-hidden": "true" }, ...parts),
    element("ul", {}, ...words),
  );
}

/** The three reasons for a gap before the date: nobody answers, there is nothing, or it waits in an office. */
function reasons({ total, silent_days: days, wait_days: wait }, standing) {
  const { phones, farms, farms_without: silent } = total;
  const without = t("progress.without", { farms: grouped(farms), count: grouped(silent) });
  const waiting = standing.unreviewed + standing.returned_reports;
  return facts([
    [
      t("progress.silent"),
      t("progress.phones", { silent: grouped(phones.silent), known: grouped(phones.known) }),
      t("progress.silent.note", { days, queued: grouped(phones.queued) }),
    ],
    [t("progress.nothing"), t("progress.farms", { count: grouped(standing.none_this_year) }), without],
    [
      t("progress.waiting"),
      t("progress.reports", { count: grouped(waiting) }),
      t("progress.waiting.note", { unreviewed: grouped(standing.unreviewed), returned: grouped(standing.returned_reports) }),
    ],
    [t("progress.stuck"), t("progress.counties", { count: grouped(standing.stuck) }), stuckText(standing, wait)],
  ]);
}

function stuckText({ stuck_at: places, stuck }, wait) {
  if (!stuck) return t("progress.stuck.none", { days: wait });
  return places.map(({ role, counties }) => t("progress.stuck.at", { role: t(`role.${role}`), counties })).join(t("list.comma"));
}

const COLUMNS = {
  open: (one) => one.counties.open,
  stuck: (one) => one.stuck,
  unreviewed: (one) => one.unreviewed,
  silent: (one, row) => row.phones.silent,
  without: (one, row) => row.farms_without,
};

/** The regions below, those with most that is open first. */
function rowsTable({ rows }, code, on) {
  if (rows.length < 2) return [];
  const keys = Object.keys(COLUMNS);
  const busy = rows.filter((row) => row.farms || row.indicators[code].counties.open < row.counties);
  const weight = (row) => row.indicators[code].late * 1e6 + row.phones.silent * 1e3 + row.indicators[code].unreviewed;
  busy.sort((a, b) => weight(b) - weight(a));
  const body = busy.map((row) => {
    const cells = keys.map((key) => COLUMNS[key](row.indicators[code], row));
    return element(
      "tr",
      {},
      element("th", { scope: "row" }, regionButton(row.region, on)),
      ...cells.map((count) => element("td", { text: count ? grouped(count) : t("table.none") })),
    );
  });
  if (!body.length) return [element("p", { class: "panel-state", text: t("progress.quiet") })];
  const head = element(
    "tr",
    {},
    element("th", { scope: "col", text: t("table.region") }),
    ...keys.map((key) => element("th", { scope: "col", text: t(`progress.column.${key}`) })),
  );
  return [element("table", { class: "small" }, element("thead", {}, head), element("tbody", {}, ...body))];
}
