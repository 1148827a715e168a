"""The sums of county figures over any grouping of counties: one statement, exact, independent of the reports."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from schemas.canonical import canonical_sha256
from schemas.decimals import EXACT
from schemas.summaries import LedgerDigest
from schemas.vocabulary import Indicator, RecordStatus

SUM_FIGURES = """
    WITH grouped AS (
        SELECT g.ledger_code, g.today_code, g.row_code
        FROM unnest(cast(:ledger_codes AS text[]), cast(:today_codes AS text[]), cast(:row_codes AS text[]))
             AS g (ledger_code, today_code, row_code)
    ), county AS (
        SELECT grouped.row_code, grouped.today_code, figure.indicator, figure.county_code,
               max(figure.numerator) FILTER (WHERE figure.view = 'farm') AS farm_numerator,
               max(figure.denominator) FILTER (WHERE figure.view = 'farm') AS farm_denominator,
               max(figure.n) FILTER (WHERE figure.view = 'farm') AS farm_reports,
               max(figure.numerator) FILTER (WHERE figure.view = 'statement') AS statement_numerator,
               max(figure.denominator) FILTER (WHERE figure.view = 'statement') AS statement_denominator,
               max(figure.n) FILTER (WHERE figure.view = 'statement') AS statement_reports
        FROM county_figure AS figure JOIN grouped ON grouped.ledger_code = figure.county_code
        WHERE figure.period = :period
        GROUP BY grouped.row_code, grouped.today_code, figure.indicator, figure.county_code
    )
    SELECT row_code, indicator,
           sum(farm_numerator) AS farm_numerator,
           sum(farm_denominator) AS farm_denominator,
           coalesce(sum(farm_reports), 0) AS farm_reports,
           count(DISTINCT today_code) FILTER (WHERE farm_denominator IS NOT NULL) AS farm_counties,
           sum(statement_numerator) AS statement_numerator,
           sum(statement_denominator) AS statement_denominator,
           coalesce(sum(statement_reports), 0) AS statement_reports,
           count(DISTINCT today_code) FILTER (WHERE statement_denominator IS NOT NULL)
               AS statement_counties,
           sum(CASE WHEN statement_denominator IS NULL THEN farm_numerator ELSE statement_numerator END)
               AS headline_numerator,
           sum(CASE WHEN statement_denominator IS NULL THEN farm_denominator ELSE statement_denominator END)
               AS headline_denominator,
           coalesce(sum(CASE WHEN statement_denominator IS NULL THEN farm_reports ELSE statement_reports END), 0)
               AS headline_reports,
           count(DISTINCT today_code)
               FILTER (WHERE coalesce(statement_denominator, farm_denominator) IS NOT NULL) AS headline_counties,
           sum(farm_numerator) FILTER (WHERE statement_denominator IS NOT NULL AND farm_denominator IS NOT NULL)
               AS both_farm_numerator,
           sum(farm_denominator) FILTER (WHERE statement_denominator IS NOT NULL AND farm_denominator IS NOT NULL)
               AS both_farm_denominator,
           sum(statement_numerator) FILTER (WHERE statement_denominator IS NOT NULL AND farm_denominator IS NOT NULL)
               AS both_statement_numerator,
           sum(statement_denominator) FILTER (WHERE statement_denominator IS NOT NULL AND farm_denominator IS NOT NULL)
               AS both_statement_denominator
    FROM county GROUP BY row_code, indicator
"""

COUNT_REPORTS = """
    SELECT g.row_code, cell.indicator, cell.status, cell.quantity, sum(cell.amount) AS amount
    FROM rollup_cell AS cell
    JOIN unnest(cast(:ledger_codes AS text[]), cast(:row_codes AS text[])) AS g (ledger_code, row_code)
      ON g.ledger_code = cell.county_code
    WHERE cell.period = :period AND cell.subject = '' AND cell.quantity IN ('reports', 'flagged_reports')
    GROUP BY g.row_code, cell.indicator, cell.status, cell.quantity
"""

READ_HEADS = """
    SELECT county_code, position, entry_hash FROM ledger_head
    WHERE county_code = ANY(:ledger_codes) AND position > 0 ORDER BY county_code
