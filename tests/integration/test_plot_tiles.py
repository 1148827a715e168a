"""Tiles of plots: exact positions for the county that owns them, its townships and workers, and for nobody else."""

from typing import Any

import httpx
import mapbox_vector_tile
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from backend.auth.access import Grant
from backend.auth.accounts import create_account
from schemas.vocabulary import Role
from tests.integration.conftest import Caller, Offices
from tests.support.offices import COUNTY, NEIGHBOUR, OTHER_TOWNSHIP, PASSWORD, PASSWORD_HASH, TOWNSHIP
from tests.support.reports import farm, film, square, withdraw
from tests.support.statements import counted_by_the_driver

pytestmark = pytest.mark.anyio

TILE = "/v1/tiles/plots/14/13314/6783.mvt"
"""Where `square()` lies."""


@pytest.fixture
async def plots(offices: Offices, county: Caller) -> dict[str, str]:
    """A plot in each of two townships of one county, a report with its own, and a farm that has none."""
    here = farm(geometry=square())
    there = farm(geometry=square(112.553), township_code=OTHER_TOWNSHIP, name="李家湾种植户", entity_kind="cooperative")
    without = farm(name="王家湾种植户")
    report = film(here["record_id"], geometry=square(112.551, 29.552)) | {"datum": "cgcs2000"}
    await county.apply(here, there, without)
    await (await offices.of("worker")).apply(report)
    return {"here": here["record_id"], "there": there["record_id"], "report": report["record_id"]}


def features(response: httpx.Response) -> dict[str, dict[str, Any]]:
    if response.status_code == 204:
        return {}
    assert response.status_code == 200, response.text
    (layer,) = mapbox_vector_tile.decode(response.content).items()
    assert layer[0] == "plot"
    return {one["properties"]["record_id"]: one["properties"] for one in layer[1]["features"]}


async def test_a_county_sees_its_plots_and_a_worker_those_of_the_township(
    offices: Offices, plots: dict[str, str]
) -> None:
    county = features(await (await offices.of("county")).get(TILE))
    assert set(county) == set(plots.values())
    assert county[plots["there"]] == {
        "record_id": plots["there"],
        "kind": "farm",
        "county_code": COUNTY,
        "township_code": OTHER_TOWNSHIP,
        "entity_kind": "cooperative",
    }, "and nothing that names a person"
    assert county[plots["report"]]["kind"] == "report"
    assert county[plots["report"]]["entity_kind"] == "household"
    for office in ("worker", "township"):
        assert set(features(await (await offices.of(office)).get(TILE))) == {plots["here"], plots["report"]}
    assert features(await (await offices.of("neighbour")).get(TILE)) == {}


@pytest.mark.parametrize("path", [TILE, "/v1/tiles/plots.json"])
@pytest.mark.parametrize("office", ["prefecture", "province", "ministry", "admin"])
async def test_above_the_county_nobody_sees_a_plot(offices: Offices, office: str, path: str) -> None:
    response = await (await offices.of(office)).get(path)
    assert (response.status_code, response.json()["code"]) == (403, "plots_of_county_only")


async def test_a_province_that_also_serves_a_township_sees_that_township(
    offices: Offices, owner_engine: AsyncEngine, plots: dict[str, str]
) -> None:
    async with owner_engine.begin() as connection:
        grants = [Grant(Role.PROVINCE, "430000"), Grant(Role.WORKER, TOWNSHIP)]
        await create_account(connection, "both", "both", PASSWORD_HASH, grants)
    form = {"username": "both", "password": PASSWORD}
    token = (await offices.http.post("/v1/auth/token", data=form)).json()["access_token"]
    both = Caller(offices.http, {"Authorization": f"Bearer {token}"})
    assert set(features(await both.get(TILE))) == {plots["here"], plots["report"]}


async def test_a_tile_is_asked_for_again_only_after_the_ledger_went_on(
    offices: Offices, county: Caller, plots: dict[str, str]
) -> None:
    first = await county.get(TILE)
    assert first.headers["cache-control"] == "private, no-cache"
    assert "authorization" in first.headers["vary"].lower()
    known = county.headers | {"If-None-Match": first.headers["etag"]}
    assert (await county.http.get(TILE, headers=known)).status_code == 304
    await (await offices.of("neighbour")).apply(farm(township_code=f"{NEIGHBOUR}101") | {"county_code": NEIGHBOUR})
    assert (await county.http.get(TILE, headers=known)).status_code == 304, "another county's ledger"
    moved = farm(geometry=square(112.556))
    await county.apply(moved)
    again = await county.http.get(TILE, headers=known)
    assert set(features(again)) == {*plots.values(), moved["record_id"]}
    assert again.headers["etag"] != first.headers["etag"]


async def test_one_scope_does_not_know_what_another_was_given(offices: Offices, county: Caller, plots: Any) -> None:
    tag = (await county.get(TILE)).headers["etag"]
    worker = await offices.of("worker")
    response = await worker.http.get(TILE, headers=worker.headers | {"If-None-Match": tag})
    assert set(features(response)) == {plots["here"], plots["report"]}


async def test_a_withdrawn_farm_is_on_no_tile(county: Caller, plots: dict[str, str]) -> None:
    gone = farm(geometry=square(112.5535), name="将撤销")
    await county.apply(gone)
    assert gone["record_id"] in features(await county.get(TILE))
    await county.apply(withdraw(gone))
    assert set(features(await county.get(TILE))) == set(plots.values())


@pytest.mark.parametrize("place", ["11/1664/847", "19/0/0", "12/4096/0", "12/0/-1"])
async def test_plots_are_on_no_tile_of_a_small_map(county: Caller, place: str) -> None:
    response = await county.get(f"/v1/tiles/plots/{place}.mvt")
    assert response.status_code in {404, 422}
    assert response.headers["content-type"] == "application/problem+json"


async def test_the_plots_describe_themselves_to_their_county(county: Caller) -> None:
    response = await county.get("/v1/tiles/plots.json")
    document = response.json()
    assert document["tiles"] == ["http://test/v1/tiles/plots/{z}/{x}/{y}.mvt"]
    assert (document["minzoom"], document["maxzoom"]) == (12, 18)
    west, south, east, north = document["bounds"]
    assert west < 112.55 < east
    assert south < 29.55 < north
    assert response.headers["cache-control"].startswith("private")


async def test_a_tile_takes_one_statement_however_many_plots(offices: Offices, county: Caller, plots: Any) -> None:
    await county.get(TILE)  # the driver asks for the types of the statement once a connection
    async with counted_by_the_driver(offices.app.state.service.read_pool) as statements:
        for number in range(3):
            await county.apply(farm(geometry=square(112.55 + number / 1000), name=f"第{number}户"))
            statements.clear()
            assert len(features(await county.get(TILE))) == len(plots) + number + 1
            assert len(statements) == 2, "who asks, and the tile"
