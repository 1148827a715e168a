/** The small parts that pages are made of: choices, buttons with their key, marks of a state, panels to write in. */

import { element } from "../dom.js";
import { t } from "../i18n.js";

const SIGNS = {
  submitted: "○", returned: "↩", accepted: "✓", withdrawn: "–",
  open: "○", filed: "↑", endorsed: "↟", published: "★",
  explained: "✎", dismissed: "–", gone: "·", conflict: "⇄", flagged: "⚑", disabled: "–",
}; // prettier-ignore

/** Return the mark of a state: a sign and a word, never a colour alone. */
export function mark(state, word) {
  return element(
    "span",
    { class: `mark mark-${state}` },
    element("i", { "aria-hidden": "true", text: SIGNS[state] ?? "·" }),
    word,
  );
}

/** Return a labelled choice; `options` are [value, text], beside them what an address says besides. `changed` hears the value. */
export function choice(label, options, value, changed) {
  const select = element("select", {});
  const unlisted = value && !options.some(([code]) => code === value) ? [[value, value]] : [];
  for (const [code, text] of [...options, ...unlisted]) {
    select.append(element("option", { value: code, text, selected: code === (value ?? "") }));
  }
  select.addEventListener("change", () => changed(select.value));
  return element("label", { class: "filter" }, element("span", { text: label }), select);
}

/** Return a button; `key` is the key that does the same, shown on it. */
export function button(text, pressed, { key = null, kind = "quiet" } = {}) {
  const made = element("button", { type: "button", class: kind, "aria-keyshortcuts": key }, element("span", { text }));
  if (key) made.append(element("kbd", { "aria-hidden": "true", text: key }));
  made.addEventListener("click", () => pressed(made));
  return made;
}

/** Return a labelled text area, and the area itself. */
export function writing(label, { rows = 3, required = true, hint = null, max = 500 } = {}) {
  const area = element("textarea", { rows, required, maxlength: max });
  const holder = element("label", { class: "writing" }, element("span", { text: label }));
  if (hint) holder.append(element("small", { text: hint }));
  holder.append(area);
  return { holder, area };
}

/** Return a labelled line to type in, and the line itself. */
export function line(label, properties = {}) {
  const input = element("input", { type: "text", ...properties });
  return { holder: element("label", { class: "writing" }, element("span", { text: label }), input), input };
}

/**
 * Return a form that sends once: while it waits its buttons rest, and what is refused is said in it.
 *
 * @param parts what is to be filled in
 * @param send async, called on submit
 * @param cancel called on Escape and on the way out
 */
export function panel(heading, parts, send, cancel, { submit = t("panel.send"), complain }) {
  const refused = element("div", { class: "panel-refused" });
  const go = element("button", { type: "submit", class: "primary" }, element("span", { text: submit }), element("kbd", { "aria-hidden": "true", text: "Ctrl ↵" }));
  const out = element("button", { type: "button", class: "quiet" }, element("span", { text: t("panel.cancel") }), element("kbd", { "aria-hidden": "true", text: "Esc" }));
  const form = element("form", { class: "panel" }, element("h3", { text: heading }), ...parts, refused, element("p", { class: "panel-actions" }, go, out));
  out.addEventListener("click", cancel);
  form.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      event.preventDefault();
      event.stopPropagation();
      cancel();
    } else if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      form.requestSubmit();
    }
  });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (go.disabled) return;
    go.disabled = out.disabled = true;
    go.firstChild.textContent = t("panel.busy");
    refused.replaceChildren();
    try {
      await send();
    } catch (problem) {
      complain(refused, problem);
    } finally {
      go.disabled = out.disabled = false;
      go.firstChild.textContent = submit;
    }
  });
  return form;
}

/** Show a dialog with `content` until it is closed; return it. */
export function openDialog(heading, ...content) {
  const close = element("button", { type: "button", class: "quiet dialog-close", "aria-label": t("panel.close"), text: "✕" });
  const dialog = element("dialog", { class: "sheet", "aria-label": heading }, close, element("h2", { text: heading }), ...content);
  close.addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}

/** Return a table of facts: [term, text or node]. */
export function facts(pairs) {
  const list = element("dl", { class: "fact-list" });
  for (const [term, said] of pairs) {
    list.append(element("div", {}, element("dt", { text: term }), element("dd", {}, said)));
  }
  return list;
}
