"""What cannot be routed or parsed is kept as it came, once per account and content, with the reason."""

import hashlib
import time
from collections.abc import Iterable
from dataclasses import dataclass

import orjson
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from schemas.identifiers import uuid7
from schemas.problems import Problem

KEEP = """
    INSERT INTO quarantine (id, account, device_id, sha256, body, reason, problems, received_at)
    SELECT q.id, :account, :device_id, decode(q.sha256, 'hex'), decode(q.body, 'hex'), q.reason, q.problems,
           clock_timestamp()
    FROM jsonb_to_recordset(cast(:rows AS jsonb)) AS q (
        id uuid, sha256 text, body text, reason text, problems jsonb)
    ON CONFLICT (account, sha256) DO NOTHING
"""


@dataclass(frozen=True, slots=True)
class Kept:
    """Bytes to keep and why they could not be used."""

    body: bytes
    reason: str
    problems: tuple[Problem, ...]


async def keep(connection: AsyncConnection, items: Iterable[Kept], *, account: str, device_id: str | None) -> None:
    """Keep the bytes; what the same account sent before is not kept twice."""
    rows = [
        {
            "id": uuid7(time.time_ns() // 1_000_000),
            "sha256": hashlib.sha256(one.body).hexdigest(),
            "body": one.body.hex(),
            "reason": one.reason,
            "problems": [found.model_dump() for found in one.problems],
        }
        for one in items
    ]
    await connection.execute(
        text(KEEP), {"account": account, "device_id": device_id, "rows": orjson.dumps(rows).decode()}
    )
