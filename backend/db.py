"""Engines and connections: one place decides isolation, time-outs and how JSON comes back."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import orjson
from sqlalchemy import event, make_url
from sqlalchemy.dialects.postgresql.asyncpg import PGDialect_asyncpg
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

LOCK_TIMEOUT_MS = 2000
"""A ledger that stays locked longer is answered "try again", so that one county never stalls a phone."""

POOL_TIMEOUT_S = 10.0
"""How long a reader waits for a connection before the phone is asked to come again."""

SERVER_SETTINGS = {
    "application_name": "qingtian",
    "lock_timeout": str(LOCK_TIMEOUT_MS),
    "TimeZone": "GMT",  # the one name that PostgreSQL knows without a time zone database
}

PLAN_EACH = {"plan_cache_mode": "force_custom_plan"}
"""A summary is given one county or all of them: a plan made for any number took two to three times as long for all."""

PLAN_ONCE = {"plan_cache_mode": "force_generic_plan"}
"""The statements of a push find rows by key, whatever the values: planning them anew took longer than running them."""

Init = Callable[[asyncpg.Connection], Awaitable[None]]
"""What is done to each new connection of a pool."""


def make_engine(url: str, *, pool_size: int = 10) -> AsyncEngine:
    """Return an engine whose JSONB columns come back as Python values, in typed and in plain statements alike."""
    engine = create_async_engine(
        url,
        pool_size=pool_size,
        max_overflow=0,
        pool_pre_ping=True,
        hide_parameters=True,  # an error may reach the log, and parameters hold names and plots
        json_deserializer=_as_is,
        json_serializer=_dumps,
        connect_args={"server_settings": SERVER_SETTINGS | PLAN_EACH},
    )

    @event.listens_for(engine.sync_engine, "connect")
    def _decode_json(connection: Any, _record: Any) -> None:
        for name in ("json", "jsonb"):
            connection.run_async(
                lambda driver, name=name: driver.set_type_codec(
                    name, encoder=_as_is, decoder=orjson.loads, schema="pg_catalog", format="text"
                )
            )

    return engine


async def make_pool(engine: AsyncEngine, *, size: int, min_size: int = 1, init: Init | None = None) -> asyncpg.Pool:
    """Return a pool of the plain driver to the engine's database, for the few statements that run at every request.

    `init` prepares each new connection.
    """
    _, options = engine.dialect.create_connect_args(engine.url)
    cached = options.pop("prepared_statement_cache_size", None)
    if cached is not None:
        options["statement_cache_size"] = cached
    return await asyncpg.create_pool(
        min_size=min_size,
        max_size=size,
        reset=_reset,
        init=init,
        server_settings=SERVER_SETTINGS | PLAN_ONCE,
        **options,
    )


KEPT_ALIVE = {"tcp_keepalives_idle": "10", "tcp_keepalives_interval": "5", "tcp_keepalives_count": "3"}
"""The server finds out within half a minute that the machine of a session is gone, and frees the session's locks."""


async def connect_apart(url: str, name: str) -> asyncpg.Connection:
    """Return a connection of no pool, for a lock that lives as long as its session; not through a pooler."""
    dialect: Any = PGDialect_asyncpg()  # type: ignore[no-untyped-call]
    _, options = dialect.create_connect_args(make_url(url))
    options.pop("prepared_statement_cache_size", None)
    settings = SERVER_SETTINGS | KEPT_ALIVE | {"application_name": name}
    return await asyncpg.connect(server_settings=settings, timeout=POOL_TIMEOUT_S, **options)


@asynccontextmanager
async def connected(pool: asyncpg.Pool) -> AsyncIterator[asyncpg.Connection]:
    """Give one of the pool's connections. Raises TimeoutError, answered 503, where all stay taken."""
    async with pool.acquire(timeout=POOL_TIMEOUT_S) as connection:
        yield connection


async def _reset(connection: asyncpg.Connection) -> None:
    """Spare a round trip when a connection is given back: nothing is ever set on it but a transaction."""
    if connection.is_in_transaction():
        await connection.reset()


@asynccontextmanager
async def driver_transaction(engine: AsyncEngine) -> AsyncIterator[asyncpg.Connection]:
    """Give the driver's connection below one of the engine's, in a transaction: for statements of the push."""
    async with engine.connect() as connection:
        driver: Any = (await connection.get_raw_connection()).driver_connection
        async with driver.transaction():
            yield driver


@asynccontextmanager
async def snapshot(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    """Give a connection in one REPEATABLE READ READ ONLY transaction: all that it reads is of one moment."""
    async with engine.connect() as connection:
        await connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        yield connection


def _as_is(value: Any) -> Any:
    return value


def _dumps(value: Any) -> str:
    return orjson.dumps(value).decode()
