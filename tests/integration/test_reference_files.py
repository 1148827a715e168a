"""A deployment's own files: read whole, compared, written as versions, taken in by a process that serves."""

import asyncio
import warnings
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import pytest
import shapely
from openpyxl import Workbook
from pyproj import Transformer
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from backend.db import make_engine
from backend.jobs.recompute import recompute_figures
from backend.jobs.schedule import follow_reference, scheduled
from backend.reference.command import load_file
from backend.reference.files import LayerSource, Preview, preview_file, write_file
from backend.reference.layer_files import LayerOptions
from backend.reference.tree import load_tree
from backend.service import Service, read_reference
from backend.settings import Settings
from geo.datum import shape_from_cgcs2000
from schemas.identifiers import statement_id
from schemas.reference.kinds import ReferenceKind
from schemas.vocabulary import Datum
from tests.conftest import TEST_HOME, Database
from tests.integration.conftest import Offices
from tests.support.offices import COUNTY, NEIGHBOUR
from tests.support.reports import create, film_statement

pytestmark = pytest.mark.anyio

GOAL_HEAD = "region_code,indicator,scope,valid_from,due_year,type,value,unit,source,status,department,withdrawn"
HUNAN = "430000,film_recovery,national_plan_2025,2023,2025,floor,0.88,1,省文件,official,省农业农村厅,"
NATION = "100000,film_recovery,national_plan_2025,2021,2025,floor,0.90,1,新文件,official,农业农村部,"
TIANJIN_GONE = "120000,film_recovery,national_plan_2025,2023,2025,,,,,,,是"
COEFFICIENT_HEAD = "year,region_code,name,subject,value,unit,source,status"
RECODE_HEAD = "old_code,old_name,new_code,new_name,year,kind,source"
SOURCE = "某省测绘院 湘S(2025)001号"


async def rows(engine: AsyncEngine, statement: str, **values: Any) -> list[tuple[Any, ...]]:
    async with engine.connect() as connection:
        return [tuple(row) for row in await connection.execute(text(statement), values)]


def table_file(folder: Path, *lines: str, encoding: str = "utf-8") -> Path:
    path = folder / "given.csv"
    path.write_text("\n".join(lines) + "\n", encoding=encoding)
    return path


async def previewed(engine: AsyncEngine, kind: ReferenceKind, path: Path, layer: LayerSource | None = None) -> Preview:
    return await preview_file(engine, kind, path, TEST_HOME, layer or LayerSource())


async def loaded(engine: AsyncEngine, kind: ReferenceKind, path: Path, layer: LayerSource | None = None) -> int:
    preview = await previewed(engine, kind, path, layer)
    assert preview.faults == []
    return await write_file(engine, TEST_HOME, preview, "tester", "note", lambda _: None)


def workbook(folder: Path, lines: list[list[Any]]) -> Path:
    book = Workbook()
    for line in lines:
        book.active.append(line)
    book.save(folder / "given.xlsx")
    return folder / "given.xlsx"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
async def test_a_csv_of_any_hand_is_previewed_and_written_as_one_version(
    owner_engine: AsyncEngine, tmp_path: Path, encoding: str
) -> None:
    path = table_file(tmp_path, GOAL_HEAD, HUNAN, NATION, TIANJIN_GONE, encoding=encoding)
    preview = await previewed(owner_engine, ReferenceKind.GOALS, path)
    found = preview.comparison
    assert [one["region_code"] for one in found.new] == ["430000"]
    assert [(one.key[0], sorted(one.differences)) for one in found.changed] == [("100000", ["source", "value"])]
    assert [one["region_code"] for one in found.withdrawn] == ["120000"]
    assert await write_file(owner_engine, TEST_HOME, preview, "tester", "note", lambda _: None) == 2
    goals = "SELECT region_code, value::text FROM current_goal WHERE indicator = 'film_recovery' ORDER BY 1"
    assert await rows(owner_engine, goals) == [("100000", "0.90"), ("430000", "0.88")]
    version = (
        "SELECT origin, source_name, rows, loaded_by, note FROM reference_version WHERE kind = 'goals' AND version = 2"
    )
    assert await rows(owner_engine, version) == [("loaded", "given.csv", 3, "tester", "note")]


