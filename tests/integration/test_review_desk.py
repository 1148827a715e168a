"""The review desk: its queue, one report for its reviewer, many reports at once, and how long decisions take."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from schemas.identifiers import uuid7
from tests.integration.conftest import Caller, Offices
from tests.support.ledgers import ledger
from tests.support.offices import COUNTY, NEIGHBOUR, OTHER_TOWNSHIP, TOWNSHIP
from tests.support.reports import Item, amend, farm, film, new_id, review
from tests.support.soundness import assert_sound, verified

pytestmark = pytest.mark.anyio

QUEUE = f"/v1/counties/{COUNTY}/reviews"
BULK = f"{QUEUE}/bulk"
HANDED_IN_EARLIER = """
    UPDATE ledger_entry SET recorded_at = recorded_at - cast(:ago AS interval)
    WHERE record_id = :id AND action = 'create'
"""
THICKER = {"mulch_used_kg": "3000"}
"""150 kg on a mu: worth a look."""


async def post(caller: Caller, path: str, body: dict[str, Any]) -> httpx.Response:
    return await caller.http.post(path, json=body, headers=caller.headers)


async def file_reports(caller: Caller, count: int, township: str = TOWNSHIP, **answers: Any) -> list[Item]:
    farms = [farm(name=f"户{number}", township_code=township) for number in range(count)]
    reports = [film(one["record_id"], township_code=township, **answers) for one in farms]
    await caller.apply(*farms, *reports)
    return reports


async def queue(caller: Caller, **params: Any) -> dict[str, Any]:
    response = await caller.get(QUEUE, **params)
    assert response.status_code == 200, response.text
    page: dict[str, Any] = response.json()
    return page


def ids(page: dict[str, Any]) -> list[str]:
    return [one["record_id"] for one in page["reports"]]


def decisions(page: dict[str, Any], decision: str, *reasons: dict[str, Any]) -> dict[str, Any]:
    return {
        "county_code": COUNTY,
        "decisions": [
            {
                "change_id": new_id(),
                "record_id": one["record_id"],
                "decision": decision,
                "position": one["position"],
                "reasons": list(reasons),
            }
            for one in page["reports"]
        ],
    }


async def test_the_queue_shows_flagged_reports_first_and_then_those_that_wait_longest(
    worker: Caller, county: Caller
) -> None:
    first = await file_reports(worker, 2)
    [flagged] = await file_reports(worker, 1, **THICKER)
    last = await file_reports(worker, 1)
    page = await queue(county)
    in_first = sorted(one["record_id"] for one in first)
    assert ids(page) == [flagged["record_id"], *in_first, last[0]["record_id"]]
    assert (page["total"], page["flagged"], page["after"]) == (4, 1, None)
    row = page["reports"][0]
    assert (row["farm_name"], row["is_flagged"], row["review"], row["reviewed_revision"]) == ("户0", True, None, None)
    assert row["warnings"]
    read: list[str] = []
    after = None
    while True:
        part = await queue(county, limit=1, **({"after": after} if after else {}))
        read += ids(part)
        after = part["after"]
        if after is None:
            break
    assert read == ids(page)


async def test_filters_narrow_the_queue(worker: Caller, county: Caller) -> None:
    here = await file_reports(worker, 1)
    there = await file_reports(county, 1, OTHER_TOWNSHIP)
    [flagged] = await file_reports(worker, 1, period="2024", **THICKER)
    assert ids(await queue(county, township=OTHER_TOWNSHIP)) == [there[0]["record_id"]]
    assert ids(await queue(county, period="2024")) == [flagged["record_id"]]
    assert ids(await queue(county, flagged=True)) == [flagged["record_id"]]
    assert flagged["record_id"] not in ids(await queue(county, flagged=False))
    assert ids(await queue(county, indicator="straw_utilisation")) == []
    assert ids(await queue(county, status="accepted")) == []
    assert here[0]["record_id"] in ids(await queue(county, indicator="film_recovery"))
    assert (await county.get(QUEUE, period="2025Q9")).json()["code"] == "invalid_period"


async def test_a_township_sees_its_own_reports_and_offices_without_a_say_see_none(
    worker: Caller, county: Caller, offices: Offices
) -> None:
    own = await file_reports(worker, 1)
    await file_reports(county, 1, OTHER_TOWNSHIP)
    assert ids(await queue(await offices.of("township"))) == [own[0]["record_id"]]
    for office in ("worker", "neighbour", "prefecture", "province", "ministry", "admin"):
        caller = await offices.of(office)
        for answer in (
            await caller.get(QUEUE),
            await caller.get(f"{QUEUE}/{own[0]['record_id']}"),
            await post(caller, "/v1/reviews", decisions(await queue(county), "accept")),
        ):
            assert (answer.status_code, answer.json()["code"]) == (403, "review_not_yours")


async def test_decisions_of_the_desk_are_changes_and_their_repeat_is_harmless(
    worker: Caller, county: Caller, owner_engine: AsyncEngine, offices: Offices
) -> None:
    await file_reports(worker, 2)
    page = await queue(county)
    said = decisions(page, "return", {"field": "/mulch_used_kg", "text": "与台账不符"})
    answer = (await post(county, "/v1/reviews", said)).json()
    assert [one["outcome"] for one in answer["outcomes"]] == ["applied", "applied"]
    assert answer["receipt"]["heads"][0]["position"] == 6
    again = (await post(county, "/v1/reviews", said)).json()
    assert [one["replayed"] for one in again["outcomes"]] == [True, True]
    assert [one.action for one in await ledger(owner_engine)][-2:] == ["return", "return"]
    assert (await verified(offices.app.state.service)).named == []
    stale = (await post(county, "/v1/reviews", decisions(page, "accept"))).json()
    assert {one["problems"][0]["code"] for one in stale["outcomes"]} == {"review_position"}


async def test_a_return_without_a_reason_is_refused_and_names_the_field(worker: Caller, county: Caller) -> None:
    await file_reports(worker, 1)
    answer = (await post(county, "/v1/reviews", decisions(await queue(county), "return"))).json()
    [outcome] = answer["outcomes"]
    assert (outcome["outcome"], outcome["problems"][0]["field"]) == ("rejected", "/reasons")


async def test_a_reviewer_sees_what_changed_since_the_last_decision_and_who_did_what(
    worker: Caller, county: Caller
) -> None:
    [report] = await file_reports(worker, 1)
    path = f"{QUEUE}/{report['record_id']}"
    fresh = (await county.get(path)).json()
    assert (fresh["differences"], [one["action"] for one in fresh["history"]]) == ([], ["create"])
    returning = review(report, "return", fresh["position"], ("/mulch_used_kg", "与台账不符"))
    await county.apply(returning)
    first = amend(returning, {"/mulch_used_kg": "80"})
    await worker.apply(first)
    await worker.apply(amend(first, {"/mulch_used_kg": "85", "/note": "已补台账"}, reason="更正"))
    shown = (await county.get(path)).json()
    assert shown["payload"]["mulch_used_kg"] == "85"
    differences = {one["field"]: (one["before"], one["now"]) for one in shown["differences"]}
    assert differences == {"/mulch_used_kg": ("100", "85"), "/note": (None, "已补台账")}
    assert all(one["label_zh"] for one in shown["differences"])
    steps = [(one["action"], one["revision"], one["by"], one["reason"]) for one in shown["history"]]
    assert steps == [
        ("create", 1, "worker", None),
        ("return", 1, "county", None),
        ("amend", 2, "worker", None),
        ("amend", 3, "worker", "更正"),
    ]
    assert shown["history"][1]["reasons"] == [{"field": "/mulch_used_kg", "text": "与台账不符"}]
    assert (await county.get(f"{QUEUE}/{new_id()}")).status_code == 404


async def test_a_bulk_acceptance_takes_what_was_confirmed_and_a_repeat_does_it_once(
    worker: Caller, county: Caller, owner_engine: AsyncEngine, offices: Offices
) -> None:
    await file_reports(worker, 5)
    request = {"request_id": new_id(), "decision": "accept", "filter": {"period": "2025"}, "expected_count": 5}
    done = (await post(county, BULK, request)).json()
    assert done == {"counts": {"applied": 5}, "replayed": 0, "not_taken": []}
    entries = len(await ledger(owner_engine))
    again = (await post(county, BULK, request)).json()
    assert again == {"counts": {"applied": 5}, "replayed": 5, "not_taken": []}
    await file_reports(worker, 1)
    assert (await post(county, BULK, request)).json() == again
    assert len(await ledger(owner_engine)) == entries + 2
    await assert_sound(owner_engine)
    assert (await verified(offices.app.state.service)).named == []


async def test_a_bulk_larger_than_a_push_goes_in_batches(
    worker: Caller, county: Caller, owner_engine: AsyncEngine
) -> None:
    for _ in range(3):
        await file_reports(worker, 200)
    request = {"request_id": new_id(), "decision": "accept", "filter": {}, "expected_count": 600}
    assert (await post(county, BULK, request)).json()["counts"] == {"applied": 600}
    assert (await queue(county))["total"] == 0
    await assert_sound(owner_engine)


@pytest.mark.parametrize(
    ("damage", "code"),
    [
        ({"expected_count": 2}, "bulk_count_differs"),
        ({"expected_count": 4}, "bulk_count_differs"),
        ({"filter": {"period": "2023"}}, "bulk_count_differs"),
        ({}, "bulk_has_flagged"),
        ({"decision": "return"}, "missing"),
    ],
)
async def test_a_bulk_decision_that_was_not_meant_so_decides_nothing(
    worker: Caller, county: Caller, owner_engine: AsyncEngine, damage: dict[str, Any], code: str
) -> None:
    await file_reports(worker, 2)
    await file_reports(worker, 1, **THICKER)
    entries = len(await ledger(owner_engine))
    request = {"request_id": new_id(), "decision": "accept", "filter": {}, "expected_count": 3} | damage
    answer = await post(county, BULK, request)
    assert answer.json()["code"] == code
    assert len(await ledger(owner_engine)) == entries


async def test_flagged_reports_are_accepted_in_bulk_only_when_that_is_said(worker: Caller, county: Caller) -> None:
    await file_reports(worker, 1)
    await file_reports(worker, 1, **THICKER)
    request = {"request_id": new_id(), "decision": "accept", "filter": {}, "expected_count": 2}
    done = (await post(county, BULK, request | {"include_flagged": True})).json()
    assert done["counts"] == {"applied": 2}


async def test_a_bulk_return_gives_one_reason_to_all(worker: Caller, offices: Offices) -> None:
    await file_reports(worker, 2)
    request = {
        "request_id": new_id(), "decision": "return", "filter": {"indicator": "film_recovery"}, "expected_count": 2,
        "reason": "请补充回收凭证",
    }  # fmt: skip
    township = await offices.of("township")
    assert (await post(township, BULK, request)).json()["counts"] == {"applied": 2}
    page = await worker.pull(COUNTY)
    reviews = [one["review"] for one in page["records"] if one["kind"] == "report"]
    assert [one["reasons"] for one in reviews] == [[{"field": None, "text": "请补充回收凭证"}]] * 2
    other = (await post(township, BULK, request | {"decision": "accept"})).json()
    assert other["code"] == "change_id_reused"


async def test_turnaround_counts_days_from_handing_in_to_the_decision_by_township(
    worker: Caller, county: Caller, owner_engine: AsyncEngine, offices: Offices
) -> None:
    here, there = await file_reports(worker, 3), await file_reports(county, 2, OTHER_TOWNSHIP)
    page = await queue(county, township=TOWNSHIP)
    await post(county, "/v1/reviews", decisions(page, "accept"))
    async with owner_engine.begin() as connection:
        for days, report in zip((1, 2, 9), here, strict=True):
            await connection.execute(text(HANDED_IN_EARLIER), {"ago": timedelta(days=days), "id": report["record_id"]})
    answer = (await county.get(f"/v1/counties/{COUNTY}/turnaround")).json()
    whole = answer["county"]
    assert (whole["decided"], whole["waiting"], whole["region_code"]) == (3, 2, COUNTY)
    assert (whole["median_days"], whole["p90_days"]) == ("2.00", "7.60")
    assert whole["oldest_waiting_since"] is not None
    rows = {one["region_code"]: (one["decided"], one["waiting"]) for one in answer["townships"]}
    assert rows == {TOWNSHIP: (3, 0), OTHER_TOWNSHIP: (0, 2)}
    assert {one["record_id"] for one in there} == set(ids(await queue(county)))
    later = datetime.now(UTC) + timedelta(days=1)
    none = (await county.get(f"/v1/counties/{COUNTY}/turnaround", since=later.isoformat())).json()
    assert (none["county"]["decided"], none["county"]["median_days"]) == (0, None)
    assert (await (await offices.of("province")).get(f"/v1/counties/{COUNTY}/turnaround")).status_code == 200
    for office in ("worker", "neighbour"):
        assert (await (await offices.of(office)).get(f"/v1/counties/{COUNTY}/turnaround")).status_code == 403


async def test_an_empty_county_has_an_empty_turnaround(offices: Offices) -> None:
    answer = (await (await offices.of("neighbour")).get(f"/v1/counties/{NEIGHBOUR}/turnaround")).json()
    assert (answer["county"]["decided"], answer["county"]["waiting"], answer["townships"]) == (0, 0, [])


async def test_an_id_from_the_end_of_time_is_still_an_id(worker: Caller, county: Caller) -> None:
    await file_reports(worker, 1)
    said = decisions(await queue(county), "accept")
    said["decisions"][0]["change_id"] = uuid7((1 << 48) - 1)
    answer = await post(county, "/v1/reviews", said)
    assert answer.json()["outcomes"][0]["outcome"] == "applied"
