"""The commands `qingtian account ...`: thin, every command calls one function of the desk."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape

from backend.auth import desk
from backend.auth.people import PeopleError
from backend.faults import told_in_words
from backend.prepare import locate
from backend.settings import Settings
from backend.terminal import Terminal
from schemas.vocabulary import Indicator, Role

account = typer.Typer(no_args_is_help=True, help="账号、授权与开通码 · Accounts, grants and enrolment codes")

Username = Annotated[str, typer.Argument(help="用户名 · user name")]
RoleAsked = Annotated[Role, typer.Argument(help="角色 · role")]
Region = Annotated[str, typer.Argument(help="区划代码 · region code")]
Indicators = Annotated[
    list[Indicator] | None, typer.Option("--indicator", help="只管这些指标，可重复 · these indicators alone")
]
Basin = Annotated[str | None, typer.Option("--basin", help="只看这个重点流域的县 · the counties of this basin alone")]


@account.command("list")
def list_accounts(
    region: Annotated[str | None, typer.Argument(help="区划代码，默认全部 · region code, default all")] = None,
) -> None:
    """列出账号及授权 · List accounts and their grants."""
    _run(lambda settings, console: desk.list_people(settings, console, region))


@account.command()
def create(
    username: Username,
    display_name: Annotated[str, typer.Argument(help="显示名称 · display name")],
    role: RoleAsked,
    region: Region,
    *,
    indicator: Indicators = None,
    basin: Basin = None,
    password: Annotated[bool, typer.Option("--password", help="询问口令；默认无口令 · ask for a password")] = False,
) -> None:
    """建立账号；没有口令的凭开通码登录 · Create an account; without a password it signs in by a code."""
    grant = desk.grant_asked(role, region, indicator, basin)
    typed = typer.prompt("口令 Password", hide_input=True, confirmation_prompt=True) if password else None
    _run(lambda settings, console: desk.create(settings, console, username, display_name, grant, typed))


@account.command()
def disable(username: Username) -> None:
    """停用账号，立即生效 · Disable an account, at once."""
    _run(lambda settings, console: desk.set_disabled(settings, console, username, disabled=True))


@account.command()
def enable(username: Username) -> None:
    """重新启用账号 · Enable an account again."""
    _run(lambda settings, console: desk.set_disabled(settings, console, username, disabled=False))


@account.command("grant")
def give_grant(
    username: Username, role: RoleAsked, region: Region, *, indicator: Indicators = None, basin: Basin = None
) -> None:
    """授权 · Give a grant."""
    grant = desk.grant_asked(role, region, indicator, basin)
    _run(lambda settings, console: desk.change_grant(settings, console, username, grant, give=True))


@account.command("revoke")
def take_grant(username: Username, role: RoleAsked, region: Region, *, basin: Basin = None) -> None:
    """收回授权 · Take a grant."""
    grant = desk.grant_asked(role, region, None, basin)
    _run(lambda settings, console: desk.change_grant(settings, console, username, grant, give=False))


@account.command()
def password(username: Username) -> None:
    """重置口令，只显示这一次 · Give a new password, shown this once."""
    _run(lambda settings, console: desk.reset_password(settings, console, username))


@account.command()
def enrol(username: Username) -> None:
    """生成手机开通码 · Draw a code that enrols a phone."""
    _run(lambda settings, console: desk.enrol(settings, console, username))


@account.command()
def audit(limit: Annotated[int, typer.Option(min=1, max=10_000, help="条数 · how many")] = 50) -> None:
    """列出对账号所做的操作 · Show what was done to accounts."""
    _run(lambda settings, console: desk.show_audit(settings, console, limit))


def _run(work: Callable[[Settings, Console], Coroutine[Any, Any, int]]) -> None:
    terminal, console = Terminal(), Console(highlight=False)
    with told_in_words(terminal):
        settings, _ = locate(Settings(), terminal.step)
        try:
            code = asyncio.run(work(settings, console))
        except PeopleError as error:
            console.print(f"[red]{escape(error.problem.zh)}[/red]\n{escape(error.problem.en)}", soft_wrap=True)
            code = 1
    raise typer.Exit(code)
