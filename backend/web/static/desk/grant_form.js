/** A grant to fill in: role, region, and the indicators it is narrowed to. */

import { element } from "../dom.js";
import { pick, t } from "../i18n.js";
import { holds } from "./offices.js";
import { choice, line } from "./widgets.js";

const FIELD_ROLES = ["worker", "township"];
const ALL_ROLES = [...FIELD_ROLES, "county", "prefecture", "province", "ministry", "admin"];

/** Return the parts of the form; county bureaus give field roles only. */
export function grantForm(grants, deployment) {
  const roles = holds(grants, "admin") ? ALL_ROLES : FIELD_ROLES;
  const role = choice(t("grant.role"), roles.map((one) => [one, t(`role.${one}`)]), roles[0], () => {});
  const home = grants[0]?.region_code ?? "";
  const region = line(t("grant.region.code"), { required: true, pattern: "[0-9]{6}([0-9]{3})?", inputmode: "numeric", value: home, maxlength: 9 });
  region.holder.append(element("small", { text: t("grant.region.hint") }));
  const boxes = deployment.indicators.map((one) => {
    const input = element("input", { type: "checkbox", value: one.code });
    return element("label", {}, input, element("span", { text: pick(one) }));
  });
  const narrowed = element("fieldset", { class: "checks" }, element("legend", { text: t("grant.indicators") }), ...boxes);
  return { role: role.querySelector("select"), region: region.input, narrowed, parts: [role, region.holder, narrowed] };
}

/** Return the grant that a form says; no indicator ticked means all of them. */
export function readGrant({ role, region, narrowed }) {
  const ticked = [...narrowed.querySelectorAll("input:checked")].map(({ value }) => value);
  return { role: role.value, region_code: region.value.trim(), indicators: ticked.length ? ticked : null };
}
