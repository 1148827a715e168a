"""The commands `qingtian webhook ...`: see what became of deliveries, and let them be made again."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated
from uuid import UUID

import typer
from rich.console import Console
from rich.table import Table
from sqlalchemy.ext.asyncio import AsyncConnection

from backend.auth.audit import Actor
from backend.db import make_engine
from backend.faults import told_in_words
from backend.outbox.endpoints import deliveries_page, endpoints, replay
from backend.prepare import locate
from backend.settings import Settings
from backend.terminal import Terminal
from schemas.period import CHINA_STANDARD_TIME
from schemas.webhooks import DeliveryState

webhook = typer.Typer(no_args_is_help=True, help="事件推送 · Webhooks")

Id = Annotated[UUID, typer.Argument(help="推送地址编号 · id of the endpoint")]


@webhook.command("list")
def list_webhooks() -> None:
    """列出推送地址 · List the endpoints."""
    with told_in_words(Terminal()):
        settings, _ = locate(Settings(), lambda _: None)
        asyncio.run(say_webhooks(settings))


@webhook.command("deliveries")
def list_deliveries(
    webhook_id: Id,
    state: Annotated[DeliveryState | None, typer.Option(help="状态，默认全部 · state, default all")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="条数 · how many")] = 50,
) -> None:
    """列出推送记录 · List the deliveries of an endpoint."""
    with told_in_words(Terminal()):
        settings, _ = locate(Settings(), lambda _: None)
        asyncio.run(say_deliveries(settings, str(webhook_id), state, limit))


@webhook.command("replay")
def replay_events(
    webhook_id: Id,
    event: Annotated[UUID | None, typer.Option(help="只重发这一个事件，默认全部已放弃的 · default: all dead")] = None,
) -> None:
    """重新推送，事件编号不变 · Send again, under the events' own ids."""
    terminal = Terminal()
    with told_in_words(terminal):
        settings, _ = locate(Settings(), terminal.step)
        code = asyncio.run(replay_from_terminal(settings, str(webhook_id), None if event is None else str(event)))
    raise typer.Exit(code)


@asynccontextmanager
async def _transaction(settings: Settings) -> AsyncIterator[AsyncConnection]:
    engine = make_engine(settings.database_url or "", pool_size=1)
    try:
        async with engine.begin() as connection:
            yield connection
    finally:
        await engine.dispose()


async def say_webhooks(settings: Settings) -> None:
    """Say which endpoints there are."""
    async with _transaction(settings) as connection:
        found = await endpoints(connection)
    table = Table("编号 Id", "区划 Region", "地址 URL", "状态 State", "待推 Pending", "放弃 Dead")
    for one in found:
        state = "paused" if one.paused_at else "enabled" if one.enabled else "disabled"
        table.add_row(one.id, one.region_code, one.url, state, str(one.pending), str(one.dead))
    Console(highlight=False).print(table)


async def say_deliveries(settings: Settings, webhook_id: str, state: DeliveryState | None, limit: int) -> None:
    """Say what became of an endpoint's events."""
    async with _transaction(settings) as connection:
        page = await deliveries_page(connection, webhook_id, state, None, limit)
    table = Table("事件 Event", "种类 Kind", "时间 At", "状态 State", "次数 Attempts", "答复 Answer")
    for one in page.deliveries:
        at = f"{one.created_at.astimezone(CHINA_STANDARD_TIME):%Y-%m-%d %H:%M:%S}"
        answer = one.last_error or str(one.last_status or "")
        table.add_row(one.event_id, one.kind, at, one.state, str(one.attempts), answer)
    Console(highlight=False).print(table)


async def replay_from_terminal(settings: Settings, webhook_id: str, event_id: str | None) -> int:
    """Let deliveries be made again and say how many; return 1 where there is no such endpoint or event."""
    console = Console(highlight=False)
    async with _transaction(settings) as connection:
        found = await endpoints(connection, webhook_id=webhook_id)
        events = await replay(connection, found[0], event_id, Actor()) if found else []
    if not found or (event_id is not None and not events):
        console.print("[red]没有这个推送地址或事件。 There is no such endpoint or event.[/red]")
        return 1
    console.print(f"{len(events)} 个事件将重新推送。 {len(events)} events will be sent again.", soft_wrap=True)
    return 0
