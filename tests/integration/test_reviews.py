"""A review is a change: decided by its office on the state it saw, kept in the chain, told to the phone by the pull."""

import random
from datetime import datetime
from pathlib import Path
from typing import Any

import anyio
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.conftest import Database
from tests.integration.conftest import Caller, Offices
from tests.integration.test_concurrency import another_process
from tests.support.ledgers import ledger
from tests.support.offices import COUNTY, OTHER_TOWNSHIP, SignIn
from tests.support.reports import Item, amend, farm, film, film_statement, review, withdraw
from tests.support.soundness import assert_sound, verified
from tests.support.statements import PUSH_STATEMENTS, counted_by_the_driver

pytestmark = pytest.mark.anyio

TOO_MUCH = ("/mulch_used_kg", "用量与领用台账不符")
NUMBER_OF_STEPS = 120


async def filed(worker: Caller, **answers: Any) -> tuple[Item, int]:
    """File a film report of a new farm and return it with its position."""
    homestead = farm()
    report = film(homestead["record_id"], **answers)
    outcomes = await worker.apply(homestead, report)
    return report, outcomes[1]["position"]


async def pulled(caller: Caller, report: Item) -> dict[str, Any]:
    page = await caller.pull(COUNTY, limit=1000)
    return next(one for one in page["records"] if one["id"] == report["record_id"])


async def sums_by_status(engine: AsyncEngine, quantity: str) -> dict[str, str]:
    statement = """SELECT status, cast(trim_scale(amount) AS text) FROM rollup_cell WHERE quantity = :quantity AND n > 0
        AND amount > 0"""
    async with engine.connect() as connection:
        return {row[0]: row[1] for row in await connection.execute(text(statement), {"quantity": quantity})}


def code(outcome: dict[str, Any]) -> tuple[str, str]:
    return outcome["outcome"], outcome["problems"][0]["code"]


async def test_an_accepted_report_moves_its_amounts_to_the_accepted_sums(
    worker: Caller, county: Caller, owner_engine: AsyncEngine
) -> None:
    report, position = await filed(worker)
    [outcome] = await county.apply(review(report, "accept", position))
    assert (outcome["revision"], outcome["position"], outcome["office"]) == (1, position + 1, "county")
    assert await sums_by_status(owner_engine, "reports") == {"accepted": "1"}
    assert await sums_by_status(owner_engine, "used_t") == {"accepted": "0.1"}
    entry = (await ledger(owner_engine))[-1]
    assert (entry.action, entry.revision) == ("accept", 1)
    await assert_sound(owner_engine)


async def test_a_return_tells_the_worker_by_the_pull_what_to_correct(
    worker: Caller, county: Caller, offices: Offices
) -> None:
    report, position = await filed(worker)
    await county.apply(review(report, "return", position, TOO_MUCH, (None, "请附领用凭证")))
    record = await pulled(worker, report)
    assert (record["status"], record["revision"]) == ("returned", 1)
    assert record["review"] | {"decided_at": ""} == {
        "decision": "return",
        "reasons": [{"field": "/mulch_used_kg", "text": TOO_MUCH[1]}, {"field": None, "text": "请附领用凭证"}],
        "office": "county",
        "decided_at": "",
        "position": position + 1,
        "revision": 1,
    }
    assert datetime.fromisoformat(record["review"]["decided_at"]) == datetime.fromisoformat(record["recorded_at"])
    assert (await verified(offices.app.state.service)).named == []


async def test_a_corrected_report_is_submitted_again_and_waits_from_then_on(
    worker: Caller, county: Caller, owner_engine: AsyncEngine, offices: Offices
) -> None:
    report, position = await filed(worker)
    returning = review(report, "return", position, TOO_MUCH)
    await county.apply(returning)
    await worker.apply(amend(returning, {"/mulch_used_kg": "80"}))
    record = await pulled(worker, report)
    assert (record["status"], record["revision"], record["review"]["revision"]) == ("submitted", 2, 1)
    statement = "SELECT submitted_at = recorded_at, reviewed_revision FROM record WHERE id = :id"
    async with owner_engine.connect() as connection:
        found = (await connection.execute(text(statement), {"id": report["record_id"]})).one()
    assert tuple(found) == (True, 1)
    assert (await verified(offices.app.state.service)).named == []


