"""The geographic interface: what its protocol asks for where tipg falls short, and whom it shows what."""

from typing import Any

import httpx
import pytest
from openapi_spec_validator import OpenAPIV30SpecValidator
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from backend.ogc.layers import COLLECTIONS
from backend.rollup.plan import load_plan
from backend.service import load_reference_of
from tests.integration.conftest import Caller, Offices
from tests.support.filings import Cabinet, accept_all
from tests.support.offices import COUNTY, NEIGHBOUR
from tests.support.reports import film_statement

pytestmark = pytest.mark.anyio

ITEMS = "/ogc/collections/{}/items"
FIGURES = ITEMS.format("county_figures")
BAD_QUESTIONS = {
    "bbox": tuple({"bbox": box} for box in ("1,2,three,4", "1,2,3", "nan,1,2,3", "0,91,1,92", "9,1,8,2", "0,9,1,8")),
    "limit": ({"limit": "0"}, {"limit": "-1"}, {"limit": "many"}),
    "offset": ({"offset": "-1"},),
    "f": ({"f": "html"},),
    "datetime": ({"datetime": "yesterday"}, {"datetime": "../.."}, {"datetime": "2025-01-01T00:00:00Z/later/never"}),
    "properties": ({"properties": "name,phone"},),
    "filter": (
        {"filter": "name ="},
        {"filter": "no_such_field = 1"},
        {"filter": "rate_percent = 'much'"},
        {"filter": "not " * 50 + "name = 'a'"},
        {"filter": "name = '" + "x" * 3000 + "'"},
        {"filter": "set_config('qingtian.scope', '*', true) = '*'"},
        {"filter": "name = query_to_xml('select * from account', true, true, '')"},
        {"filter": '{"op": "=", "args": [{"op": "pg_sleep", "args": [10]}, 1]}', "filter-lang": "cql2-json"},
    ),
    "nmae": ({"nmae": "华容县"},),
}  # fmt: skip

READ_COLUMNS = """
    SELECT table_name, column_name, data_type FROM information_schema.columns WHERE table_schema = 'gis'
"""
AS_TIPG_SAYS = {
    "character varying": "text",
    "double precision": "float8",
    "timestamp with time zone": "timestamptz",
    "USER-DEFINED": "geometry",
}


async def features(caller: Caller, collection: str, **params: str) -> list[dict[str, Any]]:
    response = await caller.get(ITEMS.format(collection), **{"limit": "10000", "geom-column": "none"} | params)
    assert response.status_code == 200, response.text
    found: list[dict[str, Any]] = response.json()["features"]
    return [one["properties"] for one in found]


async def refusal(response: httpx.Response) -> tuple[int, str, str | None]:
    assert response.headers["content-type"] == "application/problem+json", response.text
    found = response.json()
    assert found["zh"]
    assert found["en"]
    return response.status_code, found["code"], found.get("field")


async def test_the_collections_are_the_views_and_nothing_besides(offices: Offices, owner_engine: AsyncEngine) -> None:
    async with owner_engine.connect() as connection:
        columns: dict[str, dict[str, str]] = {}
        for table, name, kind in await connection.execute(text(READ_COLUMNS)):
            columns.setdefault(table, {})[name] = AS_TIPG_SAYS.get(kind, kind)
    declared = {name: {one.name: one.type for one in layer.properties} for name, layer in COLLECTIONS.items()}
    assert declared == {name: columns[name] for name in declared}
    assert columns.keys() - declared.keys() == {"county_place"}
    listed = (await offices.http.get("/ogc/collections")).json()["collections"]
    assert [one["id"] for one in listed] == list(COLLECTIONS)
    for hidden in ("county_place", "gis.county", "public.account", "account"):
        assert await refusal(await offices.http.get(ITEMS.format(hidden))) == (404, "not_found", None)


