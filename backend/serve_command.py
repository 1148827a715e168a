"""`qingtian run` and `qingtian setup`: the service, and its database without it."""

import asyncio

import typer

from backend.faults import told_in_words
from backend.prepare import locate, prepare
from backend.serve import run as run_service
from backend.settings import Settings
from backend.terminal import Terminal

service = typer.Typer()


@service.command()
def run() -> None:
    """准备数据库并启动服务 · Prepare the database and serve."""
    raise typer.Exit(run_service(Settings()))


@service.command()
def setup() -> None:
    """只准备数据库，不启动服务 · Prepare the database without serving."""
    terminal = Terminal()
    with told_in_words(terminal):
        settings, cluster = locate(Settings(), terminal.step)
        prepared = asyncio.run(prepare(settings, cluster, terminal.step))
    if prepared.administrator_password is not None:
        terminal.administrator(prepared.administrator_password)
