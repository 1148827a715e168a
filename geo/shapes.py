"""From the GeoJSON that a phone sent to a sound plot in CGCS2000: read, checked, repaired, measured. Pure.

What cannot be understood is refused with a problem that names the place; what can only be meant in one way is repaired
with a warning. The input is whatever a JSON parser returns and is trusted in nothing.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np
import shapely
from pyproj import Geod

from geo.datum import Coordinates, shape_to_cgcs2000
from schemas.decimals import EXACT, MU_PER_HECTARE, rounded
from schemas.problems import Problem, problem
from schemas.vocabulary import Datum

MAX_VERTICES = 10_000

MAX_VERTICES_REPAIRED = 2_000
MAX_OVERLAPS = (1_000, 50)
"""A tangle costs minutes to repair and means nothing. An outline that crosses itself is repaired while at most
1,000 + 50 per vertex pairs of its edges lie near each other; a walked outline has about 3 per vertex."""

LON_RANGE = (73.0, 136.0)
LAT_RANGE = (3.0, 54.0)
"""A generous box around China. The two ranges do not overlap, so swapped axes are recognised without a doubt."""

CGCS2000_ELLIPSOID = Geod(ellps="GRS80")
"""CGCS2000 has a = 6378137 m and 1/f = 298.257222101, as GRS80 has."""

NO_AREA_DEG2 = 1e-12
"""About 0.01 m2. Vertices on a straight line in the plane still enclose a sliver on the ellipsoid."""

AREA_PLACES = 4
COORDINATE_PLACES = 7
"""About 1 cm."""

Position = tuple[float, float]
Ring = list[Position]

_NOT_AN_OBJECT = ("应为 GeoJSON 对象", "a GeoJSON object is expected")
_NOT_AN_ARRAY = ("坐标应为数组", "coordinates must be arrays")
_NOT_A_POSITION = (
    "坐标应为[经度, 纬度]两个有限数值",
    "a position must be [longitude, latitude], two finite numbers",
)


class GeometryRefused(Exception):  # noqa: N818 - it is an answer to the phone, not a fault
    """The geometry cannot be taken; `problem` says why and where."""

    def __init__(self, refusal: Problem) -> None:
        super().__init__(refusal.code)
        self.problem = refusal


@dataclass(frozen=True, slots=True)
class Plot:
    """A sound plot: a point or polygons in CGCS2000 (rings by the right-hand rule) and their geodesic area."""

    geom: Any
    area_mu: Decimal | None
    """None for a point."""
    warnings: tuple[Problem, ...] = ()


def read_plot(geojson: Any, datum: Datum | None, pointer: str = "/payload/geometry") -> Plot:
    """Return the plot that a GeoJSON Point, Polygon or MultiPolygon in `datum` describes.

    `pointer` is where the geometry stands in its item, for the problems. Positions may have further numbers, such as a
    height, which are dropped. Raises GeometryRefused.
    """
    if not isinstance(geojson, Mapping):
        raise _invalid(pointer, _NOT_AN_OBJECT)
    if datum is None:
        raise GeometryRefused(problem("datum_missing", "/datum"))
    where = f"{pointer}/coordinates"
    coordinates = geojson.get("coordinates")
    match geojson.get("type"):
        case "Point":
            if coordinates == []:
                raise GeometryRefused(problem("geometry_empty", pointer))
            position = _read_position(coordinates, where)
            _check_place([position], pointer)
            return Plot(_rounded(shape_to_cgcs2000(shapely.Point(position), datum)), None)
        case "Polygon":
            polygons = [_read_rings(coordinates, where)]
        case "MultiPolygon":
            parts = _read_array(coordinates, where)
            polygons = [_read_rings(part, f"{where}/{index}") for index, part in enumerate(parts)]
        case other:
            raise GeometryRefused(problem("geometry_type", f"{pointer}/type", value=_shown(other)))
    return _read_polygons(polygons, datum, pointer)


def geodesic_area_mu(geometry: Any) -> Decimal:
    """Return the area of CGCS2000 polygons on the ellipsoid in mu, to 4 decimals. Rings must follow one rule."""
    area_m2, _ = CGCS2000_ELLIPSOID.geometry_area_perimeter(geometry)
    area_ha = EXACT.scaleb(Decimal(repr(abs(area_m2))), -4)
    return rounded(EXACT.multiply(area_ha, MU_PER_HECTARE), AREA_PLACES)


def as_geojson(geometry: Any) -> dict[str, Any]:
    """Return a geometry as a GeoJSON object with coordinates to 7 decimals."""
    mapping = shapely.geometry.mapping(_rounded(geometry))
    return {"type": mapping["type"], "coordinates": _as_lists(mapping["coordinates"])}


def _as_lists(value: Any) -> Any:
    return [_as_lists(item) for item in value] if isinstance(value, tuple | list) else value


def _read_polygons(polygons: list[list[Ring]], datum: Datum, pointer: str) -> Plot:
    rings = [ring for polygon in polygons for ring in polygon]
    count = sum(map(len, rings))
    if count > MAX_VERTICES:
        raise GeometryRefused(problem("geometry_too_detailed", pointer, count=count, limit=MAX_VERTICES))
    if not rings or not all(polygons) or min(map(len, rings)) < 3:
        raise GeometryRefused(problem("geometry_empty", pointer))
    _check_place([position for ring in rings for position in ring], pointer)
    warnings = []
    if any(ring[0] != ring[-1] for ring in rings):
        warnings.append(problem("geometry_ring_closed", pointer))
    parts = [shapely.Polygon(shell, holes) for shell, *holes in polygons]
    # Rounded before anything is checked or measured, so that what is stored reads back as the same plot.
    geometry = _rounded(shape_to_cgcs2000(parts[0] if len(parts) == 1 else shapely.MultiPolygon(parts), datum))
    if not shapely.is_valid(geometry):
        if _is_tangled(geometry):
            raise GeometryRefused(problem("geometry_tangled", pointer))
        geometry = _repaired(geometry)
        warnings.append(problem("geometry_repaired", pointer))
    geometry = shapely.orient_polygons(geometry, exterior_cw=False)
    if shapely.area(geometry) < NO_AREA_DEG2:
        raise GeometryRefused(problem("geometry_empty", pointer))
    return Plot(geometry, geodesic_area_mu(geometry), tuple(warnings))


def _rounded(geometry: Any) -> Any:
    return shapely.transform(geometry, lambda coordinates: np.round(coordinates, COORDINATE_PLACES))


def _is_tangled(geometry: Any) -> bool:
    """Return whether an outline crosses itself so often that it is no walk around a field."""
    points, ring_of = shapely.get_coordinates(shapely.get_rings(geometry), return_index=True)
    if len(points) > MAX_VERTICES_REPAIRED:
        return True
    connected = ring_of[1:] == ring_of[:-1]
    edges = shapely.linestrings(np.stack((points[:-1], points[1:]), axis=1)[connected])
    near = shapely.STRtree(edges).query(edges).shape[1]
    fixed, per_vertex = MAX_OVERLAPS
    return bool(near > fixed + per_vertex * len(points))


def _repaired(geometry: Any) -> Any:
    """Return what is polygonal of a geometry made valid on the grid of stored coordinates, possibly empty."""
    valid = shapely.make_valid(geometry, method="structure", keep_collapsed=False)
    valid = _rounded(shapely.set_precision(valid, 10**-COORDINATE_PLACES))
    parts = shapely.get_parts(valid)
    parts = parts[shapely.get_dimensions(parts) == 2]
    return parts[0] if len(parts) == 1 else shapely.multipolygons(parts)


def _read_rings(value: Any, where: str) -> list[Ring]:
    rings = _read_array(value, where)
    arrays = [_read_array(ring, f"{where}/{index}") for index, ring in enumerate(rings)]
    return [
        [_read_position(position, f"{where}/{index}/{vertex}") for vertex, position in enumerate(ring)]
        for index, ring in enumerate(arrays)
    ]


def _read_array(value: Any, where: str) -> list[Any] | tuple[Any, ...]:
    if not isinstance(value, list | tuple):
        raise _invalid(where, _NOT_AN_ARRAY)
    return value


def _read_position(value: Any, where: str) -> Position:
    if isinstance(value, list | tuple) and len(value) >= 2:
        lon, lat = _read_number(value[0]), _read_number(value[1])
        if lon is not None and lat is not None:
            return lon, lat
    raise _invalid(where, _NOT_A_POSITION)


def _read_number(value: Any) -> float | None:
    """Return a finite JSON number as a float, else None; a JSON boolean is no number although Python's is."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def _check_place(positions: list[Position], pointer: str) -> None:
    coordinates: Coordinates = np.array(positions)
    lon, lat = coordinates[:, 0], coordinates[:, 1]
    strays = coordinates[~(_within(lon, LON_RANGE) & _within(lat, LAT_RANGE))]
    if not len(strays):
        return
    first_lon, first_lat = strays[0].tolist()
    swapped = _within(first_lat, LON_RANGE) and _within(first_lon, LAT_RANGE)
    code = "geometry_axes_swapped" if swapped else "geometry_outside_china"
    raise GeometryRefused(problem(code, pointer, value=f"{first_lon:.8g}, {first_lat:.8g}"))


def _within(value: Any, bounds: tuple[float, float]) -> Any:
    return (bounds[0] <= value) & (value <= bounds[1])


def _invalid(where: str, reason: tuple[str, str]) -> GeometryRefused:
    zh, en = reason
    return GeometryRefused(problem("geometry_invalid", where, reason_zh=zh, reason=en))


def _shown(value: Any) -> str:
    """Return a client's text so that it can stand in a message: short and without what cannot be printed."""
    if not isinstance(value, str):
        return "?"
    return "".join(character if character.isprintable() else "?" for character in value[:40])
