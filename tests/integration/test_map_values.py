"""The values of a map: the figures of the summaries, in columns, small, and not sent again while nothing changes."""

import gzip
from decimal import Decimal
from typing import Any

import httpx
import pytest
from sqlalchemy import event, text
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.integration.conftest import Caller, Offices
from tests.support.filings import FILM, Cabinet
from tests.support.offices import COUNTY, NEIGHBOUR, PREFECTURE, PROVINCE
from tests.support.reports import farm, film, film_statement

pytestmark = pytest.mark.anyio

FILL = """
    INSERT INTO county_figure (county_code, period, indicator, view, series, numerator, denominator, n, formula,
                               coefficients, coefficient_version)
    SELECT head.county_code, '2025', said.indicator, view, said.series,
           round((100 + 7919 * row_number() OVER () % 997)::numeric * 0.8537, 3), said.whole, 40, 'x', '[]', 1
    FROM ledger_head AS head CROSS JOIN unnest(ARRAY['farm', 'statement']) AS view
    CROSS JOIN (VALUES ('film_recovery', '', 1013.77), ('straw_utilisation', '', 2013.1),
                       ('irrigation_new_area', '', NULL)) AS said (indicator, series, whole)
"""
LOOKED_AT = "ANALYZE county_figure"
"""As the database does by itself a minute after many rows came; until it knows of them, it takes them for few."""
SIZE = 60_000


async def values_of(caller: Caller, indicator: str = FILM, **params: Any) -> dict[str, Any]:
    response = await caller.get("/v1/map/values", **({"indicator": indicator, "period": "2025"} | params))
    assert response.status_code == 200, response.text
    found: dict[str, Any] = response.json()
    columns = ("values", "states", "goal", "distances", "counties", "of", "filings", "silent")
    assert {len(found[name]) for name in columns} == {len(found["codes"])}
    return found


def row(values: dict[str, Any], code: str) -> dict[str, Any]:
    at = values["codes"].index(code)
    return {name: column[at] for name, column in values.items() if isinstance(column, list) and name != "goals"}


async def test_every_value_is_that_of_the_summary(offices: Offices, worker: Caller, county: Caller) -> None:
    homestead = farm()
    await worker.apply(homestead, film(homestead["record_id"]))
    await county.apply(film_statement())
    province = await offices.of("province")
    for level in ("county", "prefecture", "province"):
        summary = (await province.get(f"/v1/summaries/{PROVINCE}", period="2025", by=level)).json()
        for view in ("headline", "farm", "statement"):
            values = await values_of(province, level=level, view=view)
            assert values["codes"] == sorted(one["region"]["code"] for one in summary["rows"])
            for one in [*summary["rows"], summary["total"]]:
                figure = one["indicators"][FILM]
                said = figure["headline"] if view == "headline" else figure["views"][view]
                shown = values["total"] if one is summary["total"] else row(values, one["region"]["code"])
                value, state = ("value", "state") if one is summary["total"] else ("values", "states")
                assert (shown[value], shown[state], shown["counties"], shown["of"]) == (
                    said["rate_percent"], said["state"], said["counties"], one["counties"],
                )  # fmt: skip
                assert values["goals"][shown["goal"]]["value"] == figure["goal"]["value"]


async def test_what_is_filed_is_read_as_it_was_frozen(offices: Offices, county: Caller) -> None:
    await county.apply(film_statement())
    await Cabinet().file(county)
    province = await offices.of("province")
    pending, official = [await values_of(province, view=view) for view in ("pending", "official")]
    assert (row(pending, COUNTY)["values"], row(official, COUNTY)["values"]) == ("85.50", None)
    assert row(official, COUNTY)["filings"] == "filed"
    await Cabinet().take(await offices.of("prefecture"), "endorse", "filed")
    await Cabinet().take(province, "accept", "endorsed")
    pending, official = [await values_of(province, view=view) for view in ("pending", "official")]
    assert (row(pending, COUNTY)["values"], row(official, COUNTY)["values"]) == (None, "85.50")
    assert official["total"]["distance"] == "0.5"
    assert (row(official, COUNTY)["silent"], row(official, NEIGHBOUR)["silent"]) == (0, 1)


