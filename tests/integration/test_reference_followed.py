"""New versions taken in while serving: figures computed again, goals in force, counties merged."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from backend.jobs.recompute import recompute_figures
from backend.jobs.schedule import follow_reference, scheduled
from backend.reference.tree import load_tree
from backend.service import Service, read_reference
from schemas.identifiers import statement_id
from schemas.reference.kinds import ReferenceKind
from tests.integration.conftest import Offices
from tests.support.offices import COUNTY, NEIGHBOUR
from tests.support.reference_files import (
    COEFFICIENT_HEAD,
    GOAL_HEAD,
    HUNAN,
    MERGER,
    RECODE_HEAD,
    loaded,
    rows,
    table_file,
)
from tests.support.reports import create, film_statement

pytestmark = pytest.mark.anyio


def manure_statement(county_code: str = COUNTY) -> dict[str, Any]:
    """A county of 100 dairy cows that uses 1,000 t of their manure."""
    payload = {
        "indicator": "manure_utilisation",
        "level": "county",
        "period": "2025",
        "species": {"dairy": {"stock_head": 100}},
        "composting_return_t": "1000",
        "registered_scale_farms": 1,
        "equipped_scale_farms": 1,
    }
    record_id = statement_id(county_code, "manure_utilisation", "2025")
    return create("report", payload, county_code=county_code, record_id=record_id)


FIGURE = """
    SELECT numerator::text, denominator::text, coefficient_version, coefficients FROM county_figure
    WHERE county_code = :county AND indicator = 'manure_utilisation' AND view = 'statement'
"""
EVERY_FIGURE = """
    SELECT county_code, period, indicator, view, series, numerator, denominator, n, formula, coefficients,
           coefficient_version
    FROM county_figure ORDER BY 1, 2, 3, 4, 5
