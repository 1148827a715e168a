"""Run the checks over a year as a process does, and read what they leave."""

from typing import Any

from backend.checks.sweep import Swept
from backend.jobs.checks import sweep_years
from backend.service import Service
from tests.integration.conftest import Caller, Offices
from tests.support.offices import COUNTY


async def swept(offices: Offices, year: int = 2025) -> Swept:
    service: Service = offices.app.state.service
    return (await sweep_years(service, [year]))[year]


async def findings(caller: Caller, code: str, region: str = COUNTY, **params: Any) -> list[dict[str, Any]]:
    response = await caller.get("/v1/findings", region=region, limit=200, **params)
    assert response.status_code == 200, response.text
    return [one for one in response.json()["findings"] if one["code"] == code]
