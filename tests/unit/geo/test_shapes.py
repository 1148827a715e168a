"""Plots as phones send them: what is taken, what is repaired, what is refused and where it says so."""

from decimal import Decimal
from math import atanh, inf, nan, pi, radians, sin, sqrt

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geo.datum import shape_from_cgcs2000
from geo.shapes import MAX_VERTICES, GeometryRefused, Plot, as_geojson, geodesic_area_mu, read_plot
from schemas.problems import Problem
from schemas.vocabulary import Datum

SQUARE = [[112.0, 29.0], [112.01, 29.0], [112.01, 29.01], [112.0, 29.01], [112.0, 29.0]]
BOW_TIE = [[112.0, 29.0], [112.01, 29.01], [112.01, 29.0], [112.0, 29.01], [112.0, 29.0]]


def polygon(*rings):
    return {"type": "Polygon", "coordinates": list(rings)}


def multi(*polygons):
    return {"type": "MultiPolygon", "coordinates": list(polygons)}


def point(*numbers):
    return {"type": "Point", "coordinates": list(numbers)}


def refusal(geojson, datum=Datum.CGCS2000, **pointer):
    with pytest.raises(GeometryRefused) as caught:
        read_plot(geojson, datum, **pointer)
    return caught.value.problem


def answer_to(geojson, datum):
    try:
        return read_plot(geojson, datum)
    except GeometryRefused as refused:
        return refused.problem


def codes(plot):
    return [warning.code for warning in plot.warnings]


def test_a_point_is_taken_without_an_area():
    plot = read_plot(point(112.5, 29.5), Datum.WGS84)
    assert plot == Plot(shapely.Point(112.5, 29.5), None, ())


def test_a_plot_is_brought_to_cgcs2000():
    phone = as_geojson(shape_from_cgcs2000(shapely.Polygon(SQUARE), Datum.GCJ02))
    plot = read_plot(phone, Datum.GCJ02)
    assert shapely.hausdorff_distance(plot.geom, shapely.Polygon(SQUARE)) < 2e-7
    assert not plot.warnings


def test_the_area_between_two_parallels_agrees_with_its_closed_form_on_the_ellipsoid():
    strip = polygon([[112 + i / 1000, 30] for i in range(1001)] + [[113 - i / 1000, 31] for i in range(1001)])
    plot = read_plot(strip, Datum.CGCS2000)
    assert float(plot.area_mu) * 10_000 / 15 == pytest.approx(zone_m2(30, 31), rel=1e-7)


def zone_m2(south, north):
    """The area of one degree of longitude between two parallels on GRS 80."""
    a, f = 6378137.0, 1 / 298.257222101
    e2 = f * (2 - f)
    e, b2 = sqrt(e2), a * a * (1 - e2)

    def to_equator(latitude):
        s = sin(radians(latitude))
        return pi * b2 * (s / (1 - e2 * s * s) + atanh(e * s) / e)

    return (to_equator(north) - to_equator(south)) / 360


def test_the_area_does_not_depend_on_the_direction_of_the_rings():
    clockwise = read_plot(polygon(SQUARE[::-1]), Datum.CGCS2000)
    counterclockwise = read_plot(polygon(SQUARE), Datum.CGCS2000)
    assert clockwise.area_mu == counterclockwise.area_mu > 0
    assert clockwise.geom.exterior.is_ccw


@pytest.mark.parametrize("direction", [1, -1])
def test_a_hole_is_subtracted_whichever_way_it_runs(direction):
    hole = [[112.002, 29.002], [112.004, 29.002], [112.004, 29.004], [112.002, 29.004], [112.002, 29.002]]
    plot = read_plot(polygon(SQUARE, hole[::direction]), Datum.CGCS2000)
    whole, cut = read_plot(polygon(SQUARE), Datum.CGCS2000), read_plot(polygon(hole), Datum.CGCS2000)
    assert abs(whole.area_mu - cut.area_mu - plot.area_mu) <= Decimal("0.0001")


def test_the_parts_of_a_multipolygon_are_added():
    east = [[lon + 0.1, lat] for lon, lat in SQUARE]
    both = read_plot(multi([SQUARE], [east]), Datum.CGCS2000)
    assert both.geom.geom_type == "MultiPolygon"
    assert abs(both.area_mu - 2 * geodesic_area_mu(shapely.Polygon(SQUARE))) <= Decimal("0.0002")