async def test_the_same_file_again_changes_nothing(owner_engine: AsyncEngine, tmp_path: Path) -> None:
    path = table_file(tmp_path, GOAL_HEAD, HUNAN, NATION, TIANJIN_GONE)
    await loaded(owner_engine, ReferenceKind.GOALS, path)
    again = await previewed(owner_engine, ReferenceKind.GOALS, path)
    assert (again.faults, again.comparison.size, again.comparison.unchanged) == ([], 0, 3)


async def test_a_workbook_is_read_like_a_csv(owner_engine: AsyncEngine, tmp_path: Path) -> None:
    lines: list[list[Any]] = [one.split(",") for one in (COEFFICIENT_HEAD,)]
    lines.append([2025, 430000, "straw_grain_ratio", "rapeseed", 2.1, 1, "省里测定", "official"])
    path = workbook(tmp_path, lines)
    assert await loaded(owner_engine, ReferenceKind.COEFFICIENTS, path) == 2
    found = "SELECT region_code, value::text, unit FROM current_coefficient WHERE subject = 'rapeseed'"
    assert await rows(owner_engine, found) == [("430000", "2.1", "1")]


@pytest.mark.parametrize(
    ("kind", "lines", "fault"),
    [
        (ReferenceKind.GOALS, (GOAL_HEAD, HUNAN.replace("430000", "999999")), (2, "region_code", "没有区划 999999")),
        (ReferenceKind.GOALS, (GOAL_HEAD, HUNAN.replace("floor", "no_increase")), (2, "type", "目标类型是 floor")),
        (ReferenceKind.GOALS, (GOAL_HEAD, TIANJIN_GONE.replace("2023", "2022")), (2, None, "没有这一条")),
        (
            ReferenceKind.COEFFICIENTS,
            (COEFFICIENT_HEAD, "2025,430000,straw_grain,wheat,1,1,x,official"),
            (2, "name", "没有公式用到系数 straw_grain"),
        ),
        (
            ReferenceKind.COEFFICIENTS,
            (COEFFICIENT_HEAD, "2025,430000,dung_kg_per_day,dairy,0.02,t,x,official"),
            (2, "unit", "单位应为 kg/d"),
        ),
        (
            ReferenceKind.BASELINES,
            (
                "region_code,indicator,series,year,value,unit,source,status",
                "430623,pesticide_reduction,,2020,1,t,x,official",
            ),
            (2, "series", "product、active"),
        ),
        (
            ReferenceKind.DESIGNATIONS,
            ("county_code,kind,year,source,status", "430600,用膜大县,2023,x,official"),
            (2, "county_code", "不是县级区划"),
        ),
        (
            ReferenceKind.BASIN_COUNTIES,
            ("basin_code,county_code,tier,source,confidence", "baiyangdian,130632,core,x,high"),
            (2, "basin_code", "没有流域 baiyangdian"),
        ),
        (
            ReferenceKind.REGION_RECODES,
            (RECODE_HEAD, "430699,甲,430698,乙,2026,更码,x"),
            (2, None, "区划表里既没有原代码 430699"),
        ),
    ],
)
async def test_what_does_not_fit_is_named_and_nothing_is_written(
    owner_engine: AsyncEngine, tmp_path: Path, kind: ReferenceKind, lines: tuple[str, ...], fault: tuple[Any, ...]
) -> None:
    preview = await previewed(owner_engine, kind, table_file(tmp_path, *lines))
    assert [(one.line, one.column) for one in preview.faults] == [fault[:2]]
    assert fault[2] in preview.faults[0].zh
    with pytest.raises(ValueError, match="faults"):
        await write_file(owner_engine, TEST_HOME, preview, "tester", "", lambda _: None)


