"""Estimates from two-stage samples: a published case, two kept libraries, and 2,000 samples of a known population."""

from fractions import Fraction
from math import isnan, sqrt
from typing import Any

import numpy as np
import pytest
import statsmodels.api as sm
from scipy import stats

from backend.estimation.student import two_sided
from backend.estimation.two_stage import (
    Household,
    Sample,
    Verdict,
    Village,
    ratio_estimate,
    total,
    total_variance,
    verdict,
)

SEWING_MACHINES: tuple[tuple[int, tuple[int, ...]], ...] = (
    (50, (5, 7, 9, 0, 11, 2, 8, 4, 3, 5)),
    (65, (4, 3, 7, 2, 11, 0, 1, 9, 4, 3, 2, 1, 5)),
    (45, (5, 6, 4, 11, 12, 0, 1, 8, 4)),
    (48, (6, 4, 0, 1, 0, 9, 8, 4, 6, 10)),
    (52, (11, 4, 3, 1, 0, 2, 8, 6, 5, 3)),
    (58, (12, 11, 3, 4, 2, 0, 0, 1, 4, 3, 2, 4)),
    (42, (3, 7, 6, 7, 8, 4, 3, 2)),
    (66, (3, 6, 4, 3, 2, 2, 8, 4, 0, 4, 5, 6, 3)),
    (40, (6, 4, 7, 3, 9, 1, 4, 5)),
    (56, (6, 7, 5, 10, 11, 2, 1, 4, 0, 5, 4)),
)
"""Hours that sewing machines stood still: machines of a plant, and what those asked say; 10 of 90 plants, 4,500
machines. Scheaffer, Mendenhall and Ott, Elementary Survey Sampling, the chapter on two-stage cluster sampling."""


def of_one_stratum(villages: int, drawn: Any) -> Sample:
    """Return a sample of (households, [(y, x), ...]) villages."""
    return Sample([Village("", many, [Household(y, x) for y, x in asked]) for many, asked in drawn], {"": villages})


def machines() -> Sample:
    return of_one_stratum(90, [(many, [(hours, 1) for hours in asked]) for many, asked in SEWING_MACHINES])


def test_the_published_mean_and_variance_of_a_two_stage_sample() -> None:
    """Printed: a mean of 4.80 hours and an estimated variance of 0.037094, from rounded variances of the plants."""
    sample = machines()
    hours = [[one.y for one in village.asked] for village in sample.villages]
    assert total(sample, hours) / 4500 == pytest.approx(4.80, abs=0.005)
    assert total_variance(sample, hours) / 4500**2 == pytest.approx(0.037094, rel=2e-4)


def test_the_published_ratio_of_a_two_stage_sample_and_its_variance_by_the_textbook_formula() -> None:
    """Printed: 4.60 hours a machine where the number of machines is not known.

    The variance is not printed; it is worked out here from the book's formula for the ratio estimator of two-stage
    cluster sampling, in fractions, and by none of the code that is tested.
    """
    estimate = ratio_estimate(machines())
    assert estimate is not None
    assert estimate.ratio == pytest.approx(4.60, abs=0.005)
    assert estimate.degrees_of_freedom == 9
    assert estimate.standard_error**2 == pytest.approx(float(variance_by_the_book(90)), rel=1e-12)


def variance_by_the_book(plants: int) -> Fraction:
    """(1 - n/N) s_r^2 / (n M^2) + sum M_i^2 (1 - m_i/M_i) s_i^2 / m_i / (n N M^2), M the mean of the sampled M_i."""
    n = len(SEWING_MACHINES)
    means = [Fraction(sum(asked), len(asked)) for _, asked in SEWING_MACHINES]
    sizes = [many for many, _ in SEWING_MACHINES]
    ratio = sum(many * mean for many, mean in zip(sizes, means, strict=True)) / Fraction(sum(sizes))
    mean_size = Fraction(sum(sizes), n)
    between = sum((many * (mean - ratio)) ** 2 for many, mean in zip(sizes, means, strict=True)) / (n - 1)
    within = Fraction(0)
    for (many, asked), mean in zip(SEWING_MACHINES, means, strict=True):
        spread = sum((hours - mean) ** 2 for hours in asked) / (len(asked) - 1)
        within += many**2 * (1 - Fraction(len(asked), many)) * spread / len(asked)
    return (1 - Fraction(n, plants)) * between / (n * mean_size**2) + within / (n * plants * mean_size**2)


def test_the_published_mean_of_whole_clusters() -> None:
    """Five of a hundred suites, all four students asked: a mean grade of 2.826 with a standard error of 0.164.

    Lohr, Sampling: Design and Analysis, example 5.2: suite totals 12.16, 11.36, 8.96, 12.96, 11.08.
    """
    suites = (12.16, 11.36, 8.96, 12.96, 11.08)
    estimate = ratio_estimate(of_one_stratum(100, [(4, [(suite / 4, 1)] * 4) for suite in suites]))
    assert estimate is not None
    assert (round(estimate.ratio, 3), round(estimate.standard_error, 3)) == (2.826, 0.164)


@pytest.mark.parametrize("confidence", [0.5, 0.9, 0.95, 0.99])
def test_quantiles_are_those_of_scipy(confidence: float) -> None:
    for df in (*range(1, 41), 60, 119, 120, 500):
        assert two_sided(confidence, df) == pytest.approx(stats.t.ppf((1 + confidence) / 2, df), rel=1e-9)
    assert isnan(two_sided(confidence, 0))


