"""Changes against the base year, series that never meet, and projects that count once, through the real ledger."""

from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.integration.conftest import Caller, Offices
from tests.support.offices import COUNTY, NEIGHBOUR, PREFECTURE
from tests.support.reports import farm, fertiliser, project, statement, withdraw

pytestmark = pytest.mark.anyio


def pesticide(period: str, tonnes: str, basis: str) -> dict[str, Any]:
    return statement("pesticide_reduction", period, basis=basis, insecticide_t=tonnes, sown_area_mu="1000000")


async def total(caller: Caller, region: str, indicator: str, period: str = "2025") -> dict[str, Any]:
    response = await caller.get(f"/v1/summaries/{region}", period=period)
    assert response.status_code == 200, response.text
    found: dict[str, Any] = response.json()["total"]["indicators"][indicator]
    return found


async def test_a_change_is_taken_over_the_counties_that_have_both_values(offices: Offices) -> None:
    county, neighbour = await offices.of("county"), await offices.of("neighbour")
    await county.apply(fertiliser("2020", "1000"), fertiliser("2025", "950"))
    await neighbour.apply(fertiliser("2025", "400", NEIGHBOUR))
    found = await total(await offices.of("prefecture"), PREFECTURE, "fertiliser_reduction")
    headline = found["headline"]
    assert (headline["numerator"], headline["denominator"], headline["amount"]) == ("950", "1000", "1350")
    assert (headline["rate"], headline["rate_percent"]) == ("-0.05", "-5.00")
    assert (headline["counties"], headline["compared_counties"]) == (2, 1)
    assert (found["kind"], headline["state"], found["distance_points"]) == ("change", "met", "-5")
    await neighbour.apply(fertiliser("2020", "300", NEIGHBOUR))
    found = await total(await offices.of("prefecture"), PREFECTURE, "fertiliser_reduction")
    assert (found["headline"]["rate_percent"], found["headline"]["state"]) == ("3.85", "below")


async def test_a_loaded_base_value_stands_before_the_countys_own(offices: Offices, owner_engine: AsyncEngine) -> None:
    county = await offices.of("county")
    await county.apply(fertiliser("2020", "1000"), fertiliser("2025", "950"))
    async with owner_engine.begin() as connection:
        await connection.execute(
            text(
                "INSERT INTO baseline VALUES "
                "(:county, 'fertiliser_reduction', '', 2020, 900, 't', '县统计局核定', 'official', 2, false)"
            ),
            {"county": COUNTY},
        )
    found = await total(county, COUNTY, "fertiliser_reduction")
    assert (found["headline"]["denominator"], found["headline"]["state"]) == ("900", "below")


async def test_the_base_year_itself_has_an_amount_and_no_change(county: Caller) -> None:
    await county.apply(fertiliser("2020", "1000"))
    found = await total(county, COUNTY, "fertiliser_reduction", "2020")
    assert (found["headline"]["amount"], found["headline"]["rate"], found["headline"]["state"]) == (
        "1000", None, "no_data",
    )  # fmt: skip


async def test_pesticide_on_another_basis_is_not_compared(county: Caller) -> None:
    await county.apply(pesticide("2020", "500", "product"), pesticide("2025", "90", "active"))
    found = await total(county, COUNTY, "pesticide_reduction")
    assert found["headline"]["rate"] is None
    (active,) = found["series"]
    assert (active["code"], active["zh"], active["headline"]["amount"]) == ("active", "折百量", "90")
    assert active["headline"]["rate"] is None


async def test_a_flow_is_summed_over_the_years_and_shown_beside_goals(offices: Offices) -> None:
    county = await offices.of("county")
    areas = {"2021": "100", "2023": "250.5", "2025": "50"}
    await county.apply(*[statement("irrigation_new_area", year, pipe_area_mu=area) for year, area in areas.items()])
    by_year = [(await total(county, COUNTY, "irrigation_new_area", year))["headline"]["numerator"] for year in areas]
    assert by_year == ["100", "350.5", "400.5"]
    found = await total(county, COUNTY, "irrigation_new_area")
    assert (found["kind"], found["goal"], found["headline"]["state"]) == ("cumulative", None, "no_goal")
    nation = await total(await offices.of("ministry"), "100000", "irrigation_new_area")
    assert (nation["goal"]["value"], nation["headline"]["state"]) == ("60000000", "below")
    assert nation["distance_amount"] == "-59999599.5"
    tianjin = await total(await offices.of("ministry"), "120000", "irrigation_new_area")
    assert tianjin["goal"] is None
    [goal] = tianjin["other_goals"]
    assert (goal["scope"], goal["amount"], goal["state"]) == ("tianjin_water_saving_2025", None, "no_data")


async def test_a_project_counts_once_whatever_the_year(worker: Caller, county: Caller) -> None:
    site, other = farm(entity_kind="irrigation_project"), farm(entity_kind="irrigation_project")
    await worker.apply(site, other)
    first = project(site["record_id"], "P-1", "2023", "100")
    await worker.apply(first)
    [again] = await worker.outcomes(project(other["record_id"], "P-1", "2025", "100"))
    assert (again["outcome"], again["existing_record_id"]) == ("conflict", first["record_id"])
    assert again["problems"][0]["code"] == "project_exists"
    found = await total(county, COUNTY, "irrigation_new_area")
    assert found["headline"]["numerator"] == "100"
    await worker.apply(withdraw(first))
    await worker.apply(project(other["record_id"], "P-1", "2025", "80"))
    found = await total(county, COUNTY, "irrigation_new_area")
    assert found["headline"]["numerator"] == "80"


async def test_two_reports_of_one_project_in_one_push_leave_one(worker: Caller) -> None:
    site = farm(entity_kind="irrigation_project")
    reports = [project(site["record_id"], "P-2", year, "10") for year in ("2024", "2025")]
    outcomes = await worker.outcomes(site, *reports)
    assert [one["outcome"] for one in outcomes] == ["applied", "applied", "conflict"]


async def test_measures_are_summed_upward_before_they_are_divided(offices: Offices) -> None:
    county, neighbour = await offices.of("county"), await offices.of("neighbour")
    await county.apply(fertiliser("2025", "1000"))
    more = {"sown_area_mu": "3000000", "fertilisers": {"n": {"nutrient_t": "99000"}}}
    await neighbour.apply(statement("fertiliser_reduction", "2025", NEIGHBOUR, **more))
    answer = await (await offices.of("prefecture")).get(f"/v1/summaries/{PREFECTURE}/measures", period="2025")
    found = {one["code"]: one for one in answer.json()["measures"]}
    assert (found["nutrient_kg_per_mu"]["value"], found["nutrient_kg_per_mu"]["shown"]) == ("25", "25.00")
    amounts = {(one["subject_zh"], one["zh"]): one["amount"] for one in answer.json()["quantities"]}
    assert amounts["氮肥", "折纯用量"] == "100000"


async def test_measures_of_a_flow_run_over_the_years(county: Caller) -> None:
    for year in ("2022", "2024"):
        await county.apply(statement("irrigation_new_area", year, drip_area_mu="10", canal_lining_area_mu="7"))
    answer = await county.get(f"/v1/summaries/{COUNTY}/measures", period="2025")
    assert {one["code"]: one["value"] for one in answer.json()["measures"]} == {
        "micro_area_mu": "20",
        "canal_lining_area_mu": "14",
    }
