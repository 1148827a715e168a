/** Where the page stands, kept in the address: place, indicator, period, basis, what is on the map and in the panel. */

export const NATION = "100000";

/** The view of what yearbooks printed; the others show what was reported here. */
export const PUBLISHED = "published";

/** The views of what was filed, as it was frozen then: counted by the offices' steps, not by the ledgers. */
export const FILED_VIEWS = ["official", "pending"];
export const VIEWS = ["headline", ...FILED_VIEWS, "farm", "statement", PUBLISHED];

/** The map of tiles, beside the statistical one. */
export const CLOSE = "close";

/** What the panel can show of a figure, the first without being asked. */
export const PANELS = ["overview", "trend", "gap", "progress", "findings"];

/** The tier of the rows of a province, where it is not the county. */
export const BY_PREFECTURE = "prefecture";

/** Return the view of what was reported that stands beside `view`. */
export const reportedView = (view) => ([PUBLISHED, ...FILED_VIEWS].includes(view) ? VIEWS[0] : view);

/** Return the place of a region. */
export const region = (code) => ({ kind: "region", code });

/** Return the place of a key basin. */
export const basin = (code) => ({ kind: "basin", code });

/** Return whether two places are the same. */
export const same = (a, b) => Boolean(a && b) && a.kind === b.kind && a.code === b.code;

const oneOf = (all, value) => (all.includes(value) ? value : undefined);

/** Return {zoom, latitude, longitude} of "z/lat/lon", or undefined. */
function readAt(text) {
  const numbers = (text ?? "").split("/").map(Number);
  if (!text || numbers.length !== 3 || !numbers.every(Number.isFinite)) return undefined;
  const [zoom, latitude, longitude] = numbers;
  return Math.abs(latitude) <= 85 && Math.abs(longitude) <= 180 ? { zoom, latitude, longitude } : undefined;
}

const writeAt = ({ zoom, latitude, longitude }) => `${zoom.toFixed(2)}/${latitude.toFixed(4)}/${longitude.toFixed(4)}`;

/** Read the address; what it leaves out is undefined. */
export function readAddress() {
  const [path, search = ""] = location.hash.replace(/^#\/?/, "").split("?");
  const values = new URLSearchParams(search);
  const basinCode = /^basin\/([\w-]+)$/.exec(path)?.[1];
  const regionCode = /^(\d{6})$/.exec(path)?.[1];
  return {
    place: basinCode ? basin(basinCode) : regionCode ? region(regionCode) : undefined,
    indicator: values.get("indicator") ?? undefined,
    period: values.get("period") ?? undefined,
    view: oneOf(VIEWS, values.get("view")),
    measure: values.get("measure") ?? undefined,
    year: /^\d{4}$/.test(values.get("year")) ? Number(values.get("year")) : undefined,
    by: oneOf([BY_PREFECTURE], values.get("by")),
    map: oneOf([CLOSE], values.get("map")),
    at: readAt(values.get("at")),
    panel: oneOf(PANELS, values.get("panel")),
    chosen: /^\d{6}$/.exec(values.get("chosen"))?.[0],
  };
}

/** Write the address; a new place is a step to go back from, a new setting is not. */
export function writeAddress({ place, indicator, period, view, measure, year, by, map, at, panel, chosen }, isStep) {
  const path = place.kind === "basin" ? `basin/${place.code}` : place.code;
  const values = new URLSearchParams({ indicator, period, view });
  const say = (name, value) => value && values.set(name, value);
  if (view === PUBLISHED) {
    say("measure", measure);
    say("year", year);
  }
  say("by", by);
  say("chosen", chosen);
  say("panel", panel === PANELS[0] ? null : panel);
  say("map", map);
  if (map) say("at", at && writeAt(at));
  const hash = `#/${path}?${values.toString().replaceAll("%2F", "/")}`;
  if (hash === location.hash) return;
  if (isStep) history.pushState(null, "", hash);
  else history.replaceState(null, "", hash);
}
