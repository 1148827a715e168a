/** Figures that come as columns, {codes, values, states, ...}: what each says of its region, ready to be shown. */

import { amountClass, amountSteps, classOf, goalPercent, goalText, valueOf } from "./scale.js";
import { round, trim } from "./numbers.js";

/** Return the figure of the k-th region. */
function figureAt(values, k) {
  const { states, distances, counties, of } = values;
  return figure(values, {
    value: values.values[k],
    state: states[k],
    goal: values.goal[k],
    distance: distances[k],
    counties: counties[k],
    of: of[k],
  });
}

function figure({ kind, goals }, { value, state, goal, distance, counties, of }) {
  const held = goal === null ? null : goals[goal];
  const percent = goalPercent(held);
  const shown = { rate_percent: kind === "cumulative" ? null : value, numerator: value, state };
  return {
    ...valueOf(kind, shown),
    kind,
    state,
    counties,
    of,
    rate_percent: shown.rate_percent,
    goal: percent && trim(percent),
    goalText: goalText(kind, held, percent),
    distance: kind === "rate" && distance !== null ? round(distance, 2) : null,
    gap: null,
    fill: classOf(kind, shown, kind === "rate" ? distance : null),
  };
}

/** Return {figures: code -> figure, total, steps}; `steps` are the classes of an amount, [] for a rate. */
export function figuresOf(values) {
  const figures = new Map(values.codes.map((code, k) => [code, figureAt(values, k)]));
  const steps = values.kind === "cumulative" ? amountSteps([...figures.values()]) : [];
  if (steps.length) for (const one of figures.values()) one.fill = amountClass(one, steps);
  return { figures, total: figure(values, values.total), steps };
}
