"""Where the header is, what its columns are, and what the lines below it say."""

import pytest

from backend.imports.cells import Cell, FileRefused, Row, Table, squash, tidy
from backend.imports.columns import layout_of
from backend.imports.headings import aliases_of, find_header
from backend.imports.importing import read_file
from backend.imports.rows import Asked
from backend.imports.templates import _headings, template_names
from backend.imports.values import Townships
from schemas.vocabulary import Indicator, Level, RecordKind

FILM = layout_of(RecordKind.REPORT, Indicator.FILM_RECOVERY, Level.FARM)
STRAW = layout_of(RecordKind.REPORT, Indicator.STRAW_UTILISATION, Level.FARM)
STRAW_COUNTY = layout_of(RecordKind.REPORT, Indicator.STRAW_UTILISATION, Level.COUNTY)
ROSTER = layout_of(RecordKind.FARM)
ASKED = Asked(Townships("430623", {}), frozenset({"430623", squash("华容县")}), "2025")


def table(*lines):
    rows = [
        Row(number, tuple(Cell(tidy(str(value))) for value in line))
        for number, line in enumerate(lines, start=1)
        if any(str(value) for value in line)
    ]
    return Table("", "UTF-8", tuple(rows))


def recognised(layout, *lines):
    header = find_header(table(*lines), layout)
    return {each.text: each.column.pointer if each.column else None for each in header.headings}


def entries(layout, *lines):
    return read_file([table(*lines)], layout, ASKED)[1]


@pytest.mark.parametrize(
    "heading",
    [
        "地膜使用量（公斤）",
        "地膜使用量(公斤)",
        "地膜使用量",
        "地膜 使用量",
        "*地膜使用量（公斤）",
        "地膜使用量（单位：公斤）",
        "地膜使用量/公斤",
        "地膜使用量（吨）",
        "Mulch film used",
        "MULCH FILM USED (kg)",
        "mulch_used_kg",
        "ｍｕｌｃｈ＿ｕｓｅｄ＿ｋｇ",
    ],
)
def test_a_heading_is_known_however_it_is_written(heading):
    assert "/mulch_used_kg" in recognised(FILM, ["主体名称", heading], ["张三", "1"]).values()


def test_an_unknown_column_is_named():
    assert recognised(FILM, ["主体名称", "地膜使用量", "地膜颜色"], ["张三", "1", "黑"])["地膜颜色"] is None


@pytest.mark.parametrize("name", list(template_names()))
def test_every_heading_of_a_template_means_one_column(name):
    layout = layout_of(*template_names()[name])
    header = find_header(table(_headings(layout, layout.template)), layout)
    assert [each.column for each in header.headings] == list(layout.template)


@pytest.mark.parametrize("name", list(template_names()))
def test_every_field_is_known_by_its_wire_name(name):
    layout = layout_of(*template_names()[name])
    aliases = aliases_of(layout)
    for column in layout.columns:
        if not column.is_long and not column.pointer.startswith("#"):
            assert column in aliases[squash(column.pointer)], column.pointer


def test_titles_above_and_ordinals_below_the_header_are_stepped_over():
    found = entries(
        FILM,
        ["华容县2025年地膜使用回收情况表"],
        ["填报单位：华容县农业农村局", "", "单位：公斤、亩"],
        ["序号", "主体名称", "地膜使用量", "地膜覆盖面积"],
        ["甲", "乙", "1", "2"],
        ["1", "张三", "100", "20"],
        ["合计", "", "100", "20"],
        ["填表人：李四", "", "", "审核人：王五"],
    )
    assert [(entry.lines, entry.skipped) for entry in found] == [
        ([5], ""),
        ([6], "import_total_row"),
        ([7], "import_remark_row"),
    ]
    assert found[0].answers == {"/mulch_used_kg": "100", "/mulch_covered_area_mu": "20"}


def test_a_title_that_names_another_unit_is_obeyed():
    found = entries(FILM, ["", "单位：吨"], ["主体名称", "地膜使用量", "棚膜使用量（公斤）"], ["张三", "1.5", "7"])
    assert found[0].answers == {"/mulch_used_kg": "1500", "/shed_used_kg": "7"}
    assert found[0].cells[1].note_zh == "1.5 吨 ＝ 1500 公斤"


