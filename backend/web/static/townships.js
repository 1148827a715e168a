/** The townships of a county: they have no outline on any map, so that they stand as rows beneath their county. */

import { readTownships } from "./api.js";
import { valueOf } from "./scale.js";

/** Return [{code, name, figure, reports}] of a county's townships. */
export async function townshipsOf(county, { indicator, period }) {
  const { rows } = await readTownships(county, period, indicator);
  return rows.map(({ township_code: code, name, reports, indicators }) => {
    const said = indicators[indicator];
    const isShare = said?.unit === "%";
    const shown = { rate_percent: isShare ? said.value : null, numerator: isShare ? null : (said?.value ?? null) };
    return { code, name, reports, figure: valueOf(isShare ? "rate" : "cumulative", shown) };
  });
}
