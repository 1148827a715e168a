"""A ledger that was restored to a state of before, as a phone finds out whose cursor is older than that state."""

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.integration.conftest import Caller
from tests.integration.test_pull import restore_a_backup_from_before_the_second_record
from tests.support.offices import COUNTY
from tests.support.reports import farm

pytestmark = pytest.mark.anyio


async def head_after(caller: Caller, *items: dict[str, object]) -> str:
    """Push, and return the head of the receipt as a pull names it."""
    [head] = (await caller.push(*items)).json()["receipt"]["heads"]
    return f"{head['position']}:{head['entry_hash'][:16]}"


async def registered(caller: Caller) -> set[str]:
    pack = (await caller.get("/v1/packs/farms", county=COUNTY)).json()
    return {one["id"] for one in pack["farms"]}


async def test_a_ledger_that_has_what_receipts_say_goes_on(county: Caller) -> None:
    first, second = await head_after(county, farm()), await head_after(county, farm())
    page = await county.pull(COUNTY, head=[first, second])
    assert (page["reset"], len(page["records"])) == (False, 2)
    assert (await county.pull(COUNTY, cursor=page["cursor"], head=[first]))["reset"] is False


async def test_a_receipt_from_beyond_a_restored_ledger_is_answered_with_reset(
    county: Caller, owner_engine: AsyncEngine
) -> None:
    await county.apply(farm())
    cursor = (await county.pull(COUNTY))["cursor"]
    lost = await head_after(county, farm())
    await restore_a_backup_from_before_the_second_record(owner_engine)
    assert (await county.pull(COUNTY, cursor=cursor))["reset"] is False
    page = await county.pull(COUNTY, cursor=cursor, head=[lost])
    assert (page["reset"], page["records"], page["more"]) == (True, [], False)
    new = await head_after(county, farm())
    assert (await county.pull(COUNTY, cursor=cursor, head=[lost, new]))["reset"] is True, "another entry is there"
    assert (await county.pull(COUNTY, head=[lost]))["reset"] is True, "without a cursor too"
    assert (await county.pull(COUNTY, cursor=cursor, head=[new]))["reset"] is False


async def test_the_register_of_a_restored_ledger_is_not_that_of_before(
    county: Caller, owner_engine: AsyncEngine
) -> None:
    kept, lost, new = farm(), farm(), farm()
    await county.apply(kept, lost)
    assert await registered(county) == {kept["record_id"], lost["record_id"]}
    await restore_a_backup_from_before_the_second_record(owner_engine)
    await county.apply(new)
    assert await registered(county) == {kept["record_id"], new["record_id"]}


@pytest.mark.parametrize("head", ["0:0123456789abcdef", "1", "1:xyz", "1:0123", ":", "1:0123456789ABCDEF"])
async def test_a_head_that_no_receipt_has_is_refused(county: Caller, head: str) -> None:
    response = await county.get("/v1/sync/pull", county=COUNTY, head=head)
    assert response.status_code == 422 or response.json()["code"] == "invalid_request"