def test_without_corrections_the_error_is_the_cluster_robust_one_of_statsmodels() -> None:
    """A ratio is the weighted regression of y on x through the origin, with weights w / x; its sandwich estimate over
    clusters is ours where the strata are so large that nothing is corrected."""
    random = np.random.default_rng(7)
    drawn = []
    for _ in range(12):
        x = random.uniform(1, 5, size=int(random.integers(3, 9)))
        y = 0.8 * x * random.uniform(0.8, 1.2, size=x.size)
        drawn.append((int(random.integers(50, 200)) * 10**6, list(zip(y.tolist(), x.tolist(), strict=True))))
    estimate = ratio_estimate(of_one_stratum(10**9, drawn))
    assert estimate is not None
    rows = np.array([(y, x, many / len(asked), i) for i, (many, asked) in enumerate(drawn) for y, x in asked])
    y, x, weights, clusters = rows.T
    fitted = sm.WLS(y, x, weights=weights / x).fit(
        cov_type="cluster", cov_kwds={"groups": clusters.astype(int), "use_correction": False}
    )
    assert estimate.ratio == pytest.approx(fitted.params[0], rel=1e-12)
    assert estimate.standard_error == pytest.approx(fitted.bse[0] * sqrt(12 / 11), rel=1e-6)


def test_a_census_has_no_error() -> None:
    drawn = [(2, [(1, 2), (2, 2)]), (3, [(1, 1), (0, 1), (1, 3)])]
    estimate = ratio_estimate(of_one_stratum(2, drawn))
    assert estimate is not None
    assert (estimate.ratio, estimate.standard_error) == (5 / 9, 0)


def test_strata_add_up() -> None:
    one = machines()
    both = Sample(
        [Village(stratum, v.households, v.asked) for stratum in "ab" for v in one.villages], {"a": 90, "b": 90}
    )
    single, double = ratio_estimate(one), ratio_estimate(both)
    assert single is not None
    assert double is not None
    assert double.ratio == pytest.approx(single.ratio)
    assert double.standard_error == pytest.approx(single.standard_error / sqrt(2))
    assert double.degrees_of_freedom == 18


def test_one_village_of_many_tells_no_error_and_decides_nothing() -> None:
    estimate = ratio_estimate(of_one_stratum(5, [(10, [(1, 1), (2, 2)])]))
    assert estimate is not None
    assert isnan(estimate.standard_error)
    assert verdict(estimate.interval, 0.1) is Verdict.UNDECIDED


def test_one_household_a_village_is_taken_without_the_first_correction() -> None:
    drawn = [(10, [(y, 2.0)]) for y in (1.0, 1.2, 1.6)]
    few, many = ratio_estimate(of_one_stratum(4, drawn)), ratio_estimate(of_one_stratum(10**9, drawn))
    assert few is not None
    assert many is not None
    assert few.standard_error == pytest.approx(many.standard_error)


@pytest.mark.parametrize(
    ("interval", "expected"),
    [((0.86, 0.9), "met"), ((0.8601, 0.9), "met"), ((0.85, 0.9), "undecided"), ((0.8, 0.8599), "below"),
     ((0.8, 0.86), "undecided")],
)  # fmt: skip
def test_a_goal_is_met_or_missed_by_the_whole_interval(interval: tuple[float, float], expected: str) -> None:
    assert verdict(interval, 0.86) == expected


@pytest.mark.parametrize(("villages", "households"), [(1, 5), (2, 1)])
def test_more_sampled_than_there_is_is_refused(villages: int, households: int) -> None:
    with pytest.raises(ValueError, match="fewer"):
        of_one_stratum(villages, [(households, [(1, 1), (1, 1)]), (5, [(1, 1)])])


def test_nothing_divided_by_is_no_estimate() -> None:
    assert ratio_estimate(of_one_stratum(3, [(5, [(0, 0)]), (5, [(0, 0)])])) is None


def population(random: np.random.Generator) -> list[list[tuple[np.ndarray, np.ndarray]]]:
    """Return two strata of villages, each its households' y and x; villages differ in size and in their use."""
    strata = []
    for villages, level in ((60, 0.7), (40, 0.85)):
        drawn = []
        for _ in range(villages):
            x = random.gamma(4, 0.5, size=int(random.integers(60, 180)))
            rate = np.clip(level + random.normal(0, 0.08) + random.normal(0, 0.15, size=x.size), 0, 1)
            drawn.append((rate * x, x))
        strata.append(drawn)
    return strata


def test_intervals_cover_the_truth_in_93_to_97_of_100_samples() -> None:
    """2,000 samples of 8 and 6 villages, 12 households each: more villages and households than the ledger asks for."""
    random = np.random.default_rng(20251003)
    strata = population(random)
    truth = sum(y.sum() for villages in strata for y, _ in villages) / sum(
        x.sum() for villages in strata for _, x in villages
    )
    covered = 0
    for _ in range(2000):
        sampled = []
        for number, (villages, take) in enumerate(zip(strata, (8, 6), strict=True)):
            for index in random.choice(len(villages), take, replace=False):
                y, x = villages[index]
                asked = random.choice(x.size, 12, replace=False)
                homes = [Household(float(y[one]), float(x[one])) for one in asked]
                sampled.append(Village(str(number), x.size, homes))
        estimate = ratio_estimate(Sample(sampled, {"0": 60, "1": 40}))
        assert estimate is not None
        lower, upper = estimate.interval
        covered += lower <= truth <= upper
    assert 0.93 <= covered / 2000 <= 0.97
