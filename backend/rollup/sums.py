"""The sums of county figures over any grouping of counties: one statement, exact, independent of the reports."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncConnection

from backend.rollup.answered import ANSWERED, JOIN_ANSWERED, held_by_others
from backend.rollup.compared import compare_with_base
from backend.rollup.filed import filed_by_row
from backend.rollup.goals import Span
from backend.rollup.parts import IndicatorSums, Part, RowSums
from backend.rollup.source import STORED, Source
from schemas.canonical import canonical_sha256
from schemas.indicators.catalogue import CATALOGUE
from schemas.lineage import CodeHistory
from schemas.period import Period
from schemas.summaries import LedgerDigest
from schemas.vocabulary import FigureKind, Indicator, RecordStatus

ALL = frozenset(Indicator)

SUM_FIGURES = f"""
    WITH grouped AS (
        SELECT g.ledger_code, g.today_code, g.row_code
        FROM unnest(cast(:ledger_codes AS text[]), cast(:today_codes AS text[]), cast(:row_codes AS text[]))
             AS g (ledger_code, today_code, row_code)
    ), wanted AS (
        SELECT w.row_code, w.indicator, w.period, w.since
        FROM unnest(cast(:wanted_rows AS text[]), cast(:indicators AS text[]), cast(:periods AS text[]),
                    cast(:since AS int[])) AS w (row_code, indicator, period, since)
    ), {ANSWERED}
    ), county AS (
        SELECT grouped.row_code, grouped.today_code, figure.indicator, figure.series, figure.period, wanted.since,
               coalesce(answered.holder_code, figure.county_code) AS answering,
               sum(figure.numerator) FILTER (WHERE figure.view = 'farm') AS farm_numerator,
               sum(figure.denominator) FILTER (WHERE figure.view = 'farm') AS farm_denominator,
               sum(figure.n) FILTER (WHERE figure.view = 'farm') AS farm_reports,
               max(figure.numerator) FILTER (WHERE figure.view = 'statement' AND answered.holder_code IS NULL)
                   AS statement_numerator,
               max(figure.denominator) FILTER (WHERE figure.view = 'statement' AND answered.holder_code IS NULL)
                   AS statement_denominator,
               max(figure.n) FILTER (WHERE figure.view = 'statement' AND answered.holder_code IS NULL)
                   AS statement_reports
        FROM county_figure AS figure
        JOIN grouped ON grouped.ledger_code = figure.county_code
        JOIN wanted ON wanted.indicator = figure.indicator AND wanted.period = figure.period
                   AND wanted.row_code IN ('', grouped.row_code)
        {JOIN_ANSWERED}
        GROUP BY grouped.row_code, grouped.today_code, figure.indicator, figure.series, figure.period, wanted.since,
                 coalesce(answered.holder_code, figure.county_code)
    )
    SELECT row_code, indicator, series, since,
           sum(farm_numerator) AS farm_numerator,
           sum(farm_denominator) AS farm_denominator,
           coalesce(sum(farm_reports), 0) AS farm_reports,
           count(DISTINCT today_code) FILTER (WHERE farm_numerator IS NOT NULL) AS farm_counties,
           sum(statement_numerator) AS statement_numerator,
           sum(statement_denominator) AS statement_denominator,
           coalesce(sum(statement_reports), 0) AS statement_reports,
           count(DISTINCT today_code) FILTER (WHERE statement_numerator IS NOT NULL)
               AS statement_counties,
           sum(CASE WHEN statement_numerator IS NULL THEN farm_numerator ELSE statement_numerator END)
               AS headline_numerator,
           sum(CASE WHEN statement_numerator IS NULL THEN farm_denominator ELSE statement_denominator END)
               AS headline_denominator,
           coalesce(sum(CASE WHEN statement_numerator IS NULL THEN farm_reports ELSE statement_reports END), 0)
               AS headline_reports,
           count(DISTINCT today_code)
               FILTER (WHERE coalesce(statement_numerator, farm_numerator) IS NOT NULL) AS headline_counties,
           sum(farm_numerator) FILTER (WHERE statement_numerator IS NOT NULL AND farm_numerator IS NOT NULL)
               AS both_farm_numerator,
           sum(farm_denominator) FILTER (WHERE statement_numerator IS NOT NULL AND farm_numerator IS NOT NULL)
               AS both_farm_denominator,
           sum(statement_numerator) FILTER (WHERE statement_numerator IS NOT NULL AND farm_numerator IS NOT NULL)
               AS both_statement_numerator,
           sum(statement_denominator) FILTER (WHERE statement_numerator IS NOT NULL AND farm_numerator IS NOT NULL)
               AS both_statement_denominator,
           count(DISTINCT today_code) FILTER (WHERE statement_numerator IS NOT NULL AND farm_numerator IS NOT NULL)
               AS both_counties
    FROM county GROUP BY row_code, indicator, series, since
