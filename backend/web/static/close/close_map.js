/** The close map: counties of the nation as tiles, coloured by figures that came apart, from all of China to a plot. */

import { authorisation } from "../api.js";
import { t } from "../i18n.js";
import { Names } from "./names.js";
import { CURSOR, FILLED, OF_LEVEL, OUTLINES, PLOTS_FROM, closeStyle, plotLayers, textureImages } from "./style.js";

const SERVICE = new URL("../../", import.meta.url);
const REGIONS = new URL("v1/tiles/regions.json", SERVICE).href;
const PLOTS = new URL("v1/tiles/plots.json", SERVICE).href;

/** What can be reached: all of China with its seas, and a margin. */
const REACH = [[55, -6], [152, 62]];

/** The least zoom; from the greatest on, a plot fills the map. */
const [LEAST_ZOOM, GREATEST_ZOOM] = [1.5, 18];

const still = matchMedia("(prefers-reduced-motion: reduce)");

/**
 * A map drawn into `host` by `library` (MapLibre GL JS). `on` hears `open(county, by)` for a click on a county {code,
 * name} ("pointer") or Enter at the middle of the map ("keyboard"), `point(county, box)` (null: none), `moved({zoom, latitude, longitude})`, `drawn()` when
 * nothing is left to be drawn, `table(code)` and `up()` for the keys T and Escape, and `refused()` where tiles want
 * another sign-in.
 */
export class CloseMap {
  #map;
  #on;
  #names;
  #figures = new Map();
  #beside = new Map();
  #outlined = null;
  #level = "county";
  #pointed = null;
  #chosen = null;
  #plots = false;
  /** Whether the style is there: until then what is to be shown waits. */
  #ready = false;
  #asked = null;

