"""The demo as a command: a progress bar while the phones report, and what happened when they are done."""

import asyncio
from collections.abc import Sequence
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from backend.db import make_engine
from backend.demo.counties import CountyPlace
from backend.demo.places import load_places
from backend.demo.run import DemoStoppedError, fill
from backend.prepare import locate
from backend.settings import Settings


def fill_demo(url: str, settings: Settings) -> int:
    """Let the planned phones report to the demo at `url`; return the exit code."""
    console = Console(highlight=False)
    settings, _ = locate(settings.model_copy(update={"demo": True}), lambda _: None)
    places = asyncio.run(_places(settings))
    bar = Progress(
        TextColumn("  演示填报 · Phones reporting"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=console,
    )
    try:
        with bar:
            task = bar.add_task("phones", total=None)
            report = fill(
                url, places, settings.home / "demo", lambda done, total: bar.update(task, completed=done, total=total)
            )
    except KeyboardInterrupt:
        return 0
    except DemoStoppedError as error:
        console.print(f"[red]演示填报中断 · The demo stopped[/red]\n{error}")
        return 1
    for line in (*report.lines("zh"), *report.lines("en")):
        console.print(f"  {line}", soft_wrap=True)
    return 0


async def _places(settings: Settings) -> Sequence[CountyPlace]:
    engine = make_engine(settings.database_url or "", pool_size=1)
    try:
        async with engine.connect() as connection:
            return await load_places(connection)
    finally:
        await engine.dispose()


phones = typer.Typer()


@phones.command()
def demo(url: Annotated[str, typer.Option(help="服务地址 · Where the service answers")]) -> None:
    """让模拟手机向正在运行的演示服务填报 · Let simulated phones report to a running demo."""
    raise typer.Exit(fill_demo(url, Settings()))
