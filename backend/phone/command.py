"""The commands of `qingtian phone`: thin, each opens the phone's file, does one thing and says what came of it."""

import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from backend.phone.questions import Interview
from backend.phone.words import STATUS_WORDS, both, name_of, standing, synced
from mobile_contract.carried import CarriedError, missing_photos, open_sealed, seal, unpack
from mobile_contract.carry_over import suggestions
from mobile_contract.client import OtherAccountError, Phone, UnknownRecordError
from mobile_contract.photos import NotAPhotoError
from mobile_contract.store import StoreFullError, open_store, setting, store_setting, transaction
from mobile_contract.wire import Pacing, RefusedError, SignInNeededError, UnreachableError
from schemas.farms import ENTITY_KIND_NAMES, Farm
from schemas.indicators.catalogue import CATALOGUE
from schemas.indicators.validation import PayloadRefused, read_farm, read_report
from schemas.period import Period
from schemas.receipts import SignatureState
from schemas.vocabulary import EntityKind, Indicator, Level, RecordKind, RecordStatus

phone = typer.Typer(no_args_is_help=True, help="手填：在终端里当一部手机用 · A phone in the terminal")
photo = typer.Typer(no_args_is_help=True, help="照片 · Photos")
export = typer.Typer(no_args_is_help=True, help="导出回执、封好的发件箱 · Export receipts or the sealed outbox")
phone.add_typer(photo, name="photo")
phone.add_typer(export, name="export")

SERVER = "server"
COUNTY = "county_code"
TOWNSHIP = "township_code"
PATIENCE = Pacing(attempts=3)

File = Annotated[
    Path, typer.Option("--file", envvar="QINGTIAN_PHONE", help="本机文件 · The phone's file", dir_okay=False)
]
HOME = Path.home() / ".qingtian-phone.sqlite"


class Say:
    """Shows lines of rich markup as they are."""

    def __init__(self) -> None:
        self._console = Console(highlight=False)

    def __call__(self, words: str) -> None:
        """Show a line; the terminal breaks it, not we."""
        self._console.print(words, soft_wrap=True)


