"""A county clerk's files, from the upload to the ledger."""

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from backend.imports.columns import layout_of
from backend.imports.templates import csv_template, template_names, xlsx_template
from tests.integration.conftest import Caller, Offices
from tests.support.imports import FILM, REPORTS, ROSTER, commit, ledger_size, outcomes, payloads, preview, upload
from tests.support.offices import TOWNSHIP
from tests.support.reports import amend, farm, film
from tests.support.sheets import by_openpyxl, by_xlsxwriter, csv_bytes
from tests.support.vaults import whole_change

pytestmark = pytest.mark.anyio

READ_AMENDMENTS = """
    SELECT county_code, change_id, item, sealed, sealed_key_id FROM change WHERE item ->> 'action' = 'amend'
"""


async def test_a_preview_says_line_by_line_what_would_happen_and_writes_nothing(
    county: Caller, owner_engine: AsyncEngine
) -> None:
    answer = await preview(county, csv_bytes(ROSTER, encoding="gb18030"))
    assert answer["encoding"] == "GB18030"
    assert outcomes(answer) == ["new", "new", "new", "skipped"]
    assert answer["counts"] == {"new": 3, "changed": 0, "unchanged": 0, "refused": 0, "skipped": 1}
    first = answer["rows"][0]
    area = first["cells"][-1]
    assert (first["lines"], first["title"]) == ([2], "001 李䶮")
    assert (area["column"], area["typed"], area["becomes"], area["note_zh"]) == (
        "E",
        "1.5公顷",
        "22.5",
        "1.5 公顷 ＝ 22.5 亩",
    )
    assert answer["rows"][3]["warnings"][0]["zh"] == "合计行，不导入。"
    assert await ledger_size(owner_engine) == 0


async def test_a_roster_is_committed_through_the_ledger_and_again_changes_nothing(
    county: Caller, owner_engine: AsyncEngine
) -> None:
    body = by_xlsxwriter(ROSTER)
    first = await commit(county, body)
    assert [row["ledger"]["outcome"] for row in first["rows"][:3]] == ["applied"] * 3
    assert first["status"] == "committed"
    farms = await payloads(county, "farm")
    assert [(one["external_id"], one["name"], one["area_mu"]) for one in farms] == [
        ("001", "李䶮", "22.5"),
        ("002", "王𬭚种植合作社", "1200"),
        ("003", "张三", "80"),
    ]
    again = await commit(county, body)
    assert outcomes(again) == ["unchanged"] * 3 + ["skipped"]
    assert [row["record_id"] for row in again["rows"][:3]] == [row["record_id"] for row in first["rows"][:3]]
    assert await ledger_size(owner_engine) == 3


async def test_a_corrected_roster_amends_only_what_was_corrected(county: Caller, owner_engine: AsyncEngine) -> None:
    await commit(county, csv_bytes(ROSTER))
    corrected = [list(line) for line in ROSTER]
    corrected[1][4] = "25"
    corrected[2][1] = "王𬭚种植专业合作社"
    corrected[3][4] = ""
    shown = await preview(county, by_openpyxl(corrected))
    assert outcomes(shown)[:3] == ["changed", "changed", "unchanged"]
    assert [row["changes"] for row in shown["rows"][:2]] == [
        {"/area_mu": "25"},
        {"/name": "王𬭚种植专业合作社"},
    ]
    await commit(county, by_openpyxl(corrected))
    assert [(one["name"], one["area_mu"]) for one in await payloads(county, "farm")] == [
        ("张三", "80"),
        ("李䶮", "25"),
        ("王𬭚种植专业合作社", "1200"),
    ]
    async with owner_engine.connect() as connection:
        rows = (await connection.execute(text(READ_AMENDMENTS))).mappings().all()
    assert sorted(str(whole_change(row).item["set"]) for row in rows) == [
        "{'/area_mu': '25'}",
        "{'/name': '王𬭚种植专业合作社'}",
    ]


