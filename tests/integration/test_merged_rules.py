"""What two people changed is checked as one: rules run again on the merged record, also when a change comes late."""

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.integration.conftest import Caller, Offices
from tests.support.ledgers import stored
from tests.support.offices import COUNTY
from tests.support.reports import amend, farm, film, withdraw
from tests.support.soundness import assert_sound

pytestmark = pytest.mark.anyio


async def test_a_late_change_merges_with_what_happened_meanwhile(
    offices: Offices, worker: Caller, owner_engine: AsyncEngine
) -> None:
    colleague = await offices.of("colleague")
    homestead = farm()
    report = film(homestead["record_id"])
    await worker.apply(homestead, report)
    base = amend(report, {"/mulch_used_kg": "120"})
    late = amend(base, {"/note": "晚到"})
    await worker.hold(late)
    await colleague.apply(amend(report, {"/mulch_covered_area_mu": "25"}))
    [outcome] = await worker.outcomes(base)
    assert outcome["outcome"] == "merged"
    assert (await stored(owner_engine, late)).outcome == "applied"  # its base is the record as it stands
    page = await worker.pull(COUNTY)
    payload = next(one["payload"] for one in page["records"] if one["id"] == report["record_id"])
    assert (payload["mulch_used_kg"], payload["mulch_covered_area_mu"], payload["note"]) == ("120", "25", "晚到")
    await assert_sound(owner_engine)


async def test_a_late_change_of_a_field_that_somebody_else_changed_clashes_and_keeps_both(
    offices: Offices, worker: Caller, owner_engine: AsyncEngine
) -> None:
    colleague = await offices.of("colleague")
    homestead = farm()
    report = film(homestead["record_id"])
    late = amend(report, {"/mulch_used_kg": "110"})
    follower = amend(late, {"/note": "随后"})
    rival = amend(report, {"/mulch_used_kg": "120"})
    await colleague.hold(rival)
    await worker.hold(late, follower)
    await worker.apply(homestead, report)
    lost = await stored(owner_engine, late)
    assert (await stored(owner_engine, rival)).outcome == "applied"  # it was received first
    assert lost.outcome == "conflict"
    assert lost.result["conflicts"] == [{"field": "/mulch_used_kg", "base": "100", "current": "120", "incoming": "110"}]
    ended = await stored(owner_engine, follower)
    assert (ended.outcome, ended.result["problems"][0]["code"]) == ("conflict", "base_failed")
    assert ended.settled_position > lost.settled_position
    await worker.apply(amend(rival, {"/mulch_used_kg": "110"}))
    await assert_sound(owner_engine)


async def test_a_late_change_that_breaks_a_rule_only_together_with_anothers_is_a_conflict(
    offices: Offices, worker: Caller, owner_engine: AsyncEngine
) -> None:
    colleague = await offices.of("colleague")
    homestead = farm()
    report = film(homestead["record_id"])
    dirt, water = amend(report, {"/mulch_impurity_rate": "0.6"}), amend(report, {"/mulch_moisture_rate": "0.6"})
    await colleague.hold(dirt)
    await worker.hold(water)
    await worker.apply(homestead, report)
    assert (await stored(owner_engine, dirt)).outcome == "applied"
    assert (await stored(owner_engine, water)).outcome == "conflict"
    await assert_sound(owner_engine)


async def test_a_change_of_a_record_that_was_withdrawn_meanwhile_is_a_conflict(
    offices: Offices, worker: Caller, owner_engine: AsyncEngine
) -> None:
    colleague = await offices.of("colleague")
    homestead = farm()
    report = film(homestead["record_id"])
    gone, late = withdraw(report), amend(report, {"/note": "晚到"})
    await colleague.hold(gone)
    await worker.hold(late)
    await worker.apply(homestead, report)
    assert (await stored(owner_engine, gone)).outcome == "applied"
    lost = await stored(owner_engine, late)
    assert (lost.outcome, lost.result["problems"][0]["code"]) == ("conflict", "record_withdrawn")
    await assert_sound(owner_engine)


async def test_a_late_withdrawal_of_a_state_that_changed_is_a_conflict(
    offices: Offices, worker: Caller, owner_engine: AsyncEngine
) -> None:
    colleague = await offices.of("colleague")
    homestead = farm()
    report = film(homestead["record_id"])
    amended, gone = amend(report, {"/note": "先到"}), withdraw(report)
    await colleague.hold(amended)
    await worker.hold(gone)
    await worker.apply(homestead, report)
    lost = await stored(owner_engine, gone)
    assert (lost.outcome, lost.result["problems"][0]["code"]) == ("conflict", "state_changed")
    assert (await stored(owner_engine, amended)).outcome == "applied"


async def test_a_report_that_waits_for_a_farm_that_is_withdrawn_at_once_is_taken_first(
    worker: Caller, owner_engine: AsyncEngine
) -> None:
    homestead = farm()
    report = film(homestead["record_id"])
    await worker.hold(report)
    outcomes = await worker.outcomes(homestead, withdraw(homestead))
    assert [one["outcome"] for one in outcomes] == ["applied", "conflict"]
    assert outcomes[1]["problems"][0]["code"] == "farm_has_reports"
    assert (await stored(owner_engine, report)).outcome == "applied"
    await assert_sound(owner_engine)
