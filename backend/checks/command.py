"""The checks as commands."""

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from backend.jobs.checks import sweep_years
from backend.service import open_service
from backend.settings import Settings
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
