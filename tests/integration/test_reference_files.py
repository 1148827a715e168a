"""A deployment's own tables: read whole, compared with what holds, written as one version or not at all."""

from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from backend.db import make_engine
from backend.reference.command import load_file
from backend.reference.files import LayerSource, write_file
from backend.settings import Settings
from schemas.reference.kinds import ReferenceKind
from tests.conftest import TEST_HOME, Database
from tests.support.reference_files import (
    COEFFICIENT_HEAD,
    GOAL_HEAD,
    HUNAN,
    RECODE_HEAD,
    loaded,
    previewed,
    rows,
    table_file,
)

pytestmark = pytest.mark.anyio

NATION = "100000,film_recovery,national_plan_2025,2021,2025,floor,0.90,1,新文件,official,农业农村部,"
TIANJIN_GONE = "120000,film_recovery,national_plan_2025,2023,2025,,,,,,,是"


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
