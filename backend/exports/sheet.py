"""A table on its way out: columns that know their names and units, rows of exact values, and their digest. Pure."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

import orjson

from schemas.decimals import plain

Value = str | int | Decimal | None
"""A text, a count, an exact amount, or nothing."""

FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r", "\n")
"""What a spreadsheet takes for the beginning of a formula when it opens a text file."""


class Kind(StrEnum):
    """How the values of a column are to be read."""

    TEXT = "text"
    COUNT = "count"
    AMOUNT = "amount"
    PERCENT = "percent"
    """Percent or percentage points, as such: 86.42 and not 0.8642."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its identifier in files for programs, its head for people, and what its numbers count."""

    name: str
    zh: str
    en: str
    kind: Kind = Kind.TEXT
    unit: tuple[str, str] | None = None
    group: str = ""
    """The head that it shares with its neighbours on a printed form."""
    printed: bool = True
    """Whether it stands on a form for people too, or in files for programs alone."""

    @property
    def head(self) -> str:
        """The whole head in Chinese with its unit: alone, without the heads beside it, it must be understood."""
        named = f"{self.group}：{self.zh}" if self.group else self.zh
        return named if self.unit is None else f"{named}（{self.unit[0]}）"

    @property
    def description(self) -> str:
        """The head in both languages with the unit."""
        unit = "" if self.unit is None else f" ({self.unit[1]})"
        return f"{self.head} · {self.en}{unit}"


def exact(value: Value) -> str | int | None:
    """Return a value as it stands in the digest and in JSON: amounts as exact strings."""
    return plain(value) if isinstance(value, Decimal) else value


def neutral(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula: names are typed by people, and not all mean well."""
    return f"'{text}" if text.startswith(FORMULA_SIGNS) else text


@dataclass(slots=True)
class RowDigest:
    """SHA-256 over data rows as compact JSON arrays of exact values, each ended by a newline; and their number."""

    rows: int = 0
    _hash: "hashlib._Hash" = field(default_factory=hashlib.sha256)

    def add(self, rows: Iterable[Sequence[Value]]) -> None:
        """Take rows in, in their order."""
        for row in rows:
            self._hash.update(orjson.dumps([exact(value) for value in row], option=orjson.OPT_APPEND_NEWLINE))
            self.rows += 1

    @property
    def hex(self) -> str:
        """The digest of what was taken in so far."""
        return self._hash.hexdigest()
