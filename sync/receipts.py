"""Receipts: after the commit the server signs what it has taken, and keeps every key that it ever signed with."""

from collections.abc import Sequence
from datetime import UTC, datetime

from schemas.changes import ChangeOutcome, Push, Receipt, ReceiptHead
from schemas.receipts import PublishedKeys, Signer, published_key, receipt_items, signed_receipt
from sync.statement import Connection, Statement

READ_HEADS = Statement.of("""
    SELECT head.county_code, head.position, encode(head.entry_hash, 'hex') AS entry_hash
    FROM unnest(cast(:county_codes AS text[])) AS wanted (county_code)
    CROSS JOIN LATERAL (
        SELECT county_code, position, entry_hash FROM ledger_head WHERE county_code = wanted.county_code OFFSET 0
    ) AS head
    ORDER BY head.county_code
""")

KEEP_KEY = Statement.of("""
    INSERT INTO signing_key (key_id, public_key, created_at)
    VALUES (cast(:key_id AS text), cast(:public_key AS bytea), cast(:created_at AS timestamptz))
    ON CONFLICT (key_id) DO NOTHING
""")

READ_KEYS = Statement.of("SELECT public_key, created_at FROM signing_key ORDER BY created_at, key_id")


async def receipt_of(
    body: Push, outcomes: Sequence[ChangeOutcome], account: str, signer: Signer, connection: Connection
) -> Receipt | None:
    """Return the receipt of a push that is committed; None where nothing of it was taken.

    Replays are acknowledged again: whoever lost an answer gets another receipt, under today's key.
    """
    items = receipt_items(body.changes, outcomes)
    if not items:
        return None
    rows = await READ_HEADS.rows(connection, county_codes=sorted({county_code for _, _, _, county_code, _ in items}))
    heads = [ReceiptHead(**dict(row)) for row in rows]
    return signed_receipt(signer, account, body.device_id, items, heads, datetime.now(UTC))


async def keep_key(connection: Connection, signer: Signer) -> None:
    """Let the public key be known for ever; a key that is known already stays as it is."""
    await KEEP_KEY.rows(connection, key_id=signer.key_id, public_key=signer.public_key, created_at=datetime.now(UTC))


async def published_keys(connection: Connection) -> PublishedKeys:
    """Return every key that was ever used, oldest first."""
    rows = await READ_KEYS.rows(connection)
    return PublishedKeys(keys=[published_key(row["public_key"], row["created_at"]) for row in rows])
