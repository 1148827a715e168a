"""GeoPackages: what GDAL reads of them, and that neither the clock nor the path is in their bytes."""

import math
import sqlite3
import time
from contextlib import closing
from datetime import UTC, datetime

import pyogrio
import pyogrio.raw
import shapely

from geo.geopackage import Layer, geopackage

AS_OF = datetime(2025, 10, 3, 10, 20, tzinfo=UTC)
LAYERS = (
    Layer("county", "本县 County", {"code": ["430623"]}, [shapely.multipolygons([shapely.box(112, 29, 113, 30)])]),
    Layer("neighbour", "邻县 Neighbours", {"code": [], "in_scope": []}, []),
    Layer(
        "farm",
        "经营主体 Farms",
        {"name": ["甲", None], "area_mu": [6.5, None], "number": [1, 2]},
        [shapely.Point(112.5, 29.5), None],
        geometry_type="Unknown",
    ),
    Layer("goal", "目标 Goals", {"value": ["0.85"]}),
)


def test_gdal_reads_layers_and_tables_with_what_is_missing(tmp_path):
    path = tmp_path / "county.gpkg"
    path.write_bytes(geopackage(LAYERS, AS_OF))
    assert [str(name) for name, _ in pyogrio.list_layers(path)] == ["county", "neighbour", "farm", "goal"]
    info = pyogrio.read_info(path, layer="farm")
    assert (info["crs"], info["features"]) == ("EPSG:4490", 2)
    assert pyogrio.read_info(path, layer="neighbour")["features"] == 0
    _, _, shapes, (names, areas, numbers) = pyogrio.raw.read(path, layer="farm")
    assert list(names) == ["甲", None]
    assert areas[0] == 6.5
    assert math.isnan(areas[1])
    assert list(numbers) == [1, 2]
    assert (shapely.from_wkb(shapes[0]), shapes[1]) == (shapely.Point(112.5, 29.5), None)
    assert [str(one) for one in pyogrio.raw.read(path, layer="goal")[3][0]] == ["0.85"]
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        told = connection.execute("SELECT DISTINCT last_change FROM gpkg_contents").fetchall()
        assert told == [("2025-10-03T10:20:00.000Z",)]
        assert connection.execute("PRAGMA application_id").fetchone() == (0x47504B47,)


def test_equal_layers_give_equal_bytes_whenever_they_are_written():
    first = geopackage(LAYERS, AS_OF)
    time.sleep(1.1)
    assert geopackage(LAYERS, AS_OF) == first
    assert geopackage(LAYERS[:3], AS_OF) != first
