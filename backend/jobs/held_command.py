"""`qingtian held`: changes that wait, decided at once."""

import asyncio

import typer
from rich.console import Console

from backend.faults import told_in_words
from backend.jobs.held import decide_held
from backend.prepare import locate
from backend.service import open_service
from backend.settings import Settings
from backend.terminal import Terminal


async def decide_held_changes(settings: Settings) -> int:
    """Decide what waited for too long and say what came of it; return 1 where a county's ledger stayed locked."""
    console = Console(highlight=False)
    async with open_service(settings, settings.database_url or "") as service:
        done = await decide_held(service.push_context)
    console.print(
        f"已裁决 {done.settled} 条所等内容已到的变更，{done.ended} 条逾期未到，予以终结。 "
        f"{done.settled} changes decided whose base or farm had come, {done.ended} ended after their deadline.",
        soft_wrap=True,
    )
    if done.busy:
        console.print(
            f"[yellow]{done.busy} 个县的账本正被占用，请稍后再执行。 {done.busy} ledgers were locked; run it again."
            "[/yellow]"
        )
    return 1 if done.busy else 0


held = typer.Typer(no_args_is_help=True, help="待决变更 · Changes that wait")


@held.command()
def decide() -> None:
    """裁决逾期仍在等待的变更 · Decide changes that waited for too long."""
    terminal = Terminal()
    with told_in_words(terminal):
        settings, _ = locate(Settings(), terminal.step)
        code = asyncio.run(decide_held_changes(settings))
    raise typer.Exit(code)
