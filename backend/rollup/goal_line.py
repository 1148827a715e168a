"""One figure and its goal: how sums are read as a rate, change or flow, and what a goal is held against. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import assert_never

from backend.rollup.goals import Goal, change_state, compare_other, cumulative_state, rate_state
from backend.rollup.parts import NOTHING, NOTHING_FILED, FiledSums, IndicatorSums, Part
from schemas.decimals import EXACT, WIDE, plain, plain_or_none, quotient, rounded
from schemas.indicators.catalogue import CATALOGUE
from schemas.period import Period
from schemas.summaries import FiledFigure, FilingStanding, GoalShown, OtherGoalShown, ViewFigure
from schemas.vocabulary import FigureKind, FilingState, GoalState, GoalType

HUNDRED = Decimal(100)
FLOW_STARTS = {spec.indicator: spec.start_year for spec in CATALOGUE.values() if spec.start_year is not None}
"""From which year on each flow is summed."""

NO_FILINGS = dict.fromkeys(FilingState, 0)


def filing_standing(kind: FigureKind, filed: FiledSums, counties: int) -> FilingStanding:
    """Return what `counties` have filed: what is official, what is pending, and how many have filed nothing."""
    if filed is NOTHING_FILED:
        return _nothing_filed(counties)
    moved = sum(filed.states.values())
    states = {**NO_FILINGS, **filed.states, FilingState.OPEN: counties - moved}
    return FilingStanding(
        state=next((state for state, count in states.items() if count), FilingState.OPEN),
        counties=states,
        official=_filed_figure(kind, filed.official),
        pending=_filed_figure(kind, filed.pending),
        missing=counties - moved,
    )


@cache
def _nothing_filed(counties: int) -> FilingStanding:
    states = NO_FILINGS | {FilingState.OPEN: counties}
    return FilingStanding(state=FilingState.OPEN, counties=states, official=None, pending=None, missing=counties)


def _filed_figure(kind: FigureKind, part: Part) -> FiledFigure | None:
    if not part.counties:
        return None
    rate = rate_of(part) if kind is FigureKind.RATE else None
    return FiledFigure(
        numerator=plain_or_none(part.numerator),
        denominator=plain_or_none(part.denominator),
        rate=plain_or_none(rate),
        rate_percent=None if rate is None else plain(percent(rate)),
        counties=part.counties,
    )


@dataclass(frozen=True, slots=True)
class GoalLine:
    """How the sums of one kind of figure are read, and held against a goal."""

    kind: FigureKind
    goal: Goal | None
    period: Period

    def view(self, part: Part, compared: Part, held: Part) -> ViewFigure:
        """Return one view of a figure.

        `compared` matters to a change alone, `held` to a flow alone: what of it lies in the years of its goal.
        """
        if part is compared is held is NOTHING:
            return NO_FIGURES[self.kind]
        match self.kind:
            case FigureKind.RATE:
                state = rate_state(part.numerator, part.denominator, self.goal, self.period)
                return _view(part, part, rate_of(part), state)
            case FigureKind.CHANGE:
                state = change_state(compared.numerator, compared.denominator, self.goal, self.period)
                amount = plain_or_none(part.numerator)
                return _view(part, compared, _change(compared), state, amount, compared.counties)
            case FigureKind.CUMULATIVE:
                return _view(part, part, None, cumulative_state(held.numerator, self.goal, self.period))
            case kind:
                assert_never(kind)

    def distance_points(self, sums: IndicatorSums) -> str | None:
        """Return headline minus goal in percentage points, rounded; None for a flow."""
        rate = _change(sums.compared) if self.kind is FigureKind.CHANGE else rate_of(sums.headline)
        points = points_between(rate, self.goal.value if self.goal else None)
        return None if points is None else plain(rounded(points, 2))

    def distance_amount(self, held: IndicatorSums) -> str | None:
        """Return a flow's sum over the years of its goal minus the goal, in its unit; None for every other kind."""
        amount = held.headline.numerator
        if self.kind is not FigureKind.CUMULATIVE or self.goal is None or amount is None:
            return None
        return plain(EXACT.subtract(amount, self.goal.value))


def _view(
    part: Part,
    terms: Part,
    rate: Decimal | None,
    state: GoalState,
    amount: str | None = None,
    compared_counties: int | None = None,
) -> ViewFigure:
    return ViewFigure(
        numerator=plain_or_none(terms.numerator),
        denominator=plain_or_none(terms.denominator),
        rate=plain_or_none(rate),
        rate_percent=None if rate is None else format(percent(rate), "f"),
        amount=amount,
        state=state,
        reports=part.reports,
        counties=part.counties,
        compared_counties=compared_counties,
    )


NO_FIGURES: Mapping[FigureKind, ViewFigure] = {
    kind: _view(NOTHING, NOTHING, None, GoalState.NO_DATA, compared_counties=0 if kind is FigureKind.CHANGE else None)
    for kind in FigureKind
}
"""The view of counties that have nothing, whatever the goal: the same for all of them."""


def _change(compared: Part) -> Decimal | None:
    """Return (amount - base) / base; None where no county has both."""
    if compared.numerator is None or not compared.denominator:
        return None
    return quotient(EXACT.subtract(compared.numerator, compared.denominator), compared.denominator)


def percent(rate: Decimal) -> Decimal:
    """Return a share in percent, rounded once to two decimals."""
    return rounded(WIDE.multiply(rate, HUNDRED), 2)


def rate_of(part: Part) -> Decimal | None:
    """Return numerator / denominator, unrounded; None where either is missing or nothing is divided by."""
    if part.numerator is None or part.denominator is None:
        return None
    return quotient(part.numerator, part.denominator)


def points_between(one: Decimal | None, other: Decimal | None) -> Decimal | None:
    """Return one share minus another in percentage points, unrounded; None where either is missing."""
    if one is None or other is None:
        return None
    return WIDE.multiply(WIDE.subtract(one, other), HUNDRED)


def held_sums(sums: IndicatorSums, goal: Goal | None) -> IndicatorSums:
    """Return what a goal is held against: of a flow the years from its first on, of all else the figure itself."""
    if goal is None or goal.type is not GoalType.CUMULATIVE_AMOUNT:
        return sums
    if goal.valid_from <= FLOW_STARTS.get(goal.indicator, goal.valid_from):
        return sums
    return sums.since.get(goal.valid_from, IndicatorSums())


def other_goal(goal: Goal, region_code: str, held: IndicatorSums, period: Period) -> OtherGoalShown:
    """Return a goal of another scope beside what `held_sums` gives for it."""
    compared = compare_other(goal, held.headline.numerator, FLOW_STARTS.get(goal.indicator), period)
    return OtherGoalShown(
        **goal_shown(goal, region_code).model_dump(),
        valid_from=goal.valid_from,
        amount=plain_or_none(compared.amount),
        share_percent=None if compared.share is None else format(percent(compared.share), "f"),
        at_least=compared.at_least,
        state=compared.state,
        reason=compared.reason,
    )


def goal_shown(goal: Goal, region_code: str) -> GoalShown:
    """Return a goal as it is held against a region; one set for a region above is a reference line."""
    return GoalShown(
        region_code=goal.region_code,
        scope=goal.scope,
        type=goal.type,
        value=plain(goal.value),
        unit=goal.unit,
        due_year=goal.due_year,
        source=goal.source,
        status=goal.status,
        department=goal.department,
        assigned=goal.region_code == region_code,
    )
