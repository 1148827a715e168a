"""Polygons that share edges, treated as one: simplified without gaps or overlaps, dissolved by parent, checked. Pure.

Simplifying a county layer feature by feature opens about 3,000 km2 of overlaps; as one coverage it opens none.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

Shapes = NDArray[np.object_]


def polygons_of(geometries: Sequence[Any]) -> Shapes:
    """Return the geometries as an array for the other functions, each invalid one made valid (its polygons kept)."""
    shapes = np.array(geometries, dtype=object)
    broken = ~shapely.is_valid(shapes)
    shapes[broken] = shapely.make_valid(shapes[broken], method="structure", keep_collapsed=False)
    return shapes


def simplify(shapes: Shapes, tolerance_deg: float, places: int) -> Shapes:
    """Return the coverage with fewer vertices and rounded coordinates; edges that were shared stay shared.

    `tolerance_deg` is the side of a square as large as the smallest triangle that is kept (Visvalingam-Whyatt). No
    island disappears, however small, as long as its corners differ after rounding to `places` decimals.
    """
    simplified = shapely.coverage_simplify(shapes, tolerance_deg)
    rounded: Shapes = shapely.transform(simplified, lambda coordinates: np.round(coordinates, places))
    return rounded


def dissolve(shapes: Shapes, parents: Sequence[str]) -> dict[str, Any]:
    """Return parent -> the union of its members, by code; the edges between parents stay shared."""
    owners = np.array(parents)
    return {parent: shapely.coverage_union_all(shapes[owners == parent]) for parent in sorted(set(parents))}


def unshared_edges(shapes: Shapes) -> Shapes:
    """Return, for each polygon, the lines along which it overlaps a neighbour or meets one without sharing vertices.

    All are empty in a sound coverage.
    """
    edges: Shapes = shapely.coverage_invalid_edges(shapes)
    return edges
