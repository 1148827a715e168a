/** Keys of the desk: single letters, only where nothing is being typed; `?` tells them all. */

import { element } from "../dom.js";
import { t } from "../i18n.js";
import { openDialog } from "./widgets.js";

const TYPING = "input, select, textarea, [contenteditable]";

/** Hear keys: `handlers()` returns {key: action} of the page in view. */
export function listen(handlers) {
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest?.(TYPING) || document.querySelector("dialog[open]")) return;
    const action = handlers()[event.key];
    if (!action) return;
    event.preventDefault();
    action();
  });
}

/** Show what the keys do; `keys` are [key, text]. */
export function showHelp(keys) {
  const list = element("dl", { class: "key-list" });
  for (const [names, text] of keys) {
    const term = element("dt", {});
    for (const name of names.split(" ")) term.append(element("kbd", { text: name }));
    list.append(element("div", {}, term, element("dd", { text })));
  }
  openDialog(t("help.title"), element("p", { class: "hint", text: t("help.lead") }), list);
}
