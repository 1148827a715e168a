/** Where the page stands, kept in the address: place, indicator, period, basis, and which published amount is on the map. */

export const NATION = "100000";

/** The view of what yearbooks printed; the others show what was reported here. */
export const PUBLISHED = "published";
export const VIEWS = ["headline", "farm", "statement", PUBLISHED];

/** Return the view of what was reported that stands beside `view`. */
export const reportedView = (view) => (view === PUBLISHED ? VIEWS[0] : view);

/** Return the place of a region. */
export const region = (code) => ({ kind: "region", code });

/** Return the place of a key basin. */
export const basin = (code) => ({ kind: "basin", code });

/** Return whether two places are the same. */
export const same = (a, b) => Boolean(a && b) && a.kind === b.kind && a.code === b.code;

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
    view: VIEWS.includes(values.get("view")) ? values.get("view") : undefined,
    measure: values.get("measure") ?? undefined,
    year: /^\d{4}$/.test(values.get("year")) ? Number(values.get("year")) : undefined,
  };
}

/** Write the address; a new place is a step to go back from, a new setting is not. */
export function writeAddress({ place, indicator, period, view, measure, year }, isStep) {
  const path = place.kind === "basin" ? `basin/${place.code}` : place.code;
  const published = view === PUBLISHED ? { measure, year } : {};
  const hash = `#/${path}?${new URLSearchParams({ indicator, period, view, ...published })}`;
  if (hash === location.hash) return;
  if (isStep) history.pushState(null, "", hash);
  else history.replaceState(null, "", hash);
}
