/** The phones of a county: which need help, and the end of one that is lost. */

import { readJson, sendJson } from "../api.js";
import { element } from "../dom.js";
import { pick, t } from "../i18n.js";
import { announce } from "./announcer.js";
import { moment } from "./moments.js";
import { complain, problemBox, problemText } from "./problems.js";
import { button, openDialog, panel } from "./widgets.js";

/** Show the phones of counties, those first that need help most; of one account where it is given. */
export function openPhones(counties, account = null) {
  const host = element("div", { class: "phones" });
  const heading = account ? `${t("phones.show")} · ${account.display_name}` : t("phones.show");
  openDialog(heading, host).classList.add("wide");
  return fill(host, counties, account);
}

async function fill(host, counties, account) {
  host.replaceChildren(element("p", { class: "loading", text: t("list.loading") }));
  try {
    const answers = await Promise.all(counties.map((county) => readJson(`v1/counties/${county}/devices`)));
    const found = answers.flatMap(({ devices }) => devices).filter((device) => !account || device.account_id === account.id);
    // A phone that reports to two counties is one phone.
    const devices = [...new Map(found.map((device) => [`${device.account_id} ${device.device_id}`, device])).values()];
    const empty = element("p", { class: "empty", text: t(account ? "phones.none" : "phones.empty") });
    host.replaceChildren(...(devices.length ? [element("ul", { class: "cards-list" }, ...devices.map(phone))] : [empty]));
  } catch (problem) {
    host.replaceChildren(problemBox(problem, () => fill(host, counties, account)));
  }
}

function phone(device) {
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
