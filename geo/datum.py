"""Datum conversion between CGCS2000 and what phones give: WGS 84, GCJ-02 (Chinese map SDKs) and BD-09 (Baidu).

Arrays hold one (longitude, latitude) pair in degrees a row. Nothing here can tell in which datum a number is, so
nothing here guesses: the caller states it, and converts what a client sent exactly once, on the way in.
"""

from collections.abc import Callable, Mapping
from typing import Any, assert_never

import numpy as np
import shapely
from numpy.typing import NDArray

from schemas.vocabulary import Datum

Coordinates = NDArray[np.float64]
Conversion = Callable[[Coordinates], Coordinates]

DATUM_NAMES: Mapping[Datum, tuple[str, str]] = {
    Datum.CGCS2000: ("CGCS2000（国家大地坐标系）", "CGCS2000"),
    Datum.WGS84: ("WGS 84（卫星定位）", "WGS 84"),
    Datum.GCJ02: ("GCJ-02（火星坐标）", "GCJ-02"),
    Datum.BD09: ("BD-09（百度坐标）", "BD-09"),
}
"""How they are called, zh and en."""

KRASOVSKY_A_M = 6378245.0
KRASOVSKY_E2 = 0.00669342162296594323
"""Semi-major axis and squared eccentricity of the ellipsoid in the public GCJ-02 formula."""

SHIFTED_LON = (72.004, 137.8347)
SHIFTED_LAT = (0.8293, 55.8271)
"""Outside this box GCJ-02 leaves a position as it is."""

BD09_LON_OFFSET = 0.0065
BD09_LAT_OFFSET = 0.006
BD09_WAVE = np.pi * 3000.0 / 180.0

ITERATIONS = 3
"""Refinements of a first inverse; each divides the error by about 100 and the third ends below 1e-4 m."""


def to_cgcs2000(coordinates: Coordinates, datum: Datum) -> Coordinates:
    """Return (n, 2) coordinates given in `datum` as CGCS2000; GCJ-02 and BD-09 are inverted to 1e-4 m.

    WGS 84 and CGCS2000 differ by centimetres and are treated as equal. GCJ-02 does not shift positions outside its box.
    """
    match datum:
        case Datum.CGCS2000 | Datum.WGS84:
            return coordinates
        case Datum.GCJ02:
            return _from_gcj02(coordinates)
        case Datum.BD09:
            return _from_gcj02(_inverse(coordinates, _bd09_of_gcj02))
        case _:
            assert_never(datum)


def from_cgcs2000(coordinates: Coordinates, datum: Datum) -> Coordinates:
    """Return (n, 2) CGCS2000 coordinates as a client using `datum` would give them."""
    match datum:
        case Datum.CGCS2000 | Datum.WGS84:
            return coordinates
        case Datum.GCJ02:
            return _to_gcj02(coordinates)
        case Datum.BD09:
            return _bd09_of_gcj02(_to_gcj02(coordinates))
        case _:
            assert_never(datum)


def shape_to_cgcs2000(geometry: Any, datum: Datum) -> Any:
    """Return a 2D shapely geometry given in `datum` as CGCS2000."""
    return shapely.transform(geometry, lambda coordinates: to_cgcs2000(coordinates, datum))


def shape_from_cgcs2000(geometry: Any, datum: Datum) -> Any:
    """Return a 2D CGCS2000 shapely geometry as a client using `datum` would give it."""
    return shapely.transform(geometry, lambda coordinates: from_cgcs2000(coordinates, datum))


def _inverse(target: Coordinates, forward: Conversion) -> Coordinates:
    """Return what `forward` takes to `target`, by fixed-point iteration; that converges as it is nearly a shift."""
    estimate = 2 * target - forward(target)
    for _ in range(ITERATIONS):
        estimate = estimate + target - forward(estimate)
    return estimate


def _shifted(coordinates: Coordinates) -> NDArray[np.bool_]:
    lon, lat = coordinates[:, 0], coordinates[:, 1]
    return (SHIFTED_LON[0] <= lon) & (lon <= SHIFTED_LON[1]) & (SHIFTED_LAT[0] <= lat) & (lat <= SHIFTED_LAT[1])


def _to_gcj02(coordinates: Coordinates) -> Coordinates:
    return np.where(_shifted(coordinates)[:, np.newaxis], _gcj02_inside(coordinates), coordinates)


def _from_gcj02(coordinates: Coordinates) -> Coordinates:
    inside = _shifted(coordinates)[:, np.newaxis]
    return np.where(inside, _inverse(coordinates, _gcj02_inside), coordinates)


def _gcj02_inside(coordinates: Coordinates) -> Coordinates:
    """Return CGCS2000 as GCJ-02 by the public formula: a polynomial plus waves in metres on Krasovsky's ellipsoid."""
    lon, lat = coordinates[:, 0], coordinates[:, 1]
    x, y = lon - 105.0, lat - 35.0
    root = np.sqrt(np.abs(x))
    short_wave = 20.0 * np.sin(6.0 * np.pi * x) + 20.0 * np.sin(2.0 * np.pi * x)
    east_wave = 20.0 * np.sin(np.pi * x) + 40.0 * np.sin(np.pi * x / 3.0)
    east_wave += 150.0 * np.sin(np.pi * x / 12.0) + 300.0 * np.sin(np.pi * x / 30.0)
    north_wave = 20.0 * np.sin(np.pi * y) + 40.0 * np.sin(np.pi * y / 3.0)
    north_wave += 160.0 * np.sin(np.pi * y / 12.0) + 320.0 * np.sin(np.pi * y / 30.0)
    east_m = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + (short_wave + east_wave) * 2.0 / 3.0
    north_m = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root
    north_m += (short_wave + north_wave) * 2.0 / 3.0
    latitude = np.radians(lat)
    w = 1.0 - KRASOVSKY_E2 * np.sin(latitude) ** 2
    parallel_m = KRASOVSKY_A_M / np.sqrt(w) * np.cos(latitude)
    meridian_m = KRASOVSKY_A_M * (1.0 - KRASOVSKY_E2) / w**1.5
    return np.column_stack((lon + np.degrees(east_m / parallel_m), lat + np.degrees(north_m / meridian_m)))


def _bd09_of_gcj02(coordinates: Coordinates) -> Coordinates:
    """Return GCJ-02 as BD-09: a small wave in polar coordinates about (0, 0), then a constant offset."""
    lon, lat = coordinates[:, 0], coordinates[:, 1]
    radius = np.hypot(lon, lat) + 0.00002 * np.sin(lat * BD09_WAVE)
    angle = np.arctan2(lat, lon) + 0.000003 * np.cos(lon * BD09_WAVE)
    return np.column_stack((radius * np.cos(angle) + BD09_LON_OFFSET, radius * np.sin(angle) + BD09_LAT_OFFSET))
