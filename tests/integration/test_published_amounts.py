"""What yearbooks printed, as the interface answers it: by region, by province, and never below a province."""

from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.integration.conftest import Caller, Offices
from tests.support.offices import COUNTY
from tests.support.statements import counted

pytestmark = pytest.mark.anyio


async def amounts(caller: Caller, region: str, **query: Any) -> list[dict[str, Any]]:
    response = await caller.get(f"/v1/published/{region}", **query)
    assert response.status_code == 200, response.text
    found: list[dict[str, Any]] = response.json()
    return found


async def test_an_amount_keeps_what_was_printed(offices: Offices) -> None:
    province = await offices.of("province")
    [area] = await amounts(province, "430000", measure="mulch_film_area", year=2020)
    assert (area["unit"], area["printed_unit"]) == ("mu", "ha")
    assert int(area["amount"]) == 15 * int(area["printed_value"])
    assert (area["source"], area["status"]) == ("中国农村统计年鉴", "official")
    every = await amounts(province, "430000")
    assert {one["region_code"] for one in every} == {"430000"}
    assert area in every


async def test_the_nation_by_province_is_one_answer_of_one_measure_and_year(offices: Offices) -> None:
    ministry = await offices.of("ministry")
    found = await amounts(ministry, "100000", by="province", measure="film_use", year=2021)
    by_region = {one["region_code"]: Decimal(one["amount"]) for one in found}
    nation = by_region.pop("100000")
    assert len(found) == 1 + len(by_region) == 32
    assert abs(sum(by_region.values()) - nation) <= 3
    assert {(one["measure"], one["year"]) for one in found} == {("film_use", 2021)}
    assert "660000" not in by_region  # the yearbook counts 兵团 with 新疆
    assert await amounts(ministry, "100000", by="province", measure="film_use", year=2019) == []


async def test_the_number_of_statements_does_not_grow_with_the_provinces(offices: Offices) -> None:
    ministry = await offices.of("ministry")
    engine = offices.app.state.service.read_engine
    taken = []
    for query in ({}, {"by": "province"}, {"by": "province", "measure": "film_use", "year": 2020}):
        with counted(engine) as statements:
            await amounts(ministry, "100000", **query)
        taken.append(len(statements))
    assert taken == [taken[0]] * 3


async def test_nothing_is_published_below_a_province(offices: Offices) -> None:
    county = await offices.of("county")
    assert await amounts(county, COUNTY, by="province") == []
    assert (await county.get("/v1/published/430000")).status_code == 403


async def test_a_table_says_its_years_and_the_indicator_it_stands_beside(offices: Offices) -> None:
    county = await offices.of("county")
    tables = {one["measure"]: one for one in (await county.get("/v1/published")).json()}
    assert (tables["mulch_film_area"]["indicator"], tables["mulch_film_area"]["unit"]) == ("film_recovery", "mu")
    assert tables["mulch_film_area"]["years"] == [2015, 2020, 2021]
    assert tables["fertiliser_n"]["years"] == [2020, 2021]
    assert tables["farm_diesel_use"]["indicator"] is None
    assert (await offices.anonymous.get("/v1/published")).json() == list(tables.values())


async def test_a_measure_of_which_nothing_is_loaded_is_not_offered(offices: Offices, owner_engine: AsyncEngine) -> None:
    async with owner_engine.begin() as connection:
        await connection.execute(text("DELETE FROM published_input WHERE measure = 'film_use'"))
    tables = (await (await offices.of("county")).get("/v1/published")).json()
    assert "film_use" not in {one["measure"] for one in tables}


@pytest.mark.parametrize("query", [{"measure": "water"}, {"year": "recent"}, {"by": "county"}])
async def test_a_senseless_question_is_refused_by_its_name(offices: Offices, query: dict[str, str]) -> None:
    response = await (await offices.of("ministry")).get("/v1/published/100000", **query)
    assert response.status_code == 422
    assert next(iter(query)) in response.text
