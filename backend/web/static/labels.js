/** Names and rates on the map: placed where they fit, left out where they would cover one another. */

import { project } from "./projection.js";
import { svg } from "./svg.js";

/**
 * Where a province too small for its name carries it, as maps of China do: to the side (1 right, -1 left) with a gap in
 * px, and so far down.
 */
const BESIDE = { 120000: [1, 6, 6], 310000: [1, 8, 2], 810000: [1, 6, 9], 820000: [-1, -9, 15] };

/** Where a province carries its name so that it does not stand in a neighbour or in a basin (longitude, latitude). */
const ANCHORS = { 110000: [116.4, 40.2], 130000: [115.5, 38.1], 150000: [115.0, 43.9] };

/** Return the place in metres {x, y} that is laid down for a province's name, or null. */
export function anchorOf(code) {
  if (!(code in ANCHORS)) return null;
  const [x, y] = project(...ANCHORS[code]);
  return { x, y };
}

/** Islands named on the national map, and where the name stands (longitude, latitude). */
const NAMED_ISLANDS = [{ zh: "钓鱼岛 赤尾屿", en: "Diaoyu Dao, Chiwei Yu", at: [123.4, 26.75] }];

/** How many px smaller than a region's the name of a lake and of an island is. */
const SMALLER = { water: 1, island: 2.5 };

function textWidth(text, size) {
  let width = 0;
  for (const character of text) width += character > "\u2e80" ? size : size * 0.56;
  return width;
}

const overlaps = (a, b) => a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3];

function boxOf(x, y, lines, size) {
  const width = Math.max(...lines.map((line) => textWidth(line, size)));
  const height = lines.length * size * 1.18;
  return [x - width / 2 - 1, y - height / 2, x + width / 2 + 1, y + height / 2];
}

/** Return places below, above, right and left of a box [left, top, right, bottom], each farther the later. */
function around([left, top, right, bottom], name, size) {
  const half = textWidth(name, size) / 2 + 3;
  const [x, y] = [(left + right) / 2, (top + bottom) / 2];
  const places = [0, 7, 14].flatMap((away) => [
    [x, bottom + size * 0.7 + away],
    [x, top - size * 0.7 - away],
    [right + half + away, y],
    [left - half - away, y],
    [right + half, bottom + away],
    [left - half, bottom + away],
    [right + half, top - away],
    [left - half, top - away],
  ]);
  return places.map(([atX, atY]) => ({ x: atX, y: atY, lines: [name] }));
}

function candidates(item, size) {
  if (item.around) return around(item.around, item.name, size);
  const { x, y } = item.at;
  const beside = BESIDE[item.code];
  if (beside) {
    const [side, gap, down] = beside;
    return [{ x: x + side * (textWidth(item.name, size) / 2 + gap), y: y + down, lines: [item.name] }];
  }
  const found = [];
  const fits = (lines) => item.force || Math.max(...lines.map((line) => textWidth(line, size))) <= item.at.width * 1.05;
  if (item.value && fits([item.name, item.value]) && item.at.height > size * 2.6) {
    found.push({ x, y, lines: [item.name, item.value] });
  }
  if (fits([item.name]) && (item.force || item.at.height > size * 1.2)) found.push({ x, y, lines: [item.name] });
  return found;
}

/**
 * Fill `group` with the labels of `items`: {code, name, value, kind} with `at` {x, y, width, height} in px (`force`: even
 * where the width is less than the name), or with `around`, a box [left, top, right, bottom] to stand beside.
 * Items come in order of importance; `reserved` are boxes [left, top, right, bottom] that stay free.
 */
export function drawLabels(group, items, size, reserved) {
  const taken = [...reserved];
  const drawn = [];
  for (const item of items) {
    const own = size - (SMALLER[item.kind] ?? 0);
    const place = candidates(item, own).find(({ x, y, lines }) => {
      const box = boxOf(x, y, lines, own);
      return !taken.some((other) => overlaps(box, other));
    });
    if (!place) continue;
    taken.push(boxOf(place.x, place.y, place.lines, own));
    drawn.push(labelElement(place, own, item.kind));
  }
  group.replaceChildren(...drawn);
}

function labelElement({ x, y, lines }, size, kind) {
  const top = y - ((lines.length - 1) * size * 1.18) / 2;
  const text = svg("text", { class: `label label-${kind}`, "font-size": size });
  lines.forEach((line, k) => {
    const span = svg("tspan", { x: x.toFixed(1), y: (top + k * size * 1.18).toFixed(1) });
    if (k) span.classList.add("label-value");
    span.textContent = line;
    text.append(span);
  });
  return text;
}

/** Return the items of the islands that the national map names, placed under `view`. */
export function islandItems(view, language) {
  return NAMED_ISLANDS.map(({ zh, en, at: [longitude, latitude] }) => {
    const [east, north] = project(longitude, latitude);
    const at = { x: east * view.scale + view.x, y: view.y - north * view.scale, width: 0, height: 99 };
    return { name: language === "en" ? en : zh, force: true, kind: "island", at };
  });
}
