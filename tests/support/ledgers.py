"""What a push left behind: the change as it stands, the ledger's entries."""

from types import SimpleNamespace
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.support.vaults import whole_change

READ_CHANGE = """
    SELECT outcome, result, cast(waits_for AS text) AS waits_for, held_until, settled_position, decided_position,
           cast(account AS text) AS account, received_at, county_code, change_id, sealed, sealed_key_id
    FROM change WHERE change_id = :change_id
"""


READ_LEDGER = """
    SELECT position, action, revision, deltas, cast(change_id AS text) AS change_id, cast(actor AS text) AS actor,
           cast(record_id AS text) AS record_id, payload_hash
    FROM ledger_entry ORDER BY position
"""


async def stored(engine: AsyncEngine, change: dict[str, Any]) -> Any:
    """Return a change as it is kept, its result with what was sealed of it."""
    async with engine.connect() as connection:
        found = await connection.execute(text(READ_CHANGE), {"change_id": change["change_id"]})
    row = found.mappings().one()
    return SimpleNamespace(**{**row, "result": whole_change(row).result})


async def ledger(engine: AsyncEngine) -> list[Any]:
    async with engine.connect() as connection:
        return list(await connection.execute(text(READ_LEDGER)))
