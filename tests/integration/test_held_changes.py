"""Changes that arrive before what they were made on: kept, and decided in the push that brings it."""

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from schemas.canonical import canonical_sha256
from sync.sealing import told_of
from tests.integration.conftest import Caller, Offices
from tests.support.ledgers import ledger, stored
from tests.support.offices import COUNTY, OTHER_TOWNSHIP
from tests.support.reports import amend, farm, film, new_id, withdraw
from tests.support.soundness import assert_sound
from tests.support.statements import PUSH_STATEMENTS, counted, counted_by_the_driver

pytestmark = pytest.mark.anyio


async def test_a_change_that_waits_says_for_what_and_until_when(worker: Caller, owner_engine: AsyncEngine) -> None:
    homestead = farm()
    report = film(homestead["record_id"])
    correction = amend(report, {"/mulch_used_kg": "120"})
    await worker.hold(report, correction)
    first, second = await stored(owner_engine, report), await stored(owner_engine, correction)
    assert (first.waits_for, second.waits_for) == (homestead["record_id"], report["change_id"])
    assert (first.held_until - first.received_at).days == 5
    await worker.hold(report)
    assert (await stored(owner_engine, report)).held_until == first.held_until


async def test_a_farm_brings_its_report_and_the_amendments_of_it_in_causal_order(
    worker: Caller, owner_engine: AsyncEngine
) -> None:
    homestead = farm()
    report = film(homestead["record_id"])
    first = amend(report, {"/mulch_used_kg": "120"})
    second = amend(first, {"/mulch_used_kg": "130"})
    for change in (second, first, report):
        await worker.hold(change)
    await worker.apply(homestead)
    assert [one.change_id for one in await ledger(owner_engine)] == [
        one["change_id"] for one in (homestead, report, first, second)
    ]
    late = await stored(owner_engine, second)
    assert (late.outcome, late.settled_position, late.decided_position) == ("applied", 4, 4)
    assert (late.waits_for, late.held_until) == (None, None)
    [replayed] = await worker.outcomes(second)
    assert (replayed["outcome"], replayed["replayed"], replayed["position"]) == ("applied", True, 4)
    page = await worker.pull(COUNTY)
    [pulled] = [one for one in page["records"] if one["id"] == report["record_id"]]
    assert (pulled["payload"]["mulch_used_kg"], pulled["revision"]) == ("130", 3)
    await assert_sound(owner_engine)


async def test_a_chain_in_the_wrong_order_of_one_push_is_decided_in_that_push(
    worker: Caller, owner_engine: AsyncEngine
) -> None:
    homestead = farm()
    report = film(homestead["record_id"])
    correction = amend(report, {"/mulch_used_kg": "120"})
    outcomes = await worker.outcomes(correction, report, homestead)
    assert [(one["outcome"], one["position"]) for one in outcomes] == [("applied", 3), ("applied", 2), ("applied", 1)]
    assert (await stored(owner_engine, report)).settled_position is None  # it was answered, nobody waits for news
    await assert_sound(owner_engine)


async def test_what_waited_is_decided_under_whoever_wrote_it(
    offices: Offices, worker: Caller, county: Caller, owner_engine: AsyncEngine
) -> None:
    homestead = farm(township_code=OTHER_TOWNSHIP)
    allowed, foreign = film(homestead["record_id"], township_code=OTHER_TOWNSHIP), film(homestead["record_id"])
    await worker.hold(foreign)
    await county.hold(allowed)
    await (await offices.of("county")).apply(homestead)
    late = await stored(owner_engine, foreign)
    assert (late.outcome, late.result["reason"]) == ("held", "scope_lost")  # not the worker's farm to report on
    assert (late.waits_for, late.held_until, late.settled_position) == (None, None, None)
    taken = await stored(owner_engine, allowed)
    entry = (await ledger(owner_engine))[-1]
    assert (entry.change_id, entry.actor) == (allowed["change_id"], taken.account)


async def test_the_colleagues_report_is_decided_with_the_colleagues_grants_of_now(
    offices: Offices, worker: Caller, owner_engine: AsyncEngine
) -> None:
    homestead = farm()
    reports = [film(homestead["record_id"], period=period) for period in ("2024", "2025")]
    await (await offices.of("colleague")).hold(reports[0])
    async with owner_engine.begin() as connection:
        await connection.execute(text("UPDATE account SET disabled = true WHERE username = 'colleague'"))
    await worker.hold(reports[1])
    await worker.apply(homestead)
    assert (await stored(owner_engine, reports[0])).result["reason"] == "scope_lost"
    assert (await stored(owner_engine, reports[1])).outcome == "applied"


