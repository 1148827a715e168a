"""What counties have filed, summed over any grouping of them: official, pending, and how many stand in each state."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from backend.rollup.parts import FiledSums, Part
from backend.rollup.source import STORED, Source
from schemas.period import Period
from schemas.vocabulary import FilingState, Indicator

SUM_FILED = """
    WITH grouped AS (
        SELECT g.ledger_code, g.row_code
        FROM unnest(cast(:ledger_codes AS text[]), cast(:row_codes AS text[])) AS g (ledger_code, row_code)
    ), wanted AS (
        SELECT w.indicator, w.period FROM unnest(cast(:indicators AS text[]), cast(:periods AS text[]))
             AS w (indicator, period)
    )
    SELECT grouped.row_code, filing.indicator, figure.series, filing.state IN ('accepted', 'published') AS official,
           count(DISTINCT filing.region_code) AS counties,
           sum(figure.numerator) AS numerator, sum(figure.denominator) AS denominator, sum(figure.n) AS reports,
           count(DISTINCT filing.region_code) FILTER (WHERE filing.period = :period AND filing.state = 'filed')
               AS filed,
           count(DISTINCT filing.region_code) FILTER (WHERE filing.period = :period AND filing.state = 'endorsed')
               AS endorsed,
           count(DISTINCT filing.region_code) FILTER (WHERE filing.period = :period AND filing.state = 'accepted')
               AS accepted,
           count(DISTINCT filing.region_code) FILTER (WHERE filing.period = :period AND filing.state = 'published')
               AS published
    FROM filing
    JOIN grouped ON grouped.ledger_code = filing.region_code
    JOIN wanted ON wanted.indicator = filing.indicator AND wanted.period = filing.period
    CROSS JOIN LATERAL jsonb_to_recordset(filing.figure)
        AS figure (county_code text, view text, series text, numerator numeric, denominator numeric, n int)
    WHERE filing.state <> 'open' AND figure.view = 'statement' AND figure.county_code = filing.region_code
    GROUP BY grouped.row_code, filing.indicator, figure.series, official
"""
"""Of what was frozen when it was filed, not of what the ledgers hold now."""

MOVED = (FilingState.FILED, FilingState.ENDORSED, FilingState.ACCEPTED, FilingState.PUBLISHED)

FiledRows = dict[tuple[str, Indicator, str], FiledSums]


async def filed_by_row(
    connection: AsyncConnection,
    grouping: Mapping[str, Any],
    wanted: Mapping[str, Any],
    period: Period,
    source: Source = STORED,
) -> FiledRows:
    """Return what each row's counties have filed by (row, indicator, series): one statement, whatever their number."""
    values = {**grouping, **wanted, **source.values, "period": str(period)}
    found: FiledRows = {}
    for row in await connection.execute(source.over(SUM_FILED), values):
        key = (row.row_code, Indicator(row.indicator), row.series)
        part = Part(row.numerator, row.denominator, int(row.reports), row.counties)
        states = {state: getattr(row, state.value) for state in MOVED}
        filed = FiledSums(official=part, states=states) if row.official else FiledSums(pending=part, states=states)
        found[key] = found.get(key, FiledSums()).plus(filed)
    return found