"""
"""`since` is 0 for the figure itself; a flow is summed once more for every later year that a goal counts it from.
What is wanted of all rows has no row code."""

COUNT_REPORTS = """
    SELECT g.row_code, cell.indicator, cell.status, cell.quantity, sum(cell.amount) AS amount
    FROM rollup_cell AS cell
    JOIN unnest(cast(:ledger_codes AS text[]), cast(:row_codes AS text[])) AS g (ledger_code, row_code)
      ON g.ledger_code = cell.county_code
    JOIN unnest(cast(:indicators AS text[]), cast(:periods AS text[])) AS w (indicator, period)
      ON w.indicator = cell.indicator AND w.period = cell.period
    WHERE cell.subject = '' AND cell.quantity IN ('reports', 'flagged_reports')
    GROUP BY g.row_code, cell.indicator, cell.status, cell.quantity
"""

READ_HEADS = """
    SELECT county_code, position, entry_hash FROM ledger_head
    WHERE county_code = ANY(:ledger_codes) AND position > 0 ORDER BY county_code
"""


@dataclass(frozen=True, slots=True)
class LedgerPlace:
    """Where a ledger is summed: the county it belongs to (several ledgers after a merger), and the county's row."""

    ledger_code: str
    county_code: str
    row_code: str
    existed: bool
    """Whether the ledger's county existed in the base year."""


async def sums_by_row(
    connection: AsyncConnection,
    places: Sequence[LedgerPlace],
    period: Period,
    history: CodeHistory,
    spans: Sequence[Span] = (),
    source: Source = STORED,
    indicators: Collection[Indicator] = ALL,
) -> RowSums:
    """Return the sums of each row over its ledgers: four statements, whatever their number.

    `spans` are the later first years that flows are summed from as well; `source` is what is summed.
    """
    found = await figures_by_row(connection, places, {"": Asked(period, spans)}, history, source, indicators)
    pairs = wanted_periods(period, indicators)
    grouping: dict[str, Any] = {
        **source.values,
        "ledger_codes": [place.ledger_code for place in places],
        "row_codes": [place.row_code for place in places],
    }
    wanted = {"indicators": [indicator for indicator, _ in pairs], "periods": [text for _, text in pairs]}
    for row in await connection.execute(source.over(COUNT_REPORTS), grouping | wanted):
        _count(found, row)
    for key, filed in (await filed_by_row(connection, grouping, wanted, period, source)).items():
        found[key] = replace(found.get(key, IndicatorSums()), filed=filed)
    return found


@dataclass(frozen=True, slots=True)
class Asked:
    """The period that is asked for, and the later first years that its flows are summed from as well."""

    period: Period
    spans: Sequence[Span] = ()


async def figures_by_row(
    connection: AsyncConnection,
    places: Sequence[LedgerPlace],
    asked: Mapping[str, Asked],
    history: CodeHistory,
    source: Source,
    indicators: Collection[Indicator],
) -> RowSums:
    """Return the sums of figures alone, without what was counted or filed: two statements.

    `asked` says what is asked for of each row, under "" of all: so that rows can be of different years.
    """
    ledger_codes = [place.ledger_code for place in places]
    grouping: dict[str, Any] = {
        **source.values,
        **held_by_others(history, sorted(set(ledger_codes))),
        "ledger_codes": ledger_codes,
        "today_codes": [place.county_code for place in places],
        "row_codes": [place.row_code for place in places],
    }
    found: RowSums = {}
    for row in await connection.execute(source.over(SUM_FIGURES), grouping | _wanted(asked, indicators)):
        _keep(found, row)
    existed, periods = [place.existed for place in places], {row: one.period for row, one in asked.items()}
    compared = await compare_with_base(connection, grouping, existed, periods, source, indicators)
    for key, one in compared.items():
        found[key] = replace(
            found.get(key, IndicatorSums()),
            compared=one.headline,
            compared_farm=one.farm,
            compared_statement=one.statement,
        )
    return found


