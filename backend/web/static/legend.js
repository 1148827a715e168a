/** The key to the map, in numbers: classes around the goal with the rates they mean, and the other signs. */

import { element } from "./dom.js";
import { t } from "./i18n.js";
import { signed, subtract, trim } from "./numbers.js";
import { PUBLISHED } from "./place.js";
import { PUBLISHED_CLASSES, inTenThousands } from "./published.js";
import { GOAL_CLASSES, GOAL_STEPS, RATE_CLASSES, RATE_STEPS, inAreas } from "./scale.js";
import { paint, svg } from "./svg.js";

function swatch(fill, className = "swatch") {
  const box = svg("rect", { width: "100%", height: "100%" });
  paint(box, fill);
  return svg("svg", { class: className, "aria-hidden": "true" }, box);
}

function lineSwatch(className) {
  const line = svg("svg", { class: "swatch", viewBox: "0 0 22 12", "aria-hidden": "true" });
  line.append(svg("rect", { x: 1.5, y: 1.5, width: 19, height: 9, class: className }));
  return line;
}

function key(sign, text) {
  return element("li", {}, sign, element("span", { text }));
}

function ramp(classes, ticks) {
  const bar = element(
    "div",
    { class: "ramp", "aria-hidden": "true" },
    ...classes.map((fill) => swatch(fill, "ramp-step")),
  );
  const rows = ticks.map(({ label, values, marked }) =>
    element(
      "div",
      { class: "ramp-ticks", "aria-label": label, role: "img" },
      ...values.map((text, k) => element("span", { class: k === marked ? "tick tick-goal" : "tick", text })),
    ),
  );
  return element("div", { class: "ramp-box" }, bar, ...rows);
}

/** Return the steps of the goal classes as rates: goal 85 -> 75, 80, 85, 90, 95; a rate beyond 100 is not named. */
export function goalTicks(goal) {
  return GOAL_STEPS.map((step) => {
    const rate = trim(step.startsWith("-") ? subtract(goal, step.slice(1)) : subtract(goal, `-${step}`));
    return Number(rate) > 100 ? "" : rate;
  });
}

/**
 * Draw the legend into `host` for a goal in percent (null: no goal holds). `mixed`: goals differ among the regions;
 * `kind`: of the indicator, or `published`; `steps`: the classes of an amount in t or mu; `title`: of what was published; `tiers`: those of the basins outlined; `outside`: some shapes are not in the reports.
 */
export function drawLegend(host, { kind, steps, title, goal, mixed, tiers, outside, plots = false }) {
  const none = t(kind === PUBLISHED ? "published.none" : "legend.no_data");
  const keys = [key(swatch("no-data"), none)];
  if (outside) keys.push(key(swatch("out-of-scope"), t("legend.out_of_scope")));
  for (const tier of tiers) keys.push(key(lineSwatch(`basin basin-${tier}`), t(`legend.${tier}`)));
  keys.push(key(lineSwatch("water"), t("legend.water")));
  if (plots) keys.push(key(lineSwatch("plot"), t("legend.plots")));
  const signs = element("ul", { class: "keys" }, ...keys);
  if (kind === PUBLISHED) {
    const values = steps.map(inTenThousands);
    const classes = PUBLISHED_CLASSES.slice(0, steps.length + 1);
    const heading = element("p", { class: "legend-heading", text: title });
    const scale = steps.length ? [ramp(classes, [{ label: `${title}: ${values.join(", ")}`, values }])] : [];
    host.replaceChildren(heading, ...scale, signs);
    return;
  }
  if (kind === "cumulative") {
    const values = steps.map(inAreas);
    const scale = ramp(RATE_CLASSES, [{ label: values.join(", "), values }]);
    host.replaceChildren(element("p", { class: "legend-heading", text: t("legend.amount") }), scale, signs);
    return;
  }
  if (kind === "change") {
    const values = GOAL_STEPS.map((step) => signed(step.startsWith("-") ? step.slice(1) : `-${step}`));
    const scale = ramp(GOAL_CLASSES, [{ label: values.join(", "), values, marked: 2 }]);
    host.replaceChildren(element("p", { class: "legend-heading", text: t("legend.change") }), scale, signs);
    return;
  }
  if (goal === null) {
    const scale = ramp(RATE_CLASSES, [{ label: RATE_STEPS.join(", "), values: RATE_STEPS }]);
    host.replaceChildren(element("p", { class: "legend-heading", text: t("legend.rate") }), scale, signs);
    return;
  }
  const points = GOAL_STEPS.map((step) =>
    step === "0" ? t("legend.goal") : step.replace("-", "−").replace(/^(\d)/, "+$1"),
  );
  const rates = goalTicks(goal);
  const heading = element("p", { class: "legend-heading", text: t("legend.heading") });
  const note = element("p", { class: "legend-note", text: t("legend.at", { goal }) });
  if (mixed) note.append(element("span", { text: t("legend.local") }));
  signs.prepend(key(swatch("below-2"), t("legend.below")));
  host.replaceChildren(
    heading,
    ramp(GOAL_CLASSES, [
      { label: `${t("legend.heading")}: ${points.join(", ")}`, values: points, marked: 2 },
      { label: `${t("legend.at", { goal })}: ${rates.join(", ")}`, values: rates, marked: 2 },
    ]),
    note,
    signs,
  );
}