async def test_the_documents_hold_what_clients_look_for(offices: Offices) -> None:
    landing = (await offices.http.get("/ogc/")).json()
    links = {link["rel"]: link for link in landing["links"] if "{" not in link["href"]}
    assert {"self", "service-desc", "service-doc", "conformance", "data"} <= links.keys()
    for link in links.values():
        assert link["href"].startswith("http://test/ogc/"), link
        answer = await offices.http.get(link["href"])
        assert answer.status_code == 200, link
        assert answer.headers["content-type"].partition(";")[0] == link["type"].partition(";")[0]
    description = await offices.http.get(links["service-desc"]["href"])
    assert description.headers["content-type"] == "application/vnd.oai.openapi+json;version=3.0"
    OpenAPIV30SpecValidator(description.json()).validate()
    classes = (await offices.http.get("/ogc/conformance")).json()["conformsTo"]
    assert "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core" in classes
    assert not [one for one in classes if one.endswith("/html")]
    page = await offices.http.get("/ogc/api.html")
    assert "://" not in page.text.replace("http://www.w3.org", "")
    assert "unsafe-inline" in page.headers["content-security-policy"]


async def test_pages_follow_one_another_and_count_what_matches(offices: Offices) -> None:
    params = {"province_code": "430000", "limit": "50", "geom-column": "none"}
    page = (await offices.http.get(ITEMS.format("county"), params=params)).json()
    codes = [one["id"] for one in page["features"]]
    while following := [link["href"] for link in page["links"] if link["rel"] == "next"]:
        page = (await offices.http.get(following[0])).json()
        codes += [one["id"] for one in page["features"]]
    assert page["numberMatched"] == len(codes) == len(set(codes)) > 100
    everything = (await offices.http.get(ITEMS.format("county"), params=params | {"limit": "99999999"})).json()
    assert everything["numberReturned"] == page["numberMatched"]


async def test_a_box_and_a_filter_find_what_postgis_finds(offices: Offices, owner_engine: AsyncEngine) -> None:
    box = "112.2,29.2,113.1,29.9"
    inside = f"ST_Intersects(geom, ST_MakeEnvelope({box}, 4490))"
    statement = f"SELECT county_code FROM current_county_geom WHERE {inside} ORDER BY 1"
    async with owner_engine.connect() as connection:
        expected = list(await connection.scalars(text(statement)))
    params = {"limit": "100", "geom-column": "geom", "bbox": box}
    found = await features(offices.anonymous, "county", **params)
    assert [one["county_code"] for one in found] == expected
    assert len(expected) > 5
    shape = "s_intersects(geom, POLYGON((112.2 29.2, 113.1 29.2, 113.1 29.9, 112.2 29.9, 112.2 29.2)))"
    filtered = await features(offices.anonymous, "county", filter=shape + " AND name LIKE '华%'", **params)
    assert [one["name"] for one in filtered] == ["华容县"]


@pytest.mark.parametrize("name", BAD_QUESTIONS)
async def test_a_question_with_a_fault_is_answered_400_and_names_it(offices: Offices, name: str) -> None:
    ministry = await offices.of("ministry")
    for params in BAD_QUESTIONS[name]:
        response = await ministry.get(FIGURES, **params)
        code = "unknown_query" if name == "nmae" else "invalid_query"
        assert await refusal(response) == (400, code, name), params
        assert "account" not in response.json()["en"]


async def test_what_is_not_there_is_not_found(offices: Offices) -> None:
    tiles = "/ogc/collections/county/tiles/WebMercatorQuad"
    for path in ("/ogc/nothing", ITEMS.format("county") + "/000000", f"{tiles}/3/8/0", f"{tiles}/30/0/0"):
        assert await refusal(await offices.http.get(path)) == (404, "not_found", None), path
    assert await refusal(await offices.http.post("/ogc/collections")) == (405, "method_not_allowed", None)


async def test_a_tile_holds_the_counties_below_it(offices: Offices) -> None:
    tiles = "/ogc/collections/county/tiles/WebMercatorQuad"
    tile = await offices.http.get(f"{tiles}/7/104/53")
    assert tile.headers["content-type"] == "application/vnd.mapbox-vector-tile"
    assert COUNTY.encode() in tile.content
    assert "华容县".encode() in tile.content
    told = (await offices.http.get(f"{tiles}/tilejson.json")).json()
    assert told["tiles"] == [f"http://test{tiles}/{{z}}/{{x}}/{{y}}"]


