"""Opening the phone's file for a command: what is said, what is asked, and how a failure is told."""

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from mobile_contract.carried import CarriedError
from mobile_contract.client import OtherAccountError, Phone, UnknownRecordError
from mobile_contract.photos import NotAPhotoError
from mobile_contract.store import StoreFullError, setting
from mobile_contract.wire import Pacing, RefusedError, SignInNeededError, UnreachableError

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


REVOKED = "device_revoked"
"""The refusal of a phone that its office has revoked: signing in again does not help, a new code does."""


@contextmanager
def opened(file: Path) -> Iterator[tuple[Phone, Say]]:
    """Open the phone for one command; what can go wrong is told in words and ends it with 1."""
    say = Say()
    with told(say), closing(Phone(file, setting_of(file, SERVER), pacing=PATIENCE)) as pocket:
        yield pocket, say


@contextmanager
def told(say: Say) -> Iterator[None]:
    """Tell what fails in words, and end the command with 1."""
    try:
        yield
    except SignInNeededError as error:
        words = ("请先登录：qingtian phone sign-in 用户名", "Sign in first: qingtian phone sign-in USERNAME")
        if error.refusal is not None and error.refusal.code == REVOKED:
            words = (error.refusal.zh, error.refusal.en)
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


def say_all(say: Say, lines: Iterable[str]) -> None:
    """Show lines."""
    for line in lines:
        say(line)


def typed(question: str) -> str:
    """Return the line that is typed. Raises typer.Abort where the input ends."""
    try:
        return input(question)
    except EOFError:
        raise typer.Abort from None


def choose(say: Say, question: str, names: list[str]) -> int:
    """Return the index of what is chosen from a numbered list."""
    for number, name in enumerate(names, 1):
        say(f"  {number:>3}  {name}")
    while True:
        answer = typed(f"{question} > ").strip()
        if answer.isdecimal() and 1 <= int(answer) <= len(names):
            return int(answer) - 1
        say(f"  [red]请填 1 至 {len(names)} 之间的序号。[/red]  [dim]1 to {len(names)}[/dim]")


def setting_of(file: Path, name: str) -> str:
    """Return a setting of the phone's file. Raises typer.BadParameter where it was not set up."""
    if not file.exists():
        raise typer.BadParameter(f"还没有 {file}，请先 qingtian phone init · run init first")
    with closing(sqlite3.connect(file)) as store:
        value = setting(store, name)
    if value is None:
        raise typer.BadParameter("请先 qingtian phone init · run qingtian phone init first")
    return value
