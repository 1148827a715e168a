"""The sums of county figures over any grouping of counties: one statement, exact, independent of the reports."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from backend.rollup.goals import Span
from backend.rollup.parts import IndicatorSums, Part, RowSums
from schemas.canonical import canonical_sha256
from schemas.indicators.catalogue import CATALOGUE
from schemas.lineage import CodeHistory
from schemas.period import Period
from schemas.summaries import LedgerDigest
from schemas.vocabulary import FigureKind, Indicator, RecordStatus

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

SUM_FIGURES = f"""
    WITH grouped AS (
        SELECT g.ledger_code, g.today_code, g.row_code
        FROM unnest(cast(:ledger_codes AS text[]), cast(:today_codes AS text[]), cast(:row_codes AS text[]))
             AS g (ledger_code, today_code, row_code)
    ), wanted AS (
        SELECT w.indicator, w.period, w.since
        FROM unnest(cast(:indicators AS text[]), cast(:periods AS text[]), cast(:since AS int[]))
             AS w (indicator, period, since)
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
               AS both_statement_denominator
    FROM county GROUP BY row_code, indicator, series, since
"""
"""`since` is 0 for the figure itself; a flow is summed once more for every later year that a goal counts it from."""

COMPARE_WITH_BASE = f"""
    WITH grouped AS (
        SELECT g.ledger_code, g.today_code, g.row_code, g.existed,
               count(*) FILTER (WHERE g.existed) OVER (PARTITION BY g.today_code) AS expected
        FROM unnest(cast(:ledger_codes AS text[]), cast(:today_codes AS text[]), cast(:row_codes AS text[]),
                    cast(:existed AS boolean[])) AS g (ledger_code, today_code, row_code, existed)
    ), wanted AS (
        SELECT w.indicator, w.base_period, w.base_year
        FROM unnest(cast(:indicators AS text[]), cast(:base_periods AS text[]), cast(:base_years AS int[]))
             AS w (indicator, base_period, base_year)
    ), {ANSWERED}
    ), said AS (
        SELECT grouped.*, figure.indicator, figure.series, figure.period, figure.view, figure.numerator,
               answered.holder_code
        FROM grouped
        JOIN county_figure AS figure ON figure.county_code = grouped.ledger_code
        JOIN wanted ON wanted.indicator = figure.indicator AND figure.period IN (:period, wanted.base_period)
        {JOIN_ANSWERED}
        UNION ALL
        SELECT grouped.*, baseline.indicator, baseline.series, wanted.base_period, 'loaded', baseline.value, NULL
        FROM grouped
        JOIN current_baseline AS baseline ON baseline.region_code = grouped.ledger_code
        JOIN wanted ON wanted.indicator = baseline.indicator AND wanted.base_year = baseline.year
                   AND wanted.base_period = cast(wanted.base_year AS text)
    ), ledger AS (
        SELECT row_code, today_code, expected, indicator, series, period = :period AS is_now,
               today_code = coalesce(holder_code, ledger_code) AS is_own,
               bool_and(NOT existed) AS is_new,
               count(*) FILTER (WHERE view = 'farm' AND existed AND numerator IS NOT NULL) AS farm_parts,
               count(*) FILTER (WHERE view = 'statement' AND existed AND holder_code IS NULL
                                  AND numerator IS NOT NULL) AS statement_parts,
               count(DISTINCT ledger_code) FILTER (WHERE existed AND numerator IS NOT NULL) AS parts,
               sum(numerator) FILTER (WHERE view = 'farm') AS farm,
               max(numerator) FILTER (WHERE view = 'statement' AND holder_code IS NULL) AS statement,
               max(numerator) FILTER (WHERE view = 'loaded') AS loaded
        FROM said
        GROUP BY row_code, today_code, expected, indicator, series, period, coalesce(holder_code, ledger_code)
    ), county AS (
        SELECT row_code, today_code, indicator, series,
               CASE WHEN sum(farm_parts) FILTER (WHERE is_now) = max(expected)
                      OR bool_or(is_own AND is_new AND farm IS NOT NULL) FILTER (WHERE is_now)
                    THEN sum(farm) FILTER (WHERE is_now) END AS farm_now,
               CASE WHEN sum(statement_parts) FILTER (WHERE is_now) = max(expected)
                      OR bool_or(is_own AND statement IS NOT NULL) FILTER (WHERE is_now)
                    THEN sum(statement) FILTER (WHERE is_now) END AS statement_now,
               CASE WHEN sum(parts) FILTER (WHERE is_now) = max(expected)
                      OR bool_or(is_own AND (statement IS NOT NULL OR is_new AND farm IS NOT NULL))
                         FILTER (WHERE is_now)
                    THEN sum(coalesce(statement, farm)) FILTER (WHERE is_now) END AS headline_now,
               CASE WHEN sum(farm_parts) FILTER (WHERE NOT is_now) = max(expected)
                    THEN sum(farm) FILTER (WHERE NOT is_now) END AS farm_base,
               CASE WHEN sum(CASE WHEN loaded IS NULL THEN statement_parts ELSE parts END) FILTER (WHERE NOT is_now)
                         = max(expected)
                    THEN sum(coalesce(loaded, statement)) FILTER (WHERE NOT is_now) END AS statement_base,
               CASE WHEN sum(parts) FILTER (WHERE NOT is_now) = max(expected)
                    THEN sum(coalesce(loaded, statement, farm)) FILTER (WHERE NOT is_now) END AS headline_base,
               max(loaded) FILTER (WHERE is_own) AS loaded
        FROM ledger GROUP BY row_code, today_code, indicator, series
    ), based AS (
        SELECT row_code, indicator, series, farm_now, statement_now, headline_now, farm_base,
               coalesce(loaded, statement_base) AS statement_base, coalesce(loaded, headline_base) AS headline_base
        FROM county
    )
    SELECT row_code, indicator, series,
           sum(farm_now) FILTER (WHERE farm_base > 0) AS farm_now,
           sum(farm_base) FILTER (WHERE farm_base > 0 AND farm_now IS NOT NULL) AS farm_base,
           count(*) FILTER (WHERE farm_base > 0 AND farm_now IS NOT NULL) AS farm_counties,
           sum(statement_now) FILTER (WHERE statement_base > 0) AS statement_now,
           sum(statement_base) FILTER (WHERE statement_base > 0 AND statement_now IS NOT NULL) AS statement_base,
           count(*) FILTER (WHERE statement_base > 0 AND statement_now IS NOT NULL) AS statement_counties,
           sum(headline_now) FILTER (WHERE headline_base > 0) AS headline_now,
           sum(headline_base) FILTER (WHERE headline_base > 0 AND headline_now IS NOT NULL) AS headline_base,
           count(*) FILTER (WHERE headline_base > 0 AND headline_now IS NOT NULL) AS headline_counties
    FROM based GROUP BY row_code, indicator, series
