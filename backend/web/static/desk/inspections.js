/** 抽查: farms to visit, drawn by risk; the same seed draws the same list again. */

import { readJson } from "../api.js";
import { element } from "../dom.js";
import { t } from "../i18n.js";
import { count } from "./moments.js";
import { readFarmNames, readTownships } from "./packs.js";
import { workingPeriod } from "./period.js";
import { complain } from "./problems.js";
import { indicatorOptions, periodOptions } from "./filters.js";
import { choice, facts, line, openDialog, panel } from "./widgets.js";

/** Ask for seed and size, and show the list. */
export async function openInspections(region, deployment, params) {
  const period = params.period ?? (await workingPeriod(region.code, deployment.periods));
  const wanted = { period, indicator: params.indicator ?? "" };
  const seed = line(t("inspections.seed"), { value: `${region.code}-${wanted.period}`, required: true, maxlength: 64 });
  const size = line(t("inspections.size"), { type: "number", min: 1, max: 500, value: 10, required: true });
  const result = element("div", { class: "inspections", "aria-live": "polite" });
  const send = async () => {
    const query = { ...wanted, seed: seed.input.value.trim(), size: size.input.value };
    const [list, names, townships] = await Promise.all([
      readJson(`v1/counties/${region.code}/inspections`, query),
      readFarmNames(region.code).catch(() => new Map()),
      readTownships(region.code),
    ]);
    draw(result, list, names, townships, deployment);
  };
  const parts = [
    element("p", { class: "hint", text: t("inspections.hint") }),
    element(
      "div",
      { class: "filters" },
      choice(t("filter.period"), periodOptions(deployment, false), wanted.period, (value) => (wanted.period = value)),
      choice(t("filter.indicator"), indicatorOptions(deployment), wanted.indicator, (value) => (wanted.indicator = value)),
    ),
    seed.holder,
    size.holder,
  ];
  const dialog = openDialog(t("inspections.show"), element("div", {}));
  dialog.classList.add("wide");
  dialog.lastChild.append(panel(t("inspections.heading"), parts, send, () => dialog.close(), { submit: t("inspections.draw"), complain }), result);
  seed.input.focus();
}

function draw(host, list, names, townships) {
  const rows = list.farms.map((farm, k) =>
    element(
      "tr",
      {},
      element("td", { class: "number", text: String(k + 1) }),
      element("th", { scope: "row", text: names.get(farm.farm_id) ?? farm.farm_id }),
      element("td", { text: townships.get(farm.township_code) ?? farm.township_code }),
      element("td", { class: "number", text: String(farm.weight) }),
      element("td", { class: "number", text: `${(Number(farm.probability) * 100).toFixed(1)}%` }),
    ),
  );
  const head = ["inspections.number", "inspections.farm", "filter.township", "inspections.weight", "inspections.chance"];
  host.replaceChildren(
    facts([
      [t("inspections.seed"), list.seed],
      [t("inspections.population"), count(list.population)],
      [t("inspections.digest"), element("code", { text: list.digest })],
    ]),
    element(
      "div",
      { class: "scroller", tabindex: "0", role: "region", "aria-label": t("inspections.heading") },
      element("table", {}, element("thead", {}, element("tr", {}, ...head.map((key) => element("th", { scope: "col", text: t(key) })))), element("tbody", {}, ...rows)),
    ),
  );
}
