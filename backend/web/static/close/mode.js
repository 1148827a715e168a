/** The map card between its two maps: the statistical one that is always there, and the close one that is fetched. */

import { CLOSE, NATION } from "../place.js";
import { t } from "../i18n.js";
import { drawSwitch } from "../switch.js";
import { figuresOf } from "../values.js";
import { CloseMap, showsPlots } from "./close_map.js";
import { CloseInset } from "./close_inset.js";
import { loadLibrary } from "./library.js";

const STATISTICS = "statistics";

/** All of China but the far south, which the inset shows, as [[west, south], [east, north]] in degrees. */
const CHINA = [[73.4, 17.6], [135.2, 53.7]];

/** How long others wait at most for the close map to be drawn. */
const LONGEST_MS = 5000;

const byId = (id) => document.getElementById(id);

/**
 * The switch and the close map. `on` hears `map(name or null)` for the switch, `noted({at})` when the map was moved,
 * `changed()` when the legend must say something else, `open(county)` and `point(county, box)` for a county {code, name} (null: none),
 * `table(code)`, `up()`, `failed(text)` and `signIn()`.
 */
export class CloseMode {
  #on;
  #host = byId("close");
  #frame = byId("map");
  #map = null;
  #inset = null;
  #wanted = false;
  #values = null;
  #shown = null;
  #beside = new Map();
  #outlined = null;
  #place = null;
  #plots = false;
  #plotted = false;
  #title = "";
  #warming = null;
  #waiting = [];

  constructor(on) {
    this.#on = on;
    new ResizeObserver(() => this.#map?.resize()).observe(this.#host);
  }

  /** Whether the close map is shown. */
  get shown() {
    return this.#wanted && this.#map !== null;
  }

  /** Resolves when nothing is left to draw, or nothing will be; a page in the background draws nothing and is not waited for. */
  drawn() {
    if (!this.#wanted || this.#host.dataset.state === "drawn") return Promise.resolve();
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      setTimeout(resolve, LONGEST_MS);
    });
  }

  /** The figures that the close map shows: {figures, total, steps}, or null. */
  get figures() {
    return this.#shown;
  }

  /** Whether plots are drawn where the map stands. */
  get showsPlots() {
    return this.shown && this.#plots && showsPlots(this.#map.at);
  }

  /** Return the figure of a county, or null. */
  figureOf(code) {
    return this.#shown?.figures.get(code) ?? null;
  }

  /** Show plots to whoever may see them. */
  reader({ grant }) {
    this.#plots = grant?.role === "county";
    this.#map?.setPlots(this.#plots);
  }

  /**
   * Draw under the settings: the place (its scene), the values of counties (null: what is coloured is what was printed of
   * provinces), and the figures of the place's own regions (code -> {fill, value}).
   */
  draw(settings, scene, values, beside, title) {
    this.#title = title;
    this.#outlined = settings.place.kind === "region" && settings.place.code !== NATION ? settings.place.code : null;
    this.#values = values;
    this.#beside = beside;
    this.#shown = values && figuresOf(values);
    this.#drawSwitch(settings.map);
    this.#wanted = settings.map === CLOSE;
    this.#frame.classList.toggle("is-close", this.shown);
    this.#host.hidden = !this.#wanted;
    if (this.#wanted) this.#open(settings, scene);
    else this.#settle();
  }

  #settle() {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }

  /** Write anew in another language. */
  relabel() {
    this.#map?.relabel();
    this.#inset?.relabel();
  }

  choose(code) {
    this.#map?.choose(code);
  }

  highlight(code) {
    this.#map?.highlight(code);
  }

  focus() {
    this.#map?.focus();
  }

  #drawSwitch(map) {
    const choices = [STATISTICS, CLOSE].map((value) => ({ value, text: t(`map.${value}`), title: t(`map.${value}.explain`) }));
    drawSwitch(byId("maps"), "map", choices, map ?? STATISTICS, (value) => this.#on.map(value === CLOSE ? CLOSE : null));
  }

  /** Fetch and make the map before there is anything to show on it: it takes a while to draw for the first time. */
  warm(at) {
    this.#wanted = true;
    return (this.#warming ??= this.#make(at));
  }

  async #make(at) {
    this.#frame.classList.add("is-opening");
    const library = await loadLibrary().catch(() => null);
    this.#frame.classList.remove("is-opening");
    if (!library) return this.#refuse("close.not_loaded");
    try {
      this.#map = this.#made(library, at);
    } catch {
      // The library says in its own ways that there is no WebGL.
      this.#refuse("close.no_webgl");
    }
  }

  async #open(settings, scene) {
    await this.warm(settings.at);
    if (!this.#map || !this.#wanted) return;
    this.#frame.classList.add("is-close");
    this.#map.resize();
    this.#follow(settings, scene);
    this.#colour();
    this.#on.changed();
  }

  #made(library, at) {
    const map = new CloseMap(
      this.#host,
      library,
      {
        open: (county) => this.#on.open(county),
        point: (county, box) => this.#on.point(county, box),
        table: (code) => this.#on.table(code),
        up: () => this.#on.up(),
        refused: () => this.#on.signIn(),
        moved: (to) => this.#moved(to),
        drawn: () => this.#drawn(),
      },
      { at, bounds: CHINA },
    );
    this.#inset = new CloseInset(this.#host);
    map.setPlots(this.#plots);
    return map;
  }

  /** Go where the address says, or where another place is; stay where only settings changed. */
  #follow({ at, place: { kind, code }, chosen }, scene) {
    const before = this.#place;
    this.#place = `${kind}/${code}`;
    if (at) this.#map.go(at);
    else if (before !== this.#place) this.#map.show(boundsOf(scene), before !== null);
    this.#map.choose(chosen ?? null);
  }

  #colour() {
    this.#host.dataset.state = "drawing";
    this.#map.name(this.#title);
    if (this.#shown) {
      const figures = [...this.#shown.figures].map(([code, { fill, text }]) => [code, { fill, value: text }]);
      this.#map.setFigures("county", new Map(figures), this.#beside);
    } else this.#map.setFigures("province", this.#beside, this.#beside);
    this.#map.outline(this.#outlined);
  }

  /** Say that nothing is left to draw, for who waits for it: the tests, and who measures. */
  #drawn() {
    if (this.#place === null || this.#host.dataset.state !== "drawing") return;
    this.#host.dataset.state = "drawn";
    this.#settle();
  }

  #moved(at) {
    if (!this.#map || !this.shown || this.#place === null) return;
    this.#inset.draw(this.#map.bounds, at.zoom);
    this.#on.noted({ at });
    if (this.#plotted !== this.showsPlots) this.#on.changed();
    this.#plotted = this.showsPlots;
  }

  /** Go on with the statistical map, and say why. */
  #refuse(key) {
    this.#wanted = false;
    this.#warming = null;
    this.#host.hidden = true;
    this.#frame.classList.remove("is-close");
    this.#settle();
    this.#on.failed(t(key));
  }
}

function boundsOf({ national, fitted }) {
  if (national) return CHINA;
  const bounds = [[Infinity, Infinity], [-Infinity, -Infinity]];
  for (const { degrees } of fitted) {
    for (const ring of degrees) {
      for (const at of ring) {
        for (const axis of [0, 1]) {
          bounds[0][axis] = Math.min(bounds[0][axis], at[axis]);
          bounds[1][axis] = Math.max(bounds[1][axis], at[axis]);
        }
      }
    }
  }
  return bounds;
}
