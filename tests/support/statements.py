"""The SQL statements that a request takes, counted on the engine and on the driver."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

from asyncpg import Pool
from asyncpg.connection import LoggedQuery
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine

PUSH_STATEMENTS = 8
"""access, replays, begin, lock, load, write, commit; then the heads for the receipt."""


@contextmanager
def counted(engine: AsyncEngine) -> Iterator[list[str]]:
    statements: list[str] = []

    def count(_conn: Any, _cursor: Any, statement: str, *_: Any) -> None:
        statements.append(statement)

    event.listen(engine.sync_engine, "before_cursor_execute", count)
    try:
        yield statements
    finally:
        event.remove(engine.sync_engine, "before_cursor_execute", count)


@asynccontextmanager
async def counted_by_the_driver(pool: Pool) -> AsyncIterator[list[str]]:
    statements: list[str] = []

    def count(query: LoggedQuery) -> None:
        statements.append(query.query)

    connections = [await pool.acquire() for _ in range(pool.get_size())]
    for one in connections:
        one.add_query_logger(count)
        await pool.release(one)
    yield statements