async def test_a_bureau_that_corrects_what_it_accepted_leaves_it_accepted_and_a_worker_does_not(
    worker: Caller, county: Caller, offices: Offices, owner_engine: AsyncEngine
) -> None:
    report, position = await filed(worker)
    accepting = review(report, "accept", position)
    await county.apply(accepting)
    corrected = amend(accepting, {"/mulch_used_kg": "95"}, reason="与销售台账核对")
    await county.apply(corrected)
    assert (await pulled(worker, report))["status"] == "accepted"
    assert await sums_by_status(owner_engine, "used_t") == {"accepted": "0.095"}
    await worker.apply(amend(corrected, {"/mulch_used_kg": "96"}))
    assert (await pulled(worker, report))["status"] == "submitted"
    await assert_sound(owner_engine)
    assert (await verified(offices.app.state.service)).named == []


async def test_a_decision_on_another_state_is_a_conflict_that_names_the_present_one(
    worker: Caller, county: Caller
) -> None:
    report, position = await filed(worker)
    await worker.apply(amend(report, {"/mulch_used_kg": "80"}))
    [outcome] = await county.outcomes(review(report, "accept", position))
    assert code(outcome) == ("conflict", "review_position")
    assert outcome["problems"][0]["params"]["position"] == str(position + 1)


async def test_a_township_prechecks_and_returns_its_own_reports_and_accepts_none(
    worker: Caller, county: Caller, offices: Offices
) -> None:
    township = await offices.of("township")
    report, position = await filed(worker)
    [outcome] = await township.outcomes(review(report, "accept", position))
    assert code(outcome) == ("rejected", "review_not_yours")
    await township.apply(review(report, "precheck", position, (None, "已入户核对")))
    record = await pulled(worker, report)
    assert (record["status"], record["revision"], record["review"]["decision"]) == ("submitted", 1, "precheck")
    await township.apply(review(report, "return", position + 1, TOO_MUCH))
    elsewhere = farm(township_code=OTHER_TOWNSHIP)
    other = film(elsewhere["record_id"], township_code=OTHER_TOWNSHIP)
    [_, filed_elsewhere] = await county.apply(elsewhere, other)
    [outcome] = await township.outcomes(review(other, "precheck", filed_elsewhere["position"]))
    assert code(outcome) == ("rejected", "review_not_yours")
    [outcome] = await county.outcomes(review(other, "precheck", filed_elsewhere["position"]))
    assert code(outcome) == ("rejected", "review_not_yours")
    assert (await verified(offices.app.state.service)).named == []


@pytest.mark.parametrize("office", ["worker", "neighbour", "prefecture", "province", "ministry", "admin"])
async def test_nobody_else_reviews(worker: Caller, offices: Offices, office: str) -> None:
    report, position = await filed(worker)
    for decision in ("accept", "return", "precheck"):
        caller = await offices.of(office)
        [outcome] = await caller.outcomes(review(report, decision, position, TOO_MUCH))
        assert code(outcome) == ("rejected", "review_not_yours")


async def test_what_cannot_be_reviewed_says_why(worker: Caller, county: Caller) -> None:
    report, position = await filed(worker)
    statement = film_statement()
    await county.apply(statement)
    unknown = film(farm()["record_id"])
    cases = [
        (review(unknown, "accept", 1), "review_record_unknown"),
        (review(statement, "accept", 3), "review_of_farm_reports"),
        (review(report, "return", position, ("/no_such_answer", "不对")), "unknown_field"),
    ]
    outcomes = await county.outcomes(*(item for item, _ in cases))
    assert [code(one) for one in outcomes] == [("rejected", expected) for _, expected in cases]
    await county.apply(review(report, "accept", position))
    [again] = await county.outcomes(review(report, "accept", position + 2))
    assert code(again) == ("conflict", "review_status")
    assert "已审核通过" in again["problems"][0]["zh"]


@pytest.mark.parametrize(
    ("damage", "field"),
    [
        ({"reasons": None}, "/reasons"),
        ({"reasons": []}, "/reasons"),
        ({"reasons": [{"field": None, "text": "   "}]}, "/reasons/0/text"),
        ({"reasons": [{"field": "mulch", "text": "不对"}]}, "/reasons/0/field"),
        ({"position": None}, "/position"),
        ({"position": 0}, "/position"),
        ({"set": {"/mulch_used_kg": "1"}}, "/set"),
    ],
)
async def test_a_review_that_says_too_little_or_too_much_names_the_field(
    worker: Caller, county: Caller, damage: dict[str, Any], field: str
) -> None:
    report, position = await filed(worker)
    [outcome] = await county.outcomes(review(report, "return", position, TOO_MUCH) | damage)
    assert outcome["outcome"] == "rejected"
    assert outcome["problems"][0]["field"] == field


