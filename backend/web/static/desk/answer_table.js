/** The answers of a report as a table, with what they were when last decided on; beside them reasons or corrections. */

import { element } from "../dom.js";
import { pick, t } from "../i18n.js";
import { valueOf } from "./forms.js";
import { amount } from "./moments.js";
import { unitName } from "./packs.js";

const asText = (value) => (value === null || value === undefined ? "" : String(value));

/** Return how a value reads: chosen codes by their names, numbers with their thousands marked. */
export function shownValue(row, value = row.value) {
  if (value === null || value === undefined) return "—";
  if (row.kind === "boolean") return t(value ? "answer.yes" : "answer.no");
  if (row.names) return [value].flat().map((code) => (row.names[code] ? pick(row.names[code]) : code)).join("、");
  return row.kind === "text" ? String(value) : amount(value);
}

export class AnswerTable {
  #rows;
  #cells = new Map();

  constructor(rows, catalogue, { warnings, differences }) {
    const before = new Map(differences.map((one) => [one.field, one]));
    const flagged = new Map(warnings.map((one) => [(one.field ?? "").replace(/^\/payload/, ""), one]));
    const known = new Set(rows.map(({ pointer }) => pointer));
    const gone = differences.filter(({ field }) => !known.has(field)).map(goneRow);
    this.#rows = [...rows, ...gone];
    this.extra = element("th", { scope: "col", class: "column-extra", hidden: true });
    const hasBefore = differences.length > 0;
    const head = element("tr", {}, element("th", { scope: "col", text: t("answer.field") }), element("th", { scope: "col", class: "number", text: t("answer.now") }));
    if (hasBefore) head.append(element("th", { scope: "col", class: "number", text: t("answer.before") }));
    head.append(element("th", { scope: "col", text: t("answer.unit") }), this.extra);
    this.body = element("tbody", {});
    let group = null;
    for (const row of this.#rows) {
      const called = row.group ? pick(row.group) : null;
      if (called && called !== group) this.body.append(element("tr", { class: "group" }, element("th", { scope: "rowgroup", colspan: hasBefore ? 5 : 4, text: called })));
      group = called;
      this.body.append(this.#row(row, catalogue, before.get(row.pointer), flagged.get(row.pointer), hasBefore));
    }
    this.root = element("div", { class: "answers" }, element("table", {}, element("caption", { text: t("answer.caption") }), element("thead", {}, head), this.body));
  }

  #row(row, catalogue, difference, warning, hasBefore) {
    const label = element("th", { scope: "row" }, pick(row.label));
    if (warning) label.append(element("span", { class: "mark mark-flagged", title: pick(warning) }, element("i", { "aria-hidden": "true", text: "⚑" }), element("span", { class: "unseen", text: t("review.flag") })));
    const now = element("td", { class: row.kind === "text" ? "text" : "number" }, shownValue(row));
    const line = element("tr", { class: [difference && "differs", warning && "warned"].filter(Boolean).join(" ") || null, "data-field": row.pointer }, label, now);
    if (hasBefore) {
      const was = difference ? element("del", { text: shownValue(row, difference.before) }) : "";
      if (difference) now.prepend(element("span", { class: "unseen", text: t("answer.changed") }));
      line.append(element("td", { class: "number before" }, was));
    }
    const extra = element("td", { class: "column-extra", hidden: true });
    line.append(element("td", { class: "unit", text: unitName(catalogue, row.unit) }), extra);
    this.#cells.set(row.pointer, { row, now, extra, line });
    return line;
  }

  #open(heading) {
    this.extra.textContent = heading;
    this.extra.hidden = false;
    this.root.dataset.writing = "";
  }

  #putInputs(heading, make) {
    this.#open(heading);
    for (const cell of this.#cells.values()) {
      cell.extra.hidden = false;
      cell.extra.replaceChildren(make(cell));
    }
  }

  /** Let a reason be written beside every answer; return how to read them as [pointer, text]. */
  writeReasons() {
    this.#putInputs(t("return.field"), ({ row }) =>
      element("input", { type: "text", maxlength: 500, "aria-label": t("return.of", { field: this.#called(row) }), placeholder: t("return.placeholder") }),
    );
    return () =>
      [...this.#cells]
        .map(([pointer, { extra }]) => [pointer, extra.firstChild.value.trim()])
        .filter(([, text]) => text);
  }

  /** Let every answer be corrected; return how to read what is other than it was, by pointer. */
  writeValues() {
    this.#putInputs(t("correct.field"), ({ row }) => inputOf(row, t("correct.of", { field: this.#called(row) })));
    return () =>
      Object.fromEntries(
        [...this.#cells]
          .map(([pointer, { row, extra }]) => [pointer, valueOf(row, extra.firstChild.value), row])
          .filter(([, value, row]) => asText(value) !== asText(row.value))
          .map(([pointer, value]) => [pointer, value]),
      );
  }

  #called(row) {
    return row.group ? `${pick(row.group)} ${pick(row.label)}` : pick(row.label);
  }

  /** Let Escape and Ctrl+Enter in the inputs mean what they mean in `form`. */
  hear(form) {
    this.heard = form;
    this.body.onkeydown = (event) => {
      const sends = event.key === "Enter" && (event.ctrlKey || event.metaKey);
      if (!event.target.closest("input, select") || !(sends || event.key === "Escape")) return;
      event.preventDefault();
      event.stopPropagation();
      if (sends) form.requestSubmit();
      else form.dispatchEvent(new KeyboardEvent("keydown", { key: "Escape" }));
    };
  }

  /** Return the first place to write in: beside a warning if there is one. */
  firstInput() {
    return this.body.querySelector(".warned .column-extra :is(input, select)") ?? this.body.querySelector(".column-extra :is(input, select)");
  }

  /** Take the inputs away. */
  stopWriting() {
    this.body.onkeydown = null;
    delete this.root.dataset.writing;
    this.extra.hidden = true;
    for (const { extra } of this.#cells.values()) {
      extra.hidden = true;
      extra.replaceChildren();
    }
  }
}

function goneRow({ field, label_zh: zh, label_en: en }) {
  return { pointer: field, group: null, label: { zh, en }, unit: null, names: null, kind: "number", value: null };
}

/** Return the input for the answer of a row, holding what it says. */
export function inputOf(row, label) {
  const holds = asText(row.value);
  if (row.kind === "boolean" || (row.names && !Array.isArray(row.value))) {
    const options = row.names
      ? [["", "—"], ...Object.entries(row.names).map(([code, names]) => [code, pick(names)])]
      : [["true", t("answer.yes")], ["false", t("answer.no")]];
    const select = element("select", { "aria-label": label });
    const chosen = row.kind === "boolean" ? String(Boolean(row.value)) : holds;
    for (const [value, text] of options) select.append(element("option", { value, text, selected: value === chosen }));
    return select;
  }
  const mode = row.kind === "text" ? "text" : row.kind === "integer" ? "numeric" : "decimal";
  return element("input", { type: "text", inputmode: mode, value: holds, "aria-label": label, autocomplete: "off" });
}
