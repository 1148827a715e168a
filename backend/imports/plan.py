"""What each record of a file would change: compared with the register, validated as a push validates. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from backend.imports.columns import FARM_NAME, FARM_NUMBER, PROJECT, Layout
from backend.imports.register import AmbiguousFarmError, KnownRecord, Register
from backend.imports.rows import Entry
from schemas.identifiers import statement_id
from schemas.imports import ImportOutcome, ImportProblem
from schemas.indicators.translation import labels_at
from schemas.problems import Problem, problem
from schemas.regions import NO_TOWNSHIP
from schemas.vocabulary import Datum, Level
from sync.content import IMMUTABLE_POINTERS, ContentRefused, Place, read_content
from sync.decision import Rights
from sync.leaves import Leaves, nest
from sync.reference import Reference

PLACEHOLDER_ID = "00000000-0000-7000-8000-000000000000"
"""Stands for the id of a new record until the commit draws one."""


@dataclass(frozen=True, slots=True)
class Frame:
    """What every line is judged by."""

    county_code: str
    layout: Layout
    period: str | None
    today: date
    reference: Reference
    rights: Rights


@dataclass(slots=True)
class Planned:
    """One record of the file and what it is to the ledger."""

    entry: Entry
    outcome: ImportOutcome
    record: KnownRecord | None = None
    """The record that it is found in."""
    payload: dict[str, Any] = field(default_factory=dict)
    """Of a new record."""
    changes: dict[str, Any] = field(default_factory=dict)
    """JSON Pointer -> value, of what differs."""
    problems: list[ImportProblem] = field(default_factory=list)
    warnings: list[ImportProblem] = field(default_factory=list)


class _Refusal(Exception):  # noqa: N818 - control flow inside the plan
    def __init__(self, *problems: Problem) -> None:
        super().__init__()
        self.problems = problems


def plan(entries: Iterable[Entry], register: Register, frame: Frame) -> list[Planned]:
    """Return what becomes of every entry, in the order of the file."""
    planned: list[Planned] = []
    first_lines: dict[str, int] = {}
    for entry in entries:
        one = _planned(entry, register, frame)
        target = one.record.id if one.record is not None else None
        if target is not None and target in first_lines and one.outcome is not ImportOutcome.REFUSED:
            one = _refused(entry, [problem("import_row_twice", first=first_lines[target])])
        elif target is not None:
            first_lines[target] = entry.lines[0]
        planned.append(one)
    return planned


def _planned(entry: Entry, register: Register, frame: Frame) -> Planned:
    if entry.skipped:
        note = ImportProblem(**problem(entry.skipped).model_dump(), line=entry.lines[0])
        return Planned(entry, ImportOutcome.SKIPPED, warnings=[note])
    try:
        record, fixed = _target(entry, register, frame)
        if record is None:
            _claim_project(entry, register)
        return _refused(entry, ()) if entry.problems else _compared(entry, record, fixed, frame)
    except _Refusal as refusal:
        return _refused(entry, refusal.problems)
    except ContentRefused as refused:
        return _refused(entry, refused.problems)


def _target(entry: Entry, register: Register, frame: Frame) -> tuple[KnownRecord | None, Leaves]:
    """Return the record that an entry is found in, and the answers that a new one gets besides the file's.

    Raises _Refusal for a line that names nobody, several farms, or one that is not registered.
    """
    layout = frame.layout
    if layout.indicator is None or layout.level is None:
        return _farm(entry, register, required=False), {}
    fixed: Leaves = {"/indicator": str(layout.indicator), "/level": str(layout.level), "/period": frame.period}
    if layout.is_statement:
        return register.statement, fixed
    farm = _farm(entry, register, required=True)
    if farm is None:
        raise _Refusal(problem("import_farm_unknown", "/payload/farm_id", name=entry.title))
    if not frame.rights.may_write(frame.county_code, farm.township_code, Level.FARM, layout.indicator):
        raise _Refusal(problem("import_out_of_scope", "/payload/township_code", region=farm.township_code))
    report = register.reports.get(farm.id)
    return report, fixed | {"/farm_id": farm.id, "/township_code": farm.township_code}


def _claim_project(entry: Entry, register: Register) -> None:
    """Take a project's number for this entry. Raises _Refusal where it is reported already, or earlier in the file."""
    project_id = entry.answers.get(PROJECT)
    if project_id is None:
        return
    if project_id in register.projects:
        raise _Refusal(problem("project_exists", f"/payload{PROJECT}", value=project_id))
    register.projects.add(project_id)


