"""Verification raises no false alarm, whatever form a report has and however often it was amended."""

from typing import Any

import pytest

from schemas.identifiers import statement_id
from schemas.vocabulary import Indicator
from tests.integration.conftest import Caller, Offices
from tests.support.offices import COUNTY
from tests.support.reports import amend, create, farm, square
from tests.support.soundness import verified
from tests.unit.indicators import payloads

pytestmark = pytest.mark.anyio

FARM_REPORTS = (
    payloads.film_farm, payloads.straw_household, payloads.straw_market, payloads.manure_farm,
    payloads.fertiliser_farm, payloads.pesticide_farm, payloads.irrigation_farm, payloads.green_farm,
)  # fmt: skip
STATEMENTS = (
    payloads.film_county, payloads.straw_county, payloads.manure_county, payloads.fertiliser_county,
    payloads.pesticide_county, payloads.irrigation_county, payloads.green_county,
)  # fmt: skip


async def taken(caller: Caller, *changes: dict[str, Any]) -> None:
    outcomes = await caller.outcomes(*changes, schema_version=2)
    assert {one["outcome"] for one in outcomes} == {"applied"}, outcomes


async def test_every_form_created_and_amended_twice_is_sound(offices: Offices, worker: Caller, county: Caller) -> None:
    farms = [farm(geometry=square()) for _ in FARM_REPORTS]
    reports = [
        create("report", {**payload(), "farm_id": one["record_id"]})
        for one, payload in zip(farms, FARM_REPORTS, strict=True)
    ]
    drawn = [amend(one, {"/geometry": square()}, datum="gcj02") for one in reports]
    erased = [amend(one, {"/geometry": None}) for one in drawn]
    renamed = [amend(one, {"/name": "改名后的经营主体", "/phone": "13800000002"}) for one in farms]
    await taken(worker, *farms, *reports)
    await taken(worker, *drawn)
    await taken(worker, *erased)
    await taken(worker, *renamed)
    statements = []
    for payload in STATEMENTS:
        said = payload()
        record_id = statement_id(COUNTY, said["indicator"], said["period"])
        statements.append(create("report", said, record_id=record_id))
    reasons = [amend(one, {"/reason": "田间抽查后更正"}) for one in statements]
    await taken(county, *statements)
    await taken(county, *reasons)
    report = await verified(offices.app.state.service)
    assert report.named == []
    assert report.records == 2 * len(FARM_REPORTS) + len(STATEMENTS)


SAY_MORE = {Indicator.STRAW_UTILISATION, Indicator.MANURE_UTILISATION}
"""Their reports answer something else too, even where there is nothing this year."""


@pytest.mark.parametrize("indicator", [one for one in Indicator if one not in SAY_MORE])
async def test_a_report_of_none_this_year_is_sound_in_every_revision(
    offices: Offices, worker: Caller, indicator: Indicator
) -> None:
    """Its parts keyed by code are stored empty, which the pointers of a change do not tell from absent."""
    homestead = farm()
    payload: dict[str, Any] = {
        "indicator": indicator,
        "level": "farm",
        "period": "2025",
        "farm_id": homestead["record_id"],
        "township_code": homestead["payload"]["township_code"],
        "none_this_year": True,
    }
    if indicator is Indicator.IRRIGATION_NEW_AREA:
        payload["project_id"] = "P-1"
    report = create("report", payload)
    await taken(worker, homestead, report)
    drawn = amend(report, {"/geometry": square()}, datum="cgcs2000")
    await taken(worker, drawn)
    await taken(worker, amend(drawn, {"/geometry": square(side=0.001)}, datum="cgcs2000"))
    assert (await verified(offices.app.state.service)).named == []
