/** The period that an office is likely at work on: the newest one that its region has reports of. */

import { region } from "../place.js";
import { openingPeriod } from "../scene.js";

const found = new Map();

/** Return the period to open a region with; read once. */
export function workingPeriod(code, periods) {
  if (!found.has(code)) {
    found.set(
      code,
      openingPeriod(region(code), periods).catch((problem) => {
        found.delete(code);
        throw problem;
      }),
    );
  }
  return found.get(code);
}
