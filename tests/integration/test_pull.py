"""What comes back to a phone."""

import orjson
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from schemas.marks import mark_sum
from sync import cursor as cursor_format
from tests.integration.conftest import Caller, Offices
from tests.support.offices import COUNTY, NEIGHBOUR, OTHER_TOWNSHIP, PREFECTURE, TOWNSHIP
from tests.support.reports import Item, amend, farm, film, square, withdraw

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


async def restore_a_backup_from_before_the_second_record(engine: AsyncEngine) -> None:
    async with engine.begin() as connection:
        for statement in (
            "DELETE FROM ledger_entry WHERE position = 2",
            "DELETE FROM record WHERE position = 2",
            "DELETE FROM change WHERE decided_position = 2",
            "UPDATE ledger_head SET position = 1, entry_hash = e.entry_hash FROM ledger_entry e WHERE e.position = 1",
        ):
            await connection.execute(text(statement))


async def grant_the_other_township(engine: AsyncEngine) -> None:
    statement = "INSERT INTO account_grant SELECT id, 'worker', :township, now() FROM account WHERE username = 'worker'"
    async with engine.begin() as connection:
        await connection.execute(text(statement), {"township": OTHER_TOWNSHIP})


async def test_a_cursor_ahead_of_a_restored_ledger_is_answered_with_reset(
    county: Caller, owner_engine: AsyncEngine
) -> None:
    await county.apply(farm(), farm())
    cursor = (await county.pull(COUNTY))["cursor"]
    await restore_a_backup_from_before_the_second_record(owner_engine)
    page = await county.pull(COUNTY, cursor=cursor)
    assert (page["reset"], page["records"], page["more"], page["checksum"]) == (True, [], False, None)
    later = await county.pull(COUNTY, cursor=page["cursor"])
    assert (later["reset"], later["records"]) == (False, [])


async def test_a_ledger_that_went_on_after_a_restore_is_noticed_by_its_hash(
    county: Caller, owner_engine: AsyncEngine
) -> None:
    await county.apply(farm(), farm())
    cursor = (await county.pull(COUNTY))["cursor"]
    await restore_a_backup_from_before_the_second_record(owner_engine)
    await county.apply(farm(), farm())
    assert (await county.pull(COUNTY, cursor=cursor))["reset"] is True


async def test_a_cursor_of_another_scope_is_answered_with_reset(
    worker: Caller, county: Caller, owner_engine: AsyncEngine
) -> None:
    await county.apply(farm(), farm(township_code=OTHER_TOWNSHIP))
    cursor = (await worker.pull(COUNTY))["cursor"]
    await grant_the_other_township(owner_engine)
    page = await worker.pull(COUNTY, cursor=cursor)
    assert (page["reset"], page["records"]) == (True, [])
    assert (await worker.pull(COUNTY, cursor=page["cursor"]))["reset"] is False


async def test_whose_right_to_see_names_changes_is_answered_with_reset_and_finds_every_record_another(
    county: Caller, owner_engine: AsyncEngine
) -> None:
    await county.apply(farm(name="不外传"), farm(name="不外传"))
    before = await county.pull(COUNTY)
    statement = "UPDATE account_grant SET role = :role, region_code = :region FROM account WHERE id = account_id"
    statement += " AND username = 'county'"
    async with owner_engine.begin() as connection:
        await connection.execute(text(statement), {"role": "prefecture", "region": PREFECTURE})
    page = await county.pull(COUNTY, cursor=before["cursor"])
    assert (page["reset"], page["records"]) == (True, [])
    listed = (await county.get("/v1/sync/manifest", county=COUNTY)).json()["entries"]
    assert not {mark for _, mark in listed} & {one["mark"] for one in before["records"]}
    wanted = {"county_code": COUNTY, "ids": [one["id"] for one in before["records"]]}
    found = (await county.http.post("/v1/sync/records", json=wanted, headers=county.headers)).json()["records"]
    assert sorted([one["id"], one["mark"]] for one in found) == sorted(listed)
    assert all("name" not in one["payload"] for one in found)
    later = await county.pull(COUNTY, cursor=page["cursor"])
    assert later["reset"] is False
    assert later["checksum"] == {"records": 2, "sum": mark_sum(mark for _, mark in listed)}


