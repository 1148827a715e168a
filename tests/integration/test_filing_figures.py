"""What filings mean for figures: drafts from accepted reports, readiness, and official sums beside pending ones."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.integration.conftest import Caller, Offices
from tests.support.filings import FILM, Cabinet, accept_all
from tests.support.offices import COUNTY, NEIGHBOUR, PREFECTURE, TOWNSHIP
from tests.support.reports import amend, farm, film, film_statement, project, statement
from tests.support.statements import counted

pytestmark = pytest.mark.anyio


async def draft_of(county: Caller, indicator: str) -> dict[str, Any]:
    response = await county.get(f"/v1/counties/{COUNTY}/statements/{indicator}/2025/draft")
    assert response.status_code == 200, response.text
    shown: dict[str, Any] = response.json()
    return shown


async def test_a_draft_is_what_the_accepted_reports_add_up_to(
    worker: Caller, county: Caller, owner_engine: AsyncEngine
) -> None:
    one, two = farm(), farm(name="李家湾")
    await worker.apply(one, two, film(one["record_id"]), film(two["record_id"], mulch_used_kg="50.5"))
    assert (await draft_of(county, FILM))["values"] == []  # submitted is not accepted
    await accept_all(owner_engine)
    shown = await draft_of(county, FILM)
    assert (shown["reports"], shown["statement"], shown["differences"]) == (2, None, [])
    assert shown["payload"] == {
        "indicator": FILM, "level": "county", "period": "2025", "mulch_used_t": "0.1505",
        "mulch_recovered_gross_t": "0.18", "mulch_covered_area_mu": "40",
    }  # fmt: skip
    answers = {key: value for key, value in shown["payload"].items() if key.endswith(("_t", "_mu"))}
    await county.apply(film_statement(**answers, mulch_impurity_rate="0.1", mulch_moisture_rate="0.2"))
    [differing] = (await draft_of(county, FILM))["differences"]  # the net mass alone, by the other moisture
    assert (differing["key"], differing["stated"], differing["accepted"]) == ("mulch_film/net_t", "0.1296", "0.1458")


async def test_a_draft_is_taken_as_a_statement_and_differs_in_nothing(
    worker: Caller, county: Caller, owner_engine: AsyncEngine
) -> None:
    site = farm(entity_kind="irrigation_project", name="灌溉项目")
    await worker.apply(site, project(site["record_id"], "P-1", "2025", "120.5"))
    await accept_all(owner_engine)
    drafted = await draft_of(county, "irrigation_new_area")
    answers = {key: value for key, value in drafted["payload"].items() if key not in ("indicator", "level", "period")}
    assert answers == {"drip_area_mu": "120.5"}
    await county.apply(statement("irrigation_new_area", **answers))
    assert (await draft_of(county, "irrigation_new_area"))["differences"] == []
    filing = Cabinet("irrigation_new_area")
    assert (await filing.take(county, "file", "open"))["state"] == "filed"


async def test_nothing_follows_from_a_sample(worker: Caller, county: Caller, owner_engine: AsyncEngine) -> None:
    homestead = farm()
    answers = {"crops": {"rice": {"planted_area_mu": "20", "green_control_area_mu": "10"}}}
    report = film(homestead["record_id"])
    payload = {key: report["payload"][key] for key in ("level", "period", "farm_id", "township_code")}
    sample = report | {"payload": payload | {"indicator": "green_control_coverage"} | answers}
    await worker.apply(homestead, sample)
    await county.apply(
        statement("green_control_coverage", crops={"rice": {"planted_area_mu": "2000", "green_control_area_mu": "9"}})
    )
    await accept_all(owner_engine)
    assert (await draft_of(county, "green_control_coverage"))["values"] == []
    assert (await Cabinet("green_control_coverage").take(county, "file", "open"))["state"] == "filed"


async def readiness_of(county: Caller, indicator: str = FILM) -> tuple[dict[str, Any], dict[str, Any]]:
    response = await county.get(f"/v1/counties/{COUNTY}/readiness", period="2025")
    assert response.status_code == 200, response.text
    shown: dict[str, Any] = response.json()
    return shown, next(one for one in shown["indicators"] if one["indicator"] == indicator)


async def test_readiness_says_what_is_missing_and_can_be_pasted(
    worker: Caller, county: Caller, owner_engine: AsyncEngine
) -> None:
    homestead = farm()
    await worker.apply(homestead, film(homestead["record_id"], mulch_used_kg="60"))  # more net than used: a warning
    _, one = await readiness_of(county)
    assert [found["code"] for found in one["missing"]] == [
        "ready_no_statement", "ready_unreviewed", "ready_silent", "ready_flagged",
    ]  # fmt: skip
    assert TOWNSHIP not in [town["code"] for town in one["silent_townships"]]
    assert (one["reports"]["submitted"], one["flagged_reports"]) == (1, 1)
    await county.apply(film_statement())
    await accept_all(owner_engine)
    shown, one = await readiness_of(county)
    assert [found["code"] for found in one["missing"]] == ["ready_silent", "ready_differs", "ready_flagged"]
    assert len(one["differences"]) == 4
    assert "1. 废旧农膜回收率：" in shown["text"]["zh"]
    assert "县级报表有 4 项与审核通过的填报合计不一致" in shown["text"]["zh"]
    assert shown["text"]["zh"].startswith("【华容县】2025 期农业清洁生产报送准备情况：")
    assert "4 quantities of the statement differ" in shown["text"]["en"]


async def test_readiness_of_what_is_filed_names_only_what_lies_held(worker: Caller, county: Caller) -> None:
    homestead = farm()
    report = film(homestead["record_id"])
    await worker.apply(homestead, report)
    await county.apply(film_statement())
    await Cabinet().file(county)
    assert (await readiness_of(county))[1]["missing"] == []
    await worker.hold(amend(report, {"/mulch_used_kg": "120"}))
    shown, one = await readiness_of(county)
    assert ([found["code"] for found in one["missing"]], one["held"], one["ready"]) == (["ready_held"], 1, False)
    assert "1 条逾期变更" in shown["text"]["zh"]


async def summary(caller: Caller, region: str, period: str = "2025") -> dict[str, Any]:
    response = await caller.get(f"/v1/summaries/{region}", period=period)
    assert response.status_code == 200, response.text
    shown: dict[str, Any] = response.json()
    return shown


def standing(row: dict[str, Any], indicator: str = FILM) -> dict[str, Any]:
    found: dict[str, Any] = row["indicators"][indicator]["filing"]
    return found


async def test_official_pending_and_missing_stand_side_by_side(offices: Offices, county: Caller) -> None:
    await county.apply(film_statement())
    neighbour, prefecture = await offices.of("neighbour"), await offices.of("prefecture")
    await neighbour.apply(film_statement(NEIGHBOUR, mulch_used_t="300"))
    await Cabinet().file(county)
    other = Cabinet(region=NEIGHBOUR)
    await other.file(neighbour)
    for filing in (Cabinet(), other):
        await filing.take(prefecture, "endorse", "filed")
    await Cabinet().take(await offices.of("province"), "accept", "endorsed")
    shown = await summary(prefecture, PREFECTURE)
    rows = {row["region"]["code"]: row for row in shown["rows"]}
    assert standing(rows[COUNTY]) == {
        "state": "accepted",
        "counties": {"open": 0, "filed": 0, "endorsed": 0, "accepted": 1, "published": 0},
        "official": {
            "numerator": "85.5", "denominator": "100", "rate": "0.855", "rate_percent": "85.5", "counties": 1,
        },
        "pending": None,
        "missing": 0,
    }  # fmt: skip
    assert (standing(rows[NEIGHBOUR])["official"], standing(rows[NEIGHBOUR])["pending"]["rate"]) == (None, "0.285")
    total = standing(shown["total"])
    assert (total["state"], total["official"]["rate"], total["pending"]["counties"]) == ("open", "0.855", 1)
    assert total["missing"] == shown["total"]["counties"] - 2


async def test_an_official_figure_is_the_one_that_was_filed(offices: Offices, county: Caller) -> None:
    filed = film_statement()
    await county.apply(filed)
    await Cabinet().file(county)
    prefecture = await offices.of("prefecture")
    await Cabinet().take(prefecture, "endorse", "filed")
    province = await offices.of("province")
    await Cabinet().take(province, "accept", "endorsed")
    ministry = await offices.of("ministry")
    response = await Cabinet().open_until(ministry, _tomorrow())
    assert response.status_code == 200, response.text
    await county.apply(amend(filed, {"/mulch_used_t": "90"}))
    row = (await summary(county, COUNTY))["total"]["indicators"][FILM]
    assert (row["headline"]["denominator"], row["filing"]["official"]["denominator"]) == ("90", "100")


def _tomorrow() -> str:
    return (datetime.now(UTC) + timedelta(days=1)).isoformat()


async def test_a_summary_takes_as_many_statements_whatever_was_filed(offices: Offices, county: Caller) -> None:
    ministry = await offices.of("ministry")
    engine = offices.app.state.service.read_engine

    async def taken() -> int:
        await summary(ministry, "430000")
        with counted(engine) as statements:
            await summary(ministry, "430000")
        return len(statements)

    before = await taken()
    await county.apply(film_statement())
    await Cabinet().file(county)
    assert await taken() == before
