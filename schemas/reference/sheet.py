"""A table as read from a file, checked line by line: every fault is named, and none hides another. Pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel, ValidationError, create_model
from pydantic_core import ErrorDetails

from schemas.reference.kinds import COLUMN_NAMES, TableKind
from schemas.reference.rows import Row

WITHDRAWN = "withdrawn"
"""The column, in any file, that retires a row: only its key is read."""

BESIDE = frozenset({"region_name", "地区"})
"""Columns for the eye of a reader, which are not loaded."""

YES = frozenset({"1", "true", "yes", "是", "撤销"})
NO = frozenset({"", "0", "false", "no", "否"})
_CHOICES = re.compile(r"'([^']*)'")


@dataclass(frozen=True, slots=True)
class Sheet:
    """The lines of a file by their number in it, the head first; cells are trimmed text."""

    name: str
    lines: Sequence[tuple[int, Sequence[str]]]


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong where; line and column are None where a fault concerns the whole file."""

    zh: str
    en: str
    line: int | None = None
    column: str | None = None


@dataclass(slots=True)
class ReadTable:
    """What a sheet holds: rows and keys to retire by their line, and every fault. Good only where it has no faults."""

    rows: dict[int, Row] = field(default_factory=dict)
    withdrawn: dict[int, tuple[Any, ...]] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)


def read_table(sheet: Sheet, kind: TableKind) -> ReadTable:
    """Return the rows of a sheet as `kind` has them, with all faults in the order of the lines."""
    result = ReadTable()
    lines = [(number, cells) for number, cells in sheet.lines if any(cells) and not cells[0].startswith("#")]
    if not lines:
        result.faults.append(_heading_fault(kind))
        return result
    heading = _heading(lines[0], kind, result)
    if result.faults:
        return result
    key_model = _key_model(kind)
    seen: dict[tuple[Any, ...], int] = {}
    for number, cells in lines[1:]:
        key = _read_line(number, cells, heading, kind, key_model, result)
        if key is None:
            continue
        if key in seen:
            result.faults.append(
                Fault(f"与第 {seen[key]} 行是同一条", f"the same row as line {seen[key]}", number, kind.key[0])
            )
        seen.setdefault(key, number)
    return result


def key_of(row: Row, kind: TableKind) -> tuple[Any, ...]:
    """Return what makes a row the same row in every version."""
    return tuple(getattr(row, column) for column in kind.key)


def _heading(line: tuple[int, Sequence[str]], kind: TableKind, result: ReadTable) -> list[str]:
    number, cells = line
    by_name = {name: column for column in (*kind.columns, WITHDRAWN) for name in (column, COLUMN_NAMES[column][0])}
    heading = [by_name.get(cell, cell) for cell in cells]
    unknown = [cell for cell in heading if cell not in by_name and cell not in BESIDE and cell]
    missing = [
        column for column in kind.columns if column not in heading and kind.row.model_fields[column].is_required()
    ]
    if missing or unknown or len(set(heading)) < len(heading):
        result.faults.append(_heading_fault(kind, number, missing, unknown))
    return heading


def _heading_fault(
    kind: TableKind, number: int | None = None, missing: Sequence[str] = (), unknown: Sequence[str] = ()
) -> Fault:
    wanted = ",".join(kind.columns)
    zh, en = "", ""
    if missing:
        zh, en = f"缺少 {'、'.join(missing)}；", f"missing {', '.join(missing)}; "
    if unknown:
        zh, en = f"{zh}不认识 {'、'.join(unknown)}；", f"{en}unknown {', '.join(unknown)}; "
    return Fault(f"表头不对：{zh}各列应为 {wanted}", f"wrong heading: {en}the columns are {wanted}", number)


def _read_line(
    number: int,
    cells: Sequence[str],
    heading: Sequence[str],
    kind: TableKind,
    key_model: type[BaseModel],
    result: ReadTable,
) -> tuple[Any, ...] | None:
    if len(cells) > len(heading) and any(cells[len(heading) :]):
        result.faults.append(
            Fault(
                f"有 {len(cells)} 格，表头只有 {len(heading)} 列",
                f"{len(cells)} cells under {len(heading)} columns",
                number,
            )
        )
        return None
    given = dict(zip(heading, (*cells, *("",) * (len(heading) - len(cells))), strict=False))
    mark = given.pop(WITHDRAWN, "").lower()
    values = {column: value for column, value in given.items() if column in kind.columns}
    if mark not in YES | NO:
        result.faults.append(Fault("填“是”或留空", 'say "yes" or leave it empty', number, WITHDRAWN))
        return None
    try:
        if mark in YES:
            model = key_model.model_validate({column: values.get(column, "") for column in kind.key})
            key = tuple(getattr(model, column) for column in kind.key)
            result.withdrawn[number] = key
            return key
        row = kind.row.model_validate(values)
    except ValidationError as error:
        result.faults += [_fault(number, one) for one in error.errors(include_url=False)]
        return None
    result.rows[number] = row
    return key_of(row, kind)


def _key_model(kind: TableKind) -> type[BaseModel]:
    fields: dict[str, Any] = {name: (_annotated(kind.row, name), ...) for name in kind.key}
    return create_model(f"{kind.row.__name__}Key", **fields)


def _annotated(row: type[Row], name: str) -> Any:
    """Return a field's type with its checks, as `Annotated` has them."""
    return row.__annotations__[name]


def _fault(number: int, error: ErrorDetails) -> Fault:
    column = str(error["loc"][0]) if error["loc"] else None
    context: Mapping[str, Any] = error.get("ctx", {})
    match error["type"]:
        case "reference":
            zh, en = str(context["zh"]), str(context["en"])
        case "enum":
            choices = _CHOICES.findall(str(context["expected"]))
            zh, en = f"只能是 {'、'.join(choices)}", f"must be one of {', '.join(choices)}"
        case "string_pattern_mismatch":
            choices = re.findall(r"\w+", str(context["pattern"]))
            zh, en = f"只能是 {'、'.join(choices)}", f"must be one of {', '.join(choices)}"
        case "missing" | "string_too_short":
            zh, en = "不能为空", "must not be empty"
        case _:
            zh, en = "不能这样填", str(error["msg"])
    given = error.get("input")
    if isinstance(given, str) and given and error["type"] != "reference":
        zh, en = f"“{given[:40]}”不对：{zh}", f'"{given[:40]}": {en}'
    return Fault(zh, en, number, column)
