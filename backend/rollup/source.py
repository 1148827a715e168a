"""Where sums are read from: the tables as they stand, or what was rebuilt for another moment, under the same names."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import TextClause, text


@dataclass(frozen=True, slots=True)
class Source:
    """Queries that stand in for tables of the same name, and their parameters; without any, the tables are read.

    A common table expression hides the table of its name, so that every statement of the summaries reads another
    moment without a word of it being changed: one arithmetic for what is and for what was.
    """

    queries: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Any] = field(default_factory=dict)
    """Parameters of the queries; their names begin with `at_`."""

    def over(self, statement: str) -> TextClause:
        """Return a statement that reads from here."""
        named = [name for name in self.queries if re.search(rf"\b{name}\b", statement)]
        if not named:
            return text(statement)
        before = ", ".join(f"{name} AS ({self.queries[name]})" for name in named)
        body = statement.lstrip()
        return text(f"WITH {before}, {body[4:]}" if body.startswith("WITH ") else f"WITH {before} {body}")


STORED = Source()
