"""Late changes of a filed year: held, shown, let in by recall, return or exception, and never lost."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from backend.jobs.held import decide_held
from tests.integration.conftest import Caller, Offices
from tests.support.filings import Cabinet
from tests.support.ledgers import ledger, stored
from tests.support.offices import COUNTY
from tests.support.reports import amend, farm, film, film_statement, withdraw
from tests.support.soundness import assert_sound
from tests.support.statements import PUSH_STATEMENTS, counted, counted_by_the_driver

pytestmark = pytest.mark.anyio

FILING = Cabinet()
LATER = "2024"


def in_days(days: float) -> str:
    return (datetime.now(UTC) + timedelta(days=days)).isoformat()


async def filed(worker: Caller, county: Caller) -> dict[str, Any]:
    """A farm with a report in a filed year; return the report."""
    homestead = farm()
    report = film(homestead["record_id"])
    await worker.apply(homestead, report)
    await county.apply(film_statement())
    await FILING.file(county)
    return report


async def test_a_late_change_is_held_without_a_deadline_and_listed(
    worker: Caller, county: Caller, owner_engine: AsyncEngine
) -> None:
    report = await filed(worker, county)
    homestead = farm(name="李家湾")
    late = film(homestead["record_id"])
    correction, gone = amend(report, {"/mulch_used_kg": "120"}), withdraw(report)
    await worker.apply(homestead)  # a farm is no report
    outcomes = await worker.outcomes(late, correction, gone)
    assert [(one["outcome"], one["reason"], one["disposition"]) for one in outcomes] == [
        ("held", "year_locked", "retry_after")
    ] * 3
    kept = await stored(owner_engine, late)
    assert (kept.held_until, kept.waits_for is None) == (None, False)
    page = (await county.get(f"{FILING.path}/held")).json()
    assert (page["locked"], page["total"], page["open_until"]) == (True, 3, None)
    shown = {one["change_id"]: one for one in page["changes"]}
    assert shown[correction["change_id"]]["fields"] == ["/mulch_used_kg"]
    assert shown[late["change_id"]]["township_code"] == late["payload"]["township_code"]
    assert "李家湾" not in str(page)
    assert (await worker.get(f"{FILING.path}/held")).status_code == 403
    await assert_sound(owner_engine)


async def test_the_statement_itself_is_locked_and_other_years_are_not(worker: Caller, county: Caller) -> None:
    homestead = farm()
    statement = film_statement()
    await worker.apply(homestead, film(homestead["record_id"]))
    await county.apply(statement)
    await FILING.file(county)
    await county.hold(amend(statement, {"/mulch_used_t": "90"}))
    await worker.apply(film(homestead["record_id"], period=LATER))


@pytest.mark.parametrize("way", ["recall", "return"])
async def test_what_was_held_is_taken_when_the_filing_opens(
    offices: Offices, worker: Caller, county: Caller, owner_engine: AsyncEngine, way: str
) -> None:
    report = await filed(worker, county)
    cursor = (await worker.pull(COUNTY))["cursor"]
    first = amend(report, {"/mulch_used_kg": "120"})
    second = amend(first, {"/mulch_used_kg": "130"})
    [held] = await worker.outcomes(first)
    [waiting] = await worker.outcomes(second)
    assert (held["reason"], waiting["reason"]) == ("year_locked", "base_missing")
    caller = county if way == "recall" else await offices.of("prefecture")
    reasons = [] if way == "recall" else [{"field": None, "text": "漏报"}]
    shown = await FILING.take(caller, way, "filed", reasons=reasons)
    assert (shown["state"], shown["held"]) == ("open", 0)
    assert [one.change_id for one in await ledger(owner_engine)][-2:] == [first["change_id"], second["change_id"]]
    page = await worker.pull(COUNTY, cursor=cursor)
    assert {(one["change_id"], one["outcome"]) for one in page["outcomes"]} == {
        (first["change_id"], "applied"),
        (second["change_id"], "applied"),
    }
    [record] = page["records"]
    assert record["payload"]["mulch_used_kg"] == "130"
    await assert_sound(owner_engine)


async def test_an_exception_lets_late_changes_in_for_its_time_only(
    offices: Offices, worker: Caller, county: Caller, owner_engine: AsyncEngine
) -> None:
    report = await filed(worker, county)
    first = amend(report, {"/mulch_used_kg": "120"})
    await worker.hold(first)
    assert (await FILING.open_until(county, in_days(2))).json()["code"] == "not_your_step"
    prefecture = await offices.of("prefecture")
    assert (await FILING.open_until(prefecture, in_days(91))).json()["code"] == "exception_too_long"
    assert (await FILING.open_until(prefecture, in_days(-1))).json()["code"] == "exception_too_long"
    response = await FILING.open_until(prefecture, in_days(2))
    shown = response.json()
    assert (shown["state"], shown["held"], len(shown["exceptions"])) == ("filed", 0, 1)
    frozen = shown["positions"]
    second = amend(first, {"/mulch_used_kg": "130"})
    await worker.apply(second)
    assert (await county.get(FILING.path)).json()["positions"] == frozen  # what was filed stays what it was
    await _pass(owner_engine)
    await worker.hold(amend(second, {"/mulch_used_kg": "140"}))
    await assert_sound(owner_engine)


async def _pass(engine: AsyncEngine) -> None:
    """Let the time of every exception be over."""
    async with engine.begin() as connection:
        await connection.execute(text("UPDATE filing_lock SET open_until = now() - interval '1 second'"))


async def test_an_exception_needs_something_that_is_locked(offices: Offices, county: Caller) -> None:
    await county.apply(film_statement())
    response = await FILING.open_until(await offices.of("prefecture"), in_days(2))
    assert (response.status_code, response.json()["code"]) == (409, "exception_of_open")


async def test_held_changes_of_an_opened_lock_that_were_missed_are_decided_by_the_job(
    offices: Offices, worker: Caller, county: Caller, owner_engine: AsyncEngine
) -> None:
    report = await filed(worker, county)
    late = amend(report, {"/mulch_used_kg": "120"})
    await worker.hold(late)
    context = offices.app.state.service.push_context
    assert (await decide_held(context)).settled == 0
    assert (await stored(owner_engine, late)).outcome == "held"
    async with owner_engine.begin() as connection:  # as a restored backup could leave it
        await connection.execute(text("UPDATE filing_lock SET closed = false"))
    assert (await decide_held(context)).settled == 1
    assert (await stored(owner_engine, late)).outcome == "applied"
    await assert_sound(owner_engine)


async def test_a_phone_that_sends_a_held_change_again_is_told_the_same(worker: Caller, county: Caller) -> None:
    report = await filed(worker, county)
    late = amend(report, {"/mulch_used_kg": "120"})
    for _ in range(2):
        [outcome] = await worker.outcomes(late)
        assert (outcome["outcome"], outcome["reason"]) == ("held", "year_locked")
    await FILING.take(county, "recall", "filed")
    [outcome] = await worker.outcomes(late)
    assert (outcome["outcome"], outcome["replayed"]) == ("applied", True)


async def test_a_locked_push_takes_as_many_statements_as_any(offices: Offices, worker: Caller, county: Caller) -> None:
    report = await filed(worker, county)
    service = offices.app.state.service
    with counted(service.engine) as statements:
        async with counted_by_the_driver(service.pool) as driven:
            await worker.hold(amend(report, {"/mulch_used_kg": "120"}))
    assert len(statements) + len(driven) == PUSH_STATEMENTS - 1  # nothing was taken, so there is no receipt
