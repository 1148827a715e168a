"""Datum conversion: published pairs, exact inverses, and the cases in which nothing may move."""

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Geod

from geo.datum import from_cgcs2000, shape_from_cgcs2000, shape_to_cgcs2000, to_cgcs2000
from schemas.vocabulary import Datum

ELLIPSOID = Geod(ellps="GRS80")

in_china = st.tuples(st.floats(73, 136), st.floats(3, 54))


def metres_apart(one, other):
    one, other = np.atleast_2d(one), np.atleast_2d(other)
    return ELLIPSOID.inv(one[:, 0], one[:, 1], other[:, 0], other[:, 1])[2]


@pytest.mark.parametrize(
    ("wgs84", "gcj02"),
    [
        ((121.5272106, 31.1774276), (121.531541859215, 31.17530398364597)),
        ((113.912316, 22.543847), (113.9171764808363, 22.540796131694766)),
        ((116.377817, 39.911954), (116.38404722455657, 39.91334545536069)),
        ((116.404, 39.915), (116.41024449916938, 39.91640428150164)),
    ],
)
def test_gcj02_agrees_with_published_pairs_both_ways(wgs84, gcj02):
    assert metres_apart(from_cgcs2000(np.array([wgs84]), Datum.GCJ02), gcj02) < 1e-4
    assert metres_apart(to_cgcs2000(np.array([gcj02]), Datum.GCJ02), wgs84) < 1e-4


def test_bd09_agrees_with_a_published_pair():
    gcj02, bd09 = np.array([[116.404, 39.915]]), (116.41036949371029, 39.92133699351021)
    cgcs2000 = to_cgcs2000(gcj02, Datum.GCJ02)
    assert metres_apart(from_cgcs2000(cgcs2000, Datum.BD09), bd09) < 1e-4
    assert metres_apart(to_cgcs2000(np.array([bd09]), Datum.BD09), cgcs2000) < 1e-4


@given(position=in_china, datum=st.sampled_from(Datum))
def test_every_datum_is_inverted_to_a_tenth_of_a_millimetre(position, datum):
    there = from_cgcs2000(np.array([position]), datum)
    assert metres_apart(to_cgcs2000(there, datum), position) < 1e-4


def test_the_inverse_holds_on_a_grid_over_the_whole_country():
    lon, lat = np.meshgrid(np.linspace(73, 136, 300), np.linspace(3, 54, 300))
    grid = np.column_stack([lon.ravel(), lat.ravel()])
    for datum in (Datum.GCJ02, Datum.BD09):
        assert metres_apart(to_cgcs2000(from_cgcs2000(grid, datum), datum), grid).max() < 1e-4


@given(position=in_china)
def test_gcj02_is_off_by_metres_to_hundreds_of_metres(position):
    assert 10 < metres_apart(from_cgcs2000(np.array([position]), Datum.GCJ02), position) < 1500


@pytest.mark.parametrize("datum", [Datum.WGS84, Datum.CGCS2000])
def test_wgs84_and_cgcs2000_are_the_same(datum):
    position = np.array([[112.345678, 29.123456]])
    assert np.array_equal(to_cgcs2000(position, datum), position)
    assert np.array_equal(from_cgcs2000(position, datum), position)


@pytest.mark.parametrize("position", [(139.69, 35.69), (-73.9, 40.7), (2.35, 48.86), (103.8, -1.0)])
def test_gcj02_leaves_positions_far_from_china_alone(position):
    assert np.array_equal(from_cgcs2000(np.array([position]), Datum.GCJ02), [position])
    assert np.array_equal(to_cgcs2000(np.array([position]), Datum.GCJ02), [position])


def test_positions_inside_and_outside_are_told_apart_within_one_array():
    both = np.array([[112.0, 29.0], [139.69, 35.69]])
    moved = metres_apart(from_cgcs2000(both, Datum.GCJ02), both)
    assert moved[0] > 100
    assert moved[1] == 0


def test_a_polygon_with_a_hole_is_converted_ring_by_ring():
    plot = shapely.Polygon(
        [(112, 29), (112.01, 29), (112.01, 29.01), (112, 29.01)],
        [[(112.002, 29.002), (112.004, 29.002), (112.004, 29.004)]],
    )
    phone = shape_from_cgcs2000(plot, Datum.GCJ02)
    assert metres_apart(shapely.get_coordinates(phone), shapely.get_coordinates(plot)).min() > 100
    back = shape_to_cgcs2000(phone, Datum.GCJ02)
    assert len(back.interiors) == 1
    assert metres_apart(shapely.get_coordinates(back), shapely.get_coordinates(plot)).max() < 1e-4


def test_converting_twice_is_not_the_same_as_converting_once():
    phone = np.array([[112.0, 29.0]])
    once = to_cgcs2000(phone, Datum.GCJ02)
    assert metres_apart(to_cgcs2000(once, Datum.GCJ02), once) > 100