def wanted_periods(period: Period, indicators: Collection[Indicator] = ALL) -> list[tuple[Indicator, str]]:
    """Return the (indicator, period) pairs that a period's figures are summed from: a flow takes all years up to it."""
    pairs: list[tuple[Indicator, str]] = []
    for spec in (CATALOGUE[one] for one in CATALOGUE if one in indicators):
        if spec.kind is FigureKind.CUMULATIVE and spec.start_year is not None:
            pairs += [(spec.indicator, str(year)) for year in range(spec.start_year, period.year)]
        if spec.start_year is None or period.year >= spec.start_year:
            pairs.append((spec.indicator, str(period)))
    return pairs


def _wanted(asked: Mapping[str, Asked], indicators: Collection[Indicator]) -> dict[str, Any]:
    """Return the bound periods of SUM_FIGURES: each pair for the figure itself, and again for each span it lies in."""
    wanted: list[tuple[str, Indicator, str, int]] = []
    for row, one in asked.items():
        pairs = wanted_periods(one.period, indicators)
        wanted += [(row, indicator, name, 0) for indicator, name in pairs]
        wanted += [
            (row, indicator, name, first)
            for flow, first in one.spans
            for indicator, name in pairs
            if indicator is flow and int(name[:4]) >= first
        ]
    return {
        "wanted_rows": [row for row, _, _, _ in wanted],
        "indicators": [indicator for _, indicator, _, _ in wanted],
        "periods": [name for _, _, name, _ in wanted],
        "since": [first for _, _, _, first in wanted],
    }


def _keep(found: RowSums, row: Row[Any]) -> None:
    key = (row.row_code, Indicator(row.indicator), row.series)
    known, sums = found.get(key, IndicatorSums()), _sums_of(row)
    if row.since:
        found[key] = replace(known, since={**known.since, row.since: sums})
    else:
        found[key] = replace(sums, since=known.since)


def _sums_of(row: Row[Any]) -> IndicatorSums:
    return IndicatorSums(
        headline=Part(
            row.headline_numerator, row.headline_denominator, int(row.headline_reports), row.headline_counties
        ),
        farm=Part(row.farm_numerator, row.farm_denominator, int(row.farm_reports), row.farm_counties),
        statement=Part(
            row.statement_numerator, row.statement_denominator, int(row.statement_reports), row.statement_counties
        ),
        both_farm=Part(row.both_farm_numerator, row.both_farm_denominator, 0, row.both_counties),
        both_statement=Part(row.both_statement_numerator, row.both_statement_denominator, 0, row.both_counties),
    )


def _count(found: RowSums, row: Row[Any]) -> None:
    indicator = Indicator(row.indicator)
    key = (row.row_code, indicator, CATALOGUE[indicator].headline_series)
    sums = found.get(key, IndicatorSums())
    count = int(row.amount)
    if row.quantity == "flagged_reports":
        live = count if row.status != RecordStatus.WITHDRAWN else 0
        found[key] = replace(sums, flagged=sums.flagged + live)
    else:
        found[key] = replace(sums, by_status={**sums.by_status, RecordStatus(row.status): count})


async def ledger_digest(connection: AsyncConnection, ledger_codes: list[str], source: Source = STORED) -> LedgerDigest:
    """Return which state of these ledgers the snapshot of `connection` holds."""
    rows = (await connection.execute(source.over(READ_HEADS), {**source.values, "ledger_codes": ledger_codes})).all()
    heads = [[row.county_code, row.position, bytes(row.entry_hash).hex()] for row in rows]
    return LedgerDigest(
        digest=canonical_sha256(heads).hex(), counties=len(heads), entries=sum(row.position for row in rows)
    )
