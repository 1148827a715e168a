"""`qingtian figure`: what proves a figure, in words for people and as JSON for programs; figures computed again."""

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer
from rich.console import Console
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from backend.db import make_engine, snapshot
from backend.explanation.stand import Archive, Question
from backend.explanation.verified import Check, verify_figure, verify_statement
from backend.faults import told_in_words
from backend.jobs.recompute import recompute_figures
from backend.prepare import locate
from backend.problems import Refused
from backend.rollup.plan import load_plan
from backend.service import load_reference_of, read_reference
from backend.settings import Settings
from backend.terminal import Terminal
from backend.verify.anchors import AnchorError, kept_keys, read_keys
from schemas.period import Period
from schemas.problems import problem
from schemas.vocabulary import Indicator, RegionLevel

AGREES, DIFFERS, UNREADABLE = 0, 1, 2
"""The exit codes: all agrees; something does not; it could not be checked."""

figure = typer.Typer(no_args_is_help=True, help="数字的核对与重算 · Figures: verified, computed again")


@figure.command()
def verify(
    region: Annotated[str | None, typer.Argument(help="行政区代码 · region code")] = None,
    indicator: Annotated[Indicator | None, typer.Argument(help="指标 · indicator")] = None,
    period: Annotated[str | None, typer.Argument(help="统计期，如 2025 · period")] = None,
    as_of: Annotated[
        str | None, typer.Option(help="时间、报送状态或 filing:<办理编号> · time, state or filing:<step id>")
    ] = None,
    file: Annotated[Path | None, typer.Option(help="签名文书 · signed statement", exists=True, dir_okay=False)] = None,
    keys: Annotated[str | None, typer.Option(help="公钥文件或服务地址 · file or URL of public keys")] = None,
    *,
    offline: Annotated[bool, typer.Option("--offline", help="只核对签名 · the signature only")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="输出 JSON · print JSON")] = False,
) -> None:
    """由账本重建一项数字，与库存、冻结、签名的数字核对 · Rebuild a figure; compare with what is kept and signed."""
    if file is None and (region is None or indicator is None or period is None):
        raise typer.BadParameter("请给出行政区、指标和统计期，或用 --file 给出签名文书 · name a figure or a --file")
    with told_in_words(Terminal()):
        given = Settings()
        is_at_hand = given.database_url is not None or (given.home / "postgres" / "data").exists()
        at_hand = locate(given, lambda _: None)[0] if file is None or (is_at_hand and not offline) else None
        asked = None if region is None or indicator is None or period is None else (region, indicator, period, as_of)
        code = asyncio.run(verify_from_terminal(at_hand, asked, file, keys, as_json=as_json))
    raise typer.Exit(code)


async def verify_from_terminal(
    settings: Settings | None,
    asked: tuple[str, Indicator, str, str | None] | None,
    file: Path | None,
    keys_source: str | None,
    *,
    as_json: bool = False,
) -> int:
    """Say what agrees and what does not, and return the exit code. `settings`: of a database, where there is one."""
    engine = make_engine(settings.database_url or "", pool_size=1) if settings is not None else None
    try:
        checks = await _checked(engine, asked, file, keys_source)
    except AnchorError as error:
        typer.echo(str(error), err=True)
        return UNREADABLE
    except Refused as refused:
        typer.echo(f"{refused.problem.zh}\n{refused.problem.en}", err=True)
        return UNREADABLE
    finally:
        if engine is not None:
            await engine.dispose()
    _say(checks, as_json=as_json)
    return AGREES if all(one.agrees for one in checks) else DIFFERS


async def _checked(
    engine: AsyncEngine | None,
    asked: tuple[str, Indicator, str, str | None] | None,
    file: Path | None,
    keys_source: str | None,
) -> list[Check]:
    document = None if file is None else _read_document(file)
    if engine is None:
        if keys_source is None:
            raise AnchorError(
                "没有数据库，请用 --keys 给出公钥文件或服务地址。\n"
                "There is no database; name a file of public keys or the address of a service by --keys."
            )
        return await verify_statement(None, None, document, read_keys(keys_source))
    async with snapshot(engine) as connection:
        keys = await kept_keys(connection) if keys_source is None else read_keys(keys_source)
        archive = await _archive(connection)
        found = [] if document is None else await verify_statement(connection, archive, document, keys)
        return found + (await _of_figure(connection, archive, asked, keys) if asked is not None else [])


async def _of_figure(
    connection: AsyncConnection,
    archive: Archive,
    asked: tuple[str, Indicator, str, str | None],
    keys: Mapping[str, bytes],
) -> list[Check]:
    region_code, indicator, spelled, as_of = asked
    period = Period.parse(spelled)
    if period is None:
        raise Refused(problem("invalid_period", "period", value=spelled[:20]))
    region = (await archive.trees.of_year(connection, period.year)).get(region_code)
    if region is None or region.level is RegionLevel.TOWNSHIP or not region.in_scope:
        raise Refused(problem("unknown_region", code=region_code[:20]))
    return await verify_figure(connection, archive, Question(region_code, indicator, period, as_of), keys)


async def _archive(connection: AsyncConnection) -> Archive:
    reference = await load_reference_of(connection)
    return Archive(reference, await load_plan(connection, reference.history))


def _read_document(file: Path) -> Any:
    try:
        return orjson.loads(file.read_bytes())
    except (OSError, ValueError) as error:
        raise AnchorError(
            f"{file} 不是签名文书，或无法读取。\n"
            f"{file} is no signed statement, or cannot be read: {type(error).__name__}"
        ) from None


def _say(checks: Sequence[Check], *, as_json: bool) -> None:
    if as_json:
        said = [{"code": one.code, "agrees": one.agrees, "zh": one.zh, "en": one.en} for one in checks]
        typer.echo(orjson.dumps({"agrees": all(one.agrees for one in checks), "checks": said}).decode())
        return
    for one in checks:
        sign = typer.style("✓", fg="green") if one.agrees else typer.style("✗", fg="red")
        typer.echo(f"{sign} {one.zh} · {one.en}")
    differing = sum(not one.agrees for one in checks)
    typer.echo(
        f"共核对 {len(checks)} 项，{differing} 项不符。 {len(checks)} checks, {differing} do not agree."
        if differing
        else f"共核对 {len(checks)} 项，全部相符。 {len(checks)} checks, all agree."
    )


async def recompute_all(settings: Settings, *, every: bool) -> int:
    """Compute figures again and say what came of it; return the exit code: 1 where a county's ledger stayed locked."""
    console = Console(highlight=False)
    engine = make_engine(settings.database_url or "", pool_size=1)
    try:
        done = await recompute_figures(engine, await read_reference(engine), every=every)
    finally:
        await engine.dispose()
    console.print(
        f"已重算 {done.counties} 个县的数字，其中 {done.changed} 个有变化。 "
        f"Figures of {done.counties} counties computed again, {done.changed} changed.",
        soft_wrap=True,
    )
    if done.busy:
        console.print(
            f"[yellow]{done.busy} 个县的账本正被占用，请稍后再执行。 {done.busy} ledgers were locked; run it again."
            "[/yellow]"
        )
    return 1 if done.busy else 0


@figure.command()
def recompute(
    *,
    every: Annotated[bool, typer.Option("--all", help="全部重算 · All figures, also those that are current")] = False,
) -> None:
    """重算使用旧系数的县级数字 · Compute figures again that older coefficients were used for."""
    terminal = Terminal()
    with told_in_words(terminal):
        settings, _ = locate(Settings(), terminal.step)
        code = asyncio.run(recompute_all(settings, every=every))
    raise typer.Exit(code)
