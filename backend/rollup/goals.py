"""Goals as data: the nearest region up the tree wins, nothing is stretched past its year. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from schemas.decimals import EXACT, ONE, quotient
from schemas.period import Period
from schemas.problems import Problem, problem
from schemas.regions import RegionTree
from schemas.vocabulary import GoalState, GoalType, Indicator, SourceStatus

PLAN_SCOPE = "national_plan_2025"
"""The scope of 《“十四五”全国清洁生产推行方案》; goals of other scopes stand beside it."""

WIDER_SCOPES: Mapping[str, tuple[str, str]] = {
    "tianjin_water_saving_2025": ("节水灌溉（含渠道防渗等）", "water-saving irrigation, canal lining included"),
}
"""Scopes that count all that the indicator counts, and more: what they count, zh and en. How any other scope compares
with the plan's is not known, and nothing is held against it."""

Span = tuple[Indicator, int]
"""(indicator, first year) of a sum that ends with the period."""


@dataclass(frozen=True, slots=True)
class Goal:
    """A goal of a plan for a region. The value of a floor is a share, that of an amount is in `unit`."""

    region_code: str
    indicator: Indicator
    scope: str
    valid_from: int
    due_year: int
    type: GoalType
    value: Decimal
    unit: str
    source: str
    status: SourceStatus
    department: str

    def covers(self, year: int) -> bool:
        """Whether the goal says anything about a year."""
        return self.valid_from <= year <= self.due_year


class Goals:
    """All goals of a deployment, by region."""

    def __init__(self, goals: Iterable[Goal]) -> None:
        self._by_place: dict[tuple[str, Indicator], list[Goal]] = {}
        for goal in goals:
            self._by_place.setdefault((goal.region_code, goal.indicator), []).append(goal)

    def of_region(self, region_code: str) -> list[Goal]:
        """Return the goals set for a region itself, of all indicators, scopes and years."""
        return [goal for (code, _), goals in self._by_place.items() if code == region_code for goal in goals]

    def nearest(self, tree: RegionTree, region_code: str, indicator: Indicator, year: int) -> Goal | None:
        """Return the plan's goal for a region and year: its own, or that of the nearest region above it."""
        return next(
            (goal for goal in self._above(tree, region_code, indicator, year) if goal.scope == PLAN_SCOPE), None
        )

    def standing(
        self, tree: RegionTree, region_code: str, indicator: Indicator, year: int
    ) -> tuple[Goal | None, list[Goal]]:
        """Return the plan's goal as `nearest` does, and those of other scopes, nearest first: shown beside it."""
        goals = list(self._above(tree, region_code, indicator, year))
        planned = next((goal for goal in goals if goal.scope == PLAN_SCOPE), None)
        return planned, [goal for goal in goals if goal.scope != PLAN_SCOPE]

    def _above(self, tree: RegionTree, region_code: str, indicator: Indicator, year: int) -> Iterator[Goal]:
        """Yield the goals that hold for a region, nearest first.

        An amount is set for a region as a whole and says nothing of its parts: it is not inherited.
        """
        for region in tree.chain(region_code):
            for goal in self._by_place.get((region.code, indicator), ()):
                is_inherited = region.code != region_code
                if goal.covers(year) and not (is_inherited and goal.type is GoalType.CUMULATIVE_AMOUNT):
                    yield goal

    def spans(self, starts: Mapping[Indicator, int], year: int) -> list[Span]:
        """Return the spans that goals of a flow are counted over in a year where they begin after the flow itself.

        `starts` says from which year on each flow is summed.
        """
        found = {
            (goal.indicator, goal.valid_from)
            for goals in self._by_place.values()
            for goal in goals
            if goal.type is GoalType.CUMULATIVE_AMOUNT
            and goal.covers(year)
            and goal.valid_from > starts.get(goal.indicator, year)
        }
        return sorted(found)

    def weaker_than_parent(self, tree: RegionTree, goal: Goal, year: int) -> list[Problem]:
        """Return a warning where a local goal asks for less than the one it replaces."""
        parent = tree[goal.region_code].parent_code if goal.region_code in tree else None
        above = self.nearest(tree, parent, goal.indicator, year) if parent else None
        if above is None or goal.type is not GoalType.FLOOR or goal.value >= above.value:
            return []
        return [problem("goal_weaker", value=percent(goal.value), parent=percent(above.value))]


