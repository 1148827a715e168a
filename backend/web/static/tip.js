/** The small card beside a region that is pointed at. */

import { badge, element } from "./dom.js";
import { basinName, regionName, t } from "./i18n.js";
import { grouped, signed } from "./numbers.js";

const GAP_PX = 8;

/** Return what the tip says of a region and its figure. */
export function tipContent(row, figure) {
  const rate = figure.text === null ? t("state.no_data") : `${figure.text}${figure.unit}`;
  const lines = [
    element("p", { class: "tip-name", text: regionName(row.region) }),
    element("p", { class: "tip-rate" }, element("b", { text: rate }), badge(figure.state, t(`state.${figure.state}`))),
  ];
  const line = (text, className = null) => lines.push(element("p", { class: className, text }));
  if (figure.kind === "rate" && figure.distance !== null) {
    line(`${t("table.distance")} ${t("detail.points", { points: signed(figure.distance) })}`);
  }
  if (figure.reports !== undefined) {
    line(t("card.reports", { reports: grouped(figure.reports), counties: grouped(figure.counties) }));
  }
  const basins = row.basins.map((basin) => `${basinName(basin)} ${t(`tier.${basin.tier}`)}`);
  if (basins.length) line(basins.join(" · "), "tip-basins");
  return lines;
}

/** Put the tip above `box` {left, top, right, bottom} within `host`, below where there is no room above. */
export function placeTip(tip, box, host) {
  const { width, height } = tip.getBoundingClientRect();
  const within = (value, most) => Math.max(4, Math.min(most - 4, value));
  const above = box.top - height - GAP_PX;
  const top = above > 4 ? above : box.bottom + GAP_PX;
  tip.style.left = `${within((box.left + box.right - width) / 2, host.clientWidth - width)}px`;
  tip.style.top = `${within(top, host.clientHeight - height)}px`;
}
