"""The commands `qingtian export ...`: the same files as from the interface, written where the terminal is."""

import asyncio
import shlex
import shutil
import sys
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from sqlalchemy import text

from backend.api.summaries import readable_region
from backend.auth.access import Access
from backend.auth.accounts import access_of
from backend.db import snapshot
from backend.exports.making import Form, ReportForm, export_basin, export_region, export_reports
from backend.exports.reports import ReportsAsked, scope_of
from backend.exports.spool import Made, workplace
from backend.exports.summaries import Asked
from backend.faults import told_in_words
from backend.prepare import locate
from backend.problems import Refused
from backend.service import Service, open_service
from backend.settings import Settings
from backend.terminal import Terminal
from schemas.exports import FormMarks, Heads, ReportFormat, SummaryFormat
from schemas.period import Period
from schemas.problems import problem
from schemas.vocabulary import Indicator, RecordStatus, RegionLevel

export = typer.Typer(no_args_is_help=True, help="导出 · Exports")

READ_ACCOUNT = "SELECT id FROM account WHERE username = :username AND NOT disabled"

Region = Annotated[str, typer.Argument(help="区划代码，100000 为全国 · region code")]
PeriodAsked = Annotated[str, typer.Option("--period", help="统计期，如 2025、2025Q3 · period")]
Output = Annotated[
    Path | None, typer.Option("--output", "-o", help="写到哪里，默认当前目录、按标题命名 · file to write")
]
Account = Annotated[
    str | None,
    typer.Option("--as", help="以哪个账号的权限；不填只导出已公布数据 · whose access; none: published figures"),
]
Indicators = Annotated[list[Indicator] | None, typer.Option("--indicator", help="指标，可重复，默认全部 · default all")]
Format = Annotated[SummaryFormat, typer.Option("--format", help="文件格式 · format")]
Plain = Annotated[
    bool, typer.Option("--plain", help="CSV 供程序读：标识作表头、不带标记 · a CSV for programs: identifiers, no mark")
]
Making = Callable[[Service, Access | None, Path], Awaitable[Made]]


@export.command("summary")
def export_summary(
    region: Region, period: PeriodAsked, *, file_format: Format = SummaryFormat.XLSX, by: Annotated[
        RegionLevel, typer.Option(help="分县、分市、分省 · county, prefecture or province")
    ] = RegionLevel.COUNTY, indicator: Indicators = None, username: Account = None,
    plain: Plain = False, output: Output = None,
) -> None:  # fmt: skip
    """导出一个区域的数字 · The figures of a region."""
    asked_period, form = _period(period), Form(file_format, *_csv(plain=plain))

    async def make(service: Service, access: Access | None, folder: Path) -> Made:
        async with snapshot(service.read_engine) as connection:
            tree = await service.trees.of_year(connection, asked_period.year)
        if access is not None:
            readable_region(tree, region, access, asked_period.year)
        elif region not in tree:
            raise Refused(problem("unknown_region", code=region[:20]))
        return await export_region(service, region, asked_period, by, _asked(service, indicator, access), form, folder)

    _run(make, username, output)


@export.command("basin")
def export_of_basin(
    code: Annotated[str, typer.Argument(help="重点流域代码，如 dongting · code of a basin")],
    period: PeriodAsked, *, file_format: Format = SummaryFormat.XLSX, indicator: Indicators = None,
    username: Account = None, plain: Plain = False, output: Output = None,
) -> None:  # fmt: skip
    """导出一个重点流域的数字 · The figures of a key basin."""
    asked_period, form = _period(period), Form(file_format, *_csv(plain=plain))

    async def make(service: Service, access: Access | None, folder: Path) -> Made:
        basin = service.plan.basins.get(code)
        if basin is None:
            raise Refused(problem("unknown_basin", code=code[:40]))
        async with snapshot(service.read_engine) as connection:
            tree = await service.trees.of_year(connection, asked_period.year)
        members = service.plan.members(basin, tree)
        readable = [one for one in members if access is None or access.may_read_figures(one, tree)]
        if not readable:
            raise Refused(problem("above_scope", region=basin.name))
        asked = _asked(service, indicator, access)
        return await export_basin(service, basin, readable, asked_period, asked, form, folder)

    _run(make, username, output)


