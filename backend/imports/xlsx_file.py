"""XLSX as Excel, WPS and LibreOffice write it: cached values only, exact numbers, and hostile files refused early."""

import io
import re
import warnings
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from openpyxl import load_workbook
from openpyxl.cell.read_only import EMPTY_CELL
from openpyxl.utils.cell import column_index_from_string, range_boundaries

from backend.imports.cells import BLANK, MAX_CELL_CHARS, MAX_COLUMNS, MAX_ROWS, Cell, FileRefused, Row, Table, tidy
from schemas.decimals import plain

ZIP_MARK = b"PK\x03\x04"
OLE_MARK = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""A workbook of Excel 97-2003, or a newer one that is encrypted."""

MAX_UNPACKED_BYTES = 48_000_000
MAX_PARTS = 1_000
LAST_LINE = 1_048_576
MAX_SHEETS = 20
MAX_EXACT_DIGITS = 15
"""Excel keeps 15 digits of a number; what was typed beyond them is gone."""

WORKBOOK = "xl/workbook.xml"
MACROS = "xl/vbaProject.bin"
_FORMULA = re.compile(rb"<(?:\w+:)?f[\s/>]")
_MERGED = re.compile(rb'<(?:\w+:)?mergeCell\s[^<>]{0,200}?ref="([A-Z0-9:]{3,20})"')
_CELL = re.compile(rb'<(?:\w+:)?c(?:\s[^<>]{0,200}?)??(?:\sr="([A-Z]+)[0-9]+"|[\s/>])')


def read_xlsx(body: bytes) -> list[Table]:
    """Return every visible sheet with anything in it, in the workbook's order. Raises FileRefused."""
    _refuse_hostile(body)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of extensions that the reader does not keep; cells are all that is read
        try:
            return _sheets(body)
        except FileRefused:
            raise
        except Exception:  # noqa: BLE001 - the reader's errors on a damaged workbook are of any kind
            raise FileRefused("import_not_a_table") from None


