/** Forms, units and places of a county, as phones get them: no label is kept here a second time. */

import { readJson } from "../api.js";
import { pick } from "../i18n.js";

const kept = new Map();

function once(key, read) {
  if (!kept.has(key)) {
    kept.set(
      key,
      read().catch((problem) => {
        kept.delete(key);
        throw problem;
      }),
    );
  }
  return kept.get(key);
}

/** Forget what another reader was shown. */
export const forgetPacks = () => kept.clear();

/** Return the catalogue {schema_version, forms, indicators, units}; it is the same in every county. */
export const readCatalogue = (county) =>
  once("catalogue", () => readJson("v1/packs/catalogue", { county }));

/** Return the townships of a county as a map of code to name; the code for none is among them. */
export function readTownships(county) {
  return once(`regions/${county}`, async () => {
    const { townships, no_township: none } = await readJson("v1/packs/regions", { county });
    return new Map([...townships.map(({ code, name }) => [code, name]), [none, "—"]]);
  });
}

/** Return the names of a county's farms by id; empty for whoever is not shown them. */
export function readFarmNames(county) {
  return once(`farms/${county}`, async () => {
    const { farms } = await readJson("v1/packs/farms", { county });
    return new Map(farms.map(({ id, name }) => [id, name]).filter(([, name]) => name));
  });
}

/** Return how a unit is called; "" for none. */
export function unitName(catalogue, unit) {
  return unit && catalogue.units[unit] ? pick(catalogue.units[unit]) : "";
}
