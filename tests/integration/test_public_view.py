"""Without a sign-in nothing is told but what was published: not by any route, view, moment or word of an answer."""

from pathlib import Path
from typing import Any

import httpx
import pytest

from backend.app import create_app
from backend.settings import Settings
from tests.conftest import Database
from tests.integration.conftest import Caller, Offices
from tests.support.filings import FILM, Cabinet
from tests.support.offices import COUNTY, NEIGHBOUR, PREFECTURE, PROVINCE
from tests.support.reports import amend, farm, film, film_statement

pytestmark = pytest.mark.anyio

STEPS = (("prefecture", "endorse", "filed"), ("province", "accept", "endorsed"), ("ministry", "publish", "accepted"))
FIGURE = f"/v1/figures/{COUNTY}/{FILM}/2025"


async def move(offices: Offices, steps: int, cabinet: Cabinet | None = None, office: str = "county") -> None:
    """File and take so many of the steps up to publication."""
    cabinet = cabinet or Cabinet()
    await cabinet.file(await offices.of(office))
    for office_above, action, seen in STEPS[:steps]:
        await cabinet.take(await offices.of(office_above), action, seen)


async def film_of(caller: Caller, region: str, **params: Any) -> dict[str, Any]:
    response = await caller.get(f"/v1/summaries/{region}", **({"period": "2025"} | params))
    assert response.status_code == 200, response.text
    found: dict[str, Any] = response.json()["total"]["indicators"][FILM]
    return found


@pytest.mark.parametrize("steps", [None, 0, 1, 2])
async def test_nothing_is_told_of_what_is_not_published(
    offices: Offices, worker: Caller, county: Caller, steps: int | None
) -> None:
    homestead = farm()
    await worker.apply(homestead, film(homestead["record_id"]))
    await county.apply(film_statement())
    if steps is not None:
        await move(offices, steps)
    public = offices.anonymous
    untouched = await film_of(public, NEIGHBOUR)
    for region in (COUNTY, PREFECTURE, PROVINCE, "100000"):
        found = await film_of(public, region)
        assert found["headline"]["state"] == "no_data"
        assert {state: n for state, n in found["filing"]["counties"].items() if n}.keys() == {"open"}
    assert await film_of(public, COUNTY) == untouched, "a county that works looks like one that does nothing"
    summary = (await public.get(f"/v1/summaries/{COUNTY}", period="2025")).json()
    assert (summary["ledger"]["entries"], summary["ledger"]["counties"]) == (0, 0)
    refused = await public.get(f"{FIGURE}/explanation")
    assert (refused.status_code, refused.json()["code"]) == (404, "figure_not_published")
    values = (await public.get("/v1/map/values", indicator=FILM, period="2025")).json()
    assert (set(values["values"]), set(values["filings"]), set(values["silent"])) == ({None}, {"open"}, {1})
    assert (values["view"], values["findings"]) == ("published", None)


async def test_the_published_figure_is_told_as_it_was_frozen(offices: Offices, worker: Caller, county: Caller) -> None:
    homestead = farm(name="张三丰")
    await worker.apply(homestead, film(homestead["record_id"]))
    await county.apply(film_statement())
    neighbour = await offices.of("neighbour")
    await neighbour.apply(film_statement(NEIGHBOUR, mulch_used_t="900"))
    await move(offices, 3)
    public = offices.anonymous
    found = await film_of(public, COUNTY)
    assert (found["headline"]["rate_percent"], found["headline"]["state"]) == ("85.50", "met")
    assert found["views"]["farm"]["numerator"] is None
    assert (found["gap_points"], found["filing"]["pending"], found["warnings"]) == (None, None, [])
    assert set(found["reports"].values()) == {0}
    assert found["filing"]["official"]["rate_percent"] == "85.5"
    assert found["filing"]["counties"]["published"] == 1
    nation = await film_of(public, "100000")
    assert (nation["headline"]["numerator"], nation["headline"]["counties"]) == ("85.5", 1), "none but the published"
    values = (await public.get("/v1/map/values", indicator=FILM, period="2025", region=PREFECTURE)).json()
    shown = dict(zip(values["codes"], values["values"], strict=True))
    assert (shown[COUNTY], shown[NEIGHBOUR], values["total"]["value"]) == ("85.50", None, "85.50")
    basin = (await public.get("/v1/basins/dongting/summary", period="2025")).json()
    assert basin["complete"] is True
    assert basin["core"]["indicators"][FILM]["headline"]["rate_percent"] == "85.50"
    assert basin["core"]["indicators"][FILM]["headline"]["counties"] == 1


