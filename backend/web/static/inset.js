/** The South China Sea with its islands and the dashed line, drawn in a frame of its own on maps of China and Hainan. */

import { pathOf } from "./geometry.js";
import { language, t } from "./i18n.js";
import { project } from "./projection.js";
import { svg } from "./svg.js";
import { ISLANDS } from "./texts_names.js";

/** What the frame shows, in degrees: Hainan and Taiwan at the top, 曾母暗沙 at the bottom. */
const WEST = 105.2;
const EAST = 124.2;
const SOUTH = 1.4;
const NORTH = 25.2;

function extent() {
  const corners = [];
  for (let k = 0; k <= 10; k++) {
    const longitude = WEST + ((EAST - WEST) * k) / 10;
    corners.push(project(longitude, SOUTH), project(longitude, NORTH));
  }
  const xs = corners.map(([x]) => x);
  const ys = corners.map(([, y]) => y);
  return [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)];
}

const EXTENT = extent();
const ASPECT = (EXTENT[3] - EXTENT[1]) / (EXTENT[2] - EXTENT[0]);

/** Return the frame {x, y, width, height} of the inset in the lower right corner of a map of this size. */
export function insetFrame({ width, height }) {
  const frameWidth = Math.round(Math.max(76, Math.min(width * 0.2, (height * 0.36) / ASPECT, 176)));
  const frameHeight = Math.round(frameWidth * ASPECT);
  return { x: width - frameWidth - 8, y: height - frameHeight - 8, width: frameWidth, height: frameHeight };
}

/** Fill `group` with the inset: the same land and lines as the map (by reference), at the frame's scale. */
export function drawInset(group, frame, view) {
  const left = EXTENT[0] * view.scale + view.x;
  const top = view.y - EXTENT[3] * view.scale;
  const width = (EXTENT[2] - EXTENT[0]) * view.scale;
  const height = (EXTENT[3] - EXTENT[1]) * view.scale;
  const window = svg(
    "svg",
    { ...frame, viewBox: `${left} ${top} ${width} ${height}`, preserveAspectRatio: "none" },
    svg("rect", { x: left, y: top, width, height, class: "inset-sea" }),
    svg("use", { href: "#map-land" }),
    svg("use", { href: "#map-lines" }),
  );
  frameInset(group, frame, window);
}

/** Fill `group` with the inset drawn from `land` and `lines` themselves, for a map of another projection. */
export function drawInsetAlone(group, frame, { land, lines }) {
  const scale = frame.width / (EXTENT[2] - EXTENT[0]);
  const view = { scale, x: -EXTENT[0] * scale, y: EXTENT[3] * scale };
  const paths = (shapes, className, closed) =>
    shapes.map(({ metres }) => svg("path", { class: className, d: pathOf(metres, view, closed) }));
  const window = svg(
    "svg",
    { ...frame },
    svg("rect", { width: "100%", height: "100%", class: "inset-sea" }),
    ...paths(land, "context", true),
    ...paths(lines, "boundary-line", false),
  );
  frameInset(group, frame, window);
}

function frameInset(group, frame, window) {
  const border = svg("rect", { ...frame, class: "inset-frame" });
  group.replaceChildren(window, ...names(frame), border);
  group.setAttribute("aria-label", t("map.inset"));
}

function names(frame) {
  const scale = frame.width / (EXTENT[2] - EXTENT[0]);
  const texts = [];
  const label = (text, x, y, className) => {
    const element = svg("text", { x: x.toFixed(1), y: y.toFixed(1), class: className });
    element.textContent = text;
    texts.push(element);
  };
  if (frame.width >= 110) {
    for (const [zh, en, longitude, latitude] of ISLANDS) {
      const [east, north] = project(longitude, latitude);
      const x = frame.x + (east - EXTENT[0]) * scale;
      const y = frame.y + (EXTENT[3] - north) * scale;
      label(language() === "zh" ? zh : en, x, y, "inset-name");
    }
  }
  label(t("map.inset"), frame.x + frame.width / 2, frame.y + frame.height - 6, "inset-title");
  return texts;
}
