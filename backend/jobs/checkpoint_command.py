"""`qingtian checkpoint`: signed heads of all ledgers, issued and listed."""

import asyncio
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from backend.db import driver_transaction, make_engine
from backend.faults import told_in_words
from backend.jobs.checkpoints import issue_checkpoint
from backend.keys import load_keys
from backend.prepare import locate
from backend.settings import Settings
from backend.terminal import Terminal
from schemas.period import CHINA_STANDARD_TIME
from schemas.receipts import Signer
from sync.checkpoints import read_checkpoints
from sync.receipts import keep_key


async def issue_from_terminal(settings: Settings) -> int:
    """Issue a checkpoint now and say where its file is."""
    signer = Signer.of(load_keys(settings).receipt)
    engine = make_engine(settings.database_url or "", pool_size=1)
    try:
        async with driver_transaction(engine) as connection:
            await keep_key(connection, signer)
        path = await issue_checkpoint(engine, signer, settings.home)
    finally:
        await engine.dispose()
    Console(highlight=False).print(f"检查点已签发 · Checkpoint issued: {path}", soft_wrap=True)
    return 0


async def list_checkpoints(settings: Settings, limit: int) -> int:
    """Show the newest checkpoints."""
    engine = make_engine(settings.database_url or "", pool_size=1)
    try:
        async with engine.connect() as connection:
            page = await read_checkpoints(connection, limit)
    finally:
        await engine.dispose()
    table = Table("签发时间 Issued", "账本 Ledgers", "条目 Entries", "密钥 Key", "编号 Id")
    for one in page.checkpoints:
        issued = f"{one.issued_at.astimezone(CHINA_STANDARD_TIME):%Y-%m-%d %H:%M:%S}"
        table.add_row(issued, str(one.ledgers), str(one.entries), one.key_id, one.id)
    Console(highlight=False).print(table)
    return 0


checkpoint = typer.Typer(no_args_is_help=True, help="账本检查点 · Checkpoints of the ledgers")


@checkpoint.command()
def issue() -> None:
    """立即签发检查点 · Issue a checkpoint now."""
    terminal = Terminal()
    with told_in_words(terminal):
        settings, _ = locate(Settings(), terminal.step)
        code = asyncio.run(issue_from_terminal(settings))
    raise typer.Exit(code)


@checkpoint.command(name="list")
def show_checkpoints(
    limit: Annotated[int, typer.Option(min=1, max=1000, help="条数 · how many")] = 30,
) -> None:
    """列出最近的检查点 · Show the newest checkpoints."""
    terminal = Terminal()
    with told_in_words(terminal):
        settings, _ = locate(Settings(), terminal.step)
        code = asyncio.run(list_checkpoints(settings, limit))
    raise typer.Exit(code)
