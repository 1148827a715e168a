"""Exported figures, read back by the programs that people use, beside what the summaries answer."""

import base64
import csv
import hashlib
import io
import json
import sqlite3
from contextlib import closing
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import openpyxl
import pyogrio
import pytest
import shapely

from tests.integration.conftest import Caller, Offices
from tests.support.filings import FILM, Cabinet
from tests.support.offices import COUNTY, NEIGHBOUR, PREFECTURE, PROVINCE
from tests.support.reports import farm, film, film_statement

pytestmark = pytest.mark.anyio

NAME, CONTACT, PHONE = "=HYPERLINK(1)种植户", "张三丰", "13807301234"


@pytest.fixture
async def filled(offices: Offices) -> Offices:
    """A county with a farm report and a statement that is on its way, and a neighbour with a statement alone."""
    worker, county, neighbour = [await offices.of(name) for name in ("worker", "county", "neighbour")]
    homestead = farm(name=NAME, contact_name=CONTACT, phone=PHONE)
    await worker.apply(homestead, film(homestead["record_id"]))
    await county.apply(film_statement())
    await neighbour.apply(film_statement(NEIGHBOUR, mulch_used_t="900", mulch_recovered_gross_t="10"))
    return offices


async def exported(caller: Caller, path: str, **params: Any) -> httpx.Response:
    response = await caller.get(f"/v1/exports/{path}", period="2025", **params)
    assert response.status_code == 200, response.text
    return response


def read_csv(response: httpx.Response) -> tuple[list[dict[str, str]], dict[str, str]]:
    """Return the rows by head, and what is said of them at the end."""
    lines = list(csv.reader(io.StringIO(response.content.decode("utf-8-sig"), newline="")))
    said = {name.split()[-1]: value for name, value in (line for line in lines if line[0].startswith("# "))}
    heads, *rows = [line for line in lines if not line[0].startswith("# ")]
    return [dict(zip(heads, row, strict=True)) for row in rows], said


async def test_a_workbook_says_what_the_summary_says(filled: Offices) -> None:
    province = await filled.of("province")
    summary = (await province.get(f"/v1/summaries/{PROVINCE}", period="2025")).json()
    response = await exported(province, f"summaries/{PROVINCE}")
    book = openpyxl.load_workbook(io.BytesIO(response.content))
    assert len(book.sheetnames) == 8
    assert book.sheetnames[-1] == "编制说明"
    sheet = book["废旧农膜回收率"]
    heads = [cell.value for cell in sheet[8]]
    by_code = {row[1].value: dict(zip(heads, row, strict=True)) for row in sheet.iter_rows(min_row=9) if row[1].value}
    expected = {row["region"]["code"]: row["indicators"][FILM]["headline"] for row in summary["rows"]}
    for code in (COUNTY, NEIGHBOUR):
        cells, figure = by_code[code], expected[code]
        assert cells["净回收量\n（吨）"].value == float(figure["numerator"])
        assert cells["废旧农膜回收率\n（%）"].value == float(figure["rate_percent"])
        assert cells["废旧农膜回收率\n（%）"].data_type == "n"
        assert cells["废旧农膜回收率\n（%）"].number_format == "0.00_ "
    total = summary["total"]["indicators"][FILM]
    assert by_code[PROVINCE]["距目标\n（百分点）"].value == float(total["distance_points"])
    assert by_code[PROVINCE]["行政区划名称"].value == "湖南省合计"
    assert set(by_code) == {PROVINCE, *expected}