  constructor(host, library, on, { at, bounds }) {
    this.#on = on;
    const opening = at ? { center: [at.longitude, at.latitude], zoom: at.zoom } : { bounds };
    this.#map = new library.Map({
      container: host,
      style: closeStyle(REGIONS),
      ...opening,
      fitBoundsOptions: { padding: paddingOf(host) },
      minZoom: LEAST_ZOOM,
      maxZoom: GREATEST_ZOOM,
      maxBounds: REACH,
      renderWorldCopies: false,
      attributionControl: false,
      dragRotate: false,
      pitchWithRotate: false,
      touchPitch: false,
      rollEnabled: false,
      fadeDuration: 0,
      refreshExpiredTiles: false,
      locale: wordsOf(),
      transformRequest: (address) => this.#request(address),
    });
    this.#map.touchZoomRotate.disableRotation();
    this.#map.keyboard.disableRotation();
    this.#map.addControl(new library.NavigationControl({ showCompass: false }), "top-right");
    this.#map.addControl(new library.ScaleControl({ maxWidth: 90 }), "bottom-left");
    this.#names = new Names(host, this.#map, (code) => (this.#figures.get(code) ?? this.#beside.get(code))?.value ?? null);
    this.#map.once("style.load", () => this.#styled());
    this.#listen();
  }

  #styled() {
    for (const [name, image] of Object.entries(textureImages())) this.#map.addImage(name, image, { pixelRatio: 2 });
    this.#ready = true;
    const { level, figures, beside } = this.#asked ?? {};
    if (level) this.setFigures(level, figures, beside);
    this.outline(this.#outlined);
    if (this.#plots) this.#addPlots();
    this.#restate();
  }

  /**
   * Colour the regions of `level` ("county" or "province"): code -> {fill, value}; `beside` are figures of other regions,
   * written beside their names alone.
   */
  setFigures(level, figures, beside) {
    this.#asked = { level, figures, beside };
    this.#beside = beside;
    if (!this.#ready) return;
    if (level !== this.#level) this.#map.removeFeatureState({ source: "regions", sourceLayer: this.#level });
    const before = level === this.#level ? this.#figures : new Map();
    this.#level = level;
    this.#figures = figures;
    for (const [of, layers] of Object.entries(OF_LEVEL)) for (const layer of layers) this.#show(layer, of === level);
    for (const [code, { fill }] of figures) {
      if (before.get(code)?.fill !== fill) this.#state(code, { fill });
    }
    for (const code of before.keys()) if (!figures.has(code)) this.#state(code, { fill: "" });
    this.#restate();
    this.#names.draw();
    this.#map.triggerRepaint();
  }

  /** Draw the outline of the region that the page stands at (null: none). */
  outline(code) {
    this.#outlined = code;
    if (!this.#ready) return;
    for (const layer of OUTLINES) this.#map.setFilter(layer, ["==", ["get", "code"], code ?? ""]);
  }

  /** Show the plots of whoever may see them; false: nobody's. */
  setPlots(shown) {
    if (shown === this.#plots) return;
    this.#plots = shown;
    if (this.#ready) this.#plots ? this.#addPlots() : this.#removePlots();
  }

  /** Write names and controls anew, in another language. */
  relabel() {
    const words = wordsOf();
    for (const [key, selector] of Object.entries(CONTROLS)) {
      const control = this.#map.getContainer().querySelector(selector);
      control?.setAttribute("title", words[key]);
      control?.setAttribute("aria-label", words[key]);
    }
    this.#map.getCanvas().setAttribute("aria-label", words["Map.Title"]);
    this.#names.draw();
  }

  /** Name the map for those who hear it. */
  name(text) {
    this.#map.getCanvas().setAttribute("aria-label", `${text}. ${t("close.hint")}`);
  }

  /** Go to bounds [[west, south], [east, north]]; `slowly`: so that the eye can follow. */
  show(bounds, slowly) {
    const animate = slowly && !still.matches;
    this.#map.fitBounds(bounds, { padding: paddingOf(this.#map.getContainer()), animate, duration: 500 });
  }

  /** Go to a place {zoom, latitude, longitude}. */
  go({ zoom, latitude, longitude }) {
    this.#map.jumpTo({ center: [longitude, latitude], zoom });
  }

  /** Keep the outline of a chosen region (null: none). */
  choose(code) {
    this.#mark("chosen", this.#chosen, code);
    this.#chosen = code;
  }

  /** Show the outline of a region pointed at elsewhere (null: none). */
  highlight(code) {
    this.#mark("pointed", this.#pointed, code);
    this.#pointed = code;
  }

  /** Take over the size of the frame. */
  resize() {
    this.#map.resize();
  }

  focus() {
    this.#map.getCanvas().focus();
  }

  /** Ask for the tiles of plots again, with another sign-in. */
  refreshPlots() {
    if (!this.#plots || !this.#ready) return;
    this.#removePlots();
    this.#addPlots();
  }

  /** Return [zoom, latitude, longitude] of the middle. */
  get at() {
    const { lng, lat } = this.#map.getCenter();
    return { zoom: this.#map.getZoom(), latitude: lat, longitude: lng };
  }

  /** Return the bounds [[west, south], [east, north]] that are shown. */
  get bounds() {
    return this.#map.getBounds().toArray();
  }

  #show(layer, shown) {
    this.#map.setLayoutProperty(layer, "visibility", shown ? "visible" : "none");
  }

  #state(code, state, level = this.#level) {
    if (this.#ready) this.#map.setFeatureState({ source: "regions", sourceLayer: level, id: Number(code) }, state);
  }

  #mark(name, before, code) {
    if (before === code) return;
    if (code && this.#ready) this.#show(CURSOR, true);
    if (before) this.#state(before, { [name]: false }, "county");
    if (code) this.#state(code, { [name]: true }, "county");
  }

  /** Mark again what `removeFeatureState` has forgotten. */
  #restate() {
    if (!this.#chosen) return;
    this.#show(CURSOR, true);
    this.#state(this.#chosen, { chosen: true }, "county");
  }

  #addPlots() {
    if (this.#map.getSource("plots")) return;
    this.#map.addSource("plots", { type: "vector", url: PLOTS });
    for (const layer of plotLayers()) this.#map.addLayer(layer);
  }

  #removePlots() {
    for (const { id } of plotLayers()) if (this.#map.getLayer(id)) this.#map.removeLayer(id);
    if (this.#map.getSource("plots")) this.#map.removeSource("plots");
  }

  /**
   * Everything comes from where the page came from, whatever a service behind a proxy calls itself. Tiles of plots are
   * for whoever signed in: they are asked for as the page asks for everything else.
   */
  #request(address) {
    const path = /v1\/tiles\/.*$/.exec(address)?.[0];
    if (!path) return { url: address };
    const url = new URL(path, SERVICE).href;
    return path.startsWith("v1/tiles/plots") ? { url, headers: authorisation() } : { url };
  }

  #listen() {
    const map = this.#map;
    map.on("idle", () => this.#on.drawn());
    map.on("moveend", () => this.#on.moved(this.at));
    map.on("error", ({ error }) => error?.status === 401 && this.#on.refused());
    map.on("click", ({ point }) => {
      const county = this.#countyAt(point);
      if (county) this.#on.open(county, "pointer");
    });
    map.on("mousemove", ({ point }) => this.#point(point));
    map.getCanvas().addEventListener("mouseleave", () => this.#point(null));
    map.getCanvas().addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      const county = this.#countyAt(map.project(map.getCenter()));
      if (event.key === "Escape") this.#on.up();
      else if (event.key === "Enter" && county) this.#on.open(county, "keyboard");
      else if (event.key === "t" || event.key === "T") this.#on.table(county?.code ?? null);
      else return;
      event.preventDefault();
    });
  }

  #countyAt(point) {
    if (!this.#ready) return null;
    const [found] = this.#map.queryRenderedFeatures(point, { layers: [FILLED.county] });
    return found ? { code: found.properties.code, name: found.properties.name } : null;
  }

  #point(point) {
    const county = point && this.#countyAt(point);
    if (!county && !this.#pointed) return;
    this.#map.getCanvas().style.cursor = county ? "pointer" : "";
    this.highlight(county?.code ?? null);
    const box = point && { left: point.x - 6, right: point.x + 6, top: point.y - 6, bottom: point.y + 6 };
    this.#on.point(county, box);
  }
}

const paddingOf = (host) => (host.clientWidth < 500 ? 8 : 18);

/** The buttons of MapLibre that are named in the language of the page, and where they are. */
const CONTROLS = {
  "NavigationControl.ZoomIn": ".maplibregl-ctrl-zoom-in",
  "NavigationControl.ZoomOut": ".maplibregl-ctrl-zoom-out",
};

function wordsOf() {
  return {
    "Map.Title": t("close.name"),
    "NavigationControl.ZoomIn": t("close.zoom.in"),
    "NavigationControl.ZoomOut": t("close.zoom.out"),
    "ScaleControl.Meters": t("close.metres"),
    "ScaleControl.Kilometers": t("close.kilometres"),
  };
}

/** Whether tiles of plots would be drawn at this zoom. */
export const showsPlots = ({ zoom }) => zoom >= PLOTS_FROM;
