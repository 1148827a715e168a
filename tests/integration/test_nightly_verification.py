"""Ledgers verified night by night: only what was added is read, and any fault is told loudly, once while it stands."""

import logging
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from backend.jobs.verifying import verify_added, verify_all
from backend.service import Service
from tests.integration.conftest import Caller, Offices
from tests.support.offices import COUNTY
from tests.support.reports import farm

pytestmark = pytest.mark.anyio

TOLD = "SELECT kind, region_code, body FROM outbox ORDER BY id"
SPOIL = "UPDATE ledger_entry SET payload_hash = sha256('x') WHERE position = {}"
MEND = "UPDATE ledger_entry SET payload_hash = (SELECT payload_hash FROM kept) WHERE position = {}"


@pytest.fixture
def service(offices: Offices) -> Service:
    found: Service = offices.app.state.service
    return found


async def run(engine: AsyncEngine, *statements: str) -> None:
    async with engine.begin() as connection:
        for statement in statements:
            await connection.execute(text(statement))


async def told(engine: AsyncEngine) -> list[Any]:
    async with engine.connect() as connection:
        return list((await connection.execute(text(TOLD))).all())


async def test_a_night_reads_only_what_was_added(service: Service, worker: Caller) -> None:
    assert (await verify_added(service)).ledgers == 0
    await worker.apply(farm(), farm(), farm())
    first = await verify_added(service)
    assert (first.ledgers, first.entries, first.unsound) == (1, 3, [])
    assert (await verify_added(service)).entries == 0
    await worker.apply(farm())
    second = await verify_added(service)
    assert (second.ledgers, second.entries, second.unsound) == (1, 1, [])


async def test_a_changed_entry_is_told_once_and_the_ledger_is_not_taken_as_verified(
    service: Service, worker: Caller, county: Caller, owner_engine: AsyncEngine, caplog: pytest.LogCaptureFixture
) -> None:
    await worker.apply(farm(), farm())
    await verify_added(service)
    await worker.apply(farm(), farm())
    await run(owner_engine, "CREATE TABLE kept AS SELECT payload_hash FROM ledger_entry WHERE position = 3")
    await run(owner_engine, SPOIL.format(3))
    with caplog.at_level(logging.ERROR):
        assert (await verify_added(service)).unsound == [COUNTY]
    assert "does not verify" in caplog.text
    assert (await verify_added(service)).unsound == [COUNTY]
    fault, reminder = sorted(await told(owner_engine), key=lambda one: str(one.kind))
    assert (reminder.kind, fault.kind) == ("reminder.opened", "ledger.fault")
    assert fault.region_code == COUNTY
    assert fault.body == {"county_code": COUNTY, "position": 3, "code": "entry_hash", "faults": 1}
    [shown] = (await county.get("/v1/reminders")).json()["reminders"]
    assert shown["kind"] == "ledger_fault"
    assert COUNTY in shown["zh"]
    assert "qingtian ledger verify" in shown["zh"]
    await run(owner_engine, MEND.format(3), "DROP TABLE kept")
    assert (await verify_added(service)).unsound == []
    assert len((await county.get("/v1/reminders")).json()["reminders"]) == 1, "only a whole verification clears it"
    assert (await verify_all(service)).unsound == []
    assert (await county.get("/v1/reminders")).json()["reminders"] == []


async def test_what_was_verified_before_and_replaced_since_is_found_at_night(
    service: Service, worker: Caller, owner_engine: AsyncEngine
) -> None:
    await worker.apply(farm(), farm())
    await verify_added(service)
    await run(owner_engine, "UPDATE ledger_entry SET entry_hash = sha256('y') WHERE position = 2")
    assert (await verify_added(service)).unsound == [COUNTY]


async def test_a_ledger_cut_back_is_found_at_night(service: Service, worker: Caller, owner_engine: AsyncEngine) -> None:
    await worker.apply(farm(), farm())
    await verify_added(service)
    await run(
        owner_engine,
        "DELETE FROM ledger_entry WHERE position = 2",
        "UPDATE ledger_head SET position = 1, entry_hash = e.entry_hash FROM ledger_entry AS e "
        "WHERE e.county_code = ledger_head.county_code AND e.position = 1",
    )
    assert (await verify_added(service)).unsound == [COUNTY]
    [fault] = [one for one in await told(owner_engine) if one.kind == "ledger.fault"]
    assert (fault.body["position"], fault.body["code"]) == (2, "entry_missing")


async def test_what_lies_before_the_last_night_is_found_by_the_week(
    service: Service, worker: Caller, owner_engine: AsyncEngine
) -> None:
    await worker.apply(farm(), farm(), farm())
    await verify_added(service)
    await run(owner_engine, SPOIL.format(1))
    assert (await verify_added(service)).unsound == []
    assert (await verify_all(service)).unsound == [COUNTY]
    [fault] = [one for one in await told(owner_engine) if one.kind == "ledger.fault"]
    assert fault.body["position"] == 1


async def test_a_sum_that_was_changed_is_found_with_what_was_added(
    service: Service, worker: Caller, owner_engine: AsyncEngine
) -> None:
    await worker.apply(farm())
    await verify_added(service)
    await run(
        owner_engine,
        "INSERT INTO rollup_cell (county_code, period, indicator, level, status, subject, quantity, amount, n) "
        f"VALUES ('{COUNTY}', '2025', 'film_recovery', 'farm', 'accepted', '', 'reports', 5, 5)",
    )
    await worker.apply(farm())
    assert (await verify_added(service)).unsound == [COUNTY]
