/** What is shown of each row under the settings: its figure with class and words, for map, table and panel alike. */

import { pick, regionName, t } from "./i18n.js";
import { printedFigure, printedSteps } from "./published.js";
import { amountClass, amountSteps, figureOf } from "./scale.js";
import { reportCount } from "./scene.js";
import { figuresOf } from "./values.js";
import { tableName } from "./yearbook.js";

export class Shown {
  /** The bounds of the classes of amounts, where the indicator has no scale of its own. */
  steps;
  #figures;
  #settings;
  #indicators;
  #printed;
  #filed;
  #guest;
  #byCode;

  /**
   * `figures` of a place under `settings`; `printed` is what a yearbook printed, `filed` the values of a view of what
   * was filed, each null in the other views; `guest` says that nobody has signed in.
   */
  constructor(figures, settings, { indicators, printed, filed, guest }) {
    this.#figures = figures;
    this.#settings = settings;
    this.#indicators = indicators;
    this.#printed = printed;
    this.#filed = filed && figuresOf(filed);
    this.#guest = guest;
    const { rows } = figures;
    this.steps = printed ? printedSteps(rows.map((row) => row.region.code), printed) : (this.#filed?.steps ?? []);
    this.#byCode = new Map(rows.map((row) => [row.region.code, this.of(row)]));
    if (!printed && !filed) this.#classAmounts();
  }

  /** All figures by the code of their row. */
  get byCode() {
    return this.#byCode;
  }

  /** The indicator {code, zh, en}. */
  get indicator() {
    return this.#indicators.find(({ code }) => code === this.#settings.indicator);
  }

  /** The figure of a row, or of the total. */
  of(row) {
    if (this.#printed) return printedFigure(row.region.code, this.#printed, this.steps);
    if (this.#filed) return this.#filedFigure(row);
    return figureOf(row, this.#settings.indicator, this.#settings.view);
  }

  /** A figure in words, with the name of its region. */
  heard(region, figure) {
    if (this.#printed) {
      const value = figure.amount ? `${figure.text}${figure.unit}` : t("published.none");
      return t("published.name", { region, value, table: tableName(this.#printed) });
    }
    const words = { region, indicator: pick(this.indicator), state: t(`state.${figure.state}`) };
    if (figure.text === null) return t("map.name.none", words);
    return t("map.name", { ...words, value: `${figure.text}${figure.unit}` });
  }

  /** The title of the map and the caption of the table for a place. */
  titles(place) {
    const { period, view } = this.#settings;
    if (this.#printed) {
      const words = { place, table: tableName(this.#printed) };
      return { title: t("published.title", words), caption: t("published.caption", words) };
    }
    const viewName = t(this.#guest ? "view.guest" : `view.${view}`);
    const words = { place, indicator: pick(this.indicator), period, view: viewName };
    return { title: t("map.title", words), caption: t("table.caption", words) };
  }

  /** What the map draws of each row. */
  onMap() {
    const entries = this.#figures.rows.map((row) => {
      const figure = this.#byCode.get(row.region.code);
      const label = this.heard(regionName(row.region), figure);
      return [row.region.code, { fill: figure.fill, value: figure.text, label }];
    });
    return new Map(entries);
  }

  /** Whether there is anything to show: a report, or for a guest a published figure. */
  get hasAny() {
    if (!this.#guest) return reportCount(this.#figures) > 0;
    return Object.values(this.#figures.total.indicators).some(({ headline }) => headline.counties > 0);
  }

  /** Why a view of what was filed is empty, or "" where it is not. */
  get nothingFiled() {
    if (!this.#filed || [...this.#byCode.values()].some(({ text }) => text !== null)) return "";
    return t(`filed.none.${this.#settings.view}`);
  }

  /** What was filed of a row; reports are counted as they stand, whatever was filed. */
  #filedFigure(row) {
    const filed = row === this.#figures.total ? this.#filed.total : this.#filed.figures.get(row.region.code);
    const standing = figureOf(row, this.#settings.indicator, "headline");
    return { ...(filed ?? { ...standing, text: null, state: "no_data", fill: "no-data" }), reports: standing.reports };
  }

  /** Amounts have no scale of their own: their classes follow from the greatest on the map. */
  #classAmounts() {
    const figures = [...this.#byCode.values()];
    this.steps = amountSteps(figures);
    for (const figure of figures) {
      if (figure.kind === "cumulative") figure.fill = amountClass(figure, this.steps);
    }
  }
}
