/** Where names stand on the close map: in the largest piece of each region among the tiles that are there. */

import { extentOf, labelSpot, lineworkOf } from "../geometry.js";

const DEGREES = 180 / Math.PI;

/** Return the northing of a latitude on the sphere of Web Mercator, in degrees of longitude. */
const northing = (latitude) => Math.log(Math.tan(Math.PI / 4 + latitude / DEGREES / 2)) * DEGREES;

const latitudeOf = (north) => (2 * Math.atan(Math.exp(north / DEGREES)) - Math.PI / 2) * DEGREES;

function flat(geometry) {
  const degrees = lineworkOf(geometry);
  const metres = degrees.map((ring) => Float64Array.from(ring.flatMap(([x, y]) => [x, northing(y)])));
  return { degrees, metres };
}

/**
 * Return {code -> {name, inScope, at: [longitude, latitude], width, height}} of tile features; a region cut by tiles
 * comes in pieces. Width and height are in degrees of longitude at the equator, as the map is drawn.
 */
export function spotsOf(features) {
  const best = new Map();
  for (const feature of features) {
    const { code, name, in_scope: inScope = true } = feature.properties;
    const shape = flat(feature.geometry);
    const [west, south, east, north] = extentOf([shape]);
    const size = (east - west) * (north - south);
    if (size > (best.get(code)?.size ?? 0)) best.set(code, { name, inScope, shape, size, height: north - south });
  }
  const spots = new Map();
  for (const [code, { name, inScope, shape, height }] of best) {
    const spot = labelSpot(shape);
    if (spot) spots.set(code, { name, inScope, at: [spot.x, latitudeOf(spot.y)], width: spot.width, height });
  }
  return spots;
}
