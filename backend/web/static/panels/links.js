/** Numbers that lead to what they are made of. */

import { element } from "../dom.js";
import { t } from "../i18n.js";

/** Return the address of the sheet that explains a figure. */
export const sheetOf = ({ region, indicator, period }) =>
  `figures/${encodeURIComponent(region)}/${encodeURIComponent(indicator)}/${encodeURIComponent(period)}`;

/** Return `text` as a link to the sheet of the figure {region, indicator, period}. */
export function explained(text, figure, name = "") {
  return element("a", {
    class: "explained",
    href: sheetOf(figure),
    title: t("figure.explain"),
    "aria-label": t("figure.explain.of", { value: text, name }),
    text,
  });
}
