"""The figures of a county, computed from its sums in the transaction that changed them."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

import orjson
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from schemas.decimals import plain, total
from schemas.indicators.catalogue import CATALOGUE
from schemas.indicators.spec import Coefficients, Sums
from schemas.period import Period
from schemas.vocabulary import Indicator, Level, View
from sync.cells import county_sums
from sync.reference import Reference

UPSERT_FIGURES = """
    INSERT INTO county_figure (county_code, period, indicator, view, numerator, denominator, n, formula, coefficients)
    SELECT :county_code, f.period, f.indicator, f.view, f.numerator, f.denominator, f.n, f.formula, f.coefficients
    FROM jsonb_to_recordset(cast(:figures AS jsonb)) AS f (
        period text, indicator text, view text, numerator numeric, denominator numeric, n int, formula text,
        coefficients jsonb)
    ON CONFLICT (county_code, period, indicator, view) DO UPDATE SET
        numerator = excluded.numerator, denominator = excluded.denominator, n = excluded.n,
        formula = excluded.formula, coefficients = excluded.coefficients
"""


@dataclass(frozen=True, slots=True)
class Figure:
    """One county's figure in one view; without terms where the view has none."""

    period: str
    indicator: Indicator
    view: View
    numerator: Decimal | None
    denominator: Decimal | None
    reports: int
    formula: str
    coefficients: tuple[tuple[str, str, str, int], ...]


def county_figure(
    period: str, indicator: Indicator, view: View, farm: Sums, county: Sums, coefficients: Coefficients
) -> Figure:
    """Return a county's figure: the terms of every crop or species summed, not yet divided."""
    formula = CATALOGUE[indicator].formula
    terms = formula.terms(view, farm, county, coefficients).values()
    return Figure(
        period,
        indicator,
        view,
        total(one.numerator for one in terms) if terms else None,
        total(one.denominator for one in terms) if terms else None,
        farm.reports if view is View.FARM else county.reports,
        formula.version,
        tuple(sorted((one.name, one.subject, one.region_code, one.year) for one in coefficients.used.values())),
    )


async def refresh_figures(
    connection: AsyncConnection, county_code: str, touched: Iterable[tuple[str, Indicator]], reference: Reference
) -> None:
    """Compute and store the county's figures for each touched (period, indicator): one read, one write."""
    pairs = sorted(touched)
    sums = await county_sums(connection, county_code, pairs)
    figures = [
        county_figure(
            period,
            indicator,
            view,
            sums.get((period, indicator, Level.FARM), Sums(period=Period.parse(period))),
            sums.get((period, indicator, Level.COUNTY), Sums(period=Period.parse(period))),
            reference.coefficients_for(county_code, int(period[:4])),
        )
        for period, indicator in pairs
        for view in View
    ]
    await connection.execute(
        text(UPSERT_FIGURES),
        {"county_code": county_code, "figures": orjson.dumps([_row(figure) for figure in figures]).decode()},
    )


def _row(figure: Figure) -> dict[str, object]:
    return {
        "period": figure.period,
        "indicator": figure.indicator,
        "view": figure.view,
        "numerator": None if figure.numerator is None else plain(figure.numerator),
        "denominator": None if figure.denominator is None else plain(figure.denominator),
        "n": figure.reports,
        "formula": figure.formula,
        "coefficients": figure.coefficients,
    }
