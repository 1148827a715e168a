/** The table beside the map: the same figures for keyboard and screen reader, sortable, updated in place. */

import { columnsOf, fillCell, headingOf, townshipRow } from "./columns.js";
import { element, write } from "./dom.js";
import { language, regionName, t } from "./i18n.js";

/**
 * The table in `host` (a table element). `on` hears `open(code, by)`, `point(code)` for the row under the pointer or
 * focus (null: none), `map(code)` for the key M, `up()` for Escape and `sorted(text)`.
 */
export class FigureTable {
  #host;
  #on;
  #caption = element("caption");
  #head = element("tr");
  #body = element("tbody");
  #foot = element("tr");
  #rows = new Map();
  #items = [];
  #columns = columnsOf("rate");
  #figure = { kind: "rate", unit: "" };
  #sort = { key: "region", ascending: true };
  #below = { code: null, rows: [] };

  constructor(host, on) {
    this.#host = host;
    this.#on = on;
    host.append(this.#caption, element("thead", {}, this.#head), this.#body, element("tfoot", {}, this.#foot));
    this.#body.addEventListener("click", (event) => {
      if (event.target.closest("a")) return;
      const code = event.target.closest("tr")?.dataset.code;
      if (code) on.open(code, event.detail === 0 ? "keyboard" : "pointer");
    });
    const pointed = (event) => on.point(event.target.closest("tr")?.dataset.code ?? null);
    this.#body.addEventListener("pointerover", pointed);
    this.#body.addEventListener("focusin", pointed);
    this.#body.addEventListener("pointerleave", () => on.point(null));
    this.#body.addEventListener("focusout", () => on.point(null));
    host.addEventListener("keydown", (event) => this.#press(event));
  }

  /** Show `rows` with their `figures` under a caption. Rows stay while place and columns do; live changes flare up. */
  show({ caption, rows, figures, indicator, period, total, totalName, totalFigure, unit, change }) {
    const columns = columnsOf(totalFigure.kind);
    if (change === "place" || columns !== this.#columns) {
      this.#rows.clear();
      this.#foot.replaceChildren();
      this.#sort = { key: "region", ascending: true };
    }
    const asked = { indicator, period };
    write(this.#caption, caption);
    this.#columns = columns;
    this.#figure = { kind: totalFigure.kind, unit };
    this.#drawHead();
    this.#items = rows.map((row, order) => {
      const { code } = row.region;
      const item = { row, order, asked, figure: figures.get(code), summary: row.indicators[indicator] };
      this.#fill(this.#rowOf(row), item, change === "live");
      return { ...item, tr: this.#rows.get(code) };
    });
    this.#arrange();
    const summary = total.indicators[indicator];
    this.#drawFoot({ row: total, asked, figure: totalFigure, summary, total: true }, totalName);
  }

  /** Mark the chosen region's row (null: none). */
  choose(code, block = "nearest") {
    for (const [each, tr] of this.#rows) {
      if (each === code) tr.setAttribute("aria-current", "true");
      else tr.removeAttribute("aria-current");
    }
    this.#rows.get(code)?.scrollIntoView({ block });
  }

