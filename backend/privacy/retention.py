"""What is kept only for a time: one function, for the scheduler and the terminal, in batches, as often as one likes.

The audit and the ledger are kept. What ends are copies: quarantined bytes long settled, what phones sent of years long
published, uploads that are over, sign-ins that ended.
"""

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from backend.settings import Settings
from sync.personal import Vault
from sync.sealing import open_change, seal_change

ROWS_AT_A_TIME = 1_000

SETTLED_BODIES = """
    DELETE FROM quarantine WHERE id IN (
        SELECT id FROM quarantine WHERE replayed_at < :before ORDER BY id LIMIT :rows FOR UPDATE SKIP LOCKED)
"""

STALE_BODIES = """
    DELETE FROM quarantine WHERE id IN (
        SELECT id FROM quarantine WHERE replayed_at IS NULL AND received_at < :before
        ORDER BY id LIMIT :rows FOR UPDATE SKIP LOCKED)
"""

ENDED_SESSIONS = """
    DELETE FROM session WHERE id IN (
        SELECT id FROM session WHERE least(expires_at, coalesce(revoked_at, expires_at)) < :before
        ORDER BY id LIMIT :rows)
"""

OVER_UPLOADS = """
    DELETE FROM upload WHERE id IN (
        SELECT id FROM upload WHERE completed_at < :before ORDER BY id LIMIT :rows)
"""

SENT_LONG_AGO = """
    SELECT change.county_code, cast(change.change_id AS text) AS change_id, change.sealed, change.sealed_key_id
    FROM change
    JOIN record ON record.county_code = change.county_code AND record.id = change.record_id
    WHERE change.sealed IS NOT NULL AND change.forgotten_at IS NULL AND change.outcome <> 'held'
      AND record.kind = 'report' AND change.received_at < :before
      AND EXISTS (
          SELECT FROM region_version AS county
          JOIN filing ON filing.region_code = county.code
          WHERE record.county_code = ANY(county.ledger_codes) AND filing.period = record.period
            AND filing.indicator = record.indicator AND filing.state = 'published' AND filing.moved_at < :before)
    ORDER BY change.county_code, change.change_id LIMIT :rows
    FOR UPDATE OF change SKIP LOCKED
"""

FORGET_SENT = """
    UPDATE change SET sealed = :sealed, sealed_key_id = :key_id, forgotten_at = :now
    WHERE county_code = :county_code AND change_id = :change_id
"""


@dataclass(frozen=True, slots=True)
class Retained:
    """How many rows a run ended."""

    bodies: int = 0
    """Quarantined bytes, settled or given up."""
    sessions: int = 0
    uploads: int = 0
    """Of their announcements, in which a file name may stand; the files stay."""
    sent: int = 0
    """Changes whose personal answers as sent are gone; what the record holds stays."""

    @property
    def total(self) -> int:
        """All of them."""
        return sum(asdict(self).values())


async def apply_retention(engine: AsyncEngine, settings: Settings, vault: Vault, now: datetime) -> Retained:
    """End what is kept only for a time, by the settings `retain_*`; a second run finds nothing left to do.

    Every batch is a transaction of its own.
    """

    async def ended(statement: str, days: int) -> int:
        return await _in_batches(engine, statement, now - timedelta(days=days))

    return Retained(
        bodies=await ended(SETTLED_BODIES, settings.retain_settled_days)
        + await ended(STALE_BODIES, settings.retain_quarantine_days),
        sessions=await ended(ENDED_SESSIONS, settings.retain_sessions_days),
        uploads=await ended(OVER_UPLOADS, settings.retain_uploads_days),
        sent=await _forget_sent(engine, vault, now, timedelta(days=settings.retain_sent_days)),
    )


async def _in_batches(engine: AsyncEngine, statement: str, before: datetime) -> int:
    total = 0
    while True:
        async with engine.begin() as connection:
            ended = (await connection.execute(text(statement), {"before": before, "rows": ROWS_AT_A_TIME})).rowcount
        total += ended
        if ended < ROWS_AT_A_TIME:
            return total


async def _forget_sent(engine: AsyncEngine, vault: Vault, now: datetime, age: timedelta) -> int:
    """Drop the personal answers of items and refusals; what a change replaced stays, for records are traced by it."""
    total = 0
    while True:
        async with engine.begin() as connection:
            values = {"before": now - age, "rows": ROWS_AT_A_TIME}
            rows = (await connection.execute(text(SENT_LONG_AGO), values)).mappings().all()
            for row in map(dict, rows):
                hidden = open_change(vault, row, row["county_code"])
                kept = {"replaced": hidden["replaced"]} if "replaced" in hidden else {}
                sealed = seal_change(vault, kept, row["county_code"], row["change_id"]) if kept else None
                place = {"county_code": row["county_code"], "change_id": row["change_id"], "now": now}
                part: dict[str, bytes | str | None] = {"sealed": None, "key_id": None}
                if sealed is not None:
                    part = {"sealed": sealed.ciphertext, "key_id": sealed.key_id}
                await connection.execute(text(FORGET_SENT), place | part)
        total += len(rows)
        if len(rows) < ROWS_AT_A_TIME:
            return total
