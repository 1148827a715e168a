"""Templates of every form of the catalogue: a sheet to fill, what each column means, and an example."""

import csv
import io
import math
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from backend.imports.cells import squash
from backend.imports.columns import Column, Kind, Layout
from backend.imports.csv_file import UTF8_MARK
from backend.imports.examples import EXAMPLE_TOWNSHIP, example_lines, names_its_indicator
from backend.imports.headings import aliases_of
from schemas.decimals import plain
from schemas.indicators.catalogue import CATALOGUE
from schemas.vocabulary import Indicator, Level, RecordKind

FILLED_ROWS = 2_000
"""How many rows of the sheet to fill carry formats and lists."""

MAX_LIST_CHARS = 255
"""Excel takes no longer list in a cell rule."""

ROW_HEIGHT = 18
EXPLANATION_WIDTHS = (34, 40, 8, 46, 46, 30)

FILL, EXPLANATION, EXAMPLE = "填报", "填表说明", "示例"

FormName = tuple[RecordKind, Indicator | None, Level | None]


def template_names() -> Mapping[str, FormName]:
    """Return the form of every template name: `farm`, `film_recovery-farm`, `film_recovery-county`, ..."""
    reports: dict[str, FormName] = {
        f"{indicator}-{level}": (RecordKind.REPORT, indicator, level) for indicator in CATALOGUE for level in Level
    }
    return {"farm": (RecordKind.FARM, None, None), **reports}


def csv_template(layout: Layout, *, filled: bool = False, township: str = EXAMPLE_TOWNSHIP) -> bytes:
    """Return the header line as CSV, UTF-8 with its mark, so that Excel shows Chinese; with the example on request."""
    columns = layout.template
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(_headings(layout, columns))
    if filled:
        for line in example_lines(layout, columns, township):
            writer.writerow([typed(line.get(column.pointer), column) for column in columns])
    return UTF8_MARK + text.getvalue().encode()


def xlsx_template(layout: Layout, *, filled: bool = False, township: str = EXAMPLE_TOWNSHIP) -> bytes:
    """Return the workbook of a form; with `filled`, the sheet to fill holds the example."""
    body = io.BytesIO()
    workbook = xlsxwriter.Workbook(body, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    zh, en = names_its_indicator(layout)
    workbook.set_properties({"title": f"{zh} · {en}", "author": "清田 Qingtian"})
    styles = _Styles(workbook)
    lines = example_lines(layout, layout.template, township)
    _sheet_to_fill(workbook.add_worksheet(FILL), layout, styles, lines if filled else [])
    _explanation(workbook.add_worksheet(EXPLANATION), layout, styles)
    _sheet_to_fill(workbook.add_worksheet(EXAMPLE), layout, styles, lines)
    workbook.close()
    return body.getvalue()


def typed(value: Any, column: Column) -> str:
    """Return an answer as a person types it into the column: names of codes, 是 and 否, shares in percent."""
    match value:
        case None:
            return ""
        case bool():
            return "是" if value else "否"
        case list():
            return "、".join(column.names[each][0] for each in value)
        case str() if column.names:
            return column.names[value][0]
        case str() if column.is_share:
            return f"{plain(Decimal(value) * 100)}%"
        case _:
            return str(value)


class _Styles:
    """The cell formats of a workbook."""

    def __init__(self, workbook: Workbook) -> None:
        font = {"font_name": "宋体", "font_size": 11, "valign": "vcenter"}
        heading = font | {"bold": True, "text_wrap": True, "border": 1, "align": "center"}
        self.required = workbook.add_format(heading | {"bg_color": "#C6E0B4"})
        self.optional = workbook.add_format(heading | {"bg_color": "#EDEDED"})
        self.title = workbook.add_format(font | {"bold": True, "font_size": 14})
        self.wrapped = workbook.add_format(font | {"text_wrap": True, "valign": "top"})
        self.text = workbook.add_format(font | {"num_format": "@"})
        self.number = workbook.add_format(font | {"num_format": "General"})
        self.percent = workbook.add_format(font | {"num_format": "0.######%"})

    def of(self, column: Column) -> Format:
        """Return the format of a column's cells; codes and names are text, so that no digit is lost."""
        if column.kind not in (Kind.AMOUNT, Kind.COUNT):
            return self.text
        return self.percent if column.is_share else self.number


def _sheet_to_fill(sheet: Worksheet, layout: Layout, styles: _Styles, lines: Sequence[Mapping[str, Any]]) -> None:
    columns = layout.template
    sheet.freeze_panes(1, min(3, sum(column.pointer.startswith("#") for column in columns)))
    sheet.set_default_row(ROW_HEIGHT)
    sheet.set_row(0, 3 * ROW_HEIGHT)
    for index, (column, heading) in enumerate(zip(columns, _headings(layout, columns), strict=True)):
        sheet.set_column(index, index, _width(heading, column), styles.of(column))
        sheet.write_string(0, index, heading, styles.required if _is_asked(column) else styles.optional)
        rule = _cell_rule(column)
        if rule is not None:
            sheet.data_validation(1, index, FILLED_ROWS, index, rule)
        for row, line in enumerate(lines, start=1):
            _write(sheet, row, index, line.get(column.pointer), column, styles)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)


