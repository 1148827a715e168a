"""Where a position lies and how far a plot is from its county, on three made-up counties around 112° E, 29° N."""

import numpy as np
import pytest
import shapely
from pyproj import Geod

from geo.counties import CountyIndex
from geo.shapes import Plot

ELLIPSOID = Geod(ellps="GRS80")
WEST = shapely.box(111, 28, 112, 30)
EAST = shapely.box(112, 28, 113, 30)
NORTH = shapely.MultiPolygon([shapely.box(111, 53, 112, 53.5), shapely.box(111, 30.5, 111.1, 30.6)])
INDEX = CountyIndex(["430001", "430002", "230001"], [WEST, EAST, NORTH])


def plot_at(lon, lat):
    return Plot(shapely.Point(lon, lat), None)


def test_a_position_is_found_in_its_county():
    assert INDEX.locate(111.5, 29) == "430001"
    assert INDEX.locate(112.5, 29) == "430002"
    assert INDEX.locate(111.05, 30.55) == "230001"


def test_a_position_in_no_county_is_not_guessed():
    assert INDEX.locate(114, 29) is None


def test_a_position_on_a_shared_edge_has_one_answer():
    assert INDEX.locate(112, 29) == "430001"


def test_inside_and_on_the_edge_the_distance_is_zero():
    assert INDEX.distance_m("430001", shapely.Point(111.5, 29)) == 0
    assert INDEX.distance_m("430001", shapely.Point(112, 29)) == 0


def test_a_plot_that_only_reaches_into_its_county_is_not_away_from_it():
    assert INDEX.distance_m("430001", shapely.box(111.99, 29, 112.5, 29.1)) == 0


def test_a_county_without_an_outline_has_no_distance_and_no_warning():
    assert INDEX.distance_m("653228", shapely.Point(111.5, 29)) is None
    assert INDEX.plot_warnings("653228", plot_at(111.5, 29)) == []
    assert "653228" not in INDEX
    assert "430001" in INDEX


@pytest.mark.parametrize("azimuth", [0, 30, 60, 90])
@pytest.mark.parametrize(("corner", "county"), [((112.0, 30.0), "430001"), ((112.0, 53.5), "230001")])
def test_a_kilometre_is_measured_to_some_metres_in_every_direction_and_latitude(azimuth, corner, county):
    lon, lat, _ = ELLIPSOID.fwd(*corner, azimuth, 1000)
    assert INDEX.distance_m(county, shapely.Point(lon, lat)) == pytest.approx(1000, abs=3)


def test_the_distance_is_that_of_the_nearest_edge_not_of_the_nearest_vertex():
    lon, lat, _ = ELLIPSOID.fwd(111, 29, 270, 5000)
    assert INDEX.distance_m("430001", shapely.Point(lon, lat)) == pytest.approx(5000, rel=1e-3)


def test_the_nearest_of_several_parts_counts():
    lon, lat, _ = ELLIPSOID.fwd(111.1, 30.55, 90, 2000)
    assert INDEX.distance_m("230001", shapely.Point(lon, lat)) == pytest.approx(2000, rel=1e-3)


def test_a_plot_is_flagged_only_beyond_a_kilometre():
    near, far = (ELLIPSOID.fwd(112, 29, 90, distance)[:2] for distance in (990, 1010))
    assert INDEX.plot_warnings("430001", plot_at(*near)) == []
    (warning,) = INDEX.plot_warnings("430001", plot_at(*far))
    assert (warning.code, warning.field) == ("plot_outside_county", "/payload/geometry")
    assert warning.params == {"distance_km": "1.0"}


def test_the_pointer_of_the_caller_is_the_field_of_the_warning():
    (warning,) = INDEX.plot_warnings("430001", plot_at(114, 29), "/set/~1geometry")
    assert warning.field == "/set/~1geometry"
    assert 190 < float(warning.params["distance_km"]) < 200


def test_codes_and_outlines_must_pair_up():
    with pytest.raises(ValueError, match="shorter"):
        CountyIndex(["430001", "430002"], [WEST])


def test_positions_on_a_grid_agree_with_a_plain_search():
    rng = np.random.default_rng(4)
    for lon, lat in zip(rng.uniform(110, 114, 200), rng.uniform(27, 31, 200), strict=True):
        expected = [
            code
            for code, county in (("430001", WEST), ("430002", EAST))
            if county.contains_properly(shapely.Point(lon, lat))
        ]
        assert INDEX.locate(lon, lat) == (expected[0] if expected else None)
