"""The command `qingtian`: thin, every command calls one function."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from backend.contract.command import contract
from backend.demo.command import fill_demo
from backend.faults import told_in_words
from backend.imports.command import import_from_terminal
from backend.prepare import locate, prepare
from backend.reference.packages import fetch_packages
from backend.serve import run as run_service
from backend.settings import Settings
from backend.terminal import Terminal
from backend.verify import verify_ledgers
from schemas.vocabulary import Indicator, Level, RecordKind

app = typer.Typer(
    no_args_is_help=True, add_completion=False, help="清田：农业清洁生产上报。Clean agricultural production."
)
reference = typer.Typer(no_args_is_help=True, help="参考数据 · Reference data")
ledger = typer.Typer(no_args_is_help=True, help="账本 · Ledgers")
app.add_typer(reference, name="reference")
app.add_typer(ledger, name="ledger")
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


@app.command(name="import")
def import_file(
    file: Annotated[Path, typer.Argument(help="XLSX 或 CSV 文件 · the file", exists=True, dir_okay=False)],
    county: Annotated[str, typer.Option(help="县代码 · county code")],
    username: Annotated[str, typer.Option("--as", help="以哪个账号导入 · the account that imports")],
    kind: Annotated[RecordKind, typer.Option(help="花名册或填报表 · roster or reports")] = RecordKind.REPORT,
    indicator: Annotated[Indicator | None, typer.Option(help="指标，花名册不填 · of reports")] = None,
    level: Annotated[Level | None, typer.Option(help="主体或县级，花名册不填 · of reports")] = None,
    period: Annotated[str | None, typer.Option(help="统计期，如 2025 · of reports, such as 2025")] = None,
    commit: Annotated[bool, typer.Option("--commit", help="写入；默认只预览 · write; else a preview")] = False,
) -> None:
    """导入花名册、填报表或县级报表 · Import a roster, reports or county statements."""
    terminal = Terminal()
    order: dict[str, object] = {
        "kind": kind,
        "county_code": county,
        "indicator": indicator,
        "level": level,
        "period": period,
        "commit": commit,
    }
    with told_in_words(terminal):
        settings, _ = locate(Settings(), terminal.step)
        code = asyncio.run(import_from_terminal(settings, file, order, username))
    raise typer.Exit(code)


@reference.command()
def fetch() -> None:
    """下载固定版本的参考数据包 · Download the pinned reference packages."""
    with told_in_words(Terminal()):
        for path in fetch_packages(Settings().home / "reference").values():
            typer.echo(path)


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
