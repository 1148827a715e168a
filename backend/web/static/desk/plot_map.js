/** The plots of a finding on a small map: what they share, where one would lie in another datum, what is told of them. */

import { readJson } from "../api.js";
import { element } from "../dom.js";
import { extentOf, labelSpot, pathOf, projected } from "../geometry.js";
import { t } from "../i18n.js";
import { grouped, round, shift, trim } from "../numbers.js";
import { fit, localMetres } from "../projection.js";
import { svg } from "../svg.js";
import { readFarmNames } from "./packs.js";
import { problemBox } from "./problems.js";

/** The findings that are about plots. */
export const ON_MAP = new Set(["plots_overlap", "datum_looks_wrong", "plot_far_outside"]);

const FRAME = { width: 640, height: 380, padding: 34 };
const LOCATOR = { width: 132, height: 112, padding: 9 };

/** The least extent of the map in metres: a point shall not fill it. */
const LEAST_M = 160;

/** A plot smaller than this on the map is drawn as a dot. */
const LEAST_PX = 8;

/** A county this much larger than the map is shown beside it, so that one sees where one is. */
const FAR_LARGER = 2.5;

const DATUMS = { cgcs2000: "CGCS2000", wgs84: "WGS 84", gcj02: "GCJ-02", bd09: "BD-09" };
const LETTERS = ["A", "B", "C", "D", "E", "F", "G", "H"];

/** Fill `host` with the map of a finding. */
export async function plotMap(host, finding) {
  host.replaceChildren(element("p", { class: "loading", text: t("list.loading") }));
  try {
    const [shapes, names] = await Promise.all([
      readJson(`v1/findings/${finding.id}/shapes`),
      readFarmNames(finding.county_code).catch(() => new Map()),
    ]);
    host.replaceChildren(element("h3", { text: t("plots.heading") }), figureOf(shapes, names, finding.params));
  } catch (problem) {
    if (problem.status === 401) throw problem;
    const said = problem.status === 403 ? element("p", { class: "hint", text: t("plots.hidden") }) : problemBox(problem, () => plotMap(host, finding));
    host.replaceChildren(said);
  }
}

function figureOf(shapes, names, params) {
  if (!shapes.plots.some(({ part }) => part !== "nearby")) return element("p", { class: "hint", text: t("plots.empty") });
  const scene = sceneOf(shapes);
  const parts = partsOf(scene, shapes, names);
  const beside = scene.outline && isFarLarger(scene);
  const view = fit(widened(scene.extent), { ...FRAME, width: FRAME.width - (beside ? LOCATOR.width : 0) });
  const bar = scaleBar(view.scale);
  const drawing = svg("svg", { class: "plot-drawing", viewBox: `0 0 ${FRAME.width} ${FRAME.height}`, role: "img", tabindex: "0" });
  const said = parts.map(({ letter, name, told }) => [letter, name, told].filter(Boolean).join(" ")).join("；");
  drawing.setAttribute("aria-label", t("plots.drawing", { county: shapes.county_name, scale: bar.text, parts: said }));
  drawing.append(definitions(), ...drawn(scene, view), ...labels(scene, shapes, view), bar.element);
  if (beside) drawing.append(locator(scene));
  if (shapes.code === "plot_far_outside" && scene.outline) drawing.append(...wayToCounty(scene, view, params));
  const list = element("ul", { class: "plot-parts", "aria-label": t("plots.parts") }, ...parts.map(legendItem));
  const source = shapes.source ? [element("p", { class: "hint", text: t("plots.source", { source: shapes.source }) })] : [];
  return element("figure", { class: "plot-map" }, drawing, element("figcaption", {}, list, ...source));
}

/** Return what is drawn, in metres about the middle of what the finding is about. */
function sceneOf(shapes) {
  const about = shapes.plots.filter(({ part }) => part !== "nearby");
  const first = firstPosition(about[0].geometry);
  const metres = localMetres(...first);
  const placed = (geometry, facts = {}) => ({ ...shapeOf(geometry, metres), ...facts });
  const plots = about.map((plot) => placed(plot.geometry, { plot }));
  const nearby = shapes.plots.filter(({ part }) => part === "nearby").map((plot) => placed(plot.geometry, { plot }));
  const overlap = shapes.overlap && placed(shapes.overlap.geometry);
  const reread = shapes.reread && placed(shapes.reread.geometry, { recordId: shapes.reread.record_id });
  const outline = shapes.outline && placed(shapes.outline);
  const focus = [...plots, ...(reread ? [reread] : []), ...(shapes.code === "plot_far_outside" && outline ? [outline] : [])];
  let letter = 0;
  for (const one of plots) one.letter = one.plot.part === "about" ? (LETTERS[letter++] ?? "") : "";
  return { plots, nearby, overlap, reread, outline, extent: extentOf(focus) };
}

const firstPosition = (geometry) => geometry.coordinates.flat(Infinity).slice(0, 2);

function shapeOf(geometry, metres) {
  if (geometry.type !== "Point") return projected({ geometry, properties: {} }, metres);
  return { degrees: [[geometry.coordinates]], metres: [Float64Array.from(metres(...geometry.coordinates))], isPoint: true };
}