def test_a_header_merged_over_two_rows_is_read_as_one():
    found = entries(
        STRAW,
        ["主体名称", "填报对象", "早稻", "", "小麦", ""],
        ["", "", "产量", "播种面积", "产量（吨）", "播种面积（亩）"],
        ["张三", "农户", "4000", "10", "2", "8"],
    )
    assert found[0].answers == {
        "/respondent": "household",
        "/crops/early_rice/grain_kg": "4000",
        "/crops/early_rice/sown_area_mu": "10",
        "/crops/wheat/grain_kg": "2000",
        "/crops/wheat/sown_area_mu": "8",
    }


def test_units_in_a_row_of_their_own_belong_to_the_headings_above():
    found = entries(FILM, ["主体名称", "地膜使用量", "棚膜使用量"], ["", "吨", "公斤"], ["张三", "1", "7"])
    assert found[0].answers == {"/mulch_used_kg": "1000", "/shed_used_kg": "7"}


def test_a_line_for_every_crop_says_the_same_as_a_column_for_every_crop():
    long = entries(
        STRAW,
        ["主体名称", "填报对象", "作物", "产量（公斤）", "播种面积（亩）"],
        ["张三", "农户", "早稻", "4000", "10"],
        ["李四", "农户", "小麦", "1", "2"],
        ["张三", "", "小麦", "2000", "8"],
    )
    wide = entries(
        STRAW,
        [
            "主体名称",
            "填报对象",
            "早稻·产量（公斤）",
            "早稻·播种面积（亩）",
            "小麦·产量（公斤）",
            "小麦·播种面积（亩）",
        ],
        ["张三", "农户", "4000", "10", "2000", "8"],
    )
    assert long[0].answers == wide[0].answers
    assert [entry.lines for entry in long] == [[2, 4], [3]]


def test_lines_about_one_farm_must_agree():
    found = entries(
        STRAW,
        ["主体名称", "填报对象", "作物", "产量"],
        ["张三", "农户", "早稻", "1"],
        ["张三", "市场主体", "小麦", "1"],
    )
    assert [(one.code, one.line, one.column) for one in found[0].problems] == [("import_lines_differ", 3, "B")]


def test_an_answer_about_no_crop_is_refused():
    found = entries(STRAW_COUNTY, ["作物", "产量", "播种面积"], ["", "1", "2"])
    assert [(one.code, one.line) for one in found[0].problems] == [("import_code_missing", 2)]


def test_a_farm_stands_once_in_a_file():
    found = entries(ROSTER, ["编号", "名称"], ["1", "张三"], ["１", "李四"])
    assert [one.code for one in found[1].problems] == ["import_row_twice"]
    assert "第 2 行" in found[1].problems[0].zh


def test_a_cell_beside_the_table_is_named():
    found = entries(ROSTER, ["编号", "名称"], ["1", "张三", "已搬迁"])
    assert [(one.code, one.column) for one in found[0].problems] == [("import_no_heading", "C")]


def test_another_county_and_another_period_are_refused():
    found = entries(
        FILM,
        ["县", "年度", "主体名称", "地膜使用量"],
        ["华容县", "2025年", "张三", "1"],
        ["湘阴县", "2024年", "李四", "1"],
    )
    assert [[one.code for one in entry.problems] for entry in found] == [
        [],
        ["import_county_differs", "import_period_differs"],
    ]


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        ([["一", "二"], ["三", "四"]], "import_no_header"),
        ([["地膜使用量", "棚膜使用量"], ["1", "2"]], "import_no_identity_column"),
        ([["主体名称", "地膜使用量", "地膜使用量（吨）"], ["张三", "1", "2"]], "import_duplicate_column"),
        ([["主体名称", "地膜使用量"]], "import_no_rows"),
    ],
)
def test_a_sheet_that_cannot_be_understood_is_refused_as_a_whole(lines, code):
    with pytest.raises(FileRefused) as caught:
        entries(FILM, *lines)
    assert caught.value.code == code
