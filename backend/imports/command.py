"""`qingtian import`: the same import from a terminal, for whoever runs the deployment and acts as a named account."""

import asyncio
import hashlib
from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError
from rich.console import Console
from rich.markup import escape
from rich.table import Table
from sqlalchemy import text

from backend.auth.access import Access
from backend.auth.accounts import access_of
from backend.faults import told_in_words
from backend.imports.cells import FileRefused
from backend.imports.importing import MAX_FILE_BYTES, run_import
from backend.prepare import locate
from backend.service import Service, open_service
from backend.settings import Settings
from backend.terminal import Terminal
from schemas.changes import ChangeOutcome
from schemas.imports import ColumnUse, ImportAnswer, ImportOrder, ImportOutcome, ImportRow
from schemas.indicators.translation import translate
from schemas.problems import Problem, problem
from schemas.vocabulary import Indicator, Level, Outcome, RecordKind

READ_ACCOUNT = "SELECT id FROM account WHERE username = :username AND NOT disabled"

SHOWN_ROWS = 200
"""How many lines the table shows; refused ones come first."""

OUTCOME_WORDS = {
    ImportOutcome.NEW: "[green]新增 new[/green]",
    ImportOutcome.CHANGED: "[yellow]修改 changed[/yellow]",
    ImportOutcome.UNCHANGED: "[dim]未变 unchanged[/dim]",
    ImportOutcome.REFUSED: "[red]不导入 refused[/red]",
    ImportOutcome.SKIPPED: "[dim]略过 skipped[/dim]",
}
LEDGER_WORDS = {
    Outcome.APPLIED: "已写入 applied",
    Outcome.MERGED: "已合并 merged",
    Outcome.CONFLICT: "[red]有冲突 conflict[/red]",
    Outcome.HELD: "[red]未处理 held[/red]",
    Outcome.REJECTED: "[red]未接受 rejected[/red]",
}
_ORDER = [ImportOutcome.REFUSED, ImportOutcome.CHANGED, ImportOutcome.NEW, ImportOutcome.SKIPPED]
_TAKEN = (Outcome.APPLIED, Outcome.MERGED)


async def import_from_terminal(settings: Settings, path: Path, order: dict[str, object], username: str) -> int:
    """Print what the file would do, or with `commit` did; return 0 where every line was taken, else 1.

    Run by whoever has the database; `username` is the account whose access holds and whom the ledger names.
    """
    console = Console(highlight=False)
    async with open_service(settings, settings.database_url or "") as service:
        access = await _access(username, service)
        if access is None:
            console.print(f"没有账号“{escape(username)}” · no account '{escape(username)}'")
            return 1
        return await _import(console, _limited(path), order, access, service)


async def _import(console: Console, body: bytes, order: dict[str, object], access: Access, service: Service) -> int:
    given = {name: value for name, value in order.items() if value is not None}
    if given.get("commit"):
        given["sha256"] = hashlib.sha256(body).hexdigest()  # the bytes at hand are the bytes that are imported
    try:
        answer = await run_import(body, ImportOrder.model_validate(given), access, service)
    except FileRefused as refused:
        return _tell(console, [problem(refused.code, **refused.params)])
    except ValidationError as error:
        return _tell(console, translate(error, ImportOrder, ""))
    show(console, answer)
    is_whole = not answer.counts[ImportOutcome.REFUSED] and all(_was_taken(row.ledger) for row in answer.rows)
    return 0 if is_whole else 1


def _limited(path: Path) -> bytes:
    """Return the file, or just enough of it to be refused for its size."""
    with path.open("rb") as file:
        return file.read(MAX_FILE_BYTES + 1)


async def _access(username: str, service: Service) -> Access | None:
    async with service.engine.connect() as connection:
        row = (await connection.execute(text(READ_ACCOUNT), {"username": username})).one_or_none()
    return None if row is None else await access_of(service.pool, str(row.id), service.reference)


def _tell(console: Console, problems: list[Problem]) -> int:
    for each in problems:
        console.print(f"[red]{escape(each.zh)}[/red]\n{escape(each.en)}", soft_wrap=True)
    return 1


