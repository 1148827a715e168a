"""A wrong datum is told by plots that miss the registered ones alike, and by nothing less."""

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod

from geo.datum import from_cgcs2000, shape_from_cgcs2000, shape_to_cgcs2000
from geo.misfits import Bounds, Placed, Side, misfits, residuals_m
from schemas.vocabulary import Datum

BOUNDS = Bounds(tolerance_m=30, plots=3, share=0.5)
PLACES = {
    "陶岔": (111.71, 32.67),
    "丹江口大坝": (111.49, 32.56),
    "西山": (120.29, 31.09),
    "乌梁素海": (108.85, 40.95),
}
WRONG = [
    (Datum.WGS84, Datum.GCJ02),
    (Datum.CGCS2000, Datum.BD09),
    (Datum.GCJ02, Datum.WGS84),
    (Datum.GCJ02, Datum.BD09),
]


def field(lon, lat, side=0.001):
    return shapely.box(lon, lat, lon + side, lat + side)


def placed(shapes, declared=Datum.CGCS2000, giver="one"):
    givers = [giver] * len(shapes) if isinstance(giver, str) else giver
    return Placed(np.array(shapes, dtype=object), [declared] * len(shapes), givers)


def stored(shapes, declared, actual):
    """Return true shapes as they are stored where a phone gave them in `actual` and declared `declared`."""
    return shape_to_cgcs2000(shape_from_cgcs2000(np.array(shapes, dtype=object), actual), declared)


def village(lon, lat, count=4):
    return [field(lon + 0.003 * k, lat + 0.002 * k) for k in range(count)]


@pytest.mark.parametrize("place", PLACES.values(), ids=PLACES)
@pytest.mark.parametrize(("declared", "actual"), WRONG)
def test_plots_given_in_another_datum_than_declared_are_told_with_the_datum(place, declared, actual):
    true = village(*place)
    found = misfits(placed(stored(true, declared, actual), declared), placed(true, giver="register"), BOUNDS)
    assert [(one.pair, one.side, one.datum) for one in found] == [(k, Side.DRAWN, actual) for k in range(4)]
    assert all(one.residual_m < 0.1 and one.apart_m > 100 and (one.plots, one.missing) == (4, 4) for one in found)


def test_a_register_in_another_datum_is_told_from_reports_in_another():
    true = village(112.55, 29.55)
    [one, *_] = misfits(placed(true), placed(stored(true, Datum.WGS84, Datum.GCJ02), Datum.WGS84, "register"), BOUNDS)
    assert (one.side, one.datum) == (Side.REGISTERED, Datum.GCJ02)


def test_two_shifted_plots_are_no_evidence_and_none_is_none():
    true = village(112.55, 29.55, 2)
    assert misfits(placed(stored(true, Datum.WGS84, Datum.GCJ02)), placed(true, giver="register"), BOUNDS) == []
    assert misfits(placed([]), placed([]), BOUNDS) == []


def test_three_shifted_plots_of_three_phones_are_no_evidence_of_any():
    true = village(112.55, 29.55, 3)
    drawn = placed(stored(true, Datum.WGS84, Datum.GCJ02), giver=["a", "b", "c"])
    assert misfits(drawn, placed(true, giver=["d", "e", "f"]), BOUNDS) == []


def test_a_phone_that_draws_some_plots_in_another_datum_and_walks_others_is_told_of_the_former():
    true = village(112.55, 29.55, 8)
    drawn = [*true[:4], *stored(true[4:], Datum.WGS84, Datum.GCJ02)]
    assert [one.pair for one in misfits(placed(drawn), placed(true, giver="register"), BOUNDS)] == [4, 5, 6, 7]


def test_chance_fits_among_many_plots_that_lie_elsewhere_are_not_told():
    true = village(112.55, 29.55, 12)
    elsewhere = [shapely.affinity.translate(one, 0, 0.004 + 0.001 * k) for k, one in enumerate(true[:9])]
    drawn = [*elsewhere, *stored(true[9:], Datum.WGS84, Datum.GCJ02)]
    assert misfits(placed(drawn), placed(true, giver="register"), BOUNDS) == []


def test_a_point_on_a_large_plot_misses_nothing():
    plots = [field(112.55 + 0.02 * k, 29.55, 0.015) for k in range(4)]
    points = [shapely.Point(112.5501 + 0.02 * k, 29.5501) for k in range(4)]
    assert residuals_m(np.array(points, dtype=object), np.array(plots, dtype=object)).max() == 0
    assert misfits(placed(points), placed(plots), BOUNDS) == []


def test_a_large_plot_that_still_covers_half_of_itself_after_the_shift_is_told():
    true = [field(112.55 + 0.03 * k, 29.55, 0.01) for k in range(3)]
    drawn = stored(true, Datum.WGS84, Datum.GCJ02)
    assert all(one.intersects(other) for one, other in zip(true, drawn, strict=True))
    assert len(misfits(placed(drawn), placed(true, giver="register"), BOUNDS)) == 3


@given(
    lon=st.floats(75, 132),
    lat=st.floats(19, 52),
    offsets=st.lists(st.tuples(st.floats(-14, 14), st.floats(-14, 14)), min_size=3, max_size=6),
    actual=st.sampled_from([Datum.GCJ02, Datum.BD09]),
)
@settings(max_examples=60, deadline=None)
def test_whatever_the_place_a_shifted_phone_is_told_and_a_careless_one_is_not(lon, lat, offsets, actual):
    """Walked outlines miss by some metres; only the other datum explains hundreds."""
    true = village(lon, lat, len(offsets))
    walked = [
        shapely.affinity.translate(one, east / 111_320 / np.cos(np.radians(lat)), north / 110_570)
        for one, (east, north) in zip(true, offsets, strict=True)
    ]
    registered = placed(true, giver="register")
    assert misfits(placed(walked), registered, BOUNDS) == []
    shift_m = residuals_m(np.array(stored(true, Datum.WGS84, actual)), np.array(true, dtype=object)).min()
    told = misfits(placed(stored(walked, Datum.WGS84, actual)), registered, BOUNDS)
    if shift_m > 100:
        assert [one.datum for one in told] == [actual] * len(true)


def test_residuals_are_metres_on_the_ellipsoid():
    one, other = np.array([[112.0, 40.0]]), from_cgcs2000(np.array([[112.0, 40.0]]), Datum.GCJ02)
    [expected] = Geod(ellps="GRS80").inv(*one.T, *other.T)[2]
    assert residuals_m(shapely.points(one), shapely.points(other)) == pytest.approx([expected], rel=1e-3)
