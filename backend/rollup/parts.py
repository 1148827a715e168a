"""What is summed of an indicator over some counties: parts that add up wherever the counties are disjoint. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from schemas.decimals import EXACT
from schemas.vocabulary import FilingState, Indicator, RecordStatus


@dataclass(frozen=True, slots=True)
class Part:
    """A numerator and denominator over some counties; None where no county has any."""

    numerator: Decimal | None = None
    denominator: Decimal | None = None
    reports: int = 0
    counties: int = 0

    def plus(self, other: "Part") -> "Part":
        """Return the sum of two disjoint parts."""
        return Part(
            _add(self.numerator, other.numerator),
            _add(self.denominator, other.denominator),
            self.reports + other.reports,
            self.counties + other.counties,
        )


NOTHING = Part()
"""Of counties that have nothing: most of the nation, while a year begins."""


@dataclass(frozen=True, slots=True)
class FiledSums:
    """What some counties have filed, as it was frozen: what is accepted or published, what is on its way, and where."""

    official: Part = NOTHING
    pending: Part = NOTHING
    states: Mapping[FilingState, int] = field(default_factory=dict)

    def plus(self, other: "FiledSums") -> "FiledSums":
        """Return the sums over two disjoint sets of counties."""
        states = self.states.keys() | other.states.keys()
        return FiledSums(
            self.official.plus(other.official),
            self.pending.plus(other.pending),
            {state: self.states.get(state, 0) + other.states.get(state, 0) for state in states},
        )


NOTHING_FILED = FiledSums()


@dataclass(frozen=True, slots=True)
class IndicatorSums:
    """What one row holds for one series of an indicator.

    The compared parts have the period's amount as numerator and the base as denominator, over counties with both.
    """

    headline: Part = NOTHING
    farm: Part = NOTHING
    statement: Part = NOTHING
    both_farm: Part = NOTHING
    both_statement: Part = NOTHING
    compared: Part = NOTHING
    compared_farm: Part = NOTHING
    compared_statement: Part = NOTHING
    by_status: Mapping[RecordStatus, int] = field(default_factory=dict)
    flagged: int = 0
    since: Mapping[int, "IndicatorSums"] = field(default_factory=dict)
    """Of a flow: its sums from a later year on than its own first, by that year."""
    filed: FiledSums = NOTHING_FILED

    def plus(self, other: "IndicatorSums") -> "IndicatorSums":
        """Return the sums over two disjoint sets of counties."""
        statuses = self.by_status.keys() | other.by_status.keys()
        return IndicatorSums(
            self.headline.plus(other.headline),
            self.farm.plus(other.farm),
            self.statement.plus(other.statement),
            self.both_farm.plus(other.both_farm),
            self.both_statement.plus(other.both_statement),
            self.compared.plus(other.compared),
            self.compared_farm.plus(other.compared_farm),
            self.compared_statement.plus(other.compared_statement),
            {status: self.by_status.get(status, 0) + other.by_status.get(status, 0) for status in statuses},
            self.flagged + other.flagged,
            {
                year: self.since.get(year, IndicatorSums()).plus(other.since.get(year, IndicatorSums()))
                for year in self.since.keys() | other.since.keys()
            },
            self.filed.plus(other.filed),
        )


RowSums = dict[tuple[str, Indicator, str], IndicatorSums]
"""(row code, indicator, series) -> sums; counts of reports stand with the headline series."""


def _add(one: Decimal | None, other: Decimal | None) -> Decimal | None:
    if one is None or other is None:
        return other if one is None else one
    return EXACT.add(one, other)