"""


@dataclass(frozen=True, slots=True)
class Part:
    """A numerator and denominator over some counties; None where no county has any."""

    numerator: Decimal | None = None
    denominator: Decimal | None = None
    reports: int = 0
    counties: int = 0

    def plus(self, other: "Part") -> "Part":
        """Return the sum of two disjoint parts."""
        return Part(
            _add(self.numerator, other.numerator),
            _add(self.denominator, other.denominator),
            self.reports + other.reports,
            self.counties + other.counties,
        )


@dataclass(frozen=True, slots=True)
class IndicatorSums:
    """What one row holds for one indicator."""

    headline: Part = Part()
    farm: Part = Part()
    statement: Part = Part()
    both_farm: Part = Part()
    both_statement: Part = Part()
    by_status: Mapping[RecordStatus, int] = field(default_factory=dict)
    flagged: int = 0

    def plus(self, other: "IndicatorSums") -> "IndicatorSums":
        """Return the sums over two disjoint sets of counties."""
        statuses = self.by_status.keys() | other.by_status.keys()
        return IndicatorSums(
            self.headline.plus(other.headline),
            self.farm.plus(other.farm),
            self.statement.plus(other.statement),
            self.both_farm.plus(other.both_farm),
            self.both_statement.plus(other.both_statement),
            {status: self.by_status.get(status, 0) + other.by_status.get(status, 0) for status in statuses},
            self.flagged + other.flagged,
        )


RowSums = dict[tuple[str, Indicator], IndicatorSums]
"""(row code, indicator) -> sums."""


@dataclass(frozen=True, slots=True)
class LedgerPlace:
    """Where a ledger is summed: the county it belongs to (several ledgers after a merger), and the county's row."""

    ledger_code: str
    county_code: str
    row_code: str


async def sums_by_row(connection: AsyncConnection, places: Sequence[LedgerPlace], period: str) -> RowSums:
    """Return the sums of each row over its ledgers: two statements, whatever their number."""
    grouping = {
        "ledger_codes": [place.ledger_code for place in places],
        "today_codes": [place.county_code for place in places],
        "row_codes": [place.row_code for place in places],
        "period": period,
    }
    found: RowSums = {}
    for row in await connection.execute(text(SUM_FIGURES), grouping):
        found[row.row_code, Indicator(row.indicator)] = IndicatorSums(
            headline=Part(
                row.headline_numerator, row.headline_denominator, int(row.headline_reports), row.headline_counties
            ),
            farm=Part(row.farm_numerator, row.farm_denominator, int(row.farm_reports), row.farm_counties),
            statement=Part(
                row.statement_numerator, row.statement_denominator, int(row.statement_reports), row.statement_counties
            ),
            both_farm=Part(row.both_farm_numerator, row.both_farm_denominator),
            both_statement=Part(row.both_statement_numerator, row.both_statement_denominator),
        )
    for row in await connection.execute(text(COUNT_REPORTS), grouping):
        key = (row.row_code, Indicator(row.indicator))
        sums = found.get(key, IndicatorSums())
        count = int(row.amount)
        if row.quantity == "flagged_reports":
            live = count if row.status != RecordStatus.WITHDRAWN else 0
            found[key] = replace(sums, flagged=sums.flagged + live)
        else:
            found[key] = replace(sums, by_status={**sums.by_status, RecordStatus(row.status): count})
    return found


async def ledger_digest(connection: AsyncConnection, ledger_codes: list[str]) -> LedgerDigest:
    """Return which state of these ledgers the snapshot of `connection` holds."""
    rows = (await connection.execute(text(READ_HEADS), {"ledger_codes": ledger_codes})).all()
    heads = [[row.county_code, row.position, bytes(row.entry_hash).hex()] for row in rows]
    return LedgerDigest(
        digest=canonical_sha256(heads).hex(), counties=len(heads), entries=sum(row.position for row in rows)
    )


def _add(one: Decimal | None, other: Decimal | None) -> Decimal | None:
    if one is None or other is None:
        return other if one is None else one
    return EXACT.add(one, other)
