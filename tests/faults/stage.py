"""A stage for phones and a bureau: the real application on a real socket, two counties, accounts with their grants."""

import asyncio
import logging
import random
import shutil
import socket
import threading
import time
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar
from unittest.mock import patch

import httpx
import uvicorn
import uvloop
from anyio.from_thread import start_blocking_portal
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

import sync.push
from backend.app import create_app
from backend.auth.access import Grant
from backend.auth.accounts import create_account, insert_grant
from backend.db import make_engine
from backend.keys import load_keys
from backend.service import read_reference
from backend.settings import Settings
from backend.verify.ledgers import Checks
from mobile_contract.client import Phone
from mobile_contract.wire import Pacing
from schemas.vocabulary import Role
from sync.personal import Vault
from tests.conftest import Database
from tests.faults.counties import BACKUP, MORNING, County, copy_county, two_counties
from tests.faults.network import PUSH, BadNetwork
from tests.support.offices import PASSWORD, PASSWORD_HASH

START_TIMEOUT_S = 30
MEMORY_DISK = Path("/dev/shm")
"""Where the phones' files cost no writing to a disk, where there is one."""

READ_GRANTS = "SELECT role, region_code FROM account_grant WHERE account_id = :account_id ORDER BY region_code"
DROP_GRANTS = "DELETE FROM account_grant WHERE account_id = :account_id"

SEVER = """
    SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
    WHERE datname = current_database() AND usename = 'qingtian_service'
"""

T = TypeVar("T")


class Server:
    """The application in a thread of this process, so that a fault can be planted in it; it keeps its port."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._port = 0
        self.start()

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self._port}"

    def start(self) -> None:
        """Begin to serve, as a new process would: with nothing in memory."""
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", self._port))
        listener.listen(128)
        self._port = listener.getsockname()[1]
        config = uvicorn.Config(create_app(self._settings), log_config=None, access_log=False)
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=lambda: uvloop.run(self._server.serve([listener])))
        self._thread.start()
        _wait_until_ready(self.url)

    def stop(self) -> None:
        """End it in good order."""
        self._server.should_exit = True
        self._thread.join(START_TIMEOUT_S)
        assert not self._thread.is_alive(), "the server did not end"


class Stage:
    """The server, its database as the owner sees it, two counties, and phones as they come out of the box."""

    def __init__(self, server: Server, folder: Path, ask: Callable[..., Any], owner: AsyncEngine) -> None:
        self._server = server
        self.folder = folder
        self._ask = ask
        self._owner = owner
        self._severs_commit = False
        self._accounts: dict[str, str] = {}
        self.wire = httpx.HTTPTransport(verify=False)
        self.counties: list[County] = self.asked(two_counties)
        self.checks: Checks

    def asked(self, question: Callable[[AsyncConnection], Awaitable[T]]) -> T:
        """Ask the database as its owner, in a transaction."""

        async def answered() -> T:
            async with self._owner.begin() as connection:
                return await question(connection)

        answer: T = self._ask(answered)
        return answer

    def open_account(self, username: str, grants: Sequence[Grant], counties: Iterable[County]) -> Phone:
        """Create an account and return its phone, which is signed in and follows the counties."""
        self._accounts[username] = self.asked(
            lambda connection: create_account(connection, username, username, PASSWORD_HASH, grants)
        )
        dice = random.Random(username)
        phone = Phone(self.folder / username, self._server.url, transport=self.network(dice), pacing=Pacing(dice=dice))
        phone.sign_in(username, PASSWORD)
        for county in counties:
            phone.follow(county.code)
        return phone

    def network(self, dice: random.Random) -> BadNetwork:
        """Return the network of one phone."""
        return BadNetwork(self.wire, self.sever, dice)

    def phone(self, username: str, path: Path, network: BadNetwork, pacing: Pacing) -> Phone:
        """Return the account's phone with its file at `path`; where there is none yet, as it was in the morning."""
        if not path.exists():
            shutil.copyfile(self.folder / username, path)
        return Phone(path, self._server.url, transport=network, pacing=pacing)

    def grant(self, grants: Mapping[str, Sequence[Grant]]) -> None:
        """Let accounts hold these grants and no others, from their next request on."""

        async def granted(connection: AsyncConnection) -> None:
            for username, held in grants.items():
                account = {"account_id": self._accounts[username]}
                await connection.execute(text(DROP_GRANTS), account)
                for one in held:
                    await insert_grant(connection, self._accounts[username], one)

        self.asked(granted)

    def grants(self, username: str) -> list[Grant]:
        """Return what an account holds."""

        async def read(connection: AsyncConnection) -> list[Grant]:
            rows = await connection.execute(text(READ_GRANTS), {"account_id": self._accounts[username]})
            return [Grant(Role(row.role), row.region_code) for row in rows]

        return self.asked(read)

    def keep_morning(self) -> None:
        """Let every run begin with what the counties hold now; the phones of the accounts are closed."""
        for county in self.counties:
            self._copy(county, "public", MORNING)

    def begin(self) -> None:
        """Let both counties be as in the morning."""
        for county in self.counties:
            self._copy(county, MORNING, "public")

    def back_up(self, county: County) -> None:
        """Keep a backup of a county."""
        self._copy(county, "public", BACKUP)

    def restore(self, county: County, *, from_morning: bool) -> None:
        """Let a county be as it was when it was backed up, or in the morning."""
        self._copy(county, MORNING if from_morning else BACKUP, "public")

    def _copy(self, county: County, source: str, target: str) -> None:
        self.asked(lambda connection: copy_county(connection, county, source, target))

    def restart_server(self) -> None:
        """Stop the service and start it anew at the same address."""
        self._server.stop()
        self._server.start()

    def sever(self, path: str) -> None:
        """End the service's connections to the database under the coming request; a push loses them at its commit."""
        if path == PUSH:
            self._severs_commit = True
        else:
            self._end_connections()

    async def write_push(self, *arguments: Any, **named: Any) -> None:
        """Write a push, as `sync.push` asks for; where the connections are to be lost, they are lost now."""
        await sync.store.write_push(*arguments, **named)
        if self._severs_commit:
            self._severs_commit = False
            await asyncio.to_thread(self._end_connections)

    def spare_commits(self) -> None:
        """End no connection under a push that did not come to its commit."""
        self._severs_commit = False

    def _end_connections(self) -> None:
        async def ended(connection: AsyncConnection) -> None:
            await connection.execute(text(SEVER))

        self.asked(ended)


@contextmanager
def staged(database: Database, home: Path) -> Iterator[Stage]:
    """Serve the application of a database and give the stage around it."""
    settings = Settings(home=home, database_url=database.service_url, secret="s" * 40, follow_s=3600, jobs=False)
    shared = MEMORY_DISK if MEMORY_DISK.is_dir() else home
    owner = make_engine(database.owner_url, pool_size=2)
    logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="phones-", dir=shared)))
        portal = stack.enter_context(start_blocking_portal())
        stack.callback(portal.call, owner.dispose)
        server = Server(settings)
        stack.callback(server.stop)
        stage = Stage(server, folder, portal.call, owner)
        stack.callback(stage.wire.close)
        stage.checks = Checks(Vault([load_keys(settings).personal]), portal.call(read_reference, owner))
        stack.enter_context(patch.object(sync.push, "write_push", stage.write_push))
        yield stage


def _wait_until_ready(url: str) -> None:
    end = time.monotonic() + START_TIMEOUT_S
    while time.monotonic() < end:
        try:
            if httpx.get(f"{url}/readyz", trust_env=False).is_success:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.02)
    raise RuntimeError("the application did not become ready")
