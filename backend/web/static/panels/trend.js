/** An indicator over the years: a line beside its goals, and the same as a table. */

import { readTrend } from "../api.js";
import { badge, element } from "../dom.js";
import { t } from "../i18n.js";
import { trim } from "../numbers.js";
import { reportedView } from "../place.js";
import { goalPercent, goalText, valueOf } from "../scale.js";
import { svg } from "../svg.js";
import { explained } from "./links.js";

const [WIDTH, HEIGHT] = [560, 132];
const [LEFT, RIGHT, TOP, BOTTOM] = [34, 20, 18, 20];

/** Return the elements of the panel. */
export async function trendPanel({ row, name, indicator, view, period }) {
  const trend = await readTrend(row.region.code, indicator.code, reportedView(view));
  const years = trend.years.map((year) => yearOf(trend, year));
  const shown = years.filter(({ text }) => text !== null);
  if (!shown.length) return [element("p", { class: "panel-state", text: t("trend.none") })];
  const note = element("p", { class: "source", text: t("trend.note", { view: t(`view.${trend.view}`) }) });
  return [chart(years, period, trend.kind), table(years, { region: row.region.code, indicator: indicator.code, name }), note];
}

/** Return what a year says: its figure as text and as a number in the unit of the chart, and its goal. */
function yearOf({ kind, goals }, { period, value, state, goal, counties, of }) {
  const held = goal === null ? null : goals[goal];
  const percent = goalPercent(held);
  const areas = (text) => (text === null ? null : Number(text) / 10000);
  return {
    ...valueOf(kind, { rate_percent: kind === "cumulative" ? null : value, numerator: value }),
    period,
    state,
    counties,
    of,
    goalText: goalText(kind, held, percent),
    at: kind === "cumulative" ? areas(value) : value === null ? null : Number(value),
    goalAt: kind === "cumulative" ? held && areas(held.value) : percent === null ? null : Number(trim(percent)),
  };
}

/** Return [least, greatest] of the axis with a margin; a rate keeps within 0 and 100. */
function rangeOf(years, kind) {
  const all = years.flatMap(({ at, goalAt }) => [at, goalAt]).filter((value) => value !== null && value !== undefined);
  const margin = Math.max((Math.max(...all) - Math.min(...all)) * 0.18, kind === "cumulative" ? 0.5 : 2);
  const range = [Math.min(...all) - margin, Math.max(...all) + margin];
  if (kind === "rate") return [Math.max(0, range[0]), Math.min(100, range[1])];
  return kind === "cumulative" ? [Math.max(0, range[0]), range[1]] : range;
}

function chart(years, period, kind) {
  const [least, greatest] = rangeOf(years, kind);
  const step = (WIDTH - LEFT - RIGHT) / Math.max(1, years.length);
  const x = (k) => LEFT + step * (k + 0.5);
  const y = (value) => TOP + ((greatest - value) / (greatest - least)) * (HEIGHT - TOP - BOTTOM);
  const drawing = svg("svg", { class: "trend", viewBox: `0 0 ${WIDTH} ${HEIGHT}`, "aria-hidden": "true" });
  drawing.append(svg("line", { class: "trend-axis", x1: LEFT, x2: WIDTH - RIGHT, y1: HEIGHT - BOTTOM, y2: HEIGHT - BOTTOM }));
  drawing.append(...goalLines(years, x, y, step), line(years, x, y));
  years.forEach((year, k) => {
    drawing.append(label(year.period, x(k), HEIGHT - 5, "trend-year" + (year.period === period ? " trend-now" : "")));
    if (year.at === null) return;
    const above = year.goalAt === null || year.goalAt === undefined || year.at >= year.goalAt;
    drawing.append(svg("circle", { class: `trend-point trend-${year.state}`, cx: x(k), cy: y(year.at), r: 4 }));
    drawing.append(label(year.text, x(k), y(year.at) + (above ? -8 : 15), "trend-value"));
  });
  return drawing;
}

function label(text, x, y, className) {
  const element = svg("text", { class: className, x: x.toFixed(1), y: y.toFixed(1) });
  element.textContent = text;
  return element;
}

/** A goal is drawn over the years that it holds in; the last one of a row carries its value. */
function goalLines(years, x, y, step) {
  const lines = [];
  years.forEach(({ goalAt, goalText: text }, k) => {
    if (goalAt === null || goalAt === undefined) return;
    lines.push(svg("line", { class: "trend-goal", x1: x(k) - step / 2, x2: x(k) + step / 2, y1: y(goalAt), y2: y(goalAt) }));
    if (years[k + 1]?.goalText !== text) {
      const end = label(t("trend.goal", { goal: text }), x(k) + step / 2, y(goalAt) - 4, "trend-goal-text");
      lines.push(end);
    }
  });
  return lines;
}

function line(years, x, y) {
  let drawn = "";
  years.forEach(({ at }, k) => {
    if (at !== null) drawn += `${k && years[k - 1].at !== null ? "L" : "M"}${x(k).toFixed(1)} ${y(at).toFixed(1)}`;
  });
  return svg("path", { class: "trend-line", d: drawn });
}

function table(years, { region, indicator, name }) {
  const cells = (key, say) =>
    element(
      "tr",
      {},
      element("th", { scope: "row", text: t(`trend.${key}`) }),
      ...years.map((year) => element("td", {}, say(year))),
    );
  const none = t("table.none");
  const head = element(
    "tr",
    {},
    element("th", { scope: "col", text: t("trend.year") }),
    ...years.map(({ period }) => element("th", { scope: "col", text: period })),
  );
  const value = ({ text, unit, period }) =>
    text === null ? none : explained(`${text}${unit}`, { region, indicator, period }, `${name} ${period}`);
  return element(
    "table",
    { class: "small trend-table" },
    element("caption", { class: "unseen", text: t("trend.caption", { region: name }) }),
    element("thead", {}, head),
    element(
      "tbody",
      {},
      cells("value", value),
      cells("goals", ({ goalText: text }) => text ?? none),
      cells("state", ({ state }) => badge(state, t(`state.${state}`))),
      cells("counties", ({ counties, of }) => t("trend.of", { counties, of })),
    ),
  );
}
