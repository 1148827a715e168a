"""Figures, goals and states as the API answers them."""

from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.integration.conftest import Caller, Offices
from tests.support.offices import COUNTY, NEIGHBOUR, PREFECTURE, PROVINCE
from tests.support.reports import amend, farm, film, film_statement, withdraw

pytestmark = pytest.mark.anyio


async def film_of(caller: Caller, region: str, period: str = "2025", **params: Any) -> dict[str, Any]:
    response = await caller.get(f"/v1/summaries/{region}", period=period, **params)
    assert response.status_code == 200, response.text
    summary = response.json()["total"]["indicators"]["film_recovery"]
    assert isinstance(summary, dict)
    return summary


async def test_a_county_without_reports_has_no_data_rather_than_zero(county: Caller) -> None:
    summary = await film_of(county, COUNTY)
    assert summary["headline"] == {
        "numerator": None, "denominator": None, "rate": None, "rate_percent": None, "state": "no_data", "reports": 0,
        "counties": 0, "amount": None, "compared_counties": None,
    }  # fmt: skip


async def test_the_field_sum_is_net_over_used(worker: Caller, county: Caller) -> None:
    homestead = farm()
    await worker.apply(homestead, film(homestead["record_id"]))
    figure = (await film_of(county, COUNTY))["views"]["farm"]
    assert (figure["numerator"], figure["denominator"], figure["rate_percent"]) == ("0.0729", "0.1", "72.90")
    assert figure["state"] == "below"


async def test_rates_are_of_sums_never_means_of_rates(offices: Offices) -> None:
    """90 of 100 t and 10 of 900 t are 10 %, not 45.6 %."""
    county, neighbour = await offices.of("county"), await offices.of("neighbour")
    exact = {"mulch_impurity_rate": "0", "mulch_moisture_rate": "0"}
    await county.apply(film_statement(mulch_used_t="100", mulch_recovered_gross_t="90", **exact))
    statement = film_statement(NEIGHBOUR, mulch_used_t="900", mulch_recovered_gross_t="10", **exact)
    await neighbour.apply(statement)
    figure = await film_of(await offices.of("province"), PROVINCE)
    assert (figure["headline"]["numerator"], figure["headline"]["denominator"]) == ("100", "1000")
    assert figure["headline"]["rate"] == "0.1"


async def test_a_goal_is_inclusive_and_compared_unrounded(county: Caller) -> None:
    exact = {"mulch_impurity_rate": "0", "mulch_moisture_rate": "0", "mulch_used_t": "100"}
    statement = film_statement(mulch_recovered_gross_t="85", **exact)
    await county.apply(statement)
    at_goal = await film_of(county, COUNTY)
    assert (at_goal["headline"]["state"], at_goal["distance_points"]) == ("met", "0")
    await county.apply(amend(statement, {"/mulch_recovered_gross_t": "84.999999"}))
    just_below = (await film_of(county, COUNTY))["headline"]
    assert (just_below["rate_percent"], just_below["state"]) == ("85.00", "below")


@pytest.mark.parametrize(("period", "state"), [("2024", "not_due"), ("2025H1", "not_due"), ("2026", "no_goal")])
async def test_a_goal_is_never_stretched_beyond_its_year(county: Caller, period: str, state: str) -> None:
    await county.apply(film_statement(period=period))
    assert (await film_of(county, COUNTY, period))["headline"]["state"] == state


async def test_a_goal_of_the_nation_is_a_reference_line_in_a_county(county: Caller) -> None:
    goal = (await film_of(county, COUNTY))["goal"]
    assert (goal["region_code"], goal["value"], goal["assigned"], goal["status"]) == (
        "100000", "0.85", False, "official",
    )  # fmt: skip


async def test_tianjins_own_goal_wins_there_and_says_it_is_unverified(offices: Offices) -> None:
    response = await (await offices.of("ministry")).get("/v1/summaries/120000", period="2025")
    goal = response.json()["total"]["indicators"]["straw_utilisation"]["goal"]
    assert (goal["region_code"], goal["value"], goal["assigned"], goal["status"]) == (
        "120000", "0.98", True, "unverified",
    )  # fmt: skip