def percent(share: Decimal) -> str:
    """Return a share as percent without trailing zeros."""
    return format(EXACT.multiply(share, Decimal(100)).normalize(), "f")


def change_state(amount: Decimal | None, base: Decimal | None, goal: Goal | None, period: Period) -> GoalState:
    """Return where a use stands against that of its base year: it must not rise, and may stay the same."""
    if amount is None or not base:
        return GoalState.NO_DATA
    return _state(goal, period, met=goal is not None and amount <= EXACT.multiply(EXACT.add(ONE, goal.value), base))


def cumulative_state(amount: Decimal | None, goal: Goal | None, period: Period) -> GoalState:
    """Return where a flow summed over years stands against an amount; goals are inclusive."""
    if amount is None:
        return GoalState.NO_DATA
    return _state(goal, period, met=goal is not None and amount >= goal.value)


@dataclass(frozen=True, slots=True)
class Comparison:
    """What can be said of a figure and a goal of another scope; without a state, `reason` says why there is none.

    `share` is amount / goal, unrounded. With `at_least` the amount is only a part of what the goal counts.
    """

    amount: Decimal | None = None
    share: Decimal | None = None
    at_least: bool = False
    state: GoalState | None = None
    reason: Problem | None = None


def compare_other(goal: Goal, amount: Decimal | None, start_year: int | None, period: Period) -> Comparison:
    """Return how a flow stands against an amount of another scope, in the unit of both; goals are inclusive.

    `amount` is the sum from the goal's first year to the period, None where nothing was reported; `start_year` is the
    year that the flow is summed from, None for a figure that is no flow. A part that reaches the goal has met it; one
    that does not by the due year says nothing of the whole.
    """
    wider = WIDER_SCOPES.get(goal.scope)
    if start_year is None or goal.type is not GoalType.CUMULATIVE_AMOUNT or wider is None:
        return Comparison(reason=problem("goal_scope_unknown"))
    if amount is None:
        return Comparison(state=GoalState.NO_DATA)
    reason = problem("goal_scope_wider", counted=wider[0], counted_en=wider[1])
    if goal.valid_from < start_year:
        reason = problem("goal_years_missing", first=goal.valid_from, start=start_year)
    state = cumulative_state(amount, goal, period)
    return Comparison(
        amount=amount,
        share=quotient(amount, goal.value),
        at_least=True,
        state=None if state is GoalState.BELOW else state,
        reason=None if amount >= goal.value else reason,
    )


def _state(goal: Goal | None, period: Period, *, met: bool) -> GoalState:
    if goal is None:
        return GoalState.NO_GOAL
    if period.year < goal.due_year or not period.is_year:
        return GoalState.NOT_DUE
    return GoalState.MET if met else GoalState.BELOW


def rate_state(numerator: Decimal | None, denominator: Decimal | None, goal: Goal | None, period: Period) -> GoalState:
    """Return where a rate stands against a floor, compared with the unrounded value: goals are inclusive."""
    rate = quotient(numerator, denominator) if numerator is not None and denominator is not None else None
    if rate is None:
        return GoalState.NO_DATA
    # numerator >= goal x denominator asks the same without dividing, so nothing is rounded before it is compared.
    met = (
        goal is not None
        and numerator is not None
        and denominator is not None
        and numerator >= EXACT.multiply(goal.value, denominator)
    )
    return _state(goal, period, met=met)
