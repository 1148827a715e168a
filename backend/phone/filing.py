"""The commands by which a person fills in: a farm, a report, what is to be corrected, a photo."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from backend.phone.opening import COUNTY, HOME, TOWNSHIP, File, Say, choose, opened, say_all, setting_of, typed
from backend.phone.questions import Interview
from backend.phone.words import STATUS_WORDS, both, name_of
from mobile_contract.carry_over import suggestions
from mobile_contract.client import Phone, UnknownRecordError
from mobile_contract.outbox import amended
from schemas.farms import ENTITY_KIND_NAMES, Farm
from schemas.indicators.catalogue import CATALOGUE
from schemas.indicators.validation import PayloadRefused, read_farm, read_report
from schemas.period import Period
from schemas.vocabulary import EntityKind, Indicator, Level, RecordKind, RecordStatus


def farms(file: File = HOME) -> None:
    """列出主体 · List the farms."""
    with opened(file) as (pocket, say):
        found = farms_of(pocket, setting_of(file, COUNTY))
        for number, (record_id, name, status) in enumerate(found, 1):
            say(f"{number:>3}  {escape(name)} · {status}  [dim]{record_id}[/dim]")
        if not found:
            say(both(("还没有主体，请用 register 登记，或先 sync。", "No farms yet: register one, or sync first.")))


def register(file: File = HOME) -> None:
    """登记一个主体 · Register a farm."""
    with opened(file) as (pocket, say):
        kinds = list(EntityKind)
        say("[bold]登记主体[/bold]  [dim]Register a farm[/dim]\n")
        kind = kinds[choose(say, "主体类型 Kind of entity", [both(ENTITY_KIND_NAMES[one]) for one in kinds])]
        head = {"entity_kind": kind.value, "township_code": setting_of(file, TOWNSHIP)}
        payload = head | Interview(say, typed).answers(Farm)
        if _faulty(say, lambda: read_farm(payload)):
            raise typer.Exit(1)
        record_id = pocket.register_farm(setting_of(file, COUNTY), payload)
        say(f"\n[green]已存在本机，待发送。[/green]  [dim]kept here, waiting to be sent: {record_id}[/dim]")


def report(
    indicator: Annotated[Indicator | None, typer.Option(help="指标，不填则询问 · asked if left out")] = None,
    period: Annotated[str | None, typer.Option(help="统计期，如 2025 · such as 2025")] = None,
    level: Annotated[Level, typer.Option(help="经营主体或县级 · farm or county")] = Level.FARM,
    farm: Annotated[str | None, typer.Option(help="主体编号，不填则询问 · farm's record id, asked if left out")] = None,
    file: File = HOME,
) -> None:
    """填一份报表 · File a report."""
    with opened(file) as (pocket, say):
        county = setting_of(file, COUNTY)
        say("[bold]填报[/bold]  [dim]File a report[/dim]\n")
        if indicator is None:
            names = [both((spec.zh, spec.en)) for spec in CATALOGUE.values()]
            indicator = list(CATALOGUE)[choose(say, "指标 Indicator", names)]
        spec = CATALOGUE[indicator]
        period = period or typed("统计期，如 2025 Period > ").strip()
        if Period.parse(period) is None:
            raise typer.BadParameter("统计期应写作 2025、2025H1 或 2025Q3 · a period is written 2025, 2025H1 or 2025Q3")
        head = {"indicator": indicator.value, "level": level.value, "period": period}
        suggested = {}
        if level is Level.FARM:
            farm = farm or _choose_farm(say, pocket, county)
            shown = pocket.shown(farm)
            if shown is None:
                raise UnknownRecordError(farm)
            head |= {"farm_id": farm, "township_code": shown.payload["township_code"]}
            suggested = dict(suggestions(pocket.mirror.records(county), indicator, farm, period))
            say(f"\n{name_of(pocket, farm)} · {period} · {spec.zh}  [dim]{spec.en}[/dim]")
        say("[dim]直接回车表示不填；标 * 的必填。Return leaves a question unanswered; * must be answered.[/dim]\n")
        payload = head | Interview(say, typed, suggested).answers(spec.form(level))
        if _faulty(say, lambda: read_report(payload)):
            raise typer.Exit(1)
        record_id = pocket.file_report(county, payload)
        say(f"\n[green]已存在本机，待发送。[/green]  [dim]kept here, waiting to be sent: {record_id}[/dim]")


def amend(
    record: Annotated[str, typer.Argument(help="记录编号 · record id")],
    values: Annotated[list[str], typer.Argument(help="项=值，如 mulch_used_kg=31.5；值留空表示清除 · field=value")],
    reason: Annotated[str | None, typer.Option(help="原因 · why")] = None,
    file: File = HOME,
) -> None:
    """修改一份报表或主体登记 · Amend a report or a farm."""
    with opened(file) as (pocket, say):
        shown = pocket.shown(record)
        if shown is None:
            raise UnknownRecordError(record)
        changes = dict(_assigned(one) for one in values)
        payload = amended(shown.payload, changes)
        read = read_farm if shown.kind is RecordKind.FARM else read_report
        if _faulty(say, lambda: read(payload)):
            raise typer.Exit(1)
        pocket.amend(record, changes, reason=reason)
        kept = both(("修改已存在本机，待发送。", "the amendment is kept, waiting to be sent."))
        say(f"{name_of(pocket, record)}：{kept}")


def withdraw(
    record: Annotated[str, typer.Argument(help="记录编号 · record id")],
    reason: Annotated[str | None, typer.Option(help="原因 · why")] = None,
    file: File = HOME,
) -> None:
    """撤回一份报表或主体登记 · Withdraw a report or a farm."""
    with opened(file) as (pocket, say):
        name = name_of(pocket, record)
        pocket.withdraw(record, reason=reason)
        say(f"{name}：{both(('撤回已存在本机，待发送。', 'the withdrawal is kept, waiting to be sent.'))}")


def add_photo(
    record: Annotated[str, typer.Argument(help="报表编号 · the report's record id")],
    picture: Annotated[Path, typer.Argument(help="照片 · the picture", exists=True, dir_okay=False)],
    file: File = HOME,
) -> None:
    """给报表加一张照片 · Add a photo to a report."""
    with opened(file) as (pocket, say):
        kept = pocket.add_photo(record, picture)
        say(f"{escape(picture.name)}：{both(('已存在本机，待上传。', 'kept here, waiting to be sent.'))}")
        say(f"  [dim]SHA-256 {kept.sha256}[/dim]")


def _choose_farm(say: Say, pocket: Phone, county: str) -> str:
    found = farms_of(pocket, county)
    if not found:
        say(both(("还没有主体，请先登记（register）或接收（sync）。", "No farms yet: register one, or sync first.")))
        raise typer.Exit(1)
    return found[choose(say, "主体 Farm", [f"{escape(name)} · {words}" for _, name, words in found])][0]


def farms_of(pocket: Phone, county: str) -> list[tuple[str, str, str]]:
    """Return (record id, name, status in words) of the live farms that the phone knows, pulled or its own."""
    ids = [one.id for one in pocket.mirror.records(county) if one.kind is RecordKind.FARM]
    ids += [one.record_id for one in pocket.outbox.all() if one.content["kind"] == RecordKind.FARM]
    found = []
    for record_id in dict.fromkeys(ids):
        shown = pocket.shown(record_id)
        if shown is not None and shown.status is not RecordStatus.WITHDRAWN:
            words = both(STATUS_WORDS[shown.status])
            found.append((record_id, str(shown.payload.get("name", record_id)), words))
    return found


def _faulty(say: Say, read: Callable[[], object]) -> bool:
    """Check a whole payload as the server will; say what is wrong with it and return whether anything blocks it."""
    try:
        found = read()
    except PayloadRefused as refused:
        say("\n[red]没有存下，请改正后重填：[/red]  [dim]not kept; correct and file again[/dim]")
        say_all(say, (f"  · {escape(one.zh)}\n    [dim]{escape(one.en)}[/dim]" for one in refused.problems))
        return True
    for one in found[1] if isinstance(found, tuple) else ():
        say(f"  [yellow]请留意：{escape(one.zh)}[/yellow]  [dim]{escape(one.en)}[/dim]")
    return False


def _assigned(text: str) -> tuple[str, object]:
    """Return the pointer and value that `field=value` spells; JSON true, false and whole numbers of counts as such."""
    name, sign, value = text.partition("=")
    if not sign or not name:
        raise typer.BadParameter(f"{text}：应写作 项=值 · write field=value")
    pointer = "/" + name.strip("/").replace(".", "/")
    plain = {"": None, "true": True, "false": False, "是": True, "否": False}
    if value in plain:
        return pointer, plain[value]
    is_count = name.endswith(("_head", "_points", "_farms"))
    return pointer, int(value) if is_count and value.isdecimal() else value
