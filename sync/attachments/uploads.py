"""Uploads in the database: how far each has come, and who may write to it right now.

Whoever sends the next bytes takes the upload over by raising its generation. Before every write the row is locked and
the generation compared, so a sender that was left behind on a dead line can neither write nor hold anything up.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from asyncpg import LockNotAvailableError, Pool

from sync.attachments.headers import Announced
from sync.statement import Connection, Statement

INSERT_UPLOAD = Statement.of("""
    INSERT INTO upload (id, account, county_code, sha256, length, received, about, created_at, expires_at,
                        completed_at, generation)
    VALUES (:id, :account, :county_code, :digest, cast(:length AS bigint),
            CASE WHEN :is_known THEN cast(:length AS bigint) ELSE 0 END, cast(:about AS jsonb),
            clock_timestamp(), clock_timestamp() + make_interval(secs => :ttl_s),
            CASE WHEN :is_known THEN clock_timestamp() END, 0)
    RETURNING *
""")

READ_UPLOAD = Statement.of("""
    SELECT *, expires_at <= clock_timestamp() AND completed_at IS NULL AS is_expired FROM upload WHERE id = :id
""")

TAKE_OVER = Statement.of("""
    UPDATE upload SET generation = generation + 1, received = least(received, cast(:on_disk AS bigint))
    WHERE id = :id AND completed_at IS NULL
    RETURNING generation, received
""")

HOLD = Statement.of("""
    SELECT generation FROM upload
    WHERE id = :id AND generation = cast(:generation AS int) AND completed_at IS NULL FOR UPDATE
""")

ADVANCE = Statement.of("""
    UPDATE upload SET received = cast(:received AS bigint),
                      expires_at = clock_timestamp() + make_interval(secs => :ttl_s)
    WHERE id = :id RETURNING expires_at
""")

COMPLETE = Statement.of("""
    WITH file AS (
        INSERT INTO attachment (sha256, size, media_type, evidence, completed_at)
        VALUES (:digest, :size, :media_type, cast(:evidence AS jsonb), clock_timestamp()) ON CONFLICT DO NOTHING
    ), held AS (
        INSERT INTO attachment_county (county_code, sha256, account, received_at)
        SELECT county_code, cast(:digest AS bytea), account, clock_timestamp() FROM upload WHERE id = :id
        ON CONFLICT DO NOTHING
    )
    UPDATE upload SET received = length, completed_at = clock_timestamp(), sha256 = :digest WHERE id = :id
""")

DELETE_UPLOAD = Statement.of("DELETE FROM upload WHERE id = :id RETURNING id")

READ_KNOWN = Statement.of("SELECT id FROM upload WHERE id = ANY (cast(:ids AS uuid[]))")

DELETE_EXPIRED = Statement.of("DELETE FROM upload WHERE expires_at <= clock_timestamp() RETURNING id")


class TakenOverError(Exception):
    """Another request continues this upload, or it was ended meanwhile."""


class UploadBusyError(Exception):
    """The upload is being completed at this moment."""


@dataclass(frozen=True, slots=True)
class Upload:
    """An upload as the database knows it; times are aware, lengths in bytes."""

    id: str
    account: str
    county_code: str
    sha256: bytes | None
    length: int
    received: int
    about: dict[str, str]
    expires_at: datetime
    is_complete: bool
    is_expired: bool = False


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to write to an upload from `received` on, until somebody takes it over."""

    upload: Upload
    generation: int
    received: int


async def create_upload(
    connection: Connection, upload_id: str, account: str, announced: Announced, *, ttl_s: int, is_known: bool
) -> Upload:
    """Open an upload; one of a file that the county holds already is complete at once."""
    [row] = await INSERT_UPLOAD.rows(
        connection,
        id=upload_id,
        account=account,
        county_code=announced.county_code,
        digest=announced.sha256,
        length=announced.length,
        about=orjson.dumps(announced.about).decode(),
        ttl_s=float(ttl_s),
        is_known=is_known,
    )
    return _upload(row)


async def find_upload(connection: Connection, upload_id: str) -> Upload | None:
    """Return an upload, expired or not, or None."""
    rows = await READ_UPLOAD.rows(connection, id=upload_id)
    return _upload(rows[0], is_expired=rows[0]["is_expired"]) if rows else None


async def take_over(connection: Connection, upload: Upload, on_disk: int) -> Lease:
    """Return the right to write, and take it from whoever had it. Raises TakenOverError and UploadBusyError.

    `on_disk` bytes of it lie in the staging folder: after a fault there may be fewer than were acknowledged.
    """
    try:
        rows = await TAKE_OVER.rows(connection, id=upload.id, on_disk=on_disk)
    except LockNotAvailableError:
        raise UploadBusyError from None
    if not rows:
        raise TakenOverError
    return Lease(upload, rows[0]["generation"], rows[0]["received"])


@asynccontextmanager
async def holding(pool: Pool, lease: Lease) -> AsyncIterator[Any]:
    """Give a connection in a transaction in which nobody else writes to the upload. Raises TakenOverError."""
    async with pool.acquire() as connection, connection.transaction():
        try:
            rows = await HOLD.rows(connection, id=lease.upload.id, generation=lease.generation)
        except LockNotAvailableError:
            raise TakenOverError from None
        if not rows:
            raise TakenOverError
        yield connection


async def advance(connection: Connection, lease: Lease, received: int, ttl_s: int) -> datetime:
    """Acknowledge all bytes up to `received`; return until when the upload may be resumed."""
    [row] = await ADVANCE.rows(connection, id=lease.upload.id, received=received, ttl_s=float(ttl_s))
    expires_at: datetime = row["expires_at"]
    return expires_at


async def complete(
    connection: Connection, lease: Lease, sha256: bytes, media_type: str, evidence: dict[str, Any] | None
) -> None:
    """Let the county hold the file; `evidence` is sealed."""
    await COMPLETE.rows(
        connection,
        id=lease.upload.id,
        digest=sha256,
        size=lease.upload.length,
        media_type=media_type,
        evidence=None if evidence is None else orjson.dumps(evidence).decode(),
    )


async def delete_upload(connection: Connection, upload_id: str) -> bool:
    """End an upload; return whether there was one. Raises UploadBusyError."""
    try:
        return bool(await DELETE_UPLOAD.rows(connection, id=upload_id))
    except LockNotAvailableError:
        raise UploadBusyError from None


async def delete_expired(connection: Connection) -> list[str]:
    """End every upload whose time is over, finished ones too (their files stay); return their ids."""
    return [str(row["id"]) for row in await DELETE_EXPIRED.rows(connection)]


async def known_uploads(connection: Connection, upload_ids: Sequence[str]) -> set[str]:
    """Return those of the ids that are uploads."""
    return {str(row["id"]) for row in await READ_KNOWN.rows(connection, ids=upload_ids)}


def _upload(row: Any, *, is_expired: bool = False) -> Upload:
    return Upload(
        id=str(row["id"]),
        account=str(row["account"]),
        county_code=row["county_code"],
        sha256=row["sha256"],
        length=row["length"],
        received=row["received"],
        about=orjson.loads(row["about"]),
        expires_at=row["expires_at"],
        is_complete=row["completed_at"] is not None,
        is_expired=is_expired,
    )
