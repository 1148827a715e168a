"""Rotate the key of personal data: a new one is made, everything is sealed with it in batches, old ones are retired.

Every batch is a transaction of its own, so that a run that was broken off is simply run again. A running service learns
of the new key when it meets it, at the latest after `follow_s`; until then it may still seal with the old one, which is
therefore retired only once the new one is old enough and nothing is sealed with the old.
"""

from collections import Counter
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from backend.privacy.copies import TABLES, SealedTable
from backend.privacy.keyring import KeyRing
from sync.personal import Vault

ROWS_AT_A_TIME = 500
SETTLE = timedelta(minutes=15)
"""How old the newest key is at least before the others are retired: by then every process seals with it."""


@dataclass(frozen=True, slots=True)
class Rotated:
    """What a run did."""

    newest: str
    resealed: int
    left: dict[str, int] = field(default_factory=dict)
    """Key id -> rows that it still seals, of the keys that could not be retired."""
    retired: tuple[str, ...] = ()


async def rotate(
    engine: AsyncEngine,
    ring: KeyRing,
    now: datetime,
    *,
    is_new: bool,
    settle: timedelta = SETTLE,
    progress: Callable[[str, int], None] = lambda _table, _rows: None,
) -> Rotated:
    """Seal everything with the newest key, a new one where `is_new`; as the owner of the database.

    A key that is not in use and older than the newest is retired, once the newest is as old as `settle`.
    """
    if is_new:
        ring.add()
    vault, newest = ring.vault(), ring.members()[0]
    resealed = 0
    for table in TABLES:
        async for rows in _batches(engine, table, vault):
            resealed += rows
            progress(table.name, rows)
    left = await rows_by_key(engine)
    retired = []
    is_settled = newest.made_at is not None and newest.made_at <= now - settle
    for key in ring.members()[1:]:
        if is_settled and not left[key.key_id]:
            ring.retire(key)
            retired.append(key.key_id)
    waiting = {key.key_id: left[key.key_id] for key in ring.members()[1:]}
    return Rotated(newest.key_id, resealed, waiting, tuple(retired))


async def rows_by_key(engine: AsyncEngine) -> Counter[str]:
    """Return how many rows each key seals."""
    counts: Counter[str] = Counter()
    async with engine.connect() as connection:
        for table in TABLES:
            for row in await connection.execute(text(table.count)):
                if row.key_id is not None:
                    counts[row.key_id] += row.n
    return counts


async def _batches(engine: AsyncEngine, table: SealedTable, vault: Vault) -> AsyncIterator[int]:
    """Seal a table anew, batch by batch, and give how many rows each had."""
    while True:
        async with engine.begin() as connection:
            values = {"newest": vault.current, "rows": ROWS_AT_A_TIME}
            rows = (await connection.execute(text(table.read), values)).mappings().all()
            for row in map(dict, rows):
                changed = {name: row[name] for name in (*table.key, "ciphertext")}
                # A row that was written meanwhile keeps what was written; the next batch finds it.
                await connection.execute(
                    text(table.write), changed | {"sealed": table.again(row, vault), "newest": vault.current}
                )
        if not rows:
            return
        yield len(rows)