def _write(sheet: Worksheet, row: int, index: int, value: Any, column: Column, styles: _Styles) -> None:
    if value is None:
        return
    if column.kind in (Kind.AMOUNT, Kind.COUNT):
        sheet.write_number(row, index, float(value), styles.of(column))
    else:
        sheet.write_string(row, index, typed(value, column), styles.of(column))


def _headings(layout: Layout, columns: Sequence[Column]) -> list[str]:
    """Return the heading of every column; one that could mean another column too is told apart by its object."""
    aliases = aliases_of(layout)
    return [
        column.heading if len(aliases[squash(column.heading)]) == 1 or not column.aliases else _longer(column)
        for column in columns
    ]


def _longer(column: Column) -> str:
    unit = column.heading.removeprefix(column.label.zh)
    return f"{column.aliases[0]}{unit}"


def _width(heading: str, column: Column) -> float:
    wanted = min(_span(heading), 18) + 2
    return max(wanted, 18) if column.kind in (Kind.TEXT, Kind.CODE, Kind.TOWNSHIP, Kind.CHOICE) else wanted


def _span(text: str) -> int:
    """Return how wide a text is in the units of a column's width: a Chinese character takes two."""
    return sum(2 if character > "\u2e80" else 1 for character in text)


def _is_asked(column: Column) -> bool:
    return column.required or column.pointer.startswith("#")


def _cell_rule(column: Column) -> dict[str, Any] | None:
    """Return the list that a cell is chosen from; other texts are questioned, not forbidden, as imports take them."""
    match column.kind:
        case Kind.BOOLEAN:
            source = ["是", "否"]
        case Kind.CHOICE:
            source = [zh for zh, _ in column.names.values()]
        case _:
            return None
    if len(",".join(source)) > MAX_LIST_CHARS:
        return None
    return {
        "validate": "list",
        "source": source,
        "error_type": "warning",
        "error_title": "请从列表中选择",
        "error_message": "该内容不在列表中，导入时可能不被接受。",
    }


