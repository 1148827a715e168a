"""Reports that show something together: each check finds its planted case, and not its honest neighbour."""

from typing import Any

import pytest

from tests.integration.conftest import Caller, Offices
from tests.support.checks import findings, swept
from tests.support.reports import farm, film, square

pytestmark = pytest.mark.anyio


def grown(number: int, **answers: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return a farm and its film report, whose numbers are like no other's."""
    homestead = farm(name=f"第{number}户")
    own = {"mulch_used_kg": f"{101 + number}", "mulch_recovered_gross_kg": f"{83 + number}"} | answers
    return homestead, film(homestead["record_id"], **own)


async def test_a_report_like_last_years_is_found_and_one_that_differs_is_not(
    offices: Offices, worker: Caller, county: Caller
) -> None:
    same, other = farm(), farm()
    await worker.apply(same, other)
    report = film(same["record_id"])
    await worker.apply(
        film(same["record_id"], period="2024"),
        report,
        film(other["record_id"], period="2024"),
        film(other["record_id"], mulch_used_kg="101"),
    )
    await swept(offices)
    [found] = await findings(county, "unchanged_from_last_year")
    assert (found["record_id"], found["params"]["before"], found["state"]) == (report["record_id"], "2024", "open")
    assert "与 2024 完全相同" in found["zh"]
    assert "equal those of 2024" in found["en"]


async def test_five_farms_with_the_same_answers_are_found_and_four_are_not(
    offices: Offices, worker: Caller, county: Caller
) -> None:
    farms = [farm() for _ in range(5)]
    await worker.apply(*farms, *(film(one["record_id"]) for one in farms[:4]))
    await swept(offices)
    assert await findings(county, "same_answers_many_farms") == []
    await worker.apply(film(farms[4]["record_id"]))
    await swept(offices)
    [found] = await findings(county, "same_answers_many_farms")
    assert (found["params"]["farms"], len(found["records"])) == ("5", 5)


async def test_a_township_that_writes_round_numbers_is_found(offices: Offices, worker: Caller, county: Caller) -> None:
    for number in range(1, 16):
        round_one = {"mulch_used_kg": f"{number % 9 + 1}00", "mulch_recovered_gross_kg": f"{number % 8 + 1}0"}
        await worker.apply(*grown(number, **round_one))
    await swept(offices)
    [found] = await findings(county, "round_numbers")
    assert (found["params"]["percent"], found["params"]["amounts"]) == ("100", "30")


async def test_weighed_numbers_are_not_round(offices: Offices, worker: Caller, county: Caller) -> None:
    for number in range(1, 16):
        await worker.apply(*grown(number))
    await swept(offices)
    assert await findings(county, "round_numbers") == []


async def test_impurity_that_is_always_zero_is_found_and_one_measured_report_clears_it(
    offices: Offices, worker: Caller, county: Caller
) -> None:
    for number in range(5):
        await worker.apply(*grown(number, mulch_impurity_rate="0"))
    await swept(offices)
    [found] = await findings(county, "impurity_always_zero")
    assert (found["params"]["reports"], len(found["records"])) == ("5", 5)
    await worker.apply(*grown(9, mulch_impurity_rate="0.12"))
    await swept(offices)
    assert await findings(county, "impurity_always_zero") == []
    [gone] = await findings(county, "impurity_always_zero", state="gone")
    assert gone["id"] == found["id"]


async def test_one_photo_in_reports_of_two_farms_is_found(offices: Offices, worker: Caller, county: Caller) -> None:
    shared, own = {"attachments": [{"sha256": "ab" * 32}]}, {"attachments": [{"sha256": "cd" * 32}]}
    await worker.apply(*grown(1, **shared), *grown(2, **shared), *grown(3, **own))
    await swept(offices)
    [found] = await findings(county, "photo_in_two_reports")
    assert (found["params"]["reports"], found["params"]["farms"]) == ("2", "2")


def placed(number: int, captured_at: str, **place: Any) -> list[dict[str, Any]]:
    homestead, report = grown(number, geometry=square(**place))
    return [homestead, report | {"datum": "cgcs2000", "captured_at": captured_at}]


async def test_five_farms_from_one_position_in_a_minute_are_found(
    offices: Offices, worker: Caller, county: Caller
) -> None:
    for number in range(5):
        await worker.apply(*placed(number, f"2025-10-03T09:12:{10 * number:02d}+08:00"))
    await swept(offices)
    [found] = await findings(county, "many_reports_one_position")
    assert (found["params"]["farms"], found["params"]["minute"]) == ("5", "2025-10-03 09:12")


async def test_five_farms_from_one_position_in_an_hour_are_no_matter(
    offices: Offices, worker: Caller, county: Caller
) -> None:
    for number in range(5):
        await worker.apply(*placed(number, f"2025-10-03T09:{10 * number:02d}:00+08:00"))
    await swept(offices)
    assert await findings(county, "many_reports_one_position") == []
