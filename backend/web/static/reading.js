/** What a place shows under the settings, read together: figures, shapes, and the values that come apart from them. */

import { readMapValues, readPublishedTables } from "./api.js";
import { BY_PREFECTURE, CLOSE, FILED_VIEWS, NATION, PUBLISHED, VIEWS } from "./place.js";
import { readPrinted, settled } from "./published.js";
import { openingPeriod, readFigures, sceneOf } from "./scene.js";

/**
 * Read what `place` shows for `wanted` settings: {settings, tables, figures, scene, printed, filed, close}. A period that
 * is not wanted yet is the one to open the place with; a view that does not exist there is the first one.
 */
export async function readPlace(place, wanted, periods) {
  const period = wanted.period ?? (await openingPeriod(place, periods));
  const by = wanted.by === BY_PREFECTURE && isProvince(place) ? BY_PREFECTURE : null;
  const settings = { ...wanted, place, period, by };
  // The values of the nation take longest: they are asked for with the figures, not after them.
  const ahead = readClose(settings);
  const [figures, tables] = await Promise.all([readFigures(place, period, by), readPublishedTables(), ahead]);
  const before = settings.view;
  Object.assign(settings, settled(settings, tables, VIEWS));
  const [scene, apart] = await Promise.all([
    sceneOf(figures),
    readApart(settings, tables, settings.view === before ? ahead : undefined),
  ]);
  return { settings, tables, figures, scene, ...apart };
}

const isProvince = ({ kind, code }) => kind === "region" && code !== NATION && code.endsWith("0000");

/**
 * Read what is not in the figures of a place: {printed, filed, close}. `printed` is what yearbooks say, `filed` what the
 * regions of the place filed, `close` the values of all counties that the reader may see; each null where not shown.
 */
export async function readApart(settings, tables, ahead = readClose(settings)) {
  const [printed, filed, close] = await Promise.all([
    readPrinted(settings.place, settings, tables),
    readFiled(settings),
    ahead,
  ]);
  return { printed, filed, close };
}

function readFiled({ place, indicator, period, view, by }) {
  if (!FILED_VIEWS.includes(view)) return null;
  const level = place.code === NATION ? "province" : (by ?? "county");
  return readMapValues({ indicator, period, view, level, region: place.code });
}

function readClose({ map, indicator, period, view }) {
  if (map !== CLOSE || view === PUBLISHED) return null;
  return readMapValues({ indicator, period, view, level: "county" });
}
