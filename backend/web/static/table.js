/** The table beside the map: the same figures for keyboard and screen reader, sortable, updated in place. */

import { badge, element, redraw, write } from "./dom.js";
import { basinName, language, regionName, t } from "./i18n.js";
import { grouped, signed } from "./numbers.js";

const number = (text) => (text === null ? null : Number(text));

/** The columns: what they sort by, and what their cell says. */
const COLUMNS = [
  { key: "region", sort: (item) => item.order },
  { key: "rate", sort: (item) => item.figure.order, text: (item) => item.figure.text },
  { key: "goal", sort: (item) => number(item.figure.goal), text: (item) => item.figure.goalText },
  {
    key: "distance",
    sort: (item) => number(item.figure.distance),
    text: (item) => item.figure.distance && signed(item.figure.distance),
  },
  { key: "state", sort: (item) => STATES.indexOf(item.figure.state) },
  { key: "gap", sort: (item) => number(item.figure.gap), text: (item) => item.figure.gap && signed(item.figure.gap) },
  { key: "reports", sort: (item) => item.figure.reports, text: (item) => grouped(item.figure.reports) },
  { key: "warnings", sort: (item) => item.summary.warnings.length * 1e6 + item.summary.flagged_reports },
  { key: "basins", sort: (item) => item.row.basins.length || null },
];
const STATES = ["met", "not_due", "no_goal", "below", "no_data"];

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
  #kind = "rate";
  #sort = { key: "region", ascending: true };

  constructor(host, on) {
    this.#host = host;
    this.#on = on;
    host.append(this.#caption, element("thead", {}, this.#head), this.#body, element("tfoot", {}, this.#foot));
    this.#body.addEventListener("click", (event) => {
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

  /** Show `rows` with their `figures` under a caption. Rows stay unless the place changes; live changes flare up. */
  show({ caption, rows, figures, indicator, total, totalName, totalFigure, change }) {
    if (change === "place") {
      this.#rows.clear();
      this.#sort = { key: "region", ascending: true };
    }
    write(this.#caption, caption);
    this.#kind = totalFigure.kind;
    this.#drawHead();
    this.#items = rows.map((row, order) => {
      const item = { row, order, figure: figures.get(row.region.code), summary: row.indicators[indicator] };
      this.#fill(this.#rowOf(row), item, change === "live");
      return { ...item, tr: this.#rows.get(row.region.code) };
    });
    this.#arrange();
    this.#drawFoot({ row: total, figure: totalFigure, summary: total.indicators[indicator], total: true }, totalName);
  }

  /** Mark the chosen region's row (null: none). */
  choose(code) {
    for (const [each, tr] of this.#rows) {
      if (each === code) tr.setAttribute("aria-current", "true");
      else tr.removeAttribute("aria-current");
    }
    this.#rows.get(code)?.scrollIntoView({ block: "nearest" });
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
    else if (tr && step) tr[step]?.querySelector("button").focus();
    else if (tr && (event.key === "m" || event.key === "M")) this.#on.map(tr.dataset.code);
    else return;
    event.preventDefault();
  }

  #drawHead() {
    const cells = COLUMNS.map(({ key }) => {
      const explain = { distance: 1, gap: 1, warnings: 1 }[key] ? t(`table.${key}.explain`) : null;
      const button = element("button", { type: "button", "data-sort": key, title: explain }, headOf(key, this.#kind));
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
    const direction = t(this.#sort.ascending ? "table.ascending" : "table.descending");
    this.#on.sorted(t("table.sorted", { column: t(`table.${key}`), direction }));
  }

  #arrange() {
    const { key, ascending } = this.#sort;
    const { sort } = COLUMNS.find((column) => column.key === key);
    const sign = ascending ? 1 : -1;
    const ordered = [...this.#items].sort((a, b) => {
      const [left, right] = [sort(a), sort(b)];
      if (left === null || right === null) return (left === null) - (right === null) || a.order - b.order;
      return sign * (left - right) || a.order - b.order;
    });
    const wanted = ordered.map((item) => item.tr);
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
      for (const { key } of COLUMNS.slice(1)) tr.append(element("td", { class: `column-${key}` }));
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
    COLUMNS.slice(1).forEach((column, k) => fillCell(tr.cells[k + 1], column, item, flash));
  }

  #drawFoot(item, name) {
    if (!this.#foot.cells.length) {
      this.#foot.append(element("th", { scope: "row", class: "column-region" }));
      for (const { key } of COLUMNS.slice(1)) this.#foot.append(element("td", { class: `column-${key}` }));
    }
    write(this.#foot.cells[0], name);
    COLUMNS.slice(1).forEach((column, k) => fillCell(this.#foot.cells[k + 1], column, item, false));
  }
}

/** Return the heading of a column; what the figure and its goal are counted in depends on the kind of indicator. */
function headOf(key, kind) {
  return t(kind !== "rate" && (key === "rate" || key === "goal") ? `table.${key}.${kind}` : `table.${key}`);
}

function fillCell(cell, column, item, flash) {
  switch (column.key) {
    case "state":
      redraw(cell, badge(item.figure.state, t(`state.${item.figure.state}`)));
      return;
    case "basins":
      redraw(cell, ...(item.total ? [] : item.row.basins.map((each) => basinChip(each))));
      return;
    case "warnings":
      redraw(cell, ...warningMarks(item.summary));
      return;
    default: {
      const none = column.key === "rate" ? t("state.no_data") : t("table.none");
      const changed = write(cell, column.text(item) ?? none);
      if (changed && flash) flare(cell);
    }
  }
}

function basinChip(basin) {
  return element("span", { class: `chip chip-${basin.tier}` }, `${basinName(basin)} ${t(`tier.${basin.tier}`)}`);
}

function warningMarks({ flagged_reports: flagged, warnings }) {
  if (!flagged && !warnings.length) return [t("table.none")];
  const explain = t("table.warnings.value", { flagged, warnings: warnings.length });
  const marks = flagged ? [element("span", { "aria-hidden": "true" }, grouped(flagged))] : [];
  if (warnings.length) marks.push(element("b", { class: "alert", "aria-hidden": "true", text: "!" }));
  return [
    element("span", { title: explain, class: "warning-marks" }, ...marks),
    element("span", { class: "unseen", text: explain }),
  ];
}

const still = matchMedia("(prefers-reduced-motion: reduce)");

function flare(cell) {
  if (!still.matches) cell.animate([{ backgroundColor: "#cfe9df" }, {}], { duration: 1600, easing: "ease-out" });
}
