/** What the accepted reports add up to beside what the statement says, with the reasons for what differs. */

import { element } from "../dom.js";
import { pick, t } from "../i18n.js";
import { amount } from "./moments.js";
import { unitName } from "./packs.js";

/** The key of the reason that stands for a statement without any accepted report behind it. */
const WHOLE = "";

export class DraftTable {
  #lines = new Map();

  /** @param frozen the differences that the last filing gave reasons for */
  constructor(draft, catalogue, frozen) {
    const reasons = new Map(frozen.map((one) => [one.key, one.reason]));
    const differing = new Map(draft.differences.map((one) => [one.key, one]));
    this.extra = element("th", { scope: "col", class: "column-extra", hidden: true });
    const head = element(
      "tr",
      {},
      ...["draft.field", "draft.accepted", "draft.stated", "answer.unit"].map((key, k) =>
        element("th", { scope: "col", class: k === 1 || k === 2 ? "number" : null, text: t(key) }),
      ),
      this.extra,
    );
    const rows = rowsOf(draft);
    this.body = element("tbody", {}, ...rows.map((row) => this.#line(row, catalogue, differing.get(row.key), reasons.get(row.key))));
    const empty = rows.length ? [] : [element("p", { class: "hint", text: t(draft.reports ? "draft.empty" : "draft.noreports") })];
    const stated = draft.statement ? [] : [element("p", { class: "hint", text: t("draft.nostatement") })];
    const table = element("table", {}, element("caption", { text: t("draft.caption") }), element("thead", {}, head), this.body);
    this.root = element("div", { class: "answers" }, ...(rows.length ? [table] : []), ...empty, ...stated);
  }

  #line(row, catalogue, difference, reason) {
    const label = element("th", { scope: "row" }, pick(row));
    if (difference) label.append(element("span", { class: "mark mark-conflict" }, element("i", { "aria-hidden": "true", text: "≠" }), t("draft.differs")));
    if (reason) label.append(element("small", { class: "given", text: t("draft.given", { reason }) }));
    const extra = element("td", { class: "column-extra", hidden: true });
    const line = element(
      "tr",
      { class: difference ? "differs" : null, "data-key": row.key },
      label,
      element("td", { class: "number", text: amount(row.accepted) }),
      element("td", { class: "number", text: amount(row.stated) }),
      element("td", { class: "unit", text: unitName(catalogue, row.unit) }),
      extra,
    );
    this.#lines.set(row.key, { row, extra });
    return line;
  }

  /** Return how the field of a reason is called. */
  called(field) {
    const found = [...this.#lines.values()].find(({ row }) => row.field === field);
    return found ? pick(found.row) : field;
  }

  #open(heading) {
    this.extra.textContent = heading;
    this.extra.hidden = false;
    this.root.dataset.writing = "";
    for (const { extra } of this.#lines.values()) extra.hidden = false;
  }

  /** Ask for the reason of every difference; return how to read them by key. */
  writeReasons(draft) {
    const asked = new Map();
    this.#open(t("draft.reason"));
    for (const { key } of draft.differences) {
      const { row, extra } = this.#lines.get(key);
      const input = element("input", { type: "text", maxlength: 2000, "aria-label": t("draft.reason.of", { field: pick(row) }), placeholder: t("draft.reason.placeholder") });
      extra.replaceChildren(input);
      asked.set(key, input);
    }
    if (!draft.reports) {
      const input = element("input", { type: "text", maxlength: 2000, placeholder: t("draft.reason.placeholder") });
      this.whole = element("label", { class: "writing" }, element("span", { text: t("draft.whole") }), input);
      this.root.append(this.whole);
      asked.set(WHOLE, input);
    }
    return () => Object.fromEntries([...asked].map(([key, input]) => [key, input.value.trim()]).filter(([, text]) => text));
  }

  /** Let a remark be written on every field; return how to read them as reasons of a return. */
  writeRemarks() {
    this.#open(t("return.field"));
    for (const { row, extra } of this.#lines.values()) {
      extra.replaceChildren(element("input", { type: "text", maxlength: 2000, "aria-label": t("return.of", { field: pick(row) }), placeholder: t("return.placeholder") }));
    }
    return () =>
      [...this.#lines.values()]
        .map(({ row, extra }) => ({ field: row.field ?? null, text: extra.firstChild.value.trim() }))
        .filter(({ text }) => text);
  }

  /** Let Escape and Ctrl+Enter in the inputs mean what they mean in `form`. */
  hear(form) {
    this.root.onkeydown = (event) => {
      const sends = event.key === "Enter" && (event.ctrlKey || event.metaKey);
      if (!event.target.closest("input") || !(sends || event.key === "Escape")) return;
      event.preventDefault();
      event.stopPropagation();
      if (sends) form.requestSubmit();
      else form.dispatchEvent(new KeyboardEvent("keydown", { key: "Escape" }));
    };
  }

  /** Take the inputs away. */
  stopWriting() {
    this.root.onkeydown = null;
    delete this.root.dataset.writing;
    this.whole?.remove();
    this.extra.hidden = true;
    for (const { extra } of this.#lines.values()) {
      extra.hidden = true;
      extra.replaceChildren();
    }
  }
}

/** Return the rows of a draft: what follows from the reports, and what differs besides. */
function rowsOf(draft) {
  const rows = new Map(draft.values.map((one) => [one.key, one]));
  for (const one of draft.differences) if (!rows.has(one.key)) rows.set(one.key, one);
  return [...rows.values()];
}
