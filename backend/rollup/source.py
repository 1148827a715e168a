"""Where sums are read from: the tables as they stand, or what was rebuilt for another moment, under the same names."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import TextClause, text

from schemas.vocabulary import FilingState

NO_COEFFICIENTS = "cast('[]' AS jsonb)"

FROZEN_FIGURES = """
    SELECT figure.county_code, filing.period, filing.indicator, figure.view, figure.series, figure.numerator,
           figure.denominator, figure.n, figure.formula, {coefficients} AS coefficients,
           figure.coefficient_version
    FROM filing CROSS JOIN LATERAL jsonb_to_recordset(filing.figure) AS figure (
        county_code text, view text, series text, numerator numeric, denominator numeric, n int, formula text,
        coefficient_version int)
    WHERE filing.state = ANY(cast(:at_states AS text[])) AND figure.view = 'statement'
      AND figure.county_code = filing.region_code
"""
"""Statements as they were frozen; the field sums that were frozen beside them are nobody's but the offices'."""

FROZEN_HEADS = """
    SELECT entry.county_code, entry.position, entry.entry_hash, entry.recorded_at
    FROM (
        SELECT held.key AS code, max(cast(held.value AS bigint)) AS position
        FROM filing CROSS JOIN LATERAL jsonb_each_text(filing.positions) AS held
        WHERE filing.state = ANY(cast(:at_states AS text[])) GROUP BY held.key
    ) AS frozen
    JOIN ledger_entry AS entry ON entry.county_code = frozen.code AND entry.position = frozen.position
"""


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


def frozen_in(states: Collection[FilingState], coefficients: str = NO_COEFFICIENTS) -> Source:
    """Return what counties have filed, of the filings in these states alone: no report, no field sum, no other state.

    One arithmetic serves for it too: what is read in place of the tables holds nothing else. A filing freezes no list
    of coefficients: `coefficients` is the expression of them, over `filing` and `figure`.
    """
    return Source(
        queries={
            "county_figure": FROZEN_FIGURES.format(coefficients=coefficients),
            "rollup_cell": "SELECT * FROM rollup_cell WHERE false",
            "ledger_head": FROZEN_HEADS,
            "filing": "SELECT * FROM filing WHERE state = ANY(cast(:at_states AS text[]))",
        },
        values={"at_states": sorted(states)},
    )


PUBLISHED = frozen_in({FilingState.PUBLISHED})
"""All that whoever has not signed in may read."""
