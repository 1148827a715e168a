"""A workbook of very many rows: each goes to disk as it is written, and a full sheet is followed by another."""

from collections.abc import Sequence
from pathlib import Path

from xlsxwriter.worksheet import Worksheet

from backend.exports.provenance import Provenance
from backend.exports.sheet import Column, Kind, RowDigest, Value
from backend.exports.styles import NUMBER_FORMATS, Styles, width_of
from backend.exports.workbook import EXPLANATION, open_workbook, set_up_print, write_heads, write_said

SHEET = "填报明细"
HEAD_ROWS = 3
MAX_ROWS = 1_048_576
"""Excel takes no more on one sheet."""


class XlsxRows:
    """Writes reports line by line; frozen heads, numbers as numbers, and a last sheet that explains them."""

    def __init__(self, path: Path, columns: Sequence[Column], provenance: Provenance, *, limit: int = MAX_ROWS) -> None:
        self._columns = columns
        self._provenance = provenance
        self._limit = limit
        self._workbook = open_workbook(path, provenance, path.parent)
        self._styles = Styles(self._workbook)
        self._formats = [
            None if one.kind is Kind.TEXT else self._workbook.add_format({"num_format": NUMBER_FORMATS[one.kind]})
            for one in columns
        ]
        self._digest = RowDigest()
        self._sheets = 0
        self._sheet = self._begin()
        self._line = HEAD_ROWS
        self._closed = False

    def add(self, rows: Sequence[Sequence[Value]]) -> None:
        """Write some rows."""
        self._digest.add(rows)
        for row in rows:
            if self._line >= self._limit:
                self._sheet, self._line = self._begin(), HEAD_ROWS
            self._write(row)
            self._line += 1

    def finish(self, provenance: Provenance) -> RowDigest:
        """Write the last sheet and close the workbook."""
        explanation = self._workbook.add_worksheet(EXPLANATION)
        write_said(explanation, provenance.lines(self._digest.rows, self._digest.hex), provenance, self._styles)
        self.close()
        return self._digest

    def close(self) -> None:
        """Close the workbook, finished or not, so that its rows on disk are let go."""
        if not self._closed:
            self._closed = True
            self._workbook.close()

    def _begin(self) -> Worksheet:
        self._sheets += 1
        sheet = self._workbook.add_worksheet(SHEET if self._sheets == 1 else f"{SHEET}（{self._sheets}）")
        for index, column in enumerate(self._columns):
            sheet.set_column(index, index, width_of(column, ["0" * 20] if column.kind is Kind.TEXT else []))
        sheet.write_string(0, 0, self._provenance.marked_title, self._styles.left_title)
        write_heads(sheet, 1, self._columns, self._styles)
        set_up_print(sheet, self._provenance, 0, HEAD_ROWS - 1, 5)
        return sheet

    def _write(self, row: Sequence[Value]) -> None:
        sheet, line = self._sheet, self._line
        for index, value in enumerate(row):
            if isinstance(value, str):
                sheet.write_string(line, index, value)
            elif value is not None:
                sheet.write_number(line, index, float(value), self._formats[index])
