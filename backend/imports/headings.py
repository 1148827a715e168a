"""Where the header of a sheet is and what its columns are: by label, field name or merged group. Pure."""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from backend.imports.cells import BLANK, Row, Table, squash
from backend.imports.columns import EACH, Column, Layout
from backend.imports.units import WrittenUnit, unit_of, written_unit

SEARCHED_ROWS = 30
"""The header is among the first filled rows; what stands above it is titles."""

SERIAL = frozenset(squash(each) for each in ("序号", "行号", "no.", "serial"))
_BRACKETED = re.compile(r"^(.*?)[(\[【〔](?:单位)?[::]?\s*([^()\[\]【】〔〕]*)[)\]】〕]$", re.DOTALL)
_AFTER_SLASH = re.compile(r"^(.+?)[/,;,、]\s*(?:单位)?[::]?\s*([^/,;,、]+)$")
_TITLE_UNIT = re.compile(r"(?:计量)?单位[::]\s*([^\s()]+)")
_ORDINALS = ("甲", "乙", "丙", "丁", "戊", "己", "庚", "辛")

Aliases = Mapping[str, tuple[Column, ...]]


@dataclass(frozen=True, slots=True)
class Heading:
    """One column of the sheet: its text as a person reads it, and what it was recognised as."""

    index: int
    text: str
    column: Column | None = None
    unit: WrittenUnit | None = None
    """The unit that the heading, or a line such as 单位：吨 above it, gives; None: the unit of the field."""
    is_serial: bool = False
    is_ambiguous: bool = False


@dataclass(frozen=True, slots=True)
class Header:
    """The header of a sheet: its columns, and where the data begin."""

    table: Table
    headings: tuple[Heading, ...]
    first_row: int
    """Index into the table's rows of the first row of the header; titles stand before."""
    data_row: int
    """Index of the first row behind it."""

    @property
    def read(self) -> tuple[Heading, ...]:
        """The columns that are read."""
        return tuple(each for each in self.headings if each.column is not None)


def find_header(table: Table, layout: Layout) -> Header | None:
    """Return the header with the most columns recognised, of one row or two; None where no row is one."""
    aliases = aliases_of(layout)
    best: Header | None = None
    for index in range(min(len(table.rows), SEARCHED_ROWS)):
        for depth in (1, 2):
            if index + depth > len(table.rows):
                continue
            headings = tuple(_headings(table.rows[index : index + depth], aliases))
            header = Header(table, headings, index, index + depth)
            if best is None or _quality(header) > _quality(best):
                best = header
    if best is None or not _is_header(best):
        return None
    return _with_title_units(_without_ordinals(_with_unit_row(best)))


def aliases_of(layout: Layout) -> Aliases:
    """Return which columns a squashed heading can mean; a heading that means several is ambiguous."""
    found: dict[str, dict[str, Column]] = {}
    for column in layout.columns:
        wire = column.pointer.strip("/#").replace(f"/{EACH}", "")
        spellings = {column.heading, column.label.zh, column.label.en, wire, *column.aliases}
        for spelling in spellings:
            found.setdefault(squash(spelling), {})[column.pointer] = column
    return {spelling: tuple(columns.values()) for spelling, columns in found.items() if spelling}


def _quality(header: Header) -> tuple[int, int]:
    """More columns recognised are better; of as many, the header of one row, so that a title is no group."""
    return len(header.read), header.first_row - header.data_row


def _is_header(header: Header) -> bool:
    return len(header.read) >= 2 or 0 < len(header.read) == len(header.headings)


def _headings(rows: Sequence[Row], aliases: Aliases) -> Iterator[Heading]:
    width = max(len(row.cells) for row in rows)
    group = ""
    for index in range(width):
        upper = _plain(rows[0].cell(index).text) if len(rows) == 2 else ""
        lower = _plain(rows[-1].cell(index).text)
        group = upper or group
        if not (upper or lower):
            continue
        yield _heading(index, upper, lower, group, aliases)