async def test_a_workbook_prints_as_a_form(filled: Offices) -> None:
    filled.app.state.service.settings.form_marks["number.film_recovery"] = "农清1表"
    response = await exported(await filled.of("county"), f"summaries/{COUNTY}", indicator=FILM)
    sheet = openpyxl.load_workbook(io.BytesIO(response.content))["废旧农膜回收率"]
    said = " ".join(str(cell.value) for row in sheet.iter_rows() for cell in row if cell.value)
    for words in (
        "表号：农清1表",
        "制定机关：＿",
        "批准文号：＿",
        "有效期至：＿",
        "填表人：＿",
        "审核人：＿",
        "单位负责人：＿",
        "计量单位：吨",
    ):
        assert words in said
    assert (sheet.page_setup.orientation, int(sheet.page_setup.paperSize)) == ("landscape", 9)
    assert (sheet.freeze_panes, sheet.print_title_rows) == ("D9", "$1:$8")
    assert sheet.sheet_properties.pageSetUpPr.fitToPage
    assert (sheet.page_setup.fitToWidth or 1, sheet.page_setup.fitToHeight) == (1, 0)


async def test_a_csv_says_where_it_comes_from_and_that_it_is_whole(filled: Offices) -> None:
    county = await filled.of("county")
    summary = (await county.get(f"/v1/summaries/{COUNTY}", period="2025")).json()
    response = await exported(county, f"summaries/{COUNTY}", format="csv", indicator=FILM)
    rows, said = read_csv(response)
    figure = summary["total"]["indicators"][FILM]["headline"]
    assert [row["行类型"] for row in rows] == ["合计", "明细"]
    assert rows[1]["使用量（吨）"] == figure["denominator"]
    assert rows[1]["田间汇总：比率（%）"] == "72.9"
    assert said["ledger_digest"] == summary["ledger"]["digest"] == response.headers["qingtian-ledger-digest"]
    assert said["rows_sha256"] == response.headers["qingtian-rows-digest"]
    assert said["query"] == f"/v1/exports/summaries/{COUNTY}?period=2025&format=csv&indicator={FILM}"
    assert "demo" not in said


async def test_an_answer_has_a_length_and_a_digest(filled: Offices) -> None:
    response = await exported(await filled.of("county"), f"summaries/{COUNTY}", format="csv")
    digest = base64.b64encode(hashlib.sha256(response.content).digest()).decode()
    assert response.headers["repr-digest"] == f"sha-256=:{digest}:"
    assert int(response.headers["content-length"]) == len(response.content)
    assert "content-encoding" not in response.headers


async def test_a_csv_without_mark_has_identifiers_on_request(filled: Offices) -> None:
    county = await filled.of("county")
    response = await exported(county, f"summaries/{COUNTY}", format="csv", heads="id", bom="false", indicator=FILM)
    assert response.content.startswith(b"row_kind,region_code,region_name")


async def test_geodata_carry_outlines_figures_and_units(filled: Offices, tmp_path: Path) -> None:
    prefecture = await filled.of("prefecture")
    summary = (await prefecture.get(f"/v1/summaries/{PREFECTURE}", period="2025")).json()
    expected = {row["region"]["code"]: row["indicators"][FILM]["headline"] for row in summary["rows"]}
    path = tmp_path / "figures.gpkg"
    path.write_bytes((await exported(prefecture, f"summaries/{PREFECTURE}", format="gpkg")).content)
    assert {name for name, _ in pyogrio.list_layers(path)} >= {"regions", FILM, "metadata"}
    regions = pyogrio.read_info(path, layer="regions")
    assert (regions["crs"], regions["geometry_type"], regions["features"]) == ("EPSG:4490", "MultiPolygon", 9)
    meta, _, shapes, fields = pyogrio.raw.read(path, layer="regions")
    rates = dict(zip(fields[list(meta["fields"]).index("region_code")],
                     fields[list(meta["fields"]).index("film_recovery_rate_percent")], strict=True))  # fmt: skip
    assert rates[COUNTY] == float(expected[COUNTY]["rate_percent"])
    assert all(shapely.is_valid(shapely.from_wkb(shapes)))
    with closing(sqlite3.connect(path)) as database:
        [(title,)] = database.execute(
            "SELECT title FROM gpkg_data_columns WHERE table_name = ? AND column_name = 'denominator'", (FILM,)
        )
        said = dict(database.execute("SELECT name, value FROM metadata"))
    assert title == "使用量（吨）"
    assert said["ledger_digest"] == summary["ledger"]["digest"]


