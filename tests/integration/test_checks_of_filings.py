"""What a county files, and what a province shows: planted cases and honest neighbours."""

from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from backend.service import Service
from tests.integration.conftest import Caller, Offices
from tests.support.checks import findings, swept
from tests.support.filings import Cabinet
from tests.support.offices import COUNTY, NEIGHBOUR, PROVINCE
from tests.support.reports import amend, farm, fertiliser, film, film_statement, statement

pytestmark = pytest.mark.anyio

EXACT = {"mulch_impurity_rate": "0", "mulch_moisture_rate": "0"}


async def test_a_rate_that_jumps_within_a_year_is_found_and_a_step_is_not(offices: Offices, county: Caller) -> None:
    await county.apply(
        film_statement(period="2023", mulch_recovered_gross_t="60", **EXACT),
        film_statement(period="2024", mulch_recovered_gross_t="75", **EXACT),
        film_statement(period="2025", mulch_recovered_gross_t="90.01", **EXACT),
    )
    await swept(offices, 2024)
    await swept(offices)
    [found] = await findings(county, "rate_jumps")
    assert (found["period"], found["params"]["was"], found["params"]["now"]) == ("2025", "75", "90.01")
    assert found["params"]["points"] == "15.01"


async def test_an_amount_that_jumps_is_found_beyond_its_threshold_only(offices: Offices, county: Caller) -> None:
    await county.apply(fertiliser("2023", "1000"), fertiliser("2024", "700"), fertiliser("2025", "400"))
    await swept(offices, 2024)
    await swept(offices)
    [found] = await findings(county, "amount_jumps")
    assert (found["period"], found["params"]["percent"]) == ("2025", "-42.9")


async def test_an_input_that_falls_while_area_rises_is_found(offices: Offices, county: Caller) -> None:
    def used(period: str, tonnes: str, area_mu: str) -> dict[str, Any]:
        answers = {"sown_area_mu": area_mu, "fertilisers": {"n": {"nutrient_t": tonnes}}}
        return statement("fertiliser_reduction", period, **answers)

    await county.apply(
        used("2022", "1000", "1000"),
        used("2023", "951", "1100"),
        used("2024", "900", "1100"),
        used("2025", "855", "1101"),
    )
    for year in (2023, 2024, 2025):
        await swept(offices, year)
    [found] = await findings(county, "input_falls_area_rises")
    assert (found["period"], found["params"]["percent"], found["params"]["area_now"]) == ("2025", "5", "1101")


async def test_a_statement_that_differs_from_the_field_is_found(
    offices: Offices, worker: Caller, county: Caller
) -> None:
    homestead = farm()
    await worker.apply(homestead, film(homestead["record_id"]))
    await county.apply(first := film_statement())
    await swept(offices)
    [found] = await findings(county, "statement_differs")
    assert (found["params"]["statement"], found["params"]["farm"], found["params"]["points"]) == (
        "85.5",
        "72.9",
        "12.6",
    )
    await county.apply(amend(first, {"/mulch_recovered_gross_t": "86"}))
    await swept(offices)
    assert await findings(county, "statement_differs") == []


async def test_a_statement_amended_across_the_goal_near_the_deadline_is_found(
    offices: Offices, county: Caller, owner_engine: AsyncEngine
) -> None:
    """The entries are dated by their owner: no test waits for January."""
    statement_ = film_statement(mulch_recovered_gross_t="84", **EXACT)
    await county.apply(statement_, amend(statement_, {"/mulch_recovered_gross_t": "85.2"}))
    await swept(offices)
    assert await findings(county, "amended_across_goal") == []
    for moment, expected in (("2026-01-31T23:59:00+08:00", 1), ("2026-01-16T12:00:00+08:00", 0)):
        async with owner_engine.begin() as connection:
            dated = "UPDATE ledger_entry SET recorded_at = :moment WHERE action = 'amend'"
            await connection.execute(text(dated), {"moment": datetime.fromisoformat(moment)})
        await swept(offices)
        found = await findings(county, "amended_across_goal")
        assert len(found) == expected
        for one in found:
            params = one["params"]
            assert (params["was"], params["now"], params["goal"]) == ("84", "85.2", "85")
            assert params["deadline"] == "2026-01-31"