function widened([west, south, east, north]) {
  const x = Math.max(0, LEAST_M - (east - west)) / 2;
  const y = Math.max(0, LEAST_M - (north - south)) / 2;
  return [west - x, south - y, east + x, north + y];
}

function isFarLarger({ outline, extent }) {
  const [west, south, east, north] = extentOf([outline]);
  return Math.max(east - west, north - south) > FAR_LARGER * Math.max(extent[2] - extent[0], extent[3] - extent[1], LEAST_M);
}

/** Return a shape as it is drawn: a point, and a plot too small to be seen, as a dot. */
function place(shape, view, attributes, radius = 5) {
  if (!isDot(shape, view)) return svg("path", { d: pathOf(shape.metres, view), ...attributes });
  const { x, y } = middle(shape, view);
  return svg("circle", { cx: x, cy: y, r: radius, ...attributes });
}

function isDot(shape, view) {
  const [west, south, east, north] = extentOf([shape]);
  return shape.isPoint || Math.max(east - west, north - south) * view.scale < LEAST_PX;
}

function middle(shape, view) {
  const [west, south, east, north] = extentOf([shape]);
  const spot = shape.isPoint ? null : labelSpot(shape);
  const [easting, northing] = spot ? [spot.x, spot.y] : [(west + east) / 2, (south + north) / 2];
  return { x: easting * view.scale + view.x, y: view.y - northing * view.scale };
}

function drawn({ plots, nearby, overlap, reread, outline }, view) {
  const layers = [];
  if (outline) layers.push(place(outline, view, { class: "plot-county" }));
  for (const one of nearby) layers.push(place(one, view, { class: "plot plot-nearby" }, 3));
  // The plots that the finding is about lie above those that are only compared with.
  const ordered = [...plots].sort((a, b) => (a.plot.part === "about") - (b.plot.part === "about"));
  for (const one of ordered) layers.push(place(one, view, { class: `plot ${classOf(one)}` }));
  if (overlap) layers.push(place(overlap, view, { class: "plot plot-overlap" }));
  if (reread) layers.push(place(reread, view, { class: "plot plot-reread" }), ...arrow(plots, reread, view));
  return layers;
}

const classOf = ({ plot, letter }) => (plot.part === "registered" ? "plot-registered" : letter === "B" ? "plot-b" : "plot-a");

/** Return the arrow from where the doubtful plot lies to where it would. */
function arrow(plots, reread, view) {
  const from = middle(plots.find(({ plot }) => plot.record_id === reread.recordId) ?? plots[0], view);
  const to = middle(reread, view);
  return [svg("line", { class: "plot-shift", x1: from.x, y1: from.y, x2: to.x, y2: to.y, "marker-end": "url(#plot-arrow)" })];
}

/** Return the way from a plot to the county, with its length as the check measured it. */
function wayToCounty({ plots, outline }, view, { distance_km: kilometres }) {
  const from = middle(plots[0], view);
  const ends = outline.metres.flatMap((ring) => nearestOf(ring, view, from));
  const to = ends.reduce((a, b) => (distance(a, from) <= distance(b, from) ? a : b));
  const way = svg("line", { class: "plot-shift", x1: from.x, y1: from.y, x2: to.x, y2: to.y });
  return [way, label({ x: (from.x + to.x) / 2, y: (from.y + to.y) / 2 - 10 }, t("plots.kilometres", { kilometres: grouped(kilometres) }), "plot-said")];
}

const distance = (a, b) => Math.hypot(a.x - b.x, a.y - b.y);

/** Return, of each edge of a ring in metres, the point on the screen that is nearest to `from`. */
function nearestOf(ring, view, from) {
  const found = [];
  for (let i = 2; i < ring.length; i += 2) {
    const a = { x: ring[i - 2] * view.scale + view.x, y: view.y - ring[i - 1] * view.scale };
    const b = { x: ring[i] * view.scale + view.x, y: view.y - ring[i + 1] * view.scale };
    const along = ((from.x - a.x) * (b.x - a.x) + (from.y - a.y) * (b.y - a.y)) / (distance(a, b) ** 2 || 1);
    const share = Math.min(1, Math.max(0, along));
    found.push({ x: a.x + share * (b.x - a.x), y: a.y + share * (b.y - a.y) });
  }
  return found;
}

function labels({ plots, overlap, reread }, shapes, view) {
  const said = plots.filter(({ letter }) => letter).map((one) => label(apart(one, plots, overlap, view), one.letter, "plot-letter"));
  if (overlap) said.push(label(middle(overlap, view), t("plots.area", { mu: trim(shapes.overlap.area_mu) }), "plot-said"));
  if (reread) {
    const one = middle(plots[0], view);
    const other = middle(reread, view);
    const at = { x: (one.x + other.x) / 2, y: (one.y + other.y) / 2 - 8 };
    said.push(label(at, t("plots.metres", { metres: grouped(shapes.reread.shift_m) }), "plot-said"));
  }
  return said;
}

