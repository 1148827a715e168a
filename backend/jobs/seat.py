"""The runner's seat: an advisory lock on a database session of its own; whoever has it runs the deployment's jobs."""

import asyncio
import os
import socket
from typing import Any

import asyncpg

from backend.db import connect_apart
from backend.jobs.runs import LOCKS
from sync.statement import Statement

SESSION_ENDED = (
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
)
"""How a session that was ended shows, by when it is noticed: the last one where it is in the middle of a statement."""

ANSWER_S = 3.0
"""A database that does not answer a heartbeat for so long is taken for lost."""

TAKE = Statement.of(f"SELECT pg_try_advisory_lock({LOCKS}, 0) AS is_mine")

OF_RUNNER = f"""
    locktype = 'advisory' AND classid = {LOCKS} AND objid = 0 AND objsubid = 2 AND granted
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""

STILL = Statement.of(f"SELECT EXISTS (SELECT FROM pg_locks WHERE {OF_RUNNER} AND pid = pg_backend_pid()) AS is_mine")
"""Behind a pooler that changes sessions between transactions this is soon false: such a seat is no seat."""

READ_RUNNER = Statement.of(f"""
    SELECT application_name FROM pg_stat_activity WHERE pid IN (SELECT pid FROM pg_locks WHERE {OF_RUNNER})
""")

NAME_PREFIX = "qingtian jobs "


class SeatLostError(Exception):
    """The session is gone, or no longer holds the lock."""


def process_name() -> str:
    """Return how this process is called among those of the deployment; short enough for PostgreSQL."""
    return f"{socket.gethostname()[:32]}:{os.getpid()}"


class Seat:
    """A session of its own, and the lock on it. One statement at a time runs on it."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._connection: asyncpg.Connection | None = None
        self._turn = asyncio.Lock()
        self._door = asyncio.Lock()
        self._has_ended = False
        self.name = process_name()
        self.is_taken = False

    async def join(self) -> None:
        """Open the session where there is none, without asking for the seat. Raises SeatLostError after `end`."""
        async with self._door:
            if self._has_ended:
                raise SeatLostError
            if self._connection is None or self._connection.is_closed():
                self._connection = await connect_apart(self._url, NAME_PREFIX + self.name)

    async def take(self) -> bool:
        """Take the seat where nobody has it. Raises what a database that is not there raises."""
        await self.join()
        self.is_taken = bool((await TAKE.rows(self))[0]["is_mine"])
        return self.is_taken

    async def check(self) -> None:
        """Raise SeatLostError where the lock is not held any more."""
        if not (await STILL.rows(self))[0]["is_mine"]:
            raise SeatLostError

    async def fetch(self, query: str, *args: Any) -> list[Any]:
        """Run a statement on the session. Raises SeatLostError where that is gone or does not answer."""
        connection = self._connection
        if connection is None or connection.is_closed():
            raise SeatLostError
        try:
            async with self._turn:
                rows: list[Any] = await connection.fetch(query, *args, timeout=ANSWER_S)
        except (OSError, TimeoutError, *SESSION_ENDED) as error:
            raise SeatLostError from error
        return rows

    async def leave(self) -> None:
        """Give up the seat by ending the session: all its locks go with it. One that is being opened is ended too."""
        async with self._door:
            connection, self._connection, self.is_taken = self._connection, None, False
        if connection is not None and not connection.is_closed():
            try:
                await connection.close(timeout=1)
            except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
                connection.terminate()

    async def end(self) -> None:
        """Give up the seat for good."""
        self._has_ended = True
        await self.leave()


async def present_runner(connection: Any) -> str | None:
    """Return the name of the process that has the seat, or None."""
    rows = await READ_RUNNER.rows(connection)
    return str(rows[0]["application_name"]).removeprefix(NAME_PREFIX) if rows else None
