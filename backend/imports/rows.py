"""From the lines below a header to the records they speak of: answers by field, whom they are about, faults. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from backend.imports.cells import BLANK, Cell, Row, letters_of, squash
from backend.imports.columns import COUNTY, EACH, FARM_NAME, FARM_NUMBER, PERIOD, Kind, Layout
from backend.imports.headings import Header, Heading
from backend.imports.values import CellRefused, Townships, read_answer
from schemas.imports import ImportCell, ImportProblem
from schemas.problems import problem

TOTALS = tuple(squash(each) for each in ("合计", "总计", "小计", "共计", "总和", "累计", "total", "subtotal"))
REMARKS = tuple(
    squash(each)
    for each in (
        "填表人",
        "填报人",
        "制表",
        "审核人",
        "复核",
        "负责人",
        "填表单位",
        "填报单位",
        "填报日期",
        "说明",
        "注",
        "备注",
    )
)
MOST_CELLS_OF_A_REMARK = 4


@dataclass(slots=True)
class Entry:
    """What the file says of one farm, report or statement."""

    lines: list[int]
    about: dict[str, Any] = field(default_factory=dict)
    """Pointer of an identifying column -> its answer."""
    answers: dict[str, Any] = field(default_factory=dict)
    """JSON Pointer below the payload -> JSON value; None takes the answer back."""
    cells: list[ImportCell] = field(default_factory=list)
    problems: list[ImportProblem] = field(default_factory=list)
    skipped: str = ""
    """The problem code that says why the line is no record."""

    @property
    def title(self) -> str:
        """Whom the line is about, as it writes it."""
        parts = (self.named(FARM_NUMBER, "/external_id"), self.named(FARM_NAME, "/name"))
        return " ".join(part for part in parts if part) or (self.cells[0].typed if self.skipped and self.cells else "")

    def named(self, *pointers: str) -> str:
        """Return the first of several answers that is given, as text."""
        given = (self.about.get(pointer) or self.answers.get(pointer) for pointer in pointers)
        return next((str(each) for each in given if each), "")


@dataclass(frozen=True, slots=True)
class Asked:
    """What the whole file is imported as: the county under its names, and the period."""

    townships: Townships
    county_names: frozenset[str]
    period: str | None


def read_entries(header: Header, layout: Layout, asked: Asked) -> list[Entry]:
    """Return one entry a record, in the order of the file; lines about one record are put together."""
    entries: list[Entry] = []
    by_key: dict[object, Entry] = {}
    has_codes = any(each.column is not None and each.column.pointer.endswith(f"/{EACH}") for each in header.headings)
    for row in header.table.rows[header.data_row :]:
        entry = _read_line(row, header, asked)
        key = None if entry.skipped else _key(entry, layout)
        first = by_key.get(key) if key is not None else None
        if first is None:
            entries.append(entry)
            if key is not None:
                by_key[key] = entry
        elif has_codes:
            _join(first, entry)
        else:
            entry.problems.append(_at(entry.lines[0], "import_row_twice", first=first.lines[0]))
            entries.append(entry)
    return entries


def _read_line(row: Row, header: Header, asked: Asked) -> Entry:
    entry = Entry([row.line])
    entry.skipped = _why_skipped(row, header)
    if entry.skipped:
        entry.cells = [
            ImportCell(line=row.line, column=letters_of(index), heading="", typed=cell.text)
            for index, cell in enumerate(row.cells)
            if not cell.is_blank
        ]
        return entry
    codes = dict(_codes(entry, row, header, asked))
    for heading in header.headings:
        _take(entry, heading, row.cell(heading.index), codes, asked)
    _check_cells_without_heading(entry, row, header)
    return entry


def _why_skipped(row: Row, header: Header) -> str:
    """Return the code of a line that is a total or a remark, or "". Totals name themselves in an early text column."""
    texts = [squash(cell.text) for cell in row.cells if not cell.is_blank]
    early = [squash(row.cell(each.index).text) for each in header.headings if _names(each)]
    if any(text.startswith(TOTALS) and len(text) <= 8 for text in (*early, *texts[:1])):
        return "import_total_row"
    if len(texts) <= MOST_CELLS_OF_A_REMARK and texts and texts[0].startswith(REMARKS):
        return "import_remark_row"
    return ""


def _names(heading: Heading) -> bool:
    column = heading.column
    return heading.is_serial or (column is not None and column.kind in (Kind.TEXT, Kind.TOWNSHIP, Kind.CHOICE))


def _codes(entry: Entry, row: Row, header: Header, asked: Asked) -> Iterator[tuple[str, str]]:
    """Yield which code of each keyed object the line is about, such as ("/crops", "early_rice")."""
    for heading in header.headings:
        column = heading.column
        if column is None or not column.pointer.endswith(f"/{EACH}"):
            continue
        cell = row.cell(heading.index)
        value = _answer(entry, heading, cell, asked, column.pointer)
        if value is not _OPEN:
            yield column.pointer.removesuffix(f"/{EACH}"), str(value)


_OPEN = object()
"""Stands for a cell that answers nothing."""


def _take(entry: Entry, heading: Heading, cell: Cell, codes: Mapping[str, str], asked: Asked) -> None:
    column = heading.column
    if column is None or column.pointer.endswith(f"/{EACH}"):
        return
    pointer = column.pointer
    if column.is_long:
        base = pointer.partition(f"/{EACH}")[0]
        if base in codes:
            pointer = pointer.replace(EACH, codes[base], 1)
        elif not cell.is_blank:
            if not any(each.field == f"/payload{base}" for each in entry.problems):
                entry.problems.append(_of_cell(entry, heading, "import_code_missing", f"/payload{base}"))
            return
    value = _answer(entry, heading, cell, asked, pointer)
    if value is _OPEN:
        return
    if pointer in (COUNTY, PERIOD):
        expected = asked.county_names if pointer == COUNTY else {squash(asked.period or "")}
        if squash(str(value)) not in expected:
            code = "import_county_differs" if pointer == COUNTY else "import_period_differs"
            entry.problems.append(_of_cell(entry, heading, code, value=cell.text))
        return
    target = entry.about if pointer in (FARM_NUMBER, FARM_NAME) else entry.answers
    target[pointer] = value


def _answer(entry: Entry, heading: Heading, cell: Cell, asked: Asked, pointer: str) -> Any:
    """Return the answer of a cell and note it; `_OPEN` where it is blank or refused."""
    column = heading.column
    if column is None or cell.is_blank:
        return _OPEN
    place = {"line": entry.lines[0], "column": letters_of(heading.index), "heading": heading.text}
    where = None if pointer.startswith("#") else pointer
    try:
        answer = read_answer(cell, column, heading.unit, asked.townships)
    except CellRefused as refused:
        found = problem(
            refused.code, None if where is None else f"/payload{where}", **_labels(heading), **refused.params
        )
        entry.problems.append(ImportProblem(**found.model_dump(), **place))
        entry.cells.append(ImportCell(**place, typed=cell.text, field=where))
        return _OPEN
    if answer is None:
        return _OPEN
    becomes = None if answer.value is None else said(answer.value)
    entry.cells.append(
        ImportCell(
            **place,
            typed=cell.text,
            field=where,
            becomes=becomes,
            note_zh=answer.note_zh,
            note_en=answer.note_en,
        )
    )
    return answer.value


def said(value: Any) -> str:
    """Return a JSON value as the preview writes it."""
    match value:
        case bool():
            return "true" if value else "false"
        case list():
            return ", ".join(str(each) for each in value)
        case _:
            return str(value)


def _check_cells_without_heading(entry: Entry, row: Row, header: Header) -> None:
    known = {each.index for each in header.headings}
    for index, cell in enumerate(row.cells):
        if index not in known and cell is not BLANK and not cell.is_blank:
            stray = Heading(index, "")
            entry.problems.append(_of_cell(entry, stray, "import_no_heading", value=cell.text))


def _key(entry: Entry, layout: Layout) -> object:
    """Return what makes two lines of a file speak of the same record; None where the line does not say."""
    if layout.is_statement:
        return "statement"
    number = entry.named(FARM_NUMBER, "/external_id")
    if number:
        return squash(number)
    name = entry.named(FARM_NAME, "/name")
    if not name:
        return None
    return squash(name), entry.answers.get("/township_code"), entry.answers.get("/village_code")


def _join(first: Entry, more: Entry) -> None:
    """Add a further line about the same record; what both answer must agree."""
    for pointer, value in more.answers.items():
        if pointer in first.answers and first.answers[pointer] != value:
            cell = next((each for each in more.cells if each.field == pointer), None)
            found = problem("import_lines_differ", f"/payload{pointer}", first=first.lines[0], label=pointer)
            if cell is not None:
                found = problem("import_lines_differ", f"/payload{pointer}", first=first.lines[0], label=cell.heading)
            first.problems.append(
                ImportProblem(
                    **found.model_dump(),
                    line=more.lines[0],
                    column=cell.column if cell else None,
                    heading=cell.heading if cell else None,
                )
            )
        first.answers.setdefault(pointer, value)
    first.lines += more.lines
    first.cells += more.cells
    first.problems += more.problems


def _labels(heading: Heading) -> dict[str, str]:
    column = heading.column
    if column is None:
        return {"label": heading.text or letters_of(heading.index)}
    return {"label": column.label.zh, "label_en": column.label.en}


def _of_cell(entry: Entry, heading: Heading, code: str, field_: str | None = None, **params: object) -> ImportProblem:
    found = problem(code, field_, **_labels(heading), **params)
    place = {"line": entry.lines[0], "column": letters_of(heading.index), "heading": heading.text or None}
    return ImportProblem(**found.model_dump(), **place)


def _at(line: int, code: str, **params: object) -> ImportProblem:
    return ImportProblem(**problem(code, **params).model_dump(), line=line)
