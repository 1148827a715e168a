"""What offices are reminded of: dates, filings that wait, returns nobody answered; it closes by itself."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from backend.jobs.reminding import remind
from backend.service import Service
from schemas.period import CHINA_STANDARD_TIME
from tests.integration.conftest import Caller, Offices
from tests.support.filings import Cabinet
from tests.support.offices import COUNTY, NEIGHBOUR, PREFECTURE
from tests.support.reports import farm, film, film_statement

pytestmark = pytest.mark.anyio

NEAR = datetime(2026, 1, 20, 8, tzinfo=CHINA_STANDARD_TIME)
"""Eleven days before the year 2025 is due."""

AGO = "UPDATE filing SET moved_at = now() - interval '20 days'"
TOLD = "SELECT body FROM outbox WHERE kind = 'reminder.opened' ORDER BY id"


@pytest.fixture
def service(offices: Offices) -> Service:
    found: Service = offices.app.state.service
    found.settings = found.settings.model_copy(update={"top_region": PREFECTURE})
    return found


async def shown(caller: Caller, **params: Any) -> list[dict[str, Any]]:
    response = await caller.get("/v1/reminders", **params)
    assert response.status_code == 200, response.text
    found: list[dict[str, Any]] = response.json()["reminders"]
    return found


async def run(engine: AsyncEngine, statement: str) -> None:
    async with engine.begin() as connection:
        await connection.execute(text(statement))


async def told(engine: AsyncEngine) -> list[dict[str, Any]]:
    async with engine.connect() as connection:
        return list(await connection.scalars(text(TOLD)))


async def test_a_county_is_reminded_before_a_date_until_it_has_filed(
    offices: Offices, service: Service, county: Caller, owner_engine: AsyncEngine
) -> None:
    await remind(service, NEAR - timedelta(days=10))
    assert await shown(county) == []
    await remind(service, NEAR)
    [reminder] = await shown(county)
    assert (reminder["kind"], reminder["region_code"], reminder["period"]) == ("filing_due", COUNTY, "2025")
    assert reminder["params"]["count"] == "7"
    assert reminder["zh"].startswith("华容县2025统计期尚有 7 项指标未报送（废旧农膜回收率")
    assert reminder["zh"].endswith("报送截止日期为 2026-01-31。")
    assert datetime.fromisoformat(reminder["due_at"]) == datetime(2026, 1, 31, 23, 59, 59, tzinfo=CHINA_STANDARD_TIME)
    counties = len(service.reference.tree.children(PREFECTURE))
    assert len(await told(owner_engine)) == counties
    await county.apply(film_statement())
    await Cabinet().file(county)
    await remind(service, NEAR + timedelta(hours=1))
    [again] = await shown(county)
    assert (again["id"], again["params"]["count"]) == (reminder["id"], "6")
    assert len(await told(owner_engine)) == counties, "a reminder that stands is not told again"
    assert len(await shown(await offices.of("prefecture"))) == counties
    assert [one["region_code"] for one in await shown(await offices.of("neighbour"))] == [NEIGHBOUR]
    assert await shown(await offices.of("worker")) == []
    await remind(service, NEAR + timedelta(days=300))
    assert await shown(county) == []
    [closed] = await shown(county, closed=True)
    assert closed["closed_at"] is not None


async def test_a_county_that_reports_no_quarters_is_not_asked_for_them(
    service: Service, county: Caller, worker: Caller
) -> None:
    service.settings = service.settings.model_copy(update={"deadlines": {"year": "off", "film_recovery.Q3": "10-31"}})
    october = datetime(2025, 10, 20, tzinfo=CHINA_STANDARD_TIME)
    await remind(service, october)
    assert await shown(county) == []
    homestead = farm()
    await worker.apply(homestead, film(homestead["record_id"], period="2025Q3"))
    await remind(service, october)
    [reminder] = await shown(county)
    assert (reminder["period"], reminder["params"]["indicators"]) == ("2025Q3", "film_recovery")


async def test_a_filing_that_waits_reminds_the_office_that_has_it_and_one_returned_the_county(
    offices: Offices, service: Service, county: Caller, owner_engine: AsyncEngine
) -> None:
    await county.apply(film_statement())
    await Cabinet().file(county)
    await remind(service)
    assert [one["kind"] for one in await shown(county)] == []
    await run(owner_engine, AGO)
    await remind(service)
    prefecture = await offices.of("prefecture")
    [waits] = await shown(prefecture)
    assert (waits["kind"], waits["region_code"], waits["params"]["count"]) == ("filing_waits", PREFECTURE, "1")
    assert "岳阳市" in waits["zh"]
    assert await shown(county) == [], "what lies with the office above is not the county's to see to"
    reasons = [{"field": None, "text": "请核对"}]
    await Cabinet().take(await offices.of("prefecture"), "return", "filed", reasons=reasons)
    await run(owner_engine, AGO)
    await remind(service)
    [returned] = await shown(county)
    assert (returned["kind"], returned["region_code"]) == ("filing_returned", COUNTY)
    assert [one["kind"] for one in await told(owner_engine)] == ["filing_waits", "filing_returned"]
    assert "office" not in str(await told(owner_engine))


async def test_returned_reports_are_counted_by_county_and_name_nobody(
    service: Service, county: Caller, worker: Caller, owner_engine: AsyncEngine
) -> None:
    homestead = farm(name="张三家")
    report = film(homestead["record_id"])
    outcomes = await worker.apply(homestead, report)
    position = outcomes[-1]["position"]
    decision = {
        "change_id": homestead["change_id"][:-4] + "ffff", "record_id": report["record_id"], "decision": "return",
        "position": position, "reasons": [{"field": None, "text": "请核对"}],
    }  # fmt: skip
    body = {"county_code": COUNTY, "decisions": [decision]}
    reviewed = await county.http.post("/v1/reviews", json=body, headers=county.headers)
    assert reviewed.json()["outcomes"][0]["outcome"] == "applied", reviewed.text
    await remind(service)
    assert await shown(county) == []
    await run(owner_engine, "UPDATE record SET recorded_at = recorded_at - interval '15 days'")
    await remind(service)
    [reminder] = await shown(county)
    assert (reminder["kind"], reminder["params"]) == ("reports_returned", {"count": "1", "days": "14"})
    assert "张三" not in str(reminder) + str(await told(owner_engine))
    assert "worker" not in str(reminder) + str(await told(owner_engine))


async def test_reminders_are_read_page_by_page_within_the_scope(offices: Offices, service: Service) -> None:
    await remind(service, NEAR)
    prefecture = await offices.of("prefecture")
    everything = [one["id"] for one in await shown(prefecture)]
    seen: list[str] = []
    before = None
    while True:
        params = {"limit": 4} | ({"before": before} if before else {})
        page = (await prefecture.get("/v1/reminders", **params)).json()
        seen += [one["id"] for one in page["reminders"]]
        before = page["before"]
        if before is None:
            break
    assert seen == everything
    assert [one["region_code"] for one in await shown(prefecture, region=COUNTY)] == [COUNTY]
    county = await offices.of("county")
    assert (await county.get("/v1/reminders", region=NEIGHBOUR)).json()["code"] == "above_scope"
    assert (await county.get("/v1/reminders", region="999999")).json()["code"] == "unknown_region"
