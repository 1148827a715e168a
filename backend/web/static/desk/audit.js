/** What was done to the accounts of the region, the newest first; nobody can change it. */

import { readJson } from "../api.js";
import { element } from "../dom.js";
import { t } from "../i18n.js";
import { moment } from "./moments.js";
import { problemBox } from "./problems.js";
import { openDialog } from "./widgets.js";

/** Show the acts, page by page. */
export async function openAudit() {
  const list = element("ol", { class: "steps audit" });
  const more = element("button", { type: "button", class: "quiet more", text: t("list.more"), hidden: true });
  const state = element("div", {});
  openDialog(t("audit.show"), element("p", { class: "hint", text: t("audit.hint") }), list, state, more).classList.add("wide");
  let before = null;
  const read = async () => {
    state.replaceChildren(element("p", { class: "loading", text: t("list.loading") }));
    try {
      const page = await readJson("v1/audit", { before, limit: 50 });
      before = page.before;
      list.append(...page.entries.map(row));
      state.replaceChildren(...(list.childElementCount ? [] : [element("p", { class: "empty", text: t("audit.empty") })]));
      more.hidden = before === null;
    } catch (problem) {
      state.replaceChildren(problemBox(problem, read));
    }
  };
  more.addEventListener("click", read);
  await read();
}

const said = (value) => (value ? Object.entries(value).map(([key, each]) => `${key}=${typeof each === "object" ? JSON.stringify(each) : each}`).join(" ") : "");

function row(entry) {
  return element(
    "li",
    {},
    element("time", { datetime: entry.at, text: moment(entry.at) }),
    element("b", { text: t(`audit.${entry.act}`) }),
    element("span", { text: t("audit.who", { actor: entry.actor_name, account: entry.account_name }) }),
    element("small", { text: [said(entry.before), said(entry.after)].filter(Boolean).join(" → ") }),
  );
}
