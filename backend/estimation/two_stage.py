"""The ratio estimate of a stratified two-stage sample, villages first and households within them. Pure.

Simple random sampling without replacement at both stages. With N_h villages in stratum h of which n_h were drawn, M_i
households in village i of which m_i were asked, and d = y - R x:

    R = sum_h N_h/n_h sum_i M_i mean_i(y)  /  the same of x
    V = sum_h [ N_h^2 (1 - n_h/N_h) s_h^2 / n_h  +  N_h/n_h sum_i M_i^2 (1 - m_i/M_i) s_i^2 / m_i ]  /  X^2

where s_h^2 is the variance of M_i mean_i(d) between villages and s_i^2 that of d within one, and X is the denominator
of R. Cochran, Sampling Techniques (3rd ed.), chapter 11; Lohr, Sampling: Design and Analysis (2nd ed.), chapter 5.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import fsum, isnan, nan, sqrt

from backend.estimation.student import two_sided

CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True)
class Household:
    """What one sampled household says: numerator and denominator, in t."""

    y: float
    x: float


@dataclass(frozen=True, slots=True)
class Village:
    """One sampled village: how many households it has, and those that were asked."""

    stratum: str
    households: int
    asked: Sequence[Household]


@dataclass(frozen=True, slots=True)
class Sample:
    """The villages that were drawn, and how many each stratum has, drawn or not. Every village has at least one answer.

    Raises ValueError where more was sampled than there is.
    """

    villages: Sequence[Village]
    strata: Mapping[str, int]

    def __post_init__(self) -> None:
        for village in self.villages:
            if not 1 <= len(village.asked) <= village.households:
                raise ValueError("a village has fewer households than were asked, or none was")
        for stratum, drawn in self.by_stratum.items():
            if len(drawn) > self.strata[stratum]:
                raise ValueError("a stratum has fewer villages than were drawn")

    @property
    def by_stratum(self) -> Mapping[str, list[Village]]:
        """The drawn villages of each stratum."""
        found: dict[str, list[Village]] = {}
        for village in self.villages:
            found.setdefault(village.stratum, []).append(village)
        return found


@dataclass(frozen=True, slots=True)
class RatioEstimate:
    """A ratio, its standard error and its 95 % interval; the error is NaN where the sample cannot tell it."""

    ratio: float
    standard_error: float
    degrees_of_freedom: int

    @property
    def margin(self) -> float:
        """Half the width of the interval; NaN where there is no error to go by."""
        return two_sided(CONFIDENCE, self.degrees_of_freedom) * self.standard_error

    @property
    def interval(self) -> tuple[float, float]:
        """The lower and the upper bound."""
        return self.ratio - self.margin, self.ratio + self.margin


class Verdict(StrEnum):
    """What an interval says of a goal: all of it at or above, all of it below, or neither."""

    MET = "met"
    BELOW = "below"
    UNDECIDED = "undecided"


def verdict(interval: tuple[float, float], goal: float) -> Verdict:
    """Return what a 95 % interval says of a floor; goals are inclusive. Without an interval nothing is decided."""
    lower, upper = interval
    if isnan(lower) or isnan(upper):
        return Verdict.UNDECIDED
    if lower >= goal:
        return Verdict.MET
    return Verdict.BELOW if upper < goal else Verdict.UNDECIDED


def ratio_estimate(sample: Sample) -> RatioEstimate | None:
    """Return the ratio of the whole; None where the denominator is 0.

    Degrees of freedom: villages less strata.
    """
    denominator = total(sample, [[one.x for one in village.asked] for village in sample.villages])
    if not denominator:
        return None
    ratio = total(sample, [[one.y for one in village.asked] for village in sample.villages]) / denominator
    residuals = [[one.y - ratio * one.x for one in village.asked] for village in sample.villages]
    error = sqrt(total_variance(sample, residuals)) / abs(denominator)
    return RatioEstimate(ratio, error, len(sample.villages) - len(sample.by_stratum))


def total(sample: Sample, values: Sequence[Sequence[float]]) -> float:
    """Return the estimated total of a value over all households; `values` are by village, in the sample's order."""
    drawn = {stratum: len(villages) for stratum, villages in sample.by_stratum.items()}
    return fsum(
        sample.strata[village.stratum] / drawn[village.stratum] * village.households * _mean(asked)
        for village, asked in zip(sample.villages, values, strict=True)
    )


def total_variance(sample: Sample, values: Sequence[Sequence[float]]) -> float:
    """Return the estimated variance of `total`; NaN where a stratum that was not drawn in full has one village."""
    by_stratum: dict[str, list[tuple[Village, Sequence[float]]]] = {}
    for village, asked in zip(sample.villages, values, strict=True):
        by_stratum.setdefault(village.stratum, []).append((village, asked))
    return fsum(_stratum_variance(sample.strata[stratum], drawn) for stratum, drawn in by_stratum.items())


def _stratum_variance(villages: int, drawn: Sequence[tuple[Village, Sequence[float]]]) -> float:
    """Return one stratum's part.

    A village where one of several households was asked hides what varies within it. The variance between villages
    holds that too, so it is then taken without its finite population correction: too large rather than too small.
    """
    totals = [village.households * _mean(asked) for village, asked in drawn]
    n = len(drawn)
    between = _variance(totals)
    if any(len(asked) == 1 < village.households for village, asked in drawn):
        return villages**2 * between / n
    first = 0.0 if n == villages else villages**2 * (1 - n / villages) * between / n
    second = fsum(
        village.households**2 * (1 - len(asked) / village.households) * _variance(asked) / len(asked)
        for village, asked in drawn
        if len(asked) < village.households
    )
    return first + villages / n * second


def _mean(values: Sequence[float]) -> float:
    return fsum(values) / len(values)


def _variance(values: Sequence[float]) -> float:
    if len(values) < 2:
        return nan
    mean = _mean(values)
    return fsum((value - mean) ** 2 for value in values) / (len(values) - 1)