def _farm(entry: Entry, register: Register, *, required: bool) -> KnownRecord | None:
    number, name = entry.named(FARM_NUMBER, "/external_id"), entry.named(FARM_NAME, "/name")
    if not number and not name:
        if required or not entry.problems:
            raise _Refusal(*([] if entry.problems else [problem("import_no_identity")]))
        return None
    try:
        return register.farm(number, name, entry.answers.get("/township_code"), entry.answers.get("/village_code"))
    except AmbiguousFarmError:
        raise _Refusal(problem("import_farm_ambiguous", name=entry.title)) from None


def _compared(entry: Entry, record: KnownRecord | None, fixed: Leaves, frame: Frame) -> Planned:
    answers = entry.answers
    if record is None:
        leaves = fixed | {pointer: value for pointer, value in answers.items() if value is not None}
        payload = nest(leaves)
        return Planned(
            entry,
            ImportOutcome.NEW,
            payload=payload,
            changes=answers,
            warnings=_checked(entry, payload, None, frame),
        )
    changes = {pointer: value for pointer, value in answers.items() if record.leaves.get(pointer) != value}
    if not changes:
        return Planned(entry, ImportOutcome.UNCHANGED, record)
    fixed_forever = [pointer for pointer in changes if pointer in IMMUTABLE_POINTERS]
    if fixed_forever:
        raise _Refusal(*(_immutable(pointer, frame) for pointer in fixed_forever))
    merged = {pointer: value for pointer, value in (record.leaves | changes).items() if value is not None}
    warnings = _checked(entry, nest(merged), record, frame)
    return Planned(entry, ImportOutcome.CHANGED, record, changes=changes, warnings=warnings)


def _immutable(pointer: str, frame: Frame) -> Problem:
    zh, en = labels_at(frame.layout.form, tuple(pointer.split("/")[1:]))
    return problem("immutable_field", f"/payload{pointer}", label=zh, label_en=en)


def _checked(entry: Entry, payload: Mapping[str, Any], record: KnownRecord | None, frame: Frame) -> list[ImportProblem]:
    """Return the warnings of what the record would hold. Raises ContentRefused and _Refusal, as a push would refuse."""
    layout, county_code = frame.layout, frame.county_code
    place = Place(county_code, record_id_of(record, frame), frame.today)
    content = read_content(layout.kind, payload, Datum.CGCS2000, place, frame.reference)
    level = content.level or Level.FARM
    reached = {content.township_code} | ({record.township_code} if record is not None else set())
    for township_code in sorted(reached):
        if not frame.rights.may_write(county_code, township_code, level, content.indicator):
            raise _Refusal(problem("import_out_of_scope", "/payload/township_code", region=township_code))
    return [located(entry, found) for found in content.warnings]


def record_id_of(record: KnownRecord | None, frame: Frame) -> str:
    """Return the id that an entry's record has, or would be checked with while it has none."""
    layout = frame.layout
    if record is not None:
        return record.id
    if layout.is_statement and layout.indicator is not None:
        return statement_id(frame.county_code, layout.indicator, frame.period or "")
    return PLACEHOLDER_ID


def _refused(entry: Entry, problems: Iterable[Problem]) -> Planned:
    found = [*entry.problems, *(located(entry, each) for each in problems)]
    return Planned(entry, ImportOutcome.REFUSED, problems=found)


def located(entry: Entry, found: Problem) -> ImportProblem:
    """Return a problem with the line and the column of the cell that it is about."""
    pointer = (found.field or "").removeprefix("/payload")
    cell = next((each for each in entry.cells if each.field and each.field == pointer), None)
    line = cell.line if cell is not None else entry.lines[0]
    return ImportProblem(
        **found.model_dump(),
        line=line,
        column=cell.column if cell is not None else None,
        heading=cell.heading if cell is not None else None,
    )


def county_township(county_code: str) -> str:
    """Return the township code that stands for the county itself."""
    return county_code + NO_TOWNSHIP
