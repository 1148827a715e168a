/** A code that signs one phone in, once: shown this once, large enough to read out, with its QR code. */

import { sendJson } from "../api.js";
import { element } from "../dom.js";
import { t } from "../i18n.js";
import { moment } from "./moments.js";
import { complain } from "./problems.js";
import { openDialog, panel } from "./widgets.js";

/** Ask once more, for an earlier code ends, and show the new one. */
export function openEnrolment(account) {
  const host = element("div", { class: "enrolment" });
  const dialog = openDialog(t("enrol.draw"), host);
  const send = async () => {
    const drawn = await sendJson("v1/enrolments", { username: account.username });
    host.replaceChildren(
      element("p", { text: t("enrol.lead", { name: drawn.display_name }) }),
      element("img", { class: "qr", src: drawn.qr_image, alt: t("enrol.qr"), width: 240, height: 240 }),
      element("output", { class: "secret", text: drawn.code }),
      element("p", { class: "hint", text: t("enrol.until", { until: moment(drawn.expires_at) }) }),
    );
  };
  const ask = element("p", { text: t("enrol.ask", { name: account.display_name }) });
  host.append(panel(account.username, [ask], send, () => dialog.close(), { submit: t("enrol.draw"), complain }));
  host.querySelector("[type=submit]").focus();
}