async def test_geojson_follows_its_standard(filled: Offices, tmp_path: Path) -> None:
    prefecture = await filled.of("prefecture")
    response = await exported(prefecture, f"summaries/{PREFECTURE}", format="geojson", indicator=FILM)
    path = tmp_path / "figures.geojson"
    path.write_bytes(response.content)
    assert pyogrio.read_info(path)["features"] == 9
    found = json.loads(response.content, parse_float=Decimal)
    assert "CGCS2000" in found["crs_note"]
    assert "crs" not in found
    assert [one["region_code"] for one in found["totals"]] == [PREFECTURE]
    outline = shapely.from_geojson(json.dumps(found["features"][0]["geometry"], default=float))
    polygons = getattr(outline, "geoms", [outline])
    assert all(shapely.is_ccw(polygon.exterior) for polygon in polygons)


async def test_without_a_sign_in_only_published_figures_leave(filled: Offices) -> None:
    async def shown() -> dict[str, str]:
        response = await exported(filled.anonymous, f"summaries/{PROVINCE}", format="csv", indicator=FILM)
        rows, said = read_csv(response)
        assert said["scope"] == "已公布数据"
        assert not any("田间" in head or "报送" in head for head in rows[0])
        return {row["行政区划代码"]: row["使用量（吨）"] for row in rows if row["使用量（吨）"]}

    assert await shown() == {}
    cabinet = Cabinet(region=NEIGHBOUR)
    await cabinet.file(await filled.of("neighbour"))
    await cabinet.take(await filled.of("prefecture"), "endorse", "filed")
    await cabinet.take(await filled.of("province"), "accept", "endorsed")
    assert await shown() == {}
    await cabinet.take(await filled.of("ministry"), "publish", "accepted")
    assert await shown() == {PROVINCE: "900", NEIGHBOUR: "900"}


async def test_a_region_of_others_is_refused_but_for_what_it_published(filled: Offices) -> None:
    neighbour = await filled.of("neighbour")
    refused = await neighbour.get(f"/v1/exports/summaries/{COUNTY}", period="2025")
    assert (refused.status_code, refused.json()["code"]) == (403, "above_scope")
    await exported(neighbour, f"summaries/{COUNTY}", published="true", format="csv")
    stale = await Caller(filled.http, {"Authorization": "Bearer nonsense"}).get(
        f"/v1/exports/summaries/{COUNTY}", period="2025"
    )
    assert stale.status_code == 401


async def test_a_basin_has_its_tiers(filled: Offices) -> None:
    province = await filled.of("province")
    code = "dongting"
    summary = (await province.get(f"/v1/basins/{code}/summary", period="2025")).json()
    rows, said = read_csv(await exported(province, f"basins/{code}", format="csv", indicator=FILM))
    core = summary["core"]["indicators"][FILM]["headline"]
    assert rows[0]["使用量（吨）"] == core["denominator"]
    assert {row["流域层级"] for row in rows[2:]} <= {"核心区", "拓展区", "外围区"}
    assert len(rows) == len(summary["rows"]) + 2
    assert ("不是流域的全部" in said["scope"]) is not summary["complete"]


async def test_no_export_of_figures_names_a_person(filled: Offices) -> None:
    for form in ("xlsx", "csv", "geojson", "gpkg"):
        content = (await exported(await filled.of("county"), f"summaries/{COUNTY}", format=form)).content
        if form == "xlsx":
            book = openpyxl.load_workbook(io.BytesIO(content))
            content = repr([list(sheet.values) for sheet in book]).encode()
        for secret in (NAME, CONTACT, PHONE):
            assert secret.encode() not in content
