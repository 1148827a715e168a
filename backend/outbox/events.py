"""Events, written in the transaction of what they tell; an event that is there has happened, and none is missing."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from pydantic import BaseModel

from schemas.canonical import canonical_bytes
from schemas.identifiers import uuid7
from schemas.receipts import spelled
from schemas.webhooks import EventKind
from sync.statement import Connection, Statement, as_json

KEEP_EVENTS = Statement.of("""
    INSERT INTO outbox (id, kind, region_code, webhook_id, body, created_at)
    SELECT e.id, e.kind, e.region_code, e.webhook_id, e.body, :now
    FROM jsonb_to_recordset(cast(:events AS jsonb)) AS e (
        id uuid, kind text, region_code text, webhook_id uuid, body jsonb)
""")


@dataclass(frozen=True)
class NewEvent:
    """An event that is about to be written; it names offices and figures, never a person."""

    kind: EventKind
    region_code: str | None
    said: BaseModel | Mapping[str, Any]
    webhook_id: str | None = None
    id: str = field(default="")

    def row(self, now: datetime) -> dict[str, Any]:
        """Return it as the statement reads it; its id is drawn now."""
        said = self.said.model_dump(mode="json") if isinstance(self.said, BaseModel) else dict(self.said)
        return {
            "id": self.id or uuid7(int(now.timestamp() * 1000)),
            "kind": str(self.kind),
            "region_code": self.region_code,
            "webhook_id": self.webhook_id,
            "body": said,
        }


async def keep_events(connection: Connection, events: Iterable[NewEvent], now: datetime) -> list[str]:
    """Write events in the caller's transaction: one statement. Return their ids."""
    rows = [event.row(now) for event in events]
    if rows:
        await KEEP_EVENTS.rows(connection, events=as_json(rows), now=now)
    return [row["id"] for row in rows]


def body_of(event_id: str, kind: str, created_at: datetime, region_code: str | None, data: Mapping[str, Any]) -> bytes:
    """Return the body that is sent: the same bytes at every attempt and replay (RFC 8785)."""
    return canonical_bytes(
        {
            "id": event_id,
            "type": kind,
            "timestamp": spelled(created_at),
            "region_code": region_code,
            "data": dict(data),
        }
    )
