"""Counties merged, renumbered and moved while a deployment works: ledgers, figures and rights stay whole."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from backend.auth.access import Grant
from backend.auth.accounts import create_account
from backend.jobs.recompute import recompute_figures
from backend.jobs.schedule import follow_reference
from backend.service import Service
from backend.verify import broken_chain
from schemas.reference.kinds import ReferenceKind
from schemas.vocabulary import Role
from sync.recompute import differing_cells
from tests.integration.conftest import Caller, Offices
from tests.support.offices import COUNTY, NEIGHBOUR, PASSWORD_HASH, PREFECTURE, PROVINCE, SignIn
from tests.support.reference_files import (
    COEFFICIENT_HEAD,
    GOAL_HEAD,
    MERGER,
    RECODE_HEAD,
    loaded,
    previewed,
    table_file,
)
from tests.support.reports import amend, farm, fertiliser, film, film_statement, project, statement

pytestmark = pytest.mark.anyio

MERGED = "430699"
RENUMBERED, NUMBER = "430682", "430799"
OTHER_PREFECTURE = "430700"
MOVE = (RECODE_HEAD, f"{RENUMBERED},临湘市,{NUMBER},临湘县,2026,更码,示例文件")
EXACT = {"mulch_impurity_rate": "0", "mulch_moisture_rate": "0"}


async def bureau_of(code: str, offices: Offices, engine: AsyncEngine) -> Caller:
    """Return the caller of a county bureau, opened for this test."""
    name = f"bureau_{code}"
    async with engine.begin() as connection:
        await create_account(connection, name, name, PASSWORD_HASH, [Grant(Role.COUNTY, code)])
    offices.sign_ins[name] = SignIn(name)
    return await offices.of(name)


async def recoded(offices: Offices, engine: AsyncEngine, folder: Path, *lines: str) -> Service:
    service: Service = offices.app.state.service
    await loaded(engine, ReferenceKind.REGION_RECODES, table_file(folder, *lines))
    await follow_reference(service)
    return service


def film_of(used: str, recovered: str, county: str = COUNTY, period: str = "2025") -> dict[str, Any]:
    return film_statement(county, period, mulch_used_t=used, mulch_recovered_gross_t=recovered, **EXACT)


async def summary(caller: Caller, region: str, period: str) -> dict[str, Any]:
    response = await caller.get(f"/v1/summaries/{region}", period=period)
    assert response.status_code == 200, response.text
    found: dict[str, Any] = response.json()
    return found


async def headline(caller: Caller, region: str, period: str, indicator: str = "film_recovery") -> dict[str, Any]:
    found: dict[str, Any] = (await summary(caller, region, period))["total"]["indicators"][indicator]["headline"]
    return found


async def terms(caller: Caller, region: str, period: str, indicator: str = "film_recovery") -> tuple[Any, Any]:
    found = await headline(caller, region, period, indicator)
    return found["numerator"], found["denominator"]


async def film_stated(caller: Caller, region: str, period: str) -> list[str]:
    """Return how much film the statements of a region say was used."""
    measures = (await caller.get(f"/v1/summaries/{region}/measures", period=period)).json()
    return [
        one["amount"]
        for one in measures["quantities"]
        if (one["level"], one["quantity"], one["indicator"]) == ("county", "used_t", "film_recovery")
    ]


async def test_a_merger_counts_everything_once_in_every_year(
    offices: Offices, owner_engine: AsyncEngine, tmp_path: Path
) -> None:
    county, neighbour = await offices.of("county"), await offices.of("neighbour")
    worker, ministry = await offices.of("worker"), await offices.of("ministry")
    homestead, site = farm(), farm(entity_kind="irrigation_project")
    kilograms = {"mulch_used_kg": "7000", "mulch_recovered_gross_kg": "7000", **EXACT}
    await worker.apply(homestead, film(homestead["record_id"], period="2026", **kilograms))
    await worker.apply(site, project(site["record_id"], "P-1", "2022", "10"))
    own = film_of("100", "90")
    await county.apply(own, film_of("100", "80", period="2026"), fertiliser("2020", "1000"), fertiliser("2026", "950"))
    await county.apply(statement("irrigation_new_area", "2023", pipe_area_mu="100"))
    await neighbour.apply(film_of("100", "50", NEIGHBOUR), film_of("100", "60", NEIGHBOUR, "2026"))
    await neighbour.apply(fertiliser("2020", "300", NEIGHBOUR))
    await neighbour.apply(statement("irrigation_new_area", "2023", NEIGHBOUR, pipe_area_mu="40"))
    regions = (COUNTY, NEIGHBOUR, PREFECTURE, PROVINCE, "100000")
    before = [await summary(ministry, region, "2025") for region in regions]
    flows = await terms(ministry, PROVINCE, "2026", "irrigation_new_area")

    service = await recoded(offices, owner_engine, tmp_path, *MERGER)
    bureau = await bureau_of(MERGED, offices, owner_engine)
    after = [await summary(ministry, region, "2025") for region in regions]
    assert [one["total"]["indicators"] for one in after] == [one["total"]["indicators"] for one in before]
    assert [one["ledger"] for one in after] == [one["ledger"] for one in before]
    assert await terms(bureau, MERGED, "2026") == ("140", "200")
    assert await terms(bureau, MERGED, "2026", "irrigation_new_area") == ("150", None)
    assert await terms(ministry, PROVINCE, "2026", "irrigation_new_area") == flows
    half = await headline(bureau, MERGED, "2026", "fertiliser_reduction")
    assert (half["amount"], half["rate"], half["compared_counties"]) == ("950", None, 0)

    # From the merger on the new code states the whole county; what the old ones say of 2026 is part of it.
    await bureau.apply(film_of("200", "150", MERGED, "2026"), fertiliser("2026", "1250", MERGED))
    stale = farm()
    [_, taken] = await worker.apply(stale, film(stale["record_id"], period="2026", **kilograms))
    assert "retired_county" in [one["code"] for one in taken["warnings"]]
    for region in (MERGED, PREFECTURE, PROVINCE, "100000"):
        assert await terms(ministry, region, "2026") == ("150", "200")
        assert await terms(ministry, region, "2026", "fertiliser_reduction") == ("1250", "1300")
    found = (await summary(bureau, MERGED, "2026"))["total"]["indicators"]["film_recovery"]
    assert (found["views"]["farm"]["numerator"], found["views"]["farm"]["reports"]) == ("14", 2)
    assert found["gap_points"] == "-25"
    assert await film_stated(bureau, MERGED, "2026") == ["200"]

    elsewhere = {"county_code": NEIGHBOUR}
    twin = farm(entity_kind="irrigation_project", township_code=f"{NEIGHBOUR}000") | elsewhere
    again = project(twin["record_id"], "P-1", "2026", "10", township_code=f"{NEIGHBOUR}000") | elsewhere
    [_, clash] = await neighbour.outcomes(twin, again)
    assert (clash["outcome"], clash["problems"][0]["code"]) == ("conflict", "project_exists")
    assert (await service_is_sound(service, owner_engine)) == ([], [], 0)

    # The successor answers for the years before, under the codes of then.
    await bureau.apply(amend(own, {"/mulch_recovered_gross_t": "91"}))
    assert await terms(bureau, COUNTY, "2025") == ("91", "100")
    assert await terms(county, COUNTY, "2025") == ("91", "100")
    assert (await bureau.pull(COUNTY))["records"]


async def service_is_sound(service: Service, engine: AsyncEngine) -> tuple[list[Any], list[Any], int]:
    """Return broken chains, sums that differ from the records, and figures that a recompute changes."""
    codes = sorted(service.reference.ledgers & {COUNTY, NEIGHBOUR, MERGED, RENUMBERED, NUMBER})
    async with engine.connect() as connection:
        breaks = [found for code in codes if (found := await broken_chain(connection, code)) is not None]
        differing = await differing_cells(connection, codes)
    return breaks, differing, (await recompute_figures(engine, service.reference, every=True)).changed


async def test_after_a_merger_each_code_is_asked_and_told_about_its_own_years(
    offices: Offices, owner_engine: AsyncEngine, tmp_path: Path
) -> None:
    county, worker, ministry = [await offices.of(office) for office in ("county", "worker", "ministry")]
    pingjiang = await bureau_of("430626", offices, owner_engine)
    await pingjiang.apply(film_of("10", "5", "430626"))
    await recoded(offices, owner_engine, tmp_path, *MERGER)
    bureau = await bureau_of(MERGED, offices, owner_engine)

    early = (await bureau.get(f"/v1/summaries/{MERGED}", period="2025")).json()
    assert (early["status"], early["code"]) == (404, "code_of_other_years")
    assert f"{COUNTY} 华容县、{NEIGHBOUR} 湘阴县" in early["title"]
    late = (await county.get(f"/v1/summaries/{COUNTY}", period="2026")).json()
    assert (late["code"], f"{MERGED} 洞庭新区" in late["title"]) == ("code_of_other_years", True)

    [refused, statement_refused] = await bureau.outcomes(
        film_of("1", "1", MERGED, "2025"), film_of("1", "1", COUNTY, "2026")
    )
    assert (refused["outcome"], refused["problems"][0]["code"]) == ("rejected", "code_not_yet")
    assert f"{COUNTY} 华容县、{NEIGHBOUR} 湘阴县" in refused["problems"][0]["zh"]
    assert statement_refused["problems"][0]["code"] == "retired_county"

    await pingjiang.apply(film_of("10", "6", "430626", "2026"))

    # The grants of before keep what they had, and gain nothing.
    await worker.apply(farm())
    await county.apply(film_of("1", "1"), farm())
    assert len((await county.pull(COUNTY))["records"]) == 3
    assert (await county.get("/v1/sync/pull", county=NEIGHBOUR)).status_code == 403
    assert (await county.get("/v1/sync/pull", county=MERGED)).status_code == 403
    assert (await county.get(f"/v1/summaries/{MERGED}", period="2026")).status_code == 403
    assert (await county.get(f"/v1/summaries/{NEIGHBOUR}", period="2025")).status_code == 403
    held = await county.push(film_of("1", "1", MERGED, "2026"))
    assert (held.status_code, held.json()["code"]) == (403, "out_of_scope")

    renamed = [(await summary(ministry, "430626", year))["region"]["name"] for year in ("2025", "2026")]
    assert renamed == ["平江县", "平江市"]
    assert [await terms(ministry, "430626", year) for year in ("2025", "2026")] == [("5", "10"), ("6", "10")]

    basin = (await ministry.get("/v1/basins/dongting/summary", period="2026")).json()
    rows = {row["region"]["code"]: row["basins"][0]["tier"] for row in basin["rows"]}
    assert rows[MERGED] == "core"
    assert COUNTY not in rows
    assert basin["basin"]["counties"]["core"] == basin["core"]["counties"]


async def test_a_renumbered_county_moves_with_its_ledger_goal_base_and_people(
    offices: Offices, owner_engine: AsyncEngine, tmp_path: Path
) -> None:
    goal = f"{RENUMBERED},film_recovery,national_plan_2025,2023,2026,floor,0.9,1,县文件,official,县农业农村局,"
    await loaded(owner_engine, ReferenceKind.GOALS, table_file(tmp_path, GOAL_HEAD, goal))
    base = "region_code,indicator,series,year,value,unit,source,status"
    line = f"{RENUMBERED},fertiliser_reduction,,2020,900,t,县统计局,official"
    await loaded(owner_engine, ReferenceKind.BASELINES, table_file(tmp_path, base, line))
    line = f"2025,{RENUMBERED},dung_kg_per_day,dairy,30,kg/d,县里测定,official"
    await loaded(owner_engine, ReferenceKind.COEFFICIENTS, table_file(tmp_path, COEFFICIENT_HEAD, line))
    former, ministry = await bureau_of(RENUMBERED, offices, owner_engine), await offices.of("ministry")
    own = film_of("100", "95", RENUMBERED)
    await former.apply(own, film_of("100", "70", RENUMBERED, "2026"), fertiliser("2026", "990", RENUMBERED))

    service = await recoded(offices, owner_engine, tmp_path, *MOVE)
    bureau = await bureau_of(NUMBER, offices, owner_engine)
    figures = [
        await terms(ministry, region, year) for region in (PREFECTURE, OTHER_PREFECTURE) for year in ("2025", "2026")
    ]
    assert figures == [("95", "100"), (None, None), (None, None), ("70", "100")]
    moved = await summary(bureau, NUMBER, "2026")
    film_summary = moved["total"]["indicators"]["film_recovery"]
    assert (moved["region"]["name"], film_summary["goal"]["value"], film_summary["goal"]["assigned"]) == (
        "临湘县", "0.9", True,
    )  # fmt: skip
    assert await terms(bureau, NUMBER, "2026", "fertiliser_reduction") == ("990", "900")
    assert service.reference.coefficients_for(NUMBER, 2026).get("dung_kg_per_day", "dairy") == 30

    # A farm stays in the ledger that it was registered in; a report under the new code is sent where it belongs.
    homestead = farm(township_code=f"{RENUMBERED}000") | {"county_code": RENUMBERED}
    await former.apply(homestead)
    report = film(homestead["record_id"], period="2026", township_code=f"{NUMBER}000") | {"county_code": NUMBER}
    [astray] = await bureau.outcomes(report)
    assert (astray["outcome"], astray["problems"][0]["code"], astray["problems"][0]["params"]["value"]) == (
        "rejected", "farm_of_other_code", RENUMBERED,
    )  # fmt: skip
    await bureau.apply(
        film(homestead["record_id"], period="2026", township_code=f"{RENUMBERED}000") | {"county_code": RENUMBERED}
    )

    # Both bureaus are the same people: each reads, corrects and files under either code.
    await bureau.apply(amend(own, {"/mulch_recovered_gross_t": "96"}))
    assert await terms(former, RENUMBERED, "2025") == ("96", "100")
    await former.apply(farm(township_code=f"{NUMBER}000") | {"county_code": NUMBER})
    await former.apply(film_of("100", "80", NUMBER, "2026"))
    assert await terms(former, NUMBER, "2026") == ("80", "100")
    assert await terms(ministry, OTHER_PREFECTURE, "2026") == ("80", "100")
    assert (await service_is_sound(service, owner_engine)) == ([], [], 0)


@pytest.mark.parametrize(
    ("lines", "number", "zh"),
    [
        (["430682,临湘市,430698,甲县,2026,拆分,x", "430682,临湘市,430697,乙县,2026,拆分,x"], 2, "账本不可分割"),
        (["430682,临湘市,430682,临湘市,2026,划出,x", "430682,临湘市,430698,甲县,2026,划出,x"], 2, "账本不可分割"),
        (["430682,临湘市,430698,甲县,2025,更码,x", "430698,甲县,430682,临湘市,2026,更码,x"], 2, "又回到自身"),
        (["430682,临湘市,430698,甲县,2026,撤并,x", "430681,汨罗市,430698,乙县,2026,撤并,x"], 2, "两个名称"),
        (["430682,临湘市,430600,岳阳市,2026,撤并,x"], 2, "不是县级区划"),
        (["430682,临湘市,430698,甲县,2099,更码,x"], 2, "请到当年再载入"),
    ],
)
async def test_what_no_ledger_can_follow_is_refused_with_its_row(
    owner_engine: AsyncEngine, tmp_path: Path, lines: list[str], number: int, zh: str
) -> None:
    preview = await previewed(owner_engine, ReferenceKind.REGION_RECODES, table_file(tmp_path, RECODE_HEAD, *lines))
    [fault] = preview.faults
    assert (fault.line, zh in fault.zh) == (number, True), fault.zh
    assert fault.en
