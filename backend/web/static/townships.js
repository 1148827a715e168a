/** The townships of a county: they have no outline on any map, so that they stand as rows beneath their county. */

import { readTownships } from "./api.js";
import { valueOf } from "./scale.js";

/** Return [{code, name, figure, reports}] of a county's townships that have a farm or a figure. */
export async function townshipsOf(county, { indicator, period }) {
  const { rows } = await readTownships(county, period, indicator);
  const heard = rows.filter(({ farms, indicators }) => farms || indicators[indicator].value !== null);
  return heard.map(({ township_code: code, name, indicators }) => {
    const { value, unit, reports } = indicators[indicator];
    return { code, name, reports, figure: saidOf(value, unit) };
  });
}

/** A share is a rate, an area a flow; a mass is what was used, which says nothing of a change. */
function saidOf(value, unit) {
  if (unit === "%") return valueOf("rate", { rate_percent: value });
  return valueOf("cumulative", { numerator: unit === "mu" ? value : null });
}
