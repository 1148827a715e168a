"""Tiles: where they lie, and coverages that stay coverages on the grid of every band of zooms."""

from itertools import pairwise

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geo.coverage import ISLET_CELLS, on_grid, polygons_of, simplify_on_grid, unshared_edges
from geo.tiles import BANDS, HALF_M, REGION_ZOOMS, Tile, band_of, drawn_lines, generalised, to_degrees, to_mercator

RNG = np.random.default_rng(11)


def cells_of(shapes, band):
    return shapely.transform(shapes, lambda corners: np.rint(corners / band.unit_m))


@pytest.fixture(scope="module")
def counties():
    """Forty counties around as many points, their edges ragged, with corners 40 m apart; one has an islet."""
    points = shapely.MultiPoint(RNG.uniform((111, 28), (112, 29), size=(40, 2)))
    cells = shapely.get_parts(shapely.voronoi_polygons(points, extend_to=shapely.box(111, 28, 112, 29)))
    edges = {}

    def ragged(corners):
        line = [corners[0]]
        for one, other in pairwise(corners):
            key = tuple(sorted((tuple(one), tuple(other))))
            if key not in edges:
                between = np.linspace(*key, int(np.hypot(*np.subtract(*key)) / 0.0004) + 2)
                between[1:-1] += RNG.uniform(-1, 1, between[1:-1].shape) * 0.0001
                edges[key] = between
            between = edges[key] if key[0] == tuple(one) else edges[key][::-1]
            line.extend(between[1:])
        return shapely.Polygon(line)

    shapes = [ragged(shapely.get_coordinates(cell)) for cell in cells]
    islet = shapely.box(114, 29, 114.0004, 29.0004)
    return polygons_of([shapely.MultiPolygon([shapes[0], islet]), *shapes[1:]])


@pytest.fixture(scope="module")
def drawn(counties):
    return generalised(counties)


@given(st.floats(-179.9, 179.9), st.floats(-85, 85))
def test_a_position_comes_back_from_the_map(longitude, latitude):
    there = to_mercator(np.array([[longitude, latitude]]))
    assert to_degrees(there)[0].tolist() == pytest.approx([longitude, latitude], abs=1e-9)


def test_tiles_lie_where_others_say_they_do():
    assert Tile(0, 0, 0).bounds_3857 == pytest.approx((-HALF_M, -HALF_M, HALF_M, HALF_M))
    west, south, east, north = Tile(10, 832, 425).bounds_4490
    assert (west, east) == pytest.approx((112.5, 112.8515625))
    assert south < 29 < north
    assert to_mercator(np.array([[112.5, 29.5]]))[0].tolist() == pytest.approx([12523442.714, 3439449.4], rel=1e-5)


@pytest.mark.parametrize("tile", [Tile(2, 4, 0), Tile(2, 0, 4), Tile(-1, 0, 0), Tile(3, -1, 0)])
def test_what_is_beyond_the_world_is_no_tile(tile):
    assert not tile.exists


def test_every_zoom_has_a_band_and_cells_of_the_band_fill_its_tiles():
    for zoom in REGION_ZOOMS:
        band = band_of(zoom)
        west, _, east, _ = Tile(zoom, 0, 0).bounds_3857
        assert band.extent(zoom) * band.unit_m == pytest.approx(east - west)


@pytest.mark.parametrize("band", BANDS)
def test_neighbours_share_their_edges_in_every_band(counties, drawn, band):
    cells = cells_of(drawn[band], band)
    assert shapely.is_valid(cells).all()
    assert shapely.is_empty(unshared_edges(cells)).all()
    land = cells[~shapely.is_empty(cells)]
    assert shapely.union_all(land).area == pytest.approx(shapely.area(land).sum())
    assert shapely.get_num_coordinates(cells).sum() <= shapely.get_num_coordinates(counties).sum()


@pytest.mark.parametrize("band", BANDS)
def test_corners_lie_on_the_grid_of_the_band(drawn, band):
    corners = shapely.get_coordinates(drawn[band]) / band.unit_m
    assert np.abs(corners - np.rint(corners)).max() < 1e-6


def test_an_islet_is_drawn_in_every_band(drawn):
    for shapes in drawn.values():
        assert shapely.bounds(shapes[0])[2] == pytest.approx(114 / 180 * HALF_M, rel=1e-3)


def test_knots_that_rounding_ties_are_undone():
    """A strip a tenth of a cell wide between two counties, and a spike through a neighbour's corner."""
    west = shapely.Polygon([(0, 0), (10, 0), (10.04, 5.3), (10, 10), (0, 10)])
    strip = shapely.Polygon([(10, 0), (10.2, 0), (10.14, 5.3), (10.2, 10), (10, 10), (10.04, 5.3)])
    east = shapely.Polygon([(10.2, 0), (20, 0), (20, 10), (10.2, 10), (10.14, 5.3)])
    drawn = on_grid(polygons_of([west, strip, east]))
    assert shapely.is_empty(drawn).tolist() == [False, True, False]
    assert shapely.is_empty(unshared_edges(drawn)).all()
    assert shapely.area(drawn).sum() == pytest.approx(200)


def test_overlapping_outlines_of_a_source_become_a_coverage():
    drawn = on_grid(polygons_of([shapely.box(0, 0, 10, 10), shapely.box(8, 0, 20, 10)]))
    assert shapely.area(drawn).sum() == shapely.union_all(drawn).area == 200


def test_islets_side_by_side_are_drawn_as_one():
    islets = shapely.MultiPolygon([shapely.box(x, 0, x + 0.3, 0.3) for x in (0, 1, 2, 100)])
    (drawn,) = simplify_on_grid(polygons_of([islets]), 8.0)
    assert drawn.is_valid
    assert drawn.area == 2 * ISLET_CELLS**2


def test_a_dash_at_sea_stays_a_line_in_every_band():
    dash = np.array([shapely.MultiLineString([[(119.0, 15.0), (119.05, 15.4), (119.06, 16.0)]])], dtype=object)
    for band in BANDS:
        assert (shapely.length(drawn_lines(dash, band)) > band.unit_m).all()
