"""The copies of a record's personal fields outside of `personal`: sent changes, files, quarantined bytes."""

import gzip
import io
from collections.abc import Collection
from typing import Any

import orjson
import zstandard

from schemas.masking import without_texts
from schemas.vocabulary import Outcome
from sync.attachments.store import Store
from sync.personal import Sealed, Vault
from sync.quarantine import bound_to_row
from sync.records import RecordState
from sync.sealing import ChangeText, form_of, form_of_item, joined, open_change, split
from sync.statement import Connection, Statement

ERASED = "已删除"
"""Stands where a name or a reason stood: a registration without any name would be none."""

LARGEST_PLAIN = 4_000_000

READ_TEXTS = Statement.of("""
    SELECT cast(change_id AS text) AS change_id, cast(record_id AS text) AS record_id, item, replaced, result, outcome,
           sealed, sealed_key_id
    FROM change
    WHERE county_code = :county_code AND item ->> 'action' <> 'erase'
      AND (record_id = cast(:record_id AS uuid)
           OR (outcome = 'held' AND item #>> '{payload,farm_id}' = cast(:record_id AS text)))
""")

FORGET_TEXTS = Statement.of("""
    UPDATE change SET item = said.item, replaced = said.replaced, result = said.result, sealed = NULL,
        sealed_key_id = NULL, item_hash = decode(repeat('00', 32), 'hex')
    FROM jsonb_to_recordset(cast(:rows AS jsonb)) AS said (change_id uuid, item jsonb, replaced jsonb, result jsonb)
    WHERE change.county_code = cast(:county_code AS text) AND change.change_id = said.change_id
""")

READ_NAMED = Statement.of("""
    SELECT DISTINCT sha256 FROM record_attachment
    WHERE county_code = :county_code AND record_id = ANY(cast(:ids AS uuid[]))
""")

FORGET_FILES = Statement.of("""
    WITH wanted AS (
        SELECT DISTINCT file AS sha256 FROM unnest(cast(:files AS bytea[])) AS file
        WHERE NOT EXISTS (SELECT FROM record_attachment AS named WHERE named.sha256 = file)
    ), held AS (
        DELETE FROM attachment_county AS held USING wanted
        WHERE held.sha256 = wanted.sha256 AND held.county_code = cast(:county_code AS text) RETURNING held.sha256
    ), sent AS (
        DELETE FROM upload USING wanted
        WHERE upload.sha256 = wanted.sha256 AND upload.county_code = cast(:county_code AS text)
    )
    SELECT wanted.sha256 FROM wanted
    WHERE NOT EXISTS (
        SELECT FROM attachment_county AS other
        WHERE other.sha256 = wanted.sha256 AND other.county_code <> cast(:county_code AS text))
""")

FORGET_EVIDENCE = Statement.of("DELETE FROM attachment WHERE sha256 = ANY(cast(:files AS bytea[]))")

READ_BODIES = Statement.of("""
    SELECT cast(id AS text) AS id, body, key_id FROM quarantine
    WHERE (county_code = cast(:county_code AS text) OR county_code IS NULL) AND id > cast(:after AS uuid)
    ORDER BY id LIMIT cast(:rows AS int)
""")

FORGET_BODIES = Statement.of("DELETE FROM quarantine WHERE id = ANY(cast(:ids AS uuid[]))")

FIRST = "00000000-0000-0000-0000-000000000000"
BODIES_AT_A_TIME = 20


async def forget_change_texts(connection: Connection, county_code: str, record: RecordState, vault: Vault) -> None:
    """Destroy what the record's changes said of the person, and the hashes by which it could be guessed.

    Changes to it that wait, and reports on it that wait, go with it: they are refused once they are decided.
    """
    rows = []
    for row in await READ_TEXTS.rows(connection, county_code=county_code, record_id=record.id):
        said = {name: orjson.loads(row[name]) for name in ("item", "replaced", "result")}
        whole = joined(ChangeText(**said), open_change(vault, row, county_code))
        content = record.content
        is_own = row["record_id"] == record.id
        form = form_of(record.kind, content.indicator, content.level) if is_own else form_of_item(whole.item)
        outcome = Outcome(row["outcome"])
        is_checked = outcome in (Outcome.APPLIED, Outcome.MERGED)
        clear, _ = split(whole, form, outcome, is_checked=is_checked)
        rows.append(
            {
                "change_id": row["change_id"],
                "item": without_texts(clear.item, ERASED),
                "replaced": clear.replaced,
                "result": clear.result,
            }
        )
    await FORGET_TEXTS.rows(connection, county_code=county_code, rows=orjson.dumps(rows).decode())


async def named_files(connection: Connection, county_code: str, ids: Collection[str]) -> list[bytes]:
    """Return the files that records name now."""
    rows = await READ_NAMED.rows(connection, county_code=county_code, ids=[*ids])
    return [bytes(row["sha256"]) for row in rows]


async def destroy_files(connection: Connection, county_code: str, files: Collection[bytes], store: Store) -> int:
    """Destroy those of the files that no record names any more, and return how many.

    The bytes go first: were the transaction rolled back, the erasure would be asked for again.
    """
    gone = [
        bytes(row["sha256"]) for row in await FORGET_FILES.rows(connection, county_code=county_code, files=[*files])
    ]
    for sha256 in gone:
        await store.erase(sha256)
    await FORGET_EVIDENCE.rows(connection, files=gone)
    return len(gone)


async def destroy_quarantined(connection: Connection, county_code: str, ids: Collection[str], vault: Vault) -> int:
    """Destroy the quarantined bytes of the county that name one of the records, and return how many."""
    wanted = [one.encode() for one in ids]
    after, destroyed = FIRST, 0
    while wanted:
        rows = await READ_BODIES.rows(connection, county_code=county_code, after=after, rows=BODIES_AT_A_TIME)
        if not rows:
            break
        found = [row["id"] for row in rows if any(one in _plain(row, vault) for one in wanted)]
        await FORGET_BODIES.rows(connection, ids=found)
        after, destroyed = rows[-1]["id"], destroyed + len(found)
    return destroyed


def _plain(row: Any, vault: Vault) -> bytes:
    """Return kept bytes as text, decompressed where they were compressed."""
    body = bytes(row["body"])
    if row["key_id"] is not None:
        body = vault.open_bytes(Sealed(b"", body, row["key_id"]), bound_to_row(row["id"]))
    try:
        if body.startswith(b"\x1f\x8b"):
            return gzip.GzipFile(fileobj=io.BytesIO(body)).read(LARGEST_PLAIN)
        if body.startswith(b"\x28\xb5\x2f\xfd"):
            return zstandard.ZstdDecompressor().stream_reader(body).read(LARGEST_PLAIN)
    except (OSError, EOFError, zstandard.ZstdError):
        return body
    return body
