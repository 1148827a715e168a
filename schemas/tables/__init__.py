"""The SQLModel tables. They are never request bodies; `Base.metadata` is what the migrations must agree with."""

from sqlmodel import SQLModel

from schemas.tables import (
    accounts,
    anchors,
    attachments,
    devices,
    filing,
    findings,
    identities,
    jobs,
    ledger,
    outbox,
    reference,
    rollup,
    sign_ins,
    statements,
    tiles,
)

metadata = SQLModel.metadata

__all__ = [
    "accounts",
    "anchors",
    "attachments",
    "devices",
    "filing",
    "findings",
    "identities",
    "jobs",
    "ledger",
    "metadata",
    "outbox",
    "reference",
    "rollup",
    "sign_ins",
    "statements",
    "tiles",
]