async def test_reports_find_their_farms_by_number_and_by_name(county: Caller) -> None:
    await commit(county, csv_bytes(ROSTER))
    body = csv_bytes(FILM, encoding="gb18030", delimiter="\t")
    shown = await preview(county, body, **REPORTS)
    assert outcomes(shown) == ["new", "new", "refused"]
    refusal = shown["rows"][2]["problems"][0]
    assert (refusal["code"], refusal["line"], refusal["column"]) == ("import_bare_share", 4, "E")
    assert "12% 或 0.12" in refusal["zh"]
    assert [(one["heading"], one["use"]) for one in shown["columns"]][-1] == ("颜色", "unknown")
    done = await commit(county, body, **REPORTS)
    assert [row["ledger"] and row["ledger"]["outcome"] for row in done["rows"]] == ["applied", "applied", None]
    reports = await payloads(county, "report")
    assert [(one["mulch_used_kg"], one["mulch_impurity_rate"]) for one in reports] == [("100", "0.1"), ("1000", "0.1")]
    assert [one["township_code"] for one in reports] == [TOWNSHIP, TOWNSHIP]
    again = await commit(county, body, **REPORTS)
    assert outcomes(again) == ["unchanged", "unchanged", "refused"]


async def test_a_corrected_report_is_amended_and_a_mended_line_is_added(county: Caller) -> None:
    await commit(county, csv_bytes(ROSTER))
    await commit(county, csv_bytes(FILM), **REPORTS)
    mended = [list(line) for line in FILM]
    mended[1][2] = "220斤"
    mended[3][4] = "12%"
    done = await commit(county, csv_bytes(mended), **REPORTS)
    assert outcomes(done) == ["changed", "unchanged", "new"]
    assert done["rows"][0]["changes"] == {"/mulch_used_kg": "110"}
    assert [row["ledger"] and row["ledger"]["revision"] for row in done["rows"]] == [2, None, 1]


async def test_an_answer_is_taken_back_in_so_many_words(county: Caller) -> None:
    await commit(county, csv_bytes(ROSTER))
    done = await commit(county, csv_bytes([["主体编号", "经营面积"], ["003", "清空"]]))
    assert done["rows"][0]["changes"] == {"/area_mu": None}
    assert "area_mu" not in next(one for one in await payloads(county, "farm") if one["external_id"] == "003")


async def test_what_a_phone_filed_is_found_and_amended(county: Caller, worker: Caller) -> None:
    created = farm(name="张家湾 种植户")
    report = film(created["record_id"])
    await worker.apply(created, report)
    body = csv_bytes([["主体名称", "乡镇", "地膜使用量（公斤）"], ["张家湾种植户", TOWNSHIP, "120"]])
    done = await commit(county, body, **REPORTS)
    assert done["rows"][0]["record_id"] == report["record_id"]
    assert done["rows"][0]["changes"] == {"/mulch_used_kg": "120"}
    numbered = csv_bytes([["主体编号", "名称", "乡镇代码"], ["A-1", "张家湾种植户", TOWNSHIP]])
    assert (await commit(county, numbered))["rows"][0]["changes"] == {
        "/external_id": "A-1",
        "/name": "张家湾种植户",
    }
    assert (await worker.outcomes(amend(created, {"/area_mu": "3"})))[0]["outcome"] == "merged"


async def test_farms_of_one_name_are_told_apart_or_refused(county: Caller, worker: Caller) -> None:
    await worker.apply(farm(name="张三"), farm(name="张三"))
    body = csv_bytes([["主体名称", "地膜使用量"], ["张三", "1"], ["李四", "1"]])
    answer = await preview(county, body, **REPORTS)
    assert [row["problems"][0]["code"] for row in answer["rows"]] == ["import_farm_ambiguous", "import_farm_unknown"]


async def test_lines_are_validated_as_a_push_is(county: Caller) -> None:
    await commit(county, csv_bytes(ROSTER))
    lines = [
        ["主体编号", "地膜使用量（公斤）", "地膜含杂率", "今年无"],
        ["001", "-5", "", ""],
        ["002", "0", "", ""],
        ["003", "3", "", "是"],
    ]
    answer = await preview(county, csv_bytes(lines), **REPORTS)
    found = [(row["problems"][0]["code"], row["problems"][0]["column"]) for row in answer["rows"]]
    assert found == [("number_format", "B"), ("all_zero", None), ("none_contradicted", "B")]
    roster = [["名称", "主体类型", "乡镇代码"], ["甲", "农户", "430624101"], ["乙", "", TOWNSHIP]]
    answer = await preview(county, csv_bytes(roster))
    assert [row["problems"][0]["code"] for row in answer["rows"]] == ["township_elsewhere", "missing"]


