"""What is stored of a plot reads back as the same plot, and no outline costs more than it is worth."""

import math
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.shapes import GeometryRefused, as_geojson, read_plot
from schemas.vocabulary import Datum


def outline(points):
    return {"type": "Polygon", "coordinates": [[*points, points[0]]]}


@settings(max_examples=300)
@given(
    st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), min_size=3, max_size=12),
    st.floats(1, 7),
    st.sampled_from(list(Datum)),
)
def test_a_stored_plot_reads_back_unchanged(corners, fineness, datum):
    points = [[112 + x * 10**-fineness, 29 + y * 10**-fineness] for x, y in corners]
    try:
        plot = read_plot(outline(points), datum)
    except GeometryRefused:
        return
    stored = as_geojson(plot.geom)
    again = read_plot(stored, Datum.CGCS2000)
    assert (as_geojson(again.geom), again.area_mu, again.warnings) == (stored, plot.area_mu, ())


@pytest.mark.parametrize("count", [300, 2_000, 9_999])
def test_a_tangle_is_refused(count):
    draw = random.Random(count)
    points = [[112 + draw.random() / 10, 29 + draw.random() / 10] for _ in range(count)]
    with pytest.raises(GeometryRefused) as refused:
        read_plot(outline(points), Datum.WGS84)
    assert refused.value.problem.code == "geometry_tangled"


def test_a_long_walk_that_crosses_itself_once_is_repaired():
    turns = [2 * math.pi * step / 1500 for step in range(1500)]
    points = [[112 + math.cos(turn) / 100, 29 + math.sin(turn) / 100] for turn in turns]
    points[10], points[40] = points[40], points[10]
    plot = read_plot(outline(points), Datum.WGS84)
    assert [one.code for one in plot.warnings] == ["geometry_repaired"]
