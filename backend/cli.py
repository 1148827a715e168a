"""The command `qingtian`: thin, every command calls one function."""

import asyncio
from typing import Annotated

import typer

from backend.contract.command import contract
from backend.demo.command import fill_demo
from backend.faults import told_in_words
from backend.prepare import locate, prepare
from backend.reference.packages import fetch_packages
from backend.serve import run as run_service
from backend.settings import Settings
from backend.terminal import Terminal
from backend.verify import verify_ledgers

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
