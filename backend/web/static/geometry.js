/** From GeoJSON to screen paths: project once, place on every resize, and find the outline that shapes share. */

import { project } from "./projection.js";

/** Return the lines of a GeoJSON geometry, the rings of its polygons among them. */
export function lineworkOf(geometry) {
  switch (geometry.type) {
    case "Polygon":
    case "MultiLineString":
      return geometry.coordinates;
    case "MultiPolygon":
      return geometry.coordinates.flat();
    case "LineString":
      return [geometry.coordinates];
    default:
      return [];
  }
}

function projectLine(line, projection) {
  const metres = new Float64Array(line.length * 2);
  line.forEach(([longitude, latitude], i) => {
    [metres[2 * i], metres[2 * i + 1]] = projection(longitude, latitude);
  });
  return metres;
}

/** Return a GeoJSON feature with its lines (rings) in degrees and in metres of `projection`, by default the map's. */
export function projected(feature, projection = project) {
  const degrees = feature.geometry ? lineworkOf(feature.geometry) : [];
  return { ...feature.properties, degrees, metres: degrees.map((line) => projectLine(line, projection)) };
}

/** Return [west, south, east, north] in metres of the points of `shapes` whose latitude is at least `southmost`. */
export function extentOf(shapes, southmost = -90) {
  const extent = [Infinity, Infinity, -Infinity, -Infinity];
  for (const shape of shapes) {
    shape.degrees.forEach((line, k) => {
      const metres = shape.metres[k];
      for (let i = 0; i < line.length; i++) {
        if (line[i][1] < southmost) continue;
        extent[0] = Math.min(extent[0], metres[2 * i]);
        extent[1] = Math.min(extent[1], metres[2 * i + 1]);
        extent[2] = Math.max(extent[2], metres[2 * i]);
        extent[3] = Math.max(extent[3], metres[2 * i + 1]);
      }
    });
  }
  return extent;
}

/** Return the SVG path data of lines in metres under a view {scale, x, y}, to a tenth of a pixel. */
export function pathOf(lines, view, closed = true) {
  const parts = [];
  for (const line of lines) {
    let last = "";
    let points = 0;
    for (let i = 0; i < line.length; i += 2) {
      const x = Math.round((line[i] * view.scale + view.x) * 10) / 10;
      const y = Math.round((view.y - line[i + 1] * view.scale) * 10) / 10;
      const point = `${x} ${y}`;
      if (point === last) continue;
      parts.push(points ? "L" : "M", point);
      last = point;
      points += 1;
    }
    // An island smaller than a pixel keeps a dot, so that nothing of the territory disappears.
    if (points === 1) parts.push("h0.1");
    if (closed) parts.push("Z");
  }
  return parts.join("");
}

const edgeKey = ([ax, ay], [bx, by]) =>
  ax < bx || (ax === bx && ay < by) ? `${ax},${ay},${bx},${by}` : `${bx},${by},${ax},${ay}`;

/**
 * Return the outer lines, in metres, of shapes that form one coverage.
 * Neighbours of a coverage share their edges exactly, so an edge that occurs once is an outer one.
 */
export function outlineOf(shapes) {
  const count = new Map();
  const rings = shapes.flatMap((shape) => shape.degrees.map((ring, k) => [ring, shape.metres[k]]));
  for (const [ring] of rings) {
    for (let i = 1; i < ring.length; i++) {
      const key = edgeKey(ring[i - 1], ring[i]);
      count.set(key, (count.get(key) ?? 0) + 1);
    }
  }
  const lines = [];
  for (const [ring, metres] of rings) {
    let line = [];
    for (let i = 1; i < ring.length; i++) {
      if (count.get(edgeKey(ring[i - 1], ring[i])) === 1) {
        if (!line.length) line.push(metres[2 * i - 2], metres[2 * i - 1]);
        line.push(metres[2 * i], metres[2 * i + 1]);
      } else if (line.length) {
        lines.push(line);
        line = [];
      }
    }
    if (line.length) lines.push(line);
  }
  return lines;
}

function crossings(ring, northing) {
  const found = [];
  for (let i = 2; i < ring.length; i += 2) {
    const [x1, y1, x2, y2] = [ring[i - 2], ring[i - 1], ring[i], ring[i + 1]];
    if (y1 > northing !== y2 > northing) found.push(x1 + ((northing - y1) / (y2 - y1)) * (x2 - x1));
  }
  return found;
}

/**
 * Return where a label sits best: {x, y, width} in metres, the middle of the widest stretch inside the shape,
 * or null for a shape without area. Stretches near the middle of the height are preferred.
 */
export function labelSpot(shape) {
  const [, south, , north] = extentOf([shape]);
  let best = null;
  const steps = 24;
  for (let k = 1; k < steps; k++) {
    const y = south + ((north - south) * k) / steps;
    const xs = shape.metres.flatMap((ring) => crossings(ring, y)).sort((a, b) => a - b);
    const central = 1 - Math.abs(k / steps - 0.5) * 0.8;
    for (let i = 1; i < xs.length; i += 2) {
      const width = xs[i] - xs[i - 1];
      if (!best || width * central > best.weight) {
        best = { x: (xs[i] + xs[i - 1]) / 2, y, width, weight: width * central };
      }
    }
  }
  return best;
}
