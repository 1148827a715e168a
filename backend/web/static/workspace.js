/** The figures themselves: one place, one indicator, one basis, shown by map, table and panel together. */

import { CloseMode } from "./close/mode.js";
import { regionName, t } from "./i18n.js";
import { drawLegend } from "./legend.js";
import { RegionMap } from "./map.js";
import { trim } from "./numbers.js";
import { drawBasins, drawCards } from "./panel.js";
import { Detail } from "./panels/detail.js";
import { ExportMenu } from "./panels/export.js";
import { BY_PREFECTURE, PUBLISHED, reportedView } from "./place.js";
import { shownUnit, tablesOf } from "./published.js";
import { goalPercent } from "./scale.js";
import { readCounty } from "./scene.js";
import { Shown } from "./shown.js";
import { drawSwitch } from "./switch.js";
import { FigureTable } from "./table.js";
import { placeTip, tipContent } from "./tip.js";
import { townshipsOf } from "./townships.js";
import { PublishedBar, publishedTip, silence, tableName } from "./yearbook.js";

const byId = (id) => document.getElementById(id);

/**
 * The workspace; `on` hears indicator, measure, year, by, map(name), region(code, from), basin(code), up(), say(text),
 * signIn(), and noted(settings) for what changes the address alone.
 */
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
  #shown = null;
  #chosen = null;
  #far = null;
  #reader = null;
  #close;
  #detail;
  #export;

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
      point: (code) => this.#highlight(code),
      map: (code) => (this.#close.shown ? this.#close.focus() : this.#map.focus(code)),
      up: () => this.#up(),
      sorted: (text) => on.say(text),
    });
    this.#export = new ExportMenu(byId("export"), (text) => on.say(text));
    this.#bar = new PublishedBar(byId("published-bar"), on);
    this.#detail = new Detail({
      close: () => this.#choose(null),
      drawn: () => this.drawn(),
      panel: (panel) => this.#note({ panel }),
      open: ({ code, level }) => (level === "county" ? this.#openCounty({ code }) : on.region(code, "keyboard")),
    });
    this.#close = new CloseMode({
      map: (map) => on.map(map),
      noted: (settings) => this.#note(settings),
      open: (county) => this.#openCounty(county),
      point: (county, box) => this.#pointClose(county, box),
      table: (code) => this.#table.focus(code),
      up: () => this.#up(),
      signIn: () => on.signIn(),
      changed: () => this.#drawKey(),
      failed: (text) => this.#closeFailed(text),
    });
  }

  /** Make the close map ready for an address that shows it: it is drawn before the one behind it. */
  warm({ map, at }) {
    if (!map) return;
    this.#map.hold();
    this.#close.warm(at);
  }

  /** Resolves when the map that stands in front is drawn: what is read beside it can wait for it. */
  drawn() {
    return this.#close.drawn();
  }

  /** Show what this reader may see. */
  reader(reader) {
    this.#reader = reader;
    this.#detail.reader(reader);
    this.#close.reader(reader);
  }

  /** Set the place: its figures and what the map draws for it. */
  setScene(figures, scene) {
    this.#figures = figures;
    this.#scene = scene;
    this.#chosen = this.#far = null;
    this.#table.showBelow(null, []);
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
   * `tables` are the published ones; `printed` is what is shown of them in the published view, else null; `filed` the
   * values of a view of what was filed, else null; `close` those of the close map, else null.
   */
  draw(figures, settings, name, change, { tables, printed, filed, close }) {
    this.#figures = figures;
    this.#settings = settings;
    this.#name = name;
    this.#tables = tablesOf(tables, settings.indicator);
    this.#printed = printed;
    const { indicator, view, period } = settings;
    const { rows, total } = figures;
    const { indicators } = this.#deployment;
    this.#shown = new Shown(figures, settings, { indicators, printed, filed, guest: this.#reader?.guest });
    const shown = { indicators: this.#deployment.indicators, chosen: indicator, total, view: reportedView(view) };
    drawCards(byId("cards"), shown, (code) => this.#on.indicator(code));
    this.#bar.draw(printed, this.#tables, figures);
    const { title, caption } = this.#shown.titles(name);
    byId("map-title").textContent = title;
    this.#map.name(title);
    this.#map.setFigures(this.#shown.onMap());
    this.#close.draw(settings, this.#scene, close, this.#shown.onMap(), title);
    this.drawn().then(() => this.#map.release());
    this.#drawRowSwitch();
    this.#offerExport();
    this.#table.show({
      caption,
      rows,
      indicator,
      period,
      total,
      change,
      figures: this.#shown.byCode,
      totalName: printed ? name : t(figures.basin ? "table.total.core" : "table.total"),
      totalFigure: this.#shown.of(total),
      unit: printed ? shownUnit(printed.table) : "",
    });
    if (change === "place") this.#takeChosen();
    else if (this.#far) this.#readFar(this.#far.code);
    if (this.#chosen && change !== "place") this.#showTownships(this.#chosen);
    this.#drawKey();
    this.#drawDetail();
  }

  /** Choose what the address says was chosen. */
  #takeChosen() {
    const { chosen, place } = this.#settings;
    const code = chosen ?? (this.#figures.region?.level === "county" ? place.code : null);
    if (code && this.#row(code)) this.#mark(code, "center");
    else if (code) this.#readFar(code);
  }

  /** Draw what tells how to read the map. */
  #drawKey() {
    this.#drawLegend();
    this.#drawNotes();
  }

  #note(settings) {
    Object.assign(this.#settings, settings);
    this.#on.noted(settings);
  }

  #drawRowSwitch() {
    const host = byId("rows-by");
    host.hidden = this.#figures.region?.level !== "province";
    if (host.hidden) return;
    const choices = ["county", BY_PREFECTURE].map((value) => ({ value, text: t(`rows.${value}`) }));
    const chosen = this.#figures.by ?? "county";
    drawSwitch(host, "by", choices, chosen, (by) => this.#on.by(by === BY_PREFECTURE ? by : null));
  }

  /** What yearbooks printed is not ours to give out as files. */
  #offerExport() {
    const { place, period, indicator, view } = this.#settings;
    const by = this.#figures.rows[0]?.region.level ?? "county";
    const asked = { place, period, indicator, by, published: view === "official" || Boolean(this.#reader?.guest) };
    this.#export.show(this.#printed ? null : asked);
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
    this.#close.relabel();
  }

  /** Take the focus after a change of place that the keyboard asked for. */
  take(from) {
    if (from === "map" && this.#close.shown) this.#close.focus();
    else if (from === "map") this.#map.focusFirst();
    else if (from === "table") this.#table.focus(null);
    else if (from === "keyboard") byId("place").focus();
  }

  /** Say the figure of the whole. */
  sayTotal() {
    this.#on.say(this.#shown.heard(this.#name, this.#shown.of(this.#figures.total)));
  }

  #row(code) {
    return this.#figures.rows.find((row) => row.region.code === code);
  }

  #drawLegend() {
    const { indicator } = this.#settings;
    const close = this.#close.shown ? this.#close.figures : null;
    const goal = goalPercent(this.#figures.total.indicators[indicator].goal);
    const goals = new Set(this.#figures.rows.map((row) => goalPercent(row.indicators[indicator].goal)));
    goals.add(goal);
    drawLegend(byId("legend"), {
      kind: this.#printed ? PUBLISHED : this.#figures.total.indicators[indicator].kind,
      title: this.#printed && t("published.legend", { table: tableName(this.#printed), unit: shownUnit(this.#printed.table) }),
      steps: close?.steps ?? this.#shown.steps,
      goal: goal && trim(goal),
      mixed: goals.size > 1,
      tiers: ["core", "extended"].filter((tier) => close || this.#scene.basins.some((basin) => basin.tier === tier)),
      outside: Boolean(close) || this.#scene.shapes.some((shape) => !shape.in_scope),
      plots: this.#close.showsPlots,
    });
  }

  #drawDetail() {
    const chosen = this.#far?.row ?? (this.#chosen && this.#row(this.#chosen));
    const row = chosen || this.#figures.total;
    const name = chosen ? regionName(row.region) : this.#name;
    const { basin, second } = chosen ? { basin: null, second: null } : this.#figures;
    const { period, view, panel } = this.#settings;
    const asked = {
      ...{ row, name, indicator: this.#shown.indicator, period, view, basin, second },
      ...{ close: Boolean(chosen) && this.#figures.region?.code !== row.region.code, guest: this.#reader?.guest },
      ...{ printed: this.#printed, figures: this.#figures, tables: this.#tables, figure: this.#shown.of(row) },
    };
    this.#detail.show(asked, panel);
  }

  #drawNotes() {
    const { missing } = this.#scene;
    const names = missing.map((region) => regionName(region)).join(t("list.comma"));
    const all = missing.length === this.#figures.rows.length;
    byId("map-missing").textContent = missing.length && !all ? t("map.missing", { names }) : "";
    const silent = silence(this.#printed, this.#figures) || this.#shown.nothingFiled;
    byId("map-note").textContent = [all && t("map.no_shapes"), silent].filter(Boolean).join(t("list.sentence"));
    byId("map-note").hidden = !all && !silent;
    byId("map-note").classList.toggle("map-note-strong", Boolean(silent));
    byId("map-projection").textContent = t(this.#close.shown ? "close.projection" : "map.projection");
    byId("empty").textContent = t(this.#reader?.guest ? "table.empty.guest" : "table.empty");
    byId("empty").hidden = this.#printed !== null || this.#shown.hasAny;
  }

  #open(code, from) {
    const { level } = this.#row(code).region;
    const isPlace = level === "province" || level === "prefecture";
    if (isPlace && this.#figures.region?.code !== code) this.#on.region(code, from);
    else this.#choose(this.#chosen === code ? null : code);
  }

  /** Open a county of the close map or a panel, which need not be among the rows. */
  #openCounty({ code }) {
    if (this.#row(code)) this.#choose(this.#chosen === code ? null : code);
    else if (this.#far?.code === code) this.#choose(null);
    else this.#readFar(code, true);
  }

  /** Read a county that is no row here, and show what stands behind its figure. */
  async #readFar(code, isNew = false) {
    const figures = this.#figures;
    const row = await readCounty(code, this.#settings.period).catch(() => null);
    if (!row || figures.region?.code !== this.#figures.region?.code) return;
    if (isNew) this.#choose(null);
    this.#far = { code, row };
    this.#close.choose(code);
    if (isNew) this.#note({ chosen: code });
    this.#drawDetail();
    if (isNew) this.#on.say(this.#shown.heard(regionName(row.region), this.#shown.of(row)));
  }

  #choose(code) {
    this.#mark(code);
    this.#note({ chosen: code });
    this.#drawDetail();
    if (code) this.#on.say(this.#shown.heard(regionName(this.#row(code).region), this.#shown.byCode.get(code)));
  }

  #mark(code, block) {
    this.#chosen = code;
    this.#far = null;
    this.#map.choose(code);
    this.#close.choose(code);
    this.#showTownships(code);
    this.#table.choose(code, block);
  }

  /** Show the townships of a county beneath its row, once they are read. */
  async #showTownships(code) {
    const county = code && this.#row(code)?.region.level === "county";
    if (!county || this.#reader?.guest || this.#printed) return this.#table.showBelow(null, []);
    const rows = await townshipsOf(code, this.#settings).catch(() => []);
    return code === this.#chosen && this.#table.showBelow(code, rows);
  }

  #up() {
    if (this.#chosen || this.#far) this.#choose(null);
    else this.#on.up();
  }

  #highlight(code) {
    this.#map.highlight(code);
    this.#close.highlight(code);
  }

  #point(code, box) {
    this.#table.highlight(code);
    this.#tell(code && this.#row(code), code && this.#shown.byCode.get(code), box);
  }

  /** Point at a county {code, name} of the close map. */
  #pointClose(county, box) {
    this.#table.highlight(county?.code ?? null);
    if (!county) return this.#tell(null);
    const row = this.#row(county.code) ?? { region: county, basins: [] };
    return this.#tell(row, this.#close.figureOf(county.code) ?? this.#shown.byCode.get(county.code), box);
  }

  #tell(row, figure, box) {
    const tip = byId("tip");
    tip.hidden = !row || !figure;
    if (tip.hidden) return;
    tip.replaceChildren(...(figure.kind === PUBLISHED ? publishedTip(row, figure, this.#printed) : tipContent(row, figure)));
    placeTip(tip, box, byId("map"));
  }

  /** Without the close map the statistical one stays; it says why, as soon as there is something on it. */
  #closeFailed(text) {
    if (!this.#settings) return;
    this.#note({ map: null });
    byId("map-note").textContent = text;
    byId("map-note").hidden = false;
    byId("map-note").classList.add("map-note-strong");
    this.#on.say(text);
  }
}
