"""What the farms of each township of a county have reported: its field sums, read from the reports themselves."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from backend.rollup.goal_line import percent, rate_of
from backend.rollup.parts import Part
from backend.rollup.summaries import name_of
from backend.rollup.sums import wanted_periods
from schemas.decimals import plain, total
from schemas.indicators.catalogue import CATALOGUE
from schemas.indicators.spec import Formula, IndicatorSpec, Key, Sums
from schemas.period import Period
from schemas.regions import NO_TOWNSHIP, Region
from schemas.townships import TownshipFigure, TownshipRow, Townships
from schemas.vocabulary import LIVE_STATUSES, FigureKind, Indicator, RecordStatus, Standing, View
from sync.cells import as_sums
from sync.reference import Reference

SUM_TOWNSHIPS = """
    WITH report AS (
        SELECT record.township_code, record.county_code, record.indicator, record.quantities
        FROM record
        JOIN unnest(cast(:indicators AS text[]), cast(:periods AS text[])) AS wanted (indicator, period)
          ON wanted.indicator = record.indicator AND wanted.period = record.period
        WHERE record.county_code = ANY(cast(:ledgers AS text[])) AND record.kind = 'report' AND record.level = 'farm'
          AND record.status = ANY(cast(:live AS text[]))
    )
    SELECT township_code, county_code, indicator, one ->> 0 AS subject, one ->> 1 AS quantity,
           sum(cast(one ->> 2 AS numeric)) AS amount
    FROM report CROSS JOIN LATERAL jsonb_array_elements(quantities) AS one
    GROUP BY 1, 2, 3, 4, 5
    UNION ALL
    SELECT township_code, county_code, indicator, '', 'reports', count(*) FROM report GROUP BY 1, 2, 3
"""
"""A flow takes all years up to the period."""

COUNT_REPORTS = """
    SELECT township_code, indicator, status, count(*) AS n,
           count(*) FILTER (WHERE payload ->> 'none_this_year' = 'true' AND status <> 'withdrawn') AS none
    FROM record
    WHERE county_code = ANY(cast(:ledgers AS text[])) AND kind = 'report' AND level = 'farm' AND period = :period
    GROUP BY 1, 2, 3
"""

COUNT_FARMS = """
    SELECT township_code, count(*) AS n FROM record
    WHERE county_code = ANY(cast(:ledgers AS text[])) AND kind = 'farm' AND status <> 'withdrawn'
    GROUP BY 1
"""

Amounts = dict[tuple[str, Indicator], dict[str, dict[Key, Decimal]]]
"""(township, indicator) -> ledger -> (subject, quantity) -> amount."""


async def county_townships(
    connection: AsyncConnection, county: Region, period: Period, reference: Reference, *, demo: bool
) -> Townships:
    """Return the field sums of a county's townships, by code: three statements, whatever their number."""
    pairs = wanted_periods(period)
    values: dict[str, Any] = {
        "ledgers": list(county.ledger_codes),
        "indicators": [indicator for indicator, _ in pairs],
        "periods": [name for _, name in pairs],
        "live": sorted(LIVE_STATUSES),
        "period": str(period),
    }
    amounts: Amounts = {}
    for row in await connection.execute(text(SUM_TOWNSHIPS), values):
        of_ledger = amounts.setdefault((row.township_code, Indicator(row.indicator)), {})
        of_ledger.setdefault(row.county_code, {})[row.subject, row.quantity] = row.amount
    counted: dict[tuple[str, Indicator], dict[RecordStatus, Any]] = {}
    for row in await connection.execute(text(COUNT_REPORTS), values):
        counted.setdefault((row.township_code, Indicator(row.indicator)), {})[RecordStatus(row.status)] = row
    farms = {row.township_code: row.n for row in await connection.execute(text(COUNT_FARMS), values)}
    known = {one.code for code in county.ledger_codes for one in reference.tree.children(code)}
    codes = sorted(known | farms.keys() | {code for code, _ in (*amounts, *counted)})
    return Townships(
        county=name_of(county),
        period=str(period),
        rows=[
            TownshipRow(
                township_code=code,
                name=township_name(code, reference),
                farms=farms.get(code, 0),
                indicators={
                    indicator: _figure(
                        spec,
                        amounts.get((code, indicator), {}),
                        counted.get((code, indicator), {}),
                        period,
                        reference,
                    )
                    for indicator, spec in CATALOGUE.items()
                },
            )
            for code in codes
        ],
        demo=demo,
    )


def township_name(code: str, reference: Reference) -> str:
    """Return what a township is called; a report without one has its own row."""
    region = reference.tree.get(code)
    return "未分乡镇" if code.endswith(NO_TOWNSHIP) else code if region is None else region.name


def field_part(formula: Formula, ledger: str, sums: Sums, year: int, reference: Reference) -> Part:
    """Return the terms of some farm reports by themselves, over all crops or species of the headline series."""
    coefficients = reference.coefficients_for(ledger, year)
    terms = list(formula.terms(View.FARM, sums, Sums(), coefficients).values())
    if not terms:
        return Part()
    wholes = [one.denominator for one in terms if one.denominator is not None]
    return Part(total(one.numerator for one in terms), total(wholes) if wholes else None)


def _figure(
    spec: IndicatorSpec,
    amounts: Mapping[str, Mapping[Key, Decimal]],
    counted: Mapping[RecordStatus, Any],
    period: Period,
    reference: Reference,
) -> TownshipFigure:
    part = Part()
    if spec.standing is not Standing.SAMPLE:
        for ledger, of_ledger in amounts.items():
            part = part.plus(field_part(spec.formula, ledger, as_sums(of_ledger, str(period)), period.year, reference))
    is_rate = spec.kind is FigureKind.RATE
    rate = rate_of(part) if is_rate else None
    amount = None if part.numerator is None else plain(part.numerator)
    return TownshipFigure(
        value=(None if rate is None else format(percent(rate), "f")) if is_rate else amount,
        numerator=amount,
        denominator=None if part.denominator is None else plain(part.denominator),
        unit="%" if is_rate else str(spec.numerator.unit),
        reports={status: counted[status].n if status in counted else 0 for status in RecordStatus},
        none_this_year=sum(row.none for row in counted.values()),
    )
