"""The way out: what changed in a county since a cursor, in ledger order, from one snapshot."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from schemas.changes import Pull, PulledRecord
from schemas.problems import Problem
from schemas.vocabulary import RecordKind, RecordStatus
from sync.cursor import HASH_PREFIX_BYTES, Cursor, scope_digest
from sync.personal import Sealed, Vault

READ_HEAD = """
    SELECT head.position, head.entry_hash, entry.entry_hash AS at_cursor
    FROM ledger_head AS head
    LEFT JOIN ledger_entry AS entry ON entry.county_code = head.county_code AND entry.position = :position
    WHERE head.county_code = :county_code
"""

CHANGED_RECORDS = """
    SELECT record.id, record.kind, record.status, record.revision, record.position, record.last_change_id,
           record.township_code, record.payload, record.warnings, record.recorded_at,
           personal.salt, personal.ciphertext, personal.key_id
    FROM record LEFT JOIN personal
      ON personal.county_code = record.county_code AND personal.record_id = record.id
     AND personal.revision = record.revision
    WHERE record.county_code = :county_code AND record.position > :position
      AND (cast(:townships AS text[]) IS NULL OR record.township_code = ANY(:townships))
    ORDER BY record.position LIMIT :limit
"""

ENTRY_HASH_AT = """
    SELECT entry_hash FROM ledger_entry WHERE county_code = :county_code AND position = :position
"""


@dataclass(frozen=True, slots=True)
class Reader:
    """Whose phone pulls: the townships it holds (None: the county) and whether it may see personal fields."""

    townships: Collection[str] | None
    sees_personal: bool


async def changed_records(
    connection: AsyncConnection,
    county_code: str,
    cursor: Cursor | None,
    limit: int,
    reader: Reader,
    vault: Vault,
    cursor_key: bytes,
) -> Pull:
    """Return a page of what changed since the cursor; the connection is in a read-only snapshot.

    A cursor that does not fit this ledger or this scope any more is answered with `reset` and a fresh first page.
    """
    since = cursor.position if cursor is not None else 0
    head = (await connection.execute(text(READ_HEAD), {"county_code": county_code, "position": since})).one()
    scope = scope_digest(reader.townships)
    reset = cursor is not None and not _fits(cursor, head, scope)
    if reset:
        since = 0
    rows = (
        await connection.execute(
            text(CHANGED_RECORDS),
            {
                "county_code": county_code,
                "position": since,
                "limit": limit + 1,
                "townships": None if reader.townships is None else sorted(reader.townships),
            },
        )
    ).all()
    page, more = rows[:limit], len(rows) > limit
    # Without more rows everything up to the head was examined, whatever the scope left out.
    position = page[-1].position if more else head.position
    prefix = await _hash_prefix(connection, county_code, position, head)
    return Pull(
        county_code=county_code,
        records=[_pulled(row, county_code, vault if reader.sees_personal else None) for row in page],
        cursor=Cursor(county_code, position, prefix, scope).encode(cursor_key),
        more=more,
        reset=reset,
        server_time=datetime.now(UTC),
    )


def _fits(cursor: Cursor, head: Row[Any], scope: str) -> bool:
    if cursor.scope != scope or cursor.position > head.position:
        return False
    return cursor.position == 0 or (head.at_cursor is not None and _prefix(head.at_cursor) == cursor.hash_prefix)


async def _hash_prefix(connection: AsyncConnection, county_code: str, position: int, head: Row[Any]) -> str:
    if position in (0, head.position):
        return _prefix(head.entry_hash) if position else ""
    found = await connection.execute(text(ENTRY_HASH_AT), {"county_code": county_code, "position": position})
    return _prefix(found.scalar_one())


def _prefix(entry_hash: bytes) -> str:
    return bytes(entry_hash)[:HASH_PREFIX_BYTES].hex()


def _pulled(row: Row[Any], county_code: str, vault: Vault | None) -> PulledRecord:
    payload: dict[str, Any] = dict(row.payload)
    if vault is not None and row.ciphertext is not None:
        sealed = Sealed(bytes(row.salt), bytes(row.ciphertext), row.key_id)
        payload |= vault.open(sealed, county_code, str(row.id), row.revision)
    return PulledRecord(
        id=str(row.id),
        kind=RecordKind(row.kind),
        status=RecordStatus(row.status),
        revision=row.revision,
        position=row.position,
        last_change_id=str(row.last_change_id),
        township_code=row.township_code,
        payload=payload,
        warnings=[Problem.model_validate(one) for one in row.warnings],
        recorded_at=row.recorded_at,
    )