def test_an_area_has_four_decimals():
    assert read_plot(polygon(SQUARE), Datum.CGCS2000).area_mu.as_tuple().exponent == -4


def test_heights_and_accuracies_are_dropped():
    plot = read_plot(polygon([[*position, 33.5, 4] for position in SQUARE]), Datum.CGCS2000)
    assert not plot.geom.has_z
    assert plot.area_mu == read_plot(polygon(SQUARE), Datum.CGCS2000).area_mu


def test_an_open_ring_is_closed_with_a_warning():
    plot = read_plot(polygon(SQUARE[:-1]), Datum.CGCS2000)
    assert codes(plot) == ["geometry_ring_closed"]
    assert plot.area_mu == read_plot(polygon(SQUARE), Datum.CGCS2000).area_mu


def test_a_crossing_outline_is_repaired_with_a_warning():
    plot = read_plot(polygon(BOW_TIE), Datum.CGCS2000)
    assert codes(plot) == ["geometry_repaired"]
    assert plot.geom.is_valid
    assert len(plot.geom.geoms) == 2
    half = float(read_plot(polygon(SQUARE), Datum.CGCS2000).area_mu) / 2
    assert float(plot.area_mu) == pytest.approx(half, rel=1e-3)


def test_overlapping_parts_are_counted_once():
    plot = read_plot(multi([SQUARE], [SQUARE]), Datum.CGCS2000)
    assert codes(plot) == ["geometry_repaired"]
    assert plot.geom.geom_type == "Polygon"
    assert plot.area_mu == read_plot(polygon(SQUARE), Datum.CGCS2000).area_mu


@pytest.mark.parametrize(
    "geojson",
    [
        polygon(),
        polygon([]),
        multi(),
        multi([]),
        multi([SQUARE], []),
        point(),
        polygon([[112, 29], [112.01, 29]]),
        polygon([[112, 29], [112.01, 29], [112, 29]]),
        polygon([[112, 29], [112, 29], [112, 29], [112, 29]]),
        polygon([[112, 29], [112.01, 29.01], [112.02, 29.02], [112, 29]]),
        polygon([[112, 29], [112.0000001, 29], [112.0000001, 29.0000001], [112, 29]]),
    ],
)
def test_what_has_no_area_is_refused_as_empty(geojson):
    assert refusal(geojson).code == "geometry_empty"


@pytest.mark.parametrize(
    ("geojson", "field"),
    [
        (None, "/payload/geometry"),
        ("POINT (112 29)", "/payload/geometry"),
        ([112, 29], "/payload/geometry"),
        ({"type": "Polygon"}, "/payload/geometry/coordinates"),
        ({"type": "Polygon", "coordinates": None}, "/payload/geometry/coordinates"),
        ({"type": "Polygon", "coordinates": {"0": SQUARE}}, "/payload/geometry/coordinates"),
        ({"type": "Polygon", "coordinates": "112,29"}, "/payload/geometry/coordinates"),
        (polygon("ring"), "/payload/geometry/coordinates/0"),
        (polygon(SQUARE, None), "/payload/geometry/coordinates/1"),
        (polygon([*SQUARE[:2], [112.01], *SQUARE[3:]]), "/payload/geometry/coordinates/0/2"),
        (polygon([*SQUARE[:2], "112,29", *SQUARE[3:]]), "/payload/geometry/coordinates/0/2"),
        (multi([SQUARE], [[["112", "29"]]]), "/payload/geometry/coordinates/1/0/0"),
        (point(112), "/payload/geometry/coordinates"),
        (point("112", "29"), "/payload/geometry/coordinates"),
        (point(True, False), "/payload/geometry/coordinates"),
        (point(None, 29), "/payload/geometry/coordinates"),
        (point(nan, 29), "/payload/geometry/coordinates"),
        (point(112, inf), "/payload/geometry/coordinates"),
        (point(10**400, 29), "/payload/geometry/coordinates"),
        (point([112, 29]), "/payload/geometry/coordinates"),
    ],
)
def test_what_is_no_geojson_is_refused_naming_the_place(geojson, field):
    found = refusal(geojson)
    assert (found.code, found.field) == ("geometry_invalid", field)
    assert found.params["reason"] in found.en
    assert found.params["reason_zh"] in found.zh