async def test_a_cursor_of_another_format_is_answered_with_reset(county: Caller, offices: Offices) -> None:
    key = offices.app.state.service.keys.cursor
    signed = orjson.dumps([cursor_format.VERSION + 1, COUNTY, {"anything": "else"}])
    cursor = cursor_format.signed_text(signed, key)
    assert (await county.pull(COUNTY, cursor=cursor))["reset"] is True


async def test_a_page_ends_before_the_first_record_over_the_byte_budget(county: Caller) -> None:
    await county.apply(*(farm(name=f"第{number}户") for number in range(9)))
    whole = await county.get("/v1/sync/pull", county=COUNTY)
    seen: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        page = await county.get("/v1/sync/pull", county=COUNTY, max_bytes=1500, **cursor)
        assert page.json()["records"]
        assert sum(len(orjson.dumps(record)) + 1 for record in page.json()["records"]) <= 1500
        seen += [record["id"] for record in page.json()["records"]]
        cursor = {"cursor": page.json()["cursor"]}
        if not page.json()["more"]:
            break
    assert seen == [record["id"] for record in whole.json()["records"]]


async def test_a_record_larger_than_the_budget_still_comes(county: Caller) -> None:
    note = "长" * 500
    homestead = farm()
    await county.apply(homestead, film(homestead["record_id"], note=note))
    first = await county.pull(COUNTY, max_bytes=1000)
    second = await county.pull(COUNTY, max_bytes=1000, cursor=first["cursor"])
    assert [one["payload"].get("note") for one in second["records"]] == [note]


MOVE = (
    "UPDATE record SET township_code = :entered, position = :position WHERE county_code = :county AND id = :id",
    "INSERT INTO record_exit (county_code, township_code, position, record_id) VALUES (:county, :left, :position, :id)",
    """
    INSERT INTO ledger_entry
    SELECT county_code, cast(:position AS bigint), record_id, kind, revision, action, change_id, actor, device_id,
           payload_hash, deltas, recorded_at, alg, sha256(entry_hash)
    FROM ledger_entry WHERE county_code = :county AND position = cast(:position AS bigint) - 1
    """,
    "UPDATE ledger_head SET position = :position, entry_hash = sha256(entry_hash) WHERE county_code = :county",
)


async def moved(engine: AsyncEngine, record: Item, position: int, left: str, entered: str) -> None:
    """Move a record to another township and leave an exit behind, as the push that does it writes it."""
    values = {"county": COUNTY, "id": record["record_id"], "position": position, "left": left, "entered": entered}
    async with engine.begin() as connection:
        for statement in MOVE:
            named = {name: value for name, value in values.items() if f":{name}" in statement}
            await connection.execute(text(statement), named)


async def test_a_record_that_left_the_township_is_told_as_an_exit(
    worker: Caller, county: Caller, owner_engine: AsyncEngine
) -> None:
    staying, leaving = farm(), farm()
    await county.apply(staying, leaving)
    cursor = (await worker.pull(COUNTY))["cursor"]
    all_of_it = (await county.pull(COUNTY))["cursor"]
    await moved(owner_engine, leaving, 3, TOWNSHIP, OTHER_TOWNSHIP)
    page = await worker.pull(COUNTY, cursor=cursor)
    assert (page["records"], page["exits"]) == ([], [{"id": leaving["record_id"], "position": 3}])
    of_county = await county.pull(COUNTY, cursor=all_of_it)
    assert ([one["id"] for one in of_county["records"]], of_county["exits"]) == ([leaving["record_id"]], [])


async def test_a_record_that_came_back_is_pulled_and_not_dropped(
    worker: Caller, county: Caller, owner_engine: AsyncEngine
) -> None:
    wanderer = farm()
    await county.apply(wanderer)
    cursor = (await worker.pull(COUNTY))["cursor"]
    await moved(owner_engine, wanderer, 2, TOWNSHIP, OTHER_TOWNSHIP)
    await moved(owner_engine, wanderer, 3, OTHER_TOWNSHIP, TOWNSHIP)
    page = await worker.pull(COUNTY, cursor=cursor)
    assert (page["exits"], [one["position"] for one in page["records"]]) == ([], [3])


