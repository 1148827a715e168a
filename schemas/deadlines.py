"""By when a county files a period: month and day after the period's end, by indicator and part of a year. Pure.

Defaults: the year by 31 January, for every indicator; progress on manure by quarter, at the end of April, July, October
and January. The dates of manure are the field's practice; those of the others are a convention of ours.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from schemas.period import Period
from schemas.vocabulary import Indicator

PERIOD_ENDS: Mapping[str, tuple[int, int]] = {
    "Q1": (3, 31), "H1": (6, 30), "Q2": (6, 30), "Q3": (9, 30), "Q4": (12, 31), "": (12, 31),
}  # fmt: skip
"""Parts of a year are cumulative to date."""

YEAR = "year"
PARTS = (YEAR, *(part for part in PERIOD_ENDS if part))

DEFAULTS: Mapping[str, str] = {
    "year": "01-31",
    "manure_utilisation.Q1": "04-30",
    "manure_utilisation.Q2": "07-31",
    "manure_utilisation.Q3": "10-31",
}
OFF = "off"
MONTH_DAY = re.compile(r"^(\d\d)-(\d\d)$", re.ASCII)
LEAP_YEAR = 2024


@dataclass(frozen=True)
class Deadlines:
    """What a deployment goes by: its own dates over the defaults; those of an indicator over those of all."""

    dates: Mapping[str, tuple[int, int] | None]

    @classmethod
    def parse(cls, given: Mapping[str, str]) -> "Deadlines":
        """Return the dates of `{"<part>" or "<indicator>.<part>": "MM-DD" or "off"}`. Raises ValueError."""
        dates: dict[str, tuple[int, int] | None] = {}
        for key, value in {**DEFAULTS, **given}.items():
            indicator, _, part = key.rpartition(".")
            if part not in PARTS or (indicator and indicator not in set(Indicator)):
                raise ValueError(f"{key!r} names no part of a year, or no indicator and part")
            dates[key] = None if value == OFF else _month_day(value)
        return cls(dates)

    def due(self, indicator: Indicator, period: Period) -> date | None:
        """Return the day by which a county files, the first after the period's end; None where there is none."""
        part = period.part or YEAR
        found = self.dates.get(f"{indicator}.{part}", self.dates.get(part))
        if found is None:
            return None
        end = date(period.year, *PERIOD_ENDS[period.part])
        first = _day(period.year, found)
        return first if first > end else _day(period.year + 1, found)


def _month_day(value: str) -> tuple[int, int]:
    found = MONTH_DAY.match(value)
    if found is None:
        raise ValueError(f"{value!r} is no MM-DD")
    month, day = int(found[1]), int(found[2])
    date(LEAP_YEAR, month, day)
    return month, day


def _day(year: int, month_day: tuple[int, int]) -> date:
    """Return the day of a year; 29 February is the last of February where there is none."""
    month, day = month_day
    try:
        return date(year, month, day)
    except ValueError:
        return date(year, month, day - 1)
