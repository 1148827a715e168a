/** The South China Sea beside the close map, for as long as the map shows the nation without it, or Hainan. */

import { drawInsetAlone, insetFrame } from "../inset.js";
import { insetShapes } from "../scene.js";
import { svg } from "../svg.js";

/** Below this zoom the map shows the nation; above it a region, where maps need no inset. */
const NATIONAL_BELOW = 5.2;

/** 曾母暗沙 lies at 3.97° N: a map that reaches so far south shows the sea itself. */
const SOUTHMOST = 3.9;

/** The sea around Hainan island, [[west, south], [east, north]]. */
const HAINAN = [[107.5, 17.5], [112, 20.8]];

/** The inset over a map in `host`. */
export class CloseInset {
  #host;
  #root = svg("svg", { class: "close-inset", role: "img" });
  #shapes = null;
  #size = "";

  constructor(host) {
    this.#host = host;
    host.append(this.#root);
    insetShapes().then((shapes) => {
      this.#shapes = shapes;
      this.relabel();
    });
  }

  /** Show or hide it for a map of these bounds [[west, south], [east, north]]. */
  draw([[west, south], [east, north]], zoom) {
    const middle = [(west + east) / 2, (south + north) / 2];
    const hainan = [0, 1].every((axis) => middle[axis] > HAINAN[0][axis] && middle[axis] < HAINAN[1][axis]);
    this.#root.classList.toggle("is-away", !((zoom < NATIONAL_BELOW && south > SOUTHMOST) || hainan));
    const size = `${this.#host.clientWidth}x${this.#host.clientHeight}`;
    if (size !== this.#size) this.relabel();
  }

  /** Draw it anew, in another language or size. */
  relabel() {
    if (!this.#shapes) return;
    const { clientWidth: width, clientHeight: height } = this.#host;
    this.#size = `${width}x${height}`;
    drawInsetAlone(this.#root, insetFrame({ width, height }), this.#shapes);
  }
}
