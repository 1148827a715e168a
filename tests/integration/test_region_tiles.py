"""Tiles of the regions: sound at every zoom, named by their content, answered once and for ever."""

import asyncio
import os
import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import httpx
import mapbox_vector_tile
import numpy as np
import pytest
import shapely
from sqlalchemy import text

from backend.app import create_app
from backend.db import make_engine, make_pool
from backend.reference.tile_shapes import draw_basins
from backend.settings import Settings
from backend.tiles.regions import LAYERS, region_tile
from backend.tiles.shelf import TileShelf
from geo.coverage import unshared_edges
from geo.tiles import BANDS, REGION_ZOOMS, Band, Tile, band_of, to_degrees, to_mercator
from tests.conftest import Database
from tests.support.washing import Laundry

pytestmark = pytest.mark.anyio

COVERAGES = ("province", "prefecture", "county")
HUARONG = (112.55, 29.55)
SEEN = {
    "华容 in 湖南": HUARONG,
    "上海 at the coast": (121.5, 31.2),
    "香港 small districts": (114.15, 22.3),
    "西沙 reefs": (112.3, 16.8),
    "新疆 wide counties": (85.5, 44.3),
}
"""Where tiles of every zoom are looked at: dense, at the sea, small, tiny, large."""


def tile_at(position: tuple[float, float], zoom: int) -> Tile:
    west, _, east, _ = Tile(zoom, 0, 0).bounds_3857
    x, y = to_mercator(np.array([position]))[0]
    return Tile(zoom, int((x - west) // (east - west)), int((-west - y) // (east - west)))


@pytest.fixture(scope="module")
def shared(laundry: Laundry) -> Any:
    with laundry.borrow() as name:
        yield Database(laundry.cluster, name)


@pytest.fixture(scope="module")
async def http(shared: Database, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[httpx.AsyncClient]:
    home = tmp_path_factory.mktemp("home")
    settings = Settings(home=home, database_url=shared.service_url, secret="s" * 40, follow_s=3600, jobs=False)
    app = create_app(settings)
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(app.router.lifespan_context(app))
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        yield await stack.enter_async_context(httpx.AsyncClient(transport=transport, base_url="http://test"))


@pytest.fixture(scope="module")
async def address(http: httpx.AsyncClient) -> str:
    (template,) = (await http.get("/v1/tiles/regions.json")).json()["tiles"]
    return str(template)


async def fetched(http: httpx.AsyncClient, address: str, tile: Tile, **headers: str) -> httpx.Response:
    return await http.get(address.format(z=tile.z, x=tile.x, y=tile.y), headers=headers)


def files_in(folder: Path) -> list[Path]:
    return [Path(inside, name) for inside, _, names in os.walk(folder) for name in names]


async def settled(folder: Path) -> None:
    """Wait until the files of tiles are written, which are after the answer."""
    before: list[Path] | None = None
    while not (files := files_in(folder)) or files != before:
        before = files
        await asyncio.sleep(0.1)


def decoded(body: bytes) -> dict[str, Any]:
    """Layers with their shapes as the tile has them, y to the south."""
    layers = mapbox_vector_tile.decode(body, default_options={"y_coord_down": True})
    for layer in layers.values():
        layer["shapes"] = np.array([shapely.geometry.shape(one["geometry"]) for one in layer["features"]], dtype=object)
    return layers


@pytest.mark.parametrize("zoom", REGION_ZOOMS)
async def test_neighbours_share_their_edges_in_the_tiles_of_every_zoom(
    http: httpx.AsyncClient, address: str, zoom: int
) -> None:
    for tile in {tile_at(position, zoom) for position in SEEN.values()}:
        layers = decoded((await fetched(http, address, tile)).content)
        extent = band_of(zoom).extent(zoom)
        shown, land = shapely.box(0, 0, extent, extent), {}
        for name in COVERAGES:
            shapes = layers[name]["shapes"]
            assert layers[name]["extent"] == extent
            assert shapely.is_valid(shapes).all(), (tile, name)
            assert not shapely.intersects(unshared_edges(shapes), shown).any(), (tile, name)
            land[name] = shapely.intersection(shapely.union_all(shapes), shown)
        parts = shapely.intersection(layers["county"]["shapes"], shown)
        assert land["county"].area == pytest.approx(shapely.area(parts).sum(), rel=1e-9), tile
        for name in ("province", "prefecture"):
            assert shapely.symmetric_difference(land["county"], land[name]).area < 1e-3, (tile, name)


@pytest.mark.parametrize("zoom", [4, 7, 10])
async def test_the_land_of_a_tile_is_the_land_of_its_neighbour_where_they_meet(
    http: httpx.AsyncClient, address: str, zoom: int
) -> None:
    east = tile_at(HUARONG, zoom)
    west = Tile(zoom, east.x - 1, east.y)
    extent = band_of(zoom).extent(zoom)
    there = [decoded((await fetched(http, address, tile)).content)["county"] for tile in (west, east)]
    for layer, x in zip(there, (extent, 0), strict=True):
        edge = shapely.LineString([(x, 0), (x, extent)])
        met = {one["properties"]["code"]: shape for one, shape in zip(layer["features"], layer["shapes"], strict=True)}
        layer["crossed"] = {code: shapely.intersection(shape, edge).length for code, shape in met.items()}
    one, other = ({code: length for code, length in layer["crossed"].items() if length} for layer in there)
    assert len(one) >= 2
    # The points where a tile is cut, beyond its edge, are rounded: that turns an edge by less than a cell.
    assert one == pytest.approx(other, abs=2)


@pytest.mark.parametrize("band", BANDS)
async def test_the_generalised_coverage_is_sound_in_every_band(shared: Database, band: Band) -> None:
    engine = make_engine(shared.owner_url, pool_size=1)
    async with engine.connect() as connection:
        statement = "SELECT layer, code, ST_AsBinary(geom) FROM tile_shape WHERE zoom = :zoom ORDER BY layer, code"
        rows = (await connection.execute(text(statement), {"zoom": band.last})).all()
    await engine.dispose()
    for name in COVERAGES:
        shapes = shapely.from_wkb([bytes(shape) for layer, _, shape in rows if layer == name])
        cells = shapely.transform(shapes, lambda corners: np.rint(corners / band.unit_m))
        assert np.abs(shapely.get_coordinates(cells) * band.unit_m - shapely.get_coordinates(shapes)).max() < 1e-6
        assert shapely.is_valid(cells).all()
        assert shapely.is_empty(unshared_edges(cells)).all()
    found = {layer: {code for name, code, _ in rows if name == layer} for layer in LAYERS}
    assert len(found["province"]) == 34
    assert {"710000", "810000", "820000", "460000"} <= found["province"]
    assert len(found["boundary_line"]) == 8, "the dashed line of the South China Sea among them"
    islands = [shapely.from_wkb(bytes(shape)) for _, code, shape in rows if code in {"460302", "460303"}]
    assert shapely.get_num_geometries(islands).sum() > 150, "the islands of the South China Sea"
    assert to_degrees(shapely.get_coordinates(islands))[:, 1].min() < 4, "曾母暗沙"


async def test_a_whole_tile_tells_of_regions_basins_and_lines(http: httpx.AsyncClient, address: str) -> None:
    layers = decoded((await fetched(http, address, Tile(0, 0, 0))).content)
    assert set(layers) == set(LAYERS)
    for name, fields in LAYERS.items():
        assert {key for one in layers[name]["features"] for key in one["properties"]} == set(fields)
    (county,) = [one for one in layers["county"]["features"] if one["properties"]["code"] == "430623"]
    assert county["id"] == 430623
    assert county["properties"] == {"code": "430623", "name": "华容县", "parent_code": "430600", "in_scope": True}
    provinces = {one["id"]: one["properties"] for one in layers["province"]["features"]}
    assert provinces[430000] == {"code": "430000", "name": "湖南省", "parent_code": "100000", "in_scope": True}
    assert provinces[710000]["in_scope"] is False
    assert {"429004", "430600"} <= {one["properties"]["code"] for one in layers["prefecture"]["features"]}
    tiers = {(one["properties"]["code"], one["properties"]["tier"]) for one in layers["basin"]["features"]}
    assert ("dongting", "core") in tiers, tiers


async def test_a_basin_is_made_of_its_counties(http: httpx.AsyncClient, address: str) -> None:
    layers = decoded((await fetched(http, address, tile_at(HUARONG, 6))).content)
    (core,) = [
        shape
        for one, shape in zip(layers["basin"]["features"], layers["basin"]["shapes"], strict=True)
        if (one["properties"]["code"], one["properties"]["tier"]) == ("dongting", "core")
    ]
    inside = shapely.contains(core.buffer(0.1), layers["county"]["shapes"])
    codes = {one["properties"]["code"] for one in np.array(layers["county"]["features"])[inside]}
    assert "430623" in codes
    assert core.area == pytest.approx(shapely.area(layers["county"]["shapes"][inside]).sum(), rel=1e-9)


async def test_a_tile_is_immutable_and_known_by_its_tag(http: httpx.AsyncClient, address: str) -> None:
    tile = tile_at(HUARONG, 8)
    response = await fetched(http, address, tile)
    assert response.status_code == 200
    assert response.headers["content-type"] == "application/vnd.mapbox-vector-tile"
    assert response.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert response.headers["content-encoding"] == "gzip"
    again = await fetched(http, address, tile, **{"If-None-Match": response.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    plain = await fetched(http, address, tile, **{"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers
    assert plain.content == response.content
    assert plain.headers["etag"] != response.headers["etag"]


async def test_a_tile_without_anything_is_answered_without_content(http: httpx.AsyncClient, address: str) -> None:
    response = await fetched(http, address, Tile(9, 0, 0))
    assert (response.status_code, response.content) == (204, b"")
    assert "immutable" in response.headers["cache-control"]


async def test_tiles_of_another_set_are_not_found(http: httpx.AsyncClient, address: str) -> None:
    await fetched(http, address, Tile(3, 6, 3))
    other = address.replace(address.split("/")[-4], "0" * 64)
    response = await fetched(http, other, Tile(3, 6, 3))
    assert (response.status_code, response.json()["code"]) == (404, "not_found")


@pytest.mark.parametrize(
    ("z", "x", "y"),
    [("11", "0", "0"), ("2", "4", "0"), ("2", "0", "4"), ("0", "0", "1"), ("-1", "0", "0"), ("2", "-1", "0"),
     ("99999999999999999999", "0", "0"), ("x", "0", "0"), ("1", "0.5", "0"), ("1", "%00", "0"), ("1", "0", "..%2f0")],
)  # fmt: skip
async def test_what_is_no_tile_is_refused_in_words(
    http: httpx.AsyncClient, address: str, z: str, x: str, y: str
) -> None:
    response = await http.get(address.format(z=z, x=x, y=y))
    assert response.status_code in {404, 422}
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json()["zh"]


async def test_the_set_describes_itself(http: httpx.AsyncClient) -> None:
    response = await http.get("/v1/tiles/regions.json")
    document = response.json()
    assert document["tilejson"] == "3.0.0"
    (template,) = document["tiles"]
    assert re.fullmatch(r"http://test/v1/tiles/regions/[0-9a-f]{64}/\{z\}/\{x\}/\{y\}\.mvt", template)
    assert (document["minzoom"], document["maxzoom"]) == (0, 10)
    assert document["bounds"] == pytest.approx([73.5, 3.4, 135.09, 53.56], abs=0.01)
    assert document["attribution"] == (await http.get("/v1/deployment")).json()["map_source"]
    assert {one["id"]: set(one["fields"]) for one in document["vector_layers"]} == {
        name: set(fields) for name, fields in LAYERS.items()
    }
    again = await http.get("/v1/tiles/regions.json", headers={"If-None-Match": response.headers["etag"]})
    assert again.status_code == 304


async def test_addresses_are_those_that_the_caller_came_by(http: httpx.AsyncClient) -> None:
    response = await http.get("/v1/tiles/regions.json", headers={"Host": "qingtian.example.gov.cn"})
    assert response.json()["tiles"][0].startswith("http://qingtian.example.gov.cn/v1/tiles/regions/")


async def test_processes_share_the_tiles_that_one_has_cut(address: str, shared: Database, tmp_path: Path) -> None:
    sha256, tile = address.split("/")[-4], tile_at(HUARONG, 5)
    pool = await make_pool(make_engine(shared.service_url), size=5)
    shelves = [TileShelf(tmp_path / "tiles") for _ in range(5)]
    bodies = set(await asyncio.gather(*(region_tile(pool, shelf, sha256, tile) for shelf in shelves)))
    await pool.close()
    assert len(bodies) == 1, "whoever cuts it, a tile is the same"
    await settled(tmp_path)
    files = files_in(tmp_path)
    assert [path.suffixes for path in files] == [[".mvt", ".gz"]]
    # The pool is gone: only the file can answer.
    assert await region_tile(pool, TileShelf(tmp_path / "tiles"), sha256, tile) in bodies


async def test_only_the_sets_served_last_stay_on_the_disk(tmp_path: Path) -> None:
    for number in range(4):
        TileShelf(tmp_path).put(f"{number}" * 64, Tile(0, 0, 0), b"tile")
        await settled(tmp_path)
    assert sorted(path.parts[-4][0] for path in files_in(tmp_path)) == ["2", "3"]


async def test_a_disk_that_cannot_be_written_costs_no_answer(tmp_path: Path) -> None:
    (tmp_path / "tiles").write_bytes(b"a file where the folder should be")
    shelf = TileShelf(tmp_path / "tiles")
    shelf.put("0" * 64, Tile(0, 0, 0), b"tile")
    assert shelf.get("0" * 64, Tile(0, 0, 0)) == b"tile"


async def test_tiles_follow_a_change_of_the_basins(database: Database) -> None:
    engine = make_engine(database.owner_url, pool_size=1)
    names = "SELECT sha256 FROM tile_set"
    async with engine.begin() as connection:
        before = (await connection.execute(text(names))).scalar_one()
        await draw_basins(connection)
        assert (await connection.execute(text(names))).scalar_one() == before, "the same shapes have the same hash"
        await connection.execute(text("UPDATE basin_county SET tier = 'peripheral' WHERE county_code = '430623'"))
        await draw_basins(connection)
        assert (await connection.execute(text(names))).scalar_one() != before
    await engine.dispose()
