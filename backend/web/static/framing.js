/** How a map lies in its frame: as large as it can be without anything of it under the inset. */

import { fit } from "./projection.js";

/** Room in px that stays free around the inset. */
const CLEARANCE_PX = 7;

function covered(points, view, frame) {
  const west = (frame.x - CLEARANCE_PX - view.x) / view.scale;
  const north = (view.y - frame.y + CLEARANCE_PX) / view.scale;
  for (let i = 0; i < points.length; i += 2) if (points[i] > west && points[i + 1] < north) return true;
  return false;
}

/** Return the points [x, y, x, y, ...] in metres of `shapes` whose latitude is at least `southmost`. */
export function pointsOf(shapes, southmost) {
  const points = [];
  for (const shape of shapes) {
    shape.degrees.forEach((line, k) => {
      for (let i = 0; i < line.length; i++) {
        if (line[i][1] >= southmost) points.push(shape.metres[k][2 * i], shape.metres[k][2 * i + 1]);
      }
    });
  }
  return points;
}

/**
 * Return the view {scale, x, y} that fits `extent` (metres) into a size, its `points` clear of `frame`.
 * The map keeps to the middle where it can, then gives way to the left and upwards, then shrinks.
 */
export function fitBeside(extent, points, { width, height, padding }, frame) {
  const largest = fit(extent, { width, height, padding }).scale;
  const [west, south, east, north] = extent;
  for (let scale = largest; scale > largest / 2; scale *= 0.98) {
    const spareX = (width - scale * (east - west)) / 2 - padding;
    const spareY = (height - scale * (north - south)) / 2 - padding;
    for (const share of [0, 0.25, 0.5, 0.75, 1]) {
      const view = {
        scale,
        x: width / 2 - (scale * (west + east)) / 2 - share * spareX,
        y: height / 2 + (scale * (south + north)) / 2 - share * spareY,
      };
      if (!covered(points, view, frame)) return view;
    }
  }
  return fit(extent, { width, height, padding });
}
