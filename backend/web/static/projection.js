/** The map projection: Albers equal-area conic on the CGCS2000 ellipsoid, so that areas compare as they are. */

const SEMI_MAJOR_M = 6378137;
const FLATTENING = 1 / 298.257222101;
const RADIANS = Math.PI / 180;

const ECCENTRICITY2 = FLATTENING * (2 - FLATTENING);
const ECCENTRICITY = Math.sqrt(ECCENTRICITY2);

function authalic(sine) {
  const es = ECCENTRICITY * sine;
  return (1 - ECCENTRICITY2) * (sine / (1 - es * es) - Math.log((1 - es) / (1 + es)) / (2 * ECCENTRICITY));
}

function parallelRadius(latitude) {
  const sine = Math.sin(latitude);
  return Math.cos(latitude) / Math.sqrt(1 - ECCENTRICITY2 * sine * sine);
}

/**
 * Return a function from (longitude, latitude) in degrees to [easting, northing] in metres.
 * Snyder, Map Projections: A Working Manual (USGS 1395), equations 14-1 to 14-6 and 3-12.
 */
export function albers({ south, north, meridian, origin }) {
  const m1 = parallelRadius(south * RADIANS);
  const m2 = parallelRadius(north * RADIANS);
  const q1 = authalic(Math.sin(south * RADIANS));
  const q2 = authalic(Math.sin(north * RADIANS));
  const n = (m1 * m1 - m2 * m2) / (q2 - q1);
  const c = m1 * m1 + n * q1;
  const radius = (q) => (SEMI_MAJOR_M * Math.sqrt(c - n * q)) / n;
  const originRadius = radius(authalic(Math.sin(origin * RADIANS)));
  return (longitude, latitude) => {
    const theta = n * (longitude - meridian) * RADIANS;
    const rho = radius(authalic(Math.sin(latitude * RADIANS)));
    return [rho * Math.sin(theta), originRadius - rho * Math.cos(theta)];
  };
}

/** The parallels and the meridian customary for maps of China. */
export const CHINA_ALBERS = { south: 25, north: 47, meridian: 105, origin: 0 };

/** Project one longitude and latitude with the projection of the map. */
export const project = albers(CHINA_ALBERS);

/**
 * Return a function from (longitude, latitude) in degrees to [easting, northing] in metres about a point: north is up
 * and lengths are true to a thousandth within some kilometres, which is what a few plots need.
 */
export function localMetres(longitude, latitude) {
  const sine = Math.sin(latitude * RADIANS);
  const bent = 1 - ECCENTRICITY2 * sine * sine;
  const parallel = (SEMI_MAJOR_M / Math.sqrt(bent)) * Math.cos(latitude * RADIANS) * RADIANS;
  const meridian = ((SEMI_MAJOR_M * (1 - ECCENTRICITY2)) / bent ** 1.5) * RADIANS;
  return (east, north) => [(east - longitude) * parallel, (north - latitude) * meridian];
}

/**
 * Return the scale (px a metre) and offsets that fit `extent` [west, south, east, north] in metres into a frame.
 * `frame` is {width, height, padding} in px; y grows downwards on the screen.
 */
export function fit(extent, { width, height, padding }) {
  const [west, south, east, north] = extent;
  const scale = Math.min((width - 2 * padding) / (east - west), (height - 2 * padding) / (north - south));
  return {
    scale,
    x: width / 2 - (scale * (west + east)) / 2,
    y: height / 2 + (scale * (south + north)) / 2,
  };
}
