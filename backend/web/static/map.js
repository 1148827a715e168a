/** The map itself: an SVG of regions coloured by figure, redrawn at every size, usable by pointer and keyboard. */

import { extentOf, labelSpot, outlineOf, pathOf } from "./geometry.js";
import { fitBeside, pointsOf } from "./framing.js";
import { basinName, language, mapName, t } from "./i18n.js";
import { drawInset, insetFrame } from "./inset.js";
import { anchorOf, drawLabels, islandItems } from "./labels.js";
import { neighbour } from "./neighbour.js";
import { fit } from "./projection.js";
import { paint, svg, textures } from "./svg.js";

/** The main frame of a map with the inset ends south of Hainan island; what lies beyond is in the inset. */
const SOUTHMOST = 18;

/** The dashes of the line that the main frame shows whole, east and south of Taiwan, begin north of this latitude. */
const DASHES_FROM = 20.5;

/** A map narrower than this shows names without rates. */
const SMALL_PX = 500;

/** The least extent of a map in metres, so that one small county is not blown up beyond its detail. */
const LEAST_M = 60000;

/**
 * A map drawn into `host`. `on` hears `open(code, by)` for a click ("pointer") or Enter ("keyboard") on a region,
 * `point(code, box)` when a region is pointed at (null: none; box in px), `table(code)` and `up()` for the keys T and Escape.
 *
 * A scene holds shapes (regions), groups (lists of shapes whose outer line is drawn), context (drawn, not part of the
 * figures), outlined (a coverage, likewise), waters, lines, basins [{code, tier, shapes}], fitted (what fills the frame), inset and national (booleans).
 */
