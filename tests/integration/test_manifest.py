"""The recovery path: a mirror that does not fit is set right by the manifest and the records that differ."""

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from schemas.marks import mark_of
from tests.integration.conftest import Caller, Offices
from tests.support.offices import COUNTY, NEIGHBOUR, OTHER_TOWNSHIP
from tests.support.reports import amend, farm, new_id, square, withdraw

pytestmark = pytest.mark.anyio


async def manifest(caller: Caller, **params: object) -> list[tuple[str, str]]:
    """Return all entries, page by page."""
    entries: list[tuple[str, str]] = []
    after: dict[str, str] = {}
    while True:
        response = await caller.get("/v1/sync/manifest", county=COUNTY, **params, **after)
        assert response.status_code == 200, response.text
        page = response.json()
        assert page["county_code"] == COUNTY
        entries += [(record_id, mark) for record_id, mark in page["entries"]]
        if page["after"] is None:
            return entries
        after = {"after": page["after"]}


async def records(caller: Caller, *ids: str) -> list[dict[str, object]]:
    response = await caller.http.post(
        "/v1/sync/records", json={"county_code": COUNTY, "ids": list(ids)}, headers=caller.headers
    )
    assert response.status_code == 200, response.text
    found: list[dict[str, object]] = response.json()["records"]
    return found


@pytest.mark.parametrize("limit", [1, 2, 7, 5000])
async def test_the_manifest_lists_the_scope_by_id_whatever_the_page(
    worker: Caller, county: Caller, owner_engine: AsyncEngine, limit: int
) -> None:
    mine, other = [farm() for _ in range(7)], [farm(township_code=OTHER_TOWNSHIP) for _ in range(3)]
    await county.apply(*mine, *other)
    await county.apply(amend(mine[0], {"/name": "改名户"}), withdraw(mine[1]))
    positions = {one["record_id"]: position for position, one in enumerate([*mine, *other], 1)}
    positions |= {mine[0]["record_id"]: 11, mine[1]["record_id"]: 12}
    async with owner_engine.connect() as connection:
        hashes = dict((await connection.execute(text("SELECT position, entry_hash FROM ledger_entry"))).all())
    expected = {record_id: mark_of(hashes[position]) for record_id, position in positions.items()}
    assert await manifest(county, limit=limit) == sorted(expected.items())
    own = {one["record_id"] for one in mine}
    assert await manifest(worker, limit=limit) == sorted(one for one in expected.items() if one[0] in own)


async def test_the_manifest_and_the_pull_tell_of_the_same_records(worker: Caller) -> None:
    await worker.apply(*(farm() for _ in range(5)))
    pulled = (await worker.pull(COUNTY))["records"]
    assert await manifest(worker) == sorted((one["id"], one["mark"]) for one in pulled)


async def test_wanted_records_come_as_a_pull_brings_them_and_only_those_in_scope(
    worker: Caller, county: Caller
) -> None:
    mine, other = farm(geometry=square()), farm(township_code=OTHER_TOWNSHIP)
    await county.apply(mine, other)
    found = await records(worker, mine["record_id"], other["record_id"], new_id())
    assert found == (await worker.pull(COUNTY))["records"]
    assert len(await records(county, mine["record_id"], other["record_id"])) == 2


async def test_above_the_county_wanted_records_come_without_names(county: Caller, offices: Offices) -> None:
    mine = farm(name="不外传", geometry=square())
    await county.apply(mine)
    [record] = await records(await offices.of("prefecture"), mine["record_id"])
    assert record["payload"] == {"entity_kind": "household", "township_code": "430623101"}


LEDGER_TABLES = ("ledger_head", "ledger_entry", "change", "record", "personal", "rollup_cell", "township_mark")


async def copied(engine: AsyncEngine, *, back: bool) -> None:
    """Keep a copy of the ledger, or put the ledger back to it, as an operator does who restores a backup."""
    async with engine.begin() as connection:
        for table in LEDGER_TABLES:
            if not back:
                await connection.execute(text(f"CREATE TABLE kept_{table} AS TABLE {table}"))
                continue
            await connection.execute(text(f"DELETE FROM {table}"))
            await connection.execute(text(f"INSERT INTO {table} SELECT * FROM kept_{table}"))
            await connection.execute(text(f"DROP TABLE kept_{table}"))


async def test_another_content_at_the_same_place_after_a_restored_backup_is_told(
    worker: Caller, owner_engine: AsyncEngine
) -> None:
    """Id and position are the same as before; only what commits to the content tells the two histories apart."""
    mine = farm()
    await worker.apply(mine, farm())
    await copied(owner_engine, back=False)
    pages, listings = [], []
    for name in ("恢复之前", "恢复之后"):
        await worker.apply(amend(mine, {"/name": name}))
        pages.append(await worker.pull(COUNTY))
        listings.append(dict(await manifest(worker)))
        if len(pages) == 1:
            await copied(owner_engine, back=True)
    before, after = ({one["id"]: (one["position"], one["mark"]) for one in page["records"]} for page in pages)
    assert {record_id: position for record_id, (position, _) in before.items()} == {
        record_id: position for record_id, (position, _) in after.items()
    }
    assert pages[0]["checksum"]["sum"] != pages[1]["checksum"]["sum"]
    differing = {record_id for record_id, mark in listings[1].items() if listings[0][record_id] != mark}
    assert differing == {mine["record_id"]}
    [found] = await records(worker, mine["record_id"])
    assert (found["mark"], found["payload"]["name"]) == (listings[1][mine["record_id"]], "恢复之后")  # type: ignore[index]


async def test_a_foreign_county_is_refused(offices: Offices) -> None:
    neighbour = await offices.of("neighbour")
    assert (await neighbour.get("/v1/sync/manifest", county=COUNTY)).status_code == 403
    response = await neighbour.http.post(
        "/v1/sync/records", json={"county_code": COUNTY, "ids": [new_id()]}, headers=neighbour.headers
    )
    assert (response.status_code, response.json()["code"]) == (403, "above_scope")
    assert (await neighbour.get("/v1/sync/manifest", county=NEIGHBOUR)).json()["entries"] == []


@pytest.mark.parametrize(
    ("params", "field"), [({"after": "x"}, "after"), ({"limit": 0}, "limit"), ({"limit": 5001}, "limit")]
)
async def test_a_bad_parameter_is_named(worker: Caller, params: dict[str, object], field: str) -> None:
    response = await worker.get("/v1/sync/manifest", county=COUNTY, **params)
    assert (response.status_code, response.json()["errors"][0]["field"]) == (422, field)


@pytest.mark.parametrize("ids", [[], ["x"], "all", [new_id()] * 501])
async def test_a_bad_list_of_wanted_records_is_refused(worker: Caller, ids: object) -> None:
    response = await worker.http.post(
        "/v1/sync/records", json={"county_code": COUNTY, "ids": ids}, headers=worker.headers
    )
    assert (response.status_code, response.json()["code"]) == (422, "invalid_request")
    assert response.json()["errors"]