async def test_the_explanation_of_a_published_figure_says_nothing_else(
    offices: Offices, worker: Caller, county: Caller
) -> None:
    homestead = farm(name="张三丰")
    report = film(homestead["record_id"])
    await worker.apply(homestead, report)
    await county.apply(film_statement())
    await move(offices, 3)
    told = await offices.anonymous.get(f"{FIGURE}/explanation")
    assert told.status_code == 200, told.text
    found = told.json()
    assert found["value"]["headline"]["rate_percent"] == "85.50"
    assert (found["basis"]["kind"], found["formula"]["version"], found["pending"]) == ("published", "film-1", None)
    assert (found["sums"], found["measures"], found["revisions"]["rows"]) == ([], [], [])
    assert (found["contributions"]["rows"], found["statement"]) == ([], None)
    assert found["ledgers"][0]["position"] == 3
    for word in ("张三丰", report["record_id"], homestead["record_id"], "430623101", "worker", "72.90", "0.0729"):
        assert word not in told.text, word
    above = (await offices.anonymous.get(f"/v1/figures/{PROVINCE}/{FILM}/2025/explanation")).json()
    assert [row["region_code"] for row in above["contributions"]["rows"]] == [PREFECTURE]
    for moment in ("filed", "2026-01-01T00:00:00+08:00", "filing:0190", "accepted"):
        refused = await offices.anonymous.get(f"{FIGURE}/explanation", as_of=moment)
        assert (refused.status_code, refused.json()["code"]) == (401, "published_only"), moment
    assert (await offices.anonymous.get(f"{FIGURE}/explanation", as_of="published")).status_code == 200


async def test_work_in_the_county_shows_in_no_answer_and_no_mark(
    offices: Offices, worker: Caller, county: Caller
) -> None:
    """What goes on after publication changes neither a word nor a tag of what the public reads."""
    statement = film_statement()
    await county.apply(statement)
    await move(offices, 3)

    async def seen() -> list[tuple[str, str | None]]:
        asked = {
            f"/v1/summaries/{COUNTY}": {"period": "2025"},
            "/v1/map/values": {"period": "2025", "indicator": FILM},
            "/v1/map/values?by": {"period": "2025", "indicator": FILM, "level": "province"},
            f"{FIGURE}/explanation": {},
            "/v1/basins/dongting/summary": {"period": "2025"},
        }
        found = [await offices.anonymous.get(path, **params) for path, params in asked.items()]
        assert {one.status_code for one in found} == {200}
        return [(one.text.partition('"moment"')[0], one.headers.get("etag")) for one in found]

    before = await seen()
    homestead = farm()
    await worker.apply(homestead, film(homestead["record_id"], period="2026"))
    neighbour = await offices.of("neighbour")
    await neighbour.apply(film_statement(NEIGHBOUR))
    await move(offices, 2, Cabinet(region=NEIGHBOUR), "neighbour")
    assert await seen() == before
    late = await county.outcomes(amend(statement, {"/mulch_recovered_gross_t": "99"}))
    assert late[0]["outcome"] == "held"
    assert await seen() == before


@pytest.mark.parametrize("view", ["farm", "pending"])
async def test_views_of_offices_need_a_sign_in(offices: Offices, view: str) -> None:
    response = await offices.anonymous.get("/v1/map/values", indicator=FILM, period="2025", view=view)
    assert (response.status_code, response.json()["code"]) == (401, "published_only")
    assert response.json()["zh"].startswith("未登录")


async def test_a_sign_in_that_is_none_is_refused_rather_than_taken_for_the_public(offices: Offices) -> None:
    for header in ("Bearer x", "Bearer ", "bearer e30.e30.e30"):
        response = await offices.http.get(
            f"/v1/summaries/{COUNTY}", params={"period": "2025"}, headers={"Authorization": header}
        )
        assert response.status_code in (200, 401)
        if header != "Bearer ":
            assert response.status_code == 401


async def test_a_deployment_may_have_no_public_view(offices: Offices, database: Database, tmp_path: Path) -> None:
    assert (await offices.anonymous.get("/v1/deployment")).json()["public_view"] is True
    settings = Settings(
        home=tmp_path, database_url=database.service_url, secret="s" * 40, jobs=False, public_view=False
    )
    app = create_app(settings)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as http,
    ):
        closed = Caller(http)
        assert (await closed.get("/v1/deployment")).json()["public_view"] is False
        for path in (
            f"/v1/summaries/{COUNTY}",
            "/v1/basins",
            "/v1/published",
            f"{FIGURE}/explanation",
            "/ogc/collections",
        ):
            response = await closed.get(path, period="2025")
            assert (response.status_code, response.json()["code"]) == (401, "unauthenticated")
