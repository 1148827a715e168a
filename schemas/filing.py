"""The wire models of filing: steps and exceptions as offices ask for them, filings and drafts as they are answered."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from schemas.changes import AwareTime, Uuid7
from schemas.problems import Problem
from schemas.summaries import Exact, RegionName, WireModel
from schemas.vocabulary import Action, FilingAction, FilingState, Indicator, Level, RecordStatus, Role, Unit, View

MAX_TEXT = 2_000
ReasonText = Annotated[str, Field(min_length=1, max_length=MAX_TEXT)]

WHOLE_STATEMENT = ""
"""The key of the reason that stands for a statement without any accepted report behind it."""


class Asked(BaseModel):
    """Base of everything asked."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class ReturnReason(Asked):
    """Why a filing is returned; `field` is a JSON Pointer into the statement, or null for the whole of it."""

    field: Annotated[str, Field(max_length=200)] | None = None
    text: ReasonText


class StepAsked(Asked):
    """One step of a filing. `seen` is the state that the office saw when it decided."""

    step_id: Uuid7
    seen: FilingState
    explanation: Annotated[str, Field(max_length=MAX_TEXT)] | None = Field(
        default=None, description="Needed to file again what was returned."
    )
    reasons: Annotated[list[ReturnReason], Field(max_length=100)] = Field(
        default_factory=list, description="Of a return: at least one."
    )
    differences: dict[str, ReasonText] = Field(
        default_factory=dict,
        description="Of a filing: the reason for each quantity that differs from the accepted reports, by the `key` of "
        'the draft; `""` where no report has been accepted.',
    )


class ExceptionAsked(Asked):
    """Let late changes in until a moment."""

    exception_id: Uuid7
    until: AwareTime
    reason: ReasonText


class FigureTerms(WireModel):
    """A figure as it was frozen: of one ledger, view and series."""

    county_code: str
    view: View
    series: str
    numerator: Exact | None
    denominator: Exact | None
    n: int
    formula: str
    coefficient_version: int


class Difference(WireModel):
    """A quantity of the statement beside the sum of the accepted reports."""

    key: str = Field(description="`<subject>/<quantity>`; the key of its reason.")
    zh: str
    en: str
    unit: Unit
    stated: Exact
    accepted: Exact
    reason: str | None = None


class StepTaken(WireModel):
    """A step as it was recorded."""

    step_id: str
    number: int
    action: FilingAction
    role: Role
    office: str
    from_state: FilingState
    to_state: FilingState
    explanation: str | None
    reasons: list[ReturnReason]
    differences: list[Difference]
    positions: dict[str, int] = Field(description="{ledger: position} at that moment, under the ledger's lock.")
    statement_id: str | None
    statement_revision: int | None
    figure: list[FigureTerms]
    taken_at: datetime


class ExceptionGranted(WireModel):
    """An exception as it was recorded."""

    exception_id: str
    role: Role
    office: str
    reason: str
    until: datetime
    granted_at: datetime


class FilingName(WireModel):
    """Which filing, and where it stands."""

    region: RegionName
    indicator: Indicator
    period: str
    state: FilingState
    returned: bool = Field(description="Whether it was returned since it was last accepted.")
    moved_at: datetime | None = Field(description="When the last step was taken; null before the first.")


class FilingShown(FilingName):
    """A filing with all its steps. What it froze is null while it is open."""

    holder: Role = Field(description="The tier that acts next.")
    actions: list[FilingAction] = Field(description="The steps that the caller may take now.")
    positions: dict[str, int] | None
    statement_id: str | None
    statement_revision: int | None
    figure: list[FigureTerms]
    steps: list[StepTaken]
    exceptions: list[ExceptionGranted]
    held: int = Field(description="How many late changes lie held.")
    replayed: bool = Field(default=False, description="Whether the step had been taken before by this very request.")


class FilingPage(WireModel):
    """The filings of all counties of a region, by county and indicator."""

    region: RegionName
    period: str
    counts: dict[Indicator, dict[FilingState, int]] = Field(description="Counties by state; together all counties.")
    filings: list[FilingName]
    after: str | None = Field(description="Ask for the next page after this; null on the last.")


class HeldChange(WireModel):
    """A late change that a filing keeps out; without anything personal."""

    change_id: str
    county_code: str
    record_id: str
    action: Action
    level: Level | None
    township_code: str | None
    received_at: datetime
    captured_at: str
    fields: list[str] = Field(description="JSON Pointers of what it sets; empty for a create and a withdrawal.")


class HeldPage(WireModel):
    """The late changes of a filing, by when they were received."""

    locked: bool
    open_until: datetime | None = Field(description="Until when an exception lets changes in.")
    total: int
    changes: list[HeldChange]


class DraftValue(WireModel):
    """A field of the county form that follows from the accepted reports."""

    field: str = Field(description="JSON Pointer below the payload.")
    key: str
    zh: str
    en: str
    unit: Unit
    accepted: Exact
    stated: Exact | None = Field(description="As the statement has it now; null where there is none.")


class StatementDraft(WireModel):
    """What a county statement would say by its accepted reports, beside what it says."""

    region: RegionName
    indicator: Indicator
    period: str
    reports: int = Field(description="How many accepted reports stand behind it.")
    payload: dict[str, Any] = Field(description="The form with all that follows; what does not is left out.")
    values: list[DraftValue]
    statement_id: str
    statement_revision: int | None
    statement_change_id: str | None = Field(description="The base of an amendment made on what is shown.")
    statement: dict[str, Any] | None = Field(description="The payload of the present statement.")
    differences: list[Difference]


class IndicatorReadiness(WireModel):
    """What one indicator still needs before it is filed."""

    indicator: Indicator
    zh: str
    en: str
    state: FilingState
    reports: dict[RecordStatus, int]
    silent_townships: list[RegionName] = Field(description="Townships without any live report of the period.")
    statement: bool
    differences: list[Difference]
    flagged_reports: int = Field(description="Live reports with at least one warning.")
    open_findings: int = Field(description="Findings that nobody has explained or dismissed.")
    held: int = Field(description="Late changes that the filing keeps out.")
    missing: list[Problem]
    ready: bool = Field(description="Whether nothing is missing that would stop or embarrass a filing.")


class Readiness(WireModel):
    """What a county still has to do before it files a period; `text` can be pasted into a message."""

    region: RegionName
    period: str
    ready: int
    indicators: list[IndicatorReadiness]
    text: dict[str, str] = Field(description="By language: zh and en.")
