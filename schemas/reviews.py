"""Reviews of farm reports: what an office decides, with the reasons that reach the phone."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from schemas.vocabulary import Action

MAX_REASONS = 50

Decision = Literal[Action.ACCEPT, Action.RETURN, Action.PRECHECK]


class ReviewReason(BaseModel):
    """What is to be corrected, or was remarked, of one answer or of the report as a whole."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    field: Annotated[str, Field(pattern=r"^/", max_length=200)] | None = Field(
        default=None, description="JSON Pointer of the answer below the form; null: the report as a whole."
    )
    text: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]


class Review(BaseModel):
    """The last decision on a report. Of a report that was amended since, `revision` is an earlier one than its own."""

    model_config = ConfigDict(frozen=True)

    decision: Decision
    reasons: list[ReviewReason]
    office: str = Field(description="The display name of the office that decided.")
    decided_at: datetime
    position: int = Field(description="Of the entry that decided.")
    revision: int = Field(description="Of the report, that was looked at.")
