"""A stage for phones and reviewers: the real application on a real socket, counties that nobody has used yet."""

import asyncio
import socket
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import httpx
import uvicorn
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from backend.app import create_app
from backend.auth.access import Grant
from backend.auth.accounts import create_account
from backend.db import make_engine
from backend.settings import Settings
from schemas.vocabulary import Role
from tests.conftest import Database
from tests.support.offices import PASSWORD_HASH

START_TIMEOUT_S = 30
TOWNSHIPS = 2

COUNTIES = """
    SELECT county.code, array_agg(township.code ORDER BY township.code) AS townships
    FROM region_version AS county
    JOIN region_version AS township ON township.parent_code = county.code AND township.level = 'township'
    WHERE county.level = 'county' AND county.in_scope AND county.valid_to IS NULL AND township.valid_to IS NULL
    GROUP BY county.code HAVING count(*) >= 2 ORDER BY county.code
"""

MOVE_GRANT = "UPDATE account_grant SET region_code = :region WHERE account_id = :account"

T = TypeVar("T")


@dataclass(frozen=True)
class County:
    """A county of its own for one run, with the accounts of two workers and of the bureau."""

    code: str
    townships: tuple[str, str]

    def username(self, office: str) -> str:
        """Return the account of `worker-0`, `worker-1` or `bureau`."""
        return f"{self.code} {office}"


class Stage:
    """The application, its database, and the counties that are left."""

    def __init__(self, url: str, owner_url: str) -> None:
        self.url = url
        self._owner_url = owner_url
        self._accounts: dict[str, str] = {}
        self._counties = iter(self.asked(_read_counties))

    def asked(self, question: Callable[[AsyncEngine], Awaitable[T]]) -> T:
        """Ask the database as its owner."""

        async def answered() -> T:
            engine = make_engine(self._owner_url, pool_size=1)
            try:
                return await question(engine)
            finally:
                await engine.dispose()

        return asyncio.run(answered())

    def new_county(self) -> County:
        """Return a county that nobody has used, with its accounts."""
        code, townships = next(self._counties)
        county = County(code, (townships[0], townships[1]))
        grants = {
            "worker-0": Grant(Role.WORKER, townships[0]),
            "worker-1": Grant(Role.WORKER, townships[1]),
            "bureau": Grant(Role.COUNTY, code),
        }

        async def opened(engine: AsyncEngine) -> dict[str, str]:
            async with engine.begin() as connection:
                return {
                    county.username(office): await create_account(
                        connection, county.username(office), office, PASSWORD_HASH, [grant]
                    )
                    for office, grant in grants.items()
                }

        self._accounts |= self.asked(opened)
        return county

    def move_grant(self, username: str, region_code: str) -> None:
        """Let the account's one grant hold elsewhere, from its next request on."""

        async def moved(engine: AsyncEngine) -> None:
            async with engine.begin() as connection:
                where = {"region": region_code, "account": self._accounts[username]}
                await connection.execute(text(MOVE_GRANT), where)

        self.asked(moved)


async def _read_counties(engine: AsyncEngine) -> list[tuple[str, list[str]]]:
    async with engine.connect() as connection:
        return [(code, townships) for code, townships in await connection.execute(text(COUNTIES))]


@contextmanager
def staged(database: Database, home: Path) -> Iterator[Stage]:
    """Serve the application from a thread of this process, so that a fault can be planted in it."""
    settings = Settings(home=home, database_url=database.service_url, secret="s" * 40, follow_s=3600)
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(128)
        server = uvicorn.Server(uvicorn.Config(create_app(settings), log_config=None, access_log=False))
        thread = threading.Thread(target=lambda: asyncio.run(server.serve([listener])))
        thread.start()
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        try:
            _wait_until_ready(url)
            yield Stage(url, database.owner_url)
        finally:
            server.should_exit = True
            thread.join(START_TIMEOUT_S)


def _wait_until_ready(url: str) -> None:
    end = time.monotonic() + START_TIMEOUT_S
    while time.monotonic() < end:
        try:
            if httpx.get(f"{url}/readyz", trust_env=False).is_success:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.05)
    raise RuntimeError("the application did not become ready")