async def test_a_flow_is_in_mu_and_silent_where_its_own_year_is(offices: Offices, owner_engine: AsyncEngine) -> None:
    async with owner_engine.begin() as connection:
        await connection.execute(text(FILL))
        await connection.execute(text(LOOKED_AT))
        await connection.execute(text("DELETE FROM county_figure WHERE county_code = :code"), {"code": NEIGHBOUR})
    values = await values_of(await offices.of("prefecture"), "irrigation_new_area")
    assert values["unit"] == "mu"
    assert (row(values, COUNTY)["silent"], row(values, NEIGHBOUR)["silent"]) == (0, 1)
    later = await values_of(await offices.of("prefecture"), "irrigation_new_area", period="2026")
    assert row(later, COUNTY)["values"] == row(values, COUNTY)["values"]
    assert row(later, COUNTY)["silent"] == 1


async def test_the_whole_nation_is_small_and_read_in_as_many_statements_as_one_county(
    offices: Offices, owner_engine: AsyncEngine
) -> None:
    async with owner_engine.begin() as connection:
        await connection.execute(text(FILL))
        await connection.execute(text(LOOKED_AT))
    ministry = await offices.of("ministry")
    counted: list[int] = []
    engine = offices.app.state.service.read_engine.sync_engine
    for region in ("100000", COUNTY, "100000"):
        statements: list[str] = []

        def hear(_c: Any, _u: Any, statement: str, *_: Any, heard: list[str] = statements) -> None:
            heard.append(statement)

        event.listen(engine, "before_cursor_execute", hear)
        values = await values_of(ministry, region=region)
        event.remove(engine, "before_cursor_execute", hear)
        counted.append(len(statements))
    assert counted[1] == counted[2]
    assert sum(one is not None for one in values["values"]) > 2_800
    body = (await ministry.get("/v1/map/values", indicator=FILM, period="2025")).content
    assert len(gzip.compress(body, 5)) <= SIZE
    share = Decimal(values["total"]["value"])
    assert 0 < share < 100


async def test_an_answer_is_not_sent_again_until_what_it_rests_on_changes(worker: Caller, county: Caller) -> None:
    async def ask(tag: str = "", **params: Any) -> httpx.Response:
        headers = county.headers | {"If-None-Match": tag}
        asked = {"indicator": FILM, "period": "2025"} | params
        return await county.http.get("/v1/map/values", params=asked, headers=headers)

    first = await ask()
    tag = first.headers["etag"]
    assert (await ask(tag)).status_code == 304
    assert first.headers["cache-control"] == "private, no-cache"
    assert "Authorization" in first.headers["vary"]
    assert (await ask(tag, view="farm")).status_code == 200
    homestead = farm()
    await worker.apply(homestead, film(homestead["record_id"]))
    second = await ask(tag)
    assert second.status_code == 200
    await county.apply(film_statement())
    third = await ask(second.headers["etag"])
    await Cabinet().file(county)
    fourth = await ask(third.headers["etag"])
    assert (third.status_code, fourth.status_code) == (200, 200)
    assert row(fourth.json(), COUNTY)["filings"] == "filed"


async def test_a_region_that_is_not_the_callers_is_refused_and_his_own_is_the_default(
    offices: Offices, county: Caller
) -> None:
    assert (await values_of(county))["region"]["code"] == COUNTY
    assert (await values_of(await offices.of("prefecture")))["region"]["code"] == PREFECTURE
    for caller, region in ((county, NEIGHBOUR), (county, "100000"), (await offices.of("worker"), COUNTY)):
        response = await caller.get("/v1/map/values", indicator=FILM, period="2025", region=region)
        assert (response.status_code, response.json()["code"]) == (403, "above_scope")
    for asked in ({"indicator": "x"}, {"view": "x"}, {"level": "township"}, {"period": "25"}, {"region": "99"}):
        response = await county.get("/v1/map/values", **({"indicator": FILM, "period": "2025"} | asked))
        assert response.status_code == 422, response.text
