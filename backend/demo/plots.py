"""The plots of the demo: rectangles in the datum of a phone, and what goes wrong with them."""

from math import cos, radians, sqrt
from typing import Any

import numpy as np
import shapely
import shapely.affinity

from backend.demo.changes import PlannedRecord
from backend.demo.land import M_PER_DEGREE
from geo.datum import Coordinates, from_cgcs2000, shape_from_cgcs2000, shape_to_cgcs2000
from schemas.vocabulary import Datum

M2_PER_MU = 10_000 / 15

ASTRAY_DEGREES = (0.00004, -0.00002)
"""How far beside the first a plot comes to lie that is drawn a second time by hand: some four metres."""


def plot(centre: tuple[float, float], area_mu: float, datum: Datum, *, crossed: bool = False) -> dict[str, Any]:
    """Return a rectangle of `area_mu` around a CGCS2000 position as GeoJSON in `datum`.

    `crossed` gives the outline as a hasty hand draws it: crossing itself.
    """
    longitude, latitude = centre
    half_width_m, half_height_m = half_sides_m(area_mu)
    half_lat = half_height_m / M_PER_DEGREE
    half_lon = half_width_m / (M_PER_DEGREE * cos(radians(latitude)))
    corners = [(-1, -1), (1, 1), (1, -1), (-1, 1)] if crossed else [(-1, -1), (1, -1), (1, 1), (-1, 1)]
    ring = np.array([(longitude + x * half_lon, latitude + y * half_lat) for x, y in [*corners, corners[0]]])
    return _polygon(from_cgcs2000(ring, datum))


def half_sides_m(area_mu: float) -> tuple[float, float]:
    """Return half the width and half the height of a plot: half as wide again as high."""
    half_height_m = sqrt(area_mu * M2_PER_MU / 1.5) / 2
    return 1.5 * half_height_m, half_height_m


def move_away(farm: PlannedRecord, degrees: float) -> None:
    """Draw a farm's plot again, farther to the east."""
    longitude, latitude = _middle(farm)
    _redraw(farm, (longitude + degrees, latitude))


def cross(farm: PlannedRecord) -> None:
    """Draw a farm's plot again, its outline crossing itself."""
    _redraw(farm, _middle(farm), crossed=True)


def lay_upon(farm: PlannedRecord, neighbour: PlannedRecord, apart: float) -> None:
    """Draw a farm's plot again, beside its neighbour's: at `apart` below 1 the two overlap."""
    longitude, latitude = _middle(neighbour)
    widths_m = sum(half_sides_m(float(one.payload["area_mu"]))[0] for one in (farm, neighbour))
    _redraw(farm, (longitude + apart * widths_m / (M_PER_DEGREE * cos(radians(latitude))), latitude))


def report_in_another_datum(farm: PlannedRecord, report: PlannedRecord, declared: Datum, given: Datum) -> None:
    """Let a report draw the plot of its farm, which was registered in `declared`, as a phone that gives `given`."""
    registered = shape_to_cgcs2000(shapely.geometry.shape(farm.payload["geometry"]), declared)
    drawn = shapely.affinity.translate(registered, *ASTRAY_DEGREES)
    report.payload["geometry"] = _polygon(shapely.get_coordinates(shape_from_cgcs2000(drawn, given)))
    report.created["datum"] = declared


def _redraw(farm: PlannedRecord, centre: tuple[float, float], *, crossed: bool = False) -> None:
    # The corners are in the phone's datum already; drawn as CGCS2000 they are not shifted a second time.
    farm.payload["geometry"] = plot(centre, float(farm.payload["area_mu"]), Datum.CGCS2000, crossed=crossed)


def _middle(farm: PlannedRecord) -> tuple[float, float]:
    corners = farm.payload["geometry"]["coordinates"][0][:4]
    longitude, latitude = (sum(corner[axis] for corner in corners) / 4 for axis in (0, 1))
    return longitude, latitude


def _polygon(ring: Coordinates) -> dict[str, Any]:
    return {
        "type": "Polygon",
        "coordinates": [[[round(float(longitude), 7), round(float(latitude), 7)] for longitude, latitude in ring]],
    }
