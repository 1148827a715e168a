"""The vault of the applications that tests open, and what they keep sealed, opened."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from backend.privacy.keyring import KeyRing
from backend.settings import Settings
from sync.quarantine import opened_body
from sync.sealing import ChangeText, joined, open_change

SECRET = "s" * 40
VAULT = KeyRing.of(Settings(home=Path("/nowhere"), secret=SECRET)).vault()

READ_BODIES = "SELECT id, body, key_id FROM quarantine ORDER BY received_at, id"


def whole_change(row: Mapping[str, Any]) -> ChangeText:
    """Return the documents of a row of `change`, with what was sealed of them."""
    clear = ChangeText(row.get("item", {}), row.get("replaced", {}), row.get("result", {}))
    return joined(clear, open_change(VAULT, row, row["county_code"]))


async def quarantined(engine: AsyncEngine) -> list[bytes]:
    """Return what is quarantined as it came, in the order in which it came."""
    async with engine.connect() as connection:
        return [opened_body(VAULT, row) for row in await connection.execute(text(READ_BODIES))]
