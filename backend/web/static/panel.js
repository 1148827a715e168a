/** Beside the map: the indicators as cards to choose from, the key basins, and what stands behind one figure. */

import { badge, element, redraw } from "./dom.js";
import { basinName, pick, t, termsOf } from "./i18n.js";
import { grouped, round, signed, trim } from "./numbers.js";
import { explained } from "./panels/links.js";
import { figureOf, goalPercent, inAreas, liveReports } from "./scale.js";
import { svg } from "./svg.js";

function distanceText(distance) {
  if (distance === null) return "";
  const points = distance.replace("-", "");
  if (Number(distance) === 0) return t("card.equal");
  return t(distance.startsWith("-") ? "card.under" : "card.above", { points });
}

function bullet(figure) {
  const track = svg("rect", { class: "bullet-track", width: "100%", height: 5, y: 3, rx: 2.5 });
  const bar = svg("svg", { class: "bullet", "aria-hidden": "true" }, track);
  if (figure.kind !== "rate") return bar;
  if (figure.rate_percent !== null) {
    const width = `${Math.min(100, Number(figure.rate_percent))}%`;
    bar.append(svg("rect", { class: `bullet-fill bullet-${figure.state}`, width, height: 5, y: 3, rx: 2.5 }));
  }
  if (figure.goal !== null)
    bar.append(svg("rect", { class: "bullet-goal", x: `${figure.goal}%`, width: 2, height: 11 }));
  return bar;
}

function rateText(figure, unit = figure.unit) {
  if (figure.text === null) return [element("span", { class: "rate-none", text: t("state.no_data") })];
  return [element("b", { text: figure.text }), element("span", { class: "percent", text: unit })];
}

/** Cards are narrow: the unit of an area is short there. */
const shortUnit = ({ kind, unit }) => (kind === "cumulative" && unit ? t("unit.area.short") : unit);

/** Draw the cards of all indicators into a fieldset; the radio buttons stay, so that focus stays. */
export function drawCards(host, { indicators, chosen, total, view }, choose) {
  for (const indicator of indicators) {
    const figure = figureOf(total, indicator.code, view);
    const card = host.querySelector(`[data-indicator="${indicator.code}"]`) ?? newCard(host, indicator, choose);
    card.querySelector("input").checked = indicator.code === chosen;
    redraw(
      card.querySelector(".card-body"),
      element("span", { class: "card-name", text: pick(indicator) }),
      element("span", { class: "card-rate" }, ...rateText(figure, shortUnit(figure))),
      badge(figure.state, t(`state.${figure.state}`)),
      element("span", { class: "card-bar" }, bullet(figure)),
      element("span", { class: "card-note" }, ...cardNote(figure)),
    );
  }
}

function cardNote(figure) {
  const parts = [];
  if (figure.kind === "change") parts.push(t("card.compared", { counties: grouped(figure.compared_counties ?? 0) }));
  else if (figure.kind === "cumulative") {
    if (figure.goalText !== null) parts.push(t("card.goal.area", { goal: figure.goalText }));
  } else if (figure.goal !== null) parts.push(distanceText(figure.distance) || t("card.goal", { goal: trim(figure.goal) }));
  const reports = t("card.reports", { reports: grouped(figure.reports), counties: grouped(figure.counties) });
  if (!parts.length) return [reports];
  return [parts[0], element("span", { class: "card-more" }, ` · ${reports}`)];
}

function newCard(host, indicator, choose) {
  const input = element("input", { type: "radio", name: "indicator", value: indicator.code, class: "unseen" });
  input.addEventListener("change", () => choose(indicator.code));
  const card = element(
    "label",
    { class: "card", "data-indicator": indicator.code },
    input,
    element("span", { class: "card-body" }),
  );
  host.append(card);
  return card;
}

/** Draw the key basins into a list as buttons with the headline of their core tier. */
export function drawBasins(host, { summaries, indicator, view, current }, open) {
  for (const summary of summaries) {
    const { basin } = summary;
    const item = host.querySelector(`[data-basin="${basin.code}"]`) ?? newBasin(host, basin.code, open);
    item.disabled = summary.core === null;
    item.setAttribute("aria-pressed", String(current === basin.code));
    const lines = summary.core ? basinLines(summary, figureOf(summary.core, indicator, view)) : [outsideNote()];
    redraw(item, element("span", { class: "basin-name", text: basinName(basin) }), ...lines);
  }
}

const outsideNote = () => element("span", { class: "basin-note", text: t("basins.outside") });

function basinLines({ basin, complete, counties_in_scope: inScope }, figure) {
  const text = complete
    ? t("basins.core", { count: basin.counties.core ?? 0 })
    : t("basins.partial", { count: inScope });
  return [
    element("span", { class: "basin-rate" }, ...rateText(figure, shortUnit(figure))),
    badge(figure.state, t(`state.${figure.state}`)),
    element("span", { class: "basin-note", text }),
  ];
}

function newBasin(host, code, open) {
  const button = element("button", { type: "button", class: "basin-button", "data-basin": code });
  button.addEventListener("click", () => open(code));
  host.append(element("li", {}, button));
  return button;
}

/**
 * Draw what stands behind the figure of `row`: both views, their gap, goal and source, reports by status, warnings; for a
 * `guest` what was published alone.
 */
