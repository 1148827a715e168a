"""Files of reference data as a deployment has them, and what loading them does."""

from pathlib import Path
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from backend.reference.files import LayerSource, Preview, preview_file, write_file
from schemas.reference.kinds import ReferenceKind
from tests.conftest import TEST_HOME
from tests.support.offices import COUNTY, NEIGHBOUR

GOAL_HEAD = "region_code,indicator,scope,valid_from,due_year,type,value,unit,source,status,department,withdrawn"
HUNAN = "430000,film_recovery,national_plan_2025,2023,2025,floor,0.88,1,省文件,official,省农业农村厅,"
COEFFICIENT_HEAD = "year,region_code,name,subject,value,unit,source,status"
RECODE_HEAD = "old_code,old_name,new_code,new_name,year,kind,source"
MERGER = (
    RECODE_HEAD,
    f"{COUNTY},华容县,430699,洞庭新区,2026,撤并,示例文件",
    f"{NEIGHBOUR},湘阴县,430699,洞庭新区,2026,撤并,示例文件",
    "430626,平江县,430626,平江市,2026,更名,示例文件",
)


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