@pytest.mark.parametrize(
    ("name", "body", "zh"),
    [
        ("missing.csv", None, "没有这个文件"),
        ("a.csv", b"\xff\xfe\xff", "文字编码"),
        ("a.csv", b'"open', "引号没有配对"),
        ("a.xls", b"\xd0\xcf\x11\xe0....", "XLS"),
        ("a.xlsx", b"PK\x03\x04 torn", "不是完好的 XLSX"),
    ],
)
async def test_a_file_that_cannot_be_read_is_refused_in_words(
    owner_engine: AsyncEngine, tmp_path: Path, name: str, body: bytes | None, zh: str
) -> None:
    path = tmp_path / name
    if body is not None:
        path.write_bytes(body)
    (fault,) = (await previewed(owner_engine, ReferenceKind.GOALS, path)).faults
    assert zh in fault.zh


@pytest.mark.parametrize(("answer", "versions"), [(True, 2), (False, 1)])
async def test_the_command_writes_only_after_a_yes(
    database: Database, owner_engine: AsyncEngine, tmp_path: Path, answer: bool, versions: int
) -> None:
    settings = Settings(home=TEST_HOME, owner_database_url=database.owner_url)
    path = table_file(tmp_path, GOAL_HEAD, HUNAN)
    code = await load_file(settings, ReferenceKind.GOALS, path, LayerSource(), "", lambda: answer)
    assert code == (0 if answer else 1)
    newest = await rows(owner_engine, "SELECT max(version) FROM reference_version WHERE kind = 'goals'")
    assert newest == [(versions,)]


async def test_the_service_may_read_versions_and_write_none(database: Database) -> None:
    engine = make_engine(database.service_url, pool_size=1)
    try:
        assert len(await rows(engine, "SELECT kind FROM reference_version")) >= 10
        for statement in (
            "INSERT INTO reference_version SELECT kind, 9, origin, '', sha256, 0, now(), '', '' FROM reference_version",
            "UPDATE coefficient SET value = 1",
            "DELETE FROM goal",
            "INSERT INTO designation VALUES (9, false, '430623', 'green_control', 2023, 'x', 'official')",
        ):
            with pytest.raises(DBAPIError, match="permission denied"):
                async with engine.begin() as connection:
                    await connection.execute(text(statement))
    finally:
        await engine.dispose()


def manure_statement(county_code: str = COUNTY) -> dict[str, Any]:
    """A county of 100 dairy cows that uses 1,000 t of their manure."""
    payload = {
        "indicator": "manure_utilisation",
        "level": "county",
        "period": "2025",
        "species": {"dairy": {"stock_head": 100}},
        "used_composted_t": "1000",
    }
    record_id = statement_id(county_code, "manure_utilisation", "2025")
    return create("report", payload, county_code=county_code, record_id=record_id)


FIGURE = """
    SELECT numerator::text, denominator::text, coefficient_version, coefficients FROM county_figure
    WHERE county_code = :county AND indicator = 'manure_utilisation' AND view = 'statement'
"""
EVERY_FIGURE = """
    SELECT county_code, period, indicator, view, series, numerator, denominator, n, formula, coefficients,
           coefficient_version
    FROM county_figure ORDER BY 1, 2, 3, 4, 5
"""
MORE_DUNG = "2025,430000,dung_kg_per_day,dairy,30,kg/d,省里测定,official"


async def test_figures_name_their_coefficients_and_follow_a_new_version_once(
    offices: Offices, owner_engine: AsyncEngine, tmp_path: Path
) -> None:
    service: Service = offices.app.state.service
    await (await offices.of("county")).apply(manure_statement())
    # 100 cows x (20 kg + 48 l) x 365 days
    ((used, produced, version, named),) = await rows(owner_engine, FIGURE, county=COUNTY)
    assert (used, produced, version) == ("1000", "2482", 1)
    assert ["dung_kg_per_day", "dairy", "100000", 2015, 1] in named

    assert (
        await loaded(owner_engine, ReferenceKind.COEFFICIENTS, table_file(tmp_path, COEFFICIENT_HEAD, MORE_DUNG)) == 2
    )
    await follow_reference(service)
    ((used, produced, version, named),) = await rows(owner_engine, FIGURE, county=COUNTY)
    # 100 cows x (30 kg + 48 l) x 365 days
    assert (used, produced, version) == ("1000", "2847", 2)
    assert ["dung_kg_per_day", "dairy", "430000", 2025, 2] in named
    assert ["waste_water_l_per_day", "dairy", "100000", 2015, 1] in named

    after = await rows(owner_engine, EVERY_FIGURE)
    done = await recompute_figures(service.engine, service.reference)
    assert (done.counties, done.changed, done.busy) == (0, 0, 0)
    every = await recompute_figures(service.engine, service.reference, every=True)
    assert (every.counties, every.changed) == (1, 0)
    assert await rows(owner_engine, EVERY_FIGURE) == after


