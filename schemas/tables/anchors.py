"""What leaves the database so that a rewritten ledger is found: keys, checkpoints, messages to the outside."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, text
from sqlmodel import SQLModel

from schemas.tables import columns as c


class SigningKey(SQLModel, table=True):
    """A public key (Ed25519) that receipts and checkpoints are or were signed with. Append-only."""

    __tablename__ = "signing_key"

    key_id: str = c.text(primary_key=True)
    public_key: bytes = c.digest()
    """32 bytes, raw."""
    created_at: datetime = c.moment()


class Checkpoint(SQLModel, table=True):
    """The signed heads of all ledgers at a moment. Append-only."""

    __tablename__ = "checkpoint"

    id: str = c.uuid(primary_key=True)
    issued_at: datetime = c.moment()
    document: dict[str, Any] = c.document()


class OutboxMessage(SQLModel, table=True):
    """A message to a system outside, kept until it is delivered; its id stays the same at every attempt."""

    __tablename__ = "outbox"
    __table_args__ = (Index("outbox_waiting", "id", postgresql_where=text("delivered_at IS NULL")),)

    id: str = c.uuid(primary_key=True)
    topic: str = c.text()
    payload: dict[str, Any] = c.document()
    created_at: datetime = c.moment()
    delivered_at: datetime | None = c.moment(nullable=True, default=None)
