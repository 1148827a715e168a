/** What moved between the report that was decided on and the one that stands now. */

import { element } from "../dom.js";
import { pick, t } from "../i18n.js";
import { shownValue } from "./answer_table.js";
import { rowsOf } from "./forms.js";
import { moment } from "./moments.js";
import { problemText } from "./problems.js";

/** Return a box: nothing was decided, who did what since, and the answers that are other than before. */
export function whatChanged(before, now, catalogue, problems) {
  const form = catalogue.forms[`${now.indicator}.farm`];
  const was = new Map(rowsOf(form, before.payload).map((row) => [row.pointer, row]));
  const is = new Map(rowsOf(form, now.payload).map((row) => [row.pointer, row]));
  const items = [];
  for (const pointer of new Set([...was.keys(), ...is.keys()])) {
    const [old, fresh] = [was.get(pointer), is.get(pointer)];
    if (JSON.stringify(old?.value) === JSON.stringify(fresh?.value)) continue;
    const row = fresh ?? old;
    const name = row.group ? `${pick(row.group)} · ${pick(row.label)}` : pick(row.label);
    const shown = (one) => (one ? shownValue(one) : "—");
    items.push(element("li", {}, `${name}：`, element("del", { text: shown(old) }), " → ", element("ins", { text: shown(fresh) })));
  }
  const steps = now.history
    .filter(({ position }) => position > before.position)
    .map((step) => element("li", { text: `${moment(step.recorded_at)} ${step.by ?? "—"} ${t(`history.${step.action}`)}` }));
  const said = problems.map((one) => element("p", { text: problemText(one) }));
  return element(
    "div",
    { class: "problem conflict", role: "alert" },
    element("p", {}, element("strong", { text: `⇄ ${t("conflict.heading")}` }), element("span", { text: t("conflict.lead") })),
    ...said,
    ...(steps.length ? [element("h4", { text: t("conflict.steps") }), element("ul", {}, ...steps)] : []),
    ...(items.length ? [element("h4", { text: t("conflict.answers") }), element("ul", {}, ...items)] : []),
    element("p", { class: "hint", text: t("conflict.again") }),
  );
}
