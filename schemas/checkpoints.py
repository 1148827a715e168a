"""Checkpoints: the heads of all ledgers at a moment, signed, for keeping outside the database."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from schemas.changes import ReceiptHead
from schemas.receipts import Hex128


class CheckpointDocument(BaseModel):
    """The heads of all ledgers that have entries. Signed as every document of `schemas.receipts` is."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    alg: Literal["qt1-checkpoint-ed25519"]
    key_id: str
    id: str
    issued_at: str = Field(description="UTC, whole seconds.", examples=["2025-10-03T18:00:00Z"])
    heads: list[ReceiptHead]
    signature: Hex128


class CheckpointSummary(BaseModel):
    """A checkpoint without its heads."""

    id: str
    issued_at: datetime
    key_id: str
    ledgers: int
    entries: int = Field(description="Of all ledgers together.")


class CheckpointPage(BaseModel):
    """Checkpoints, newest first."""

    checkpoints: list[CheckpointSummary]
    before: str | None = Field(description="Ask for the next page before this id; null on the last.")
