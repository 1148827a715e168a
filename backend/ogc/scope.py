"""Connections of the geographic interface: read-only, and bound to what the caller may read of figures."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from contextvars import ContextVar

import asyncpg
import orjson

from backend.auth.access import Access
from backend.db import connected, make_pool
from backend.service import Service
from schemas.regions import NATION

MAX_CONNECTIONS = 4
"""Of one process: however much is asked here, phones have their own."""

TIMEOUT_MS = 30_000

EVERYTHING, NOTHING = "*", ""

CALLER: ContextVar[str] = ContextVar("scope of the caller", default=NOTHING)
"""The counties of whoever asks in this task, as the views read them."""

BIND_SCOPE = """
    SELECT set_config('qingtian.scope', $1, true), set_config('statement_timeout', $2, true)
"""


def scope_of(access: Access | None, service: Service) -> str:
    """Return the codes of the counties whose figures a caller may read, divided by commas; `*` for the whole nation.

    It is the summaries' own rule, by today's regions: who answers for a county today reads its past years too.
    """
    if access is None or not access.grants:
        return NOTHING
    tree = service.reference.tree
    if access.may_read_figures(NATION, tree):
        return EVERYTHING
    return ",".join(sorted(code for code in service.reference.ledgers if access.may_read_figures(code, tree)))


class ScopedPool:
    """What tipg takes for its pool of connections: each is given out in a transaction that sees the caller's scope."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    @asynccontextmanager
    async def acquire(self) -> AsyncIterator[asyncpg.Connection]:
        """Give a connection in one REPEATABLE READ READ ONLY transaction: a page and its count are of one moment."""
        async with (
            connected(self._pool) as connection,
            connection.transaction(isolation="repeatable_read", readonly=True),
        ):
            await connection.execute(BIND_SCOPE, CALLER.get(), str(TIMEOUT_MS))
            yield connection


async def open_pool(service: Service) -> asyncpg.Pool:
    """Return a pool to the database that reads go to; it opens connections when first asked."""
    return await make_pool(service.read_engine, size=MAX_CONNECTIONS, min_size=0, init=_keep_shapes_as_text)


async def _keep_shapes_as_text(connection: asyncpg.Connection) -> None:
    """Pass shapes through as PostGIS wrote them: reading each coordinate to write it again took most of a page."""
    await connection.set_type_codec(
        "json", encoder=lambda value: value, decoder=orjson.Fragment, schema="pg_catalog", format="text"
    )
