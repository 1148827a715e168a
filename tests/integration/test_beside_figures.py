"""What stands beside a region's figures: its years, its gaps, its townships, and how complete its reports are."""

from typing import Any

import pytest
from sqlalchemy import event, text
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.integration.conftest import Caller, Offices
from tests.support.filings import FILM, Cabinet
from tests.support.offices import COUNTY, NEIGHBOUR, OTHER_TOWNSHIP, PREFECTURE, PROVINCE, TOWNSHIP
from tests.support.reports import farm, film, film_statement, new_id

pytestmark = pytest.mark.anyio

FERTILISER = "fertiliser_reduction"
AMOUNTS = """
    INSERT INTO county_figure (county_code, period, indicator, view, series, numerator, denominator, n, formula,
                               coefficients, coefficient_version)
    SELECT code, cast(year AS text), indicator, 'statement', '', 1000 - 10 * (year - 2020) + place,
           NULL, 1, 'x', '[]', 1
    FROM unnest(ARRAY['430623', '430624', '430621']) WITH ORDINALITY AS county (code, place)
    CROSS JOIN generate_series(2020, 2025) AS year
    CROSS JOIN unnest(ARRAY['fertiliser_reduction', 'irrigation_new_area']) AS indicator
"""
OLD_FILING = "UPDATE filing SET moved_at = now() - interval '30 days'"
PHONES = """
    WITH phone AS (
        INSERT INTO device (device_id, account_id, known_at, revoked_at)
        SELECT cast(one.id AS uuid), account.id, now() - interval '90 days', one.revoked
        FROM account CROSS JOIN (VALUES (:spoke, NULL), (:silent, NULL), (:never, NULL), (:revoked, now()))
             AS one (id, revoked)
        WHERE account.username = 'worker' RETURNING device_id, account_id
    )
    INSERT INTO device_sync (county_code, device_id, account, queued, first_seen_at, last_push_at)
    SELECT '430623', device_id, account_id, 2, now() - interval '90 days',
           CASE WHEN device_id = cast(:spoke AS uuid) THEN now() ELSE now() - interval '40 days' END
    FROM phone WHERE device_id <> cast(:never AS uuid)
"""


async def read(caller: Caller, path: str, **params: Any) -> dict[str, Any]:
    response = await caller.get(path, **params)
    assert response.status_code == 200, response.text
    found: dict[str, Any] = response.json()
    return found


def counting(offices: Offices, heard: list[str]) -> Any:
    engine = offices.app.state.service.read_engine.sync_engine

    def hear(_c: Any, _u: Any, statement: str, *_: Any) -> None:
        heard.append(statement)

    event.listen(engine, "before_cursor_execute", hear)
    return lambda: event.remove(engine, "before_cursor_execute", hear)


@pytest.mark.parametrize("indicator", [FILM, FERTILISER, "irrigation_new_area"])
async def test_every_year_of_a_trend_is_that_of_its_summary(
    offices: Offices, county: Caller, owner_engine: AsyncEngine, indicator: str
) -> None:
    async with owner_engine.begin() as connection:
        await connection.execute(text(AMOUNTS))
    await county.apply(film_statement(), film_statement(period="2023", mulch_recovered_gross_t="70"))
    caller = await offices.of("province")
    for region in (PROVINCE, COUNTY):
        trend = await read(caller, f"/v1/summaries/{region}/trend", indicator=indicator, last=2025)
        assert [one["period"] for one in trend["years"]] == ["2021", "2022", "2023", "2024", "2025"]
        for year in trend["years"]:
            summary = await read(caller, f"/v1/summaries/{region}", period=year["period"], by="province")
            figure = summary["total"]["indicators"][indicator]
            said = figure["headline"]
            value = said["numerator"] if indicator == "irrigation_new_area" else said["rate_percent"]
            assert (year["value"], year["state"], year["numerator"]) == (value, said["state"], said["numerator"])
            assert year["distance"] == (figure["distance_points"] or figure["distance_amount"])
            assert (year["of"], year["filing"]) == (summary["total"]["counties"], figure["filing"]["state"])
    assert any(one["value"] is not None for one in trend["years"])


