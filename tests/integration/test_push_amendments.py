"""Changes to what is there already: amendments that merge or clash, withdrawals."""

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.integration.conftest import Caller
from tests.support.offices import COUNTY
from tests.support.reports import amend, create, farm, film, film_statement, square, withdraw

pytestmark = pytest.mark.anyio


async def test_an_amendment_changes_only_what_it_names(worker: Caller) -> None:
    homestead = farm()
    report = film(homestead["record_id"])
    await worker.apply(homestead, report)
    [outcome] = await worker.outcomes(amend(report, {"/mulch_used_kg": "120"}))
    assert (outcome["outcome"], outcome["revision"], outcome["position"]) == ("applied", 2, 3)
    page = await worker.pull(COUNTY)
    payload = next(one["payload"] for one in page["records"] if one["id"] == report["record_id"])
    assert (payload["mulch_used_kg"], payload["mulch_covered_area_mu"]) == ("120", "20")


async def test_amendments_of_different_fields_on_one_base_merge(worker: Caller) -> None:
    homestead = farm()
    report = film(homestead["record_id"])
    await worker.apply(homestead, report, amend(report, {"/mulch_used_kg": "120"}))
    [outcome] = await worker.outcomes(amend(report, {"/mulch_covered_area_mu": "25"}))
    assert (outcome["outcome"], outcome["revision"]) == ("merged", 3)


async def test_amendments_of_one_field_on_one_base_conflict_and_keep_both_values(worker: Caller) -> None:
    homestead = farm()
    report = film(homestead["record_id"])
    await worker.apply(homestead, report, amend(report, {"/mulch_used_kg": "120"}))
    [outcome] = await worker.outcomes(amend(report, {"/mulch_used_kg": "110"}))
    assert outcome["outcome"] == "conflict"
    assert outcome["conflicts"] == [{"field": "/mulch_used_kg", "base": "100", "current": "120", "incoming": "110"}]


async def test_a_change_on_a_conflicting_base_conflicts_too(worker: Caller) -> None:
    homestead = farm()
    report = film(homestead["record_id"])
    await worker.apply(homestead, report, amend(report, {"/mulch_used_kg": "120"}))
    lost = amend(report, {"/mulch_used_kg": "110"})
    follower = amend(lost, {"/mulch_covered_area_mu": "25"})
    outcomes = await worker.outcomes(lost, follower)
    assert [one["outcome"] for one in outcomes] == ["conflict", "conflict"]
    assert outcomes[1]["problems"][0]["code"] == "base_failed"


async def test_an_amendment_without_its_base_is_held(worker: Caller) -> None:
    homestead = farm()
    first = amend(homestead, {"/name": "李家"})
    second = amend(first, {"/name": "王家"})
    await worker.apply(homestead)
    [held] = await worker.outcomes(second)
    assert (held["outcome"], held["reason"]) == ("held", "base_missing")
    outcomes = await worker.outcomes(first, second)
    assert [one["outcome"] for one in outcomes] == ["applied", "applied"]


async def test_what_a_report_is_about_cannot_be_amended(worker: Caller) -> None:
    homestead = farm()
    report = film(homestead["record_id"])
    await worker.apply(homestead, report)
    [outcome] = await worker.outcomes(amend(report, {"/period": "2024"}))
    assert outcome["outcome"] == "rejected"
    assert outcome["problems"][0]["code"] == "immutable_field"


async def test_a_report_is_withdrawn_and_may_be_filed_again(worker: Caller) -> None:
    homestead = farm()
    report = film(homestead["record_id"])
    outcomes = await worker.apply(homestead, report, withdraw(report), film(homestead["record_id"]))
    assert [one["position"] for one in outcomes] == [1, 2, 3, 4]


async def test_a_withdrawal_of_a_state_that_changed_is_a_conflict(worker: Caller) -> None:
    homestead = farm()
    report = film(homestead["record_id"])
    await worker.apply(homestead, report, amend(report, {"/mulch_used_kg": "120"}))
    [outcome] = await worker.outcomes(withdraw(report))
    assert (outcome["outcome"], outcome["problems"][0]["code"]) == ("conflict", "state_changed")


async def test_a_farm_with_live_reports_cannot_be_withdrawn(worker: Caller) -> None:
    homestead = farm()
    report = film(homestead["record_id"])
    await worker.apply(homestead, report)
    [outcome] = await worker.outcomes(withdraw(homestead))
    assert outcome["problems"][0]["code"] == "farm_has_reports"
    await worker.apply(withdraw(report), withdraw(homestead))
    [late] = await worker.outcomes(film(homestead["record_id"]))
    assert late["problems"][0]["code"] == "farm_withdrawn"


