"""File packs: a GeoPackage of the reader's scope and PMTiles of the boundaries, the same bytes for the same data."""

import asyncio
import gzip
import hashlib
import os
import time
from pathlib import Path
from typing import Any

import httpx
import mapbox_vector_tile
import pyogrio.raw
import pytest
import shapely
from pmtiles.reader import MemorySource, Reader, all_tiles

from backend.packs import kept
from backend.packs.tiles_file import PACKED_ZOOMS
from schemas.changes import PackFile
from sync.farm_stand import FarmStand
from tests.integration.conftest import Caller, Offices
from tests.support.offices import COUNTY, NEIGHBOUR, OTHER_TOWNSHIP, TOWNSHIP
from tests.support.reports import farm, film, new_id
from tests.support.statements import counted_by_the_driver

pytestmark = pytest.mark.anyio

PLOT = {"type": "Polygon", "coordinates": [[[112.6, 29.5], [112.61, 29.5], [112.61, 29.51], [112.6, 29.5]]]}
PARTS_OF_STATEMENTS = ("known_hash", "ST_Intersects(shown", "AS farms", "max(loaded_at)")
"""What tells the statements of a GeoPackage from those of other requests and jobs."""
SOURCE = "数据来源：天地图 GS(2024)0650号"


async def told(caller: Caller, name: str = "geopackage") -> PackFile:
    answer = (await caller.get("/v1/packs", county=COUNTY)).json()
    return next(PackFile(**one) for one in answer["files"] if one["name"] == name)


async def fetched(caller: Caller, name: str = "geopackage", **headers: str) -> httpx.Response:
    url = (await told(caller, name)).url
    return await caller.http.get(url, headers=caller.headers | {"Accept-Encoding": "identity"} | headers)


def opened(content: bytes, path: Path) -> dict[str, dict[str, list[Any]]]:
    """Return layer -> column -> values, shapes under `geom`, as GDAL reads them."""
    path.write_bytes(content)
    layers = {}
    for name, _ in pyogrio.list_layers(path):
        meta, _, shapes, data = pyogrio.raw.read(path, layer=name)
        layers[str(name)] = {field: list(values) for field, values in zip(meta["fields"], data, strict=True)}
        if shapes is not None:
            layers[str(name)]["geom"] = list(shapely.from_wkb(shapes))
            assert meta["crs"] == "EPSG:4490"
    return layers


def kept_paths(offices: Offices) -> list[Path]:
    return list(offices.app.state.service.files.kept._folder.glob("*/*"))


async def test_the_geopackage_holds_outlines_register_tables_and_what_it_is_made_from(
    worker: Caller, county: Caller, tmp_path: Path
) -> None:
    mine = farm(name="甲", geometry=PLOT, area_mu="6.5", contact_name="张三", phone="13800000000")
    other = farm(name="乙", township_code=OTHER_TOWNSHIP)
    await county.apply(mine, other)
    layers = opened((await fetched(county)).content, tmp_path / "all.gpkg")
    assert set(layers) == {"county", "neighbour", "farm", "township", "coefficient", "goal", "metadata"}
    assert layers["county"]["code"] == [COUNTY]
    assert NEIGHBOUR not in layers["county"]["code"]
    [own] = layers["county"]["geom"]
    assert layers["neighbour"]["geom"]
    assert all(shapely.intersects(own, shape) for shape in layers["neighbour"]["geom"])
    assert TOWNSHIP in layers["township"]["code"]
    assert "film_recovery" in layers["goal"]["indicator"]
    assert layers["coefficient"]["value"]
    about = dict(zip(layers["metadata"]["name"], layers["metadata"]["value"], strict=True))
    assert SOURCE in about["source"]
    assert about["townships"] == "*"
    assert about["schema_version"] == "3"
    assert sorted(layers["farm"]["name"]) == ["乙", "甲"]
    place = layers["farm"]["name"].index("甲")
    assert layers["farm"]["area_mu"][place] == 6.5
    assert shapely.equals_exact(layers["farm"]["geom"][place], shapely.geometry.shape(PLOT), 1e-6, normalize=True)
    held = opened((await fetched(worker)).content, tmp_path / "worker.gpkg")
    assert held["farm"]["name"] == ["甲"]
    for content in (tmp_path / "all.gpkg", tmp_path / "worker.gpkg"):
        assert b"13800000000" not in content.read_bytes()
        assert "张三".encode() not in content.read_bytes()


