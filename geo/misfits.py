"""Which positions were given in another datum than was declared: told by the registered plots of the same farms. Pure.

Nothing in a number says in which datum it is. But a phone that declares the wrong one shifts all that it draws by the
same some hundred metres, so its plots miss the registered ones, and meet them once they are read in the other datum.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.coverage import Shapes
from geo.datum import Coordinates, shape_from_cgcs2000, shape_to_cgcs2000
from geo.shapes import CGCS2000_ELLIPSOID
from schemas.vocabulary import Datum

Metres = NDArray[np.float64]

SAME_GROUND = frozenset({Datum.CGCS2000, Datum.WGS84})
"""Treated as equal."""

OTHERS = (Datum.WGS84, Datum.GCJ02, Datum.BD09)

PART = 0.5
"""A shape with less than this share of the other's area is a part of it, or a point: it need only lie on it."""


class Side(StrEnum):
    """Which of the two positions was given in another datum."""

    DRAWN = "drawn"
    REGISTERED = "registered"


@dataclass(frozen=True, slots=True)
class Placed:
    """Positions of one side, one a pair: CGCS2000 shapes as converted, the datum declared, and who gave them."""

    shapes: Shapes
    declared: Sequence[Datum]
    givers: Sequence[str]


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a misfit must show before anybody is asked about it."""

    tolerance_m: float
    """So near a plot read in the other datum must come; as declared it misses by more than twice as much."""
    plots: int
    """So many plots of one giver must fit one other datum."""
    share: float
    """Of a giver's plots that miss the registered ones, this share at least."""


@dataclass(frozen=True, slots=True)
class Misfit:
    """A pair that fits in another datum, with what stands behind it."""

    pair: int
    side: Side
    datum: Datum
    apart_m: float
    """As declared."""
    residual_m: float
    """Read in the other datum."""
    plots: int
    """How many plots of the giver fit the same datum, this one among them."""
    missing: int
    """How many plots of the giver miss the registered ones."""


@dataclass(frozen=True, slots=True)
class _Reading:
    """One pair read in another datum, near enough."""

    side: Side
    giver: str
    datum: Datum
    residual_m: float

    @property
    def shared(self) -> tuple[Side, str, Datum]:
        return self.side, self.giver, self.datum


def misfits(drawn: Placed, registered: Placed, bounds: Bounds) -> list[Misfit]:
    """Return the pairs of drawn and registered plots that one datum error of their giver explains, by pair.

    A plot that merely lies elsewhere fits another datum by chance once in some hundred cases, so that a single one is
    no evidence; neither are the few chance fits of a giver most of whose plots lie elsewhere for other reasons. Where
    drawn and registered plots were declared in two datums, either may be the wrong one: the giver with more such
    plots is told, and of equals the one who drew.
    """
    if not len(drawn.shapes):
        return []
    apart_m = residuals_m(drawn.shapes, registered.shapes)
    is_off = apart_m > 2 * bounds.tolerance_m
    off: list[int] = np.flatnonzero(is_off).tolist()
    readings = _readings(drawn, registered, is_off, bounds.tolerance_m)
    support = Counter(key for found in readings.values() for key in {one.shared for one in found})
    missing = Counter((Side.DRAWN, drawn.givers[pair]) for pair in off)
    missing += Counter((Side.REGISTERED, registered.givers[pair]) for pair in off)
    told = []
    for pair, found in sorted(readings.items()):
        best = max(found, key=lambda one: (support[one.shared], one.side is Side.DRAWN, -one.residual_m))
        plots, of = support[best.shared], missing[best.side, best.giver]
        if plots >= bounds.plots and plots >= bounds.share * of:
            told.append(Misfit(pair, best.side, best.datum, float(apart_m[pair]), best.residual_m, plots, of))
    return told


def reread(shapes: Shapes, declared: Datum, datum: Datum) -> Shapes:
    """Return CGCS2000 shapes that were converted from `declared` as they would be, had they been given in `datum`."""
    reread: Shapes = np.asarray(shape_to_cgcs2000(shape_from_cgcs2000(shapes, declared), datum))
    return reread


def residuals_m(one: Shapes, other: Shapes) -> Metres:
    """Return how far each pair of CGCS2000 shapes lies apart in m, true to about a thousandth within some km.

    Plots of like size are compared by their middles; a point or a part of a plot need only lie on the larger one.
    """
    middles: Coordinates = shapely.get_coordinates(shapely.centroid(other))
    first, second = _in_metres(one, middles), _in_metres(other, middles)
    first_m2, second_m2 = shapely.area(first), shapely.area(second)
    is_smaller = first_m2 < second_m2
    smaller, larger = np.where(is_smaller, first, second), np.where(is_smaller, second, first)
    is_part = shapely.area(smaller) < PART * shapely.area(larger)
    target = np.where(is_part, larger, shapely.centroid(larger))
    apart: Metres = shapely.distance(shapely.centroid(smaller), target)
    return apart


def _readings(
    drawn: Placed, registered: Placed, is_off: NDArray[np.bool_], tolerance_m: float
) -> dict[int, list[_Reading]]:
    """Return, by pair that is off, the readings in another datum that bring its two plots together."""
    readings: dict[int, list[_Reading]] = {}
    for side, moved, still in ((Side.DRAWN, drawn, registered), (Side.REGISTERED, registered, drawn)):
        for declared in Datum:
            is_declared = np.array([one is declared for one in moved.declared])
            pairs = np.flatnonzero(is_off & is_declared)
            for datum in OTHERS:
                if not len(pairs) or datum is declared or {datum, declared} <= SAME_GROUND:
                    continue
                missed_m = residuals_m(reread(moved.shapes[pairs], declared, datum), still.shapes[pairs])
                for pair, residual_m in zip(pairs.tolist(), missed_m.tolist(), strict=True):
                    if residual_m <= tolerance_m:
                        reading = _Reading(side, moved.givers[pair], datum, residual_m)
                        readings.setdefault(pair, []).append(reading)
    return readings


def _in_metres(shapes: Shapes, origins: Coordinates) -> Shapes:
    """Return shapes in metres east and north of one origin each."""
    coordinates, index = shapely.get_coordinates(shapes, return_index=True)
    latitude = np.radians(origins[:, 1])
    bent = 1 - CGCS2000_ELLIPSOID.es * np.sin(latitude) ** 2
    parallel_m = np.radians(CGCS2000_ELLIPSOID.a * np.cos(latitude) / np.sqrt(bent))
    meridian_m = np.radians(CGCS2000_ELLIPSOID.a * (1 - CGCS2000_ELLIPSOID.es) / bent**1.5)
    scale = np.column_stack((parallel_m, meridian_m))
    moved: Shapes = shapely.set_coordinates(shapes.copy(), (coordinates - origins[index]) * scale[index])
    return moved
