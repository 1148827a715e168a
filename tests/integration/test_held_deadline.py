"""What waits in vain comes to an end that its phone is told; what was missed is decided."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from backend.jobs.held import DecidedHeld, decide_held
from tests.conftest import Database
from tests.integration.conftest import Caller, Offices
from tests.support.ledgers import ledger, stored
from tests.support.offices import OTHER_TOWNSHIP
from tests.support.program import run_program
from tests.support.reports import amend, farm, film
from tests.support.soundness import assert_sound

pytestmark = pytest.mark.anyio

WAIT_IS_OVER = "UPDATE change SET held_until = now() - interval '1 s' WHERE held_until IS NOT NULL"


async def run(engine: AsyncEngine, statement: str, **values: Any) -> None:
    async with engine.begin() as connection:
        await connection.execute(text(statement), values)


async def sweep(offices: Offices) -> DecidedHeld:
    return await decide_held(offices.app.state.service.push_context)


async def test_nothing_is_ended_before_its_time(offices: Offices, worker: Caller) -> None:
    await worker.hold(film(farm()["record_id"]), amend(farm(), {"/name": "李家"}))
    assert await sweep(offices) == DecidedHeld()


async def test_what_never_came_ends_what_waits_for_it_and_is_told(
    offices: Offices, worker: Caller, owner_engine: AsyncEngine
) -> None:
    homestead, lost = farm(), farm()
    report, orphan = film(homestead["record_id"]), amend(lost, {"/name": "李家"})
    correction = amend(report, {"/mulch_used_kg": "120"})
    await worker.hold(report, correction, orphan)
    await run(owner_engine, WAIT_IS_OVER)
    assert await sweep(offices) == DecidedHeld(settled=0, ended=3)
    found = {one["change_id"]: await stored(owner_engine, one) for one in (report, correction, orphan)}
    codes = [one.result["problems"][0]["code"] for one in found.values()]
    assert codes == ["farm_never_came", "base_failed", "base_never_came"]
    assert {(one.outcome, one.result["disposition"]) for one in found.values()} == {("rejected", "needs_user")}
    assert sorted(one.settled_position for one in found.values()) == [1, 2, 3]
    assert [one.action for one in await ledger(owner_engine)] == ["decide"] * 3
    assert "5" in found[report["change_id"]].result["problems"][0]["zh"]
    [outcome] = await worker.outcomes(report)
    assert (outcome["outcome"], outcome["replayed"]) == ("rejected", True)
    assert await sweep(offices) == DecidedHeld()
    await assert_sound(owner_engine)


async def test_what_waits_for_a_change_that_only_a_person_can_free_goes_on_waiting(
    offices: Offices, worker: Caller, owner_engine: AsyncEngine
) -> None:
    homestead = farm(township_code=OTHER_TOWNSHIP)
    await worker.push(homestead)  # held without a deadline: out of scope
    report = film(homestead["record_id"], township_code=OTHER_TOWNSHIP)
    correction = amend(homestead, {"/name": "李家"})
    async with owner_engine.begin() as connection:
        grant = "INSERT INTO account_grant SELECT id, 'worker', :code, now() FROM account WHERE username = 'worker'"
        await connection.execute(text(grant), {"code": OTHER_TOWNSHIP})
    await worker.hold(report, correction)
    await run(owner_engine, WAIT_IS_OVER)
    assert await sweep(offices) == DecidedHeld()
    await worker.apply(homestead)
    assert {(await stored(owner_engine, one)).outcome for one in (report, correction)} == {"applied"}


async def test_what_waits_for_the_wrong_thing_goes_on_waiting_for_the_right_one(
    offices: Offices, worker: Caller, owner_engine: AsyncEngine
) -> None:
    homestead = farm()
    await worker.apply(homestead)
    unsent = amend(homestead, {"/name": "王家"})
    orphan = amend(unsent, {"/phone": "13800000000"})
    await worker.hold(orphan)
    await run(owner_engine, "UPDATE change SET waits_for = :id WHERE outcome = 'held'", id=homestead["change_id"])
    assert await sweep(offices) == DecidedHeld()
    assert (await stored(owner_engine, orphan)).waits_for == unsent["change_id"]


async def test_a_report_whose_farm_came_unseen_is_taken_by_the_sweep(
    offices: Offices, worker: Caller, owner_engine: AsyncEngine
) -> None:
    homestead = farm()
    report = film(homestead["record_id"])
    await worker.hold(report)
    # As if the farm had come while the server still left it to the phone to send the report again.
    await run(owner_engine, "UPDATE change SET waits_for = NULL WHERE outcome = 'held'")
    await worker.apply(homestead)
    assert (await stored(owner_engine, report)).outcome == "held"
    await run(owner_engine, "UPDATE change SET waits_for = :farm WHERE outcome = 'held'", farm=homestead["record_id"])
    assert await sweep(offices) == DecidedHeld(settled=1)
    late = await stored(owner_engine, report)
    assert (late.outcome, late.settled_position) == ("applied", 2)
    await assert_sound(owner_engine)


async def test_a_locked_ledger_is_left_for_the_next_run(
    offices: Offices, worker: Caller, owner_engine: AsyncEngine
) -> None:
    await worker.hold(film(farm()["record_id"]))
    await run(owner_engine, WAIT_IS_OVER)
    async with owner_engine.begin() as connection:
        await connection.execute(text("SELECT FROM ledger_head WHERE county_code = '430623' FOR UPDATE"))
        assert await sweep(offices) == DecidedHeld(busy=1)
    assert await sweep(offices) == DecidedHeld(ended=1)


async def test_the_command_does_the_same(
    worker: Caller, owner_engine: AsyncEngine, database: Database, tmp_path: Path
) -> None:
    await worker.hold(film(farm()["record_id"]))
    await run(owner_engine, WAIT_IS_OVER)
    environment = {
        "QINGTIAN_DATABASE_URL": database.service_url,
        "QINGTIAN_HOME": str(tmp_path),
        "QINGTIAN_SECRET": "s" * 40,
    }
    done = run_program("held", "decide", environment=environment)
    assert done.returncode == 0, done.stderr
    assert "1 ended after their deadline" in done.stdout