async def test_a_push_with_coefficients_of_before_is_caught_by_the_next_run(
    offices: Offices, owner_engine: AsyncEngine, tmp_path: Path
) -> None:
    service: Service = offices.app.state.service
    await loaded(owner_engine, ReferenceKind.COEFFICIENTS, table_file(tmp_path, COEFFICIENT_HEAD, MORE_DUNG))
    await (await offices.of("county")).apply(manure_statement())
    assert [one[1:3] for one in await rows(owner_engine, FIGURE, county=COUNTY)] == [("2482", 1)]
    # Another process has the new version already; its run finds what this one wrote.
    done = await recompute_figures(owner_engine, await read_reference(owner_engine))
    assert (done.counties, done.changed) == (1, 1)
    assert [one[1:3] for one in await rows(owner_engine, FIGURE, county=COUNTY)] == [("2847", 2)]
    await follow_reference(service)
    await (await offices.of("neighbour")).apply(manure_statement(NEIGHBOUR))
    assert [one[1:3] for one in await rows(owner_engine, FIGURE, county=NEIGHBOUR)] == [("2847", 2)]


async def test_a_county_whose_ledger_is_locked_is_left_for_the_next_run(
    offices: Offices, owner_engine: AsyncEngine, tmp_path: Path
) -> None:
    service: Service = offices.app.state.service
    await (await offices.of("county")).apply(manure_statement())
    await loaded(owner_engine, ReferenceKind.COEFFICIENTS, table_file(tmp_path, COEFFICIENT_HEAD, MORE_DUNG))
    reference = await read_reference(owner_engine)
    async with owner_engine.begin() as connection:
        lock = "SELECT position FROM ledger_head WHERE county_code = :county FOR UPDATE"
        await connection.execute(text(lock), {"county": COUNTY})
        done = await recompute_figures(service.engine, reference)
        assert (done.counties, done.changed, done.busy) == (0, 0, 1)
    assert (await recompute_figures(service.engine, reference)).changed == 1


async def test_a_serving_process_takes_a_new_goal_in_by_itself(
    offices: Offices, owner_engine: AsyncEngine, tmp_path: Path
) -> None:
    ministry = await offices.of("ministry")
    before = (await ministry.get("/v1/summaries/430000", period="2025")).json()
    assert before["total"]["indicators"]["film_recovery"]["goal"]["region_code"] == "100000"
    await loaded(owner_engine, ReferenceKind.GOALS, table_file(tmp_path, GOAL_HEAD, HUNAN))
    service: Service = offices.app.state.service
    service.settings = service.settings.model_copy(update={"follow_s": 1})
    async with scheduled(service):
        for _ in range(100):
            await asyncio.sleep(0.1)
            if service.state.versions["goals"] == 2:
                break
    after = (await ministry.get("/v1/summaries/430000", period="2025")).json()
    goal = after["total"]["indicators"]["film_recovery"]["goal"]
    assert (goal["region_code"], goal["value"], goal["assigned"]) == ("430000", "0.88", True)


MERGER = (
    RECODE_HEAD,
    f"{COUNTY},华容县,430699,洞庭新区,2026,撤并,示例文件",
    f"{NEIGHBOUR},湘阴县,430699,洞庭新区,2026,撤并,示例文件",
    "430626,平江县,430626,平江市,2026,更名,示例文件",
)


