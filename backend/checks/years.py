"""A county's figure held against the one of the year before."""

from collections.abc import Mapping, Sequence
from typing import Any

from backend.checks.found import Found, amount, percent, share_of
from backend.checks.probe import Ground, Probe, limit, threshold_binds
from backend.checks.statements import RATES, of_figure
from schemas.checks.filings import AMOUNT_JUMPS, INPUT_AGAINST_AREA, RATE_JUMPS
from schemas.decimals import EXACT, WIDE
from schemas.indicators.catalogue import CATALOGUE
from schemas.vocabulary import UNIT_NAMES, Indicator, View
from sync.statement import Statement

VIEW_NAMES: Mapping[str, tuple[str, str]] = {
    View.FARM: ("田间汇总", "The field sum"),
    View.STATEMENT: ("县级报表", "The county statement"),
}

INPUTS = [Indicator.FERTILISER_REDUCTION, Indicator.PESTICIDE_REDUCTION]

TWO_YEARS = """
    two_years AS (
        SELECT DISTINCT ON (report.county_code, report.indicator, report.series, report.period)
               report.county_code, report.period, report.indicator, report.series, report.view,
               before.period AS was_period, report.numerator, report.denominator,
               before.numerator AS was_numerator, before.denominator AS was_denominator
        FROM county_figure AS report
        JOIN county_figure AS before ON before.county_code = report.county_code
             AND before.indicator = report.indicator AND before.series = report.series AND before.view = report.view
             AND before.period = cast(cast(:year AS int) - 1 AS text) || substr(report.period, 5)
        WHERE left(report.period, 4) = cast(cast(:year AS int) AS text)
          AND report.numerator IS NOT NULL AND before.numerator IS NOT NULL
        ORDER BY report.county_code, report.indicator, report.series, report.period, report.view DESC
    )"""
"""Both years of a county's figure in the same view: its statement, else its field sum."""

FIND_RATE_JUMPS = Statement.of(f"""
    WITH {TWO_YEARS}
    SELECT * FROM two_years
    WHERE indicator = ANY(cast(:rates AS text[])) AND denominator > 0 AND was_denominator > 0
      AND abs(numerator * was_denominator - was_numerator * denominator)
          > {limit("change", "indicator")} * denominator * was_denominator
""")
"""Compared without dividing, so nothing is rounded before."""

FIND_AMOUNT_JUMPS = Statement.of(f"""
    WITH {TWO_YEARS}, amounts AS (
        SELECT two_years.*, coalesce(denominator, numerator) AS now, coalesce(was_denominator, was_numerator) AS was
        FROM two_years
    )
    SELECT * FROM amounts WHERE was > 0 AND abs(now - was) > {limit("change", "indicator")} * was
""")

FIND_INPUT_AGAINST_AREA = Statement.of(f"""
    WITH {TWO_YEARS}, area AS (
        SELECT county_code, period, indicator, CASE level WHEN 'farm' THEN 'farm' ELSE 'statement' END AS view,
               sum(amount) AS mu
        FROM rollup_cell
        WHERE quantity = 'sown_area_mu' AND subject = '' AND indicator = ANY(cast(:inputs AS text[]))
          AND status <> 'withdrawn'
        GROUP BY county_code, period, indicator, level
    )
    SELECT two_years.*, area.mu AS area_now, before.mu AS area_was
    FROM two_years
    JOIN area ON area.county_code = two_years.county_code AND area.indicator = two_years.indicator
         AND area.view = two_years.view AND area.period = two_years.period
    JOIN area AS before ON before.county_code = two_years.county_code AND before.indicator = two_years.indicator
         AND before.view = two_years.view AND before.period = two_years.was_period
    WHERE two_years.indicator = ANY(cast(:inputs AS text[])) AND area.mu > before.mu AND was_numerator > 0
      AND was_numerator - numerator >= {limit("fall", "two_years.indicator")} * was_numerator
""")


def _rate_jumps(rows: Sequence[Any], ground: Ground) -> list[Found]:
    found = []
    for row in rows:
        now = share_of(row["numerator"], row["denominator"])
        was = share_of(row["was_numerator"], row["was_denominator"])
        params = {
            **_view(row),
            "now": percent(now, 2),
            "was": percent(was, 2),
            "before": row["was_period"],
            "points": percent(abs(WIDE.subtract(now, was)), 2),
        }
        found.append(of_figure(RATE_JUMPS.code, ground, row, params))
    return found


def _amount_jumps(rows: Sequence[Any], ground: Ground) -> list[Found]:
    found = []
    for row in rows:
        spec = CATALOGUE[Indicator(row["indicator"])]
        label = spec.denominator if row["denominator"] is not None and spec.denominator else spec.numerator
        unit_zh, unit_en = UNIT_NAMES[label.unit]
        view_zh, view_en = VIEW_NAMES[row["view"]]
        change = share_of(EXACT.subtract(row["now"], row["was"]), row["was"])
        params = {
            "view": f"{view_zh}的{label.zh}",
            "view_en": f"{view_en}: {label.en}",
            "now": amount(row["now"]),
            "was": amount(row["was"]),
            "unit": unit_zh,
            "unit_en": unit_en,
            "before": row["was_period"],
            "percent": percent(change),
        }
        found.append(of_figure(AMOUNT_JUMPS.code, ground, row, params))
    return found


def _input_against_area(rows: Sequence[Any], ground: Ground) -> list[Found]:
    found = []
    for row in rows:
        fall = share_of(EXACT.subtract(row["was_numerator"], row["numerator"]), row["was_numerator"])
        params = {
            **_view(row),
            "before": row["was_period"],
            "percent": percent(fall),
            "area_was": amount(row["area_was"]),
            "area_now": amount(row["area_now"]),
        }
        found.append(of_figure(INPUT_AGAINST_AREA.code, ground, row, params))
    return found


def _view(row: Any) -> dict[str, str]:
    view_zh, view_en = VIEW_NAMES[row["view"]]
    return {"view": view_zh, "view_en": view_en}


YEAR_PROBES = (
    Probe(
        RATE_JUMPS, FIND_RATE_JUMPS, _rate_jumps, lambda ground: {**threshold_binds(RATE_JUMPS)(ground), "rates": RATES}
    ),
    Probe(AMOUNT_JUMPS, FIND_AMOUNT_JUMPS, _amount_jumps, threshold_binds(AMOUNT_JUMPS)),
    Probe(
        INPUT_AGAINST_AREA,
        FIND_INPUT_AGAINST_AREA,
        _input_against_area,
        lambda ground: {**threshold_binds(INPUT_AGAINST_AREA)(ground), "inputs": INPUTS},
    ),
)
