/** Which class a figure falls into: steps around its goal, or steps of the rate where there is no goal. */

import { t } from "./i18n.js";
import { grouped, round, shift, signed, subtract, trim } from "./numbers.js";

/** Steps around the goal, in percentage points, and their fills: amber below, green above (told apart by everybody). */
export const GOAL_STEPS = ["-10", "-5", "0", "5", "10"];
export const GOAL_CLASSES = ["below-3", "below-2", "below-1", "above-1", "above-2", "above-3"];

/** Steps of the rate in percent where no goal holds. */
export const RATE_STEPS = ["60", "70", "80", "90"];
export const RATE_CLASSES = ["rate-1", "rate-2", "rate-3", "rate-4", "rate-5"];

/** How an amount in mu is shown: in 10,000 mu 万亩. */
export const inAreas = (mu) => grouped(trim(round(shift(mu, -4), 2)));

/** Return a goal's value in percent as a decimal string, or null where it is no rate. */
export function goalPercent(goal) {
  if (!goal) return null;
  if (goal.unit === "1") return shift(goal.value, 2);
  return goal.unit === "%" ? goal.value : null;
}

/**
 * Return the figure of a region: what the chosen view of the chosen indicator says, ready to be shown.
 * `reports` of the headline are all live ones; those of a view are the reports behind that view.
 */
export function figureOf(row, indicator, view) {
  const summary = row.indicators[indicator];
  const headline = view === "headline";
  const shown = headline ? summary.headline : summary.views[view];
  const goal = goalPercent(summary.goal);
  let distance = null;
  if (shown.rate !== null && goal !== null) {
    distance = (headline && summary.distance_points) || subtract(shift(shown.rate, 2), goal);
  }
  return {
    ...shown,
    ...valueOf(summary.kind, shown),
    kind: summary.kind,
    reports: headline ? liveReports(summary) : shown.reports,
    rate_percent: twoDecimals(shown.rate_percent),
    goal: goal && trim(goal),
    goalText: goalText(summary.kind, summary.goal, goal),
    distance: twoDecimals(distance),
    gap: twoDecimals(summary.gap_points),
    fill: classOf(summary.kind, shown, distance),
  };
}

/** Return what a figure says: `text` without its unit (null: no data), `unit`, and `order` to sort by. */
export function valueOf(kind, { rate_percent: percent, numerator }) {
  if (kind === "cumulative") {
    if (numerator === null) return { text: null, unit: "", order: null };
    return { text: inAreas(numerator), unit: ` ${t("unit.area")}`, order: Number(numerator) };
  }
  if (percent === null) return { text: null, unit: "", order: null };
  const text = round(percent, 2);
  return { text: kind === "change" ? signed(text) : text, unit: "%", order: Number(percent) };
}

/** Return what a goal says in the unit of the figures, or null. */
export function goalText(kind, goal, percent) {
  if (!goal) return null;
  if (kind === "cumulative") return inAreas(goal.value);
  return percent && trim(percent);
}

const twoDecimals = (text) => (text === null ? null : round(text, 2));

/** Return how many reports of an indicator stand: submitted, returned or accepted. */
export function liveReports({ reports }) {
  return (reports.submitted ?? 0) + (reports.returned ?? 0) + (reports.accepted ?? 0);
}

const stepOf = (value, steps) => steps.filter((step) => value >= Number(step)).length;

/** Steps of amounts in mu: four round ones below the greatest of `figures`. */
export function amountSteps(figures) {
  const most = Math.max(0, ...figures.map(({ order }) => order ?? 0));
  const digit = 10 ** Math.max(0, Math.floor(Math.log10(most || 1)) - 1);
  return [0.2, 0.4, 0.6, 0.8].map((share) => String(Math.max(1, Math.round((most * share) / digit)) * digit));
}

/** Return the class of an amount among `steps`. */
export function amountClass(figure, steps) {
  return figure.order === null ? "no-data" : RATE_CLASSES[stepOf(figure.order, steps)];
}

/** Return the class of what is shown of a kind of figure; `distance` to its goal in percentage points, or null. */
export function classOf(kind, shown, distance) {
  if (kind === "cumulative") return shown.numerator === null ? "no-data" : RATE_CLASSES[0];
  // Of a change less is better: a fall takes the colours of a goal that was passed.
  if (kind === "change" && shown.rate_percent !== null) {
    return GOAL_CLASSES[stepOf(-Number(shown.rate_percent), GOAL_STEPS)];
  }
  if (shown.rate_percent === null) return "no-data";
  if (distance === null) return RATE_CLASSES[stepOf(Number(shown.rate_percent), RATE_STEPS)];
  const step = stepOf(Number(distance), GOAL_STEPS);
  // The server compared the unrounded rate: a distance that rounds to zero keeps to the side it says.
  if (shown.state === "below") return GOAL_CLASSES[Math.min(step, 2)];
  if (shown.state === "met") return GOAL_CLASSES[Math.max(step, 3)];
  return GOAL_CLASSES[step];
}