async def test_a_trend_reads_as_many_statements_for_one_year_as_for_all(offices: Offices, county: Caller) -> None:
    path, counts = f"/v1/summaries/{COUNTY}/trend", []
    for first in (2021, 2025, 2021):
        heard: list[str] = []
        stop = counting(offices, heard)
        await read(county, path, indicator=FERTILISER, first=first, last=2025)
        stop()
        counts.append(len(heard))
    assert counts[1] == counts[2]


async def test_the_public_reads_the_trend_of_what_is_published(offices: Offices, county: Caller) -> None:
    await county.apply(film_statement(), film_statement(period="2024"))
    path = f"/v1/summaries/{COUNTY}/trend"
    await Cabinet().file(county)
    for office, action, seen in (
        ("prefecture", "endorse", "filed"), ("province", "accept", "endorsed"), ("ministry", "publish", "accepted"),
    ):  # fmt: skip
        await Cabinet().take(await offices.of(office), action, seen)
    trend = await read(offices.anonymous, path, indicator=FILM, last=2025)
    assert [one["value"] for one in trend["years"]] == [None, None, None, None, "85.50"]
    assert [one["filing"] for one in trend["years"]][-2:] == ["open", "published"]
    refused = await offices.anonymous.get(path, indicator=FILM, view="farm")
    assert (refused.status_code, refused.json()["code"]) == (401, "published_only")
    for private in ("gaps", "townships", "measures"):
        response = await offices.anonymous.get(f"/v1/summaries/{COUNTY}/{private}", indicator=FILM, period="2025")
        assert response.status_code == 401


async def test_a_gap_is_shown_with_what_the_farms_cover(offices: Offices, worker: Caller, county: Caller) -> None:
    homestead, silent = farm(), farm(name="李家湾")
    await worker.apply(homestead, silent, film(homestead["record_id"]))
    await county.apply(film_statement())
    await (await offices.of("neighbour")).apply(film_statement(NEIGHBOUR))
    gaps = await read(await offices.of("prefecture"), f"/v1/summaries/{PREFECTURE}/gaps", indicator=FILM, period="2025")
    rows = {row["region"]["code"]: row for row in gaps["rows"]}
    own = rows[COUNTY]
    assert (own["statement"], own["farm"], own["gap_points"], own["flagged"]) == ("85.50", "72.90", "12.6", True)
    assert own["farms"] == {"reported": 1, "registered": 2}
    assert own["base"] == {"farm": "0.1", "statement": "100", "share_percent": "0.10", "unit": "t"}
    assert (rows[NEIGHBOUR]["gap_points"], rows[NEIGHBOUR]["compared"], rows[NEIGHBOUR]["flagged"]) == (None, 0, False)
    assert (gaps["comparable"], gaps["standing"], gaps["total"]["gap_points"]) == (True, "census", "12.6")
    summary = await read(county, f"/v1/summaries/{COUNTY}", period="2025")
    assert summary["total"]["indicators"][FILM]["gap_points"] == own["gap_points"]


async def test_a_sample_shows_no_gap_and_says_why(county: Caller) -> None:
    asked = {"indicator": "straw_utilisation", "period": "2025"}
    gaps = await read(county, f"/v1/summaries/{COUNTY}/gaps", **asked)
    assert (gaps["comparable"], gaps["total"]["gap_points"], gaps["total"]["estimate"]) == (False, None, None)
    assert "抽样" in gaps["zh"]


