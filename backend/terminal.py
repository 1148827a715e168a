"""What the person at the terminal sees: progress, the address, the accounts, how the demo goes; the log gets it too."""

import logging
from collections.abc import Iterable
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from backend.demo.accounts import DEMO_PASSWORD, DemoAccount
from backend.prepare import FIRST_ADMINISTRATOR
from backend.privacy.logs import WordlessFormatter

LOG = logging.getLogger("qingtian")
LOG.addHandler(logging.NullHandler())  # else a command without a log file would show its faults twice


class Terminal:
    """A console and the log file beside it."""

    def __init__(self) -> None:
        self.console = Console(highlight=False)

    def say(self, words: str) -> None:
        """Show a line as it is; the terminal breaks it, not we."""
        self.console.print(words, soft_wrap=True)

    def step(self, words: str) -> None:
        """Show that a step of the set-up begins or goes on."""
        self.say(f"  [dim]·[/dim] {words}")
        LOG.info(words)

    def address(self, url: str) -> None:
        """Show where the service answers."""
        self.console.print(f"\n[bold green]清田已就绪 · Qingtian is ready[/bold green]  [bold]{url}[/bold]\n")
        LOG.info("serving at %s", url)

    def accounts(self, accounts: Iterable[DemoAccount]) -> None:
        """Show the demo accounts, one a role."""
        table = Table(title="演示账号 · Demo accounts", title_justify="left")
        for heading in ("角色 Role", "用户名 User", "密码 Password", "单位 Office"):
            table.add_column(heading, no_wrap=True)
        for account in accounts:
            table.add_row(account.role, account.username, DEMO_PASSWORD, account.display_name)
            LOG.info("demo account %s %s %s", account.role, account.username, DEMO_PASSWORD)
        self.console.print(table)

    def administrator(self, password: str) -> None:
        """Show the first administrator's password; it is kept nowhere and shown this once, so the log has no copy."""
        self.console.print(
            f"首个管理员 · First administrator: [bold]{FIRST_ADMINISTRATOR}[/bold] / [bold]{password}[/bold]\n"
            "只显示这一次，请立即记下。Shown this once; write it down.\n"
        )

    def fault(self, words: str) -> None:
        """Show why the service cannot start."""
        self.say(f"[bold red]无法启动 · Cannot start[/bold red]\n{escape(words)}")
        LOG.error(words)


def log_to(home: Path) -> Path:
    """Write the log to a file in `home` and return its path."""
    folder = home / "logs"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "qingtian.log"
    handler = logging.FileHandler(path, encoding="utf-8")
    handler.setFormatter(WordlessFormatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
    root = logging.getLogger()
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    logging.getLogger("httpx").setLevel(logging.WARNING)
    return path