export function drawDetail(host, { row, name, indicator, period, basin, second, guest }) {
  const summary = row.indicators[indicator.code];
  const [farm, statement] = ["farm", "statement"].map((view) => figureOf(row, indicator.code, view));
  const said = (figure) => viewLink(figure, { row, name, indicator, period });
  const facts = element("dl", { class: "facts" });
  if (guest) facts.append(fact(t("view.guest"), said(statement), t("detail.published", { counties: grouped(statement.counties) })));
  else {
    facts.append(
      fact(t("detail.farm"), said(farm), coverage(farm)),
      fact(t("detail.statement"), said(statement), coverage(statement)),
      fact(t("detail.gap"), farm.gap === null ? t("table.none") : signed(farm.gap), t("detail.gap.unit")),
      fact(t("detail.reports"), grouped(liveReports(summary)), statusText(summary)),
    );
  }
  const terms = termsLine(summary, indicator);
  const rest = terms ? [element("p", { class: "terms", text: terms }), goalLine(summary)] : [goalLine(summary)];
  rest.push(...summary.other_goals.flatMap((goal) => otherGoal(goal)));
  rest.push(...summary.series.map((series) => seriesLine(series)));
  if (second) rest.push(secondLine(second, indicator));
  if (basin) rest.push(element("p", { class: "source", text: t("basins.source", { source: basin.source }) }));
  for (const warning of summary.warnings) {
    const sign = element("b", { class: "alert", "aria-hidden": "true", text: "!" });
    rest.push(element("p", { class: "warning" }, sign, pick(warning)));
  }
  redraw(host, facts, ...rest);
}

/** A figure as the way to its sheet; what is no figure of a region has none. */
function viewLink({ text, unit }, { row, name, indicator, period }) {
  if (text === null) return t("state.no_data");
  if (row.region.level === "basin") return `${text}${unit}`;
  return explained(`${text}${unit}`, { region: row.region.code, indicator: indicator.code, period }, name);
}

function fact(label, value, note) {
  const lines = [
    element("span", { class: "fact-value" }, value),
    element("span", { class: "fact-note", text: note }),
  ];
  return element("div", {}, element("dt", { text: label }), element("dd", {}, ...lines));
}

const coverage = (figure) =>
  t("detail.coverage", { reports: grouped(figure.reports), counties: grouped(figure.counties) });

function seriesLine({ zh, en, headline: { rate_percent: percent, amount, compared_counties: counties } }) {
  const words = { series: pick({ zh, en }), amount: amount === null ? t("table.none") : grouped(round(amount, 1)) };
  const rate = percent === null ? t("state.no_data") : `${signed(round(percent, 2))}%`;
  return element("p", { class: "second", text: t("detail.series", { ...words, rate, counties: grouped(counties ?? 0) }) });
}

function termsLine({ headline: { numerator, denominator } }, indicator) {
  const words = termsOf(indicator.code);
  if (!words || numerator === null || denominator === null) return "";
  const whole = (text) => grouped(round(text, 0));
  const [above, below, unit] = words;
  return t("detail.terms", { above, below, unit, numerator: whole(numerator), denominator: whole(denominator) });
}

function statusText({ reports }) {
  const statuses = ["submitted", "returned", "accepted", "withdrawn"];
  return statuses.map((status) => `${t(`status.${status}`)} ${grouped(reports[status] ?? 0)}`).join(" · ");
}

function goalLine({ goal }) {
  if (!goal) return element("p", { class: "source", text: t("state.no_goal") });
  const value = goalValue(goal);
  const text = t(goal.assigned ? "detail.goal.assigned" : "detail.goal.reference", { value, year: goal.due_year });
  return element(
    "p",
    { class: "source" },
    text,
    element("cite", { lang: "zh-CN", text: goal.source }),
    element("span", { class: `chip chip-${goal.status}`, text: t(`source.${goal.status}`) }),
  );
}

/** A goal of another scope: what it asks, what it is held against, and its state or why it has none. */
function otherGoal(goal) {
  const years = t("detail.other.years", { from: goal.valid_from, to: goal.due_year });
  const asked = element(
    "p",
    { class: "source" },
    t("detail.other", { value: goalValue(goal), years }),
    element("cite", { lang: "zh-CN", text: goal.source }),
    element("span", { class: `chip chip-${goal.status}`, text: t(`source.${goal.status}`) }),
  );
  const state = goal.state ? badge(goal.state, t(`state.${goal.state}`)) : badge("open", t("detail.other.open"));
  return [asked, element("p", { class: "other-goal" }, state, ` ${otherText(goal)}`)];
}

function otherText({ amount, share_percent: percent, valid_from: from, at_least: part, reason }) {
  const said = [];
  if (amount !== null) {
    const words = { from, amount: inAreas(amount), share: trim(percent) };
    said.push(t(part ? "detail.other.part" : "detail.other.sum", words));
  }
  if (reason) said.push(pick(reason));
  return said.join(t("list.sentence"));
}

function goalValue(goal) {
  if (goal.type === "no_increase") return t("goal.no_increase");
  const percent = goalPercent(goal);
  if (percent !== null) return `≥ ${trim(percent)}%`;
  return goal.unit === "mu" ? `≥ ${inAreas(goal.value)} ${t("unit.area")}` : `≥ ${goal.value} ${goal.unit}`;
}

function secondLine(row, indicator) {
  const figure = figureOf(row, indicator.code, "headline");
  const text =
    figure.text === null ? t("basins.extended.none") : t("basins.extended", { rate: `${figure.text}${figure.unit}` });
  return element("p", { class: "second", text });
}
