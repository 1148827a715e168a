"""The wire models of a figure explained: what it is, what it was made of, and on which ledger positions it rests."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from schemas.summaries import (
    Exact,
    FiledFigure,
    FilingStanding,
    GoalShown,
    LedgerDigest,
    MeasureFigure,
    OtherGoalShown,
    QuantitySum,
    RegionName,
    SeriesFigure,
    ViewFigure,
    WireModel,
)
from schemas.vocabulary import (
    EntryAction,
    FigureKind,
    FilingAction,
    FilingState,
    GoalState,
    Indicator,
    Level,
    RecordStatus,
    Role,
    SourceStatus,
    Standing,
    Unit,
    View,
)


class Words(WireModel):
    """The same in both languages."""

    zh: str
    en: str


class TermLabel(Words):
    """What a term of the figure is called and counted in."""

    unit: Unit


class FilingPoint(WireModel):
    """A filing that a figure is rebuilt from: the step that was asked for, and the positions frozen behind it."""

    region_code: str
    step_id: str
    number: int
    action: FilingAction
    state: FilingState
    role: Role
    office: str
    taken_at: datetime
    frozen_by: str = Field(description="The step that filed, whose positions are used.")
    positions: dict[str, int]
    agrees: bool = Field(description="Whether the figure rebuilt equals the one frozen then, term by term.")


class Basis(WireModel):
    """What the figure was read or rebuilt from."""

    kind: Literal["stored", "moment", "filing", "published"]
    zh: str
    en: str
    moment: datetime = Field(description="The moment that the figure is told of.")
    as_of: str | None = Field(description="As asked; null for the figure as it stands.")
    coefficient_versions: list[int]
    goal_version: int
    baseline_version: int
    filings: list[FilingPoint]


class ToGoal(WireModel):
    """The goal in amounts: what it asks for, and how much is lacking or to spare, exact."""

    required: Exact = Field(description="The least amount, or of a use that must not rise the greatest.")
    actual: Exact
    shortfall: Exact = Field(description="What is lacking, or used too much; 0 where the goal is met.")
    margin: Exact = Field(description="What is to spare; 0 where it is not met.")
    unit: Unit
    state: GoalState


class FormulaShown(WireModel):
    """The formula in words."""

    version: str
    zh: str
    en: str
    source: str
    status: SourceStatus


class CoefficientUsed(WireModel):
    """A coefficient that went into the figure of at least one county."""

    name: str
    zh: str
    en: str
    subject: str
    subject_zh: str
    subject_en: str
    region_code: str
    region_name: str
    year: int
    value: Exact
    unit: str
    source: str
    status: SourceStatus
    version: int
    counties: int = Field(description="How many ledgers' figures used it.")


class Contribution(WireModel):
    """What a region below adds to the figure."""

    region_code: str
    region_name: str
    numerator: Exact | None
    denominator: Exact | None
    rate_percent: Exact | None
    share_percent: Exact | None = Field(description="Of the numerator of the whole, rounded to two decimals.")
    reports: int
    counties: int = Field(description="How many counties are in it; 0 for a township.")
    filing: FilingState | None = Field(description="The lowest state of its counties; null for a township.")


class Contributions(WireModel):
    """The figure by the regions below: they add up to it together with `remainder`."""

    view: Literal["headline", "farm"] = Field(
        description="What they add up to: the headline; below a county the field sum, as statements know no townships."
    )
    rows: list[Contribution]
    remainder: Exact | None = Field(description="The numerator of the whole less those of the rows.")
    zh: str
    en: str


class BridgeRow(WireModel):
    """What a region below added to the difference from last year."""

    region_code: str
    region_name: str
    before: Exact | None = Field(description="Its numerator last year.")
    after: Exact | None
    effect: Exact = Field(description="In the unit of the difference; the rows add up to it.")


class Bridge(WireModel):
    """From last year's figure to this one's."""

    period: str = Field(description="The period that it is compared with.")
    before: Exact | None = Field(description="A share, or of a flow an amount.")
    after: Exact | None
    difference: Exact | None
    numerator_effect: Exact | None = Field(description="What the numerator alone would have changed.")
    denominator_effect: Exact | None = Field(description="The rest, by the denominator; null for a flow.")
    unit: Unit
    rows: list[BridgeRow]
    zh: str
    en: str


class Scenario(WireModel):
    """The field sum over the reports of some states alone."""

    numerator: Exact | None
    denominator: Exact | None
    rate: Exact | None
    rate_percent: Exact | None
    reports: int


class Pending(WireModel):
    """What is accepted, and what the figure would be if what is pending were accepted."""

    reports: dict[RecordStatus, int]
    accepted: Scenario = Field(description="The field sum of the period over accepted reports alone.")
    if_accepted: Scenario = Field(description="The same over accepted and submitted reports.")
    official: FiledFigure | None = Field(description="Of accepted and published filings.")
    official_if_accepted: FiledFigure | None = Field(description="The same with the filings on their way.")
    zh: str
    en: str


class Revision(WireModel):
    """A change of a report that the figure is made of, by the office or role that made it; never by a person."""

    county_code: str
    position: int
    recorded_at: datetime
    action: EntryAction
    level: Level
    township_code: str
    township_name: str
    revision: int
    role: Role
    office: str | None = Field(description="The office's name; null for field workers, whose names are nobody's here.")
    deltas: list[QuantitySum] = Field(description="What it changed in the sums over live reports.")


class Revisions(WireModel):
    """Revisions, the newest first."""

    since: datetime | None = Field(description="Only what was recorded after this moment.")
    rows: list[Revision]
    next: str | None = Field(description="Give it as `revisions_before` for the next page; null on the last.")


class LedgerHeadShown(WireModel):
    """The last entry of a ledger that the figure rests on."""

    county_code: str
    position: int
    entry_hash: str
    recorded_at: datetime


class FigureValue(WireModel):
    """The figure, unrounded and as it is shown."""

    headline: ViewFigure
    views: dict[View, ViewFigure]
    series: list[SeriesFigure]
    zh: str = Field(description="In one sentence.")
    en: str


class Explanation(WireModel):
    """The answer of `/v1/figures/{region}/{indicator}/{period}/explanation`."""

    region: RegionName
    path: list[RegionName] = Field(description="From the nation down to the region.")
    indicator: Indicator
    zh: str
    en: str
    kind: FigureKind
    standing: Standing
    period: str
    basis: Basis
    value: FigureValue
    numerator: TermLabel
    denominator: TermLabel | None
    goal: GoalShown | None
    to_goal: ToGoal | None
    other_goals: list[OtherGoalShown]
    formula: FormulaShown
    sums: list[QuantitySum]
    measures: list[MeasureFigure]
    coefficients: list[CoefficientUsed]
    contributions: Contributions
    bridge: Bridge
    pending: Pending | None = Field(description="Null without a sign-in: only what is published is told.")
    filing: FilingStanding
    revisions: Revisions
    ledgers: list[LedgerHeadShown]
    ledger: LedgerDigest
    statement: str | None = Field(
        description="Where the signed statement of the published figure is; null before, and without a sign-in."
    )
    demo: bool
