"""`qingtian checks`: what contradicts itself across reports, looked for at once, and by which thresholds."""

import asyncio
from collections.abc import Sequence
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from backend.faults import told_in_words
from backend.jobs.checks import sweep_years
from backend.prepare import locate
from backend.service import open_service
from backend.settings import Settings
from backend.terminal import Terminal
from schemas.checks.catalogue import CHECKS
from schemas.checks.thresholds import Thresholds
from schemas.decimals import plain
from schemas.vocabulary import UNIT_NAMES


async def sweep_from_terminal(settings: Settings, years: Sequence[int]) -> int:
    """Run every check and say what was found; return 0: a finding is no failure."""
    console = Console(highlight=False)
    async with open_service(settings, settings.database_url or "") as service:
        swept = await sweep_years(service, years)
    for year, one in swept.items():
        console.print(
            f"{year} 年：新增 {one.opened} 条待核问题，{one.gone} 条已消除。 "
            f"{year}: {one.opened} findings opened, {one.gone} gone.",
            soft_wrap=True,
        )
        for code, count in sorted(one.found.items()):
            console.print(f"  {CHECKS[code].title_zh} {CHECKS[code].title_en} ({code}): {count}", soft_wrap=True)
    return 0


def list_thresholds(settings: Settings) -> None:
    """Show every check with what it goes by here."""
    own = Thresholds.parse(settings.checks)
    table = Table("规则 Check", "阈值 Threshold", "取值 Value", "单位 Unit")
    for code, check in CHECKS.items():
        title = f"{check.title_zh} {check.title_en}" + ("（已停用 off）" if code in own.off else "")
        table.add_row(title, code, "", "")
        for name, threshold in check.thresholds.items():
            unit_zh, unit_en = UNIT_NAMES[threshold.unit]
            value = plain(own.get(code, name))
            table.add_row("", f"{code}.{name} {threshold.zh} {threshold.en}", value, f"{unit_zh} {unit_en}")
    Console(highlight=False).print(table)


checks = typer.Typer(no_args_is_help=True, help="核查规则 · Checks across reports")


@checks.command(name="run")
def run_checks(
    year: Annotated[
        list[int] | None, typer.Option(help="年份，默认今年和去年 · years, default this one and the last")
    ] = None,
) -> None:
    """立即核查一遍 · Run every check now."""
    terminal = Terminal()
    with told_in_words(terminal):
        settings, _ = locate(Settings(), terminal.step)
        code = asyncio.run(sweep_from_terminal(settings, year or ()))
    raise typer.Exit(code)


@checks.command(name="thresholds")
def show_thresholds() -> None:
    """列出核查规则和阈值 · List the checks and their thresholds."""
    with told_in_words(Terminal()):
        list_thresholds(Settings())
