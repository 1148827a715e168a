/** What a county still lacks before it files, as a text to paste into a message. */

import { readJson } from "../api.js";
import { element } from "../dom.js";
import { pick, t } from "../i18n.js";
import { announce } from "./announcer.js";
import { complain } from "./problems.js";
import { button, openDialog } from "./widgets.js";

/** Show the text, ready to be copied. */
export async function openReadiness(county, period) {
  const body = element("div", { class: "readiness" }, element("p", { class: "loading", text: t("list.loading") }));
  openDialog(t("readiness.heading"), body);
  try {
    const { text, ready, indicators } = await readJson(`v1/counties/${county}/readiness`, { period });
    const area = element("textarea", { readonly: true, rows: 14, "aria-label": t("readiness.heading") });
    area.value = pick(text);
    const copy = button(t("readiness.copy"), () => copied(area), { kind: "primary" });
    const lead = element("p", { class: "hint", text: t("readiness.lead", { ready, all: indicators.length }) });
    body.replaceChildren(lead, area, element("p", { class: "panel-actions" }, copy));
    copy.focus();
  } catch (problem) {
    complain(body, problem, null);
  }
}

async function copied(area) {
  area.select();
  try {
    await navigator.clipboard.writeText(area.value);
    announce(t("readiness.copied"));
  } catch {
    announce(t("readiness.select"));
  }
}
