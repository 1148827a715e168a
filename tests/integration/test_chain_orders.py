"""Whatever order the links of a chain arrive in, and from whichever phones: one record, each change decided once."""

from collections import Counter
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.integration.conftest import Caller, Offices
from tests.support.offices import COUNTY
from tests.support.reports import amend, farm, film, withdraw
from tests.support.soundness import assert_sound

pytestmark = pytest.mark.anyio

PHONES = ("worker", "colleague", "township", "county")

ANY_ORDER = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
"""Every example has records of its own, so that they may share a database."""

FIELDS = ("/mulch_used_kg", "/mulch_covered_area_mu", "/note")

READ_DECIDED = """
    SELECT outcome, count(*) AS n FROM change WHERE record_id = ANY(cast(:ids AS uuid[])) GROUP BY outcome
"""
READ_ENTRIES = """
    SELECT cast(change_id AS text) AS change_id, action FROM ledger_entry
    WHERE record_id = ANY(cast(:ids AS uuid[])) ORDER BY position
"""


@st.composite
def chains(draw: st.DrawFn) -> list[dict[str, Any]]:
    """A farm, its report, and amendments each made on the one before; the last may be a withdrawal."""
    homestead = farm()
    chain = [homestead, film(homestead["record_id"])]
    for number in range(draw(st.integers(1, 5))):
        chain.append(amend(chain[-1], {draw(st.sampled_from(FIELDS)): str(200 + number)}))
    if draw(st.booleans()):
        chain.append(withdraw(chain[-1]))
    return chain


@st.composite
def arrivals(draw: st.DrawFn) -> tuple[list[dict[str, Any]], list[tuple[str, list[dict[str, Any]]]]]:
    """A chain, and the pushes in which its links arrive: from whose phone, and which."""
    chain = draw(chains())
    waiting = draw(st.permutations(chain))
    pushes = []
    while waiting:
        size = draw(st.integers(1, len(waiting)))
        pushes.append((draw(st.sampled_from(PHONES)), waiting[:size]))
        waiting = waiting[size:]
    return chain, pushes


def after(chain: list[dict[str, Any]]) -> tuple[str, dict[str, Any]]:
    """Return the status and the answers that the chain leaves when it arrives in order."""
    payload = {"none_this_year": False} | chain[1]["payload"]
    for change in chain[2:]:
        payload |= {pointer[1:]: value for pointer, value in change.get("set", {}).items()}
    return ("withdrawn" if chain[-1]["action"] == "withdraw" else "submitted"), payload


async def decided(engine: AsyncEngine, ids: list[str]) -> tuple[dict[str, int], list[tuple[str, str]]]:
    async with engine.connect() as connection:
        outcomes = {row.outcome: row.n for row in await connection.execute(text(READ_DECIDED), {"ids": ids})}
        entries = [(row.change_id, row.action) for row in await connection.execute(text(READ_ENTRIES), {"ids": ids})]
    return outcomes, entries


async def pulled(caller: Caller, record_id: str) -> dict[str, Any]:
    """Return a record as a phone has it that pulls from the start."""
    page = await caller.pull(COUNTY, limit=1000)
    found: dict[str, Any] = next(one for one in page["records"] if one["id"] == record_id)
    return found


@ANY_ORDER
@given(arrival=arrivals())
async def test_any_arrival_order_ends_as_arrival_in_order_and_decides_each_change_once(
    offices: Offices,
    owner_engine: AsyncEngine,
    arrival: tuple[list[dict[str, Any]], list[tuple[str, list[dict[str, Any]]]]],
) -> None:
    chain, pushes = arrival
    for phone, batch in pushes:
        outcomes = await (await offices.of(phone)).outcomes(*batch)
        assert {one["outcome"] for one in outcomes} <= {"applied", "held"}, outcomes
    record = await pulled(await offices.of(PHONES[0]), chain[1]["record_id"])
    status, payload = after(chain)
    assert record["status"] == status
    assert record["payload"] == payload
    ids = [one["record_id"] for one in chain[:2]]
    stored, entries = await decided(owner_engine, ids)
    assert stored == {"applied": len(chain)}
    # A link that changes nothing has no entry, or one that says so; none has two, and none precedes its base.
    counted = Counter(change_id for change_id, _ in entries)
    assert set(counted.values()) == {1}
    order = [one["change_id"] for one in chain]
    positions = [order.index(change_id) for change_id, _ in entries]
    assert positions == sorted(positions)
    await assert_sound(owner_engine)


@ANY_ORDER
@given(order=st.permutations(range(4)))
async def test_what_hangs_on_a_refused_change_ends_with_it_in_any_order(
    worker: Caller, owner_engine: AsyncEngine, order: list[int]
) -> None:
    homestead = farm()
    await worker.apply(homestead)
    refused = amend(homestead, {"/name": ""})
    second = amend(refused, {"/name": "王家"})
    third = amend(second, {"/phone": "13800000000"})
    beside = amend(homestead, {"/phone": "13900000000"})
    chain = [refused, second, third, beside]
    for index in order:
        await worker.outcomes(chain[index])
    stored, _ = await decided(owner_engine, [homestead["record_id"]])
    assert stored == {"applied": 2, "rejected": 3}
    assert (await pulled(worker, homestead["record_id"]))["payload"]["phone"] == "13900000000"


@ANY_ORDER
@given(numbers=st.permutations(["110", "120", "130"]), resolved=st.sampled_from(["110", "140"]))
async def test_a_clash_keeps_both_values_and_a_later_change_resolves_it(
    offices: Offices, owner_engine: AsyncEngine, numbers: list[str], resolved: str
) -> None:
    callers = [await offices.of(name) for name in PHONES[:3]]
    homestead = farm()
    report = film(homestead["record_id"])
    await callers[0].apply(homestead, report)
    rivals = [amend(report, {"/mulch_used_kg": number}) for number in numbers]
    outcomes = [(await caller.outcomes(one))[0] for caller, one in zip(callers, rivals, strict=True)]
    assert [one["outcome"] for one in outcomes] == ["applied", "conflict", "conflict"]
    for one, number in zip(outcomes[1:], numbers[1:], strict=True):
        assert one["conflicts"] == [
            {"field": "/mulch_used_kg", "base": "100", "current": numbers[0], "incoming": number}
        ]
    resolution = amend(rivals[0], {"/mulch_used_kg": resolved})
    [settled] = await callers[1].outcomes(resolution)
    assert settled["outcome"] == "applied"
    assert (await pulled(callers[2], report["record_id"]))["payload"]["mulch_used_kg"] == resolved
    await assert_sound(owner_engine)