async def test_a_merger_keeps_old_years_whole_and_sums_both_ledgers_from_then_on(
    offices: Offices, owner_engine: AsyncEngine, tmp_path: Path
) -> None:
    service: Service = offices.app.state.service
    own = f"2025,{COUNTY},dung_kg_per_day,dairy,30,kg/d,县里测定,official"
    await loaded(owner_engine, ReferenceKind.COEFFICIENTS, table_file(tmp_path, COEFFICIENT_HEAD, own))
    await follow_reference(service)
    county, neighbour = await offices.of("county"), await offices.of("neighbour")
    exact = {"mulch_impurity_rate": "0", "mulch_moisture_rate": "0", "mulch_used_t": "100"}
    await county.apply(film_statement(mulch_recovered_gross_t="90", **exact), manure_statement())
    await neighbour.apply(film_statement(NEIGHBOUR, mulch_recovered_gross_t="50", **exact))
    await county.apply(film_statement(period="2026", mulch_recovered_gross_t="80", **exact))
    await neighbour.apply(film_statement(NEIGHBOUR, period="2026", mulch_recovered_gross_t="60", **exact))
    figures = await rows(owner_engine, FIGURE, county=COUNTY)

    assert await loaded(owner_engine, ReferenceKind.REGION_RECODES, table_file(tmp_path, *MERGER)) == 2
    await follow_reference(service)
    ministry = await offices.of("ministry")

    async def film_of(region: str, period: str) -> Any:
        response = await ministry.get(f"/v1/summaries/{region}", period=period)
        return response.json()["total"]["indicators"]["film_recovery"]["headline"] if response.is_success else None

    assert (await film_of(COUNTY, "2025"))["rate"] == "0.9"
    assert await film_of("430699", "2025") is None
    assert await film_of(COUNTY, "2026") is None
    merged = await film_of("430699", "2026")
    assert (merged["numerator"], merged["denominator"], merged["counties"]) == ("140", "200", 1)
    assert [(await film_of("430600", year))["numerator"] for year in ("2025", "2026")] == ["140", "140"]

    names = "SELECT name FROM region_version WHERE code = '430626' ORDER BY valid_from"
    assert await rows(owner_engine, names) == [("平江县",), ("平江市",)]
    assert (await rows(owner_engine, FIGURE, county=COUNTY))[0][:2] == figures[0][:2]
    reference = service.reference
    assert reference.retired[COUNTY].successor == "430699"
    assert reference.tree["430699"].ledger_codes == ("430699", COUNTY, NEIGHBOUR)
    assert reference.coefficients_for(COUNTY, 2025).get("dung_kg_per_day", "dairy") == 30
    assert reference.coefficients_for(NEIGHBOUR, 2025).get("dung_kg_per_day", "dairy") == 20
    outlines = "SELECT county_code, ST_IsValid(geom) FROM current_county_geom WHERE county_code = ANY(:codes)"
    assert await rows(owner_engine, outlines, codes=[COUNTY, NEIGHBOUR, "430699"]) == [("430699", True)]


async def test_every_year_has_a_complete_tree_after_a_merger(owner_engine: AsyncEngine, tmp_path: Path) -> None:
    await loaded(owner_engine, ReferenceKind.REGION_RECODES, table_file(tmp_path, *MERGER))
    async with owner_engine.connect() as connection:
        trees = [await load_tree(connection, year) for year in (2015, 2025, 2026)]
    assert [tree.county_of(f"{COUNTY}101").code for tree in trees if tree.get(f"{COUNTY}101")] == [
        COUNTY,
        COUNTY,
        "430699",
    ]
    withdrawn = table_file(tmp_path, RECODE_HEAD + ",withdrawn", *(f"{line},1" for line in MERGER[1:]))
    await loaded(owner_engine, ReferenceKind.REGION_RECODES, withdrawn)
    async with owner_engine.connect() as connection:
        tree = await load_tree(connection, 2026)
    assert tree.get("430699") is None
    assert tree[COUNTY].ledger_codes == (COUNTY,)
    drawn = "SELECT county_code FROM current_county_geom WHERE county_code = ANY(:codes) ORDER BY 1"
    assert await rows(owner_engine, drawn, codes=[COUNTY, NEIGHBOUR, "430699"]) == [(COUNTY,), (NEIGHBOUR,)]


PREFECTURE_OUTLINES = """
    SELECT county_code, name, ST_AsBinary(geom) FROM current_county_geom WHERE county_code LIKE '4306%' ORDER BY 1
"""
MOVED_DEG = 0.0004