async def test_a_review_costs_as_many_statements_as_any_push_and_its_repeat_is_a_replay(
    worker: Caller, county: Caller, offices: Offices
) -> None:
    report, position = await filed(worker)
    decision = review(report, "accept", position)
    async with counted_by_the_driver(offices.app.state.service.pool) as statements:
        await county.apply(decision)
    assert len(statements) == PUSH_STATEMENTS
    [again] = await county.outcomes(decision)
    assert again["replayed"]


async def test_of_two_bureaus_that_decide_at_once_one_wins_and_the_other_is_told_where_the_report_stands(
    offices: Offices, worker: Caller, database: Database, sign_ins: dict[str, SignIn], tmp_path: Path,
    owner_engine: AsyncEngine,
) -> None:  # fmt: skip
    async with another_process(database, sign_ins, tmp_path / "other") as others:
        bureaus = [await offices.of("county"), await others.of("county")]
        for _ in range(8):
            report, position = await filed(worker)
            decisions = [review(report, "accept", position), review(report, "return", position, TOO_MUCH)]
            outcomes: list[dict[str, Any]] = []

            async def decide(bureau: Caller, decision: Item) -> None:
                outcomes.extend(await bureau.outcomes(decision))  # noqa: B023 - the group ends within the round

            async with anyio.create_task_group() as group:
                for bureau, decision in zip(bureaus, decisions, strict=True):
                    group.start_soon(decide, bureau, decision)
            assert sorted(one["outcome"] for one in outcomes) == ["applied", "conflict"]
            beaten = next(one for one in outcomes if one["outcome"] == "conflict")
            assert beaten["problems"][0]["params"]["position"] == str(position + 1)
    await assert_sound(owner_engine)


@pytest.mark.parametrize("seed", range(4))
async def test_ledger_sums_and_marks_hold_after_any_sequence_of_changes_and_reviews(
    worker: Caller, county: Caller, offices: Offices, owner_engine: AsyncEngine, seed: int
) -> None:
    draw = random.Random(seed)
    township = await offices.of("township")
    reports: dict[str, tuple[Item, int]] = {}
    for _ in range(5):
        report, position = await filed(worker)
        reports[report["record_id"]] = (report, position)
    seen: set[str] = set()
    for _ in range(NUMBER_OF_STEPS // 4):
        record_id = draw.choice(sorted(reports))
        base, position = reports[record_id]
        said = position - draw.randrange(2) * draw.randrange(2)
        value = f"{draw.randint(90, 120)}.{draw.randint(1, 99):02d}"
        caller, item = draw.choice(
            [
                (worker, amend(base, {"/mulch_used_kg": value})),
                (county, amend(base, {"/mulch_used_kg": value}, reason="核对")),
                (county, review(base, "accept", said)),
                (county, review(base, "return", said, TOO_MUCH)),
                (township, review(base, "precheck", said)),
                (township, review(base, "return", said, (None, "请核对"))),
                (worker, withdraw(base)) if draw.random() < 0.2 else (county, review(base, "accept", said)),
            ]
        )
        [outcome] = await caller.outcomes(item)
        seen.add(f"{item['action']} {outcome['outcome']}")
        if outcome["outcome"] in ("applied", "merged") and outcome["position"] > position:
            reports[record_id] = (item, outcome["position"])
    assert {"accept applied", "return applied"} <= seen
    await assert_sound(owner_engine)
    assert (await verified(offices.app.state.service)).named == []


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE record SET review = jsonb_set(review, '{reasons,0,text}', '\"改过的话\"') WHERE review IS NOT NULL",
        "UPDATE record SET review = jsonb_set(review, '{office}', '\"别的局\"') WHERE review IS NOT NULL",
        "UPDATE record SET review = NULL",
        "UPDATE record SET reviewed_revision = 2 WHERE review IS NOT NULL",
        "UPDATE record SET submitted_at = submitted_at + interval '1 second' WHERE review IS NOT NULL",
        "UPDATE record SET status = 'accepted' WHERE review IS NOT NULL",
        """UPDATE change SET result = jsonb_set(result, '{office}', '"别的局"') WHERE item ->> 'action' = 'return'""",
    ],
)
async def test_an_altered_review_is_found(
    worker: Caller, county: Caller, offices: Offices, owner_engine: AsyncEngine, damage: str
) -> None:
    report, position = await filed(worker)
    await county.apply(review(report, "return", position, TOO_MUCH))
    async with owner_engine.begin() as connection:
        assert (await connection.execute(text(damage))).rowcount >= 1
    assert (await verified(offices.app.state.service)).faults >= 1