@export.command("reports")
def export_of_reports(
    region: Region, period: PeriodAsked,
    indicator: Annotated[Indicator, typer.Option(help="指标 · indicator")],
    username: Annotated[str, typer.Option("--as", help="以哪个账号的权限 · whose access")], *,
    file_format: Annotated[ReportFormat, typer.Option("--format", help="文件格式 · format")] = ReportFormat.CSV,
    status: Annotated[list[RecordStatus] | None, typer.Option(help="状态，可重复，默认未撤销的 · states")] = None,
    plain: Plain = False, output: Output = None,
) -> None:  # fmt: skip
    """逐条导出填报，不含个人信息 · Reports one by one, without personal data."""
    asked = ReportsAsked(region, indicator, _period(period), statuses=tuple(status or ()))

    async def make(service: Service, access: Access | None, folder: Path) -> Made:
        tree = service.reference.tree
        if access is None or region not in tree:
            raise Refused(problem("unknown_region", code=region[:20]))
        scope = scope_of(access, tree, region)
        if not scope:
            raise Refused(problem("above_scope", region=tree[region].name))
        said = _asked(service, [indicator], access)
        return await export_reports(service, scope, asked, said, ReportForm(file_format, *_csv(plain=plain)), folder)

    _run(make, username, output)


def _period(given: str) -> Period:
    period = Period.parse(given)
    if period is None:
        raise typer.BadParameter("统计期应为 2025、2025H1 或 2025Q3 · write 2025, 2025H1 or 2025Q3")
    return period


def _csv(*, plain: bool) -> tuple[Heads, bool]:
    """Return the heads of a CSV, and whether it begins with the mark that Excel knows."""
    return (Heads.ID, False) if plain else (Heads.ZH, True)


def _asked(service: Service, indicators: list[Indicator] | None, access: Access | None) -> Asked:
    return Asked(
        query=f"qingtian {shlex.join(sys.argv[1:])}"[:500],
        indicators=tuple(indicators or ()),
        published_only=access is None,
        moment=datetime.now(UTC),
        demo=service.settings.demo,
        marks=FormMarks(service.settings.form_marks),
        map_source=service.map_source,
    )


def _run(make: Making, username: str | None, output: Path | None) -> None:
    terminal = Terminal()
    with told_in_words(terminal):
        settings, _ = locate(Settings(), lambda _: None)
        code = asyncio.run(_make(make, settings, terminal, username, output))
    raise typer.Exit(code)


async def _make(make: Making, settings: Settings, terminal: Terminal, username: str | None, output: Path | None) -> int:
    async with open_service(settings, settings.database_url or "") as service:
        access = None if username is None else await _access(username, service)
        if username is not None and access is None:
            terminal.say(f"没有账号“{escape(username)}” · no account '{escape(username)}'")
            return 1
        try:
            async with workplace(service) as folder:
                made = await make(service, access, folder)
                target = output or Path(made.name)
                await asyncio.to_thread(shutil.move, made.path, target)
        except Refused as refused:
            terminal.say(f"[red]{escape(refused.problem.zh)}[/red]\n{escape(refused.problem.en)}")
            return 1
    terminal.say(f"{escape(str(target))}\n  {made.rows} 行 rows · 数据摘要 SHA-256 {made.rows_sha256}")
    return 0


async def _access(username: str, service: Service) -> Access | None:
    async with service.engine.connect() as connection:
        row = (await connection.execute(text(READ_ACCOUNT), {"username": username})).one_or_none()
    return None if row is None else await access_of(service.pool, str(row.id), service.reference, service.plan)