"""
MORE_DUNG = "2025,430000,dung_kg_per_day,dairy,30,kg/d,省里测定,official"


async def test_figures_name_their_coefficients_and_follow_a_new_version_once(
    offices: Offices, owner_engine: AsyncEngine, tmp_path: Path
) -> None:
    service: Service = offices.app.state.service
    await (await offices.of("county")).apply(manure_statement())
    # 100 cows x (20 kg + 48 l) x 365 days
    ((used, produced, version, named),) = await rows(owner_engine, FIGURE, county=COUNTY)
    assert (used, produced, version) == ("1000", "2482", 1)
    assert ["dung_kg_per_day", "dairy", "100000", 2015, 1] in named

    assert (
        await loaded(owner_engine, ReferenceKind.COEFFICIENTS, table_file(tmp_path, COEFFICIENT_HEAD, MORE_DUNG)) == 2
    )
    await follow_reference(service)
    ((used, produced, version, named),) = await rows(owner_engine, FIGURE, county=COUNTY)
    # 100 cows x (30 kg + 48 l) x 365 days
    assert (used, produced, version) == ("1000", "2847", 2)
    assert ["dung_kg_per_day", "dairy", "430000", 2025, 2] in named
    assert ["waste_water_l_per_day", "dairy", "100000", 2015, 1] in named

    after = await rows(owner_engine, EVERY_FIGURE)
    done = await recompute_figures(service.engine, service.reference)
    assert (done.counties, done.changed, done.busy) == (0, 0, 0)
    every = await recompute_figures(service.engine, service.reference, every=True)
    assert (every.counties, every.changed) == (1, 0)
    assert await rows(owner_engine, EVERY_FIGURE) == after


async def test_a_push_with_coefficients_of_before_is_caught_by_the_next_run(
    offices: Offices, owner_engine: AsyncEngine, tmp_path: Path
) -> None:
    service: Service = offices.app.state.service
    await loaded(owner_engine, ReferenceKind.COEFFICIENTS, table_file(tmp_path, COEFFICIENT_HEAD, MORE_DUNG))
    await (await offices.of("county")).apply(manure_statement())
    assert [one[1:3] for one in await rows(owner_engine, FIGURE, county=COUNTY)] == [("2482", 1)]
    # Another process has the new version already; its run finds what this one wrote.
    done = await recompute_figures(owner_engine, await read_reference(owner_engine))
    assert (done.counties, done.changed) == (1, 1)
    assert [one[1:3] for one in await rows(owner_engine, FIGURE, county=COUNTY)] == [("2847", 2)]
    await follow_reference(service)
    await (await offices.of("neighbour")).apply(manure_statement(NEIGHBOUR))
    assert [one[1:3] for one in await rows(owner_engine, FIGURE, county=NEIGHBOUR)] == [("2847", 2)]


async def test_a_county_whose_ledger_is_locked_is_left_for_the_next_run(
    offices: Offices, owner_engine: AsyncEngine, tmp_path: Path
) -> None:
    service: Service = offices.app.state.service
    await (await offices.of("county")).apply(manure_statement())
    await loaded(owner_engine, ReferenceKind.COEFFICIENTS, table_file(tmp_path, COEFFICIENT_HEAD, MORE_DUNG))
    reference = await read_reference(owner_engine)
    async with owner_engine.begin() as connection:
        lock = "SELECT position FROM ledger_head WHERE county_code = :county FOR UPDATE"
        await connection.execute(text(lock), {"county": COUNTY})
        done = await recompute_figures(service.engine, reference)
        assert (done.counties, done.changed, done.busy) == (0, 0, 1)
    assert (await recompute_figures(service.engine, reference)).changed == 1


async def test_a_serving_process_takes_a_new_goal_in_by_itself(
    offices: Offices, owner_engine: AsyncEngine, tmp_path: Path
) -> None:
    ministry = await offices.of("ministry")
    before = (await ministry.get("/v1/summaries/430000", period="2025")).json()
    assert before["total"]["indicators"]["film_recovery"]["goal"]["region_code"] == "100000"
    await loaded(owner_engine, ReferenceKind.GOALS, table_file(tmp_path, GOAL_HEAD, HUNAN))
    service: Service = offices.app.state.service
    service.settings = service.settings.model_copy(update={"follow_s": 1})
    async with scheduled(service):
        for _ in range(100):
            await asyncio.sleep(0.1)
            if service.state.versions["goals"] == 2:
                break
    after = (await ministry.get("/v1/summaries/430000", period="2025")).json()
    goal = after["total"]["indicators"]["film_recovery"]["goal"]
    assert (goal["region_code"], goal["value"], goal["assigned"]) == ("430000", "0.88", True)


async def test_a_merger_keeps_old_years_whole_and_sums_both_ledgers_from_then_on(
    offices: Offices, owner_engine: AsyncEngine, tmp_path: Path
) -> None:
    service: Service = offices.app.state.service
    own = f"2025,{COUNTY},dung_kg_per_day,dairy,30,kg/d,县里测定,official"
    await loaded(owner_engine, ReferenceKind.COEFFICIENTS, table_file(tmp_path, COEFFICIENT_HEAD, own))
    await follow_reference(service)
    county, neighbour = await offices.of("county"), await offices.of("neighbour")
    exact = {"mulch_impurity_rate": "0", "mulch_moisture_rate": "0", "mulch_used_t": "100"}
    await county.apply(film_statement(mulch_recovered_gross_t="90", **exact), manure_statement())
    await neighbour.apply(film_statement(NEIGHBOUR, mulch_recovered_gross_t="50", **exact))
    await county.apply(film_statement(period="2026", mulch_recovered_gross_t="80", **exact))
    await neighbour.apply(film_statement(NEIGHBOUR, period="2026", mulch_recovered_gross_t="60", **exact))
    figures = await rows(owner_engine, FIGURE, county=COUNTY)

    assert await loaded(owner_engine, ReferenceKind.REGION_RECODES, table_file(tmp_path, *MERGER)) == 2
    await follow_reference(service)
    ministry = await offices.of("ministry")

    async def film_of(region: str, period: str) -> Any:
        response = await ministry.get(f"/v1/summaries/{region}", period=period)
        return response.json()["total"]["indicators"]["film_recovery"]["headline"] if response.is_success else None

    assert (await film_of(COUNTY, "2025"))["rate"] == "0.9"
    assert await film_of("430699", "2025") is None
    assert await film_of(COUNTY, "2026") is None
    merged = await film_of("430699", "2026")
    assert (merged["numerator"], merged["denominator"], merged["counties"]) == ("140", "200", 1)
    assert [(await film_of("430600", year))["numerator"] for year in ("2025", "2026")] == ["140", "140"]

    names = "SELECT name FROM region_version WHERE code = '430626' ORDER BY valid_from"
    assert await rows(owner_engine, names) == [("平江县",), ("平江市",)]
    assert (await rows(owner_engine, FIGURE, county=COUNTY))[0][:2] == figures[0][:2]
    reference = service.reference
    assert reference.retired[COUNTY].successor == "430699"
    assert reference.tree["430699"].ledger_codes == ("430699", COUNTY, NEIGHBOUR)
    assert reference.coefficients_for(COUNTY, 2025).get("dung_kg_per_day", "dairy") == 30
    assert reference.coefficients_for(NEIGHBOUR, 2025).get("dung_kg_per_day", "dairy") == 20
    outlines = "SELECT county_code, ST_IsValid(geom) FROM current_county_geom WHERE county_code = ANY(:codes)"
    assert await rows(owner_engine, outlines, codes=[COUNTY, NEIGHBOUR, "430699"]) == [("430699", True)]


async def test_every_year_has_a_complete_tree_after_a_merger(owner_engine: AsyncEngine, tmp_path: Path) -> None:
    await loaded(owner_engine, ReferenceKind.REGION_RECODES, table_file(tmp_path, *MERGER))
    async with owner_engine.connect() as connection:
        trees = [await load_tree(connection, year) for year in (2015, 2025, 2026)]
    assert [tree.county_of(f"{COUNTY}101").code for tree in trees if tree.get(f"{COUNTY}101")] == [
        COUNTY,
        COUNTY,
        "430699",
    ]
    withdrawn = table_file(tmp_path, RECODE_HEAD + ",withdrawn", *(f"{line},1" for line in MERGER[1:]))
    await loaded(owner_engine, ReferenceKind.REGION_RECODES, withdrawn)
    async with owner_engine.connect() as connection:
        tree = await load_tree(connection, 2026)
    assert tree.get("430699") is None
    assert tree[COUNTY].ledger_codes == (COUNTY,)
    drawn = "SELECT county_code FROM current_county_geom WHERE county_code = ANY(:codes) ORDER BY 1"
    assert await rows(owner_engine, drawn, codes=[COUNTY, NEIGHBOUR, "430699"]) == [(COUNTY,), (NEIGHBOUR,)]
