"""The figures of a county, computed from its sums in the transaction that changed them."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from schemas.decimals import plain_or_none, total
from schemas.indicators.catalogue import CATALOGUE
from schemas.indicators.spec import Coefficients, Formula, IndicatorSpec, Sums, Terms
from schemas.vocabulary import Indicator, Level, View
from sync.cells import LIVE, TOUCHED, CellSums, as_sums, cell_sums, live_sums_of
from sync.reference import Reference
from sync.statement import Connection, Statement, as_json

UPSERT_FIGURES = """
    INSERT INTO county_figure (county_code, period, indicator, view, series, numerator, denominator, n, formula,
                               coefficients, coefficient_version)
    SELECT cast(:county_code AS text), f.period, f.indicator, f.view, f.series, f.numerator, f.denominator, f.n,
           f.formula, f.coefficients, cast(:coefficient_version AS integer)
    FROM jsonb_to_recordset(cast(:figures AS jsonb)) AS f (
        period text, indicator text, view text, series text, numerator numeric, denominator numeric, n int,
        formula text, coefficients jsonb)
    ON CONFLICT (county_code, period, indicator, view, series) DO UPDATE SET
        numerator = excluded.numerator, denominator = excluded.denominator, n = excluded.n,
        formula = excluded.formula, coefficients = excluded.coefficients,
        coefficient_version = excluded.coefficient_version
"""

WRITE_FIGURES = Statement.of(UPSERT_FIGURES)

READ_TOUCHED = Statement.of(live_sums_of(TOUCHED))

NO_OTHERS: Mapping[Indicator, Formula] = {}


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
    period: str,
    indicator: Indicator,
    view: View,
    farm: Sums,
    county: Sums,
    coefficients: Coefficients,
    formula: Formula | None = None,
) -> list[Figure]:
    """Return a county's figure in each series: the terms of every crop or species summed, not yet divided.

    `formula` is the version to compute by; None: the current one.
    """
    spec = CATALOGUE[indicator]
    formula = formula or spec.formula
    terms = formula.terms(view, farm, county, coefficients)
    reports = farm.reports if view is View.FARM else county.reports
    used = tuple(
        sorted((one.name, one.subject, one.region_code, one.year, one.version) for one in coefficients.used.values())
    )
    return [
        Figure(period, indicator, view, series, *_summed(parts), reports, formula.version, used)
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


def figures_of(
    county_code: str,
    touched: Iterable[tuple[str, Indicator]],
    sums: CellSums,
    reference: Reference,
    formulas: Mapping[Indicator, Formula] = NO_OTHERS,
) -> list[Figure]:
    """Return the county's figures for each touched (period, indicator), in every view and series.

    `formulas` are those to compute by in place of the current ones.
    """
    figures: list[Figure] = []
    for period, indicator in sorted(touched):
        farm = as_sums(sums.get((period, indicator, Level.FARM), {}), period)
        county = as_sums(sums.get((period, indicator, Level.COUNTY), {}), period)
        for view in View:
            coefficients = reference.coefficients_for(county_code, int(period[:4]))
            figures += county_figures(period, indicator, view, farm, county, coefficients, formulas.get(indicator))
    return figures


def figure_rows(figures: Iterable[Figure]) -> list[dict[str, object]]:
    """Return the figures as `UPSERT_FIGURES` reads them."""
    return [
        {
            "period": figure.period,
            "indicator": figure.indicator,
            "view": figure.view,
            "series": figure.series,
            "numerator": plain_or_none(figure.numerator),
            "denominator": plain_or_none(figure.denominator),
            "n": figure.reports,
            "formula": figure.formula,
            "coefficients": figure.coefficients,
        }
        for figure in figures
    ]


async def refresh_figures(
    connection: Connection, county_code: str, touched: Collection[tuple[str, Indicator]], reference: Reference
) -> None:
    """Compute and store these figures anew from the county's sums; its head must be locked by this transaction."""
    rows = await READ_TOUCHED.rows(
        connection,
        county_code=county_code,
        touched=as_json({"period": period, "indicator": indicator} for period, indicator in touched),
        record_ids=[],
        live_statuses=LIVE,
    )
    figures = figures_of(county_code, touched, cell_sums(rows), reference)
    await WRITE_FIGURES.rows(
        connection,
        county_code=county_code,
        figures=as_json(figure_rows(figures)),
        coefficient_version=reference.coefficient_version,
    )