"""
"""A county is compared where it has a value for the period and a base, each whole: what its own code says of a year in
which it held all, else what every ledger that existed in the base year says; a merged county with half a base would
seem to have doubled. A base value that was loaded for a code stands before what its ledger says, one for today's code
before all of them."""

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
) -> RowSums:
    """Return the sums of each row over its ledgers: three statements, whatever their number.

    `spans` are the later first years that flows are summed from as well.
    """
    grouping: dict[str, Any] = {
        "ledger_codes": [place.ledger_code for place in places],
        "row_codes": [place.row_code for place in places],
    }
    held = held_by_others(history, grouping["ledger_codes"])
    today = {"today_codes": [place.county_code for place in places]}
    pairs = wanted_periods(period)
    wanted = {"indicators": [indicator for indicator, _ in pairs], "periods": [text for _, text in pairs]}
    found: RowSums = {}
    for row in await connection.execute(text(SUM_FIGURES), grouping | today | _with_spans(pairs, spans) | held):
        _keep(found, row)
    for row in await connection.execute(text(COUNT_REPORTS), grouping | wanted):
        _count(found, row)
    changing = [spec for spec in CATALOGUE.values() if spec.base_year is not None and spec.base_year < period.year]
    existed = {"existed": [place.existed for place in places]}
    bases = {
        "period": str(period),
        "indicators": [spec.indicator for spec in changing],
        "base_periods": [f"{spec.base_year}{period.part}" for spec in changing],
        "base_years": [spec.base_year for spec in changing],
    }
    for row in await connection.execute(text(COMPARE_WITH_BASE), grouping | today | existed | bases | held):
        key = (row.row_code, Indicator(row.indicator), row.series)
        found[key] = replace(
            found.get(key, IndicatorSums()),
            compared=Part(row.headline_now, row.headline_base, 0, row.headline_counties),
            compared_farm=Part(row.farm_now, row.farm_base, 0, row.farm_counties),
            compared_statement=Part(row.statement_now, row.statement_base, 0, row.statement_counties),
        )
    return found


def held_by_others(history: CodeHistory, ledger_codes: Iterable[str]) -> dict[str, Any]:
    """Return the parameters of ANSWERED: which other codes held these ledgers, and in which years."""
    spans = list(history.holders(ledger_codes))
    return {
        "held_ledgers": [ledger for ledger, _ in spans],
        "holder_codes": [span.code for _, span in spans],
        "first_years": [span.first_year for _, span in spans],
        "last_years": [span.last_year or LAST_YEAR for _, span in spans],
    }


def wanted_periods(period: Period) -> list[tuple[Indicator, str]]:
    """Return the (indicator, period) pairs that a period's figures are summed from: a flow takes all years up to it."""
    pairs: list[tuple[Indicator, str]] = []
    for spec in CATALOGUE.values():
        if spec.kind is FigureKind.CUMULATIVE and spec.start_year is not None:
            pairs += [(spec.indicator, str(year)) for year in range(spec.start_year, period.year)]
        if spec.start_year is None or period.year >= spec.start_year:
            pairs.append((spec.indicator, str(period)))
    return pairs


def _with_spans(pairs: Sequence[tuple[Indicator, str]], spans: Sequence[Span]) -> dict[str, Any]:
    """Return the bound periods of SUM_FIGURES: each pair for the figure itself, and again for each span it lies in."""
    wanted = [(indicator, name, 0) for indicator, name in pairs]
    wanted += [
        (indicator, name, first)
        for flow, first in spans
        for indicator, name in pairs
        if indicator is flow and int(name[:4]) >= first
    ]
    indicators, periods, since = zip(*wanted, strict=True)
    return {"indicators": list(indicators), "periods": list(periods), "since": list(since)}


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
        both_farm=Part(row.both_farm_numerator, row.both_farm_denominator),
        both_statement=Part(row.both_statement_numerator, row.both_statement_denominator),
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


async def ledger_digest(connection: AsyncConnection, ledger_codes: list[str]) -> LedgerDigest:
    """Return which state of these ledgers the snapshot of `connection` holds."""
    rows = (await connection.execute(text(READ_HEADS), {"ledger_codes": ledger_codes})).all()
    heads = [[row.county_code, row.position, bytes(row.entry_hash).hex()] for row in rows]
    return LedgerDigest(
        digest=canonical_sha256(heads).hex(), counties=len(heads), entries=sum(row.position for row in rows)
    )
