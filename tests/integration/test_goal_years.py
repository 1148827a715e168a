"""Amounts set for a region count from the first year of their goal, and other scopes say what can be said."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from backend.jobs.schedule import follow_reference
from schemas.identifiers import statement_id
from schemas.reference.kinds import ReferenceKind
from tests.integration.conftest import Caller, Offices
from tests.support.offices import COUNTY, PREFECTURE
from tests.support.reference_files import GOAL_HEAD, loaded, table_file
from tests.support.reports import create

pytestmark = pytest.mark.anyio

WATER_SAVING = "tianjin_water_saving_2025"


def built(period: str, area_mu: str) -> dict[str, Any]:
    payload = {"indicator": "irrigation_new_area", "level": "county", "period": period, "pipe_area_mu": area_mu}
    record_id = statement_id(COUNTY, "irrigation_new_area", period)
    return create("report", payload, county_code=COUNTY, record_id=record_id)


@pytest.fixture
async def bureau(county: Caller) -> Caller:
    """A county that built 100 mu in 2021, 250.5 in 2023 and 50 in 2025."""
    await county.apply(built("2021", "100"), built("2023", "250.5"), built("2025", "50"))
    return county


async def set_goal(offices: Offices, engine: AsyncEngine, folder: Path, region: str, scope: str, value: str) -> None:
    """Set a region an amount of its own for 2023 to 2025, as a deployment does."""
    row = f"{region},irrigation_new_area,{scope},2023,2025,cumulative_amount,{value},mu,本地方案,official,农业农村局"
    assert await loaded(engine, ReferenceKind.GOALS, table_file(folder, GOAL_HEAD, row)) == 2
    await follow_reference(offices.app.state.service)


async def irrigation(caller: Caller, region: str, period: str) -> dict[str, Any]:
    answer = await caller.get(f"/v1/summaries/{region}", period=period)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()["total"]["indicators"]["irrigation_new_area"]
    return found


@pytest.mark.parametrize(
    ("scope", "value", "period", "said"),
    [
        (WATER_SAVING, "600", "2024", ("250.5", "41.75", "not_due", "goal_scope_wider")),
        (WATER_SAVING, "600", "2025", ("300.5", "50.08", None, "goal_scope_wider")),
        (WATER_SAVING, "300.5", "2025", ("300.5", "100.00", "met", None)),
        ("another_plan", "300.5", "2025", (None, None, None, "goal_scope_unknown")),
    ],
)
async def test_a_goal_of_another_scope_is_held_against_its_own_years(
    bureau: Caller,
    offices: Offices,
    owner_engine: AsyncEngine,
    tmp_path: Path,
    scope: str,
    value: str,
    period: str,
    said: tuple[str | None, ...],
) -> None:
    await set_goal(offices, owner_engine, tmp_path, PREFECTURE, scope, value)
    [goal] = (await irrigation(await offices.of("prefecture"), PREFECTURE, period))["other_goals"]
    reason = goal["reason"] and goal["reason"]["code"]
    assert (goal["amount"], goal["share_percent"], goal["state"], reason) == said
    assert (goal["valid_from"], goal["due_year"], goal["assigned"]) == (2023, 2025, True)
    assert (await irrigation(bureau, COUNTY, period))["other_goals"] == []  # an amount is not handed down


async def test_the_plans_own_amount_for_a_region_counts_from_its_first_year(
    bureau: Caller, offices: Offices, owner_engine: AsyncEngine, tmp_path: Path
) -> None:
    await set_goal(offices, owner_engine, tmp_path, COUNTY, "national_plan_2025", "400")
    found = await irrigation(bureau, COUNTY, "2025")
    assert (found["headline"]["numerator"], found["distance_amount"]) == ("400.5", "-99.5")
    assert (found["headline"]["state"], found["views"]["statement"]["state"]) == ("below", "below")
    assert found["views"]["farm"]["state"] == "no_data"


async def test_nothing_is_said_of_a_goal_after_its_years(
    bureau: Caller, offices: Offices, owner_engine: AsyncEngine, tmp_path: Path
) -> None:
    await set_goal(offices, owner_engine, tmp_path, COUNTY, WATER_SAVING, "600")
    assert (await irrigation(bureau, COUNTY, "2026"))["other_goals"] == []
    assert (await irrigation(bureau, COUNTY, "2022"))["other_goals"] == []
