"""Polygons that share edges, treated as one: simplified without gaps or overlaps, dissolved by parent, checked. Pure.

Simplifying a county layer feature by feature opens about 3,000 km2 of overlaps; as one coverage it opens none. Rounding
it corner by corner breaks some hundred shapes of a small map; drawn on a grid as one coverage it breaks none.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

Shapes = NDArray[np.object_]

ISLET_CELLS = 4
"""An island smaller than this, out at sea, is drawn as a square with this side, so that none disappears."""

MENDINGS = 8
"""Mending a knot may tie one with the next neighbour; after so many rounds all shapes are drawn anew together."""


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


def simplify_on_grid(shapes: Shapes, tolerance: float) -> Shapes:
    """Return the coverage with fewer corners, all of them on whole numbers, its shared edges still shared.

    `shapes` and `tolerance` are in cells of the grid. What is too small for the grid and lies between others is theirs;
    its own shape is then empty.
    """
    large, islets = _apart(shapes)
    drawn = on_grid(shapely.coverage_simplify(large, tolerance))
    owners, squares = islets
    free = _unmet(squares, drawn)
    for owner in np.unique(owners[free]):
        drawn[owner] = _multi([*shapely.get_parts(drawn[owner]), *squares[free & (owners == owner)]])
    return drawn


def on_grid(shapes: Shapes) -> Shapes:
    """Return the coverage with its corners on whole numbers, sound again where rounding tied knots into it.

    Around a knot the lines of all shapes are crossed with each other on the grid, and every face that this makes goes
    to the shape that it lies in, so that nothing overlaps and nothing gapes that did not before.
    """
    drawn: Shapes = shapely.transform(shapes, np.rint)
    home = shapely.STRtree(shapes)
    knotted = np.empty(0, dtype=np.int64)
    looked_at = np.arange(shapes.size)
    for _ in range(MENDINGS):
        seen = drawn[looked_at]
        broken = looked_at[~shapely.is_valid(seen) | ~shapely.is_empty(unshared_edges(seen))]
        if not broken.size:
            return drawn
        # With those of the rounds before: what is untied here may be tied there again.
        knotted = np.union1d(knotted, broken)
        looked_at = _near(drawn, _mend(drawn, home, knotted))
    _mend(drawn, home, np.arange(shapes.size))
    return drawn


def _mend(drawn: Shapes, home: shapely.STRtree, knotted: NDArray[np.int64]) -> NDArray[np.int64]:
    """Draw the knotted shapes and their neighbours anew, in place; `home` is where each shape was before rounding."""
    near = _near(drawn, knotted)
    faces = shapely.get_parts(shapely.polygonize([shapely.unary_union(shapely.boundary(drawn[near]), grid_size=1)]))
    face, owner = home.query_nearest(shapely.point_on_surface(faces), max_distance=1.0, all_matches=False)
    for index in near.tolist():
        drawn[index] = _multi(shapely.get_parts(shapely.coverage_union_all(faces[face[owner == index]])))
    return near


def _near(drawn: Shapes, some: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return some shapes and all whose bounds meet theirs, by index."""
    met, _ = shapely.STRtree(shapely.box(*shapely.bounds(drawn[some]).T)).query(drawn, predicate=None)
    return np.union1d(some, met)


def _apart(shapes: Shapes) -> tuple[Shapes, tuple[NDArray[np.int64], Shapes]]:
    """Return the coverage without its islets, and of each the index of its shape and its square on the grid."""
    parts, owners = shapely.get_parts(shapes, return_index=True)
    bounds = shapely.bounds(parts)
    small = np.flatnonzero((bounds[:, 2:] - bounds[:, :2]).max(axis=1) < ISLET_CELLS)
    touching, _ = shapely.STRtree(parts).query(parts[small], predicate="intersects")
    alone = small[np.bincount(touching, minlength=small.size) == 1]
    large = shapes.copy()
    kept = np.ones(parts.size, dtype=bool)
    kept[alone] = False
    for index in np.unique(owners[alone]):
        large[index] = _multi(parts[kept & (owners == index)])
    corners = np.rint((bounds[alone, :2] + bounds[alone, 2:] - ISLET_CELLS) / 2)
    squares: Shapes = shapely.box(*corners.T, *(corners + ISLET_CELLS).T)
    return large, (owners[alone], squares)


def _unmet(squares: Shapes, drawn: Shapes) -> NDArray[np.bool_]:
    """Return which squares meet neither land nor a square before them; what they stand for is drawn with that."""
    free = np.ones(squares.size, dtype=bool)
    free[shapely.STRtree(drawn).query(squares, predicate="intersects")[0]] = False
    for one, other in shapely.STRtree(squares).query(squares, predicate="intersects").T.tolist():
        if one < other and free[one]:
            free[other] = False
    return free


def _multi(parts: Sequence[Any]) -> Any:
    return shapely.MultiPolygon(list(parts))


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