async def test_the_deadline_of_a_deployment_is_the_one_that_amendments_are_near_to(
    offices: Offices, county: Caller, owner_engine: AsyncEngine
) -> None:
    statement_ = film_statement(mulch_recovered_gross_t="84", **EXACT)
    await county.apply(statement_, amend(statement_, {"/mulch_recovered_gross_t": "85.2"}))
    async with owner_engine.begin() as connection:
        dated = "UPDATE ledger_entry SET recorded_at = :moment WHERE action = 'amend'"
        await connection.execute(text(dated), {"moment": datetime.fromisoformat("2026-02-27T12:00:00+08:00")})
    await swept(offices)
    assert await findings(county, "amended_across_goal") == []
    own = {"amended_across_goal.deadline_month": "2", "amended_across_goal.deadline_day.film_recovery": "30"}
    service: Service = offices.app.state.service
    service.settings = service.settings.model_copy(update={"checks": own})
    await swept(offices)
    [found] = await findings(county, "amended_across_goal")
    assert found["params"]["deadline"] == "2026-02-28"


def townships_of(offices: Offices) -> list[str]:
    return [one.code for one in offices.app.state.service.reference.tree.children(COUNTY)]


async def test_a_county_that_files_before_its_townships_is_told_which_until_it_files_with_all(
    offices: Offices, worker: Caller, county: Caller
) -> None:
    first, *others = townships_of(offices)
    homestead = farm(township_code=first)
    await worker.apply(homestead, film(homestead["record_id"], township_code=first))
    await county.apply(film_statement())
    await Cabinet().file(county)
    await swept(offices)
    [kept] = await findings(county, "filed_before_townships")
    assert (int(kept["params"]["silent"]), int(kept["params"]["townships"])) == (len(others), len(others) + 1)
    assert kept["state"] == "open"
    await Cabinet().take(county, "recall", "filed")
    for code in others:
        late = farm(township_code=code)
        await county.apply(late, film(late["record_id"], township_code=code))
    await Cabinet().file(county)
    assert await findings(county, "filed_before_townships") == []


async def test_nobody_is_told_of_townships_of_a_sample_or_where_the_check_is_off(
    offices: Offices, county: Caller
) -> None:
    wheat = {"grain_output_t": "1000", "sown_area_mu": "2000", "returned_area_mu": "1000"}
    await county.apply(statement("straw_utilisation", "2025", crops={"wheat": wheat}), film_statement())
    await Cabinet("straw_utilisation").file(county)
    service: Service = offices.app.state.service
    service.settings = service.settings.model_copy(update={"checks": {"filed_before_townships": "off"}})
    await Cabinet().file(county)
    assert await findings(county, "filed_before_townships") == []


async def counties_of(engine: AsyncEngine, many: int) -> list[str]:
    async with engine.connect() as connection:
        wanted = "SELECT county_code FROM ledger_head WHERE county_code LIKE '4306__' ORDER BY county_code LIMIT :many"
        return list(await connection.scalars(text(wanted), {"many": many}))


async def filed_by(offices: Offices, engine: AsyncEngine, *changes: dict[str, Any]) -> None:
    """File for several counties, for which the county office gets the right."""
    async with engine.begin() as connection:
        for change in changes:
            granted = (
                "INSERT INTO account_grant (account_id, role, region_code, granted_at) "
                "SELECT id, 'county', :code, now() FROM account WHERE username = 'county' ON CONFLICT DO NOTHING"
            )
            await connection.execute(text(granted), {"code": change["county_code"]})
    await (await offices.of("county")).apply(*changes)


