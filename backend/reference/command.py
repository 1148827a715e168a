"""The commands for reference data: load a file after a preview, list the versions, give an empty table to fill in."""

import asyncio
import csv
import getpass
import sys
from collections.abc import Callable
from pathlib import Path

from rich.console import Console
from sqlalchemy import text

from backend.db import make_engine
from backend.reference.files import LayerSource, Preview, preview_file, write_file
from backend.reference.shown import show_faults, show_preview, show_versions
from backend.reference.versions import READ_VERSIONS
from backend.settings import Settings
from schemas.reference.kinds import COLUMN_NAMES, KIND_NAMES, TABLES, ReferenceKind
from schemas.reference.sheet import WITHDRAWN

Confirm = Callable[[], bool]


async def load_file(
    settings: Settings, kind: ReferenceKind, path: Path, layer: LayerSource, note: str, confirm: Confirm
) -> int:
    """Preview a file, ask, and write it as the database's owner; return the exit code: 1 where nothing was written."""
    console = Console(highlight=False)
    engine = make_engine(settings.owner_database_url or "", pool_size=2)
    try:
        preview = await preview_file(engine, kind, path, settings.home, layer)
        if preview.faults:
            show_faults(console, preview)
            return 1
        show_preview(console, preview)
        if preview.comparison.size == 0:
            console.print("与现有数据相同，无需写入。 The same as what holds; nothing to write.")
            return 0
        if not await asyncio.to_thread(confirm):
            console.print("没有写入。 Nothing was written.")
            return 1
        version = await write_file(
            engine, settings.home, preview, _user(), note, lambda words: console.print(f"  {words}")
        )
    finally:
        await engine.dispose()
    _say_written(console, preview, version)
    return 0


async def list_versions(settings: Settings, kind: str | None) -> int:
    """Show the versions of one kind or of all."""
    engine = make_engine(settings.database_url or "", pool_size=1)
    try:
        async with engine.connect() as connection:
            versions = (await connection.execute(text(READ_VERSIONS), {"kind": kind})).all()
    finally:
        await engine.dispose()
    show_versions(Console(highlight=False), versions)
    return 0


def write_template(kind: ReferenceKind, path: Path | None) -> None:
    """Write the head of an empty table, to a file that a spreadsheet opens as it should, or to the terminal."""
    columns = [*TABLES[kind].columns, WITHDRAWN]
    if path is None:
        csv.writer(sys.stdout).writerows([columns])
        return
    with path.open("x", encoding="utf-8-sig", newline="") as file:
        csv.writer(file).writerows([[COLUMN_NAMES[column][0] for column in columns]])


def _say_written(console: Console, preview: Preview, version: int) -> None:
    zh, _ = KIND_NAMES[preview.kind]
    console.print(
        f"[bold green]已写入{zh}第 {version} 版，{preview.comparison.size} 条。[/bold green] "
        f"Wrote {preview.kind} version {version}, {preview.comparison.size} rows."
    )
    console.print("[dim]运行中的服务会自行采用。 A running service takes it in by itself.[/dim]")


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return ""