async def outlines_of(engine: AsyncEngine) -> tuple[Any, Any, Any]:
    found = await rows(engine, PREFECTURE_OUTLINES)
    codes = np.array([int(f"156{code}") for code, _, _ in found])
    names = np.array([name for _, name, _ in found], dtype=object)
    shapes = shapely.from_wkb([bytes(shape) for _, _, shape in found])
    return codes, names, shapely.transform(shapes, lambda xy: xy + MOVED_DEG)


def layer_file(path: Path, layer: tuple[Any, Any, Any], driver: str, crs: str | None) -> Path:
    codes, names, shapes = layer
    parts = np.array([shapely.MultiPolygon(shapely.get_parts(shape).tolist()) for shape in shapes], dtype=object)
    pyogrio.raw.write(
        path,
        geometry=shapely.to_wkb(parts),
        field_data=[codes, names],
        fields=["gb", "name"],
        geometry_type="MultiPolygon",
        crs=crs,
        driver=driver,
        encoding="UTF-8",
    )
    return path


def projected(layer: tuple[Any, Any, Any], epsg: int) -> tuple[Any, Any, Any]:
    transformer = Transformer.from_crs(4490, epsg, always_xy=True)
    codes, names, shapes = layer
    moved = shapely.transform(shapes, lambda xy: np.column_stack(transformer.transform(xy[:, 0], xy[:, 1])))
    return codes, names, moved


def zipped(folder: Path, shapefile: Path) -> Path:
    path = folder / "layer.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for part in shapefile.parent.glob(f"{shapefile.stem}.*"):
            archive.write(part, part.name)
    return path


SAID = LayerSource(source=SOURCE)


@pytest.mark.parametrize("given", ["gpkg", "shp", "zip", "geojson", "fgb"])
async def test_boundaries_of_any_usual_file_are_loaded_in_cgcs2000(
    owner_engine: AsyncEngine, tmp_path: Path, given: str
) -> None:
    layer = await outlines_of(owner_engine)
    match given:
        case "gpkg":
            path = layer_file(tmp_path / "a.gpkg", layer, "GPKG", "EPSG:4490")
        case "shp" | "zip":
            path = layer_file(tmp_path / "a.shp", projected(layer, 4547), "ESRI Shapefile", "EPSG:4547")
            path = zipped(tmp_path, path) if given == "zip" else path
        case "geojson":
            path = layer_file(tmp_path / "a.geojson", layer, "GeoJSON", "EPSG:4326")
        case _:
            path = layer_file(tmp_path / "a.fgb", layer, "FlatGeobuf", "EPSG:4326")
    preview = await previewed(owner_engine, ReferenceKind.BOUNDARIES, path, SAID)
    assert preview.faults == []
    assert len(preview.comparison.changed) == len(layer[0]) == 9
    notes = "".join(zh for zh, _ in preview.notes)
    assert "4 个县没有边界" in notes
    assert "处重叠" in notes
    assert "GCJ-02" not in notes
    written = {row["county_code"]: shapely.from_wkb(row["geom"]) for row in preview.rows}
    for code, shape in zip(layer[0].tolist(), layer[2], strict=True):
        assert shapely.hausdorff_distance(written[str(code)[3:]], shape) < 1e-6


async def test_loaded_boundaries_are_drawn_and_named_on_the_map(
    offices: Offices, owner_engine: AsyncEngine, tmp_path: Path
) -> None:
    service: Service = offices.app.state.service
    ministry = await offices.of("ministry")
    before = (await ministry.get("/v1/map/layers/counties-430000")).headers["etag"]
    path = layer_file(tmp_path / "a.gpkg", await outlines_of(owner_engine), "GPKG", "EPSG:4490")
    assert await loaded(owner_engine, ReferenceKind.BOUNDARIES, path, SAID) == 2
    await follow_reference(service)
    layer = await ministry.get("/v1/map/layers/counties-430000")
    assert layer.headers["etag"] != before
    for shown in (layer.json()["attribution"], (await ministry.get("/v1/deployment")).json()["map_source"]):
        assert SOURCE in shown
        assert "天地图 GS(2024)0650号" in shown
    counts = "SELECT count(*), count(*) FILTER (WHERE source = :source) FROM current_county_geom"
    ((drawn, own),) = await rows(owner_engine, counts, source=SOURCE)
    assert (drawn, own) == (2890, 9)


