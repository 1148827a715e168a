/** The figures themselves: one place, one indicator, one basis, shown by map, table and panel together. */

import { pick, regionName, t } from "./i18n.js";
import { drawLegend } from "./legend.js";
import { RegionMap } from "./map.js";
import { trim } from "./numbers.js";
import { PUBLISHED, reportedView } from "./place.js";
import { printedFigure, printedSteps, shownUnit, tablesOf } from "./published.js";
import { besideFigure } from "./beside.js";
import { drawBasins, drawCards, drawDetail } from "./panel.js";
import { amountClass, amountSteps, figureOf, goalPercent } from "./scale.js";
import { reportCount } from "./scene.js";
import { FigureTable } from "./table.js";
import { placeTip, tipContent } from "./tip.js";
import { PublishedBar, drawPublishedDetail, publishedTip, silence, tableName } from "./yearbook.js";

const byId = (id) => document.getElementById(id);

/** The workspace; `on` hears indicator, measure, year, region(code, from), basin(code), up() and say(text). */
export class Workspace {
  #deployment;
  #on;
  #map;
  #table;
  #bar;
  #tables = [];
  #printed = null;
  #figures = null;
  #scene = null;
  #settings = null;
  #name = "";
  #shown = new Map();
  #chosen = null;
  #steps = [];
  #beside = 0;

