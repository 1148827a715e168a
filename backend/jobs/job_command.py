"""The commands `qingtian job ...`: what runs by itself, run now, and how it went."""

import asyncio
from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from backend.db import connected
from backend.faults import told_in_words
from backend.jobs.catalogue import catalogue
from backend.jobs.job_listing import job_list
from backend.jobs.runner import make_run
from backend.jobs.runs import finish_run, start_run
from backend.jobs.seat import Seat
from backend.prepare import locate
from backend.service import open_service
from backend.settings import Settings
from backend.terminal import Terminal
from schemas.period import CHINA_STANDARD_TIME

job = typer.Typer(no_args_is_help=True, help="定时任务 · Jobs")

DONE, FAILED, BUSY = 0, 1, 2
"""The exit codes: done; it failed; it runs already."""


@job.command("list")
def list_jobs() -> None:
    """列出定时任务和最近一次运行 · List the jobs and their last runs."""
    with told_in_words(Terminal()):
        settings, _ = locate(Settings(), lambda _: None)
        asyncio.run(say_jobs(settings))


@job.command("run")
def run_job(name: Annotated[str, typer.Argument(help="任务名，见 job list · as in `job list`")]) -> None:
    """立即运行一个任务 · Run a job now."""
    terminal = Terminal()
    with told_in_words(terminal):
        settings, _ = locate(Settings(), terminal.step)
        code = asyncio.run(run_now(settings, name))
    raise typer.Exit(code)


async def say_jobs(settings: Settings) -> None:
    """Say how the jobs went and which process runs them."""
    async with open_service(settings, settings.database_url or "") as service, connected(service.pool) as connection:
        found = await job_list(connection, settings)
    console = Console(highlight=False)
    table = Table("任务 Job", "时间 When", "状态 State", "最近一次 Last", "次数 Attempts", "结果 Outcome")
    for one in found.jobs:
        started = "" if one.started_at is None else f"{one.started_at.astimezone(CHINA_STANDARD_TIME):%m-%d %H:%M:%S}"
        outcome = one.error or one.outcome or ""
        state = "[red]failed[/red]" if one.error else str(one.state or "")
        table.add_row(
            f"{one.name} {one.zh}", f"{one.when_zh} {one.when_en}", state, started, str(one.attempts), outcome
        )
    console.print(table)
    console.print(f"运行者 · Runner: {found.runner or '无 none'}")


async def run_now(settings: Settings, name: str) -> int:
    """Run a job as if it were due now, on a session of its own; return the exit code."""
    console = Console(highlight=False)
    chosen = catalogue(settings).get(name)
    if chosen is None:
        names = ", ".join(catalogue(settings))
        raise typer.BadParameter(f"没有这个任务 · there is no such job: {name}（{names}）")
    seat = Seat(settings.jobs_url or settings.database_url or "")
    async with open_service(settings, settings.database_url or "") as service:
        await seat.join()
        try:
            now = datetime.now(UTC)
            attempts = await start_run(seat, name, chosen.when, now, f"terminal {seat.name}", now)
            if attempts is None:
                console.print("[yellow]该任务正在运行。 The job is running already.[/yellow]")
                return BUSY
            outcome, error = await make_run(service, chosen)
            await finish_run(seat, name, now, attempts, datetime.now(UTC), outcome=outcome, error=error)
        finally:
            await seat.leave()
    if error is not None:
        console.print(f"[red]{name} 失败 failed: {error}[/red]", soft_wrap=True)
        return FAILED
    console.print(f"{name}: {outcome}", soft_wrap=True)
    return DONE
