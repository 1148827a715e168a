"""A figure explained: its parts add up to it, and the answer says what it was made from."""

from decimal import Decimal
from typing import Any

import pytest

from tests.integration.conftest import Caller, Offices
from tests.support.filings import FILM, Cabinet
from tests.support.offices import COUNTY, NEIGHBOUR, OTHER_TOWNSHIP, PREFECTURE, TOWNSHIP
from tests.support.reports import amend, farm, fertiliser, film, film_statement, project, review, statement
from tests.support.statements import counted

pytestmark = pytest.mark.anyio

IRRIGATION = "irrigation_new_area"
PESTICIDE = "pesticide_reduction"
GREEN = "green_control_coverage"
STRAW = "straw_utilisation"


async def explained(caller: Caller, region: str = COUNTY, indicator: str = FILM, **asked: Any) -> dict[str, Any]:
    response = await caller.get(f"/v1/figures/{region}/{indicator}/2025/explanation", **asked)
    assert response.status_code == 200, response.text
    found: dict[str, Any] = response.json()
    return found


async def refused(caller: Caller, region: str = COUNTY, **asked: Any) -> tuple[int, str]:
    response = await caller.get(f"/v1/figures/{region}/{FILM}/2025/explanation", **asked)
    assert response.headers["content-type"] == "application/problem+json"
    return response.status_code, response.json()["code"]


def total(rows: list[dict[str, Any]], name: str) -> Decimal:
    return sum((Decimal(row[name]) for row in rows if row[name] is not None), Decimal(0))


async def test_the_shortfall_is_told_in_tonnes_from_the_unrounded_figure(county: Caller) -> None:
    await county.apply(film_statement(mulch_recovered_gross_t="99.4"))
    told = await explained(county)
    assert told["value"]["headline"]["rate"] == "0.84987"
    assert told["to_goal"] == {
        "required": "85", "actual": "84.987", "shortfall": "0.013", "margin": "0", "unit": "t", "state": "below",
    }  # fmt: skip
    assert told["value"]["zh"] == "华容县 2025 期废旧农膜回收率：84.99%，未达到目标。"
    assert (told["formula"]["version"], told["formula"]["status"]) == ("film-1", "convention")
    sums = {(one["subject"], one["quantity"]): one["amount"] for one in told["sums"] if one["level"] == "county"}
    assert sums["mulch_film", "net_t"] == "84.987"


async def test_townships_add_up_to_the_field_sum(worker: Caller, county: Caller) -> None:
    here, there = farm(), farm(name="李家湾", township_code=OTHER_TOWNSHIP)
    await worker.apply(here, film(here["record_id"]))
    await county.apply(there, film(there["record_id"], township_code=OTHER_TOWNSHIP, mulch_used_kg="200"))
    told = (await explained(county))["contributions"]
    assert [(row["region_code"], row["numerator"], row["denominator"]) for row in told["rows"]] == [
        (TOWNSHIP, "0.0729", "0.1"), (OTHER_TOWNSHIP, "0.0729", "0.2"),
    ]  # fmt: skip
    assert (told["view"], told["remainder"]) == ("farm", "0")
    assert [row["share_percent"] for row in told["rows"]] == ["50.00", "50.00"]


async def test_counties_and_the_difference_from_last_year_add_up(offices: Offices, county: Caller) -> None:
    neighbour, prefecture = await offices.of("neighbour"), await offices.of("prefecture")
    await county.apply(film_statement(), film_statement(period="2024", mulch_used_t="90"))
    await neighbour.apply(
        film_statement(NEIGHBOUR, mulch_used_t="333.3"), film_statement(NEIGHBOUR, "2024", mulch_used_t="301")
    )
    told = await explained(prefecture, PREFECTURE)
    headline, rows = told["value"]["headline"], told["contributions"]["rows"]
    assert total(rows, "numerator") == Decimal(headline["numerator"])
    assert total(rows, "denominator") == Decimal(headline["denominator"])
    bridge = told["bridge"]
    assert {row["region_code"] for row in bridge["rows"]} == {COUNTY, NEIGHBOUR}
    tiny = Decimal("1e-23")  # each part is rounded at its 24th decimal
    assert abs(total(bridge["rows"], "effect") - Decimal(bridge["difference"])) <= tiny
    effects = Decimal(bridge["numerator_effect"]) + Decimal(bridge["denominator_effect"])
    assert abs(effects - Decimal(bridge["difference"])) <= tiny
    assert bridge["numerator_effect"] == "0"  # as much was recovered, more was used


