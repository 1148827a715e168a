"""Figures as a workbook in the shape of a form of statistics: a sheet an indicator, and one that explains them."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from pathlib import Path

import xlsxwriter
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from backend.exports.figures import Figures
from backend.exports.method import method_lines
from backend.exports.provenance import DEMO, Provenance
from backend.exports.sheet import Column, Kind, RowDigest, Value
from backend.exports.styles import ROW_HEIGHT, Styles, span, width_of
from backend.exports.tables import Table
from schemas.exports import FORM_MARKS
from schemas.indicators.catalogue import CATALOGUE
from schemas.vocabulary import UNIT_NAMES, Indicator

EXPLANATION = "编制说明"
HEAD_ROWS = 8
"""Title, four lines of marks, the line of agency and unit, and two lines of heads."""

SIGNED_BY = ("responsible", "checked_by", "filled_by")
NUMBER = Column("number", "序号", "No.", Kind.COUNT)
MAX_NAME = 31
"""Excel takes no longer name of a sheet."""


def write_workbook(
    path: Path, figures: Figures, tables: Sequence[Table], provenance: Provenance, folder: Path
) -> RowDigest:
    """Write the workbook; rows go to a file in `folder` as they are written, and none is held."""
    digest = RowDigest()
    workbook = open_workbook(path, provenance, folder)
    styles = Styles(workbook)
    for table in tables:
        _form(workbook.add_worksheet(table.zh[:MAX_NAME]), table, figures, provenance, styles)
        digest.add(table.rows)
    _explanation(workbook.add_worksheet(EXPLANATION), figures, provenance, digest, styles)
    workbook.close()
    return digest


def open_workbook(path: Path, provenance: Provenance, folder: Path) -> Workbook:
    """Return a workbook that writes its rows to disk, where no text is ever read as a formula or a link."""
    options = {
        "constant_memory": True,
        "tmpdir": str(folder),
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    workbook = xlsxwriter.Workbook(path, options)
    workbook.set_properties(
        {
            "title": provenance.marked_title,
            "author": "清田 Qingtian",
            "comments": provenance.query,
            "created": provenance.exported_at.replace(tzinfo=None),
        }
    )
    return workbook


def set_up_print(sheet: Worksheet, provenance: Provenance, first: int, last: int, frozen: int) -> None:
    """Set a sheet up for A4 across: the head rows on every page, one page wide, the mark of the demo in the header."""
    sheet.freeze_panes(last + 1, frozen)
    sheet.set_paper(9)
    sheet.set_landscape()
    sheet.repeat_rows(first, last)
    sheet.fit_to_pages(1, 0)
    sheet.set_margins(left=0.4, right=0.4, top=0.7, bottom=0.6)
    sheet.set_header(f"&C&14&B{DEMO}　非真实上报" if provenance.demo else "")
    said = f"{provenance.moment[:16]}　账本摘要 {provenance.ledger.digest[:12]}"
    sheet.set_footer(f"&L{provenance.scope}&C第 &P 页　共 &N 页&R{said}")


def write_value(
    sheet: Worksheet, row: int, index: int, value: Value, column: Column, styles: Styles, total: bool
) -> None:
    """Write one cell: a number as a number, a text as a text, nothing as an empty cell of the grid."""
    style = styles.of(column, value, total=total)
    match value:
        case None | "":
            sheet.write_blank(row, index, None, style)
        case Decimal() | int():
            sheet.write_number(row, index, float(value), style)
        case str():
            sheet.write_string(row, index, value, style)


def _form(sheet: Worksheet, table: Table, figures: Figures, provenance: Provenance, styles: Styles) -> None:
    kept = [index for index, column in enumerate(table.columns) if column.printed and column.name != "row_kind"]
    columns = [NUMBER, *(table.columns[index] for index in kept)]
    for index, column in enumerate(columns):
        sheet.set_column(index, index, width_of(column, [row[kept[index - 1]] for row in table.rows] if index else []))
    indicator = Indicator(table.name)
    _head(sheet, indicator, figures, provenance, styles, len(columns))
    write_heads(sheet, HEAD_ROWS - 2, columns, styles)
    for number, row in enumerate(table.rows, start=1):
        line = HEAD_ROWS - 1 + number
        is_total = number <= table.totals
        sheet.set_row(line, ROW_HEIGHT)
        write_value(sheet, line, 0, None if is_total else number - table.totals, NUMBER, styles, is_total)
        for index, at in enumerate(kept, start=1):
            write_value(sheet, line, index, row[at], table.columns[at], styles, is_total)
    _foot(sheet, HEAD_ROWS + len(table.rows), provenance, styles)
    set_up_print(sheet, provenance, 0, HEAD_ROWS - 1, 3)
    sheet.print_area(0, 0, HEAD_ROWS + len(table.rows) + 2, len(columns) - 1)


def _head(
    sheet: Worksheet, indicator: Indicator, figures: Figures, provenance: Provenance, styles: Styles, columns: int
) -> None:
    spec, marks = CATALOGUE[indicator], provenance.marks
    title = f"{spec.zh}{'（' + DEMO + '）' if provenance.demo else ''}"
    sheet.set_row(0, 30)
    sheet.merge_range(0, 0, 0, columns - 1, f"{figures.place}{title}", styles.title)
    for line, name in enumerate(("number", "issuer", "approval", "valid_until"), start=1):
        said = f"{FORM_MARKS[name]}：{marks.of(name, indicator) or '＿' * 8}"
        sheet.merge_range(line, max(columns - 4, 1), line, columns - 1, said, styles.mark)
    unit = UNIT_NAMES[spec.numerator.unit][0]
    agency = marks.of("agency", indicator) or "＿" * 12
    third = columns // 3
    sheet.merge_range(5, 0, 5, third, f"{FORM_MARKS['agency']}：{agency}", styles.mark)
    sheet.merge_range(5, third + 1, 5, columns - third, provenance.period_zh, styles.period)
    sheet.merge_range(5, columns - third + 1, 5, columns - 1, f"计量单位：{unit}、%", styles.unit)


def write_heads(sheet: Worksheet, first: int, columns: Sequence[Column], styles: Styles) -> None:
    """Write two rows of heads: neighbours of one group share the upper one. Row by row, as nothing is held."""
    sheet.set_row(first, ROW_HEIGHT)
    index = 0
    while index < len(columns):
        group = columns[index].group
        last = index
        while group and last + 1 < len(columns) and columns[last + 1].group == group:
            last += 1
        if not group:
            sheet.write_blank(first, index, None, styles.head_open)
        elif last > index:
            sheet.merge_range(first, index, first, last, group, styles.head)
        else:
            sheet.write_string(first, index, group, styles.head)
        index = last + 1
    sheet.set_row(first + 1, 3 * ROW_HEIGHT)
    for index, column in enumerate(columns):
        unit = f"\n（{column.unit[0]}）" if column.unit is not None else ""
        style = styles.head if column.group else styles.head_close
        sheet.write_string(first + 1, index, f"{column.zh}{unit}", style)


def _foot(sheet: Worksheet, line: int, provenance: Provenance, styles: Styles) -> None:
    marks = provenance.marks
    said = "　　".join(f"{FORM_MARKS[name]}：{marks.of(name) or '＿' * 8}" for name in SIGNED_BY)
    sheet.write_string(line, 0, f"{said}　　报出日期：20＿＿年＿＿月＿＿日", styles.plain)
    sheet.write_string(
        line + 1, 0, f"数据来源：{provenance.sources[0]}。数据范围：{provenance.scope}。空格表示无数。", styles.plain
    )


def _explanation(sheet: Worksheet, figures: Figures, provenance: Provenance, digest: RowDigest, styles: Styles) -> None:
    said = [*provenance.lines(digest.rows, digest.hex)]
    said += [("", label, value) for label, value in method_lines(figures.indicators)]
    write_said(sheet, said, provenance, styles)


def write_said(sheet: Worksheet, said: Iterable[tuple[str, str, str]], provenance: Provenance, styles: Styles) -> None:
    """Write the sheet that explains: (identifier, label, text), a line each."""
    sheet.set_column(0, 0, 26)
    sheet.set_column(1, 1, 110)
    sheet.set_row(0, 30)
    sheet.write_string(0, 0, f"{EXPLANATION}{'（' + DEMO + '）' if provenance.demo else ''}", styles.left_title)
    line = 1
    for _, label, value in said:
        line += 1
        _pair(sheet, line, label, value, styles)
    set_up_print(sheet, provenance, 0, 0, 0)
    sheet.print_area(0, 0, line, 1)


def _pair(sheet: Worksheet, line: int, label: str, value: str, styles: Styles) -> None:
    sheet.set_row(line, ROW_HEIGHT * max(1, -(-span(value) // 108)))
    sheet.write_string(line, 0, label, styles.label)
    sheet.write_string(line, 1, value, styles.wrapped)
