"""The figures of a county, computed from its sums in the transaction that changed them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

import orjson
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from schemas.decimals import plain, total
from schemas.indicators.catalogue import CATALOGUE
from schemas.indicators.spec import Coefficients, IndicatorSpec, Sums, Terms
from schemas.period import Period
from schemas.vocabulary import Indicator, Level, View
from sync.cells import county_sums
from sync.reference import Reference

UPSERT_FIGURES = """
    INSERT INTO county_figure (county_code, period, indicator, view, series, numerator, denominator, n, formula,
                               coefficients, coefficient_version)
    SELECT :county_code, f.period, f.indicator, f.view, f.series, f.numerator, f.denominator, f.n, f.formula,
           f.coefficients, :coefficient_version
    FROM jsonb_to_recordset(cast(:figures AS jsonb)) AS f (
        period text, indicator text, view text, series text, numerator numeric, denominator numeric, n int,
        formula text, coefficients jsonb)
    ON CONFLICT (county_code, period, indicator, view, series) DO UPDATE SET
        numerator = excluded.numerator, denominator = excluded.denominator, n = excluded.n,
        formula = excluded.formula, coefficients = excluded.coefficients,
        coefficient_version = excluded.coefficient_version
"""


@dataclass(frozen=True, slots=True)
class Figure:
    """One county's figure in one view and series; without terms where the view has none."""

    period: str
    indicator: Indicator
    view: View
    series: str
    numerator: Decimal | None
    denominator: Decimal | None
    reports: int
    formula: str
    coefficients: tuple[tuple[str, str, str, int, int], ...]


def county_figures(
    period: str, indicator: Indicator, view: View, farm: Sums, county: Sums, coefficients: Coefficients
) -> list[Figure]:
    """Return a county's figure in each series: the terms of every crop or species summed, not yet divided."""
    spec = CATALOGUE[indicator]
    terms = spec.formula.terms(view, farm, county, coefficients)
    reports = farm.reports if view is View.FARM else county.reports
    used = tuple(
        sorted((one.name, one.subject, one.region_code, one.year, one.version) for one in coefficients.used.values())
    )
    return [
        Figure(period, indicator, view, series, *_summed(parts), reports, spec.formula.version, used)
        for series, parts in _by_series(spec, terms).items()
    ]


def _by_series(spec: IndicatorSpec, terms: Mapping[str, Terms]) -> dict[str, list[Terms]]:
    if len(spec.series) == 1:
        return {spec.headline_series: list(terms.values())}
    return {series: [terms[series]] if series in terms else [] for series in spec.series}


def _summed(parts: list[Terms]) -> tuple[Decimal | None, Decimal | None]:
    if not parts:
        return None, None
    denominators = [one.denominator for one in parts if one.denominator is not None]
    return total(one.numerator for one in parts), total(denominators) if denominators else None


async def refresh_figures(
    connection: AsyncConnection, county_code: str, touched: Iterable[tuple[str, Indicator]], reference: Reference
) -> None:
    """Compute and store the county's figures for each touched (period, indicator): one read, one write."""
    pairs = sorted(touched)
    sums = await county_sums(connection, county_code, pairs)
    figures = [
        figure
        for period, indicator in pairs
        for view in View
        for figure in county_figures(
            period,
            indicator,
            view,
            sums.get((period, indicator, Level.FARM), Sums(period=Period.parse(period))),
            sums.get((period, indicator, Level.COUNTY), Sums(period=Period.parse(period))),
            reference.coefficients_for(county_code, int(period[:4])),
        )
    ]
    await connection.execute(
        text(UPSERT_FIGURES),
        {
            "county_code": county_code,
            "figures": orjson.dumps([_row(figure) for figure in figures]).decode(),
            "coefficient_version": reference.coefficient_version,
        },
    )


def _row(figure: Figure) -> dict[str, object]:
    return {
        "period": figure.period,
        "indicator": figure.indicator,
        "view": figure.view,
        "series": figure.series,
        "numerator": None if figure.numerator is None else plain(figure.numerator),
        "denominator": None if figure.denominator is None else plain(figure.denominator),
        "n": figure.reports,
        "formula": figure.formula,
        "coefficients": figure.coefficients,
    }
