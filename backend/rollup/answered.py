"""Which statements stand for more ledgers than their own, as a part of the statements that sum figures."""

from collections.abc import Iterable
from typing import Any

from schemas.lineage import CodeHistory

LAST_YEAR = 9999
"""The end of what has none yet."""

ANSWERED = """held AS (
        SELECT h.ledger_code, h.holder_code, h.first_year, h.last_year
        FROM unnest(cast(:held_ledgers AS text[]), cast(:holder_codes AS text[]), cast(:first_years AS int[]),
                    cast(:last_years AS int[])) AS h (ledger_code, holder_code, first_year, last_year)
    ), answered AS (
        SELECT held.ledger_code, held.holder_code, figure.indicator, figure.series, figure.period
        FROM held JOIN county_figure AS figure
          ON figure.county_code = held.holder_code AND figure.view = 'statement' AND figure.numerator IS NOT NULL
         AND cast(left(figure.period, 4) AS int) BETWEEN held.first_year AND held.last_year
"""
"""The statements that stand for more ledgers than their own: from a merger on, the new code states the whole county.
What a former code says of such a period is part of it: its reports belong to the field sum, its statement is void."""

JOIN_ANSWERED = """LEFT JOIN answered
          ON answered.ledger_code = figure.county_code AND answered.indicator = figure.indicator
         AND answered.series = figure.series AND answered.period = figure.period"""


def held_by_others(history: CodeHistory, ledger_codes: Iterable[str]) -> dict[str, Any]:
    """Return the parameters of ANSWERED: which other codes held these ledgers, and in which years."""
    spans = list(history.holders(ledger_codes))
    return {
        "held_ledgers": [ledger for ledger, _ in spans],
        "holder_codes": [span.code for _, span in spans],
        "first_years": [span.first_year for _, span in spans],
        "last_years": [span.last_year or LAST_YEAR for _, span in spans],
    }