async def test_townships_add_up_to_the_field_sum(offices: Offices, worker: Caller, county: Caller) -> None:
    own, none = farm(), farm(name="无")
    there = farm(name="远", township_code=OTHER_TOWNSHIP)
    await worker.apply(own, none, film(own["record_id"]))
    await county.apply(there, film(there["record_id"], township_code=OTHER_TOWNSHIP, mulch_used_kg="300"))
    found = await read(county, f"/v1/summaries/{COUNTY}/townships", period="2025")
    rows = {row["township_code"]: row for row in found["rows"]}
    assert len(rows) > 10, "those without a report too"
    told = await read(county, f"/v1/figures/{COUNTY}/{FILM}/2025/explanation")
    explained = {row["region_code"]: row for row in told["contributions"]["rows"]}
    for code in (TOWNSHIP, OTHER_TOWNSHIP):
        figure = rows[code]["indicators"][FILM]
        assert (figure["numerator"], figure["denominator"], figure["value"]) == (
            explained[code]["numerator"], explained[code]["denominator"], explained[code]["rate_percent"],
        )  # fmt: skip
        assert figure["reports"]["submitted"] == 1
    assert (rows[TOWNSHIP]["farms"], rows[OTHER_TOWNSHIP]["farms"]) == (2, 1)
    straw = rows[TOWNSHIP]["indicators"]["straw_utilisation"]
    assert (straw["value"], straw["numerator"]) == (None, None)
    province = await (await offices.of("province")).get(f"/v1/summaries/{PREFECTURE}/townships", period="2025")
    assert (province.status_code, province.json()["code"]) == (404, "unknown_region")


async def test_completeness_tells_silence_from_nothing_to_report_and_from_what_is_stuck(
    offices: Offices, worker: Caller, county: Caller, owner_engine: AsyncEngine
) -> None:
    homestead, silent = farm(), farm(name="李家湾")
    await worker.apply(homestead, silent, film(homestead["record_id"]))
    await county.apply(film_statement())
    await Cabinet().file(county)
    phones = {name: new_id() for name in ("spoke", "silent", "never", "revoked")}
    async with owner_engine.begin() as connection:
        await connection.execute(text(OLD_FILING))
        await connection.execute(text(PHONES), phones)
    prefecture = await offices.of("prefecture")
    found = await read(prefecture, "/v1/completeness", region=PREFECTURE, period="2025")
    rows = {row["region"]["code"]: row for row in found["rows"]}
    one, total = rows[COUNTY]["indicators"][FILM], found["total"]["indicators"][FILM]
    assert (one["counties"]["filed"], one["stuck"], one["stuck_at"]) == (1, 1, [{"role": "prefecture", "counties": 1}])
    assert (one["reports"], one["unreviewed"], one["silent_counties"], one["late"]) == (1, 1, 0, 0)
    assert (rows[COUNTY]["farms"], rows[COUNTY]["farms_without"]) == (2, 1)
    assert rows[COUNTY]["phones"] == {"known": 3, "silent": 2, "queued": 2}
    assert rows[NEIGHBOUR]["indicators"][FILM]["silent_counties"] == 1
    assert total["counties"]["open"] == found["total"]["counties"] - 1 == total["silent_counties"] == total["late"]
    due = next(row for row in found["indicators"] if row["indicator"] == FILM)
    assert (due["due"], due["days_left"] < 0) == ("2026-01-31", True)
    alone = await read(prefecture, "/v1/completeness", region=COUNTY, period="2025", indicator=FILM)
    assert alone["total"]["indicators"] == alone["rows"][0]["indicators"] == {FILM: one}
    for word in ("worker", *phones.values(), homestead["record_id"]):
        assert word not in (await prefecture.get("/v1/completeness", region=COUNTY, period="2025")).text


async def test_completeness_reads_as_many_statements_for_a_nation_as_for_a_county(offices: Offices) -> None:
    ministry, counts = await offices.of("ministry"), []
    for region in ("100000", COUNTY, "100000"):
        heard: list[str] = []
        stop = counting(offices, heard)
        await read(ministry, "/v1/completeness", region=region, period="2025")
        stop()
        counts.append(len(heard))
    assert counts[1] == counts[2]