async def test_the_members_of_a_basin_are_the_plans(offices: Offices, owner_engine: AsyncEngine) -> None:
    async with owner_engine.connect() as connection:
        reference = await load_reference_of(connection)
        plan = await load_plan(connection, reference.history)
    expected = {
        (basin.code, code, tier.value)
        for basin in plan.basins.values()
        for code, tier in plan.members(basin, reference.tree).items()
    }
    found = await features(offices.anonymous, "basin_counties")
    assert {(one["basin_code"], one["county_code"], one["tier"]) for one in found} == expected
    waters = (await offices.http.get(ITEMS.format("basins"))).json()["features"]
    assert {one["properties"]["basin_code"] for one in waters} == {code for code, _, _ in expected}
    assert all(one["geometry"]["type"] == "MultiPolygon" for one in waters)


async def publish_one_county(offices: Offices, engine: AsyncEngine) -> None:
    """State figures of two counties, and have the figure of one published."""
    county, neighbour = await offices.of("county"), await offices.of("neighbour")
    await neighbour.apply(film_statement(NEIGHBOUR))
    await county.apply(film_statement())
    await accept_all(engine)
    cabinet = Cabinet()
    await cabinet.file(county)
    await cabinet.take(await offices.of("prefecture"), "endorse", "filed")
    await cabinet.take(await offices.of("province"), "accept", "endorsed")
    await cabinet.take(await offices.of("ministry"), "publish", "accepted")


async def test_whoever_asks_sees_the_figures_of_the_scope_and_what_is_published(
    offices: Offices, owner_engine: AsyncEngine
) -> None:
    await publish_one_county(offices, owner_engine)
    published = {(COUNTY, "published")}
    own, beside = ({(code, "statement"), (code, "headline")} for code in (COUNTY, NEIGHBOUR))
    expected = {
        None: published,
        "worker": published,
        "township": published,
        "county": published | own,
        "neighbour": published | beside,
        "prefecture": published | own | beside,
        "ministry": published | own | beside,
    }
    for office, seen in expected.items():
        caller = offices.anonymous if office is None else await offices.of(office)
        rows = await features(caller, "county_figures", indicator="film_recovery", period="2025")
        assert {(one["county_code"], one["view"]) for one in rows} == seen, office
        # The count of a page and the pages of another format tell no more than the page does.
        lines = await caller.get(FIGURES, f="csv", limit="100", **{"geom-column": "none"})
        assert len(lines.text.splitlines()) == len(await features(caller, "county_figures")) + 1
    (statement,) = await features(offices.anonymous, "published_statements")
    (figure,) = await features(offices.anonymous, "county_figures")
    assert statement["rate_percent"] == figure["rate_percent"] is not None
    assert statement["county_code"] == COUNTY


async def test_a_false_sign_in_is_refused_and_a_true_one_not_cached(offices: Offices) -> None:
    for value in ("Bearer nothing", "Basic YTpi"):
        response = await offices.http.get(FIGURES, headers={"Authorization": value})
        assert await refusal(response) == (401, "unauthenticated", None)
    signed_in = await (await offices.of("county")).get(FIGURES)
    assert signed_in.headers["cache-control"] == "private, no-store"
    assert "authorization" in signed_in.headers["vary"].lower()
    assert (await offices.http.get(FIGURES)).headers["cache-control"] == "public, max-age=60"
    assert "access-control-allow-origin" not in signed_in.headers


async def test_the_service_may_write_nothing_through_the_views(owner_engine: AsyncEngine) -> None:
    statement = """
        SELECT count(*) FROM information_schema.role_table_grants
        WHERE table_schema = 'gis' AND grantee = 'qingtian_service' AND privilege_type <> 'SELECT'
    """
    async with owner_engine.connect() as connection:
        assert await connection.scalar(text(statement)) == 0
