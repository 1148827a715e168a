/** Why a report is worth a look, and what became of it so far. */

import { element } from "../dom.js";
import { pick, t } from "../i18n.js";
import { addressOf } from "./address.js";
import { moment } from "./moments.js";
import { mark } from "./widgets.js";

/** Return the warnings of a report with their reasons. */
export function warningList(warnings) {
  const items = warnings.map((one) => element("li", { text: pick(one) }));
  return element("div", { class: "why why-warning" }, element("h3", { text: `⚑ ${t("report.warnings")}` }), element("ul", {}, ...items));
}

/** Return what the checks found about a report; each leads to where it is answered. */
export function findingList(findings) {
  const items = findings.map((one) => {
    const params = { region: one.region_code, period: one.period, state: one.state === "open" ? null : one.state, finding: one.id };
    const link = element("a", { href: addressOf("findings", params), text: pick({ zh: one.title_zh, en: one.title_en }) });
    return element("li", {}, link, mark(one.state, t(`finding.${one.state}`)), element("span", { text: pick(one) }));
  });
  return element("div", { class: "why why-finding" }, element("h3", { text: `⚑ ${t("report.findings")}` }), element("ul", {}, ...items));
}

/** Return the history of a report, the newest step first; `reasonText` says a reason. */
export function historyList(history, reasonText) {
  const steps = [...history].reverse().map((step) => {
    const said = [...step.reasons.map(reasonText), ...(step.reason ? [step.reason] : [])];
    return element(
      "li",
      {},
      element("time", { datetime: step.recorded_at, text: moment(step.recorded_at) }),
      element("b", { text: t(`history.${step.action}`) }),
      element("span", { text: step.by ?? "—" }),
      ...(said.length ? [element("p", { text: said.join("；") })] : []),
    );
  });
  return element(
    "details",
    { class: "history", open: history.length > 1 },
    element("summary", { text: t("report.history", { count: history.length }) }),
    element("ol", {}, ...steps),
  );
}