async def test_a_county_statement_is_filed_and_corrected(county: Caller) -> None:
    order = {"kind": "report", "indicator": "straw_utilisation", "level": "county", "period": "2025"}
    lines = [
        ["作物", "产量（吨）", "播种面积（亩）", "秸秆直接还田面积（亩）", "农户饲料化利用量（吨）"],
        ["早稻", "4万", "100,000", "6万亩", "400"],
        ["小麦", "2000", "5000", "3000", "10"],
    ]
    done = await commit(county, csv_bytes(lines), **order)
    assert [(row["lines"], row["ledger"]["outcome"]) for row in done["rows"]] == [([2, 3], "applied")]
    lines[2][1] = "2100"
    again = await commit(county, by_openpyxl(lines), **order)
    assert again["rows"][0]["changes"] == {"/crops/wheat/grain_output_t": "2100"}
    assert again["rows"][0]["record_id"] == done["rows"][0]["record_id"]
    assert outcomes(await commit(county, by_xlsxwriter(lines), **order)) == ["unchanged"]


async def test_a_project_is_reported_once_and_keeps_its_number(county: Caller) -> None:
    await commit(county, csv_bytes(ROSTER))
    order = {"kind": "report", "indicator": "irrigation_new_area", "level": "farm"}
    lines = [["主体编号", "项目编号", "滴灌面积（亩）"], ["001", "XM-1", "20"], ["002", "XM-1", "30"]]
    done = await commit(county, csv_bytes(lines), **order, period="2024")
    assert outcomes(done) == ["new", "refused"]
    assert done["rows"][1]["problems"][0]["code"] == "project_exists"
    next_year = await preview(county, csv_bytes(lines[:2]), **order, period="2025")
    assert next_year["rows"][0]["problems"][0]["code"] == "project_exists"
    lines[1][1] = "XM-2"
    renamed = await preview(county, csv_bytes(lines[:2]), **order, period="2024")
    assert renamed["rows"][0]["problems"][0]["code"] == "immutable_field"


@pytest.mark.parametrize("name", list(template_names()))
async def test_every_template_is_imported_with_its_example(county: Caller, name: str) -> None:
    kind, indicator, level = template_names()[name]
    await commit(county, xlsx_template(layout_of(*template_names()["farm"]), filled=True))
    order = {"kind": kind}
    if indicator is not None:
        order |= {"indicator": indicator, "level": level, "period": "2025"}
    layout = layout_of(kind, indicator, level)
    body = xlsx_template(layout, filled=True)
    done = await commit(county, body, **order)
    assert done["sheet"] == "填报"
    assert all(one["use"] == "read" for one in done["columns"])
    first = "unchanged" if name == "farm" else "new"
    assert outcomes(done) == [first], done["rows"]
    assert not done["rows"][0]["warnings"]
    assert name == "farm" or done["rows"][0]["ledger"]["outcome"] == "applied"
    by_csv = await preview(county, csv_template(layout, filled=True), **order)
    assert outcomes(by_csv) == ["unchanged"]


async def test_templates_are_downloaded_and_empty_ones_hold_no_data(county: Caller, offices: Offices) -> None:
    names = (await county.get("/v1/imports/templates")).json()
    assert names == list(template_names())
    workbook = await county.get("/v1/imports/templates/film_recovery-farm.xlsx")
    assert workbook.headers["content-disposition"] == 'attachment; filename="film_recovery-farm.xlsx"'
    response = await upload(county, workbook.content, **REPORTS)
    assert (response.status_code, response.json()["code"]) == (422, "import_no_rows")
    table = await county.get("/v1/imports/templates/farm.csv", example=True)
    assert outcomes(await preview(county, table.content)) == ["new"]
    assert (await county.get("/v1/imports/templates/none.xlsx")).status_code == 404
    assert (await offices.anonymous.get("/v1/imports/templates")).status_code == 401


async def test_names_of_an_import_are_sealed_and_stay_out_of_the_public_part(
    county: Caller, owner_engine: AsyncEngine
) -> None:
    await commit(county, csv_bytes(ROSTER))
    async with owner_engine.connect() as connection:
        public = list(await connection.scalars(text("SELECT payload::text FROM record")))
    assert all("李" not in one and "001" not in one for one in public if one)