async def test_statement_and_field_sum_stand_side_by_side_with_their_gap(worker: Caller, county: Caller) -> None:
    homestead = farm()
    await worker.apply(homestead, film(homestead["record_id"]))
    await county.apply(film_statement())
    summary = await film_of(county, COUNTY)
    assert summary["views"]["farm"]["rate_percent"] == "72.90"
    assert summary["views"]["statement"]["rate_percent"] == "85.50"
    assert summary["headline"]["rate_percent"] == "85.50"
    assert Decimal(summary["gap_points"]) == Decimal("12.6")
    assert [one["code"] for one in summary["warnings"]] == ["statement_differs"]


async def test_reports_are_counted_by_status_and_flagged_ones_apart(worker: Caller, county: Caller) -> None:
    first, second, third = farm(), farm(), farm()
    gone = film(third["record_id"])
    flagged = film(second["record_id"], mulch_recovered_gross_kg="200")
    await worker.apply(first, second, third, film(first["record_id"]), flagged, gone, withdraw(gone))
    summary = await film_of(county, COUNTY)
    assert summary["reports"] == {"submitted": 2, "returned": 0, "accepted": 0, "withdrawn": 1}
    assert summary["flagged_reports"] == 1
    assert summary["views"]["farm"]["reports"] == 2


async def test_rows_by_county_include_one_without_a_polygon(offices: Offices) -> None:
    response = await (await offices.of("ministry")).get("/v1/summaries/650000", period="2026", by="county")
    codes = {row["region"]["code"] for row in response.json()["rows"]}
    assert "653228" in codes  # 和康县 has no outline in the boundary package


async def test_bingtuan_is_a_province_by_parent_link_not_by_prefix(offices: Offices) -> None:
    ministry = await offices.of("ministry")
    nation = (await ministry.get("/v1/summaries/100000", period="2025", by="province")).json()
    codes = {row["region"]["code"]: row["counties"] for row in nation["rows"]}
    assert codes["660000"] > 0
    assert nation["total"]["counties"] == sum(codes.values())
    assert not {"710000", "810000", "820000"} & codes.keys()
    xinjiang = (await ministry.get("/v1/summaries/650000", period="2025")).json()
    assert not any(row["region"]["code"].startswith("659") for row in xinjiang["rows"])


async def test_a_county_without_prefecture_is_a_row_of_its_own(offices: Offices) -> None:
    response = await (await offices.of("ministry")).get("/v1/summaries/420000", period="2025", by="prefecture")
    levels = {row["region"]["code"]: row["region"]["level"] for row in response.json()["rows"]}
    assert levels["429004"] == "county"  # 仙桃市 is 省直辖县
    assert levels["420600"] == "prefecture"


async def test_a_merged_county_sums_the_ledgers_of_its_predecessors(
    offices: Offices, owner_engine: AsyncEngine
) -> None:
    async with owner_engine.begin() as connection:
        await connection.execute(
            text(
                "INSERT INTO account_grant SELECT id, 'county', '500157', now() FROM account WHERE username = 'county'"
            )
        )
    county = await offices.of("county")
    exact = {"mulch_impurity_rate": "0", "mulch_moisture_rate": "0", "mulch_used_kg": "10000"}
    for code, gross in (("500105", "4000"), ("500157", "6000")):
        township = {"township_code": f"{code}000"}
        homestead = farm(**township) | {"county_code": code}
        report = film(homestead["record_id"], mulch_recovered_gross_kg=gross, **exact, **township)
        outcomes = await county.outcomes(homestead, report | {"county_code": code})
        assert [one["outcome"] for one in outcomes] == ["applied", "applied"]
    figure = (await film_of(county, "500157"))["headline"]
    assert (figure["numerator"], figure["denominator"], figure["reports"], figure["counties"]) == ("10", "20", 2, 1)


