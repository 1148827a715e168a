"""Open findings at the review desk and before a filing: they flag the reports that show them until they are settled."""

from typing import Any

import pytest

from tests.integration.conftest import Caller, Offices
from tests.support.checks import findings, swept
from tests.support.offices import COUNTY
from tests.support.reports import Item, farm, film, new_id, square

pytestmark = pytest.mark.anyio

QUEUE = f"/v1/counties/{COUNTY}/reviews"
UNCHANGED = "unchanged_from_last_year"


async def plant(worker: Caller) -> tuple[Item, Item]:
    """Hand in a plain report, and after it one that says the same as last year; no warning is on either."""
    first, second = farm(), farm()
    plain = film(first["record_id"], mulch_used_kg="101")
    same = film(second["record_id"])
    await worker.apply(first, plain)
    await worker.apply(second, film(second["record_id"], period="2024"), same)
    return plain, same


async def queue(caller: Caller, **params: Any) -> dict[str, Any]:
    response = await caller.get(QUEUE, period="2025", **params)
    assert response.status_code == 200, response.text
    page: dict[str, Any] = response.json()
    return page


def flags(page: dict[str, Any]) -> list[tuple[str, bool]]:
    return [(one["record_id"], one["is_flagged"]) for one in page["reports"]]


async def dismiss(caller: Caller, found: dict[str, Any]) -> None:
    body = {"explanation": "已电话核实，两年确实相同。", "evidence": found["evidence"]}
    path = f"/v1/findings/{found['id']}/dismiss"
    response = await caller.http.post(path, json=body, headers=caller.headers)
    assert response.status_code == 200, response.text


async def test_a_report_with_an_open_finding_comes_first_until_it_is_settled(
    offices: Offices, worker: Caller, county: Caller
) -> None:
    plain, same = await plant(worker)
    assert flags(await queue(county)) == [(plain["record_id"], False), (same["record_id"], False)]
    await swept(offices)
    page = await queue(county)
    assert flags(page) == [(same["record_id"], True), (plain["record_id"], False)]
    assert page["flagged"] == 1
    assert flags(await queue(county, flagged=True)) == [(same["record_id"], True)]
    [found] = await findings(county, UNCHANGED)
    await dismiss(county, found)
    assert flags(await queue(county)) == [(plain["record_id"], False), (same["record_id"], False)]


async def test_the_reviewer_reads_what_was_found_about_a_report(
    offices: Offices, worker: Caller, county: Caller
) -> None:
    plain, same = await plant(worker)
    await swept(offices)
    shown = (await county.get(f"{QUEUE}/{same['record_id']}")).json()
    assert (shown["is_flagged"], [one["code"] for one in shown["findings"]]) == (True, [UNCHANGED])
    assert shown["findings"][0]["zh"]
    await dismiss(county, shown["findings"][0])
    shown = (await county.get(f"{QUEUE}/{same['record_id']}")).json()
    assert (shown["is_flagged"], [one["state"] for one in shown["findings"]]) == (False, ["dismissed"])
    assert (await county.get(f"{QUEUE}/{plain['record_id']}")).json()["findings"] == []


async def test_reports_that_show_a_finding_together_are_flagged_each(
    offices: Offices, worker: Caller, county: Caller
) -> None:
    farms = [farm(name=f"户{number}") for number in range(12)]
    reports = [film(one["record_id"], mulch_used_kg="97.3", mulch_impurity_rate="0.137") for one in farms]
    await worker.apply(*farms, *reports)
    await swept(offices)
    shared = [one for one in await findings(county, "same_answers_many_farms") if one["record_id"] is None]
    assert shared
    named = {record_id for one in shared for record_id in one["records"]}
    assert {record_id for record_id, is_flagged in flags(await queue(county)) if is_flagged} >= named


async def test_a_finding_about_the_plots_of_two_farms_flags_the_reports_of_both_in_its_year(
    offices: Offices, worker: Caller, county: Caller
) -> None:
    farms = [farm(geometry=square(112.55 + shift)) for shift in (0, 0.001, 0.01)]
    reports = [film(one["record_id"], mulch_used_kg=f"{101 + number}") for number, one in enumerate(farms)]
    await worker.apply(*farms, *reports, film(farms[0]["record_id"], period="2024", mulch_used_kg="97"))
    await swept(offices)
    one, other, apart = (report["record_id"] for report in reports)
    assert dict(flags(await queue(county))) == {one: True, other: True, apart: False}
    [found] = await findings(county, "plots_overlap")
    for record_id in (one, other):
        shown = (await county.get(f"{QUEUE}/{record_id}")).json()
        assert [each["id"] for each in shown["findings"]] == [found["id"]]
    [before] = (await county.get(QUEUE, period="2024")).json()["reports"]
    assert before["is_flagged"] is False
    await dismiss(county, found)
    assert not any(is_flagged for _, is_flagged in flags(await queue(county)))


async def test_many_at_once_are_not_accepted_past_an_open_finding(
    offices: Offices, worker: Caller, county: Caller
) -> None:
    await plant(worker)
    await swept(offices)
    body = {"request_id": new_id(), "decision": "accept", "filter": {"period": "2025"}, "expected_count": 2}
    response = await county.http.post(f"{QUEUE}/bulk", json=body, headers=county.headers)
    assert response.json()["code"] == "bulk_has_flagged"


async def test_readiness_counts_open_findings_until_they_are_settled(
    offices: Offices, worker: Caller, county: Caller
) -> None:
    await plant(worker)
    await swept(offices)

    async def film_readiness() -> tuple[int, list[str], str]:
        shown = (await county.get(f"/v1/counties/{COUNTY}/readiness", period="2025")).json()
        one = next(each for each in shown["indicators"] if each["indicator"] == "film_recovery")
        return one["open_findings"], [each["code"] for each in one["missing"]], shown["text"]["zh"]

    count, missing, text = await film_readiness()
    assert count > 0
    assert ("ready_findings" in missing, "ready_flagged" in missing) == (True, False)
    assert f"{count} 条核查问题尚未说明或排除。" in text
    [found] = await findings(county, UNCHANGED)
    await dismiss(county, found)
    before = count
    count, missing, _ = await film_readiness()
    assert (count, "ready_findings" in missing) == (before - 1, before > 1)
