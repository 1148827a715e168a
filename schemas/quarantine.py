"""The wire models of what could not be applied: what a county sees of it, without names and plots."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, Field

from schemas.problems import Problem
from schemas.vocabulary import HoldReason, Outcome


class ReplayOutcome(BaseModel):
    """What a replay made of one change; the whole outcome, with the values that clash, comes down in the pull."""

    change_id: str | None
    outcome: Outcome
    reason: HoldReason | None = None
    position: int | None = None


class QuarantineItem(BaseModel):
    """One thing that was sent and could not be applied, kept as it came."""

    id: str
    source: Literal["bytes", "change"] = Field(
        description="`bytes` could not be read as a change; a `change` is held until somebody helps."
    )
    reason: str = Field(description="The code of its first problem, or why the change is held.")
    problems: list[Problem]
    received_at: datetime
    username: str | None = Field(description="Who sent it; null where the account is gone.")
    device_id: str | None
    schema_version: int | None
    size: int = Field(description="Bytes.")
    excerpt: dict[str, str] = Field(description="What can be read of it and names nobody: kind, indicator, township.")
    replayed_at: datetime | None = Field(default=None, description="When a replay brought all of it into the ledger.")
    replay: list[ReplayOutcome] = Field(default_factory=list, description="The outcomes of the last replay.")


class QuarantinePage(BaseModel):
    """A page of a county's quarantine, by id."""

    county_code: str
    items: list[QuarantineItem]
    after: str | None = Field(description="Ask for the next page after this id; null on the last.")