async def test_own_outlines_of_merged_counties_become_one(owner_engine: AsyncEngine, tmp_path: Path) -> None:
    layer = await outlines_of(owner_engine)
    await loaded(
        owner_engine, ReferenceKind.BOUNDARIES, layer_file(tmp_path / "a.gpkg", layer, "GPKG", "EPSG:4490"), SAID
    )
    await loaded(owner_engine, ReferenceKind.REGION_RECODES, table_file(tmp_path, *MERGER))
    found = "SELECT source, ST_Area(geom) FROM current_county_geom WHERE county_code = '430699'"
    ((source, area),) = await rows(owner_engine, found)
    parts = [shape for code, shape in zip(layer[0], layer[2], strict=True) if str(code)[3:] in {COUNTY, NEIGHBOUR}]
    assert source == SOURCE
    assert area == pytest.approx(shapely.area(shapely.union_all(parts)))
    gone = "SELECT count(*) FROM current_county_geom WHERE county_code = ANY(:codes)"
    assert await rows(owner_engine, gone, codes=[COUNTY, NEIGHBOUR]) == [(0,)]


@pytest.mark.parametrize(
    ("change", "zh"),
    [
        ("no_crs", "没有写明坐标系"),
        ("xian_1980", "请先用本地参数转换为 CGCS2000"),
        ("unknown_code", "没有这个县级代码：999999"),
        ("lines", "应为面，现为 MultiLineString"),
        ("elsewhere", "坐标不在中国范围内"),
        ("no_source", "--source"),
        ("no_column", "找不到代码列"),
        ("no_layer", "读不出图层"),
    ],
)
async def test_a_layer_with_a_fault_is_refused_in_words(
    owner_engine: AsyncEngine, tmp_path: Path, change: str, zh: str
) -> None:
    codes, names, shapes = await outlines_of(owner_engine)
    crs: str | None = "EPSG:4490"
    said = SAID
    match change:
        case "no_crs":
            crs = None
        case "xian_1980":
            crs = "EPSG:4610"
        case "unknown_code":
            codes[3] = 999999
        case "elsewhere":
            shapes[2] = shapely.transform(shapes[2], lambda xy: xy[:, ::-1])
        case "no_source":
            said = LayerSource()
        case "no_column":
            said = LayerSource(LayerOptions(code_column="daima"), SOURCE)
    path = tmp_path / "a.gpkg"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # the writer's own word on a layer without a CRS
        match change:
            case "no_layer":
                path.write_bytes(b"nothing")
            case "lines":
                edges = shapely.to_wkb(shapely.boundary(shapes))
                pyogrio.raw.write(
                    path, edges, [codes, names], ["gb", "name"], geometry_type="Unknown", crs=crs, driver="GPKG"
                )
            case _:
                layer_file(path, (codes, names, shapes), "GPKG", crs)
    preview = await previewed(owner_engine, ReferenceKind.BOUNDARIES, path, said)
    assert any(zh in fault.zh for fault in preview.faults), preview.faults
    assert all(fault.en for fault in preview.faults)


async def test_a_layer_that_hides_a_shift_is_warned_of(owner_engine: AsyncEngine, tmp_path: Path) -> None:
    codes, names, shapes = await outlines_of(owner_engine)
    back = shapely.transform(shapes, lambda xy: xy - MOVED_DEG)
    shifted = np.array([shape_from_cgcs2000(shape, Datum.GCJ02) for shape in back], dtype=object)
    path = layer_file(tmp_path / "a.geojson", (codes, names, shifted), "GeoJSON", "EPSG:4326")
    preview = await previewed(owner_engine, ReferenceKind.BOUNDARIES, path, SAID)
    assert any("9 个县中有 9 个更像是 GCJ-02" in zh for zh, _ in preview.notes)