async def test_many_counties_just_above_the_goal_are_found_and_two_are_not(
    offices: Offices, owner_engine: AsyncEngine
) -> None:
    codes = await counties_of(owner_engine, 3)
    province = await offices.of("province")
    for index, code in enumerate(codes):
        gross = "85.1" if index else "85"
        await filed_by(offices, owner_engine, film_statement(code, mulch_recovered_gross_t=gross, **EXACT))
        await swept(offices)
        found = await findings(province, "just_above_goal", PROVINCE)
        assert len(found) == (index == 2)
    assert (found[0]["params"]["counties"], found[0]["region_code"]) == ("3", PROVINCE)
    assert found[0]["params"]["codes"] == "、".join(codes)


async def test_straw_that_is_sent_out_and_never_received_is_found(offices: Offices, owner_engine: AsyncEngine) -> None:
    def straw(code: str, **transfer: str) -> dict[str, Any]:
        crop = {"grain_output_t": "100000", "sown_area_mu": "200000", "returned_area_mu": "100000"}
        market = {"market_use_feed_t": "9000"}
        return statement("straw_utilisation", "2025", code, crops={"wheat": crop | market | transfer})

    service: Service = offices.app.state.service
    receiver = straw(NEIGHBOUR, inbound_t="6000")
    await filed_by(offices, owner_engine, straw(COUNTY, outbound_t="8000"), receiver)
    province = await offices.of("province")
    await swept(offices)
    assert await findings(province, "straw_transfers_unbalanced", PROVINCE) == []  # two counties of 122
    service.settings = service.settings.model_copy(update={"checks": {"straw_transfers_unbalanced.coverage": "0.01"}})
    await swept(offices)
    [found] = await findings(province, "straw_transfers_unbalanced", PROVINCE)
    assert (found["params"]["outbound"], found["params"]["inbound"], found["params"]["percent"]) == (
        "8000",
        "6000",
        "25",
    )
    said = {"explanation": "调往湖北省，已附协议。", "evidence": found["evidence"]}
    for office, act, status in (("county", "explain", 404), ("province", "dismiss", 403), ("province", "explain", 200),
                                ("ministry", "dismiss", 200)):  # fmt: skip
        caller = await offices.of(office)
        answer = await caller.http.post(f"/v1/findings/{found['id']}/{act}", json=said, headers=caller.headers)
        assert answer.status_code == status
    amended = amend(receiver, {"/crops/wheat/inbound_t": "7500"})
    await filed_by(offices, owner_engine, amended)
    await swept(offices)
    assert await findings(province, "straw_transfers_unbalanced", PROVINCE) == []


async def test_a_yearbook_that_moves_otherwise_than_the_reports_is_found(
    offices: Offices, owner_engine: AsyncEngine
) -> None:
    """Every county of the province falls by a tenth; the yearbook shows another change from 2020 to 2021."""
    async with owner_engine.begin() as connection:
        await connection.execute(
            text(
                "INSERT INTO county_figure (county_code, period, indicator, view, series, numerator, n, formula, "
                "coefficients, coefficient_version) SELECT county_code, period, 'fertiliser_reduction', 'statement', "
                "'', amount, 1, 'fertiliser-1', '[]', 0 FROM ledger_head CROSS JOIN "
                "(VALUES ('2020', 100), ('2021', 90)) AS said (period, amount) WHERE left(county_code, 2) = '43'"
            )
        )
    await swept(offices, 2021)
    province = await offices.of("province")
    [found] = await findings(province, "statistics_differ", PROVINCE, period="2021")
    assert (found["params"]["reported"], found["params"]["base"]) == ("-10", "2020")
    async with owner_engine.begin() as connection:
        await connection.execute(text("UPDATE county_figure SET numerator = 98 WHERE period = '2021'"))
    await swept(offices, 2021)
    assert await findings(province, "statistics_differ", PROVINCE, period="2021") == []
