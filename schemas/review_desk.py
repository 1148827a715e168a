"""The wire models of the review desk: decisions, the queue, one report with its history, many at once, turnaround."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from schemas.changes import MAX_ITEMS, ChangeOutcome, CountyCode, RecordId, Uuid7
from schemas.findings import FindingShown
from schemas.problems import Problem
from schemas.reviews import MAX_REASONS, Decision, Review, ReviewReason
from schemas.vocabulary import Action, EntryAction, Indicator, Outcome, RecordStatus


class ReviewDecision(BaseModel):
    """What an office decides of one report, as it saw it at `position`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    change_id: Uuid7 = Field(description="Drawn by the office's page; sent again it gives the same outcome.")
    record_id: RecordId
    decision: Decision
    position: Annotated[int, Field(ge=1, strict=True)]
    reasons: Annotated[list[ReviewReason], Field(max_length=MAX_REASONS)] = Field(
        default_factory=list, description="At least one to return a report."
    )


class ReviewRequest(BaseModel):
    """Decisions on reports of one county."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    county_code: CountyCode
    decisions: Annotated[list[ReviewDecision], Field(min_length=1, max_length=MAX_ITEMS)]


class QueuedReport(BaseModel):
    """A report as the queue shows it."""

    record_id: str
    indicator: Indicator
    period: str
    township_code: str
    farm_id: str
    farm_name: str | None
    status: RecordStatus
    revision: int
    reviewed_revision: int | None = Field(description="The revision that was decided on last; null: none yet.")
    position: int = Field(description="To be named by a decision.")
    is_flagged: bool = Field(description="Whether a warning or an open finding is worth a look before it is accepted.")
    warnings: list[Problem]
    review: Review | None
    waiting_since: datetime = Field(description="When it was handed in, or handed in again.")


class ReviewQueue(BaseModel):
    """A page of the queue: flagged reports first, then those that have waited longest."""

    county_code: str
    reports: list[QueuedReport]
    total: int = Field(description="How many match the filters, on whatever page.")
    flagged: int = Field(description="How many of them are flagged.")
    after: str | None = Field(description="Ask for the next page after this; null on the last.")


class FieldDifference(BaseModel):
    """An answer that is another than in the revision that was decided on last; null: not answered."""

    field: str = Field(description="JSON Pointer below the form.")
    label_zh: str
    label_en: str
    before: Any
    now: Any


class HistoryStep(BaseModel):
    """One entry of a report's history."""

    position: int
    change_id: str = Field(description="The change that did it; the base of an amendment made on what is shown.")
    revision: int
    action: EntryAction
    by: str | None = Field(description="The display name of the office or worker; null where the account is gone.")
    recorded_at: datetime
    reason: str | None
    reasons: list[ReviewReason]


class ReviewedReport(QueuedReport):
    """A report with all that its reviewer needs."""

    payload: dict[str, Any]
    differences: list[FieldDifference] = Field(
        description="From the revision that was decided on last to the present one; empty before the first decision."
    )
    findings: list[FindingShown] = Field(description="About the report, or shown by it among others; open ones first.")
    history: list[HistoryStep]


class BulkFilter(BaseModel):
    """Which of the submitted reports are meant; what is not given does not narrow them."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    township_code: Annotated[str, Field(pattern=r"^[0-9]{9}$")] | None = None
    indicator: Indicator | None = None
    period: Annotated[str, Field(pattern=r"^[0-9]{4}(H1|Q[1-3])?$")] | None = None
    flagged: bool | None = None


class BulkRequest(BaseModel):
    """One decision on all submitted reports that a filter finds, as many as its author saw."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    request_id: Uuid7 = Field(description="Sent again with it, the same reports get the same outcome.")
    decision: Literal[Action.ACCEPT, Action.RETURN]
    filter: BulkFilter
    expected_count: Annotated[int, Field(ge=1, strict=True)]
    reason: Annotated[str, Field(min_length=1, max_length=500, pattern=r"\S")] | None = Field(
        default=None, description="Needed to return; of the reports as a whole."
    )
    include_flagged: bool = Field(
        default=False, description="Accept those too whose warnings or findings are worth a look."
    )


class BulkAnswer(BaseModel):
    """What became of the reports; those that were not taken are named."""

    counts: dict[Outcome, int]
    replayed: int = Field(description="How many of them had been decided by this very request before.")
    not_taken: list[ChangeOutcome]


class TurnaroundRow(BaseModel):
    """How long the reports of a place waited for their decision; of offices, never of persons."""

    region_code: str
    decided: int
    waiting: int = Field(description="Reports that wait for a decision now.")
    median_days: Decimal | None = Field(description="Half of the decisions took at most so many days.")
    p90_days: Decimal | None = Field(description="Nine of ten decisions took at most so many days.")
    oldest_waiting_since: datetime | None


class Turnaround(BaseModel):
    """The turnaround of a county's bureau, as a whole and by township."""

    county: TurnaroundRow
    townships: list[TurnaroundRow]