def show(console: Console, answer: ImportAnswer) -> None:
    """Print an import: its columns that were not read, its lines, and how many of each kind."""
    unread = [f"{each.column} {each.heading}" for each in answer.columns if each.use is not ColumnUse.READ]
    source = f"{answer.sheet or 'CSV'} ({answer.encoding})"
    console.print(f"读取 · read: {escape(source)}", soft_wrap=True)
    if answer.other_sheets:
        console.print(f"未读取的工作表 · sheets not read: {escape('、'.join(answer.other_sheets))}", soft_wrap=True)
    if unread:
        console.print(f"[yellow]未导入的列 · columns not read:[/yellow] {escape('、'.join(unread))}", soft_wrap=True)
    console.print(_table(answer.rows))
    counts = "  ".join(f"{OUTCOME_WORDS[outcome]} {count}" for outcome, count in answer.counts.items())
    console.print(counts)
    if answer.status == "preview":
        console.print("以上为预览，未写入；加 --commit 写入 · a preview, nothing was written; --commit writes it")


def _table(rows: list[ImportRow]) -> Table:
    told = [row for outcome in _ORDER for row in rows if row.outcome is outcome]
    table = Table(title=f"{len(told)} 条 · lines" if len(told) <= SHOWN_ROWS else f"前 {SHOWN_ROWS} 条 · first lines")
    table.add_column("行 Line", justify="right", no_wrap=True)
    table.add_column("对象 About")
    table.add_column("结果 Outcome", no_wrap=True)
    table.add_column("说明 Remarks", overflow="fold")
    for row in told[:SHOWN_ROWS]:
        outcome = LEDGER_WORDS[row.ledger.outcome] if row.ledger is not None else OUTCOME_WORDS[row.outcome]
        lines = ",".join(str(line) for line in row.lines)
        table.add_row(lines, escape(row.title), outcome, escape("\n".join(_remarks(row))))
    return table


def _remarks(row: ImportRow) -> list[str]:
    """Return what there is to say of a line: faults with their column, conversions, and what changes."""
    ledger = row.ledger.problems if row.ledger is not None else []
    found = [*row.problems, *row.warnings]
    said = [f"{each.column or ''} {each.zh} {each.en}".strip() for each in found]
    said += [f"{each.zh} {each.en}" for each in ledger]
    said += [f"{cell.column} {cell.heading}：{cell.note_zh}" for cell in row.cells if cell.note_zh]
    if row.outcome is ImportOutcome.CHANGED:
        said += [f"{pointer} → {'（清空）' if value is None else value}" for pointer, value in row.changes.items()]
    return said


def _was_taken(outcome: ChangeOutcome | None) -> bool:
    return outcome is None or outcome.outcome in _TAKEN


imports = typer.Typer()


@imports.command(name="import")
def import_file(
    file: Annotated[Path, typer.Argument(help="XLSX 或 CSV 文件 · the file", exists=True, dir_okay=False)],
    county: Annotated[str, typer.Option(help="县代码 · county code")],
    username: Annotated[str, typer.Option("--as", help="以哪个账号导入 · the account that imports")],
    kind: Annotated[RecordKind, typer.Option(help="花名册或填报表 · roster or reports")] = RecordKind.REPORT,
    indicator: Annotated[Indicator | None, typer.Option(help="指标，花名册不填 · of reports")] = None,
    level: Annotated[Level | None, typer.Option(help="主体或县级，花名册不填 · of reports")] = None,
    period: Annotated[str | None, typer.Option(help="统计期，如 2025 · of reports, such as 2025")] = None,
    commit: Annotated[bool, typer.Option("--commit", help="写入；默认只预览 · write; else a preview")] = False,
) -> None:
    """导入花名册、填报表或县级报表 · Import a roster, reports or county statements."""
    terminal = Terminal()
    order: dict[str, object] = {
        "kind": kind,
        "county_code": county,
        "indicator": indicator,
        "level": level,
        "period": period,
        "commit": commit,
    }
    with told_in_words(terminal):
        settings, _ = locate(Settings(), terminal.step)
        code = asyncio.run(import_from_terminal(settings, file, order, username))
    raise typer.Exit(code)
