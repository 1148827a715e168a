"""Which county a position lies in, and how far a plot lies from the county it was filed under. Pure, in memory.

The county layer is generalised by its source, so the declared county wins and a warning begins only at 1 km.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import shapely

from geo.datum import Coordinates
from geo.shapes import CGCS2000_ELLIPSOID, Plot
from schemas.problems import Problem, problem

TOLERATED_M = 1000.0
"""Plots closer to their county than this are not flagged."""


class CountyIndex:
    """The outlines of the counties in CGCS2000, for look-ups in memory."""

    def __init__(self, codes: Sequence[str], geometries: Sequence[Any]) -> None:
        """`geometries` are (multi)polygons in CGCS2000, one for each of `codes`."""
        self._codes = tuple(codes)
        self._geometries: dict[str, Any] = dict(zip(codes, geometries, strict=True))
        self._tree = shapely.STRtree(list(geometries))

    def __len__(self) -> int:
        return len(self._codes)

    def __contains__(self, county_code: object) -> bool:
        return county_code in self._geometries

    def bounds(self, county_codes: Iterable[str]) -> tuple[float, ...]:
        """Return west, south, east, north of counties in degrees; of all counties where none of them has an outline."""
        wanted = [self._geometries[code] for code in county_codes if code in self._geometries]
        return tuple(shapely.total_bounds(wanted or list(self._geometries.values())).tolist())

    def locate(self, lon: float, lat: float) -> str | None:
        """Return the county at a CGCS2000 position, or None. Where the layer gives an islet to two, the lower code."""
        hits = self._tree.query(shapely.Point(lon, lat), predicate="intersects")
        return min((self._codes[hit] for hit in hits), default=None)

    def distance_m(self, county_code: str, geometry: Any) -> float | None:
        """Return the geodesic distance from a CGCS2000 geometry to its county in m: 0 inside, None without an outline.

        Good to some metres at 1 km; at hundreds of km the nearest point, found in a plane, may be off by a percent.
        """
        county = self._geometries.get(county_code)
        if county is None:
            return None
        if shapely.intersects(county, geometry):
            return 0.0
        return _distance_m(county, geometry)

    def plot_warnings(self, county_code: str, plot: Plot, pointer: str = "/payload/geometry") -> list[Problem]:
        """Return a warning where a plot lies more than 1 km outside its county; `pointer` is its place in the item."""
        distance_m = self.distance_m(county_code, plot.geom)
        if distance_m is None or distance_m <= TOLERATED_M:
            return []
        return [problem("plot_outside_county", pointer, distance_km=f"{distance_m / 1000:.1f}")]


def _distance_m(county: Any, geometry: Any) -> float:
    """Find the nearest points in a plane that is true to scale at the geometry, then measure between them."""
    latitude = shapely.centroid(geometry).y
    squeeze = float(np.cos(np.radians(latitude)))

    def to_plane(coordinates: Coordinates) -> Coordinates:
        return coordinates * (squeeze, 1.0)

    line = shapely.shortest_line(shapely.transform(county, to_plane), shapely.transform(geometry, to_plane))
    ends: Coordinates = shapely.get_coordinates(line) / (squeeze, 1.0)
    (lon, lat), (other_lon, other_lat) = ends.tolist()
    _, _, distance = CGCS2000_ELLIPSOID.inv(lon, lat, other_lon, other_lat)
    return float(distance)
