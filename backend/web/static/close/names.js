/** The names over the close map: the same lettering as on the statistical map, placed again whenever the map moves. */

import { language, mapName } from "../i18n.js";
import { drawLabels } from "../labels.js";
import { svg } from "../svg.js";
import { spotsOf } from "./spots.js";

/** From this zoom on counties are named, provinces below it; the names of lakes come with the provinces'. */
const COUNTIES_FROM = 5.5;

/** How many px of the world's width a degree has at zoom 0, where a tile has 512 px. */
const PX_PER_DEGREE = 512 / 360;

/** A map narrower than this shows names without figures. */
const SMALL_PX = 500;

/** Draws names over `map` into `host`; `valueOf(code)` is what a region's figure says, or null. */
export class Names {
  #host;
  #map;
  #valueOf;
  #root = svg("svg", { class: "close-names", "aria-hidden": "true" });
  #group = svg("g", { class: "labels" });
  #spots = new Map();
  #frame = null;

  constructor(host, map, valueOf) {
    this.#host = host;
    this.#map = map;
    this.#valueOf = valueOf;
    this.#root.append(this.#group);
    map.getCanvasContainer().append(this.#root);
    map.on("move", () => this.draw());
    map.on("idle", () => this.#find());
  }

  /** Draw the names anew with the next frame. */
  draw() {
    this.#frame ??= requestAnimationFrame(() => {
      this.#frame = null;
      this.#place();
    });
  }

  #find() {
    const layer = this.#map.getZoom() < COUNTIES_FROM ? "province" : "county";
    this.#spots = spotsOf(this.#map.querySourceFeatures("regions", { sourceLayer: layer }));
    this.draw();
  }

  #place() {
    const { clientWidth: width, clientHeight: height } = this.#host;
    const small = width < SMALL_PX;
    const scale = PX_PER_DEGREE * 2 ** this.#map.getZoom();
    const items = [];
    for (const [code, spot] of this.#spots) {
      const { x, y } = this.#map.project(spot.at);
      if (x < 0 || y < 0 || x > width || y > height) continue;
      const value = this.#valueOf(code);
      items.push({
        code,
        name: mapName({ code, name: spot.name }),
        value: small ? null : value,
        at: { x, y, width: spot.width * scale, height: spot.height * scale },
        force: code.endsWith("0000"),
        kind: value === null ? "quiet" : "region",
      });
    }
    items.sort((a, b) => (b.kind === "region") - (a.kind === "region") || b.at.width - a.at.width);
    this.#root.setAttribute("lang", language());
    drawLabels(this.#group, items, small ? 9 : 11, []);
  }
}
