/** Which class a figure falls into: steps around its goal, or steps of the rate where there is no goal. */

import { round, shift, subtract, trim } from "./numbers.js";

/** Steps around the goal, in percentage points, and their fills: amber below, green above (told apart by everybody). */
export const GOAL_STEPS = ["-10", "-5", "0", "5", "10"];
export const GOAL_CLASSES = ["below-3", "below-2", "below-1", "above-1", "above-2", "above-3"];

/** Steps of the rate in percent where no goal holds. */
export const RATE_STEPS = ["60", "70", "80", "90"];
export const RATE_CLASSES = ["rate-1", "rate-2", "rate-3", "rate-4", "rate-5"];

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
    reports: headline ? liveReports(summary) : shown.reports,
    rate_percent: twoDecimals(shown.rate_percent),
    goal: goal && trim(goal),
    distance: twoDecimals(distance),
    gap: twoDecimals(summary.gap_points),
    fill: classOf(shown, distance),
  };
}

const twoDecimals = (text) => (text === null ? null : round(text, 2));

/** Return how many reports of an indicator stand: submitted, returned or accepted. */
export function liveReports({ reports }) {
  return (reports.submitted ?? 0) + (reports.returned ?? 0) + (reports.accepted ?? 0);
}

const stepOf = (value, steps) => steps.filter((step) => value >= Number(step)).length;

function classOf(shown, distance) {
  if (shown.rate_percent === null) return "no-data";
  if (distance === null) return RATE_CLASSES[stepOf(Number(shown.rate_percent), RATE_STEPS)];
  const step = stepOf(Number(distance), GOAL_STEPS);
  // The server compared the unrounded rate: a distance that rounds to zero keeps to the side it says.
  if (shown.state === "below") return GOAL_CLASSES[Math.min(step, 2)];
  if (shown.state === "met") return GOAL_CLASSES[Math.max(step, 3)];
  return GOAL_CLASSES[step];
}
