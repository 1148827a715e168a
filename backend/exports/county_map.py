"""A small map of counties as vector paths: coloured by how far each stands from its goal. Pure.

The regions of one province or basin alone; a map of the nation would have to show all of it.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise

import numpy as np
import shapely

from geo.coverage import simplify

WIDTH = 1000.0
TOLERANCE_DEG = 0.01
PLACES = 4

NO_DATA = "#f0f0f0"
CLASSES: tuple[tuple[Decimal | None, str], ...] = (
    (Decimal(-10), "#d7301f"),
    (Decimal(0), "#fdae61"),
    (Decimal(5), "#abd9e9"),
    (None, "#2c7bb6"),
)
"""Upper bounds of the distance to the goal in percentage points; red to blue, which colour-blind readers tell apart."""

HATCH = (
    '<defs><pattern id="h" width="8" height="8" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
    f'<rect width="8" height="8" fill="{NO_DATA}"/><line x1="0" y1="0" x2="0" y2="8" stroke="#c8c8c8" '
    'stroke-width="2"/></pattern></defs>'
)


@dataclass(frozen=True, slots=True)
class LegendEntry:
    """A colour and what it stands for."""

    colour: str
    label: str


def legend(goal_percent: Decimal | None) -> list[LegendEntry]:
    """Return the classes as rates, of which the goal is a bound; as distances where goals differ (None)."""
    bounds = [f"{bound + (goal_percent or 0):.0f}" for bound, _ in CLASSES if bound is not None]
    before = "距目标 " if goal_percent is None else ""
    labels = [f"{before}低于 {bounds[0]}", *(f"{before}{low}～{high}" for low, high in pairwise(bounds))]
    labels.append(f"{before}{bounds[-1]} 及以上")
    entries = [LegendEntry(colour, label) for (_, colour), label in zip(CLASSES, labels, strict=True)]
    return [*entries, LegendEntry(NO_DATA, "无数据")]


def colour_of(distance: Decimal | None) -> str:
    """Return the fill of a county by its distance to the goal in percentage points."""
    if distance is None:
        return "url(#h)"
    return next(colour for bound, colour in CLASSES if bound is None or distance < bound)


def draw(outlines: Mapping[str, shapely.Geometry], distances: Mapping[str, Decimal | None]) -> str:
    """Return an SVG of the outlines (degrees, CGCS2000), true to scale along the middle parallel; north is up."""
    codes = sorted(outlines)
    shapes = simplify(np.array([outlines[code] for code in codes], dtype=object), TOLERANCE_DEG, PLACES)
    west, south, east, north = shapely.total_bounds(shapes)
    squeeze = math.cos(math.radians((south + north) / 2))
    scale = WIDTH / ((east - west) * squeeze)
    height = (north - south) * scale

    def project(
        coordinates: np.ndarray[tuple[int, ...], np.dtype[np.float64]],
    ) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
        return np.column_stack(((coordinates[:, 0] - west) * squeeze * scale, (north - coordinates[:, 1]) * scale))

    paths = "".join(
        f'<path d="{_path(shapely.transform(shape, project))}" fill="{colour_of(distances.get(code))}"/>'
        for code, shape in zip(codes, shapes, strict=True)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="-4 -4 {WIDTH + 8:.0f} {height + 8:.0f}" '
        f'width="{WIDTH:.0f}" height="{height:.0f}">{HATCH}'
        f'<g stroke="#555" stroke-width="1.2" stroke-linejoin="round" fill-rule="evenodd">{paths}</g></svg>'
    )


def _path(shape: shapely.Geometry) -> str:
    rings: Sequence[shapely.Geometry] = shapely.get_rings(shapely.get_parts(shape))
    return "".join(
        "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in shapely.get_coordinates(ring)[:-1]) + "Z" for ring in rings
    )