@phone.command()
def init(
    server: Annotated[str, typer.Option(help="服务地址 · where the service answers")],
    county: Annotated[str, typer.Option(help="县代码，6 位 · county code")],
    township: Annotated[str | None, typer.Option(help="乡镇代码，9 位，默认不分乡镇 · township code")] = None,
    file: File = HOME,
) -> None:
    """设好服务地址和县、乡镇 · Set the service, the county and the township."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with closing(open_store(file)) as store, transaction(store):
        store_setting(store, SERVER, server)
        store_setting(store, COUNTY, county)
        store_setting(store, TOWNSHIP, township or f"{county}000")
    file.chmod(0o600)
    with _opened(file) as (pocket, say):
        pocket.follow(county)
        say(f"已设好 {escape(str(file))}：{county}，{escape(server)}  [dim]ready[/dim]")


@phone.command("sign-in")
def sign_in(
    username: Annotated[str, typer.Argument(help="用户名 · user name")],
    password: Annotated[str, typer.Option(prompt="密码 Password", hide_input=True, envvar="QINGTIAN_PASSWORD")],
    file: File = HOME,
) -> None:
    """登录；密码不保存 · Sign in; the password is not kept."""
    with _opened(file) as (pocket, say):
        pocket.sign_in(username, password)
        say(f"已登录：{escape(username)}  [dim]signed in[/dim]")


@phone.command("sign-out")
def sign_out(file: File = HOME) -> None:
    """退出登录；未发送的内容留在本机 · Sign out; what is unsent stays."""
    with _opened(file) as (pocket, say):
        pocket.sign_out()
        say(both(("已退出登录，未发送的内容仍在本机。", "Signed out; what is unsent is still here.")))


@phone.command()
def farms(file: File = HOME) -> None:
    """列出主体 · List the farms."""
    with _opened(file) as (pocket, say):
        found = _farms(pocket, _setting(file, COUNTY))
        for number, (record_id, name, status) in enumerate(found, 1):
            say(f"{number:>3}  {escape(name)} · {status}  [dim]{record_id}[/dim]")
        if not found:
            say(both(("还没有主体，请用 register 登记，或先 sync。", "No farms yet: register one, or sync first.")))


@phone.command()
def register(file: File = HOME) -> None:
    """登记一个主体 · Register a farm."""
    with _opened(file) as (pocket, say):
        kinds = list(EntityKind)
        say("[bold]登记主体[/bold]  [dim]Register a farm[/dim]\n")
        kind = kinds[_choose(say, "主体类型 Kind of entity", [both(ENTITY_KIND_NAMES[one]) for one in kinds])]
        head = {"entity_kind": kind.value, "township_code": _setting(file, TOWNSHIP)}
        payload = head | Interview(say, _typed).answers(Farm)
        if _faulty(say, lambda: read_farm(payload)):
            raise typer.Exit(1)
        record_id = pocket.register_farm(_setting(file, COUNTY), payload)
        say(f"\n[green]已存在本机，待发送。[/green]  [dim]kept here, waiting to be sent: {record_id}[/dim]")


@phone.command()
def report(
    indicator: Annotated[Indicator | None, typer.Option(help="指标，不填则询问 · asked if left out")] = None,
    period: Annotated[str | None, typer.Option(help="统计期，如 2025 · such as 2025")] = None,
    level: Annotated[Level, typer.Option(help="经营主体或县级 · farm or county")] = Level.FARM,
    farm: Annotated[str | None, typer.Option(help="主体编号，不填则询问 · farm's record id, asked if left out")] = None,
    file: File = HOME,
) -> None:
    """填一份报表 · File a report."""
    with _opened(file) as (pocket, say):
        county = _setting(file, COUNTY)
        say("[bold]填报[/bold]  [dim]File a report[/dim]\n")
        if indicator is None:
            names = [both((spec.zh, spec.en)) for spec in CATALOGUE.values()]
            indicator = list(CATALOGUE)[_choose(say, "指标 Indicator", names)]
        spec = CATALOGUE[indicator]
        period = period or _typed("统计期，如 2025 Period > ").strip()
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
        payload = head | Interview(say, _typed, suggested).answers(spec.form(level))
        if _faulty(say, lambda: read_report(payload)):
            raise typer.Exit(1)
        record_id = pocket.file_report(county, payload)
        say(f"\n[green]已存在本机，待发送。[/green]  [dim]kept here, waiting to be sent: {record_id}[/dim]")


@phone.command()
def amend(
    record: Annotated[str, typer.Argument(help="记录编号 · record id")],
    values: Annotated[list[str], typer.Argument(help="项=值，如 mulch_used_kg=31.5；值留空表示清除 · field=value")],
    reason: Annotated[str | None, typer.Option(help="原因 · why")] = None,
    file: File = HOME,
) -> None:
    """修改一份报表或主体登记 · Amend a report or a farm."""
    with _opened(file) as (pocket, say):
        shown = pocket.shown(record)
        if shown is None:
            raise UnknownRecordError(record)
        changes = dict(_assigned(one) for one in values)
        pocket.amend(record, changes, reason=reason)
        kept = both(("修改已存在本机，待发送。", "the amendment is kept, waiting to be sent."))
        say(f"{name_of(pocket, record)}：{kept}")


@phone.command()
def withdraw(
    record: Annotated[str, typer.Argument(help="记录编号 · record id")],
    reason: Annotated[str | None, typer.Option(help="原因 · why")] = None,
    file: File = HOME,
) -> None:
    """撤回一份报表或主体登记 · Withdraw a report or a farm."""
    with _opened(file) as (pocket, say):
        name = name_of(pocket, record)
        pocket.withdraw(record, reason=reason)
        say(f"{name}：{both(('撤回已存在本机，待发送。', 'the withdrawal is kept, waiting to be sent.'))}")


@photo.command("add")
def add_photo(
    record: Annotated[str, typer.Argument(help="报表编号 · the report's record id")],
    picture: Annotated[Path, typer.Argument(help="照片 · the picture", exists=True, dir_okay=False)],
    file: File = HOME,
) -> None:
    """给报表加一张照片 · Add a photo to a report."""
    with _opened(file) as (pocket, say):
        kept = pocket.add_photo(record, picture)
        say(f"{escape(picture.name)}：{both(('已存在本机，待上传。', 'kept here, waiting to be sent.'))}")
        say(f"  [dim]SHA-256 {kept.sha256}[/dim]")


@phone.command()
def status(file: File = HOME) -> None:
    """看什么在等、等了多久，什么没有入账、为什么 · What waits since when, what was refused and why."""
    with _opened(file) as (pocket, say):
        _lines(say, standing(pocket, datetime.now(UTC)))


@phone.command()
def sync(
    *,
    held: Annotated[bool, typer.Option("--held", help="连同收存未决的一起重发 · send again what is held")] = False,
    file: File = HOME,
) -> None:
    """发送、接收 · Send and pull."""
    with _opened(file) as (pocket, say):
        done = pocket.sync(held_too=held)
        _lines(say, synced(done))
        if not done.reached:
            raise typer.Exit(1)


@phone.command()
def receipts(file: File = HOME) -> None:
    """列出回执并核对签名 · List the receipts and verify their signatures."""
    words = {
        SignatureState.HOLDS: "[green]签名有效[/green]  [dim]genuine[/dim]",
        SignatureState.BROKEN: "[red]签名不符[/red]  [dim]not genuine[/dim]",
        SignatureState.UNKNOWN_KEY: "[yellow]还没有取到公钥[/yellow]  [dim]key not known yet[/dim]",
    }
    with _opened(file) as (pocket, say):
        for one in pocket.receipts.all():
            verdict = words[pocket.receipts.state_of(one)]
            say(f"{one.seq:>4}  {one.document['issued_at']}  {len(one.change_ids)} 条  {verdict}")
        if not pocket.receipts.all():
            say(both(("还没有回执。", "No receipts yet.")))


@export.command("receipts")
def export_receipts(
    folder: Annotated[Path, typer.Argument(help="新建的文件夹 · a new folder", file_okay=False)],
    file: File = HOME,
) -> None:
    """导出回执和公钥，不联网即可核对 · Export receipts and keys, to be verified offline."""
    with _opened(file) as (pocket, say):
        folder.mkdir(parents=True, exist_ok=True)
        exported = pocket.receipts.exported()
        _write(folder / "qingtian-keys.json", {"keys": exported["keys"]})
        for number, document in enumerate(exported["receipts"], 1):
            _write(folder / f"receipt-{number:04}.json", document)
        say(f"已导出 {len(exported['receipts'])} 份回执  [dim]receipts exported[/dim]")
        say("[dim]核对 verify: qingtian receipt verify receipt-0001.json --keys qingtian-keys.json[/dim]")


@export.command("outbox")
def export_outbox(
    target: Annotated[Path, typer.Argument(help="新建的文件 · a new file", dir_okay=False)],
    passphrase: Annotated[str, typer.Option(prompt="口令 Passphrase", hide_input=True, envvar="QINGTIAN_PASSPHRASE")],
    photos: Annotated[bool, typer.Option(help="连同未传完的照片 · with the photos that are not uploaded")] = True,
    file: File = HOME,
) -> None:
    """把未发送的内容和照片封成一个文件，请人带到有网络的地方 · Seal what is unsent for a colleague to carry."""
    with _opened(file) as (pocket, say):
        with target.open("wb") as sealed:
            held = seal(pocket, passphrase, sealed, with_photos=photos)
        size = f"{target.stat().st_size / 1e6:.1f} MB"
        say(
            f"已封好 {escape(str(target))}：变更 {held.changes} 条，照片 {held.photos} 张，共 {size}"
            f"  [dim]sealed: {held.changes} changes, {held.photos} photos, {size}[/dim]"
        )
        say(
            both(("本机仍保留全部内容；两边都发送，也只算一次。", "All stays here too; sent both ways it counts once."))
        )


@phone.command("carry")
def carry(
    sealed: Annotated[Path, typer.Argument(help="封好的发件箱 · the sealed outbox", exists=True, dir_okay=False)],
    passphrase: Annotated[str, typer.Option(prompt="口令 Passphrase", hide_input=True, envvar="QINGTIAN_PASSPHRASE")],
    password: Annotated[
        str,
        typer.Option(
            prompt="填报人的密码，留空则只传照片 Author's password, empty: photos only",
            hide_input=True,
            show_default=False,
        ),
    ] = "",
    file: File = HOME,
) -> None:
    """替人发送：变更用填报人的账号，照片可用自己的 · Send a colleague's outbox; photos under one's own sign-in too."""
    with _opened(file) as (pocket, say), sealed.open("rb") as source:
        carried = open_sealed(source, passphrase)
        path = file.with_name(f"{file.stem}.{carried.device_id}.sqlite")
        with closing(unpack(carried, path, _setting(file, SERVER))) as beside:
            if missing := len(missing_photos(carried, beside)):
                say(f"[yellow]文件不完整，缺 {missing} 张照片。[/yellow]  [dim]{missing} photos are not whole[/dim]")
            if password:
                beside.sign_in(carried.username, password)
                _lines(say, synced(beside.push()))
            _send_carried_photos(beside, pocket, say)
            _lines(say, standing(beside, datetime.now(UTC)))


def _send_carried_photos(beside: Phone, pocket: Phone, say: Say) -> None:
    """Send carried photos under the carrier's sign-in, and under the author's what that may not send."""
    if beside.photos.waiting() and not pocket.signed_in and not beside.signed_in:
        raise SignInNeededError
    for sender in (pocket, beside):
        if sender.signed_in and beside.photos.waiting():
            with suppress(SignInNeededError):
                _lines(say, synced(sender.send_photos(beside)))
    beside.photos.free()


@contextmanager
def _opened(file: Path) -> Iterator[tuple[Phone, Say]]:
    """Open the phone for one command; what can go wrong is told in words and ends it with 1."""
    say = _say()
    with _told(say), closing(Phone(file, _setting(file, SERVER), pacing=PATIENCE)) as pocket:
        yield pocket, say


@contextmanager
def _told(say: Say) -> Iterator[None]:
    try:
        yield
    except SignInNeededError:
        words = ("请先登录：qingtian phone sign-in 用户名", "Sign in first: qingtian phone sign-in USERNAME")
    except OtherAccountError as error:
        owner = str(error)
        words = (
            f"本机文件属于账号 {owner}，其他账号请另用文件（--file）。",
            f"This file belongs to {owner}; use another --file.",
        )
    except RefusedError as error:
        words = (error.refusal.zh or error.refusal.code, error.refusal.en)
    except UnreachableError as error:
        words = ("没有连上服务器，内容都在本机，稍后再试。", f"No usable answer; all is kept here. {error}")
    except UnknownRecordError as error:
        words = (f"本机没有这条记录：{error}", f"This phone does not know the record {error}")
    except (StoreFullError, NotAPhotoError, CarriedError) as error:
        words = (error.zh, error.en)
    else:
        return
    say(f"[red]{escape(words[0])}[/red]  [dim]{escape(words[1])}[/dim]")
    raise typer.Exit(1)


def _say() -> Say:
    return Say()


def _lines(say: Say, lines: Iterable[str]) -> None:
    for line in lines:
        say(line)


def _typed(question: str) -> str:
    try:
        return input(question)
    except EOFError:
        raise typer.Abort from None


def _choose(say: Say, question: str, names: list[str]) -> int:
    """Return the index of what is chosen from a numbered list."""
    for number, name in enumerate(names, 1):
        say(f"  {number:>3}  {name}")
    while True:
        typed = _typed(f"{question} > ").strip()
        if typed.isdecimal() and 1 <= int(typed) <= len(names):
            return int(typed) - 1
        say(f"  [red]请填 1 至 {len(names)} 之间的序号。[/red]  [dim]1 to {len(names)}[/dim]")


def _choose_farm(say: Say, pocket: Phone, county: str) -> str:
    found = _farms(pocket, county)
    if not found:
        say(both(("还没有主体，请先登记（register）或接收（sync）。", "No farms yet: register one, or sync first.")))
        raise typer.Exit(1)
    return found[_choose(say, "主体 Farm", [f"{escape(name)} · {words}" for _, name, words in found])][0]


def _farms(pocket: Phone, county: str) -> list[tuple[str, str, str]]:
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
        _lines(say, (f"  · {escape(one.zh)}\n    [dim]{escape(one.en)}[/dim]" for one in refused.problems))
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


def _setting(file: Path, name: str) -> str:
    if not file.exists():
        raise typer.BadParameter(f"还没有 {file}，请先 qingtian phone init · run init first")
    with closing(sqlite3.connect(file)) as store:
        value = setting(store, name)
    if value is None:
        raise typer.BadParameter("请先 qingtian phone init · run qingtian phone init first")
    return value


def _write(path: Path, document: object) -> None:
    path.write_text(json.dumps(document, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
