"""The commands that verify: `ledger verify` and `receipt verify`, in words for people and as JSON for programs."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from sqlalchemy.ext.asyncio import AsyncEngine

from backend.db import make_engine, snapshot
from backend.faults import told_in_words
from backend.prepare import locate
from backend.privacy.keyring import KeyRing
from backend.service import read_reference
from backend.settings import Settings
from backend.terminal import Terminal
from backend.verify.anchors import Anchor, AnchorError, anchor_faults, kept_keys, read_anchors, read_keys, states
from backend.verify.faults import Fault
from backend.verify.ledgers import Checks, CountyReport, counties_with_ledgers, verify_county
from schemas.receipts import ReceiptDocument, SignatureState

SOUND, UNSOUND, UNREADABLE = 0, 1, 2
"""The exit codes: all fits; something does not fit; it could not be checked."""

SIGNATURES = {
    SignatureState.HOLDS: ("签名有效", "the signature holds"),
    SignatureState.BROKEN: ("签名无效，文件被改动过", "the signature does not hold: the file was changed"),
    SignatureState.UNKNOWN_KEY: ("签名所用的公钥不在列表中", "the key it was signed with is not known"),
}


async def verify_ledgers(
    settings: Settings,
    county_code: str | None,
    files: Sequence[Path] = (),
    keys_source: str | None = None,
    *,
    as_json: bool = False,
) -> int:
    """Verify one ledger or all of them, say what was found and return the exit code."""
    console, notes = Console(highlight=False), Console(highlight=False, stderr=True)
    engine = make_engine(settings.database_url or "", pool_size=1)
    try:
        anchors = [anchor for path in files for anchor in read_anchors(path)]
        keys = await _keys(engine, keys_source)
        signatures = states(anchors, keys)
        sound = [one for one, state in zip(anchors, signatures, strict=True) if state is SignatureState.HOLDS]
        checks = Checks(KeyRing.of(settings).vault(), await read_reference(engine), sound)
        codes = [county_code] if county_code else await _codes(engine, sound)
        reports = await _verified(engine, codes, checks, notes, shows=not as_json)
    except AnchorError as error:
        notes.print(escape(str(error)), soft_wrap=True)
        return UNREADABLE
    finally:
        await engine.dispose()
    if as_json:
        console.out(orjson.dumps(_as_document(reports, anchors, signatures)).decode(), highlight=False)
    else:
        _say_ledgers(console, reports, anchors, signatures)
    return UNSOUND if len(sound) < len(anchors) or any(one.faults for one in reports) else SOUND


async def _codes(engine: AsyncEngine, anchors: Sequence[Anchor]) -> list[str]:
    """Return every county that the database or an anchor knows: a ledger may have been removed as a whole."""
    named = {head.county_code for anchor in anchors for head in anchor.said.heads}
    return sorted(named.union(await counties_with_ledgers(engine)))


async def _verified(
    engine: AsyncEngine, codes: Sequence[str], checks: Checks, notes: Console, *, shows: bool
) -> list[CountyReport]:
    reports = []
    columns = (SpinnerColumn(), TextColumn("{task.completed}/{task.total} {task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=notes, transient=True, disable=not (shows and notes.is_terminal)) as bar:
        task = bar.add_task("", total=len(codes))
        for code in codes:

            def show(step: str, code: str = code) -> None:
                bar.update(task, description=f"{code} {step}")

            reports.append(await verify_county(engine, code, checks, show))
            bar.advance(task)
    return reports


def _say_ledgers(
    console: Console, reports: Sequence[CountyReport], anchors: Sequence[Anchor], signatures: Sequence[SignatureState]
) -> None:
    _say_signatures(console, anchors, signatures)
    for report in reports:
        for fault in report.named:
            _say_fault(console, fault)
        if report.faults > len(report.named):
            console.print(f"[red]{report.county_code}[/red] 共 {report.faults} 处 · {report.faults} in all")
    broken = sum(bool(one.faults) for one in reports)
    entries, records = sum(one.entries for one in reports), sum(one.records for one in reports)
    console.print(
        f"已核对 {len(reports)} 个县的账本（{entries} 条，{records} 个记录），{broken} 个有问题。 "
        f"{len(reports)} ledgers verified ({entries} entries, {records} records), {broken} do not fit.",
        soft_wrap=True,
    )


def _say_fault(console: Console, fault: Fault) -> None:
    where = fault.county_code if fault.position is None else f"{fault.county_code} #{fault.position}"
    zh, en = fault.words
    subject = f" {fault.subject}" if fault.subject else ""
    console.print(f"[red]{where}[/red]{escape(subject)} {escape(zh)} · {escape(en)}", soft_wrap=True)


def _say_signatures(console: Console, anchors: Sequence[Anchor], signatures: Sequence[SignatureState]) -> None:
    for anchor, state in zip(anchors, signatures, strict=True):
        zh, en = SIGNATURES[state]
        colour = "green" if state is SignatureState.HOLDS else "red"
        console.print(f"[{colour}]{escape(anchor.source)}[/{colour}] {zh} · {en}", soft_wrap=True)


def _as_document(
    reports: Sequence[CountyReport], anchors: Sequence[Anchor], signatures: Sequence[SignatureState]
) -> dict[str, Any]:
    return {
        "sound": not any(one.faults for one in reports) and all(one is SignatureState.HOLDS for one in signatures),
        "ledgers": [
            {
                "county_code": one.county_code,
                "entries": one.entries,
                "records": one.records,
                "changes": one.changes,
                "fault_count": one.faults,
                "faults": [_fault_document(fault) for fault in one.named],
            }
            for one in reports
        ],
        "anchors": [
            {"source": anchor.source, "alg": anchor.said.alg, "issued_at": anchor.said.issued_at, "signature": state}
            for anchor, state in zip(anchors, signatures, strict=True)
        ],
    }


def _fault_document(fault: Fault) -> dict[str, Any]:
    zh, en = fault.words
    return {
        "county_code": fault.county_code,
        "position": fault.position,
        "code": fault.code,
        "subject": fault.subject,
        "params": dict(fault.params),
        "zh": zh,
        "en": en,
    }


async def verify_receipt(settings: Settings | None, file: Path, keys_source: str | None, *, as_json: bool) -> int:
    """Say whether the signatures of a receipt file hold and, with a database, whether the ledger still has it all.

    `settings` are those of a database that is at hand, None where there is none. Return the exit code.
    """
    console, notes = Console(highlight=False), Console(highlight=False, stderr=True)
    engine = make_engine(settings.database_url or "", pool_size=1) if settings is not None else None
    try:
        anchors = read_anchors(file)
        signatures = states(anchors, await _keys(engine, keys_source))
        faults = None if engine is None else await _ledger_faults(engine, anchors)
    except AnchorError as error:
        notes.print(escape(str(error)), soft_wrap=True)
        return UNREADABLE
    finally:
        if engine is not None:
            await engine.dispose()
    holds = all(state is SignatureState.HOLDS for state in signatures)
    if as_json:
        found = None if faults is None else [_fault_document(fault) for fault in faults]
        document = _as_document([], anchors, signatures) | {"sound": holds and not faults, "faults": found}
        del document["ledgers"]
        console.out(orjson.dumps(document).decode(), highlight=False)
    else:
        _say_signatures(console, anchors, signatures)
        _say_ledger_state(console, anchors, faults)
    return SOUND if holds and not faults else UNSOUND


def _say_ledger_state(console: Console, anchors: Sequence[Anchor], faults: Sequence[Fault] | None) -> None:
    items = sum(len(one.said.items) for one in anchors if isinstance(one.said, ReceiptDocument))
    if faults is None:
        console.print("未连接数据库，只核对了签名。 No database at hand: only the signature was checked.")
    elif faults:
        for fault in faults:
            _say_fault(console, fault)
        console.print(f"[red]账本与所载不符，{len(faults)} 处。 The ledger differs in {len(faults)} places.[/red]")
    else:
        console.print(f"账本中仍是这 {items} 笔，内容未变。 The ledger still holds these {items} changes, unaltered.")


async def _ledger_faults(engine: AsyncEngine, anchors: Sequence[Anchor]) -> list[Fault]:
    async with snapshot(engine) as connection:
        return [fault for anchor in anchors async for fault in anchor_faults(connection, anchor)]


async def _keys(engine: AsyncEngine | None, source: str | None) -> dict[str, bytes]:
    """Return the public keys of `source`, else those that the database knows. Raises AnchorError without either."""
    if source is not None:
        return read_keys(source)
    if engine is None:
        raise AnchorError(
            "没有数据库，请用 --keys 给出公钥文件或服务地址。\n"
            "There is no database; name a file of public keys or the address of a service by --keys."
        )
    async with snapshot(engine) as connection:
        return await kept_keys(connection)


ledger = typer.Typer(no_args_is_help=True, help="账本 · Ledgers")
receipt = typer.Typer(no_args_is_help=True, help="回执 · Receipts")

Keys = Annotated[
    str | None, typer.Option("--keys", help="公钥文件或服务地址，默认取自数据库 · file or URL of public keys")
]
AsJson = Annotated[bool, typer.Option("--json", help="输出 JSON · print JSON")]


@ledger.command()
def verify(
    county: Annotated[str | None, typer.Argument(help="县代码，默认全部 · County code, default all")] = None,
    anchors: Annotated[
        list[Path] | None,
        typer.Option(
            help="检查点或回执文件，可给多个 · Checkpoint or receipt, may be repeated", exists=True, dir_okay=False
        ),
    ] = None,
    keys: Keys = None,
    as_json: AsJson = False,
) -> None:
    """核对账本：哈希链、记录、合计，与外部存证比对 · Verify chains, records and sums, and against anchors."""
    terminal = Terminal()
    with told_in_words(terminal):
        settings, _ = locate(Settings(), terminal.step if not as_json else lambda _: None)
        code = asyncio.run(verify_ledgers(settings, county, anchors or (), keys, as_json=as_json))
    raise typer.Exit(code)


@receipt.command(name="verify")
def verify_receipt_file(
    file: Annotated[Path, typer.Argument(help="回执文件 · the receipt", exists=True, dir_okay=False)],
    keys: Keys = None,
    offline: Annotated[bool, typer.Option("--offline", help="只核对签名 · the signature only")] = False,
    as_json: AsJson = False,
) -> None:
    """核对回执的签名，有数据库时核对账本 · Verify a receipt, and the ledger where a database is at hand."""
    with told_in_words(Terminal()):
        given = Settings()
        is_at_hand = given.database_url is not None or (given.home / "postgres" / "data").exists()
        settings = locate(given, lambda _: None)[0] if is_at_hand and not offline else None
        code = asyncio.run(verify_receipt(settings, file, keys, as_json=as_json))
    raise typer.Exit(code)
