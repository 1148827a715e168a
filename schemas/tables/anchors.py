"""What leaves the database so that a rewritten ledger is found: public keys and checkpoints."""

from datetime import datetime
from typing import Any

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