async def test_a_retired_county_is_read_in_the_years_it_existed(offices: Offices) -> None:
    ministry = await offices.of("ministry")
    statuses = [
        (await ministry.get("/v1/summaries/500105", period=period)).status_code for period in ("2023", "2024", "2026")
    ]
    assert statuses == [200, 200, 404]


async def test_the_digest_changes_with_the_ledgers_and_only_then(worker: Caller, county: Caller) -> None:
    async def digest() -> str:
        response = await county.get(f"/v1/summaries/{COUNTY}", period="2025")
        value: str = response.json()["ledger"]["digest"]
        return value

    before = await digest()
    assert await digest() == before
    await worker.apply(farm())
    assert await digest() != before


async def test_a_basin_is_headed_by_its_core_counties(offices: Offices) -> None:
    await (await offices.of("county")).apply(film_statement())
    ministry = await offices.of("ministry")
    basins = {one["code"]: one for one in (await ministry.get("/v1/basins")).json()}
    assert {"dongting", "danjiangkou", "taihu", "ulansuhai"} <= basins.keys()
    summary = (await ministry.get("/v1/basins/dongting/summary", period="2025")).json()
    assert summary["complete"] is True
    assert summary["core"]["indicators"]["film_recovery"]["headline"]["rate_percent"] == "85.50"
    assert summary["core"]["counties"] == basins["dongting"]["counties"]["core"]
    [row] = [one for one in summary["rows"] if one["region"]["code"] == COUNTY]
    assert [(one["code"], one["tier"]) for one in row["basins"]] == [("dongting", "core")]


async def test_a_province_sees_its_part_of_a_basin_and_is_told_so(offices: Offices) -> None:
    province = await offices.of("province")
    summary = (await province.get("/v1/basins/dongting/summary", period="2025")).json()
    assert summary["complete"] is False
    assert 0 < summary["counties_in_scope"] < sum(summary["basin"]["counties"].values())
    assert (await province.get("/v1/basins/ulansuhai/summary", period="2025")).status_code == 403
    assert (await province.get("/v1/basins/atlantis/summary", period="2025")).status_code == 404


@pytest.mark.parametrize(
    ("office", "readable", "forbidden"),
    [
        ("county", [COUNTY], [NEIGHBOUR, PREFECTURE, PROVINCE, "100000"]),
        ("prefecture", [COUNTY, NEIGHBOUR, PREFECTURE], [PROVINCE, "100000", "430700"]),
        ("province", [COUNTY, PREFECTURE, PROVINCE], ["100000", "420000"]),
        ("ministry", [COUNTY, PROVINCE, "100000", "660000"], []),
        ("worker", [], [COUNTY, PREFECTURE, "100000"]),
        ("township", [], [COUNTY, "100000"]),
    ],
)
async def test_figures_are_read_at_or_below_the_own_region(
    offices: Offices, office: str, readable: list[str], forbidden: list[str]
) -> None:
    caller = await offices.of(office)
    for region in readable:
        assert (await caller.get(f"/v1/summaries/{region}", period="2025")).status_code == 200
    for region in forbidden:
        response = await caller.get(f"/v1/summaries/{region}", period="2025")
        assert (response.status_code, response.json()["code"]) == (403, "above_scope")


@pytest.mark.parametrize("code", ["999999", "430623101", "710000", "x", "４３００００"])
async def test_an_unknown_region_is_a_404_problem(offices: Offices, code: str) -> None:
    response = await (await offices.of("ministry")).get(f"/v1/summaries/{code}", period="2025")
    assert (response.status_code, response.json()["type"]) == (404, "/problems/unknown_region")


@pytest.mark.parametrize("period", ["2025Q5", "25", "2025 ", "", "２０２５"])
async def test_a_period_that_is_none_is_a_422_problem(county: Caller, period: str) -> None:
    response = await county.get(f"/v1/summaries/{COUNTY}", period=period)
    assert (response.status_code, response.json()["code"]) == (422, "invalid_period")