  /** Show the townships of a county beneath its row; code null: none. */
  showBelow(code, townships) {
    this.#below = { code, rows: townships.map((one) => townshipRow(one, this.#columns)) };
    if (this.#items.length) this.#arrange();
  }

  /** Show which row the map points at (null: none). */
  highlight(code) {
    for (const [each, tr] of this.#rows) tr.classList.toggle("pointed", each === code);
  }

  /** Move the focus to a region's row, or to the first one. */
  focus(code) {
    const tr = this.#rows.get(code) ?? this.#body.firstElementChild;
    tr?.querySelector("button").focus();
  }

  #press(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const tr = event.target.closest("tbody tr");
    const step = { ArrowDown: "nextElementSibling", ArrowUp: "previousElementSibling" }[event.key];
    if (event.key === "Escape") this.#on.up();
    else if (tr && step) beside(tr, step)?.querySelector("button").focus();
    else if (tr?.dataset.code && (event.key === "m" || event.key === "M")) this.#on.map(tr.dataset.code);
    else return;
    event.preventDefault();
  }

  #drawHead() {
    const cells = this.#columns.map((column) => {
      const { key } = column;
      const explain = column.explained ? t(`table.${key}.explain`) : null;
      const heading = headingOf(column, this.#figure);
      const button = element("button", { type: "button", "data-sort": key, title: explain }, heading);
      const order = this.#sort.ascending ? "ascending" : "descending";
      const sorted = this.#sort.key === key ? order : null;
      return element("th", { scope: "col", class: `column-${key}`, "aria-sort": sorted }, button);
    });
    const focused = document.activeElement?.dataset?.sort;
    this.#head.replaceChildren(...cells);
    for (const button of this.#head.querySelectorAll("button")) {
      button.addEventListener("click", () => this.#sortBy(button.dataset.sort));
      if (button.dataset.sort === focused) button.focus();
    }
  }

  #sortBy(key) {
    const first = key === "region" || key === "state" || key === "distance" || key === "rate";
    this.#sort = { key, ascending: this.#sort.key === key ? !this.#sort.ascending : first };
    this.#drawHead();
    this.#arrange();
    const column = t(`table.${key}`, this.#figure);
    const direction = t(this.#sort.ascending ? "table.ascending" : "table.descending");
    this.#on.sorted(t("table.sorted", { column, direction }));
  }

  #arrange() {
    const { key, ascending } = this.#sort;
    const { sort } = this.#columns.find((column) => column.key === key);
    const sign = ascending ? 1 : -1;
    const ordered = [...this.#items].sort((a, b) => {
      const [left, right] = [sort(a), sort(b)];
      if (left === null || right === null) return (left === null) - (right === null) || a.order - b.order;
      return sign * (left - right) || a.order - b.order;
    });
    const wanted = ordered.flatMap(({ tr }) => [tr, ...(tr.dataset.code === this.#below.code ? this.#below.rows : [])]);
    const current = [...this.#body.children];
    if (wanted.length !== current.length || wanted.some((tr, k) => tr !== current[k])) {
      const focused = document.activeElement;
      this.#body.replaceChildren(...wanted);
      if (focused && this.#body.contains(focused)) focused.focus({ preventScroll: true });
    }
  }

  #rowOf({ region }) {
    if (!this.#rows.has(region.code)) {
      const tr = element("tr", { "data-code": region.code });
      tr.append(element("th", { scope: "row", class: "column-region" }, element("button", { type: "button" })));
      for (const { key } of this.#columns.slice(1)) tr.append(element("td", { class: `column-${key}` }));
      this.#rows.set(region.code, tr);
    }
    return this.#rows.get(region.code);
  }

  #fill(tr, item, flash) {
    const name = regionName(item.row.region);
    const button = tr.querySelector("button");
    write(button, name);
    button.lang = name === item.row.region.name ? "zh-CN" : language();
    tr.classList.toggle("empty", item.figure.text === null);
    this.#columns.slice(1).forEach((column, k) => {
      const cell = tr.cells[k + 1];
      if (fillCell(cell, column, item) && flash) flare(cell);
    });
  }

  #drawFoot(item, name) {
    if (!this.#foot.cells.length) {
      this.#foot.append(element("th", { scope: "row", class: "column-region" }));
      for (const { key } of this.#columns.slice(1)) this.#foot.append(element("td", { class: `column-${key}` }));
    }
    write(this.#foot.cells[0], name);
    this.#columns.slice(1).forEach((column, k) => fillCell(this.#foot.cells[k + 1], column, item));
  }
}

/** Return the next row in a direction that can take the focus. */
function beside(tr, step) {
  let next = tr[step];
  while (next && !next.querySelector("button")) next = next[step];
  return next;
}

const still = matchMedia("(prefers-reduced-motion: reduce)");

function flare(cell) {
  if (!still.matches) cell.animate([{ backgroundColor: "#cfe9df" }, {}], { duration: 1600, easing: "ease-out" });
}