  constructor(deployment, on) {
    this.#deployment = deployment;
    this.#on = on;
    this.#map = new RegionMap(byId("map"), {
      open: (code, by) => this.#open(code, by === "keyboard" ? "map" : "pointer"),
      point: (code, box) => this.#point(code, box),
      table: (code) => this.#table.focus(code),
      up: () => this.#up(),
    });
    this.#table = new FigureTable(byId("table"), {
      open: (code, by) => this.#open(code, by === "keyboard" ? "table" : "pointer"),
      point: (code) => this.#map.highlight(code),
      map: (code) => this.#map.focus(code),
      up: () => this.#up(),
      sorted: (text) => on.say(text),
    });
    this.#bar = new PublishedBar(byId("published-bar"), on);
    byId("detail")
      .querySelector(".detail-close")
      .addEventListener("click", () => this.#choose(null));
  }

  /** Set the place: its figures and what the map draws for it. */
  setScene(figures, scene) {
    this.#figures = figures;
    this.#scene = scene;
    this.#chosen = null;
    this.#map.setScene(scene);
  }

  /** Draw the outlines of the key basins. */
  setOutlines(outlines) {
    this.#scene.basins = outlines;
    this.#map.setBasins(outlines);
    this.#drawLegend();
  }

  /**
   * Draw figures under the settings. `change`: "place" after a change of place, "live" when only figures moved.
   * `tables` are the published ones; `printed` is what is shown of them in the published view, else null.
   */
  draw(figures, settings, name, change, { tables, printed }) {
    this.#figures = figures;
    this.#settings = settings;
    this.#name = name;
    this.#tables = tablesOf(tables, settings.indicator);
    this.#printed = printed;
    const { indicator, view } = settings;
    const { rows, total } = figures;
    this.#steps = printed ? printedSteps(rows.map((row) => row.region.code), printed) : [];
    this.#shown = new Map(rows.map((row) => [row.region.code, this.#figure(row)]));
    if (!printed) this.#classAmounts();
    const shown = { indicators: this.#deployment.indicators, chosen: indicator, total, view: reportedView(view) };
    drawCards(byId("cards"), shown, (code) => this.#on.indicator(code));
    this.#bar.draw(printed, this.#tables, figures);
    const { title, caption } = this.#titles();
    byId("map-title").textContent = title;
    this.#map.name(title);
    this.#map.setFigures(this.#onMap());
    this.#table.show({
      caption,
      rows,
      indicator,
      total,
      change,
      figures: this.#shown,
      totalName: printed ? name : t(figures.basin ? "table.total.core" : "table.total"),
      totalFigure: this.#figure(total),
      unit: printed ? shownUnit(printed.table) : "",
    });
    this.#drawLegend();
    this.#drawDetail();
    this.#drawNotes();
  }

  /** Draw the list of key basins. */
  drawBasins(summaries, { indicator, view }) {
    byId("basins-box").hidden = !summaries.length;
    const current = this.#figures.basin?.code ?? null;
    const shown = { summaries, indicator, view: reportedView(view), current };
    drawBasins(byId("basins"), shown, (code) => this.#on.basin(code));
  }

  /** Draw what the language changes and `draw` does not reach. */
  relabel() {
    this.#map.relabel();
  }

  /** Take the focus after a change of place that the keyboard asked for. */
  take(from) {
    if (from === "map") this.#map.focusFirst();
    else if (from === "table") this.#table.focus(null);
    else if (from === "keyboard") byId("place").focus();
  }

  /** Say the figure of the whole. */
  sayTotal() {
    this.#on.say(this.#heard(this.#name, this.#figure(this.#figures.total)));
  }

  #figure(row) {
    if (this.#printed) return printedFigure(row.region.code, this.#printed, this.#steps);
    return figureOf(row, this.#settings.indicator, this.#settings.view);
  }

  #titles() {
    const { period, view } = this.#settings;
    if (this.#printed) {
      const words = { place: this.#name, table: tableName(this.#printed) };
      return { title: t("published.title", words), caption: t("published.caption", words) };
    }
    const words = { place: this.#name, indicator: pick(this.#indicator()), period, view: t(`view.${view}`) };
    return { title: t("map.title", words), caption: t("table.caption", words) };
  }

  #indicator() {
    return this.#deployment.indicators.find(({ code }) => code === this.#settings.indicator);
  }

  #row(code) {
    return this.#figures.rows.find((row) => row.region.code === code);
  }

  #heard(region, figure) {
    if (this.#printed) {
      const value = figure.amount ? `${figure.text}${figure.unit}` : t("published.none");
      return t("published.name", { region, value, table: tableName(this.#printed) });
    }
    const words = { region, indicator: pick(this.#indicator()), state: t(`state.${figure.state}`) };
    if (figure.text === null) return t("map.name.none", words);
    return t("map.name", { ...words, value: `${figure.text}${figure.unit}` });
  }

  /** Amounts have no scale of their own: their classes follow from the greatest on the map. */
  #classAmounts() {
    const figures = [...this.#shown.values()];
    this.#steps = amountSteps(figures);
    for (const figure of figures) {
      if (figure.kind === "cumulative") figure.fill = amountClass(figure, this.#steps);
    }
  }

  #onMap() {
    const entries = this.#figures.rows.map((row) => {
      const figure = this.#shown.get(row.region.code);
      const label = this.#heard(regionName(row.region), figure);
      return [row.region.code, { fill: figure.fill, value: figure.text, label }];
    });
    return new Map(entries);
  }

  #drawLegend() {
    const { indicator } = this.#settings;
    const goal = goalPercent(this.#figures.total.indicators[indicator].goal);
    const goals = new Set(this.#figures.rows.map((row) => goalPercent(row.indicators[indicator].goal)));
    goals.add(goal);
    drawLegend(byId("legend"), {
      kind: this.#printed ? PUBLISHED : this.#figures.total.indicators[indicator].kind,
      title: this.#printed && t("published.legend", { table: tableName(this.#printed), unit: shownUnit(this.#printed.table) }),
      steps: this.#steps,
      goal: goal && trim(goal),
      mixed: goals.size > 1,
      tiers: ["core", "extended"].filter((tier) => this.#scene.basins.some((basin) => basin.tier === tier)),
      outside: this.#scene.shapes.some((shape) => !shape.in_scope),
    });
  }

  #drawDetail() {
    const row = this.#chosen ? this.#row(this.#chosen) : this.#figures.total;
    const name = this.#chosen ? regionName(row.region) : this.#name;
    const { basin, second } = this.#chosen ? { basin: null, second: null } : this.#figures;
    const close = this.#chosen !== null;
    if (this.#printed) {
      const shown = { name, figure: this.#figure(row), printed: this.#printed, figures: this.#figures, close };
      drawPublishedDetail(byId("detail"), shown);
    } else drawDetail(byId("detail"), { row, name, indicator: this.#indicator(), basin, second, close });
    this.#drawBeside(row.region);
  }

  /** Add what stands beside the figure as soon as it is read, unless another region was chosen meanwhile. */
  async #drawBeside(region) {
    const turn = (this.#beside += 1);
    const host = byId("beside");
    if (region.level === "basin") {
      byId("beside-box").hidden = true;
      return;
    }
    const { indicator, period } = this.#settings;
    const found = await besideFigure(region, indicator, period, this.#tables).catch(() => []);
    if (turn !== this.#beside) return;
    host.replaceChildren(...found);
    byId("beside-box").hidden = !found.length;
  }

  #drawNotes() {
    const { missing } = this.#scene;
    const names = missing.map((region) => regionName(region)).join(t("list.comma"));
    const all = missing.length === this.#figures.rows.length;
    byId("map-missing").textContent = missing.length && !all ? t("map.missing", { names }) : "";
    const silent = silence(this.#printed, this.#figures);
    byId("map-note").textContent = [all && t("map.no_shapes"), silent].filter(Boolean).join(t("list.sentence"));
    byId("map-note").hidden = !all && !silent;
    byId("map-note").classList.toggle("map-note-strong", Boolean(silent));
    byId("empty").hidden = this.#printed !== null || reportCount(this.#figures) > 0;
  }

  #open(code, from) {
    const { level } = this.#row(code).region;
    if (level === "province" && this.#figures.region?.code !== code) this.#on.region(code, from);
    else this.#choose(this.#chosen === code ? null : code);
  }

  #choose(code) {
    this.#chosen = code;
    this.#map.choose(code);
    this.#table.choose(code);
    this.#drawDetail();
    if (code) this.#on.say(this.#heard(regionName(this.#row(code).region), this.#shown.get(code)));
  }

  #up() {
    if (this.#chosen) this.#choose(null);
    else this.#on.up();
  }

  #point(code, box) {
    this.#table.highlight(code);
    const tip = byId("tip");
    tip.hidden = !code;
    if (tip.hidden) return;
    const [row, figure] = [this.#row(code), this.#shown.get(code)];
    tip.replaceChildren(...(this.#printed ? publishedTip(row, figure, this.#printed) : tipContent(row, figure)));
    placeTip(tip, box, byId("map"));
  }
}