async def test_a_change_is_told_against_its_base(county: Caller) -> None:
    await county.apply(fertiliser("2020", "1000"), fertiliser("2024", "1000"), fertiliser("2025", "1010.5"))
    told = await explained(county, indicator="fertiliser_reduction")
    assert (told["kind"], told["value"]["headline"]["rate"]) == ("change", "0.0105")
    assert (told["to_goal"]["required"], told["to_goal"]["shortfall"]) == ("1000", "10.5")
    assert (told["bridge"]["before"], told["bridge"]["difference"]) == ("0", "0.0105")
    assert told["value"]["zh"].endswith("比基期增加 1.05%，未达到目标。")


async def test_a_flow_is_told_over_its_years(worker: Caller, county: Caller) -> None:
    site = farm(entity_kind="irrigation_project", name="灌溉项目")
    await worker.apply(
        site, project(site["record_id"], "P1", "2022", "120.5"), project(site["record_id"], "P2", "2025", "79.5")
    )
    told = await explained(county, indicator=IRRIGATION)
    assert (told["kind"], told["value"]["headline"]["numerator"]) == ("cumulative", "200")
    assert (told["bridge"]["before"], told["bridge"]["difference"], told["bridge"]["unit"]) == ("120.5", "79.5", "mu")
    assert told["contributions"]["rows"][0]["numerator"] == "200"


async def test_series_and_samples_are_told_as_what_they_are(county: Caller) -> None:
    product = {"basis": "product", "sown_area_mu": "900000", "insecticide_t": "50"}
    crops = {"rice": {"planted_area_mu": "2000", "green_control_area_mu": "1100"}}
    await county.apply(statement(PESTICIDE, **product), statement(GREEN, crops=crops))
    told = await explained(county, indicator=PESTICIDE)
    assert ([one["code"] for one in told["value"]["series"]], told["value"]["headline"]["amount"]) == (["active"], "50")
    told = await explained(county, indicator=GREEN)
    assert (told["standing"], told["goal"], told["to_goal"]) == ("sample", None, None)
    assert told["value"]["headline"]["rate_percent"] == "55.00"
    assert "样本不能推算乡镇总量" in told["contributions"]["zh"]


async def test_coefficients_are_told_with_source_status_and_version(county: Caller) -> None:
    crops = {"maize": {"grain_output_t": "5000", "sown_area_mu": "20000", "returned_area_mu": "9000"}}
    await county.apply(statement(STRAW, crops=crops))
    told = await explained(county, indicator=STRAW)
    found = {one["name"]: one for one in told["coefficients"]}
    assert found.keys() == {"straw_grain_ratio", "collectable_coefficient"}
    assert (found["collectable_coefficient"]["value"], found["collectable_coefficient"]["status"]) == (
        "0.833", "unverified",
    )  # fmt: skip
    assert all(one["source"] and one["version"] == 1 and one["counties"] == 1 for one in told["coefficients"])


async def test_what_is_pending_is_told_beside_what_is_accepted(worker: Caller, county: Caller) -> None:
    one, two = farm(), farm(name="李家湾")
    report, waiting = film(one["record_id"]), film(two["record_id"], mulch_used_kg="200")
    outcomes = await worker.apply(one, two, report, waiting)
    await county.apply(review(report, "accept", outcomes[2]["position"]))
    told = (await explained(county))["pending"]
    assert (told["accepted"]["numerator"], told["accepted"]["rate_percent"]) == ("0.0729", "72.90")
    assert (told["if_accepted"]["numerator"], told["if_accepted"]["rate_percent"]) == ("0.1458", "48.60")
    assert (told["reports"]["submitted"], told["reports"]["accepted"]) == (1, 1)
    again = film(two["record_id"], period="2024")
    await worker.apply(again)  # of another period: nothing of this one
    assert (await explained(county))["pending"] == told


