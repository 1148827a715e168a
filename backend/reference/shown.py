"""What a person at the terminal sees of reference data: a preview, the faults of a file, the versions."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from itertools import groupby
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from backend.reference.files import Preview
from backend.reference.versions import Columns, Comparison
from schemas.decimals import plain
from schemas.period import CHINA_STANDARD_TIME
from schemas.reference.kinds import COLUMN_NAMES, KIND_NAMES
from schemas.reference.sheet import Fault

SHOWN = 20
"""How many rows of a sort are shown; the rest is counted."""

SAYS_NOTHING = frozenset({"shipped", "adopted"})
"""Origins whose file needs no naming."""

CODE_COLUMNS = frozenset({"region_code", "county_code", "old_code", "new_code"})
ORIGINS = {"shipped": "随版 shipped", "loaded": "自行载入 loaded", "derived": "派生 derived", "adopted": "沿用 adopted"}


def show_preview(console: Console, preview: Preview) -> None:
    """Show what a good file changes."""
    zh, en = KIND_NAMES[preview.kind]
    found = preview.comparison
    console.print(f"\n[bold]{zh}[/bold] {en} · {escape(preview.path.name)}\n")
    console.print(
        f"  新增 New [bold green]{len(found.new)}[/bold green]"
        f"    变更 Changed [bold yellow]{len(found.changed)}[/bold yellow]"
        f"    撤销 Withdrawn [bold red]{len(found.withdrawn)}[/bold red]"
        f"    不变 Unchanged {found.unchanged}\n"
    )
    if found.changed:
        _section(console, "变更 Changed", "yellow", (_changed(found, one, preview) for one in found.changed))
    if found.new:
        _section(console, "新增 New", "green", (_row(found, one, preview, full=True) for one in found.new))
    if found.withdrawn:
        _section(console, "撤销 Withdrawn", "red", (_row(found, one, preview, full=False) for one in found.withdrawn))
    for zh, en in preview.notes:
        console.print(f"  [cyan]·[/cyan] {escape(zh)}\n    [dim]{escape(en)}[/dim]", soft_wrap=True)
    if preview.notes:
        console.print()


def show_faults(console: Console, preview: Preview) -> None:
    """Show every fault of a file by line and column."""
    zh, en = KIND_NAMES[preview.kind]
    console.print(
        f"\n[bold]{zh}[/bold] {en} · {escape(preview.path.name)}\n\n"
        f"[bold red]{len(preview.faults)} 处有误，什么都没有写入 · Nothing is written, faults: {len(preview.faults)}"
        "[/bold red]"
    )
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    table.add_column("行 Line", justify="right")
    table.add_column("列 Column")
    table.add_column("问题 Fault", overflow="fold")
    for fault in preview.faults[:200]:
        table.add_row(*_fault_cells(fault))
    console.print(table)
    if len(preview.faults) > 200:
        console.print(f"……另有 {len(preview.faults) - 200} 处 more\n")


def show_versions(console: Console, versions: Iterable[Any]) -> None:
    """Show the versions of every kind, the oldest first."""
    for kind, of_kind in groupby(versions, key=lambda one: one.kind):
        zh, _ = KIND_NAMES[kind]
        console.print(f"\n[bold]{zh}[/bold] {kind}")
        for one in of_kind:
            named = () if one.origin in SAYS_NOTHING else (one.loaded_by, one.source_name, one.note)
            words = (f"第 {one.version} 版", _moment(one.loaded_at), ORIGINS[one.origin], f"{one.rows} 条 rows", *named)
            console.print("  " + "  ".join(escape(word) for word in words if word), soft_wrap=True)
    console.print()


def _section(console: Console, title: str, colour: str, lines: Iterable[str]) -> None:
    console.print(f"  [bold {colour}]{title}[/bold {colour}]")
    every = list(lines)
    for line in every[:SHOWN]:
        console.print(f"    {line}", soft_wrap=True)
    if len(every) > SHOWN:
        console.print(f"    [dim]……另有 {len(every) - SHOWN} 条 more[/dim]")
    console.print()


def _changed(found: Comparison, one: Any, preview: Preview) -> str:
    changes = "；".join(
        "图形有变 outline changed"
        if column == "geom"
        else f"{COLUMN_NAMES.get(column, (column,))[0]} {column}: {_value(old)} → [bold]{_value(new)}[/bold]"
        for column, (old, new) in one.differences.items()
    )
    return f"{_row(found, one.row, preview, full=False)}  {changes}"


def _row(found: Comparison, row: Columns, preview: Preview, *, full: bool) -> str:
    key = " ".join(_cell(column, row[column], preview.region_names) for column in found.target.key if row[column] != "")
    if not full:
        return key
    rest = ", ".join(
        f"{COLUMN_NAMES[column][0]} {_value(row[column])}"
        for column in found.target.columns
        if column not in found.target.key and column not in {"geom", "in_scope"} and row[column] not in {"", None}
    )
    return f"{key}  [dim]{rest}[/dim]"


def _cell(column: str, value: Any, names: Mapping[str, str]) -> str:
    name = names.get(str(value), "") if column in CODE_COLUMNS else ""
    return escape(f"{value} {name}".strip())


def _value(value: Any) -> str:
    if value is None or value == "":
        return "空 empty"
    return plain(value) if isinstance(value, Decimal) else escape(str(value))


def _fault_cells(fault: Fault) -> tuple[str, str, str]:
    line = "" if fault.line is None else str(fault.line)
    name = COLUMN_NAMES.get(fault.column or "", ("", ""))[0]
    column = f"{name} {fault.column or ''}".strip()
    return line, escape(column), f"{escape(fault.zh)}\n[dim]{escape(fault.en)}[/dim]"


def _moment(moment: datetime) -> str:
    return moment.astimezone(CHINA_STANDARD_TIME).strftime("%Y-%m-%d %H:%M")
