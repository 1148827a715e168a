/** The page: holds what is shown, asks for figures, and hands them to map, table and panel. */

import { readDeployment, readPublishedTables } from "./api.js";
import { Chrome } from "./chrome.js";
import { regionName, setLanguage, language, t, writeTexts } from "./i18n.js";
import { Live } from "./live.js";
import { NATION, PUBLISHED, basin, readAddress, region, same, VIEWS, writeAddress } from "./place.js";
import { readPrinted, settled, tablesOf } from "./published.js";
import { basinOutlines, openingPeriod, readAllBasins, readFigures, sceneOf } from "./scene.js";
import { Session } from "./session.js";
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
  #settings = { place: null, indicator: null, period: null, view: VIEWS[0], measure: null, year: null };
  #tables = [];
  #printed = null;
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
      home: () => this.#show(region(this.#session.reader.home), "keyboard"),
      retry: () => this.#retry(),
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
      region: (code, from) => this.#show(region(code), from),
      basin: (code) => this.#show(same(this.#settings.place, basin(code)) ? this.#home() : basin(code), "pointer"),
      up: () => !same(this.#settings.place, this.#home()) && this.#show(this.#home(), "map"),
      say: (text) => this.#chrome.say(text),
    });
    this.#live = new Live(
      () => this.#refresh(),
      (state) => this.#chrome.live(state),
    );
    this.#session = new Session(this.#deployment, document.getElementById("session"), () => this.#entered());
    this.#settings.indicator = indicators[0].code;
    this.#adopt(readAddress());
    this.#drawChrome();
    addEventListener("popstate", () => this.#followAddress());
  }

  /** Take over what an address says and this deployment knows. */
  #adopt({ indicator, period, view, measure, year }) {
    const { indicators, periods } = this.#deployment;
    if (indicators.some(({ code }) => code === indicator)) this.#settings.indicator = indicator;
    if (periods.includes(period)) this.#settings.period = period;
    if (view) this.#settings.view = view;
    if (measure) this.#settings.measure = measure;
    if (year) this.#settings.year = year;
  }

  /** Draw the frame; until the published tables are known, the published view can be chosen if it was. */
  #drawChrome() {
    const { view, indicator } = this.#settings;
    const published = tablesOf(this.#tables, indicator).length > 0 || view === PUBLISHED;
    this.#chrome.draw(this.#deployment, this.#settings, published);
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
    await this.#show((first && readAddress().place) || this.#home(), "start");
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
    try {
      const period = this.#settings.period ?? (await openingPeriod(place, this.#deployment.periods));
      const [figures, tables] = await Promise.all([readFigures(place, period), readPublishedTables()]);
      const settings = { ...this.#settings, place, period, ...settled(this.#settings, tables, VIEWS) };
      const [scene, printed] = await Promise.all([sceneOf(figures), readPrinted(place, settings, tables)]);
      if (turn !== this.#turn) return;
      this.#choice += 1;
      this.#settings = settings;
      this.#figures = figures;
      this.#tables = tables;
      this.#printed = printed;
      this.#drawChrome();
      this.#chrome.done();
      this.#chrome.place(this.#name(), same(place, this.#home()) ? null : this.#homeName());
      this.#workspace.setScene(figures, scene);
      this.#draw("place");
      writeAddress(this.#settings, !QUIET.includes(from));
      this.#workspace.take(from);
      this.#chrome.say(t("live.loaded", { place: this.#name(), count: figures.rows.length }));
      await this.#readBasins(turn);
      if (turn === this.#turn) this.#live.start();
    } catch (problem) {
      if (turn === this.#turn) this.#failed(problem, place);
    } finally {
      if (turn === this.#turn) this.#chrome.busy(false);
    }
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
    const { place, period } = this.#settings;
    try {
      const figures = await readFigures(place, period);
      const basins = await readAllBasins(period, this.#session.reader.home);
      if (turn !== this.#turn) return false;
      const basinsChanged = basins.some((each, k) => each !== this.#basins?.[k]);
      const changed = figures.answer !== this.#figures.answer;
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
    const published = { tables: this.#tables, printed: this.#printed };
    this.#workspace.draw(this.#figures, this.#settings, this.#name(), change, published);
    if (this.#basins) this.#workspace.drawBasins(this.#basins, this.#settings);
    this.#chrome.ledger(this.#figures.ledger);
  }

  #set(settings) {
    const reload = "period" in settings && settings.period !== this.#settings.period;
    Object.assign(this.#settings, settings);
    if (this.#figures && !reload) Object.assign(this.#settings, settled(this.#settings, this.#tables, VIEWS));
    this.#drawChrome();
    if (!this.#figures) return;
    if (reload) this.#show(this.#settings.place, "setting");
    else this.#choose();
  }

  /** Draw what is chosen now; of published amounts chosen one after the other, the last one stays. */
  async #choose() {
    const choice = ++this.#choice;
    const { place } = this.#settings;
    try {
      const printed = await readPrinted(place, this.#settings, this.#tables);
      if (choice !== this.#choice) return;
      this.#printed = printed;
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
    this.#chrome.place(this.#name(), same(this.#settings.place, this.#home()) ? null : this.#homeName());
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
