"""The wire models of summaries: what a region or basin shows for a period."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from schemas.problems import Problem
from schemas.reference.amounts import PublishedCode
from schemas.vocabulary import (
    BasinTier,
    FigureKind,
    FilingState,
    GoalState,
    GoalType,
    Indicator,
    Level,
    RecordStatus,
    RegionLevel,
    SourceStatus,
    Unit,
    View,
)

Exact = Annotated[str, Field(description="An exact decimal number as a JSON string.", examples=["1833.25"])]


class WireModel(BaseModel):
    """Base of everything answered."""

    model_config = ConfigDict(frozen=True)


class RegionName(WireModel):
    """A region by code and name."""

    code: str
    name: str
    level: RegionLevel | Literal["basin"]


class BasinMembership(WireModel):
    """A key basin that a region touches, with the closest tier of its counties."""

    code: str
    name: str
    name_en: str
    tier: BasinTier


class GoalShown(WireModel):
    """A goal as it is held against a figure."""

    region_code: str
    scope: str
    type: GoalType
    value: Exact
    unit: str
    due_year: int
    source: str
    status: SourceStatus
    department: str
    assigned: bool = Field(description="False where the goal was set for a region above: a reference line 参考线.")


class OtherGoalShown(GoalShown):
    """A goal of another scope, and what can be said of it: a state, or the reason why there is none."""

    valid_from: int
    amount: Exact | None = Field(
        description="What is held against it: the flow summed from `valid_from` to the period, in its unit."
    )
    share_percent: Exact | None = Field(description="Amount / goal, rounded once, half-even, to two decimals.")
    at_least: bool = Field(description="Whether the amount is only a part of what the goal counts.")
    state: GoalState | None = Field(
        description="Null where the figures do not tell: a part that falls short by the due year, or an unknown scope."
    )
    reason: Problem | None = Field(description="Why there is no state, or why there may be none at the due year.")


class ViewFigure(WireModel):
    """One view of a figure: the sums, the figure unrounded and rounded, and how much stands behind it."""

    numerator: Exact | None = Field(
        description="The part of a rate; of a change the amount over the compared counties; the flow summed over years."
    )
    denominator: Exact | None = Field(description="The whole of a rate; the base of a change; null for a flow.")
    rate: Exact | None = Field(
        description="Unrounded (34 digits), as a share; of a change (amount - base) / base; null for a flow."
    )
    rate_percent: Exact | None = Field(description="Rounded once, half-even, to two decimals of a percent.")
    amount: Exact | None = Field(
        default=None, description="For a change: the amount of the period over all counties, compared or not."
    )
    state: GoalState
    reports: int
    counties: int = Field(description="How many counties have a figure in this view.")
    compared_counties: int | None = Field(
        default=None, description="For a change: how many counties have both values and are compared."
    )


class SeriesFigure(WireModel):
    """A series beside the headline one, never added to it."""

    code: str
    zh: str
    en: str
    headline: ViewFigure


class FiledFigure(WireModel):
    """What counties filed, as it was frozen then: summed over their statements, then divided."""

    numerator: Exact | None = Field(description="Of a change the amount of the period, without its base.")
    denominator: Exact | None
    rate: Exact | None = Field(description="Of a rate: unrounded (34 digits), as a share.")
    rate_percent: Exact | None = Field(description="Rounded once, half-even, to two decimals of a percent.")
    counties: int


class FilingStanding(WireModel):
    """How far the counties of a row have filed; only what is accepted or published is official."""

    state: FilingState = Field(description="The lowest state of any of its counties.")
    counties: dict[FilingState, int] = Field(description="Counties by state; together all of them.")
    official: FiledFigure | None = Field(description="Of accepted and published filings; null where there is none.")
    pending: FiledFigure | None = Field(description="Of filings that are not accepted yet.")
    missing: int = Field(description="How many counties have filed nothing.")


class IndicatorSummary(WireModel):
    """One indicator of one region: the headline takes a county's statement, or its field sum until it has filed."""

    kind: FigureKind
    headline: ViewFigure
    views: dict[View, ViewFigure]
    gap_points: Exact | None = Field(
        description="Statement minus field sum in percentage points, over the counties that have both; rounded. "
        "Null for an indicator whose field reports are a sample."
    )
    goal: GoalShown | None
    other_goals: list[OtherGoalShown] = Field(description="Goals of other scopes, beside the plan's.")
    distance_points: Exact | None = Field(description="Headline minus goal in percentage points, rounded.")
    distance_amount: Exact | None = Field(default=None, description="For a flow: its sum minus the goal, in its unit.")
    series: list[SeriesFigure] = Field(description="Further series, such as pesticide as active ingredient.")
    reports: dict[RecordStatus, int]
    flagged_reports: int = Field(description="Live reports that carry at least one warning.")
    filing: FilingStanding
    warnings: list[Problem]


