"""Seeded draws: numbers, moments and ids that come out the same at every run of the demo."""

import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from math import exp, log
from typing import TypeVar

from schemas.identifiers import uuid7
from schemas.period import CHINA_STANDARD_TIME

T = TypeVar("T")


class Draws:
    """A stream of draws for one purpose; streams of different names do not disturb each other."""

    def __init__(self, seed: int, name: str) -> None:
        self._dice = random.Random(f"qingtian demo {seed} {name}")  # noqa: S311 - repeatable on purpose

    def between(self, low: float, high: float) -> float:
        """Return a number from a uniform distribution."""
        return self._dice.uniform(low, high)

    def around(self, mean: float, spread: float, low: float, high: float) -> float:
        """Return a number from a normal distribution, cut to [low, high]."""
        return min(high, max(low, self._dice.gauss(mean, spread)))

    def skewed(self, median: float, factor: float, low: float, high: float) -> float:
        """Return a number whose logarithm is normal: many small farms, few large ones."""
        return min(high, max(low, median * exp(self._dice.gauss(0, 1) * log(factor))))

    def whole(self, low: int, high: int) -> int:
        """Return an integer from `low` to `high`, both included."""
        return self._dice.randint(low, high)

    def chance(self, share: float) -> bool:
        """Return True with the probability `share`."""
        return self._dice.random() < share

    def one_of(self, choices: Sequence[T]) -> T:
        """Return one of the choices."""
        return self._dice.choice(choices)

    def moment(self, year: int, month: int, day: int, days: int) -> datetime:
        """Return a moment between 8:00 and 18:00, China Standard Time, within `days` days of a date."""
        start = datetime(year, month, day, 8, tzinfo=CHINA_STANDARD_TIME)
        return start + timedelta(days=self._dice.randrange(days), seconds=self._dice.randrange(36_000))

    def new_id(self, moment: datetime) -> str:
        """Return a UUIDv7 of the moment."""
        return uuid7(int(moment.timestamp() * 1000), self._dice.randbytes(10))


def wire_number(value: float, places: int) -> str:
    """Return a measured number as it travels: a JSON string without exponent."""
    text = f"{value:.{places}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