async def test_exits_and_records_are_paged_together_and_none_is_passed_by(
    worker: Caller, county: Caller, owner_engine: AsyncEngine
) -> None:
    farms = [farm() for _ in range(6)]
    await county.apply(*farms)
    cursor = (await worker.pull(COUNTY))["cursor"]
    for number, one in enumerate(farms):
        await moved(owner_engine, one, 7 + number, TOWNSHIP, OTHER_TOWNSHIP)
    back = [farm(), farm()]
    await county.apply(*back)
    gone: list[str] = []
    came: list[str] = []
    pages = 0
    while True:
        page = await worker.pull(COUNTY, cursor=cursor, limit=3)
        assert page["reset"] is False
        gone += [one["id"] for one in page["exits"]]
        came += [one["id"] for one in page["records"]]
        cursor, pages = page["cursor"], pages + 1
        if not page["more"]:
            break
    assert (gone, came, pages) == ([one["record_id"] for one in farms], [one["record_id"] for one in back], 3)


async def settle_late(engine: AsyncEngine, change: Item, position: int) -> None:
    """Give a change the place at which it came to its end after it was held."""
    statement = "UPDATE change SET settled_position = :position WHERE change_id = :id"
    async with engine.begin() as connection:
        await connection.execute(text(statement), {"position": position, "id": change["change_id"]})


async def test_a_late_outcome_comes_to_the_account_whose_change_it_was_and_once(
    worker: Caller, offices: Offices, owner_engine: AsyncEngine
) -> None:
    colleague = await offices.of("colleague")
    first, second = farm(), farm()
    await worker.apply(first)
    cursors = [(await one.pull(COUNTY))["cursor"] for one in (worker, colleague)]
    await worker.apply(second)
    await settle_late(owner_engine, second, 2)
    page = await worker.pull(COUNTY, cursor=cursors[0])
    [outcome] = page["outcomes"]
    assert (outcome["change_id"], outcome["outcome"], outcome["position"]) == (second["change_id"], "applied", 2)
    assert [one["id"] for one in page["records"]] == [second["record_id"]]
    assert (await worker.pull(COUNTY, cursor=page["cursor"]))["outcomes"] == []
    assert (await colleague.pull(COUNTY, cursor=cursors[1]))["outcomes"] == []


async def test_a_reset_still_brings_the_outcomes_it_would_pass_by(worker: Caller, owner_engine: AsyncEngine) -> None:
    early, late = farm(), farm()
    await worker.apply(early)
    await settle_late(owner_engine, early, 1)
    cursor = (await worker.pull(COUNTY))["cursor"]
    await worker.apply(late)
    await settle_late(owner_engine, late, 2)
    await grant_the_other_township(owner_engine)
    page = await worker.pull(COUNTY, cursor=cursor)
    assert (page["reset"], page["records"]) == (True, [])
    assert [one["change_id"] for one in page["outcomes"]] == [late["change_id"]]


async def test_the_last_page_says_what_the_phone_must_hold(worker: Caller, county: Caller) -> None:
    mine, other = [farm() for _ in range(4)], [farm(township_code=OTHER_TOWNSHIP) for _ in range(3)]
    await county.apply(*mine, *other, farm(township_code="430623000"))
    for caller in (worker, county):
        held: dict[str, str] = {}
        cursor: dict[str, str] = {}
        while True:
            page = await caller.pull(COUNTY, limit=2, **cursor)
            held |= {one["id"]: one["mark"] for one in page["records"]}
            cursor = {"cursor": page["cursor"]}
            if not page["more"]:
                break
            assert page["checksum"] is None
        assert page["checksum"] == {"records": len(held), "sum": mark_sum(held.values())}


@pytest.mark.parametrize("limit", [0, -1, 1001, "many"])
async def test_a_limit_out_of_range_is_refused_not_replaced(worker: Caller, limit: object) -> None:
    response = await worker.get("/v1/sync/pull", county=COUNTY, limit=limit)
    assert (response.status_code, response.json()["errors"][0]["field"]) == (422, "limit")
