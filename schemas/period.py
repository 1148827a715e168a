"""Statistical periods: a year, or a part of it that is cumulative to date and never added to the year."""

import re
from dataclasses import dataclass
from datetime import timedelta, timezone

CHINA_STANDARD_TIME = timezone(timedelta(hours=8), "CST")
"""The zone of every period boundary, whatever the server's zone is."""

BASE_YEAR = 2020
"""The year that a reduction is held against. Convention: the last year before the plan."""

PERIOD_PATTERN = r"^20[0-9]{2}(H1|Q[1-4])?$"
_PERIOD = re.compile(PERIOD_PATTERN, re.ASCII)


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """A year such as `2025`, or a part such as `2025H1` or `2025Q3`."""

    year: int
    part: str = ""

    @classmethod
    def parse(cls, text: str) -> "Period | None":
        """Return the period that `text` spells, or None."""
        return cls(int(text[:4]), text[4:]) if _PERIOD.fullmatch(text) else None

    def __str__(self) -> str:
        return f"{self.year}{self.part}"

    @property
    def is_year(self) -> bool:
        """Whether this is a whole year."""
        return not self.part
