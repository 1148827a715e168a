/** The gap between what counties stated and what their fields sum to, and how much of the county the field sum stands for. */

import { readGaps } from "../api.js";
import { element } from "../dom.js";
import { pick, regionName, t } from "../i18n.js";
import { grouped, round, shift, signed, trim } from "../numbers.js";
import { explained } from "./links.js";
import { facts, regionButton } from "./parts.js";

/** Below the total, this many regions are named, the widest gap first. */
const NAMED = 6;

/** Return the elements of the panel. */
export async function gapPanel({ row, indicator, period }, on) {
  const gaps = await readGaps(row.region.code, indicator.code, period);
  const { total } = gaps;
  const figure = { region: row.region.code, indicator: indicator.code, period };
  const said = (text) => (text === null ? t("state.no_data") : explained(`${trim(text)}%`, figure, regionName(row.region)));
  const lines = [
    facts([
      [t("detail.statement"), said(total.statement), t("gap.compared", total)],
      [t("detail.farm"), said(total.farm), farmsText(total.farms)],
      [t("detail.gap"), gapText(total), total.flagged ? t("gap.flagged", { points: trim(gaps.tolerance_points) }) : t("detail.gap.unit")],
      [t("gap.base"), total.base.share_percent === null ? t("table.none") : `${trim(total.base.share_percent)}%`, t("gap.base.note")],
    ]),
    element("p", { class: "source", text: pick(gaps) }),
  ];
  if (total.estimate) lines.push(element("p", { class: "second", text: estimateText(total.estimate) }));
  return [...lines, ...widest(gaps, on)];
}

const gapText = ({ gap_points: points }) => (points === null ? t("table.none") : signed(points));

const farmsText = ({ reported, registered }) =>
  t("gap.farms", { reported: grouped(reported), registered: grouped(registered) });

/** The estimate is said in percent; without an interval it says nothing of the county. */
function estimateText({ value, lower, upper, confidence }) {
  const percent = (text) => (text === null ? t("table.none") : trim(round(shift(text, 2), 2)));
  const words = { value: percent(value), lower: percent(lower), upper: percent(upper), confidence: shift(confidence, 2) };
  return t("gap.estimate", words);
}

/** Name the regions with the widest gaps; those beyond the tolerance are marked by a word. */
function widest({ rows, tolerance_points: tolerance }, on) {
  const apart = rows.filter(({ gap_points: points }) => points !== null);
  apart.sort((a, b) => Math.abs(Number(b.gap_points)) - Math.abs(Number(a.gap_points)));
  if (!apart.length || rows.length < 2) return [];
  const flagged = apart.filter((one) => one.flagged).length;
  const items = apart.slice(0, NAMED).map((one) =>
    element(
      "li",
      { class: one.flagged ? "is-flagged" : null },
      regionButton(one.region, on),
      element("span", { class: "number", text: signed(one.gap_points) }),
    ),
  );
  return [
    element("h3", { text: t("gap.widest", { flagged, points: trim(tolerance) }) }),
    element("ul", { class: "pairs" }, ...items),
  ];
}
