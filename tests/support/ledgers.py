"""What a push left behind: the change as it stands, the ledger's entries."""

from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

READ_CHANGE = """
    SELECT outcome, result, cast(waits_for AS text) AS waits_for, held_until, settled_position, decided_position,
           cast(account AS text) AS account, received_at
    FROM change WHERE change_id = :change_id
"""


READ_LEDGER = """
    SELECT position, action, revision, deltas, cast(change_id AS text) AS change_id, cast(actor AS text) AS actor,
           cast(record_id AS text) AS record_id, payload_hash
    FROM ledger_entry ORDER BY position
"""


async def stored(engine: AsyncEngine, change: dict[str, Any]) -> Any:
    async with engine.connect() as connection:
        return (await connection.execute(text(READ_CHANGE), {"change_id": change["change_id"]})).one()


async def ledger(engine: AsyncEngine) -> list[Any]:
    async with engine.connect() as connection:
        return list(await connection.execute(text(READ_LEDGER)))
