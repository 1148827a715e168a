"""A sample drawn by risk that anybody can draw again: probability proportional to weight, from a seed. Pure.

Systematic sampling along a list that the seed has put in order (Madow 1949): the chances of inclusion are exactly
proportional to the weights, and certain for whatever weighs more than its step. Randomness is SHA-256 of the seed, the
same on every machine and in every version of the language.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

WHOLE = 1 << 256


@dataclass(frozen=True, slots=True)
class Drawn:
    """One of the sample: its weight, and the chance that it had."""

    key: str
    weight: int
    probability: Fraction


def draw(weights: Mapping[str, int], size: int, seed: str) -> list[Drawn]:
    """Return `size` of the keys (all, where there are no more), drawn with chances proportional to positive weights."""
    order = sorted(weights, key=lambda key: (_digest(seed, "order", key), key))
    chances = inclusion_chances(weights, size)
    start = Fraction(_digest(seed, "start", ""), WHOLE)
    drawn: list[Drawn] = []
    reached = Fraction(0)
    for key in order:
        # A key is drawn where one of start, start + 1, start + 2, ... falls into its stretch of the line.
        before, reached = reached, reached + chances[key]
        if _points_below(reached, start) > _points_below(before, start):
            drawn.append(Drawn(key, weights[key], chances[key]))
    return drawn


def inclusion_chances(weights: Mapping[str, int], size: int) -> dict[str, Fraction]:
    """Return the chance of each key; they add up to `size`, or to all. Weights must be positive."""
    chances: dict[str, Fraction] = {}
    left, places = dict(weights), size
    while left and places > 0:
        whole = sum(left.values())
        certain = [key for key, weight in left.items() if weight * places >= whole]
        if not certain:
            return chances | {key: Fraction(weight * places, whole) for key, weight in left.items()}
        for key in certain:
            chances[key] = Fraction(1)
            del left[key]
        places -= len(certain)
    return chances | {key: Fraction(0) for key in left}


def _points_below(position: Fraction, start: Fraction) -> int:
    """Return how many of start, start + 1, ... lie below a position."""
    span = position - start
    return max(0, -((-span.numerator) // span.denominator))


def _digest(seed: str, purpose: str, key: str) -> int:
    said = "\x00".join((seed, purpose, key)).encode()
    return int.from_bytes(hashlib.sha256(said).digest())