async def test_above_the_county_the_register_has_neither_names_nor_plots(
    county: Caller, offices: Offices, tmp_path: Path
) -> None:
    await county.apply(farm(name="不外传", geometry=PLOT))
    content = (await fetched(await offices.of("prefecture"))).content
    farms = opened(content, tmp_path / "above.gpkg")["farm"]
    assert "name" not in farms
    assert farms["geom"] == [None]
    assert "不外传".encode() not in content
    assert (await (await offices.of("neighbour")).get("/v1/packs/geopackage", county=COUNTY)).status_code == 403


async def test_the_tiles_hold_the_county_at_every_zoom_and_are_read_by_the_pmtiles_reader(
    worker: Caller, offices: Offices
) -> None:
    content = (await fetched(worker, "boundary_tiles")).content
    assert content == (await fetched(await offices.of("prefecture"), "boundary_tiles")).content
    source = MemorySource(content)
    reader = Reader(source)
    assert reader.header()["version"] == 3
    assert SOURCE in reader.metadata()["attribution"]
    tiles = dict(all_tiles(source))
    assert {z for z, _, _ in tiles} == set(PACKED_ZOOMS)
    for zoom in PACKED_ZOOMS:
        found = [decoded(body) for (z, _, _), body in tiles.items() if z == zoom]
        counties = {one["properties"]["code"]: one["id"] for tile in found for one in tile["county"]["features"]}
        assert counties[COUNTY] == int(COUNTY), zoom
        assert any("province" in tile for tile in found)


def decoded(body: bytes) -> dict[str, Any]:
    tile: dict[str, Any] = mapbox_vector_tile.decode(gzip.decompress(body))
    return tile


async def test_the_same_data_give_the_same_bytes_whoever_makes_them_and_whenever(
    county: Caller, offices: Offices
) -> None:
    await county.apply(*(farm(name=f"种植户{number}", geometry=PLOT) for number in range(5)))
    first = {name: (await fetched(county, name)) for name in ("geopackage", "boundary_tiles")}
    for path in kept_paths(offices):
        path.unlink()
    await asyncio.sleep(1.1)  # the clock of a GeoPackage counts seconds
    for name, before in first.items():
        assert (await fetched(county, name)).content == before.content


async def test_a_file_is_told_of_anew_only_where_its_inputs_changed(county: Caller, worker: Caller) -> None:
    grower = farm()
    await county.apply(grower)
    page = await worker.pull(COUNTY, files="")
    listed = (await worker.get("/v1/packs", county=COUNTY)).json()
    assert [one["version"] for one in page["files"]] == [one["version"] for one in listed["files"]]
    known = listed["files_sha256"]
    assert (await worker.pull(COUNTY))["files"] is None
    assert (await worker.pull(COUNTY, files=known))["files"] is None
    before = {one["name"]: one["version"] for one in listed["files"]}
    await county.apply(film(grower["record_id"]))
    assert (await worker.pull(COUNTY, files=known))["files"] is None, "a report changes no file"
    await county.apply(farm(name="新来的"))
    after = {one["name"]: one["version"] for one in (await worker.pull(COUNTY, files=known))["files"]}
    assert {name for name in before if before[name] != after[name]} == {"geopackage"}


async def test_to_tell_of_files_takes_one_statement_and_to_make_one_a_fixed_number(
    county: Caller, offices: Offices
) -> None:
    service = offices.app.state.service
    counts = []
    for farms in (1, 30):
        await county.apply(*(farm(name=f"种植户{number}", geometry=PLOT) for number in range(farms)))
        await county.pull(COUNTY, files="")
        async with counted_by_the_driver(service.pool) as statements:
            await county.pull(COUNTY)
            assert not any("known_hash" in one for one in statements)
        async with counted_by_the_driver(service.pool) as statements:
            await county.pull(COUNTY, files="")
            assert sum("known_hash" in one for one in statements) == 1
        async with counted_by_the_driver(service.pool) as statements:
            await fetched(county)
            counts.append([sum(part in one for one in statements) for part in PARTS_OF_STATEMENTS])
    assert counts[0] == counts[1]
    assert all(counts[0])


