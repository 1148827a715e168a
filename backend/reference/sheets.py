"""Read a CSV or XLSX file of reference data into lines of text; nothing is interpreted yet."""

import csv
from decimal import Decimal
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from schemas.decimals import plain
from schemas.reference.loader import csv_sheet
from schemas.reference.sheet import Fault, Sheet

ENCODINGS = ("utf-8-sig", "gb18030")
"""UTF-8 with or without a mark; else what Excel writes on a Chinese Windows. GB 18030 holds all of GBK."""

XLSX_MARK = b"PK\x03\x04"
XLS_MARK = b"\xd0\xcf\x11\xe0"
MAX_BYTES = 64_000_000


class UnreadableFileError(ValueError):
    """A file that cannot be read at all; it carries the fault."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.fault = Fault(zh, en)


def read_sheet(path: Path) -> Sheet:
    """Return the lines of a CSV file, or of the first sheet of an XLSX file. Raises UnreadableFileError."""
    body = read_bytes(path)
    if body.startswith(XLSX_MARK):
        return _xlsx(path)
    if body.startswith(XLS_MARK):
        raise UnreadableFileError(
            "这是旧式 XLS 或加了密码的工作簿，请另存为不带密码的 XLSX 或 CSV",
            "an old XLS or a workbook with a password; save it as XLSX or CSV without one",
        )
    try:
        return csv_sheet(_decoded(body), path.name)
    except csv.Error as error:
        raise UnreadableFileError("CSV 的引号没有配对", f"not a sound CSV file: {error}") from error


def read_bytes(path: Path) -> bytes:
    """Return what a file holds. Raises UnreadableFileError."""
    if not path.is_file():
        raise UnreadableFileError(f"没有这个文件：{path}", f"there is no file {path}")
    if path.stat().st_size > MAX_BYTES:
        raise UnreadableFileError("文件超过 64 MB", "the file is larger than 64 MB")
    return path.read_bytes()


def _decoded(body: bytes) -> str:
    for encoding in ENCODINGS:
        try:
            return body.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise UnreadableFileError(
        "文字编码既不是 UTF-8，也不是 GBK（GB 18030）", "the text is neither UTF-8 nor GBK (GB 18030)"
    )


def _xlsx(path: Path) -> Sheet:
    try:
        book = load_workbook(path, read_only=True, data_only=True)
    except (BadZipFile, InvalidFileException, KeyError, ValueError, OSError) as error:
        raise UnreadableFileError("不是完好的 XLSX 工作簿", f"not a sound XLSX workbook: {error}") from error
    try:
        rows = book.worksheets[0].iter_rows(values_only=True) if book.worksheets else ()
        return Sheet(path.name, [(number, _cells(row)) for number, row in enumerate(rows, start=1)])
    finally:
        book.close()


def _cells(row: tuple[Any, ...]) -> tuple[str, ...]:
    """Return the cells as text, without the empty ones at the end."""
    cells = [_text(value) for value in row]
    while cells and not cells[-1]:
        cells.pop()
    return tuple(cells)


def _text(value: Any) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case int() | float():
            # Excel keeps 15 digits; the shortest text of the float is the number that was typed.
            return plain(Decimal(repr(value)))
        case _:
            return str(value).strip()
