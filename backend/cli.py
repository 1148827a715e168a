"""The command `qingtian`: thin, every command calls one function."""

import asyncio
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer

from backend.auth.command import account
from backend.checks.command import list_thresholds, sweep_from_terminal
from backend.contract.command import contract
from backend.demo.command import fill_demo
from backend.explanation.command import figure
from backend.exports.command import export
from backend.faults import told_in_words
from backend.imports.command import import_from_terminal
from backend.jobs.checkpoint_command import issue_from_terminal, list_checkpoints
from backend.jobs.command import decide_held_changes, recompute_all
from backend.jobs.job_command import job
from backend.outbox.command import webhook
from backend.phone.command import phone
from backend.prepare import locate, prepare
from backend.privacy.command import personal
from backend.quarantine.command import list_quarantine, replay_from_terminal
from backend.reference.command import list_versions, load_file, write_template
from backend.reference.files import LayerSource
from backend.reference.layer_files import LayerOptions
from backend.reference.packages import fetch_packages
from backend.serve import run as run_service
from backend.settings import Settings
from backend.terminal import Terminal
from backend.verify.command import verify_ledgers, verify_receipt
from schemas.reference.kinds import ReferenceKind
from schemas.vocabulary import Indicator, Level, RecordKind

app = typer.Typer(
    no_args_is_help=True, add_completion=False, help="清田：农业清洁生产上报。Clean agricultural production."
)
reference = typer.Typer(no_args_is_help=True, help="参考数据 · Reference data")
ledger = typer.Typer(no_args_is_help=True, help="账本 · Ledgers")
receipt = typer.Typer(no_args_is_help=True, help="回执 · Receipts")
checkpoint = typer.Typer(no_args_is_help=True, help="账本检查点 · Checkpoints of the ledgers")

Keys = Annotated[
    str | None, typer.Option("--keys", help="公钥文件或服务地址，默认取自数据库 · file or URL of public keys")
]
AsJson = Annotated[bool, typer.Option("--json", help="输出 JSON · print JSON")]
held = typer.Typer(no_args_is_help=True, help="待决变更 · Changes that wait")
checks = typer.Typer(no_args_is_help=True, help="核查规则 · Checks across reports")
quarantine = typer.Typer(no_args_is_help=True, help="隔离内容 · What could not be applied")
app.add_typer(reference, name="reference")
app.add_typer(ledger, name="ledger")
app.add_typer(receipt, name="receipt")
app.add_typer(checkpoint, name="checkpoint")
app.add_typer(held, name="held")
app.add_typer(checks, name="checks")
app.add_typer(quarantine, name="quarantine")
app.add_typer(contract, name="contract")
app.add_typer(phone, name="phone")
app.add_typer(personal, name="personal")
app.add_typer(account, name="account")
app.add_typer(figure, name="figure")
app.add_typer(export, name="export")
app.add_typer(job, name="job")
app.add_typer(webhook, name="webhook")


@app.command()
def run() -> None:
    """准备数据库并启动服务 · Prepare the database and serve."""
    raise typer.Exit(run_service(Settings()))


@app.command()
def setup() -> None:
    """只准备数据库，不启动服务 · Prepare the database without serving."""
    terminal = Terminal()
    with told_in_words(terminal):
        settings, cluster = locate(Settings(), terminal.step)
        prepared = asyncio.run(prepare(settings, cluster, terminal.step))
    if prepared.administrator_password is not None:
        terminal.administrator(prepared.administrator_password)


@app.command()
def demo(url: Annotated[str, typer.Option(help="服务地址 · Where the service answers")]) -> None:
    """让模拟手机向正在运行的演示服务填报 · Let simulated phones report to a running demo."""
    raise typer.Exit(fill_demo(url, Settings()))


@app.command(name="import")
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


@reference.command()
def fetch() -> None:
    """下载固定版本的参考数据包 · Download the pinned reference packages."""
    with told_in_words(Terminal()):
        for path in fetch_packages(Settings().home / "reference").values():
            typer.echo(path)


@reference.command()
def load(
    kind: Annotated[ReferenceKind, typer.Argument(help="种类 · What the file holds")],
    file: Annotated[Path, typer.Argument(help="CSV、XLSX；边界用 GeoPackage、Shapefile、GeoJSON、FlatGeobuf")],
    *,
    yes: Annotated[bool, typer.Option("--yes", help="不再询问 · Do not ask")] = False,
    note: Annotated[str, typer.Option(help="说明，记入版本 · A note kept with the version")] = "",
    source: Annotated[str, typer.Option(help="边界的来源与审图号 · Source of the boundaries, shown on every map")] = "",
    code_column: Annotated[str | None, typer.Option(help="边界的代码列 · Column with the code")] = None,
    name_column: Annotated[str | None, typer.Option(help="边界的名称列 · Column with the name")] = None,
    layer: Annotated[str | None, typer.Option(help="多图层文件中的图层 · Layer of the file")] = None,
) -> None:
    """预览并载入一个参考数据文件 · Preview a file of reference data and load it."""
    terminal = Terminal()
    options = LayerSource(LayerOptions(code_column, name_column, layer), source)
    with told_in_words(terminal):
        settings, _ = locate(Settings(), terminal.step)
        code = asyncio.run(
            load_file(settings, kind, file, options, note, lambda: yes or typer.confirm("写入？ Write?"))
        )
    raise typer.Exit(code)


@reference.command()
def versions(
    kind: Annotated[ReferenceKind | None, typer.Argument(help="种类，默认全部 · Kind, default all")] = None,
) -> None:
    """列出参考数据的版本 · List the versions of reference data."""
    terminal = Terminal()
    with told_in_words(terminal):
        settings, _ = locate(Settings(), terminal.step)
        code = asyncio.run(list_versions(settings, kind))
    raise typer.Exit(code)


@reference.command()
def template(
    kind: Annotated[ReferenceKind, typer.Argument(help="种类（边界没有表样）· Kind; boundaries have none")],
    file: Annotated[Path | None, typer.Argument(help="新建的 CSV，默认打印 · A new CSV, default the terminal")] = None,
) -> None:
    """给出一张空表 · Give an empty table to fill in."""
    if kind is ReferenceKind.BOUNDARIES:
        raise typer.BadParameter("边界是图层，没有表样 · boundaries are a layer and have no table")
    with told_in_words(Terminal()):
        write_template(kind, file)


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


@held.command(name="decide")
def decide_held() -> None:
    """裁决逾期仍在等待的变更 · Decide changes that waited for too long."""
    terminal = Terminal()
    with told_in_words(terminal):
        settings, _ = locate(Settings(), terminal.step)
        code = asyncio.run(decide_held_changes(settings))
    raise typer.Exit(code)


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


@checkpoint.command()
def issue() -> None:
    """立即签发检查点 · Issue a checkpoint now."""
    terminal = Terminal()
    with told_in_words(terminal):
        settings, _ = locate(Settings(), terminal.step)
        code = asyncio.run(issue_from_terminal(settings))
    raise typer.Exit(code)


@checkpoint.command(name="list")
def show_checkpoints(
    limit: Annotated[int, typer.Option(min=1, max=1000, help="条数 · how many")] = 30,
) -> None:
    """列出最近的检查点 · Show the newest checkpoints."""
    terminal = Terminal()
    with told_in_words(terminal):
        settings, _ = locate(Settings(), terminal.step)
        code = asyncio.run(list_checkpoints(settings, limit))
    raise typer.Exit(code)