export class RegionMap {
  #host;
  #on;
  #root;
  #layers = {
    land: svg("g", { id: "map-land" }),
    waters: svg("g", { class: "waters", "aria-hidden": "true" }),
    basins: svg("g", { class: "basins", "aria-hidden": "true" }),
    lines: svg("g", { id: "map-lines", "aria-hidden": "true" }),
    labels: svg("g", { class: "labels", "aria-hidden": "true" }),
    inset: svg("g", { class: "inset", role: "img" }),
  };
  #cursor = svg("path", { class: "cursor", "aria-hidden": "true" });
  #scene = null;
  #view = null;
  #size = { width: 0, height: 0 };
  #frame = null;
  #figures = new Map();
  #regions = new Map();
  #pointed = null;
  #chosen = null;
  /** Whether what is set waits to be drawn. */
  #held = false;

  constructor(host, on) {
    this.#host = host;
    this.#on = on;
    const { land, waters, basins, lines, labels, inset } = this.#layers;
    this.#root = svg("svg", { class: "map-drawing", role: "group", "aria-describedby": "map-hint" });
    this.#root.append(textures(), land, waters, basins, lines, this.#cursor, labels, inset);
    host.prepend(this.#root);
    this.#listen();
    new ResizeObserver(() => this.#place()).observe(host);
    addEventListener("beforeprint", () => this.release());
  }

  /** Draw nothing until `release`: another map stands before this one, and its reader waits for that one. */
  hold() {
    this.#held = true;
  }

  /** Draw what was set meanwhile. */
  release() {
    if (!this.#held) return;
    this.#held = false;
    if (!this.#scene) return;
    this.#build();
    this.#colour();
    this.#trace();
  }

  /** Name the map for those who hear it. */
  name(text) {
    this.#root.setAttribute("aria-label", text);
  }

  /** Draw another scene; figures follow by `setFigures`. */
  setScene(scene) {
    this.#scene = scene;
    this.#figures = new Map();
    this.#pointed = this.#chosen = null;
    if (!this.#held) this.#build();
  }

  #build() {
    const scene = this.#scene;
    this.#regions = new Map(
      scene.shapes.map((shape) => [
        shape.code,
        { shape, element: regionElement(shape), spot: spotOf(shape), extent: extentOf([shape]) },
      ]),
    );
    const { land, waters, lines } = this.#layers;
    land.replaceChildren(
      ...scene.context.map((shape) => drawn("context", shape.metres)),
      ...[...this.#regions.values()].map(({ element }) => element),
      ...[...scene.groups, scene.outlined].map((shapes) => drawn("outline", outlineOf(shapes), false)),
    );
    waters.replaceChildren(...scene.waters.map((water) => drawn("water", water.metres)));
    lines.replaceChildren(...scene.lines.map((line) => drawn("boundary-line", line.metres, false)));
    this.setBasins(scene.basins);
    this.#place();
  }

  /** Draw the outlines of the key basins, each around its counties of one tier. */
  setBasins(basins) {
    if (this.#held) return;
    const outlines = basins.map(({ code, tier, shapes }) => {
      const element = drawn(`basin basin-${tier}`, outlineOf(shapes), false);
      element.dataset.basin = code;
      return element;
    });
    this.#layers.basins.replaceChildren(...outlines);
    if (this.#view) this.#redraw(this.#layers.basins);
  }

  /** Colour and name the regions: code -> {fill, value (on the map), label (to be heard)}. */
  setFigures(figures) {
    this.#figures = figures;
    if (!this.#held) this.#colour();
  }

  #colour() {
    const figures = this.#figures;
    for (const [code, { shape, element }] of this.#regions) {
      const figure = figures.get(code);
      paint(element, figure?.fill ?? (shape.in_scope ? "aside" : "out-of-scope"));
      element.setAttribute("role", figure ? "button" : "img");
      element.setAttribute("aria-label", figure?.label ?? `${mapName(shape)}: ${t("state.out_of_scope")}`);
      if (!figure) element.removeAttribute("tabindex");
      else if (!element.hasAttribute("tabindex")) element.setAttribute("tabindex", "-1");
    }
    if (!this.#root.querySelector('.region[tabindex="0"]')) {
      this.#root.querySelector(".region[tabindex]")?.setAttribute("tabindex", "0");
    }
    if (this.#view) this.#label();
  }

  /** Write the names again, in another language. */
  relabel() {
    this.#place();
  }

  /** Move the focus to a region; false where it has no shape. */
  focus(code) {
    const region = this.#regions.get(code);
    if (!region || !this.#figures.has(code)) return false;
    this.#root.querySelector('.region[tabindex="0"]')?.setAttribute("tabindex", "-1");
    region.element.setAttribute("tabindex", "0");
    region.element.focus({ preventScroll: true });
    return true;
  }

  /** Move the focus to the region that a Tab into the map would reach. */
  focusFirst() {
    this.#root.querySelector('.region[tabindex="0"]')?.focus({ preventScroll: true });
  }

  /** Keep the outline of a chosen region (null: none). */
  choose(code) {
    this.#chosen = code;
    this.#trace();
  }

  /** Show the outline of a region pointed at elsewhere (null: none). */
  highlight(code) {
    this.#pointed = code;
    this.#trace();
  }

  #listen() {
    const root = this.#root;
    const codeOf = (event) => {
      const code = event.target.closest?.(".region")?.dataset.code;
      return this.#figures.has(code) ? code : null;
    };
    root.addEventListener("click", (event) => codeOf(event) && this.#on.open(codeOf(event), "pointer"));
    root.addEventListener("pointerover", (event) => event.pointerType !== "touch" && this.#point(codeOf(event)));
    root.addEventListener("pointerleave", () => this.#point(null));
    root.addEventListener("focusin", (event) => this.#point(codeOf(event)));
    root.addEventListener("focusout", () => this.#point(null));
    root.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      if (this.#press(event.key, codeOf(event))) event.preventDefault();
    });
  }

  #press(key, code) {
    if (key === "Escape") this.#on.up();
    else if (!code) return false;
    else if (key === "Enter" || key === " ") this.#on.open(code, "keyboard");
    else if (key === "t" || key === "T") this.#on.table(code);
    else if (key.startsWith("Arrow")) {
      const places = [...this.#figures.keys()].map((each) => [each, this.#spot(each)]);
      const next = neighbour(
        places.filter(([, spot]) => spot),
        code,
        key,
      );
      if (next) this.focus(next);
    } else return false;
    return true;
  }

  #point(code) {
    this.highlight(code);
    this.#on.point(code, code ? this.#box(code) : null);
  }

  #box(code) {
    const { extent } = this.#regions.get(code);
    const { x: left, y: top } = this.#screen(extent[0], extent[3]);
    const { x: right, y: bottom } = this.#screen(extent[2], extent[1]);
    return { left, top, right, bottom };
  }

  #spot(code) {
    const spot = this.#regions.get(code)?.spot;
    return spot ? this.#screen(spot.x, spot.y) : null;
  }

  #screen(east, north) {
    return { x: east * this.#view.scale + this.#view.x, y: this.#view.y - north * this.#view.scale };
  }

  #trace() {
    if (!this.#view) return;
    const region = this.#regions.get(this.#pointed ?? this.#chosen);
    this.#cursor.setAttribute("d", region ? pathOf(region.shape.metres, this.#view) : "");
  }

  #redraw(group) {
    for (const element of group.children) element.setAttribute("d", pathOf(element.lines, this.#view, element.closed));
  }

  #place() {
    const { width, height } = this.#host.getBoundingClientRect();
    this.#size = { width: Math.round(width), height: Math.round(height) };
    if (this.#held || !this.#scene || !this.#size.width || !this.#size.height) return;
    this.#root.setAttribute("viewBox", `0 0 ${this.#size.width} ${this.#size.height}`);
    this.#frameMap();
    const { land, waters, basins, lines, inset } = this.#layers;
    for (const group of [land, waters, basins, lines]) this.#redraw(group);
    if (this.#frame) drawInset(inset, this.#frame, this.#view);
    else inset.replaceChildren();
    inset.setAttribute("aria-hidden", String(!this.#frame));
    this.#label();
    this.#trace();
  }

  #frameMap() {
    const { fitted, inset, lines } = this.#scene;
    const room = { ...this.#size, padding: this.#size.width < SMALL_PX ? 8 : 18 };
    this.#frame = inset ? insetFrame(this.#size) : null;
    if (!inset) {
      this.#view = fit(widened(extentOf(fitted)), room);
      return;
    }
    const points = [...pointsOf(fitted, SOUTHMOST), ...(this.#scene.national ? pointsOf(lines, DASHES_FROM) : [])];
    this.#view = fitBeside(extentOf(fitted, SOUTHMOST), points, room, this.#frame);
  }

  #label() {
    const { national } = this.#scene;
    const small = this.#size.width < SMALL_PX;
    const items = [...this.#regionItems(), ...this.#lakeItems()];
    if (national && !small) items.push(...islandItems(this.#view, language()));
    const reserved = this.#frame ? [[this.#frame.x, this.#frame.y, this.#size.width, this.#size.height]] : [];
    drawLabels(this.#layers.labels, items, small ? 8.5 : 11, reserved);
  }

  #regionItems() {
    const items = [];
    for (const { shape, spot, extent } of this.#regions.values()) {
      const figure = this.#figures.get(shape.code);
      if (!spot || (!figure && shape.in_scope)) continue;
      const { scale } = this.#view;
      items.push({
        code: shape.code,
        name: mapName(shape),
        value: this.#size.width < SMALL_PX ? null : (figure?.value ?? null),
        at: { ...this.#screen(spot.x, spot.y), width: spot.width * scale, height: (extent[3] - extent[1]) * scale },
        force: this.#scene.national,
        kind: figure?.value ? "region" : "quiet",
      });
    }
    return items.sort((a, b) => (b.kind === "region") - (a.kind === "region") || b.at.width - a.at.width);
  }

  #lakeItems() {
    return this.#scene.waters.map((water) => {
      const [west, south, east, north] = extentOf([water]);
      const corner = this.#screen(west, north);
      const box = [corner.x, corner.y, ...Object.values(this.#screen(east, south))];
      return { name: basinName(water), kind: "water", around: box };
    });
  }
}

function spotOf(shape) {
  const spot = labelSpot(shape);
  return spot && { ...spot, ...anchorOf(shape.code) };
}

function regionElement(shape) {
  const element = drawn("region", shape.metres);
  element.dataset.code = shape.code;
  return element;
}

function drawn(className, lines, closed = true) {
  return Object.assign(svg("path", { class: className }), { lines, closed });
}

function widened([west, south, east, north]) {
  const x = Math.max(0, LEAST_M - (east - west)) / 2;
  const y = Math.max(0, LEAST_M - (north - south)) / 2;
  return [west - x, south - y, east + x, north + y];
}
