/** From a place to what is shown: its figures, and the shapes that the map draws for them. */

import { readBasins, readBasinSummary, readLayer, readSummary } from "./api.js";
import { projected } from "./geometry.js";
import { NATION, region } from "./place.js";
import { liveReports } from "./scale.js";

const HAINAN = "460000";

/** 三沙: its islands are in the inset, so the main frame of the map of Hainan need not reach them. */
const SANSHA = "4603";
const shapesOfLayer = new Map();
const outsideScope = new WeakMap();

/**
 * Return the figures of a place: {place, period, by, basin, region, total, second, rows, ledger, answer}. Of `basin` and
 * `region` one is null; `second` is a basin's core + extended; `answer` is the same object while nothing changed. `by`:
 * the tier of a province's rows where it is not the county.
 */
export async function readFigures(place, period, by = null) {
  if (place.kind === "basin") {
    const answer = await readBasinSummary(place.code, period);
    const { basin } = answer;
    return {
      place,
      period,
      by: null,
      basin,
      answer,
      region: null,
      total: answer.core,
      second: answer.core_and_extended,
      rows: coreFirst(answer.rows, basin.code),
      ledger: answer.ledger,
    };
  }
  const answer = await readSummary(place.code, period, place.code === NATION ? "province" : (by ?? "county"));
  return {
    place,
    period,
    by,
    basin: null,
    answer,
    region: answer.region,
    total: answer.total,
    second: null,
    rows: answer.rows,
    ledger: answer.ledger,
  };
}

/** Return the row of one county. */
export const readCounty = async (code, period) => (await readSummary(code, period, "county")).total;

const TIERS = ["core", "extended", "peripheral"];

function coreFirst(rows, basinCode) {
  const rank = (row) => TIERS.indexOf(row.basins.find(({ code }) => code === basinCode)?.tier);
  return [...rows].sort((a, b) => rank(a) - rank(b));
}

/**
 * Return the summaries of all key basins for a reader at home in region `home`. One that has no county there would be
 * refused, so it is not asked for: {basin, core: null, rows: [], counties_in_scope: 0}.
 */
export async function readAllBasins(period, home) {
  const basins = await readBasins();
  const total = home === NATION ? null : (await readFigures(region(home), period)).total;
  const readable = (basin) => !total || total.basins.some(({ code }) => code === basin.code);
  return Promise.all(basins.map((basin) => (readable(basin) ? readBasinSummary(basin.code, period) : outside(basin))));
}

function outside(basin) {
  if (!outsideScope.has(basin)) {
    outsideScope.set(basin, { basin, core: null, rows: [], counties_in_scope: 0, complete: false });
  }
  return outsideScope.get(basin);
}

const reportsOf = (row) => Object.values(row.indicators).reduce((sum, each) => sum + liveReports(each), 0);

/** Return how many reports of all indicators stand behind a place's figures. */
export const reportCount = (figures) => reportsOf(figures.total);

/** Return the reports of a period's own: a cumulative amount counts those of the years before too. */
const ownReports = (total) =>
  Object.values(total.indicators)
    .filter(({ kind }) => kind !== "cumulative")
    .reduce((sum, each) => sum + liveReports(each), 0);

/** Return whether a period has a figure of its own; to who has not signed in, reports are not told. */
const hasFigure = (total) =>
  Object.values(total.indicators).some(({ kind, headline }) => kind !== "cumulative" && headline.counties > 0);

/** Return the period to open a place with: the newest with figures, else the newest with a goal, else the newest. */
export async function openingPeriod(place, periods) {
  let withGoal = null;
  for (const period of periods) {
    const { total } = await readFigures(place, period);
    if (ownReports(total) || hasFigure(total)) return period;
    if (Object.values(total.indicators).some((each) => each.goal)) withGoal ??= period;
  }
  return withGoal ?? periods[0];
}

/** Return the shapes of a layer, projected once; none where the deployment has no such layer. */
async function shapes(name) {
  if (!shapesOfLayer.has(name)) {
    const layer = await readLayer(name);
    shapesOfLayer.set(name, layer ? layer.features.map((feature) => projected(feature)) : []);
  }
  return shapesOfLayer.get(name);
}

/** Return what an inset alone draws: {land, lines}. */
export async function insetShapes() {
  const [land, lines] = await Promise.all(["provinces", "boundary-lines"].map(shapes));
  return { land, lines };
}

