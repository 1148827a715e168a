"""Whole files: who holds them, who may see them, and how complete a record's are."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import orjson

from schemas.attachments import AttachmentShown, Evidence, RecordAttachments
from sync.attachments.desk import opened_evidence
from sync.personal import Sealed, Vault
from sync.statement import Connection, Statement

READ_HELD = Statement.of("""
    SELECT file.size FROM attachment_county AS held JOIN attachment AS file ON file.sha256 = held.sha256
    WHERE held.county_code = :county_code AND held.sha256 = :digest
""")

READ_VISIBLE = Statement.of("""
    SELECT file.media_type FROM attachment_county AS held JOIN attachment AS file ON file.sha256 = held.sha256
    WHERE held.county_code = cast(:county_code AS text) AND held.sha256 = cast(:digest AS bytea)
      AND (cast(:townships AS text[]) IS NULL OR held.account = cast(:account AS uuid) OR EXISTS (
          SELECT FROM record_attachment AS named
          JOIN record ON record.county_code = named.county_code AND record.id = named.record_id
          WHERE named.sha256 = held.sha256 AND named.county_code = held.county_code
            AND record.township_code = ANY (cast(:townships AS text[]))))
""")

READ_RECORD = Statement.of("""
    SELECT record.revision, record.township_code, part.salt, part.ciphertext, part.key_id
    FROM record LEFT JOIN personal AS part
      ON part.county_code = record.county_code AND part.record_id = record.id AND part.revision = record.revision
    WHERE record.county_code = :county_code AND record.id = :record_id
""")

READ_NAMED = Statement.of("""
    SELECT named.sha256, file.size, file.media_type, file.evidence, held.received_at
    FROM record_attachment AS named
    LEFT JOIN attachment_county AS held ON held.county_code = named.county_code AND held.sha256 = named.sha256
    LEFT JOIN attachment AS file ON file.sha256 = held.sha256
    WHERE named.county_code = :county_code AND named.record_id = :record_id
    ORDER BY named.sha256
""")


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who asks: an account and the townships that it may see; None stands for all."""

    account: str
    townships: Collection[str] | None
    sees_personal: bool


async def is_held(connection: Connection, county_code: str, sha256: bytes, size: int) -> bool:
    """Return whether a county holds a file of this hash and size."""
    rows = await READ_HELD.rows(connection, county_code=county_code, digest=sha256)
    return bool(rows) and rows[0]["size"] == size


async def visible_type(connection: Connection, county_code: str, sha256: bytes, viewer: Viewer) -> str | None:
    """Return the type of a file that the viewer may see: in its townships, or sent by itself. None for any other."""
    townships = None if viewer.townships is None else list(viewer.townships)
    rows = await READ_VISIBLE.rows(
        connection, county_code=county_code, digest=sha256, townships=townships, account=viewer.account
    )
    return rows[0]["media_type"] if rows else None


async def record_attachments(
    connection: Connection, county_code: str, record_id: str, viewer: Viewer, vault: Vault
) -> RecordAttachments | None:
    """Return which files a record names and which have come; None for a record that the viewer may not see."""
    found = await READ_RECORD.rows(connection, county_code=county_code, record_id=record_id)
    if not found or (viewer.townships is not None and found[0]["township_code"] not in viewer.townships):
        return None
    [record] = found
    said = _said_by_report(record, county_code, record_id, vault) if viewer.sees_personal else {}
    rows = await READ_NAMED.rows(connection, county_code=county_code, record_id=record_id)
    files = [_shown(row, said, viewer, vault) for row in rows]
    missing = [one.sha256 for one in files if not one.has_come]
    return RecordAttachments(
        county_code=county_code,
        record_id=record_id,
        revision=record["revision"],
        expected=len(files),
        come=len(files) - len(missing),
        is_complete=not missing,
        missing=missing,
        files=files,
    )


def _said_by_report(record: Any, county_code: str, record_id: str, vault: Vault) -> dict[str, Evidence]:
    if record["ciphertext"] is None:
        return {}
    sealed = Sealed(record["salt"], record["ciphertext"], record["key_id"])
    personal = vault.open(sealed, county_code, record_id, record["revision"])
    return {
        one["sha256"]: Evidence(taken_at=one.get("taken_at"), position=one.get("position"))
        for one in personal.get("attachments", ())
        if "taken_at" in one or "position" in one
    }


def _shown(row: Any, said: dict[str, Evidence], viewer: Viewer, vault: Vault) -> AttachmentShown:
    sha256: bytes = row["sha256"]
    stored = orjson.loads(row["evidence"]) if row["evidence"] is not None and viewer.sees_personal else None
    by_file = opened_evidence(vault, sha256, stored)
    return AttachmentShown(
        sha256=sha256.hex(),
        has_come=row["received_at"] is not None,
        size=row["size"],
        media_type=row["media_type"],
        received_at=row["received_at"],
        said_by_file=None if by_file is None else Evidence.model_validate(by_file),
        said_by_report=said.get(sha256.hex()),
    )
