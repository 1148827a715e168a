"""Files handed in as a county does it: uploaded, previewed, committed."""

import hashlib
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.integration.conftest import Caller
from tests.support.offices import COUNTY, OTHER_TOWNSHIP, TOWNSHIP

ROSTER = [
    ["主体编号", "名称", "主体类型", "乡镇代码", "经营面积（亩）"],
    ["001", "李䶮", "农户", TOWNSHIP, "1.5公顷"],
    ["002", "王𬭚种植合作社", "农民专业合作社", TOWNSHIP, "1,200"],
    ["003", "张三", "种植大户", OTHER_TOWNSHIP, "80"],
    ["合计", "", "", "", "1302.5"],
]

FILM = [
    ["主体编号", "主体名称", "地膜使用量（公斤）", "地膜回收毛重（公斤）", "地膜含杂率", "地膜含水率", "颜色"],
    ["001", "", "200斤", "90", "10%", "0.1", "白"],
    ["", "王𬭚种植合作社", "1,000", "800", "10%", "5%", "黑"],
    ["003", "张三", "50", "40", "12", "5%", ""],
]

REPORTS = {"kind": "report", "indicator": "film_recovery", "level": "farm", "period": "2025"}


async def upload(caller: Caller, body: bytes, name: str = "file.csv", **order: Any) -> Any:
    data = {"county_code": COUNTY, "kind": "farm"} | {key: str(value).lower() for key, value in order.items()}
    return await caller.http.post("/v1/imports", files={"file": (name, body)}, data=data, headers=caller.headers)


async def preview(caller: Caller, body: bytes, **order: Any) -> dict[str, Any]:
    response = await upload(caller, body, **order)
    assert response.status_code == 200, response.text
    return response.json()


async def commit(caller: Caller, body: bytes, **order: Any) -> dict[str, Any]:
    return await preview(caller, body, commit=True, sha256=hashlib.sha256(body).hexdigest(), **order)


def outcomes(answer: dict[str, Any]) -> list[str]:
    return [row["outcome"] for row in answer["rows"]]


async def payloads(caller: Caller, kind: str) -> list[dict[str, Any]]:
    page = await caller.pull(COUNTY, limit=1000)
    return [one["payload"] for one in page["records"] if one["kind"] == kind]


async def ledger_size(engine: AsyncEngine) -> int:
    async with engine.connect() as connection:
        return (await connection.execute(text("SELECT count(*) FROM ledger_entry"))).scalar_one()