class RegionSummary(WireModel):
    """One row: a region and its indicators. Indicators without any report are there too, as `no_data`."""

    region: RegionName
    counties: int = Field(description="How many counties report under this region.")
    basins: list[BasinMembership]
    indicators: dict[Indicator, IndicatorSummary]


class LedgerDigest(WireModel):
    """Which state of the ledgers the figures were computed from."""

    digest: str = Field(description="SHA-256 over the RFC 8785 form of [[county, position, entry hash], ...].")
    counties: int
    entries: int


class Summary(WireModel):
    """The answer of `/v1/summaries/{region_code}`."""

    region: RegionName
    period: str
    by: RegionLevel
    total: RegionSummary
    rows: list[RegionSummary]
    ledger: LedgerDigest
    demo: bool


class QuantitySum(WireModel):
    """One summed quantity of a region, over its live reports of one level."""

    indicator: Indicator
    level: Level
    subject: str
    subject_zh: str
    subject_en: str
    quantity: str
    zh: str
    en: str
    unit: Unit
    amount: Exact
    cumulative: bool = Field(description="Whether the sum runs over all years up to the period.")


class MeasureFigure(WireModel):
    """A second figure beside an indicator's headline, such as the use per mu."""

    indicator: Indicator
    level: Level
    code: str
    zh: str
    en: str
    unit: Unit
    value: Exact = Field(description="Unrounded, 34 digits.")
    shown: Exact = Field(description="Rounded once, half-even.")
    source: str
    status: SourceStatus


class RegionMeasures(WireModel):
    """The answer of `/v1/summaries/{region_code}/measures`."""

    region_code: str
    period: str
    quantities: list[QuantitySum]
    measures: list[MeasureFigure]


class PublishedTable(WireModel):
    """A measure that a yearbook printed by province, and the years there are of it."""

    measure: PublishedCode
    zh: str
    en: str
    unit: Unit
    indicator: Indicator | None = Field(description="The indicator it stands beside; null for one that has none here.")
    years: list[int] = Field(description="Ascending.")


class PublishedAmountShown(WireModel):
    """An amount that a yearbook printed for a region, beside how it was printed."""

    measure: PublishedCode
    zh: str
    en: str
    year: int
    region_code: str
    amount: Exact
    unit: Unit
    printed_value: Exact
    printed_unit: str
    source: str
    status: SourceStatus


class BasinName(WireModel):
    """A key basin and how many counties it has by tier."""

    code: str
    name: str
    name_en: str
    source: str
    counties: dict[BasinTier, int]


class BasinSummary(WireModel):
    """The answer of `/v1/basins/{code}/summary`: the headline is the core tier, core + extended stands beside it."""

    basin: BasinName
    period: str
    core: RegionSummary
    core_and_extended: RegionSummary
    rows: list[RegionSummary]
    counties_in_scope: int = Field(description="Only counties that the account may read are summed.")
    complete: bool = Field(description="Whether all counties of the basin are in the account's scope.")
    ledger: LedgerDigest
    demo: bool
