"""The command `qingtian`: thin, every command calls one function."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from backend.contract.command import contract
from backend.demo.command import fill_demo
from backend.faults import told_in_words
from backend.jobs.command import recompute_all
from backend.prepare import locate, prepare
from backend.reference.command import list_versions, load_file, write_template
from backend.reference.files import LayerSource
from backend.reference.layer_files import LayerOptions
from backend.reference.packages import fetch_packages
from backend.serve import run as run_service
from backend.settings import Settings
from backend.terminal import Terminal
from backend.verify import verify_ledgers
from schemas.reference.kinds import ReferenceKind

app = typer.Typer(
    no_args_is_help=True, add_completion=False, help="清田：农业清洁生产上报。Clean agricultural production."
)
reference = typer.Typer(no_args_is_help=True, help="参考数据 · Reference data")
figures = typer.Typer(no_args_is_help=True, help="县级数字 · County figures")
ledger = typer.Typer(no_args_is_help=True, help="账本 · Ledgers")
app.add_typer(reference, name="reference")
app.add_typer(ledger, name="ledger")
app.add_typer(figures, name="figures")
app.add_typer(contract, name="contract")


@app.command()
def run() -> None:
    """准备数据库并启动服务 · Prepare the database and serve."""
    raise typer.Exit(run_service(Settings()))


@app.command()
def setup() -> None:
    """只准备数据库，不启动服务 · Prepare the database without serving."""
    terminal = Terminal()
    with told_in_words(terminal):
        settings, cluster = locate(Settings(), terminal.step)
        prepared = asyncio.run(prepare(settings, cluster, terminal.step))
    if prepared.administrator_password is not None:
        terminal.administrator(prepared.administrator_password)


@app.command()
def demo(url: Annotated[str, typer.Option(help="服务地址 · Where the service answers")]) -> None:
    """让模拟手机向正在运行的演示服务填报 · Let simulated phones report to a running demo."""
    raise typer.Exit(fill_demo(url, Settings()))


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


@figures.command()
def recompute(
    *,
    every: Annotated[bool, typer.Option("--all", help="全部重算 · All figures, also those that are current")] = False,
) -> None:
    """重算使用旧系数的县级数字 · Compute figures again that older coefficients were used for."""
    terminal = Terminal()
    with told_in_words(terminal):
        settings, _ = locate(Settings(), terminal.step)
        code = asyncio.run(recompute_all(settings, every=every))
    raise typer.Exit(code)


@ledger.command()
def verify(
    county: Annotated[str | None, typer.Argument(help="县代码，默认全部 · County code, default all")] = None,
) -> None:
    """逐条核对账本 · Recompute the chain of one county or of all."""
    terminal = Terminal()
    with told_in_words(terminal):
        settings, _ = locate(Settings(), terminal.step)
        code = asyncio.run(verify_ledgers(settings, county))
    raise typer.Exit(code)