async def test_revisions_are_told_by_office_and_never_by_person(worker: Caller, county: Caller) -> None:
    homestead = farm(name="张三丰家庭农场")
    report = film(homestead["record_id"])
    position = (await worker.apply(homestead, report))[1]["position"]
    more = amend(report, {"/mulch_used_kg": "120"})
    await worker.apply(more)
    await county.apply(amend(more, {"/mulch_used_kg": "130"}))
    await county.apply(review(report, "accept", position + 2))
    told = await explained(county)
    rows = told["revisions"]["rows"]
    assert [(row["action"], row["role"], row["office"]) for row in rows] == [
        ("accept", "county", "华容县 县级农业农村部门"),
        ("amend", "county", "华容县 县级农业农村部门"),
        ("amend", "worker", None),
    ]
    assert [(one["quantity"], one["amount"]) for one in rows[1]["deltas"]] == [("used_t", "0.01")]
    assert rows[0]["deltas"] == []
    page = await explained(county, revisions_limit=2)
    assert page["revisions"]["rows"] == rows[:2]
    rest = await explained(county, revisions_limit=2, revisions_before=page["revisions"]["next"])
    assert (rest["revisions"]["rows"], rest["revisions"]["next"]) == (rows[2:], None)
    since = rows[2]["recorded_at"]
    assert (await explained(county, revised_after=since))["revisions"]["rows"] == rows[:2]
    assert "张三丰" not in str(told)
    assert (await refused(county, revisions_before="nonsense")) == (422, "revisions_before_invalid")


async def test_what_cannot_be_asked_for_is_refused_in_words(worker: Caller, county: Caller) -> None:
    assert (await refused(county, as_of="2025-12-31T00:00:00+08:00")) == (422, "as_of_before_ledger")
    homestead = farm()
    await worker.apply(homestead, film(homestead["record_id"]))
    assert (await refused(county, as_of="2999-01-01T00:00:00+08:00")) == (422, "as_of_future")
    assert (await refused(county, as_of="2020-01-01T00:00:00Z")) == (422, "as_of_before_ledger")
    for nonsense in ("2025-12-31", "2025-12-31T00:00:00", "yesterday", "open"):
        assert (await refused(county, as_of=nonsense)) == (422, "as_of_invalid"), nonsense
    assert (await refused(county, as_of="published")) == (404, "as_of_never_filed")
    assert (await refused(county, as_of="filing:0199a7a0-3b07-7b4b-aef3-2986226d6a0f")) == (404, "as_of_never_filed")
    assert (await refused(county, "430624")) == (403, "above_scope")
    assert (await refused(county, "999999")) == (404, "unknown_region")


async def test_a_filing_is_told_as_it_was_frozen_although_the_ledger_went_on(offices: Offices, county: Caller) -> None:
    stated = film_statement()
    await county.apply(stated)
    shown = await Cabinet().file(county)
    await Cabinet().take(await offices.of("prefecture"), "return", "filed", reasons=[{"field": None, "text": "请核对"}])
    await county.apply(amend(stated, {"/mulch_used_t": "110"}))
    step = shown["steps"][0]
    for as_of in ("filed", f"filing:{step['step_id']}", step["taken_at"]):
        told = await explained(county, as_of=as_of)
        assert told["value"]["headline"]["rate"] == "0.855", as_of
        assert told["filing"]["state"] == "filed"
    assert (await explained(county))["value"]["headline"]["denominator"] == "110"
    [point] = (await explained(county, as_of="filed"))["basis"]["filings"]
    assert (point["agrees"], point["positions"], point["office"]) == (True, {COUNTY: 1}, "华容县（县级农业农村部门）")
    prefecture = await explained(await offices.of("prefecture"), PREFECTURE, as_of="filed")
    assert (prefecture["basis"]["kind"], prefecture["value"]["headline"]["rate"]) == ("filing", "0.855")


@pytest.mark.parametrize("as_of", [None, "filed"])
async def test_the_number_of_statements_is_the_same_for_a_county_and_the_nation(
    offices: Offices, county: Caller, as_of: str | None
) -> None:
    await county.apply(film_statement())
    await Cabinet().file(county)
    ministry = await offices.of("ministry")
    asked = {} if as_of is None else {"as_of": as_of}
    counts = {}
    for region in (PREFECTURE, "430000", "100000", COUNTY):
        await explained(ministry, region, **asked)
        with counted(offices.app.state.service.read_engine) as statements:
            await explained(ministry, region, **asked)
        counts[region] = len(statements)
    assert counts["100000"] == counts["430000"] == counts[PREFECTURE] == counts[COUNTY] - 1  # its townships
    assert counts["100000"] <= 24
