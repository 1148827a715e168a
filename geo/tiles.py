"""The arithmetic of map tiles: the grids that geometry is drawn on, the bounds of tiles, what a zoom keeps. Pure.

Tiles are those of Web Mercator (EPSG:3857), y counted from the north. CGCS2000 (EPSG:4490) and WGS 84 differ by
centimetres, so longitudes and latitudes of the one are taken for those of the other, as PROJ does.
"""

from dataclasses import dataclass

import numpy as np
import shapely

from geo.coverage import Shapes, polygons_of, simplify_on_grid
from geo.datum import Coordinates

HALF_M = 20_037_508.342789244
"""Half the side of the square world of EPSG:3857 in m."""

EXTENT = 4096
"""How many units a tile is wide at the finest zoom of its band."""

BUFFER = 64
"""How many of these units a tile is drawn beyond its edges, so that outlines do not end there."""

REGION_ZOOMS = range(11)
"""Zooms with region tiles of their own; maps enlarge those of the last."""

PLOT_ZOOMS = range(12, 19)
"""Zooms with plots: exact positions are in no tile above."""

KEPT_CELLS = 8.0
"""A corner is dropped where the triangle that it makes is smaller than a square with this side: one pixel of 512."""


@dataclass(frozen=True, slots=True)
class Band:
    """Zooms that are drawn from the same generalised coverage, on the grid of the last of them.

    A tile of an earlier zoom has a larger extent instead of a coarser grid: nothing is rounded a second time, so edges
    that are shared in the coverage are shared in every tile.
    """

    first: int
    last: int

    @property
    def unit_m(self) -> float:
        """The side of a cell of the grid in m of EPSG:3857."""
        return unit_m(self.last)

    def extent(self, zoom: int) -> int:
        """Return how many cells a tile of one of the zooms is wide."""
        return int(EXTENT << (self.last - zoom))


BANDS = (Band(0, 2), Band(3, 3), Band(4, 4), Band(5, 5), Band(6, 6), Band(7, 10))
"""From the coarsest. From zoom 7 on the source has hardly a corner that a finer zoom would drop."""


@dataclass(frozen=True, slots=True)
class Tile:
    """A tile by zoom, column from the west and row from the north."""

    z: int
    x: int
    y: int

    @property
    def exists(self) -> bool:
        """Whether the zoom has such a column and row."""
        return self.z >= 0 and 0 <= self.x < 1 << self.z and 0 <= self.y < 1 << self.z

    @property
    def bounds_3857(self) -> tuple[float, float, float, float]:
        """West, south, east, north in m."""
        side = 2 * HALF_M / (1 << self.z)
        west, north = self.x * side - HALF_M, HALF_M - self.y * side
        return west, north - side, west + side, north

    @property
    def bounds_4490(self) -> tuple[float, float, float, float]:
        """West, south, east, north in degrees."""
        west, south, east, north = self.bounds_3857
        (low, high) = to_degrees(np.array([[west, south], [east, north]])).tolist()
        return (*low, *high)


def band_of(zoom: int) -> Band:
    """Return the band that a zoom of the regions is drawn from."""
    return next(band for band in BANDS if band.first <= zoom <= band.last)


def unit_m(zoom: int) -> float:
    """Return the side of a grid cell of a zoom, in m of EPSG:3857."""
    return 2 * HALF_M / (EXTENT << zoom)


def to_mercator(degrees: Coordinates) -> Coordinates:
    """Return longitudes and latitudes as m of EPSG:3857."""
    sine = np.sin(np.radians(degrees[:, 1]))
    north = np.log((1 + sine) / (1 - sine)) / (2 * np.pi)
    return np.column_stack([degrees[:, 0] / 180, north]) * HALF_M


def to_degrees(mercator: Coordinates) -> Coordinates:
    """Return m of EPSG:3857 as longitudes and latitudes."""
    lon, north = (mercator / HALF_M).T
    return np.column_stack([lon * 180, np.degrees(2 * np.arctan(np.exp(north * np.pi)) - np.pi / 2)])


def generalised(shapes_4490: Shapes) -> dict[Band, Shapes]:
    """Return band -> the coverage in EPSG:3857, its corners on the grid of the band; edges stay shared in each.

    `shapes_4490` are the polygons of one coverage in degrees. A polygon that a band leaves nothing of is empty there.
    """
    result = {}
    finer = BANDS[-1]
    cells = shapely.transform(shapes_4490, lambda degrees: to_mercator(degrees) / finer.unit_m)
    for band in reversed(BANDS):
        scale = finer.unit_m / band.unit_m
        cells = simplify_on_grid(shapely.transform(cells, lambda corners, by=scale: corners * by), KEPT_CELLS)
        result[band] = shapely.transform(cells, lambda corners, by=band.unit_m: corners * by)
        finer = band
    return result


def drawn_lines(lines_4490: Shapes, band: Band) -> Shapes:
    """Return lines in EPSG:3857 on the grid of a band; none disappears and ends stay ends."""
    return _drawn_alone(lines_4490, band)


def drawn_waters(waters_4490: Shapes, band: Band) -> Shapes:
    """Return polygons that are no coverage in EPSG:3857, close to the grid of a band and valid."""
    return polygons_of(_drawn_alone(waters_4490, band).tolist())


def _drawn_alone(shapes_4490: Shapes, band: Band) -> Shapes:
    cells = shapely.transform(shapes_4490, lambda degrees: to_mercator(degrees) / band.unit_m)
    rounded = shapely.transform(shapely.simplify(cells, KEPT_CELLS / 2), np.rint)
    drawn: Shapes = shapely.transform(rounded, lambda corners: corners * band.unit_m)
    return drawn