async def test_a_statement_is_amended_not_withdrawn(county: Caller) -> None:
    statement = film_statement()
    await county.apply(statement)
    [outcome] = await county.outcomes(withdraw(statement))
    assert outcome["problems"][0]["code"] == "statement_stays"
    [second] = await county.outcomes(film_statement())
    assert (second["outcome"], second["existing_record_id"]) == ("conflict", statement["record_id"])


async def test_an_amendment_cannot_move_a_report_by_replacing_it_whole(
    worker: Caller, owner_engine: AsyncEngine
) -> None:
    homestead = farm()
    report = film(homestead["record_id"])
    await worker.apply(homestead, report)
    for changes in ({"": report["payload"] | {"period": "2024"}}, {"/period/x": "2024"}, {"period": "2024"}, {"//": 1}):
        [outcome] = await worker.outcomes(amend(report, changes))
        assert outcome["outcome"] == "rejected", changes
    async with owner_engine.connect() as connection:
        assert set(await connection.scalars(text("SELECT period FROM rollup_cell"))) == {"2025"}


async def test_pointers_that_overlap_are_refused_whatever_their_order(worker: Caller) -> None:
    homestead = farm()
    report = film(homestead["record_id"])
    await worker.apply(homestead, report)
    [outcome] = await worker.outcomes(amend(report, {"/crops/wheat": {"grain_kg": "9"}, "/crops/wheat/grain_kg": "8"}))
    assert outcome["problems"][0]["code"] == "not_pointer"


async def test_a_withdrawal_or_amendment_on_a_change_without_effect_is_on_the_latest_state(worker: Caller) -> None:
    homestead = farm()
    report = film(homestead["record_id"])
    same = amend(report, {"/mulch_used_kg": "100.0"})
    outcomes = await worker.outcomes(homestead, report, same)
    assert (outcomes[2]["outcome"], outcomes[2]["position"]) == ("applied", 2)
    [amended] = await worker.outcomes(amend(same, {"/mulch_used_kg": "120"}))
    assert amended["outcome"] == "applied"
    second = amend(amend(same, {}), {"/note": "x"})
    assert second["record_id"] == report["record_id"]
    still = farm()
    unchanged = amend(still, {"/name": still["payload"]["name"]})
    assert [one["outcome"] for one in await worker.outcomes(still, unchanged, withdraw(unchanged))] == ["applied"] * 3


async def test_an_outline_no_wider_than_a_hand_can_still_be_renamed(worker: Caller) -> None:
    sliver = farm(geometry=square(side=0.0000021))
    await worker.apply(sliver, amend(sliver, {"/name": "改名户"}))


async def test_a_clash_is_told_in_words_a_person_understands(worker: Caller) -> None:
    homestead = farm()
    report = film(homestead["record_id"], note="原注")
    await worker.apply(homestead, report, amend(report, {"/note": None, "/mulch_used_kg": "120"}))
    [outcome] = await worker.outcomes(amend(report, {"/note": "新注", "/mulch_used_kg": "110"}))
    assert [one["zh"] for one in outcome["problems"]] == [
        "“地膜使用量”现为“120”，与您的“110”不一致，请核对后再改。",
        "“备注”现为未填，与您的“新注”不一致，请核对后再改。",
    ]


async def test_a_faulty_value_on_an_outdated_base_is_rejected_not_a_conflict(worker: Caller) -> None:
    homestead = farm()
    report = film(homestead["record_id"])
    await worker.apply(homestead, report, amend(report, {"/mulch_used_kg": "120"}))
    [outcome] = await worker.outcomes(amend(report, {"/mulch_covered_area_mu": "many"}))
    assert (outcome["outcome"], outcome["problems"][0]["code"]) == ("rejected", "number_format")


async def test_values_that_are_sound_apart_and_not_together_are_a_conflict(worker: Caller) -> None:
    homestead = farm()
    straw = create(
        "report",
        {
            "indicator": "straw_utilisation",
            "level": "farm",
            "period": "2025",
            "farm_id": homestead["record_id"],
            "township_code": homestead["payload"]["township_code"],
            "respondent": "household",
            "crops": {"wheat": {"grain_kg": "1000", "sown_area_mu": "10", "use_feed_kg": "100"}},
        },
    )
    await worker.apply(homestead, straw, amend(straw, {"/crops/wheat/grain_kg": "100"}))
    # 260 kg is little of 1,000 kg of grain and more than there can be of 100 kg.
    [outcome] = await worker.outcomes(amend(straw, {"/crops/wheat/use_feed_kg": "260"}))
    assert outcome["outcome"] == "conflict"
    assert [one["code"] for one in outcome["problems"]] == ["uses_exceed_straw"]
