/** The regions above a place, by the links of the register: a county's code does not always tell where it belongs. */

import { readExplanation } from "./api.js";
import { regionName } from "./i18n.js";

/** Return the regions [{code, name}] from `home` down to the one above the place; only `home` where that is not known. */
export async function pathTo({ place, indicator, period }, home) {
  try {
    const { path } = await readExplanation({ region: place.code, indicator, period }, { revisions_limit: 1 });
    const from = path.findIndex(({ code }) => code === home.code);
    return path.slice(Math.max(from, 0), -1).map((one) => ({ code: one.code, name: regionName(one) }));
  } catch {
    return [home];
  }
}
