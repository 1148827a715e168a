/** The page: holds what is shown, asks for figures, and hands them to map, table and panel. */

import { readDeployment } from "./api.js";
import { Chrome } from "./chrome.js";
import { regionName, setLanguage, language, t, writeTexts } from "./i18n.js";
import { Live } from "./live.js";
import { NATION, PANELS, basin, readAddress, region, same, VIEWS, writeAddress } from "./place.js";
import { offeredViews, settled } from "./published.js";
import { readApart, readPlace } from "./reading.js";
import { basinOutlines, readAllBasins, readFigures } from "./scene.js";
import { Session } from "./session.js";
import { pathTo } from "./trail.js";
import { Workspace } from "./workspace.js";

/** A 401 so soon after a sign-in is no expiry: asking again would only go round in circles. */
const RENEWAL_MS = 5000;

/** How long the page waits before it asks again a server that did not answer. */
const RETRY_MS = 5000;

/** What changes the address without being a step to go back from. */
const QUIET = ["start", "setting", "history"];

class App {
  #deployment;
  #chrome;
  #workspace;
  #session;
  #live;
  #settings = { place: null, indicator: null, period: null, view: VIEWS[0], panel: PANELS[0] };
  #tables = [];
  #apart = { printed: null, filed: null, close: null };
  #choice = 0;
  #figures = null;
  #basins = null;
  #turn = 0;
  #renewed = 0;
  #wake = null;