/** Layers are cut by the first two digits of the code, for drawing only; 兵团 counties lie in their neighbours'. */
const provinceOf = (code) => code.slice(0, 2) + "0000";

/** Return the shapes of all counties of the provinces in which `codes` lie. */
async function countiesOf(codes, provinces) {
  const known = new Set(provinces.map((province) => province.code));
  const wanted = [...new Set(codes.map(provinceOf))].filter((code) => known.has(code));
  const layers = await Promise.all(wanted.map((code) => shapes(`counties-${code}`)));
  return layers.flat();
}

/** Return what the map draws for `figures`; outlines of basins come by `basinOutlines`. */
export async function sceneOf(figures) {
  const [provinces, lines, waters] = await Promise.all(["provinces", "boundary-lines", "basin-waters"].map(shapes));
  const base = { lines, waters, basins: [] };
  if (figures.region?.level === "nation") return { ...base, ...nationScene(figures, provinces) };
  return { ...base, ...countyScene(figures, provinces, await countiesOf(rowCodes(figures), provinces)) };
}

const rowCodes = (figures) => figures.rows.map((row) => row.region.code);

function nationScene(figures, provinces) {
  return {
    shapes: provinces,
    groups: [],
    context: [],
    outlined: provinces,
    fitted: provinces,
    inset: true,
    national: true,
    missing: missing(figures.rows, provinces),
  };
}

function countyScene(figures, provinces, counties) {
  const rows = new Set(rowCodes(figures));
  const whole = figures.region?.level === "province";
  const mine = counties.filter((shape) => whole || rows.has(shape.code));
  const hainan = figures.region?.code === HAINAN;
  const near = mine.filter((shape) => !hainan || !shape.code.startsWith(SANSHA));
  const groups = figures.by ? prefecturesOf(mine, figures.rows) : [];
  const shown = figures.by ? groups.map(merged) : mine;
  return {
    shapes: shown,
    groups: groups.map(({ counties: members }) => members),
    // The provinces lie beneath: the two layers are simplified apart, and between them nothing may gape.
    context: [...provinces, ...counties.filter((shape) => !mine.includes(shape))],
    outlined: counties.length ? counties : provinces,
    fitted: near.length ? near : provinces,
    inset: hainan || !mine.length,
    national: !mine.length,
    missing: missing(figures.rows, shown),
  };
}

/**
 * Return {code, name, counties} for each row that has shapes; for drawing only, counties are told by their codes. A county
 * that belongs to no prefecture is a row of its own.
 */
function prefecturesOf(counties, rows) {
  const codes = new Set(rows.map((row) => row.region.code));
  const rowOf = (code) => (codes.has(code) ? code : code.slice(0, 4) + "00");
  return rows
    .map(({ region: { code, name } }) => ({ code, name, counties: counties.filter((county) => rowOf(county.code) === code) }))
    .filter((prefecture) => prefecture.counties.length);
}

/** Return a prefecture as one shape of its counties'. */
function merged({ code, name, counties }) {
  const all = (key) => counties.flatMap((county) => county[key]);
  return { code, name, in_scope: true, degrees: all("degrees"), metres: all("metres") };
}

function missing(rows, drawn) {
  const codes = new Set(drawn.map((shape) => shape.code));
  return rows.map((row) => row.region).filter((region) => !codes.has(region.code));
}

/** Return the outlines {code, tier, shapes} of the key basins for a scene; on a basin's own map all its tiers. */
export async function basinOutlines(summaries, figures) {
  const provinces = await shapes("provinces");
  const own = figures.basin?.code;
  const here = new Set(figures.rows.map((row) => provinceOf(row.region.code)));
  const outlines = [];
  for (const { basin, rows } of summaries) {
    for (const tier of own === basin.code ? ["extended", "core"] : ["core"]) {
      const codes = rows
        .filter((row) => row.basins.some((each) => each.code === basin.code && each.tier === tier))
        .map((row) => row.region.code)
        .filter((code) => here.has(provinceOf(code)));
      const counties = await countiesOf(codes, provinces);
      const members = counties.filter((shape) => codes.includes(shape.code));
      if (members.length) outlines.push({ code: basin.code, tier, shapes: members });
    }
  }
  return outlines;
}
