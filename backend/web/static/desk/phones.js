/** The phones of a county: which need help, and the end of one that is lost. */

import { readJson, sendJson } from "../api.js";
import { element } from "../dom.js";
import { pick, t } from "../i18n.js";
import { announce } from "./announcer.js";
import { moment } from "./moments.js";
import { complain, problemBox, problemText } from "./problems.js";
import { button, openDialog, panel } from "./widgets.js";

/** Show the phones, those first that need help most. */
export function openPhones(county) {
  const host = element("div", { class: "phones" });
  openDialog(t("phones.show"), host).classList.add("wide");
  return fill(host, county);
}

async function fill(host, county) {
  host.replaceChildren(element("p", { class: "loading", text: t("list.loading") }));
  try {
    const { devices } = await readJson(`v1/counties/${county}/devices`);
    const items = devices.map((device) => phone(device, host, county));
    host.replaceChildren(...(items.length ? [element("ul", { class: "cards-list" }, ...items)] : [element("p", { class: "empty", text: t("phones.empty") })]));
  } catch (problem) {
    host.replaceChildren(problemBox(problem, () => fill(host, county)));
  }
}

function phone(device, host, county) {
  const asking = element("div", {});
  const revoke = button(t("phones.revoke"), () => {
    const send = async () => {
      const answer = await sendJson(`v1/devices/${device.device_id}/revoke`);
      announce(t("phones.revoked"));
      const received = answer.received.map((one) => element("li", { text: t("phones.received", { county: one.county_code, changes: one.changes, at: moment(one.last_received_at) }) }));
      asking.replaceChildren(element("div", { class: "why why-returned" }, element("p", { text: pick(answer) }), element("ul", {}, ...received)));
      revoke.remove();
    };
    const ask = element("p", { text: t("phones.ask", { name: device.display_name }) });
    asking.replaceChildren(panel(t("phones.revoke"), [ask], send, () => asking.replaceChildren(), { submit: t("phones.revoke"), complain }));
    asking.querySelector("[type=submit]").focus();
  });
  const said = [
    t("phones.pushed", { at: moment(device.last_push_at) || "—" }),
    t("phones.queued", { count: device.queued ?? "—" }),
    device.app_version ?? "",
  ].filter(Boolean);
  return element(
    "li",
    {},
    element("div", { class: "title-line" }, element("b", { text: device.display_name }), element("code", { text: device.device_id.slice(-8) }), revoke),
    element("p", { class: "row-facts", text: said.join(" · ") }),
    ...device.concerns.map((one) => element("p", { class: "concern", text: `⚑ ${problemText(one)}` })),
    asking,
  );
}
