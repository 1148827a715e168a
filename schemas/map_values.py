"""The wire model of a map's values: one indicator over all rows of a region, in columns."""

from typing import Annotated

from pydantic import Field

from schemas.summaries import Exact, GoalShown, RegionName, WireModel
from schemas.vocabulary import FigureKind, FigureView, FilingState, GoalState, Indicator, RegionLevel

Value = Annotated[
    str,
    Field(
        description="A share or change in percent, rounded once, half-even, to two decimals; of a flow the amount.",
        examples=["85.50"],
    ),
]


class ValueShown(WireModel):
    """One value: what it is, where it stands against its goal, and how many counties stand behind it."""

    value: Value | None
    state: GoalState
    goal: int | None = Field(description="Which of `goals` it is held against; null where none is set.")
    distance: Exact | None = Field(
        description="Value minus goal: in percentage points, rounded to two decimals; of a flow the exact amount."
    )
    counties: int = Field(description="Counties that have a figure in this view.")
    of: int = Field(description="All counties of the row.")


class MapValues(WireModel):
    """The answer of `/v1/map/values`. All lists but `goals` have one element a row, in the order of `codes`."""

    indicator: Indicator
    kind: FigureKind
    unit: str = Field(description="`%`, or the unit of a flow.")
    period: str
    view: FigureView = Field(description="What was read; without a sign-in always `published`.")
    level: RegionLevel
    region: RegionName
    total: ValueShown
    goals: list[GoalShown] = Field(description="Every goal that a value is held against, each once.")
    codes: list[str] = Field(description="Ascending. A county without a tier of the wanted level stands for itself.")
    values: list[Value | None]
    states: list[GoalState]
    goal: list[int | None]
    distances: list[Exact | None]
    counties: list[int]
    of: list[int]
    filings: list[FilingState] = Field(
        description="The lowest state of the row's counties; without a sign-in `open` says that not all is published."
    )
    silent: list[int] = Field(
        description="1: neither a statement nor a report of the period; without a sign-in, nothing published."
    )
    findings: list[int] | None = Field(description="Open findings of the indicator and period; null without a sign-in.")
    demo: bool


class YearValue(ValueShown):
    """The value of one year."""

    period: str
    numerator: Exact | None
    denominator: Exact | None
    filing: FilingState = Field(description="The lowest state of the counties of that year.")


class Trend(WireModel):
    """The answer of `/v1/summaries/{region_code}/trend`."""

    region: RegionName
    indicator: Indicator
    kind: FigureKind
    unit: str = Field(description="`%`, or the unit of a flow, which is summed from its first year on.")
    view: FigureView
    goals: list[GoalShown]
    years: list[YearValue] = Field(description="Ascending; a year in which the region had no such code is left out.")
    demo: bool
