/** What yearbooks printed as a view of the map: which amounts there are, and what each says of a region. */

import { readPublishedMap } from "./api.js";
import { t } from "./i18n.js";
import { grouped, round, shift, trim } from "./numbers.js";
import { FILED_VIEWS, PUBLISHED, VIEWS } from "./place.js";
import { TEXTS } from "./texts.js";

/** The classes of a published amount: a hue of their own, so that no map of reports looks like one. */
export const PUBLISHED_CLASSES = ["printed-1", "printed-2", "printed-3", "printed-4", "printed-5"];

/** The yearbook counts 兵团 with 新疆; the reports know it as a province of its own. */
export const [XINJIANG, BINGTUAN] = ["650000", "660000"];

/** Return the published tables that stand beside an indicator. */
export const tablesOf = (tables, indicator) => tables.filter((table) => table.indicator === indicator);

/** Return the views to choose from: without published amounts there is none of them, a guest reads what was published. */
export function offeredViews({ view, indicator, place }, tables, guest) {
  const printed = tablesOf(tables, indicator).length > 0 || view === PUBLISHED;
  return VIEWS.filter((each) => {
    if (each === PUBLISHED) return printed;
    if (FILED_VIEWS.includes(each)) return !guest && place?.kind !== "basin";
    return !guest || each === VIEWS[0];
  });
}

/**
 * Return `settings` with a view, measure and year that exist: without published amounts the view is the first one, an
 * unknown measure is the first of the indicator, and a year that was not printed is the newest that was. What was filed
 * is counted by region, not by basin.
 */
export function settled(settings, tables, views) {
  const offered = tablesOf(tables, settings.indicator);
  if (FILED_VIEWS.includes(settings.view) && settings.place?.kind === "basin") return { view: views[0] };
  if (settings.view !== PUBLISHED) return {};
  if (!offered.length) return { view: views[0] };
  const table = offered.find(({ measure }) => measure === settings.measure) ?? offered[0];
  const year = table.years.includes(settings.year) ? settings.year : table.years.at(-1);
  return { measure: table.measure, year };
}

/**
 * Read what the published view of a place shows: {table, year, amounts (code -> amount)}; null for every other view.
 * A basin is no region of the yearbook: nothing is asked for it.
 */
export async function readPrinted(place, { view, measure, year }, tables) {
  if (view !== PUBLISHED) return null;
  const table = tables.find((each) => each.measure === measure);
  const found = place.kind === "region" ? await readPublishedMap(place.code, measure, year) : [];
  return { table, year, amounts: new Map(found.map((each) => [each.region_code, each])) };
}

/** Return an amount in t or mu as it is shown: in 10,000 t 万吨 or 10,000 mu 万亩, without its unit. */
export const inTenThousands = (amount) => grouped(trim(round(shift(amount, -4), 2)));

/** Return the unit that amounts of `table` are shown in. */
export const shownUnit = (table) => t(table.unit === "mu" ? "unit.area" : "unit.mass");

/** Return the value and unit that the yearbook printed. */
export function asPrinted({ printed_value: value, printed_unit: unit }) {
  const name = `printed.${unit}`;
  return `${grouped(trim(value))} ${name in TEXTS ? t(name) : unit}`;
}

/** Return the figure of a region in the published view: `text` null where nothing was printed for it. */
export function printedFigure(code, { table, amounts }, steps) {
  const amount = amounts.get(code);
  if (!amount) return { kind: PUBLISHED, amount: null, text: null, unit: "", order: null, fill: "no-data" };
  const order = Number(amount.amount);
  return {
    kind: PUBLISHED,
    amount,
    text: inTenThousands(amount.amount),
    unit: ` ${shownUnit(table)}`,
    order,
    fill: PUBLISHED_CLASSES[steps.filter((step) => order >= Number(step)).length],
  };
}

/**
 * Return the steps between classes that hold about as many of the regions `codes` each, in t or mu, as round decimal
 * strings; amounts differ by a factor of hundreds, so that steps of equal width would leave most in the lowest class.
 */
export function printedSteps(codes, { amounts }) {
  const known = codes.filter((code) => amounts.has(code)).map((code) => Number(amounts.get(code).amount));
  if (known.length < PUBLISHED_CLASSES.length) return [];
  known.sort((a, b) => a - b);
  const cuts = [0.2, 0.4, 0.6, 0.8].map((share) => known[Math.round(share * known.length)]);
  return [...new Set(cuts.filter((cut) => cut > 0).map((cut) => Number(cut.toPrecision(2)).toFixed(0)))];
}