def _refuse_hostile(body: bytes) -> None:
    """Raise FileRefused for what is no plain workbook, before anything of it is unpacked."""
    if body.startswith(OLE_MARK):
        raise FileRefused("import_old_excel")
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            parts = archive.infolist()
            names = {part.filename for part in parts}
    except (zipfile.BadZipFile, ValueError, OSError):
        raise FileRefused("import_not_a_table") from None
    # The reader never takes more from a part than its directory entry says, so the entries bound the memory.
    if len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > MAX_UNPACKED_BYTES:
        raise FileRefused("import_unpacks_too_large", limit=MAX_UNPACKED_BYTES // 1_000_000)
    if any(part.flag_bits & 0x1 for part in parts):
        raise FileRefused("import_old_excel")
    if MACROS in names:
        raise FileRefused("import_macro")
    if WORKBOOK not in names:
        raise FileRefused("import_not_a_table")


def _sheets(body: bytes) -> list[Table]:
    values = load_workbook(io.BytesIO(body), read_only=True, data_only=True, keep_links=False)
    formulas = load_workbook(io.BytesIO(body), read_only=True, data_only=False, keep_links=False)
    try:
        tables = []
        for sheet in values.worksheets[:MAX_SHEETS]:
            if sheet.sheet_state != "visible":
                continue
            rows = _sheet_rows(sheet, formulas[sheet.title])
            if rows:
                tables.append(Table(sheet.title, "XLSX", rows))
        return tables
    finally:
        values.close()
        formulas.close()


def _sheet_rows(sheet: Any, formula_sheet: Any) -> tuple[Row, ...]:
    with sheet._get_source() as source:  # noqa: SLF001 - the one way to the sheet's own XML
        xml = source.read()
    width = _width(xml)
    formulas = _formula_cells(formula_sheet, width) if _FORMULA.search(xml) else frozenset()
    rows = list(_filled_rows(sheet, width, formulas))
    return _spread(rows, [match[1].decode() for match in _MERGED.finditer(xml)])


def _width(xml: bytes) -> int:
    """Return how many columns to read; what a sheet says of its own size is not believed. Raises FileRefused."""
    letters = {match[1] for match in _CELL.finditer(xml)}
    if any(each is not None and len(each) > 2 for each in letters):
        raise FileRefused("import_too_many_columns", limit=MAX_COLUMNS)
    if None in letters:  # cells that follow one another without saying where they stand
        return MAX_COLUMNS + 1
    return max((column_index_from_string(each.decode()) for each in letters if each), default=1)


def _filled_rows(sheet: Any, width: int, formulas: frozenset[tuple[int, int]]) -> Iterator[Row]:
    filled = 0
    for line, cells in _lines(sheet, width):
        read = [_cell(cell, is_formula=(line, index) in formulas) for index, cell in enumerate(cells)]
        while read and read[-1].is_blank:
            read.pop()
        if not read:
            continue
        if len(read) > MAX_COLUMNS:
            raise FileRefused("import_too_many_columns", limit=MAX_COLUMNS)
        filled += 1
        if filled > MAX_ROWS:
            raise FileRefused("import_too_many_rows", limit=MAX_ROWS)
        yield Row(line, tuple(read))


def _lines(sheet: Any, width: int) -> Iterator[tuple[int, tuple[Any, ...]]]:
    """Yield the rows that the sheet holds, with their number; the reader gives one object for all that it lacks."""
    sheet.reset_dimensions()
    lacking: Any = None
    for line, cells in enumerate(sheet.iter_rows(min_row=1, max_row=LAST_LINE, max_col=width), start=1):
        if cells is lacking:
            continue
        if all(cell is EMPTY_CELL for cell in cells):
            lacking = cells
            continue
        yield line, cells


def _formula_cells(sheet: Any, width: int) -> frozenset[tuple[int, int]]:
    return frozenset(
        (line, index)
        for line, cells in _lines(sheet, width)
        for index, cell in enumerate(cells)
        if cell is not EMPTY_CELL and cell.data_type == "f"
    )


def _cell(cell: Any, *, is_formula: bool) -> Cell:
    if cell is EMPTY_CELL:
        return BLANK
    value, kind = cell.value, cell.data_type
    if value is None:
        # A formula whose result is the empty text says so by its type; one without a result was never computed.
        return Cell("=", fault="import_formula") if is_formula and kind != "str" else BLANK
    if kind == "e":
        return Cell(str(value), fault="import_cell_error")
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _number(value, str(cell.number_format))
    text = tidy(_written(value))
    return Cell(text[:60], fault="import_cell_too_long") if len(text) > MAX_CELL_CHARS else Cell(text)


def _written(value: object) -> str:
    """Return a value that is no number as a person writes it; a date without a time of day is only a date."""
    match value:
        case bool():
            return "是" if value else "否"
        case datetime() if value.time() == time():
            return value.date().isoformat()
        case datetime() | date() | time():
            return value.isoformat()
        case _:
            return str(value)


def _number(value: float, number_format: str) -> Cell:
    """Return the number as it was typed: Excel keeps 15 digits, and a cell in percent shows a hundredfold."""
    number = Decimal(value) if isinstance(value, int) else Decimal(format(value, f".{MAX_EXACT_DIGITS}g"))
    if not number.is_finite():
        return Cell(str(value), fault="import_cell_error")
    if abs(number) >= Decimal(10) ** MAX_EXACT_DIGITS:
        return Cell(plain(number)[:60], is_number=True, fault="import_digits_lost")
    if "%" in number_format:
        return Cell(f"{plain(number * 100)}%", is_number=True)
    return Cell(plain(number), is_number=True)


def _spread(rows: list[Row], merged: list[str]) -> tuple[Row, ...]:
    """Return the rows with the value of every merged range written down its column, as a person reads it.

    Only downwards: a heading merged over several columns is a group, which the header search reads as one.
    """
    by_line = {row.line: row for row in rows}
    for reference in merged[:MAX_ROWS]:
        left, top, _, bottom = range_boundaries(reference)
        first = by_line.get(top)
        if first is None or left is None or bottom is None or first.cell(left - 1).is_blank:
            continue
        if first.cell(left - 1).is_number:
            continue  # one amount over several farms is not that amount for each
        for line in range(top + 1, min(bottom, top + MAX_ROWS) + 1):
            row = by_line.get(line)
            if row is not None and row.cell(left - 1).is_blank:
                cells = list(row.cells) + [BLANK] * (left - len(row.cells))
                cells[left - 1] = first.cell(left - 1)
                by_line[line] = Row(line, tuple(cells))
    return tuple(by_line.values())
