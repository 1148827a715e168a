"""The reference data as loaded into a real PostGIS: complete, located right, drawn whole, loaded once."""

import asyncio
import gzip
import hashlib
import json

import numpy as np
import pytest
import shapely
from sqlalchemy import text

from backend.reference.load import load_reference
from backend.reference.tree import load_county_index, load_tree
from geo.coverage import unshared_edges
from geo.datum import shape_from_cgcs2000
from geo.shapes import as_geojson, read_plot
from schemas.regions import BINGTUAN, NATION
from schemas.vocabulary import Datum, RegionLevel

pytestmark = pytest.mark.anyio

PLACES = {
    "陶岔": ((111.7107, 32.6740), "411326"),
    "丹江口大坝": ((111.4870, 32.5580), "420381"),
    "西山": ((120.2800, 31.1300), "320506"),
    "乌梁素海": ((108.8500, 40.9300), "150823"),
}
WITHOUT_OUTLINE = {"653228", "653229", "653132", "659013"}
SHARED_BY_TWO = {"320703", "371103"}
"""The source gives two islets off 岚山 to both 连云区 and 岚山区; they are the only overlap of the layer."""


async def rows_of(engine, statement):
    async with engine.connect() as connection:
        return (await connection.execute(text(statement))).all()


async def tree_of(engine, year):
    async with engine.connect() as connection:
        return await load_tree(connection, year)


async def layer_of(engine, name):
    ((body,),) = await rows_of(engine, f"SELECT body FROM map_layer WHERE name = '{name}'")
    features = json.loads(gzip.decompress(body))["features"]
    shapes = shapely.from_geojson([json.dumps(feature["geometry"]) for feature in features])
    return {feature["properties"]["code"]: shape for feature, shape in zip(features, shapes, strict=True)}


async def test_all_counties_are_loaded_and_four_have_no_outline(reference_engine):
    tree = await tree_of(reference_engine, 2025)
    counties = {county.code for county in tree.descendants(NATION, RegionLevel.COUNTY)}
    assert len(counties) == 2851
    drawn = {code for (code,) in await rows_of(reference_engine, "SELECT county_code FROM county_geom WHERE in_scope")}
    assert len(drawn) == 2847
    assert counties - drawn == WITHOUT_OUTLINE
    assert drawn <= counties


@pytest.mark.parametrize(("year", "counties"), [(2015, 2852), (2024, 2852), (2025, 2851), (2026, 2851)])
async def test_every_year_has_a_complete_tree(reference_engine, year, counties):
    tree = await tree_of(reference_engine, year)
    assert len(tree.descendants(NATION, RegionLevel.COUNTY)) == counties
    assert all([*tree.chain(region.code)][-1].code == NATION for region in tree)


async def test_provinces_are_35_with_bingtuan_and_three_are_out_of_scope(reference_engine):
    provinces = (await tree_of(reference_engine, 2025)).children(NATION)
    assert len(provinces) == 35
    assert {one.level for one in provinces} == {RegionLevel.PROVINCE}
    assert {one.code for one in provinces if not one.in_scope} == {"710000", "810000", "820000"}


async def test_bingtuan_has_its_thirteen_cities(reference_engine):
    tree = await tree_of(reference_engine, 2025)
    assert [one.code for one in tree.children(BINGTUAN)] == [f"6590{number:02}" for number in range(1, 14)]
    assert not any(one.code.startswith("659") for one in tree.descendants("650000", RegionLevel.COUNTY))


async def test_counties_of_every_kind_find_their_parent(reference_engine):
    tree = await tree_of(reference_engine, 2025)
    parents = {"430623": "430600", "110101": "110000", "429004": "420000", "419001": "410000", "469027": "460000"}
    parents |= {"441900": "440000", "442000": "440000", "460400": "460000", "620200": "620000", "500157": "500000"}
    assert {code: tree[code].parent_code for code in parents} == parents


