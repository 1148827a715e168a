"""What comes back to a phone."""

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.integration.conftest import Caller, Offices
from tests.support.offices import COUNTY, NEIGHBOUR, OTHER_TOWNSHIP
from tests.support.reports import amend, farm, film, square, withdraw

pytestmark = pytest.mark.anyio


async def test_pages_follow_the_ledger_and_end_with_nothing_new(worker: Caller) -> None:
    farms = [farm(name=f"第{number}户") for number in range(5)]
    await worker.apply(*farms)
    seen, cursor, pages = [], None, 0
    while True:
        page = await worker.pull(COUNTY, limit=2, **({"cursor": cursor} if cursor else {}))
        seen += [one["id"] for one in page["records"]]
        cursor, pages = page["cursor"], pages + 1
        if not page["more"]:
            break
    assert seen == [one["record_id"] for one in farms]
    assert pages == 3
    again = await worker.pull(COUNTY, cursor=cursor)
    assert (again["records"], again["more"], again["reset"]) == ([], False, False)


async def test_a_changed_record_comes_again_with_what_it_is_now(worker: Caller) -> None:
    homestead = farm(geometry=square())
    report = film(homestead["record_id"])
    await worker.apply(homestead, report)
    cursor = (await worker.pull(COUNTY))["cursor"]
    await worker.apply(amend(homestead, {"/name": "改名户"}), withdraw(report))
    page = await worker.pull(COUNTY, cursor=cursor)
    assert [(one["id"], one["status"], one["revision"]) for one in page["records"]] == [
        (homestead["record_id"], "submitted", 2),
        (report["record_id"], "withdrawn", 1),
    ]
    assert page["records"][0]["payload"]["name"] == "改名户"
    assert page["records"][0]["payload"]["geometry"]["type"] == "Polygon"


async def test_a_worker_pulls_the_own_township_and_the_county_pulls_all(worker: Caller, county: Caller) -> None:
    mine, other = farm(), farm(township_code=OTHER_TOWNSHIP)
    await county.apply(mine, other)
    assert [one["id"] for one in (await worker.pull(COUNTY))["records"]] == [mine["record_id"]]
    assert len((await county.pull(COUNTY))["records"]) == 2


async def test_rows_outside_the_scope_still_move_the_cursor(worker: Caller, county: Caller) -> None:
    await county.apply(*(farm(township_code=OTHER_TOWNSHIP) for _ in range(3)))
    page = await worker.pull(COUNTY, limit=1)
    assert (page["records"], page["more"]) == ([], False)
    mine = farm()
    await county.apply(mine)
    later = await worker.pull(COUNTY, cursor=page["cursor"])
    assert [one["id"] for one in later["records"]] == [mine["record_id"]]


async def test_above_the_county_names_and_plots_are_left_out(county: Caller, offices: Offices) -> None:
    await county.apply(farm(name="不外传", geometry=square()))
    for office in ("prefecture", "province", "ministry", "admin"):
        [record] = (await (await offices.of(office)).pull(COUNTY))["records"]
        assert record["payload"] == {"entity_kind": "household", "township_code": "430623101"}


async def test_a_foreign_county_is_a_403_and_an_unknown_one_a_404(worker: Caller, offices: Offices) -> None:
    assert (await worker.get("/v1/sync/pull", county=NEIGHBOUR)).status_code == 403
    assert (await (await offices.of("neighbour")).get("/v1/sync/pull", county=COUNTY)).status_code == 403
    assert (await worker.get("/v1/sync/pull", county="999999")).status_code == 404


@pytest.mark.parametrize("cursor", ["x", "AAAA", "ünï", "A" * 300])
async def test_a_cursor_that_is_not_ours_is_a_400(worker: Caller, cursor: str) -> None:
    response = await worker.get("/v1/sync/pull", county=COUNTY, cursor=cursor)
    assert (response.status_code, response.json()["code"]) == (400, "cursor_invalid")


async def test_a_cursor_of_another_county_or_with_a_changed_byte_is_refused(county: Caller, offices: Offices) -> None:
    foreign = (await (await offices.of("neighbour")).pull(NEIGHBOUR))["cursor"]
    assert (await county.get("/v1/sync/pull", county=COUNTY, cursor=foreign)).status_code == 400
    own = (await county.pull(COUNTY))["cursor"]
    forged = own[:-2] + ("A" if own[-2] != "A" else "B") + own[-1]
    assert (await county.get("/v1/sync/pull", county=COUNTY, cursor=forged)).status_code == 400


async def test_a_cursor_ahead_of_a_restored_ledger_is_answered_with_reset(
    county: Caller, owner_engine: AsyncEngine
) -> None:
    kept, lost = farm(), farm()
    await county.apply(kept, lost)
    cursor = (await county.pull(COUNTY))["cursor"]
    async with owner_engine.begin() as connection:  # a backup from before the second farm comes back
        for statement in (
            "DELETE FROM ledger_entry WHERE position = 2",
            "DELETE FROM record WHERE position = 2",
            "DELETE FROM change WHERE decided_position = 2",
            "UPDATE ledger_head SET position = 1, entry_hash = e.entry_hash FROM ledger_entry e WHERE e.position = 1",
        ):
            await connection.execute(text(statement))
    page = await county.pull(COUNTY, cursor=cursor)
    assert page["reset"] is True
    assert [one["id"] for one in page["records"]] == [kept["record_id"]]


async def test_a_cursor_of_another_scope_is_answered_with_reset(
    worker: Caller, county: Caller, owner_engine: AsyncEngine
) -> None:
    await county.apply(farm(), farm(township_code=OTHER_TOWNSHIP))
    cursor = (await worker.pull(COUNTY))["cursor"]
    async with owner_engine.begin() as connection:
        await connection.execute(
            text(
                "INSERT INTO account_grant SELECT id, 'worker', :township, now() FROM account WHERE username = 'worker'"
            ),
            {"township": OTHER_TOWNSHIP},
        )
    page = await worker.pull(COUNTY, cursor=cursor)
    assert page["reset"] is True
    assert len(page["records"]) == 2


@pytest.mark.parametrize("limit", [0, -1, 1001, "many"])
async def test_a_limit_out_of_range_is_refused_not_replaced(worker: Caller, limit: object) -> None:
    response = await worker.get("/v1/sync/pull", county=COUNTY, limit=limit)
    assert (response.status_code, response.json()["errors"][0]["field"]) == (422, "limit")
