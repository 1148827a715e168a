"""The printed summary as a reader of PDFs finds it: figures, type, marks."""

import asyncio
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from backend.exports import fonts
from tests.integration.conftest import Caller, Offices
from tests.support.offices import COUNTY, NEIGHBOUR, PREFECTURE
from tests.support.reports import farm, film, film_statement

pytestmark = pytest.mark.anyio

FILM = "film_recovery"


@pytest.fixture
async def filled(offices: Offices) -> Offices:
    """Two counties of one prefecture: one below the goal, one above it."""
    worker, county, neighbour = [await offices.of(name) for name in ("worker", "county", "neighbour")]
    homestead = farm(name="张家湾种植户")
    await worker.apply(homestead, film(homestead["record_id"]))
    await county.apply(film_statement(mulch_recovered_gross_t="90"))
    await neighbour.apply(film_statement(NEIGHBOUR, mulch_recovered_gross_t="110"))
    return offices


async def printed(caller: Caller, path: Path, region: str = f"summaries/{PREFECTURE}", **params: Any) -> str:
    response = await caller.get(f"/v1/exports/{region}", period="2025", format="pdf", **params)
    assert response.status_code == 200, response.text
    await asyncio.to_thread(path.write_bytes, response.content)
    return await told("pdftotext", "-layout", str(path), "-")


async def told(*command: str) -> str:
    ran = await asyncio.to_thread(subprocess.run, command, capture_output=True, text=True, check=True)
    return ran.stdout


async def test_pages_show_figures_goals_and_whoever_is_furthest(filled: Offices, tmp_path: Path) -> None:
    prefecture, path = await filled.of("prefecture"), tmp_path / "summary.pdf"
    summary = (await prefecture.get(f"/v1/summaries/{PREFECTURE}", period="2025")).json()
    said = await printed(prefecture, path)
    rate = summary["total"]["indicators"][FILM]["headline"]["rate_percent"]
    assert re.search(rf"废旧农膜回收率 +% +{rate} +≥ 85", said)
    assert re.search(r"华容县 +岳阳市 +废旧农膜回收率 +76\.95 +≥ 85 +−8\.05", said)
    assert not re.search(r"湘阴县 +岳阳市 +废旧农膜回收率", said)
    assert summary["ledger"]["digest"] in said
    assert "演示数据" not in said
    assert "张家湾" not in said
    for label in ("表号", "制定机关", "批准文号", "有效期至", "填表人", "审核人", "单位负责人"):
        assert label in said
    assert "数据来源：天地图 GS(2024)0650 号" in said or "数据来源：天地图 GS(2024)0650号" in said
    assert 1 <= int(re.search(r"Pages: +(\d+)", await told("pdfinfo", str(path)))[1]) <= 2  # type: ignore[index]


async def test_chinese_type_is_in_the_file(filled: Offices, tmp_path: Path) -> None:
    path = tmp_path / "summary.pdf"
    await printed(await filled.of("county"), path, f"summaries/{COUNTY}", indicator=FILM)
    rows = (await told("pdffonts", str(path))).splitlines()[2:]
    assert rows
    assert all(re.search(r" yes +yes +yes ", row) for row in rows), "embedded, as a subset, with its characters"


async def test_the_demo_is_marked_on_every_page(filled: Offices, tmp_path: Path) -> None:
    filled.app.state.service.settings.demo = True
    path = tmp_path / "summary.pdf"
    said = await printed(await filled.of("province"), path, "basins/dongting")
    pages = said.rstrip("\f").split("\f")
    assert len(pages) == 2
    assert all("演示数据，非真实上报" in page for page in pages)
    assert "核心区合计" in pages[0]


async def test_without_chinese_type_the_answer_says_what_to_install(
    filled: Offices, monkeypatch: pytest.MonkeyPatch
) -> None:
    fonts.type_of.cache_clear()
    monkeypatch.setattr(fonts, "SERIF", ())
    monkeypatch.setattr(fonts, "SANS", ())
    caller = await filled.of("county")
    refused = await caller.get(f"/v1/exports/summaries/{COUNTY}", period="2025", format="pdf")
    fonts.type_of.cache_clear()
    assert (refused.status_code, refused.json()["code"]) == (501, "export_fonts_missing")
    assert "fonts-noto-cjk" in refused.json()["zh"]
