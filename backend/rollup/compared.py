"""The amounts of a period beside those of the base year, over the counties that have both."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy.ext.asyncio import AsyncConnection

from backend.rollup.answered import ANSWERED, JOIN_ANSWERED
from backend.rollup.parts import Part
from backend.rollup.source import STORED, Source
from schemas.indicators.catalogue import CATALOGUE
from schemas.period import Period
from schemas.vocabulary import Indicator

COMPARE_WITH_BASE = f"""
    WITH grouped AS (
        SELECT g.ledger_code, g.today_code, g.row_code, g.existed,
               count(*) FILTER (WHERE g.existed) OVER (PARTITION BY g.row_code, g.today_code) AS expected
        FROM unnest(cast(:ledger_codes AS text[]), cast(:today_codes AS text[]), cast(:row_codes AS text[]),
                    cast(:existed AS boolean[])) AS g (ledger_code, today_code, row_code, existed)
    ), wanted AS (
        SELECT w.row_code, w.indicator, w.period, w.base_period, w.base_year
        FROM unnest(cast(:wanted_rows AS text[]), cast(:indicators AS text[]), cast(:periods AS text[]),
                    cast(:base_periods AS text[]), cast(:base_years AS int[]))
             AS w (row_code, indicator, period, base_period, base_year)
    ), {ANSWERED}
    ), said AS (
        SELECT grouped.*, figure.indicator, figure.series, figure.period = wanted.period AS is_now, figure.view,
               figure.numerator, answered.holder_code
        FROM grouped
        JOIN county_figure AS figure ON figure.county_code = grouped.ledger_code
        JOIN wanted ON wanted.indicator = figure.indicator AND wanted.row_code IN ('', grouped.row_code)
                   AND figure.period IN (wanted.period, wanted.base_period)
        {JOIN_ANSWERED}
        UNION ALL
        SELECT grouped.*, baseline.indicator, baseline.series, false, 'loaded', baseline.value, NULL
        FROM grouped
        JOIN current_baseline AS baseline ON baseline.region_code = grouped.ledger_code
        JOIN wanted ON wanted.indicator = baseline.indicator AND wanted.row_code IN ('', grouped.row_code)
                   AND wanted.base_year = baseline.year
                   AND wanted.base_period = cast(wanted.base_year AS text)
    ), ledger AS (
        SELECT row_code, today_code, expected, indicator, series, is_now,
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
        GROUP BY row_code, today_code, expected, indicator, series, is_now, coalesce(holder_code, ledger_code)
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


class Compared(NamedTuple):
    """The period's amount as numerator and the base as denominator, in each view."""

    headline: Part
    farm: Part
    statement: Part


async def compare_with_base(
    connection: AsyncConnection,
    grouping: Mapping[str, Any],
    existed: Sequence[bool],
    asked: Mapping[str, Period],
    source: Source = STORED,
    indicators: Collection[Indicator] = frozenset(Indicator),
) -> dict[tuple[str, Indicator, str], Compared]:
    """Return per row, indicator and series the period's amounts beside their base, over the counties that have both.

    `grouping` holds the parameters of the ledgers and of ANSWERED; `existed` says of each ledger whether its county
    existed in the base year; `asked` gives the period of each row, under "" that of all.
    """
    changing = [spec for spec in CATALOGUE.values() if spec.indicator in indicators and spec.base_year is not None]
    wanted = [
        (row, spec.indicator, str(period), f"{spec.base_year}{period.part}", spec.base_year)
        for row, period in asked.items()
        for spec in changing
        if spec.base_year is not None and spec.base_year < period.year
    ]
    if not wanted:
        return {}
    names = ("wanted_rows", "indicators", "periods", "base_periods", "base_years")
    bases = {name: list(column) for name, column in zip(names, zip(*wanted, strict=True), strict=True)}
    return {
        (row.row_code, Indicator(row.indicator), row.series): Compared(
            Part(row.headline_now, row.headline_base, 0, row.headline_counties),
            Part(row.farm_now, row.farm_base, 0, row.farm_counties),
            Part(row.statement_now, row.statement_base, 0, row.statement_counties),
        )
        for row in await connection.execute(
            source.over(COMPARE_WITH_BASE), {**grouping, **bases, "existed": list(existed)}
        )
    }