async def test_townships_are_loaded_below_their_counties(reference_engine):
    tree = await tree_of(reference_engine, 2025)
    townships = tree.descendants(NATION, RegionLevel.TOWNSHIP)
    assert len(townships) == 38749
    assert all(one.code[:6] == one.parent_code for one in townships)


async def test_every_ledger_is_open_also_those_of_retired_codes(reference_engine):
    heads = await rows_of(reference_engine, "SELECT county_code, position, entry_hash FROM ledger_head")
    assert len(heads) == 2857
    assert {(position, bytes(digest)) for _, position, digest in heads} == {(0, bytes(32))}
    tree = await tree_of(reference_engine, 2025)
    summed = [ledger for county in tree.descendants(NATION, RegionLevel.COUNTY) for ledger in county.ledger_codes]
    assert sorted(summed) == sorted(code for code, _, _ in heads)


async def test_the_code_history_is_loaded(reference_engine):
    ((count,),) = await rows_of(reference_engine, "SELECT count(*) FROM region_change")
    assert count == 5214
    merged = (
        "SELECT old_code, old_name, year FROM region_change WHERE new_code = '500157' AND old_code <> '' ORDER BY 1"
    )
    assert await rows_of(reference_engine, merged) == [("500105", "江北区", 2025), ("500112", "渝北区", 2025)]


async def test_every_basin_county_is_a_county_and_the_tiers_are_those_of_the_list(reference_engine):
    tiers = await rows_of(
        reference_engine, "SELECT basin_code, tier, count(*) FROM basin_county GROUP BY 1, 2 ORDER BY 1, 2"
    )
    assert [tuple(row) for row in tiers] == [
        ("danjiangkou", "core", 9),
        ("danjiangkou", "extended", 34),
        ("danjiangkou", "peripheral", 6),
        ("dongting", "core", 19),
        ("dongting", "extended", 14),
        ("taihu", "core", 10),
        ("taihu", "extended", 36),
        ("taihu", "peripheral", 15),
        ("ulansuhai", "core", 5),
        ("ulansuhai", "extended", 2),
    ]
    tree = await tree_of(reference_engine, 2025)
    members = {code for (code,) in await rows_of(reference_engine, "SELECT county_code FROM basin_county")}
    assert {tree[code].level for code in members} == {RegionLevel.COUNTY}


async def test_the_water_of_each_basin_lies_in_its_core_counties(reference_engine):
    shares = await rows_of(
        reference_engine,
        """
        SELECT basin.code, sum(ST_Area(ST_Intersection(basin.geom, county_geom.geom))) / min(ST_Area(basin.geom))
        FROM basin JOIN basin_county ON basin_county.basin_code = basin.code AND tier = 'core'
        JOIN county_geom USING (county_code) GROUP BY 1
        """,
    )
    assert len(shares) == 4
    assert all(share > 0.7 for _, share in shares), shares


async def test_goals_are_loaded_with_source_and_status(reference_engine):
    goals = await rows_of(
        reference_engine,
        "SELECT region_code, indicator, value, status FROM current_goal WHERE type = 'floor' ORDER BY 1, 2",
    )
    assert [(region, indicator, str(value), status) for region, indicator, value, status in goals] == [
        ("100000", "film_recovery", "0.85", "official"),
        ("100000", "manure_utilisation", "0.80", "official"),
        ("100000", "straw_utilisation", "0.86", "official"),
        ("120000", "film_recovery", "0.85", "unverified"),
        ("120000", "manure_utilisation", "0.90", "unverified"),
        ("120000", "straw_utilisation", "0.98", "unverified"),
    ]


@pytest.mark.parametrize("datum", Datum)
async def test_known_places_are_located_whatever_datum_the_phone_uses(reference_engine, datum):
    async with reference_engine.connect() as connection:
        index = await load_county_index(connection)
    for position, county_code in PLACES.values():
        plot = read_plot(as_geojson(shape_from_cgcs2000(shapely.Point(position), datum)), datum)
        assert index.locate(plot.geom.x, plot.geom.y) == county_code
        assert index.distance_m(county_code, plot.geom) == 0


