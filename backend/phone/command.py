"""The commands of `qingtian phone`: thin, each opens the phone's file, does one thing and says what came of it."""

from contextlib import closing
from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.markup import escape

from backend.phone import carrying, filing
from backend.phone.opening import COUNTY, HOME, SERVER, TOWNSHIP, File, opened, say_all
from backend.phone.packs import packs, waiting_files
from backend.phone.words import both, standing, synced
from mobile_contract.store import open_store, store_setting, transaction
from schemas.receipts import SignatureState

phone = typer.Typer(no_args_is_help=True, help="手填：在终端里当一部手机用 · A phone in the terminal")
photo = typer.Typer(no_args_is_help=True, help="照片 · Photos")
export = typer.Typer(no_args_is_help=True, help="导出回执、封好的发件箱 · Export receipts or the sealed outbox")


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
    with opened(file) as (pocket, say):
        pocket.follow(county)
        say(f"已设好 {escape(str(file))}：{county}，{escape(server)}  [dim]ready[/dim]")


def sign_in(
    username: Annotated[str, typer.Argument(help="用户名 · user name")],
    password: Annotated[str, typer.Option(prompt="密码 Password", hide_input=True, envvar="QINGTIAN_PASSWORD")],
    file: File = HOME,
) -> None:
    """登录；密码不保存 · Sign in; the password is not kept."""
    with opened(file) as (pocket, say):
        pocket.sign_in(username, password)
        say(f"已登录：{escape(username)}  [dim]signed in[/dim]")


def enrol(
    code: Annotated[str, typer.Argument(help="县或乡镇给的开通码 · the code from the office")], file: File = HOME
) -> None:
    """用开通码开通本机，不用口令 · Sign this phone in by a code, without a password."""
    with opened(file) as (pocket, say):
        username = pocket.enrol(code)
        say(f"本机已开通：{escape(username)}  [dim]enrolled[/dim]")


def sign_out(file: File = HOME) -> None:
    """退出登录；未发送的内容留在本机 · Sign out; what is unsent stays."""
    with opened(file) as (pocket, say):
        pocket.sign_out()
        say(both(("已退出登录，未发送的内容仍在本机。", "Signed out; what is unsent is still here.")))


def status(file: File = HOME) -> None:
    """看什么在等、等了多久，什么没有入账、为什么 · What waits since when, what was refused and why."""
    with opened(file) as (pocket, say):
        say_all(say, standing(pocket, datetime.now(UTC)))


def sync(
    *,
    held: Annotated[bool, typer.Option("--held", help="连同收存未决的一起重发 · send again what is held")] = False,
    file: File = HOME,
) -> None:
    """发送、接收 · Send and pull."""
    with opened(file) as (pocket, say):
        done = pocket.sync(held_too=held)
        say_all(say, synced(done))
        say_all(say, waiting_files(pocket))
        if not done.reached:
            raise typer.Exit(1)


def receipts(file: File = HOME) -> None:
    """列出回执并核对签名 · List the receipts and verify their signatures."""
    words = {
        SignatureState.HOLDS: "[green]签名有效[/green]  [dim]genuine[/dim]",
        SignatureState.BROKEN: "[red]签名不符[/red]  [dim]not genuine[/dim]",
        SignatureState.UNKNOWN_KEY: "[yellow]还没有取到公钥[/yellow]  [dim]key not known yet[/dim]",
    }
    with opened(file) as (pocket, say):
        for one in pocket.receipts.all():
            verdict = words[pocket.receipts.state_of(one)]
            say(f"{one.seq:>4}  {one.document['issued_at']}  {len(one.change_ids)} 条  {verdict}")
        if not pocket.receipts.all():
            say(both(("还没有回执。", "No receipts yet.")))


phone.command()(init)
phone.command()(sign_in)
phone.command()(enrol)
phone.command()(sign_out)
phone.command()(filing.farms)
phone.command()(filing.register)
phone.command()(filing.report)
phone.command()(filing.amend)
phone.command()(filing.withdraw)
phone.command()(status)
phone.command()(sync)
phone.command()(receipts)
phone.command()(packs)
phone.command()(carrying.carry)
phone.add_typer(photo, name="photo")
photo.command("add")(filing.add_photo)
phone.add_typer(export, name="export")
export.command("receipts")(carrying.export_receipts)
export.command("outbox")(carrying.export_outbox)