async def test_a_ledger_that_was_restored_is_looked_through_from_its_beginning(
    county: Caller, offices: Offices
) -> None:
    await county.apply(farm())
    true = (await told(county)).version
    other = FarmStand(position=1, entry_hash=b"o" * 32, farm_hash=b"p" * 32, farm_at=None)
    offices.app.state.service.files.stands.put(COUNTY, other)
    assert (await told(county)).version == true


async def test_what_a_phone_has_is_answered_304_and_a_part_by_its_range(worker: Caller) -> None:
    whole = await fetched(worker)
    etag = whole.headers["etag"]
    assert etag == f'"{hashlib.sha256(whole.content).hexdigest()}"'
    assert whole.headers["accept-ranges"] == "bytes"
    size = len(whole.content)
    file = await told(worker)
    assert (file.size, f'"{file.sha256}"') == (size, etag)
    assert (await fetched(worker, **{"If-None-Match": etag})).status_code == 304
    head = await worker.http.head(file.url, headers=worker.headers)
    assert (head.status_code, head.headers["content-length"], head.content) == (200, str(size), b"")
    rest = await fetched(worker, Range=f"bytes={size - 100}-", **{"If-Range": etag})
    assert (rest.status_code, rest.content) == (206, whole.content[-100:])
    assert rest.headers["content-range"] == f"bytes {size - 100}-{size - 1}/{size}"
    outside = await fetched(worker, Range=f"bytes={size}-")
    assert (outside.status_code, outside.headers["content-range"]) == (416, f"bytes */{size}")
    other = await fetched(worker, Range="bytes=100-", **{"If-Range": '"another"'})
    assert (other.status_code, other.content) == (200, whole.content)


@pytest.mark.parametrize("name", ["geopackage", "boundary_tiles"])
async def test_a_file_comes_as_it_is_to_whoever_would_take_it_compressed(worker: Caller, name: str) -> None:
    answer = await fetched(worker, name, **{"Accept-Encoding": "gzip", "Range": "bytes=0-4999"})
    assert (answer.status_code, answer.headers.get("content-encoding")) == (206, None)
    assert len(answer.content) == 5000


async def test_a_version_that_was_begun_with_is_answered_while_it_is_kept(worker: Caller, county: Caller) -> None:
    begun = await told(worker)
    first = await fetched(worker)
    await county.apply(farm())
    again = await worker.http.get(begun.url, headers=worker.headers)
    assert again.content == first.content
    assert (await fetched(worker)).content != first.content


async def test_nothing_personal_lies_on_the_disk_in_the_clear_and_an_erasure_removes_what_was_made(
    county: Caller, offices: Offices
) -> None:
    grower = farm(name="张家湾村李四")
    await county.apply(grower)
    begun = await told(county)
    assert "张家湾村李四".encode() in (await fetched(county)).content
    [path] = kept_paths(offices)
    assert "李四".encode() not in path.read_bytes()
    assert b"SQLite format" not in path.read_bytes()
    asked = {"request_id": new_id(), "ground": "unlawful", "county_code": COUNTY, "record_id": grower["record_id"]}
    erased = await county.http.post("/v1/personal/erasures", json=asked, headers=county.headers)
    assert erased.status_code == 200, erased.text
    assert not path.exists()
    assert "李四".encode() not in (await county.http.get(begun.url, headers=county.headers)).content


async def test_files_that_nobody_asks_for_and_those_over_the_bound_are_removed(
    worker: Caller, county: Caller, offices: Offices
) -> None:
    kept_files = offices.app.state.service.files.kept
    await fetched(worker)
    [old] = kept_paths(offices)
    day_ago = time.time() - kept.KEPT_S - 1
    os.utime(old, (day_ago, day_ago))
    await fetched(county)
    [new] = kept_paths(offices)
    assert new != old
    kept_files._most_bytes = 1
    assert kept_files.sweep() == 1
    assert kept_paths(offices) == []


async def test_a_file_is_made_once_for_all_who_ask_at_once(
    worker: Caller, offices: Offices, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = []
    kept_files = offices.app.state.service.files.kept
    put = kept_files.put
    monkeypatch.setattr(kept_files, "put", lambda key, body: (made.append(key), put(key, body))[1])
    answers = await asyncio.gather(*(fetched(worker) for _ in range(5)))
    assert len({answer.content for answer in answers}) == 1
    assert len(made) == 1
