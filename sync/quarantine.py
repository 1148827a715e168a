"""What cannot be routed or parsed is kept as it came, once per account and content, with the reason."""

import hashlib
import time
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from schemas.identifiers import is_uuid, uuid7
from schemas.masking import without_values
from schemas.problems import Problem
from sync.personal import NONCE_BYTES, TAG_BYTES, Sealed, Vault

MAX_VERSION = 32_767

SEALED_OVERHEAD = NONCE_BYTES + TAG_BYTES
"""How much longer a sealed body is."""

KEEP = """
    INSERT INTO quarantine (id, account, device_id, sha256, body, key_id, reason, problems, received_at, county_code,
                            schema_version)
    SELECT q.id, :account, q.device_id, decode(q.sha256, 'hex'), decode(q.body, 'hex'), q.key_id, q.reason, q.problems,
           clock_timestamp(), q.county_code, q.schema_version
    FROM jsonb_to_recordset(cast(:rows AS jsonb)) AS q (
        id uuid, device_id uuid, sha256 text, body text, key_id text, reason text, problems jsonb, county_code text,
        schema_version int)
    ON CONFLICT (account, sha256) DO NOTHING
"""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where bytes come from, as far as they can be read."""

    device_id: str | None = None
    schema_version: int | None = None
    county_code: str | None = None


@dataclass(frozen=True, slots=True)
class Kept:
    """Bytes to keep, why they could not be used, and where they come from."""

    body: bytes
    reason: str
    problems: tuple[Problem, ...]
    origin: Origin = Origin()


def origin_of_item(raw: Any, device_id: str, schema_version: int, ledgers: Collection[str]) -> Origin:
    """Return where an item of a push comes from, of which nothing is known; a county without a ledger is none."""
    county_code = raw.get("county_code") if isinstance(raw, dict) else None
    return Origin(device_id, schema_version, county_code if _is_one_of(county_code, ledgers) else None)


def origin_of_body(body: bytes, ledgers: Collection[str]) -> Origin:
    """Return what can be read from a body that is no push: its county where all its changes are of one."""
    try:
        parsed = orjson.loads(body)
    except orjson.JSONDecodeError:
        return Origin()
    if not isinstance(parsed, dict):
        return Origin()
    device_id, version, changes = (parsed.get(name) for name in ("device_id", "schema_version", "changes"))
    items = changes if isinstance(changes, list) else []
    counties = [one.get("county_code") for one in items if isinstance(one, dict)]
    county_code = counties[0] if counties and all(one == counties[0] for one in counties) else None
    return Origin(
        device_id if isinstance(device_id, str) and is_uuid(device_id) else None,
        version if type(version) is int and 0 < version <= MAX_VERSION else None,
        county_code if _is_one_of(county_code, ledgers) else None,
    )


def opened_body(vault: Vault, row: Any) -> bytes:
    """Return the bytes of a row with `id`, `body` and `key_id`; without a key they were kept as they came."""
    body = bytes(row.body)
    return body if row.key_id is None else vault.open_bytes(Sealed(b"", body, row.key_id), bound_to_row(str(row.id)))


def bound_to_row(row_id: str) -> str:
    """Return what the bytes of a row are bound to."""
    return f"quarantine/{row_id}"


def _is_one_of(code: Any, ledgers: Collection[str]) -> bool:
    return isinstance(code, str) and code in ledgers


async def keep(connection: AsyncConnection, items: Iterable[Kept], vault: Vault, *, account: str) -> None:
    """Keep the bytes, sealed; what the same account sent before is not kept twice."""
    rows = [
        {
            "id": row_id,
            "sha256": hashlib.sha256(one.body).hexdigest(),
            "body": body.ciphertext.hex(),
            "key_id": body.key_id,
            "reason": one.reason,
            "device_id": one.origin.device_id,
            "schema_version": one.origin.schema_version,
            "county_code": one.origin.county_code,
            "problems": [without_values(found).model_dump() for found in one.problems],
        }
        for one in items
        for row_id in (uuid7(time.time_ns() // 1_000_000),)
        for body in (vault.seal_bytes(one.body, bound_to_row(row_id)),)
    ]
    await connection.execute(text(KEEP), {"account": account, "rows": orjson.dumps(rows).decode()})
