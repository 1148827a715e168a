"""What was kept outside the database, held against it: the signature of each document, then what it says of ledgers."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import orjson
from pydantic import ValidationError
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from backend.verify.faults import Fault
from schemas.checkpoints import CheckpointDocument
from schemas.receipts import (
    CHECKPOINT_ALGORITHM,
    KEYS_PATH,
    PublishedKeys,
    ReceiptDocument,
    SignatureState,
    published_key,
    raw_keys,
    signature_state,
)
from sync.sealing import ERASED_HASH

READ_KEYS = "SELECT public_key, created_at FROM signing_key ORDER BY created_at"

READ_HEADS = """
    SELECT wanted.county_code, wanted.position, entry.entry_hash
    FROM jsonb_to_recordset(cast(:heads AS jsonb)) AS wanted (county_code text, position bigint)
    LEFT JOIN LATERAL (
        SELECT entry_hash FROM ledger_entry
        WHERE county_code = wanted.county_code AND position = wanted.position OFFSET 0
    ) AS entry ON true
    ORDER BY wanted.county_code, wanted.position
"""

READ_ITEMS = """
    SELECT wanted.county_code, wanted.position, wanted.change_id, wanted.item_hash, wanted.outcome,
           encode(change.item_hash, 'hex') AS kept_hash, change.outcome AS kept_outcome, change.decided_position,
           change.replaced = '{}' AS replaced_nothing, change.account,
           EXISTS (SELECT FROM record AS gone WHERE gone.county_code = wanted.county_code
                   AND gone.id = change.record_id AND gone.erased_position IS NOT NULL) AS is_erased,
           cast(entry.change_id AS text) AS entry_change_id, entry.record_id = change.record_id AS same_record
    FROM jsonb_to_recordset(cast(:items AS jsonb)) AS wanted (
        county_code text, change_id text, item_hash text, outcome text, position bigint)
    LEFT JOIN LATERAL (
        SELECT item_hash, outcome, decided_position, replaced, record_id, cast(account AS text) AS account FROM change
        WHERE county_code = wanted.county_code AND change_id = cast(wanted.change_id AS uuid) OFFSET 0
    ) AS change ON true
    LEFT JOIN LATERAL (
        SELECT change_id, record_id FROM ledger_entry
        WHERE county_code = wanted.county_code AND position = wanted.position OFFSET 0
    ) AS entry ON true
    ORDER BY wanted.county_code, wanted.position
"""


class AnchorError(RuntimeError):
    """A file or a list of keys cannot be read."""


@dataclass(frozen=True, slots=True)
class Anchor:
    """A signed document and where it came from."""

    source: str
    raw: Mapping[str, Any]
    said: CheckpointDocument | ReceiptDocument


def read_anchors(path: Path) -> list[Anchor]:
    """Return the documents of a file: one checkpoint or receipt, or a JSON array of them. Raises AnchorError."""
    try:
        parsed = orjson.loads(path.read_bytes())
        documents = parsed if isinstance(parsed, list) else [parsed]
        return [Anchor(path.name, raw, _said(raw)) for raw in documents]
    except (OSError, ValueError) as error:
        raise AnchorError(
            f"{path} 不是检查点或回执文件，或无法读取。\n{path} is no checkpoint or receipt, or cannot be read: "
            f"{type(error).__name__}"
        ) from None


def _said(raw: Any) -> CheckpointDocument | ReceiptDocument:
    is_checkpoint = isinstance(raw, dict) and raw.get("alg") == CHECKPOINT_ALGORITHM
    model: type[CheckpointDocument | ReceiptDocument] = CheckpointDocument if is_checkpoint else ReceiptDocument
    return model.model_validate(raw)


def read_keys(source: str) -> dict[str, bytes]:
    """Return the public keys of a file, or of a service by the URL of its list or of itself. Raises AnchorError."""
    try:
        if source.startswith(("http://", "https://")):
            url = httpx.URL(source)
            url = url.copy_with(path=KEYS_PATH) if url.path in ("", "/") else url
            body = httpx.get(url, follow_redirects=True).raise_for_status().content
        else:
            body = Path(source).read_bytes()
        return raw_keys(PublishedKeys.model_validate_json(body))
    except (OSError, httpx.HTTPError, ValidationError, ValueError) as error:
        raise AnchorError(
            f"无法读取公钥 {source}。\nThe public keys cannot be read from {source}: {type(error).__name__}"
        ) from None


async def kept_keys(connection: AsyncConnection) -> dict[str, bytes]:
    """Return the public keys that the database knows."""
    rows = await connection.execute(text(READ_KEYS))
    return raw_keys(PublishedKeys(keys=[published_key(bytes(row.public_key), row.created_at) for row in rows]))


def states(anchors: list[Anchor], keys: Mapping[str, bytes]) -> list[SignatureState]:
    """Return what the signature of each document is worth."""
    return [signature_state(one.raw, keys) for one in anchors]


async def anchor_faults(
    connection: AsyncConnection, anchor: Anchor, county_code: str | None = None
) -> AsyncIterator[Fault]:
    """Give what a ledger holds otherwise than an anchor says; of one county where one is named."""
    heads = {
        (one.county_code, one.position): one.entry_hash
        for one in anchor.said.heads
        if county_code in (None, one.county_code)
    }
    wanted = [{"county_code": code, "position": position} for code, position in heads]
    for row in await connection.execute(text(READ_HEADS), {"heads": orjson.dumps(wanted).decode()}):
        said = heads[row.county_code, row.position]
        if row.entry_hash is None or bytes(row.entry_hash).hex() != said:
            params = {"source": anchor.source, "hash": said[:16]}
            yield Fault(row.county_code, row.position, "anchor_head", params=params)
    if isinstance(anchor.said, ReceiptDocument):
        async for fault in _item_faults(connection, anchor, anchor.said, county_code):
            yield fault


async def _item_faults(
    connection: AsyncConnection, anchor: Anchor, receipt: ReceiptDocument, county_code: str | None
) -> AsyncIterator[Fault]:
    names = ("change_id", "item_hash", "outcome", "county_code", "position")
    items = [dict(zip(names, item, strict=True)) for item in receipt.items if county_code in (None, item[3])]
    for row in await connection.execute(text(READ_ITEMS), {"items": orjson.dumps(items).decode()}):
        kept_hash = row.item_hash if row.is_erased and row.kept_hash == ERASED_HASH.hex() else row.kept_hash
        fits = (
            (kept_hash, row.kept_outcome, row.decided_position, row.account)
            == (row.item_hash, row.outcome, row.position, receipt.account)
            and row.same_record
            and (row.entry_change_id == row.change_id or row.replaced_nothing)
        )
        if not fits:
            yield Fault(row.county_code, row.position, "anchor_item", row.change_id, {"source": anchor.source})