def test_deep_nesting_is_refused_without_recursion():
    nested = 112.0
    for _ in range(100_000):
        nested = [nested]
    assert refusal({"type": "MultiPolygon", "coordinates": nested}).code == "geometry_invalid"
    assert refusal({"type": nested, "coordinates": nested}).code == "geometry_type"


@pytest.mark.parametrize(
    ("kind", "shown"),
    [
        ("LineString", "LineString"),
        ("Feature", "Feature"),
        ("point", "point"),
        ("A\0\ud800", "A??"),
        ("x" * 1000, "x" * 40),
        (None, "?"),
        (7, "?"),
    ],
)
def test_another_type_is_refused_and_shown_so_that_it_can_be_printed(kind, shown):
    found = refusal({"type": kind, "coordinates": [112, 29]})
    assert (found.code, found.field, found.params) == ("geometry_type", "/payload/geometry/type", {"value": shown})
    assert found.model_dump_json()


def test_coordinates_without_a_datum_are_refused():
    found = refusal(polygon(SQUARE), None)
    assert (found.code, found.field) == ("datum_missing", "/datum")


def test_swapped_axes_are_recognised():
    assert refusal(polygon([[lat, lon] for lon, lat in SQUARE])).code == "geometry_axes_swapped"
    assert refusal(point(40.93, 108.85)).params == {"value": "40.93, 108.85"}


@pytest.mark.parametrize("place", [(0, 0), (139.69, 35.69), (-112, 29), (112, -29), (1e300, 29), (112, 90)])
def test_places_outside_china_are_refused(place):
    assert refusal(point(*place)).code == "geometry_outside_china"


def test_one_stray_vertex_is_enough():
    assert refusal(polygon([*SQUARE[:2], [0, 0], *SQUARE[3:]])).code == "geometry_outside_china"


def test_too_many_vertices_are_refused_with_their_number():
    ring = [[112 + i / 1e6, 29 + (i % 2) / 1e6] for i in range(MAX_VERTICES + 1)]
    found = refusal(polygon(ring))
    assert found.code == "geometry_too_detailed"
    assert found.params == {"count": str(MAX_VERTICES + 1), "limit": str(MAX_VERTICES)}


def test_the_pointer_of_the_caller_leads_the_fields():
    assert refusal(point("x", 1), pointer="/set/~1geometry").field == "/set/~1geometry/coordinates"
    plot = read_plot(polygon(BOW_TIE), Datum.CGCS2000, "/set/~1geometry")
    assert [warning.field for warning in plot.warnings] == ["/set/~1geometry"]


def test_geojson_has_seven_decimals_and_plain_lists():
    geometry = shapely.Polygon([(112.123456789, 29), (112.2, 29.00000004), (112.2, 29.1)])
    assert as_geojson(geometry) == polygon([[112.1234568, 29.0], [112.2, 29.0], [112.2, 29.1], [112.1234568, 29.0]])
    assert as_geojson(shapely.Point(112.1, 29.1)) == point(112.1, 29.1)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.floats(20, 130),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=20,
)
positions = st.tuples(st.floats(111, 113), st.floats(28, 30)).map(list)


@given(st.sampled_from(["Point", "Polygon", "MultiPolygon", "x"]), json_values, st.sampled_from([*Datum, None]))
def test_no_json_value_raises_anything_but_a_refusal(kind, coordinates, datum):
    answer = answer_to({"type": kind, "coordinates": coordinates}, datum)
    if isinstance(answer, Problem):
        assert answer.model_dump_json()


@given(st.lists(st.lists(positions, min_size=3, max_size=12), min_size=1, max_size=3), st.sampled_from(Datum))
def test_whatever_rings_are_drawn_the_plot_is_sound_or_refused_as_empty(rings, datum):
    answer = answer_to(polygon(*rings), datum)
    if isinstance(answer, Problem):
        assert answer.code == "geometry_empty"
    else:
        assert answer.geom.is_valid
        assert answer.geom.geom_type in {"Polygon", "MultiPolygon"}
        assert answer.geom.area > 0
        assert answer.area_mu >= 0
