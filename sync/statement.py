"""Statements of the push: named parameters in the text, run by the driver itself.

A push runs a handful of statements very often. The driver keeps each prepared; nothing is compiled, cached or wrapped
per call, which took more time than the statements themselves.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Protocol

import orjson

NAME = re.compile(r"(?<![:\w]):([a-z_][a-z0-9_]*)")
"""A parameter `:name`; a cast `::type` is none."""


class Connection(Protocol):
    """What runs statements: a connection of the driver, or its pool for one statement by itself."""

    async def fetch(self, query: str, *args: Any) -> list[Any]:
        """Run a statement and return its rows."""


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement as the driver takes it, and the order of its parameters."""

    sql: str
    names: tuple[str, ...]

    @classmethod
    def of(cls, text: str) -> "Statement":
        """Return the statement of a text with `:name` parameters; a name may stand in several places."""
        names = tuple(dict.fromkeys(NAME.findall(text)))
        numbers = {name: f"${number}" for number, name in enumerate(names, 1)}
        return cls(NAME.sub(lambda found: numbers[found[1]], text), names)

    async def rows(self, connection: Connection, **values: Any) -> list[Any]:
        """Run the statement and return its rows. Raises KeyError for a parameter without a value."""
        return await connection.fetch(self.sql, *[values[name] for name in self.names])


def as_json(rows: Iterable[Any]) -> str:
    """Return rows as the JSON array that `jsonb_to_recordset` reads."""
    return orjson.dumps(list(rows)).decode()