async def test_a_late_conflict_ends_by_an_entry_that_commits_to_the_outcome(
    offices: Offices, worker: Caller, owner_engine: AsyncEngine
) -> None:
    homestead = farm()
    colleague = await offices.of("colleague")
    first, second = film(homestead["record_id"]), film(homestead["record_id"])
    await worker.hold(first)
    await colleague.hold(second)
    await worker.apply(homestead)
    lost = await stored(owner_engine, second)
    assert (lost.outcome, lost.settled_position, lost.decided_position) == ("conflict", 3, None)
    assert lost.result["existing_record_id"] == first["record_id"]
    end = (await ledger(owner_engine))[2]
    assert (end.action, end.revision, end.deltas, end.record_id) == ("decide", 0, [], second["record_id"])
    assert (end.change_id, end.actor) == (second["change_id"], lost.account)
    assert bytes(end.payload_hash) == canonical_sha256(told_of(lost.result))
    [replayed] = await colleague.outcomes(second)
    assert (replayed["outcome"], replayed["replayed"]) == ("conflict", True)
    await worker.apply(farm())  # the chain goes on behind an entry that changed no record
    await assert_sound(owner_engine)


async def test_what_waits_for_a_change_that_is_refused_ends_with_it(worker: Caller, owner_engine: AsyncEngine) -> None:
    homestead = farm()
    await worker.apply(homestead)
    refused = amend(homestead, {"/name": ""})
    follower = amend(refused, {"/name": "王家"})
    last = amend(follower, {"/phone": "13800000000"})
    await worker.hold(last, follower)
    [outcome] = await worker.outcomes(refused)
    assert outcome["outcome"] == "rejected"
    for change, position in ((follower, 2), (last, 3)):
        late = await stored(owner_engine, change)
        assert (late.outcome, late.settled_position) == ("rejected", position)
        [again] = await worker.outcomes(change)
        assert again["problems"][0]["code"] == "base_failed"
    await assert_sound(owner_engine)


async def test_a_withdrawal_that_waited_is_carried_out(worker: Caller, owner_engine: AsyncEngine) -> None:
    homestead = farm()
    gone = withdraw(homestead)
    await worker.hold(gone)
    await worker.apply(homestead)
    assert (await stored(owner_engine, gone)).outcome == "applied"
    [outcome] = await worker.outcomes(film(homestead["record_id"]))
    assert outcome["problems"][0]["code"] == "farm_withdrawn"
    await assert_sound(owner_engine)


async def test_a_late_amendment_without_effect_still_comes_to_an_entry(
    worker: Caller, owner_engine: AsyncEngine
) -> None:
    homestead = farm()
    same = amend(homestead, {"/name": homestead["payload"]["name"]})
    await worker.hold(same)
    await worker.apply(homestead)
    late = await stored(owner_engine, same)
    assert (late.outcome, late.decided_position, late.settled_position) == ("applied", 1, 2)
    assert (await ledger(owner_engine))[1].action == "decide"


@pytest.mark.parametrize("is_first", [True, False])
async def test_a_held_change_that_is_sent_again_with_its_farm_is_written_once(
    worker: Caller, owner_engine: AsyncEngine, is_first: bool
) -> None:
    homestead = farm()
    report = film(homestead["record_id"])
    await worker.hold(report)
    outcomes = await worker.outcomes(*((report, homestead) if is_first else (homestead, report)))
    assert {one["outcome"] for one in outcomes} == {"applied"}
    assert (await stored(owner_engine, report)).outcome == "applied"
    assert [one.record_id for one in await ledger(owner_engine)] == [homestead["record_id"], report["record_id"]]
    await assert_sound(owner_engine)


async def test_a_long_chain_that_arrives_backwards_is_decided_at_once(
    worker: Caller, owner_engine: AsyncEngine
) -> None:
    homestead = farm()
    chain = [homestead]
    for number in range(400):
        chain.append(amend(chain[-1], {"/name": f"第{number}户"}))
    await worker.hold(*reversed(chain[1:]))
    await worker.apply(homestead)
    entries = await ledger(owner_engine)
    assert [one.change_id for one in entries] == [one["change_id"] for one in chain]
    await assert_sound(owner_engine)


async def test_a_push_that_brings_what_others_wait_for_asks_once_more_for_their_grants(
    offices: Offices, worker: Caller
) -> None:
    homestead = farm()
    colleague = await offices.of("colleague")
    for period in ("2023", "2024", "2025"):
        await colleague.hold(film(homestead["record_id"], period=period))
    service = offices.app.state.service
    async with counted_by_the_driver(service.pool) as statements:
        with counted(service.engine) as others:
            await worker.apply(homestead)
    assert len(statements) == PUSH_STATEMENTS + 1, statements
    assert others == []


async def test_a_change_of_an_id_that_others_wait_for_is_no_base_of_another_record(
    worker: Caller, owner_engine: AsyncEngine
) -> None:
    homestead, other = farm(), farm()
    stray = amend(homestead, {"/name": "李家"}) | {"record_id": new_id()}
    await worker.hold(stray)
    await worker.apply(homestead, other)
    late = await stored(owner_engine, stray)
    [again] = await worker.outcomes(stray)
    assert (late.outcome, again["problems"][0]["code"]) == ("rejected", "base_of_other_record")
