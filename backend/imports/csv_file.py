"""CSV as offices send it: UTF-8 or GB18030 or UTF-16, with comma, tab or semicolon; the encoding is never guessed."""

import csv
import io
from collections.abc import Iterator

from backend.imports.cells import MAX_CELL_CHARS, MAX_COLUMNS, MAX_ROWS, Cell, FileRefused, Row, Table, tidy

UTF16_MARKS = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}
UTF8_MARK = b"\xef\xbb\xbf"

DELIMITERS = ("\t", ",", ";")
SNIFFED_LINES = 40

GB18030_2022 = str.maketrans(
    {
        0xE81E: 0x9FB4,
        0xE826: 0x9FB5,
        0xE82B: 0x9FB6,
        0xE82C: 0x9FB7,
        0xE832: 0x9FB8,
        0xE843: 0x9FB9,
        0xE854: 0x9FBA,
        0xE864: 0x9FBB,
    }
)
"""Eight ideographs that the codec, of the standard's 2000 edition, still decodes into the private area."""


def read_csv(body: bytes) -> Table:
    """Return the rows of a CSV file. Raises FileRefused for one that is in no known encoding or cannot be parsed."""
    text, encoding = decoded(body)
    if "\0" in text:
        raise FileRefused("import_not_a_table")
    rows = tuple(_rows(text, _delimiter(text)))
    return Table("", encoding, rows)


def decoded(body: bytes) -> tuple[str, str]:
    """Return the text and the name of its encoding. Raises FileRefused.

    Bytes that are valid UTF-8 are UTF-8. What is not, but mostly, is damaged UTF-8 and refused by line: as GB18030, in
    which nearly all bytes mean something, it would be read as other characters. The rest is GB18030, which holds GBK.
    """
    for mark, encoding in UTF16_MARKS.items():
        if body.startswith(mark):
            return _strictly(body.removeprefix(mark), encoding), "UTF-16"
    try:
        return body.removeprefix(UTF8_MARK).decode("utf-8"), "UTF-8"
    except UnicodeDecodeError as error:
        if body.startswith(UTF8_MARK) or _is_mostly_utf8(body):
            line = body[: error.start].count(b"\n") + 1
            raise FileRefused("import_encoding", line=line) from None
    return _strictly(body, "gb18030").translate(GB18030_2022), "GB18030"


def _strictly(body: bytes, encoding: str) -> str:
    try:
        return body.decode(encoding)
    except UnicodeDecodeError as error:
        raise FileRefused("import_encoding", line=body[: error.start].count(b"\n") + 1) from None


def _is_mostly_utf8(body: bytes) -> bool:
    text = body.decode("utf-8", errors="replace")
    broken = text.count("\N{REPLACEMENT CHARACTER}")
    whole = sum(character > "\x7f" for character in text) - broken
    return whole > broken


def _delimiter(text: str) -> str:
    """Return the delimiter that most of the first lines agree on; quoted text is not looked into."""
    outside = "".join(text.split('"')[::2]) if text.count('"') % 2 == 0 else text
    lines = [line for line in outside.splitlines()[:SNIFFED_LINES] if line.strip()]
    return max(DELIMITERS, key=lambda each: sum(line.count(each) for line in lines))


def _rows(text: str, delimiter: str) -> Iterator[Row]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    line = filled = 0
    while True:
        line += 1
        try:
            values = next(reader)
        except StopIteration:
            return
        except csv.Error:
            raise FileRefused("import_broken_csv", line=line) from None
        if len(values) > MAX_COLUMNS:
            raise FileRefused("import_too_many_columns", limit=MAX_COLUMNS)
        cells = tuple(_cell(value) for value in values)
        if all(cell.is_blank for cell in cells):
            continue
        filled += 1
        if filled > MAX_ROWS:
            raise FileRefused("import_too_many_rows", limit=MAX_ROWS)
        yield Row(line, cells)


def _cell(value: str) -> Cell:
    text = tidy(value)
    if text.startswith('="') and text.endswith('"'):  # how Excel users keep a code from becoming a number
        text = text[2:-1]
    if len(text) > MAX_CELL_CHARS:
        return Cell(text[:60], fault="import_cell_too_long")
    return Cell(text)
