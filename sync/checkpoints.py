"""Checkpoints: the heads of all ledgers, signed every night, so that a ledger rewritten as a whole is found."""

from datetime import UTC, datetime, time, timedelta
from typing import Any

import orjson
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from schemas.checkpoints import CheckpointPage, CheckpointSummary
from schemas.identifiers import uuid7
from schemas.period import CHINA_STANDARD_TIME
from schemas.receipts import CHECKPOINT_ALGORITHM, Signer, spelled
from schemas.webhooks import EventKind

LOCK_KEY = 0x71_74_63_70
"""The advisory lock under which checkpoints are issued: one process at a time."""

LOCK = "SELECT pg_advisory_xact_lock(:key)"

LOCK_IF_FREE = "SELECT pg_try_advisory_xact_lock(:key)"

READ_LAST = "SELECT max(issued_at) FROM checkpoint"

READ_ALL_HEADS = """
    SELECT county_code, position, encode(entry_hash, 'hex') AS entry_hash FROM ledger_head
    WHERE position > 0 ORDER BY county_code
"""

KEEP = """
    WITH kept AS (
        INSERT INTO checkpoint (id, issued_at, document)
        VALUES (cast(:id AS uuid), :issued_at, cast(:document AS jsonb))
    )
    INSERT INTO outbox (id, kind, body, created_at)
    VALUES (cast(:id AS uuid), :kind, cast(:document AS jsonb), :issued_at)
"""

READ_DOCUMENT = """
    SELECT document FROM checkpoint
    WHERE cast(:id AS uuid) IS NULL OR id = cast(:id AS uuid) ORDER BY id DESC LIMIT 1
"""

READ_SUMMARIES = """
    SELECT cast(id AS text) AS id, issued_at, document ->> 'key_id' AS key_id,
           jsonb_array_length(document -> 'heads') AS ledgers,
           (SELECT coalesce(sum(cast(head -> 'position' AS bigint)), 0)
            FROM jsonb_array_elements(document -> 'heads') AS head) AS entries
    FROM checkpoint WHERE cast(:before AS uuid) IS NULL OR id < cast(:before AS uuid)
    ORDER BY id DESC LIMIT :limit
"""


def last_due(now: datetime, at: time) -> datetime:
    """Return the latest moment at which a checkpoint was due: `at`, China Standard Time, today or yesterday."""
    local = now.astimezone(CHINA_STANDARD_TIME)
    today = datetime.combine(local.date(), at, CHINA_STANDARD_TIME)
    return today if today <= local else today - timedelta(days=1)


async def lock_if_due(connection: AsyncConnection, now: datetime, at: time) -> bool:
    """Take the lock where a checkpoint is due and nobody else issues it; however many nights were missed, once."""
    if not (await connection.execute(text(LOCK_IF_FREE), {"key": LOCK_KEY})).scalar_one():
        return False
    last = (await connection.execute(text(READ_LAST))).scalar_one()
    return last is None or last < last_due(now, at)


async def lock(connection: AsyncConnection) -> None:
    """Take the lock, after whoever has it."""
    await connection.execute(text(LOCK), {"key": LOCK_KEY})


async def signed_heads(connection: AsyncConnection, signer: Signer) -> dict[str, Any]:
    """Return a new checkpoint: the heads of all ledgers that have entries, at one moment, signed."""
    rows = await connection.execute(text(READ_ALL_HEADS))
    now = datetime.now(UTC)
    return signer.signed(
        {
            "alg": CHECKPOINT_ALGORITHM,
            "id": uuid7(int(now.timestamp() * 1000)),
            "issued_at": spelled(now),
            "heads": [dict(row) for row in rows.mappings()],
        }
    )


async def keep_checkpoint(connection: AsyncConnection, document: dict[str, Any]) -> None:
    """Store a checkpoint and let it leave through the outbox."""
    await connection.execute(
        text(KEEP),
        {
            "id": document["id"],
            "issued_at": datetime.fromisoformat(document["issued_at"]),
            "kind": EventKind.CHECKPOINT_ISSUED,
            "document": orjson.dumps(document).decode(),
        },
    )


async def read_checkpoint(connection: AsyncConnection, checkpoint_id: str | None = None) -> dict[str, Any] | None:
    """Return a checkpoint as it was signed, by default the latest; None where there is none."""
    document: dict[str, Any] | None = (
        await connection.execute(text(READ_DOCUMENT), {"id": checkpoint_id})
    ).scalar_one_or_none()
    return document


async def read_checkpoints(connection: AsyncConnection, limit: int, before: str | None = None) -> CheckpointPage:
    """Return a page of checkpoints, newest first."""
    rows = (await connection.execute(text(READ_SUMMARIES), {"limit": limit + 1, "before": before})).mappings().all()
    page = [CheckpointSummary.model_validate(dict(row)) for row in rows[:limit]]
    return CheckpointPage(checkpoints=page, before=page[-1].id if len(rows) > limit else None)
