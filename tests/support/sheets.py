"""Spreadsheets as offices send them, and what uploading one asks."""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any

import openpyxl
import xlsxwriter

Lines = Sequence[Sequence[Any]]


def csv_bytes(lines: Lines, *, encoding: str = "utf-8-sig", delimiter: str = ",") -> bytes:
    """Return lines as CSV."""
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter).writerows(lines)
    return text.getvalue().encode(encoding)


def by_xlsxwriter(lines: Lines, *, percent: Iterable[tuple[int, int]] = ()) -> bytes:
    """Return lines as a workbook; `percent` names the cells (row, column from 0) that are formatted in percent."""
    body = io.BytesIO()
    workbook = xlsxwriter.Workbook(body, {"in_memory": True})
    sheet = workbook.add_worksheet("花名册")
    share = workbook.add_format({"num_format": "0.00%"})
    for row, line in enumerate(lines):
        for column, value in enumerate(line):
            if value is not None:
                sheet.write(row, column, value, share if (row, column) in set(percent) else None)
    workbook.close()
    return body.getvalue()


def by_openpyxl(lines: Lines, *, merged: Iterable[str] = ()) -> bytes:
    """Return lines as a workbook written by another hand than the service's."""
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    for line in lines:
        sheet.append(list(line))
    for reference in merged:
        sheet.merge_cells(reference)
    body = io.BytesIO()
    workbook.save(body)
    return body.getvalue()