  /** Read what the deployment is, then sign in. */
  async start() {
    setLanguage(language());
    writeTexts();
    this.#chrome = new Chrome({
      period: (period) => this.#set({ period }),
      view: (view) => this.#set({ view }),
      language: () => this.#speak(language() === "zh" ? "en" : "zh"),
      place: (code) => this.#show(region(code), "keyboard"),
      home: () => this.#show(this.#home(), "keyboard"),
      retry: () => this.#retry(),
      signIn: () => this.#session.ask(),
    });
    this.#deployment = await this.#connect();
    this.#build();
    await this.#signIn();
  }

  async #connect() {
    for (;;) {
      try {
        return await readDeployment();
      } catch (problem) {
        await this.#wait(problem);
      }
    }
  }

  async #signIn() {
    while (!this.#session.reader) {
      try {
        await this.#session.start();
        return;
      } catch (problem) {
        await this.#wait(problem);
      }
    }
  }

  /** Show a problem and wait a while, or until the reader asks to try again. */
  #wait(problem) {
    if (!("zh" in problem)) throw problem;
    this.#chrome.fail(problem, false);
    return new Promise((resolve) => {
      this.#wake = resolve;
      setTimeout(resolve, RETRY_MS);
    });
  }

  #build() {
    const { indicators } = this.#deployment;
    this.#workspace = new Workspace(this.#deployment, {
      indicator: (indicator) => this.#set({ indicator }),
      measure: (measure) => this.#set({ measure }),
      year: (year) => this.#set({ year }),
      by: (by) => this.#set({ by }),
      map: (map) => this.#set({ map, at: null }),
      noted: (settings) => this.#note(settings),
      signIn: () => this.#session.renew(),
      region: (code, from) => this.#show(region(code), from),
      basin: (code) => this.#show(same(this.#settings.place, basin(code)) ? this.#home() : basin(code), "pointer"),
      up: () => !same(this.#settings.place, this.#home()) && this.#show(this.#home(), "map"),
      say: (text) => this.#chrome.say(text),
    });
    this.#live = new Live(
      () => this.#refresh(),
      (state) => this.#chrome.live(state),
    );
    this.#session = new Session(this.#deployment, () => this.#entered(), { guests: true });
    this.#settings.indicator = indicators[0].code;
    this.#adopt(readAddress());
    this.#workspace.warm(this.#settings);
    this.#drawChrome();
    addEventListener("popstate", () => this.#followAddress());
  }

  /** Take over what an address says and this deployment knows; what is no setting of its own is as the address says. */
  #adopt({ indicator, period, view, measure, year, ...rest }) {
    const { indicators, periods } = this.#deployment;
    if (indicators.some(({ code }) => code === indicator)) this.#settings.indicator = indicator;
    if (periods.includes(period)) this.#settings.period = period;
    if (view) this.#settings.view = view;
    if (measure) this.#settings.measure = measure;
    if (year) this.#settings.year = year;
    const { by, map, at, chosen, panel = PANELS[0] } = rest;
    Object.assign(this.#settings, { by, map, at, chosen, panel });
  }

  #drawChrome() {
    const guest = Boolean(this.#session?.reader?.guest);
    this.#chrome.draw(this.#deployment, this.#settings, offeredViews(this.#settings, this.#tables, guest), guest);
  }

  #home() {
    return region(this.#session.reader.home);
  }

  async #entered() {
    const first = this.#settings.place === null;
    this.#turn += 1;
    this.#live.stop();
    this.#chrome.reader(this.#session);
    this.#basins = null;
    this.#figures = null;
    if (!this.#session.reader) {
      this.#settings.place = null;
      this.#chrome.clear();
      return;
    }
    if (!this.#session.reader.reads) {
      this.#chrome.explain(this.#session);
      return;
    }
    this.#workspace.reader(this.#session.reader);
    const place = (first && readAddress().place) || this.#home();
    if (!first) Object.assign(this.#settings, { chosen: null, at: null, panel: PANELS[0] });
    await this.#show(place, "start");
  }

  #followAddress() {
    if (!this.#session.reader?.reads) return;
    const address = readAddress();
    this.#adopt(address);
    this.#drawChrome();
    this.#show(address.place ?? this.#home(), "history");
  }

  /** Show another place. `from` says what asked ("map", "table", "pointer", ...), so that focus can follow. */
  async #show(place, from) {
    const turn = ++this.#turn;
    this.#live.stop();
    this.#chrome.busy(true);
    const settings = QUIET.includes(from) ? this.#settings : { ...this.#settings, by: null, chosen: null, at: null };
    try {
      const found = await readPlace(place, { ...settings, ...this.#allowed(settings) }, this.#deployment.periods);
      if (turn !== this.#turn) return;
      this.#choice += 1;
      ({ settings: this.#settings, figures: this.#figures, tables: this.#tables } = found);
      this.#apart = found;
      this.#drawChrome();
      this.#chrome.done();
      this.#drawPath(turn);
      this.#workspace.setScene(found.figures, found.scene);
      this.#draw("place");
      writeAddress(this.#settings, !QUIET.includes(from));
      this.#workspace.take(from);
      this.#chrome.say(t("live.loaded", { place: this.#name(), count: found.figures.rows.length }));
      await this.#workspace.drawn();
      if (turn === this.#turn) await this.#readBasins(turn);
      if (turn === this.#turn) this.#live.start();
    } catch (problem) {
      if (turn === this.#turn) this.#failed(problem, place);
    } finally {
      if (turn === this.#turn) this.#chrome.busy(false);
    }
  }

  /** Return a view that whoever has not signed in may have instead of one that they may not. */
  #allowed(settings) {
    const guest = this.#session.reader.guest && ![VIEWS[0], VIEWS.at(-1)].includes(settings.view);
    return guest ? { view: VIEWS[0] } : {};
  }

  /** Name the place, and the regions above it as soon as they are known. */
  #drawPath(turn) {
    const { place } = this.#settings;
    const home = same(place, this.#home()) ? null : { code: this.#session.reader.home, name: this.#homeName() };
    this.#chrome.place(this.#name(), home ? [home] : []);
    if (!home || place.kind === "basin") return;
    pathTo(this.#settings, home).then((path) => turn === this.#turn && this.#chrome.place(this.#name(), path));
  }

  async #readBasins(turn) {
    const summaries = await readAllBasins(this.#settings.period, this.#session.reader.home);
    if (turn !== this.#turn) return;
    this.#basins = summaries;
    this.#workspace.drawBasins(summaries, this.#settings);
    const outlines = await basinOutlines(summaries, this.#figures);
    if (turn === this.#turn) this.#workspace.setOutlines(outlines);
  }

  async #refresh() {
    const turn = this.#turn;
    const { place, period, by } = this.#settings;
    try {
      const [figures, basins, apart] = await Promise.all([
        readFigures(place, period, by),
        readAllBasins(period, this.#session.reader.home),
        readApart(this.#settings, this.#tables),
      ]);
      if (turn !== this.#turn) return false;
      const basinsChanged = basins.some((each, k) => each !== this.#basins?.[k]);
      const apartChanged = ["filed", "close"].some((name) => apart[name] !== this.#apart[name]);
      const changed = figures.answer !== this.#figures.answer || apartChanged;
      Object.assign(this.#apart, apart);
      this.#figures = figures;
      this.#basins = basins;
      if (changed) this.#draw("live");
      else if (basinsChanged) this.#workspace.drawBasins(basins, this.#settings);
      return changed || basinsChanged;
    } catch (problem) {
      if (problem.status === 401) this.#failed(problem, place);
      throw problem;
    }
  }

  #draw(change) {
    this.#workspace.draw(this.#figures, this.#settings, this.#name(), change, { ...this.#apart, tables: this.#tables });
    if (this.#basins) this.#workspace.drawBasins(this.#basins, this.#settings);
    this.#chrome.ledger(this.#figures.ledger);
  }

  /** Take over what the workspace did by itself: it changes the address and nothing else. */
  #note(settings) {
    Object.assign(this.#settings, settings);
    if (this.#figures) writeAddress(this.#settings, false);
  }

  #set(settings) {
    const reload = ["period", "by"].some((name) => name in settings && settings[name] !== this.#settings[name]);
    Object.assign(this.#settings, settings);
    if (this.#figures && !reload) Object.assign(this.#settings, settled(this.#settings, this.#tables, VIEWS));
    this.#drawChrome();
    if (!this.#figures) return;
    if (reload) this.#show(this.#settings.place, "setting");
    else this.#choose();
  }

  /** Draw what is chosen now; of settings chosen one after the other, the last one stays. */
  async #choose() {
    const choice = ++this.#choice;
    const { place } = this.#settings;
    try {
      const apart = await readApart(this.#settings, this.#tables);
      if (choice !== this.#choice) return;
      Object.assign(this.#apart, apart);
      writeAddress(this.#settings, false);
      this.#draw("setting");
      this.#workspace.sayTotal();
    } catch (problem) {
      if (choice === this.#choice) this.#failed(problem, place);
    }
  }

  #speak(code) {
    setLanguage(code);
    writeTexts();
    this.#chrome.relabel();
    if (!this.#session) return;
    this.#drawChrome();
    this.#chrome.reader(this.#session);
    if (!this.#session.reader) return;
    if (!this.#session.reader.reads) this.#chrome.explain(this.#session);
    if (!this.#figures) return;
    this.#drawPath(this.#turn);
    this.#workspace.relabel();
    this.#draw("setting");
  }

  #retry() {
    if (this.#session?.reader) this.#show(this.#settings.place ?? this.#home(), "setting");
    else this.#wake?.();
  }

  async #failed(problem, place) {
    if (problem.status === 401 && Date.now() - this.#renewed > RENEWAL_MS) {
      this.#renewed = Date.now();
      this.#settings.place = null;
      await this.#session.renew().catch((refusal) => this.#chrome.fail(refusal, false));
      return;
    }
    if (!("zh" in problem)) throw problem;
    this.#settings.place = place;
    this.#chrome.fail(problem, !same(place, this.#home()));
    const turn = this.#turn;
    const passing = problem.status === 0 || problem.status >= 500;
    if (passing) setTimeout(() => turn === this.#turn && this.#retry(), RETRY_MS);
  }

  #name() {
    const { basin: own, region: named } = this.#figures;
    if (own) return t("place.basin", { name: language() === "en" ? own.name_en : own.name });
    return regionName(named);
  }

  #homeName() {
    const { home, grant } = this.#session.reader;
    return regionName({ code: home, name: home === NATION ? "全国" : grant.region_name });
  }
}

new App().start();
