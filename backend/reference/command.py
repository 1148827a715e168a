"""The commands for reference data: load a file after a preview, list the versions, give an empty table to fill in."""

import asyncio
import csv
import getpass
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from sqlalchemy import text

from backend.db import make_engine
from backend.faults import told_in_words
from backend.prepare import locate
from backend.reference.files import LayerSource, Preview, preview_file, write_file
from backend.reference.layer_files import LayerOptions
from backend.reference.packages import fetch_packages
from backend.reference.shown import show_faults, show_preview, show_versions
from backend.reference.versions import READ_VERSIONS
from backend.settings import Settings
from backend.terminal import Terminal
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


reference = typer.Typer(no_args_is_help=True, help="参考数据 · Reference data")


@reference.command()
def fetch() -> None:
    """下载固定版本的参考数据包 · Download the pinned reference packages."""
    with told_in_words(Terminal()):
        for path in fetch_packages(Settings().home / "reference").values():
            typer.echo(path)


@reference.command()
def load(
    kind: Annotated[ReferenceKind, typer.Argument(help="种类 · What the file holds")],
    file: Annotated[Path, typer.Argument(help="CSV、XLSX；边界用 GeoPackage、Shapefile、GeoJSON、FlatGeobuf")],
    *,
    yes: Annotated[bool, typer.Option("--yes", help="不再询问 · Do not ask")] = False,
    note: Annotated[str, typer.Option(help="说明，记入版本 · A note kept with the version")] = "",
    source: Annotated[str, typer.Option(help="边界的来源与审图号 · Source of the boundaries, shown on every map")] = "",
    code_column: Annotated[str | None, typer.Option(help="边界的代码列 · Column with the code")] = None,
    name_column: Annotated[str | None, typer.Option(help="边界的名称列 · Column with the name")] = None,
    layer: Annotated[str | None, typer.Option(help="多图层文件中的图层 · Layer of the file")] = None,
) -> None:
    """预览并载入一个参考数据文件 · Preview a file of reference data and load it."""
    terminal = Terminal()
    options = LayerSource(LayerOptions(code_column, name_column, layer), source)
    with told_in_words(terminal):
        settings, _ = locate(Settings(), terminal.step)
        code = asyncio.run(
            load_file(settings, kind, file, options, note, lambda: yes or typer.confirm("写入？ Write?"))
        )
    raise typer.Exit(code)


@reference.command()
def versions(
    kind: Annotated[ReferenceKind | None, typer.Argument(help="种类，默认全部 · Kind, default all")] = None,
) -> None:
    """列出参考数据的版本 · List the versions of reference data."""
    terminal = Terminal()
    with told_in_words(terminal):
        settings, _ = locate(Settings(), terminal.step)
        code = asyncio.run(list_versions(settings, kind))
    raise typer.Exit(code)


@reference.command()
def template(
    kind: Annotated[ReferenceKind, typer.Argument(help="种类（边界没有表样）· Kind; boundaries have none")],
    file: Annotated[Path | None, typer.Argument(help="新建的 CSV，默认打印 · A new CSV, default the terminal")] = None,
) -> None:
    """给出一张空表 · Give an empty table to fill in."""
    if kind is ReferenceKind.BOUNDARIES:
        raise typer.BadParameter("边界是图层，没有表样 · boundaries are a layer and have no table")
    with told_in_words(Terminal()):
        write_template(kind, file)