def _explanation(sheet: Worksheet, layout: Layout, styles: _Styles) -> None:
    zh, en = names_its_indicator(layout)
    sheet.set_default_row(ROW_HEIGHT)
    for index, width in enumerate(EXPLANATION_WIDTHS):
        sheet.set_column(index, index, width)
    sheet.write_string(0, 0, f"{zh} · {en}", styles.title)
    for row, (text_zh, text_en) in enumerate(_GENERAL, start=1):
        sheet.write_string(row, 0, f"{row}. {text_zh}")
        sheet.write_string(row + len(_GENERAL), 0, f"{row}. {text_en}")
    start = 2 * len(_GENERAL) + 2
    for index, heading in enumerate(("列名", "Column", "必填", "填写要求", "How to fill", "字段 Field")):
        sheet.write_string(start, index, heading, styles.optional)
    for row, (column, heading) in enumerate(
        zip(layout.template, _headings(layout, layout.template), strict=True), start=start + 1
    ):
        asked_zh, asked_en = _requirement(column)
        required = "是" if column.required else "二选一" if column.pointer.startswith("#") else ""
        cells = (heading, column.label.en, required, asked_zh, asked_en, column.pointer.strip("/#"))
        for index, text in enumerate(cells):
            sheet.write_string(row, index, text, styles.wrapped)
        lines = (math.ceil(_span(text) / width) for text, width in zip(cells, EXPLANATION_WIDTHS, strict=True))
        sheet.set_row(row, ROW_HEIGHT * max(lines))
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)


_GENERAL = (
    (
        "请在“填报”表中填写，表头请勿修改；绿色列必填。",
        "Fill the first sheet and keep its headings; green columns are required.",
    ),
    (
        "空白表示未填，不会改动已有内容；要取消已填的内容，请写“清空”。",
        "A blank cell changes nothing; write 清空 or 'clear' to take an answer back.",
    ),
    (
        "数字可带千分位和单位，如 1,234.5、20斤、3吨，导入时按表头单位准确换算。",
        "Numbers may have thousands separators and units, such as 1,234.5 or 3 t; they are converted exactly.",
    ),
    (
        "比率请写 12% 或 0.12；代码和编号请保持文本格式。",
        "Write shares as 12% or 0.12; keep codes and numbers of farms as text.",
    ),
    (
        "同一文件可重复导入，不会重复建档；改正后再导入，只更新改动之处。",
        "The same file may be imported again without duplicates; a corrected one changes only what was corrected.",
    ),
)


def _requirement(column: Column) -> tuple[str, str]:
    """Return how a column is filled, zh and en: its kind, its limits, its hint."""
    zh, en = _kind_said(column)
    measured = column.measured
    if measured is not None and not column.is_share and Decimal(measured.at_most) < Decimal(10) ** 9:
        zh += f"，{measured.at_least} 至 {measured.at_most}"
        en += f", {measured.at_least} to {measured.at_most}"
    label = column.label
    return (f"{zh}。{label.hint_zh}" if label.hint_zh else zh), (f"{en}; {label.hint_en}" if label.hint_en else en)


def _kind_said(column: Column) -> tuple[str, str]:
    names = column.names.values()
    choices_zh, choices_en = "、".join(zh for zh, _ in names), ", ".join(en for _, en in names)
    if column.is_share:
        return "比率，如 12% 或 0.12", "a share, such as 12% or 0.12"
    said: Mapping[Kind, tuple[str, str]] = {
        Kind.AMOUNT: ("数字，至多 6 位小数", "a number, at most 6 decimals"),
        Kind.COUNT: ("整数", "a whole number"),
        Kind.BOOLEAN: ("填“是”或“否”", "yes or no"),
        Kind.CHOICE: (f"选填：{choices_zh}", f"one of: {choices_en}"),
        Kind.CHOICES: (f"可填多项，用“、”隔开：{choices_zh}", f"any of: {choices_en}"),
        Kind.TOWNSHIP: ("9 位乡镇代码，或乡镇全称", "the 9-digit code or the full name of the township"),
        Kind.CODE: (f"{column.digits} 位数字，文本格式", f"{column.digits} digits, as text"),
        Kind.DATE: ("日期，如 2025-03-01", "a date, such as 2025-03-01"),
        Kind.PERIOD: ("如 2025、2025H1、2025Q3", "such as 2025, 2025H1, 2025Q3"),
        Kind.TEXT: ("文字", "text"),
    }
    return said[column.kind]
