"""`qingtian quarantine`: what could not be applied, listed and sent in again from a terminal."""

import asyncio
from collections import Counter
from typing import Annotated
from uuid import UUID

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from backend.db import snapshot
from backend.faults import told_in_words
from backend.prepare import locate
from backend.quarantine.listing import quarantine_page
from backend.quarantine.replay import Replayed, replay_quarantine
from backend.service import Service, open_service
from backend.settings import Settings
from backend.terminal import Terminal
from schemas.quarantine import QuarantineItem
from schemas.vocabulary import Outcome

PAGE = 200

TAKEN = (Outcome.APPLIED, Outcome.MERGED)


async def list_quarantine(settings: Settings, county_code: str) -> int:
    """Print what lies in a county's quarantine; return 1 for a county without a ledger."""
    console = Console(highlight=False)
    async with open_service(settings, settings.database_url or "") as service:
        if not _has_ledger(service, county_code, console):
            return 1
        table = _table(county_code)
        after: str | None = None
        async with snapshot(service.engine) as connection:
            while True:
                page = await quarantine_page(
                    connection, county_code, service.reference.tree, after, PAGE, service.vault
                )
                for item in page.items:
                    table.add_row(*_cells(item))
                after = page.after
                if after is None:
                    break
    console.print(table)
    return 0


async def replay_from_terminal(settings: Settings, county_code: str | None, item_id: str | None) -> int:
    """Send in again what lies in quarantine and say what came of it; return 0 where all of it was applied."""
    console = Console(highlight=False)
    async with open_service(settings, settings.database_url or "") as service:
        if county_code is not None and not _has_ledger(service, county_code, console):
            return 1
        done = await replay_quarantine(service, county_code=county_code, item_id=item_id)
    if item_id is not None and not done:
        console.print(f"隔离内容中没有 {item_id}，或已重放。 {item_id} is not in quarantine, or was replayed.")
        return 1
    for one in done:
        _tell(one, console)
    counts = Counter(outcome.outcome for one in done for outcome in one.outcomes)
    summary = "  ".join(f"{outcome} {count}" for outcome, count in sorted(counts.items()))
    console.print(f"已重放 {len(done)} 件 · {len(done)} replayed  {summary}", soft_wrap=True)
    return 0 if all(one.outcomes and all(each.outcome in TAKEN for each in one.outcomes) for one in done) else 1


def _has_ledger(service: Service, county_code: str, console: Console) -> bool:
    if county_code in service.reference.ledgers:
        return True
    console.print(
        f"[red]没有代码为“{escape(county_code)}”的账本 · no ledger has the code '{escape(county_code)}'[/red]"
    )
    return False


def _tell(one: Replayed, console: Console) -> None:
    """Print what still stands in the way of one thing."""
    problems = [*one.problems, *(each for outcome in one.outcomes for each in outcome.problems)]
    for found in problems:
        console.print(f"[yellow]{one.id}[/yellow] {escape(found.zh)} {escape(found.en)}", soft_wrap=True)


def _table(county_code: str) -> Table:
    table = Table(title=f"{county_code} 隔离内容 · quarantine")
    for heading in ("编号 Id", "收到 Received", "账号 Account", "原因 Reason", "内容 Content"):
        table.add_column(heading, overflow="fold")
    return table


def _cells(item: QuarantineItem) -> tuple[str, ...]:
    excerpt = " ".join(f"{name}={value}" for name, value in item.excerpt.items()) or f"{item.size} B"
    state = " ✓" if item.replayed_at is not None else ""
    said = "\n".join(f"{one.zh} {one.en}" for one in item.problems)
    return (
        item.id,
        item.received_at.isoformat(timespec="seconds"),
        escape(item.username or "-"),
        escape(f"{item.reason}{state}\n{said}"),
        escape(excerpt),
    )


quarantine = typer.Typer(no_args_is_help=True, help="隔离内容 · What could not be applied")


@quarantine.command(name="list")
def list_kept(county: Annotated[str, typer.Option(help="县代码 · County code")]) -> None:
    """列出一个县的隔离内容 · List what a county could not apply."""
    terminal = Terminal()
    with told_in_words(terminal):
        settings, _ = locate(Settings(), terminal.step)
        code = asyncio.run(list_quarantine(settings, county))
    raise typer.Exit(code)


@quarantine.command(name="replay")
def replay_kept(
    county: Annotated[str | None, typer.Option(help="县代码，默认全部 · County code, default all")] = None,
    item: Annotated[UUID | None, typer.Option("--id", help="只重放一条 · Only this one")] = None,
) -> None:
    """问题排除后，以原账号重新入账 · Send in again under the original account, once the cause is mended."""
    terminal = Terminal()
    with told_in_words(terminal):
        settings, _ = locate(Settings(), terminal.step)
        code = asyncio.run(replay_from_terminal(settings, county, None if item is None else str(item)))
    raise typer.Exit(code)