async def test_a_plot_in_another_county_is_flagged_with_its_distance(reference_engine):
    async with reference_engine.connect() as connection:
        index = await load_county_index(connection)
    plot = read_plot({"type": "Point", "coordinates": PLACES["陶岔"][0]}, Datum.CGCS2000)
    (warning,) = index.plot_warnings("430623", plot)
    assert 300 < float(warning.params["distance_km"]) < 400
    assert index.plot_warnings("653228", plot) == []


async def test_distances_agree_with_postgis(reference_engine):
    async with reference_engine.connect() as connection:
        index = await load_county_index(connection)
    expected = await rows_of(
        reference_engine,
        """
        SELECT county_code, ST_X(p), ST_Y(p), ST_Distance(geom::geography, p::geography)
        FROM county_geom, LATERAL ST_SetSRID(ST_Point(ST_XMax(geom) + 0.01, ST_YMax(geom) + 0.005), 4490) AS p
        WHERE in_scope AND county_code IN ('430623', '320506', '150823', '230723', '469027')
        """,
    )
    assert len(expected) == 5
    for county_code, lon, lat, distance_m in expected:
        assert index.distance_m(county_code, shapely.Point(lon, lat)) == pytest.approx(distance_m, rel=0.003)


async def test_the_dashed_line_of_the_south_china_sea_is_among_the_boundary_lines(reference_engine):
    lines = await rows_of(
        reference_engine, "SELECT ST_XMin(geom), ST_YMin(geom), ST_XMax(geom), ST_YMax(geom) FROM boundary_line"
    )
    assert len(lines) == 8
    dashed = min(lines, key=lambda line: line[1])
    assert tuple(dashed) == pytest.approx((108.2027, 3.4085, 122.8166, 24.6582), abs=1e-3)


async def test_the_drawn_provinces_are_all_34_and_share_their_edges(reference_engine):
    provinces = await layer_of(reference_engine, "provinces")
    assert len(provinces) == 34
    assert {"710000", "810000", "820000"} <= set(provinces)
    assert BINGTUAN not in provinces
    shapes = np.array(list(provinces.values()), dtype=object)
    assert shapely.is_valid(shapes).all()
    loose = {code for code, edge in zip(provinces, unshared_edges(shapes), strict=True) if not edge.is_empty}
    assert loose == {"320000", "370000"}  # the two islets again


async def test_the_drawn_counties_share_their_edges_across_provinces(reference_engine):
    names = [
        name for (name,) in await rows_of(reference_engine, "SELECT name FROM map_layer WHERE name ~ '^counties-'")
    ]
    assert len(names) == 34
    counties = {}
    for name in names:
        counties |= await layer_of(reference_engine, name)
    assert len(counties) == 2890
    shapes = np.array(list(counties.values()), dtype=object)
    loose = {code for code, edge in zip(counties, unshared_edges(shapes), strict=True) if not edge.is_empty}
    assert loose == SHARED_BY_TWO


async def test_bingtuan_cities_are_drawn_with_xinjiang(reference_engine):
    drawn = await layer_of(reference_engine, "counties-650000")
    assert {code for code in drawn if code.startswith("659")} == {f"6590{number:02}" for number in range(1, 13)}


async def test_no_island_of_the_south_china_sea_is_lost_in_drawing(reference_engine):
    ((islands,),) = await rows_of(
        reference_engine,
        "SELECT sum(ST_NumGeometries(geom)) FROM county_geom WHERE county_code IN ('460302', '460303')",
    )
    assert islands == 324
    counties = await layer_of(reference_engine, "counties-460000")
    assert sum(shapely.get_num_geometries([counties["460302"], counties["460303"]])) == islands
    hainan = shapely.get_parts((await layer_of(reference_engine, "provinces"))["460000"])
    assert (shapely.bounds(hainan)[:, 3] < 18).sum() >= 300
    assert (shapely.area(hainan) > 0).all()