/** Return where a plot's letter stands: at its corner away from the other plot, so that it is not in the overlap. */
function apart(one, plots, overlap, view) {
  const own = middle(one, view);
  if (isDot(one, view)) return { x: own.x, y: own.y - 17 };
  const other = plots.find((each) => each !== one && each.letter);
  if (!overlap || !other) return own;
  const [west, south, east, north] = extentOf([one]);
  const shared = middle(overlap, view);
  const corners = [[west, south], [west, north], [east, south], [east, north]].map(([x, y]) => ({ x: x * view.scale + view.x, y: view.y - y * view.scale }));
  const far = corners.reduce((a, b) => (distance(a, shared) >= distance(b, shared) ? a : b));
  return { x: far.x + Math.sign(shared.x - far.x) * 16, y: far.y + Math.sign(shared.y - far.y) * 16 };
}

const label = ({ x, y }, text, kind) => svg("text", { x, y, class: `plot-label ${kind}` }, text);

/** Return the bar of a round length that fits a quarter of the map, and what it says. */
function scaleBar(scale) {
  const most = FRAME.width / 4 / scale;
  const power = 10 ** Math.floor(Math.log10(most));
  const metres = [5, 2, 1].map((step) => step * power).find((length) => length <= most);
  const text = metres >= 1000 ? t("plots.kilometres", { kilometres: grouped(metres / 1000) }) : t("plots.metres", { metres: String(metres) });
  const [x, y, width] = [14, FRAME.height - 14, metres * scale];
  const bar = svg("path", { class: "plot-scale", d: `M${x} ${y - 6}V${y}H${x + width}V${y - 6}` });
  return { text, element: svg("g", { "aria-hidden": "true" }, bar, label({ x: x + width / 2, y: y - 8 }, text, "plot-small")) };
}

function locator({ outline, extent }) {
  const x = FRAME.width - LOCATOR.width - 8;
  const view = fit(extentOf([outline]), LOCATOR);
  const spot = { x: ((extent[0] + extent[2]) / 2) * view.scale + view.x, y: view.y - ((extent[1] + extent[3]) / 2) * view.scale };
  return svg(
    "g",
    { transform: `translate(${x} 8)`, "aria-hidden": "true" },
    svg("rect", { width: LOCATOR.width, height: LOCATOR.height, rx: 4, class: "plot-locator" }),
    place(outline, view, { class: "plot-county" }),
    svg("circle", { cx: spot.x, cy: spot.y, r: 4, class: "plot-here" }),
  );
}

/** Return patterns and the arrow's head; a document may hold several of the same, all alike. */
function definitions() {
  const lines = svg("path", { d: "M0 0V7", class: "plot-hatch" });
  const hatch = svg("pattern", { id: "plot-hatch", width: 7, height: 7, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" }, lines);
  const head = svg("path", { d: "M0 0L8 4L0 8Z", class: "plot-head" });
  const marker = svg("marker", { id: "plot-arrow", viewBox: "0 0 8 8", refX: 7, refY: 4, markerWidth: 8, markerHeight: 8, orient: "auto" }, head);
  return svg("defs", {}, hatch, marker);
}

/** Return all that the map shows in words: [{kind, letter, name, told}]. */
function partsOf({ plots, nearby, outline }, shapes, names) {
  const parts = plots.map(({ plot, letter, isPoint }) => {
    const what = plot.part === "registered" ? t("plots.registered") : t(`plots.about.${plot.kind}`);
    const size = isPoint ? t("plots.point") : t("plots.area", { mu: trim(plot.area_mu) });
    const name = names.get(plot.farm_id) ?? t("plots.unnamed");
    return { kind: classOf({ plot, letter }), letter, name, told: `${what}，${size}` };
  });
  const { overlap, reread } = shapes;
  if (overlap) {
    const said = { mu: trim(overlap.area_mu), m2: grouped(overlap.area_m2), percent: trim(round(shift(overlap.share, 2), 1)) };
    parts.push({ kind: "plot-overlap", letter: "", name: t("plots.overlap"), told: t("plots.overlap.said", said) });
  }
  if (reread) {
    const told = t("plots.reread.said", { metres: grouped(reread.shift_m), declared: DATUMS[reread.declared] });
    parts.push({ kind: "plot-reread", letter: "", name: t("plots.reread", { datum: DATUMS[reread.suspected] }), told });
  }
  if (nearby.length) parts.push({ kind: "plot-nearby", letter: "", name: t("plots.nearby", { count: nearby.length }), told: "" });
  if (outline) parts.push({ kind: "plot-county", letter: "", name: t("plots.outline", { county: shapes.county_name }), told: "" });
  return parts;
}

function legendItem({ kind, letter, name, told }) {
  const sample = svg("svg", { class: "plot-sample", viewBox: "0 0 26 16", width: 26, height: 16, "aria-hidden": "true" });
  sample.append(svg("rect", { x: 1.5, y: 1.5, width: 23, height: 13, class: `plot ${kind}` }));
  const head = element("b", { text: `${letter ? `${letter} ` : ""}${name}` });
  return element("li", {}, sample, head, ...(told ? [element("span", { text: told })] : []));
}