def _heading(index: int, upper: str, lower: str, group: str, aliases: Aliases) -> Heading:
    """Return the column of a heading; below a merged group, “早稻” over “产量”, both are read together."""
    if not lower:
        candidates = [upper]
    elif group and group != lower:
        candidates = [f"{group}·{lower}", lower]
    else:
        candidates = [lower]
    for text in candidates:
        found, unit = _resolved(text, aliases)
        if len(found) == 1:
            return Heading(index, text, found[0], unit)
    text = candidates[0]
    found, _ = _resolved(text, aliases)
    return Heading(index, text, is_serial=squash(text) in SERIAL, is_ambiguous=len(found) > 1)


def _resolved(text: str, aliases: Aliases) -> tuple[tuple[Column, ...], WrittenUnit | None]:
    """Return the columns that a heading can mean and the unit it names, where that is not the field's own."""
    for pattern in (None, _BRACKETED, _AFTER_SLASH):
        match = pattern.match(text) if pattern is not None else None
        if pattern is not None and match is None:
            continue
        name, unit = (text, None) if match is None else (match[1], written_unit(match[2]))
        if match is not None and unit is None:
            continue
        found = aliases.get(squash(name), ())
        if match is not None:
            found = tuple(column for column in found if column.unit is not None)
        # 地膜使用量 may be asked in several units: the one that the heading names is meant.
        if len(found) > 1 and unit is not None:
            found = tuple(column for column in found if column.unit is not None and unit_of(column.unit) == unit)
        if found:
            return found, unit
    return (), None


def _plain(text: str) -> str:
    """Return a heading on one line with half-width punctuation, without the mark of a required column."""
    return "".join(unicodedata.normalize("NFKC", text).split()).strip("*")


def _with_unit_row(header: Header) -> Header:
    """Take in the row of units, 公斤 亩, that some tables have below their header."""
    rows = header.table.rows
    row = rows[header.data_row] if header.data_row < len(rows) else None
    if row is None or any(written_unit(_plain(cell.text)) is None for cell in row.cells if not cell.is_blank):
        return header
    headings = tuple(
        replace(each, unit=written_unit(_plain(row.cell(each.index).text)) or each.unit)
        if each.column is not None and each.column.unit is not None
        else each
        for each in header.headings
    )
    return replace(header, headings=headings, data_row=header.data_row + 1)


def _without_ordinals(header: Header) -> Header:
    """Step over the row 甲 乙 1 2 3 that statistical tables have below their header."""
    rows = header.table.rows
    if header.data_row >= len(rows):
        return header
    texts = [cell.text for cell in rows[header.data_row].cells if not cell.is_blank]
    numbers = [text for text in texts if text not in _ORDINALS]
    counted = [str(number) for number in range(1, len(numbers) + 1)]
    if len(texts) >= 3 and numbers == counted:
        return replace(header, data_row=header.data_row + 1)
    return header


def _with_title_units(header: Header) -> Header:
    """Give columns without a unit of their own the one that a title line such as 单位：吨、亩 names."""
    titles = [cell for row in header.table.rows[: header.first_row] for cell in row.cells if cell is not BLANK]
    named = [match[1] for cell in titles for match in _TITLE_UNIT.finditer(unicodedata.normalize("NFKC", cell.text))]
    units = [unit for text in named for part in re.split(r"[,;、/]", text) if (unit := written_unit(part)) is not None]
    if not units:
        return header
    return replace(header, headings=tuple(_with_title_unit(each, units) for each in header.headings))


def _with_title_unit(heading: Heading, units: Sequence[WrittenUnit]) -> Heading:
    column = heading.column
    if column is None or column.unit is None or heading.unit is not None:
        return heading
    if squash(heading.text) == squash(column.heading) != squash(column.label.zh):
        return heading  # the template's heading names the field's own unit
    measure = unit_of(column.unit).measure
    return next((replace(heading, unit=unit) for unit in units if unit.measure == measure), heading)