async def test_layers_are_small_and_named_by_what_they_hold(reference_engine):
    layers = await rows_of(reference_engine, "SELECT name, sha256, body FROM map_layer")
    assert len(layers) == 37
    for name, sha256, body in layers:
        assert hashlib.sha256(body).digest() == bytes(sha256)
        document = gzip.decompress(body)
        assert len(document) < (400_000 if name == "provinces" else 300_000), name
        source = "Natural Earth" if name == "basin-waters" else "GS(2024)0650号"
        assert source in json.loads(document)["attribution"]


async def test_outlines_are_valid_in_postgis(reference_engine):
    assert await rows_of(reference_engine, "SELECT county_code FROM county_geom WHERE NOT ST_IsValid(geom)") == []


async def test_a_second_load_loads_nothing_and_needs_no_package(reference_engine, tmp_path):
    before = await rows_of(reference_engine, "SELECT * FROM reference_version ORDER BY kind")
    said = []
    await load_reference(reference_engine, tmp_path, said.append)
    assert len(said) == 1
    assert list(tmp_path.iterdir()) == []
    assert await rows_of(reference_engine, "SELECT * FROM reference_version ORDER BY kind") == before


FILM_GOALS = "SELECT region_code, value::text, version FROM current_goal WHERE indicator = 'film_recovery' ORDER BY 1"
OWN_GOALS = """
    INSERT INTO reference_version VALUES ('goals', 2, 'loaded', 'own.csv', sha256('own'), 2, now(), 'someone', '')
"""
OWN_ROW = """
    INSERT INTO goal SELECT :region, indicator, scope, valid_from, due_year, type, :value, unit, 'own', status,
    department, 2, :withdrawn FROM goal WHERE region_code = '120000' AND indicator = 'film_recovery'
"""
SHIPPED_BEFORE = """
    INSERT INTO goal SELECT '130000', indicator, scope, valid_from, due_year, type, value, unit, source, status,
    department, 1, false FROM goal WHERE region_code = '100000' AND indicator = 'film_recovery' AND version = 1
"""


async def test_shipped_changes_add_a_version_and_go_round_what_the_deployment_loaded(reference_engine, tmp_path):
    async with reference_engine.begin() as connection:
        await connection.execute(text("UPDATE reference_version SET sha256 = '' WHERE kind = 'goals'"))
        await connection.execute(
            text("UPDATE goal SET value = 0.1 WHERE region_code = '100000' AND indicator = 'film_recovery'")
        )
        await connection.execute(text(SHIPPED_BEFORE))
        await connection.execute(text(OWN_GOALS))
        await connection.execute(text(OWN_ROW), {"region": "430000", "value": "0.9", "withdrawn": False})
        await connection.execute(text(OWN_ROW), {"region": "120000", "value": "0.85", "withdrawn": True})
    await load_reference(reference_engine, tmp_path, lambda _: None)
    assert list(tmp_path.iterdir()) == []
    # The nation's is put right, 天津's stays retired, 湖南's own stays, and what is shipped no more is retired.
    assert [tuple(row) for row in await rows_of(reference_engine, FILM_GOALS)] == [
        ("100000", "0.85", 3),
        ("430000", "0.9", 2),
    ]
    history = (
        "SELECT version, value::text FROM goal WHERE region_code = '100000' AND indicator = 'film_recovery' ORDER BY 1"
    )
    assert [tuple(row) for row in await rows_of(reference_engine, history)] == [(1, "0.1"), (3, "0.85")]


async def test_two_starts_at_once_load_once(reference_engine, tmp_path):
    async with reference_engine.begin() as connection:
        await connection.execute(
            text("UPDATE reference_version SET sha256 = '' WHERE kind IN ('goals', 'coefficients', 'basins')")
        )
    said = []
    await asyncio.gather(*(load_reference(reference_engine, tmp_path, said.append) for _ in range(2)))
    assert sum("Wrote" in line for line in said) == 3
    counts = await rows_of(
        reference_engine,
        "SELECT kind, max(version) FROM reference_version GROUP BY 1 HAVING max(version) > 1 ORDER BY 1",
    )
    assert [tuple(row) for row in counts] == [("basins", 2), ("coefficients", 2), ("goals", 2)]
