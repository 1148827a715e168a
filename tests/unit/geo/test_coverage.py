"""Coverages: what shares an edge before shares it after, and nothing small is lost."""

import numpy as np
import pytest
import shapely

from geo.coverage import dissolve, polygons_of, simplify, unshared_edges

RNG = np.random.default_rng(7)


def wiggly_edge(start, end, steps=400):
    """Points from start to end with a random offset across that fades at the ends, so that no lines cross."""
    line = np.linspace(start, end, steps)
    across = 0 if start[0] == end[0] else 1
    fade = np.sin(np.linspace(0, np.pi, steps)) ** 2
    line[1:-1, across] += (RNG.uniform(-0.02, 0.02, size=steps) * fade)[1:-1]
    return line.tolist()


@pytest.fixture(scope="module")
def neighbours():
    """Two counties that share a wiggly edge, a third below both, and an islet of the first."""
    middle, south = wiggly_edge((112, 28), (112, 30)), wiggly_edge((111, 28), (112, 28))
    south_east = wiggly_edge((112, 28), (113, 28))
    islet = shapely.Polygon([(114, 29), (114.001, 29), (114.001, 29.001)])
    west = shapely.MultiPolygon([shapely.Polygon([*south, *middle[1:], (111, 30)]), islet])
    east = shapely.Polygon([*south_east, (113, 30), *middle[::-1][:-1]])
    below = shapely.Polygon([*south, *south_east[1:], (113, 27), (111, 27)])
    return polygons_of([west, east, below])


def overlap(shapes):
    return sum(shapely.intersection(one, other).area for i, one in enumerate(shapes) for other in shapes[i + 1 :])


def test_simplified_neighbours_neither_overlap_nor_gape(neighbours):
    simplified = simplify(neighbours, 0.01, 4)
    assert shapely.get_num_coordinates(simplified).sum() < shapely.get_num_coordinates(neighbours).sum() / 2
    assert shapely.is_valid(simplified).all()
    assert shapely.is_empty(unshared_edges(simplified)).all()
    assert overlap(simplified) < 1e-12
    assert shapely.union_all(simplified).area == pytest.approx(shapely.area(simplified).sum())


def test_an_islet_smaller_than_the_tolerance_survives(neighbours):
    simplified = simplify(neighbours, 0.1, 4)
    assert shapely.get_num_geometries(simplified).tolist() == [2, 1, 1]
    assert (shapely.area(shapely.get_parts(simplified)) > 0).all()


def test_coordinates_are_rounded(neighbours):
    coordinates = shapely.get_coordinates(simplify(neighbours, 0.01, 3))
    assert np.array_equal(coordinates, np.round(coordinates, 3))


def test_children_are_dissolved_into_their_parents_and_parents_share_edges(neighbours):
    parents = dissolve(neighbours, ["43", "42", "43"])
    assert list(parents) == ["42", "43"]
    assert parents["43"].area == pytest.approx(neighbours[0].area + neighbours[2].area)
    assert shapely.is_empty(unshared_edges(np.array(list(parents.values()), dtype=object))).all()


def test_overlapping_neighbours_are_found():
    shapes = polygons_of([shapely.box(0, 0, 1, 1), shapely.box(0.9, 0, 2, 1), shapely.box(5, 5, 6, 6)])
    assert (shapely.length(unshared_edges(shapes)) > 0).tolist() == [True, True, False]


def test_an_invalid_polygon_is_made_valid_and_the_others_are_left_as_they_are():
    bow_tie = shapely.Polygon([(0, 0), (1, 1), (1, 0), (0, 1)])
    square = shapely.box(3, 3, 4, 4)
    shapes = polygons_of([bow_tie, square])
    assert shapely.is_valid(shapes).all()
    assert shapes[0].area == pytest.approx(0.5)
    assert shapes[1] is square
