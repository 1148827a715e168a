"""What a push leaves for phones to compare themselves with: the marks of townships, and who left one."""

import random
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from schemas.marks import MODULUS, mark_of
from sync.recompute import differing_marks
from tests.integration.conftest import Caller
from tests.support.offices import COUNTY, OTHER_TOWNSHIP, TOWNSHIP
from tests.support.reports import amend, farm, film, withdraw

pytestmark = pytest.mark.anyio


async def rows(engine: AsyncEngine, statement: str) -> list[tuple[Any, ...]]:
    async with engine.connect() as connection:
        return [tuple(row) for row in await connection.execute(text(statement))]


async def marks(engine: AsyncEngine) -> dict[str, tuple[int, int]]:
    found = await rows(engine, "SELECT township_code, records, checksum FROM township_mark")
    return {township: (records, int(checksum)) for township, records, checksum in found}


async def entry_marks(engine: AsyncEngine) -> dict[int, int]:
    """Return the mark of every entry by its position."""
    found = await rows(engine, "SELECT position, entry_hash FROM ledger_entry")
    return {position: int(mark_of(entry_hash), 16) for position, entry_hash in found}


async def test_a_mark_is_the_sum_over_the_records_of_the_township(worker: Caller, owner_engine: AsyncEngine) -> None:
    farms = [farm() for _ in range(5)]
    await worker.apply(*farms)
    expected = sum((await entry_marks(owner_engine)).values()) % MODULUS
    assert await marks(owner_engine) == {TOWNSHIP: (5, expected)}


async def test_a_record_keeps_the_mark_of_the_entry_that_wrote_its_state(
    worker: Caller, owner_engine: AsyncEngine
) -> None:
    homestead = farm()
    renamed = amend(homestead, {"/name": "改名户"})
    await worker.apply(homestead, farm(), renamed)
    await worker.apply(amend(renamed, {"/name": "改名户"}))
    kept = await rows(owner_engine, "SELECT position, encode(mark, 'hex') FROM record ORDER BY position")
    assert {position: int(mark, 16) for position, mark in kept}.items() <= (await entry_marks(owner_engine)).items()
    assert [position for position, _ in kept] == [2, 3]


async def test_a_record_that_changes_township_leaves_an_exit_at_its_new_position(
    county: Caller, owner_engine: AsyncEngine
) -> None:
    homestead = farm()
    moved = amend(homestead, {"/township_code": OTHER_TOWNSHIP})
    await county.apply(homestead, farm())
    await county.apply(moved, amend(moved, {"/name": "改名户"}))
    exits = "SELECT county_code, township_code, position, cast(record_id AS text) FROM record_exit"
    assert await rows(owner_engine, exits) == [(COUNTY, TOWNSHIP, 3, homestead["record_id"])]
    found = await marks(owner_engine)
    assert found[OTHER_TOWNSHIP] == (1, (await entry_marks(owner_engine))[4])
    assert found[TOWNSHIP][0] == 1


async def test_a_record_that_moves_there_and_back_in_one_push_leaves_both_townships(
    county: Caller, owner_engine: AsyncEngine
) -> None:
    homestead = farm()
    there = amend(homestead, {"/township_code": OTHER_TOWNSHIP})
    await county.apply(homestead, there, amend(there, {"/township_code": TOWNSHIP}))
    found = await rows(owner_engine, "SELECT township_code, position FROM record_exit ORDER BY position")
    assert found == [(TOWNSHIP, 2), (OTHER_TOWNSHIP, 3)]
    mark = (await entry_marks(owner_engine))[3]
    assert await marks(owner_engine) == {OTHER_TOWNSHIP: (0, 0), TOWNSHIP: (1, mark)}


async def test_marks_equal_a_recompute_after_any_sequence(county: Caller, owner_engine: AsyncEngine) -> None:
    draw = random.Random(11)
    last: dict[str, Any] = {}
    for _ in range(40):
        batch = []
        for _ in range(draw.randint(1, 6)):
            match draw.randrange(4) if last else 0:
                case 0:
                    change = farm(township_code=draw.choice([TOWNSHIP, OTHER_TOWNSHIP]))
                case 1:
                    change = amend(last[draw.choice(list(last))], {"/township_code": OTHER_TOWNSHIP})
                case 2:
                    change = amend(last[draw.choice(list(last))], {"/township_code": TOWNSHIP})
                case _:
                    change = withdraw(last[draw.choice(list(last))])
            last[change["record_id"]] = change
            batch.append(change)
        outcomes = await county.outcomes(*batch)
        for change, outcome in zip(batch, outcomes, strict=True):
            if outcome["outcome"] not in ("applied", "merged") or change["action"] == "withdraw":
                last.pop(change["record_id"], None)
    async with owner_engine.connect() as connection:
        assert await differing_marks(connection, [COUNTY]) == []
    assert sum(records for records, _ in (await marks(owner_engine)).values()) > 20


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE township_mark SET checksum = (checksum + 1) % 18446744073709551616",
        "UPDATE township_mark SET records = records + 1",
        "DELETE FROM township_mark",
        "UPDATE record SET position = position + 100 WHERE kind = 'farm'",
        "UPDATE ledger_entry SET entry_hash = sha256(entry_hash) WHERE kind = 'farm'",
    ],
)
async def test_a_mark_that_is_not_that_of_the_records_is_found(
    worker: Caller, owner_engine: AsyncEngine, damage: str
) -> None:
    homestead = farm()
    await worker.apply(homestead, film(homestead["record_id"]))
    async with owner_engine.begin() as connection:
        assert (await connection.execute(text(damage))).rowcount == 1
        [found] = await differing_marks(connection, [COUNTY])
    assert found.township_code == TOWNSHIP
