"""Quantiles of Student's t for whole degrees of freedom. Pure.

The distribution has a closed form there: Abramowitz and Stegun, Handbook of Mathematical Functions, 26.7.3 and 26.7.4.
"""

from math import atan, cos, inf, nan, pi, sin, sqrt

STEPS = 200
"""Halvings of the span; it is as fine as a float long before."""


def central_share(t: float, df: int) -> float:
    """Return how much of the distribution with `df` >= 1 degrees of freedom lies between -t and t; t >= 0."""
    theta = atan(t / sqrt(df))
    cosine = cos(theta)
    if df % 2:
        term, series = cosine, 0.0
        for power in range(1, df - 1, 2):
            series += term
            term *= cosine * cosine * (power + 1) / (power + 2)
        return 2 / pi * (theta + sin(theta) * series)
    term, series = 1.0, 0.0
    for power in range(0, df, 2):
        series += term
        term *= cosine * cosine * (power + 1) / (power + 2)
    return sin(theta) * series


def two_sided(confidence: float, df: int) -> float:
    """Return the t that leaves `1 - confidence` outside -t and t; NaN without a degree of freedom."""
    if df < 1:
        return nan
    low, high = 0.0, 1.0
    while central_share(high, df) < confidence:
        high *= 2
        if high == inf:
            return inf
    for _ in range(STEPS):
        middle = (low + high) / 2
        if central_share(middle, df) < confidence:
            low = middle
        else:
            high = middle
    return (low + high) / 2
