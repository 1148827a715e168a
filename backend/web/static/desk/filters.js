/** The row of filters above a list: each choice is part of the address. */

import { element } from "../dom.js";
import { pick, t } from "../i18n.js";
import { go } from "./address.js";
import { choice } from "./widgets.js";

/** Return [value, text] of every indicator, before them `all`. */
export const indicatorOptions = (deployment, all = true) => [
  ...(all ? [["", t("filter.all.indicators")]] : []),
  ...deployment.indicators.map((one) => [one.code, pick(one)]),
];

/** Return [value, text] of the periods: years, before them `all`. */
export const periodOptions = (deployment, all = true) => [
  ...(all ? [["", t("filter.all.periods")]] : []),
  ...deployment.periods.map((one) => [one, t("control.period.value", { period: one })]),
];

/** Return how an indicator is called. */
export function indicatorName(deployment, code) {
  const found = deployment.indicators.find((one) => one.code === code);
  return found ? pick(found) : (code ?? "");
}

/**
 * Draw the filters of a page into `host`.
 *
 * @param wanted [parameter, label, options] each
 */
export function drawFilters(host, page, params, chosen, wanted) {
  const focused = document.activeElement?.closest?.("[data-filter]")?.dataset.filter;
  const drawn = wanted.map(([name, label, options]) => {
    const set = (value) => go(page, { ...params, [name]: value, [chosen]: null });
    const made = choice(label, options, params[name] ?? "", set);
    made.dataset.filter = name;
    return made;
  });
  host.replaceChildren(...drawn);
  if (focused) host.querySelector(`[data-filter="${focused}"] select`)?.focus();
}

/** Return the choice between the regions of several grants; nothing where there is only one. */
export function regionFilter(name, regions) {
  return regions.length > 1 ? [[name, t("filter.region"), regions.map((one) => [one.code, one.name])]] : [];
}

/** Return the head of a page: its name, what it is for, and where the filters go. */
export function pageHead(title, ...beside) {
  const filters = element("div", { class: "filters" });
  const head = element("header", { class: "page-head" }, element("h1", { text: title }), filters, ...beside);
  return { head, filters };
}
