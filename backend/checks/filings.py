"""What a county files, held against last year, its own field and the goal."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from backend.checks.found import MOST_RECORDS, Found, amount, percent, share_of
from backend.checks.probe import Ground, Probe, limit, threshold_binds
from schemas.checks.filings import (
    ACROSS_GOAL,
    AMOUNT_JUMPS,
    BEFORE_TOWNSHIPS,
    INPUT_AGAINST_AREA,
    RATE_JUMPS,
    STATEMENT_DIFFERS,
)
from schemas.decimals import EXACT, WIDE, ZERO, quotient, total
from schemas.indicators.catalogue import CATALOGUE
from schemas.indicators.spec import Sums, Terms
from schemas.period import CHINA_STANDARD_TIME, Period
from schemas.regions import RegionTree
from schemas.vocabulary import UNIT_NAMES, FigureKind, Indicator, RegionLevel, Standing, View
from sync.statement import Connection, Statement, as_json

VIEW_NAMES: Mapping[str, tuple[str, str]] = {
    View.FARM: ("田间汇总", "The field sum"),
    View.STATEMENT: ("县级报表", "The county statement"),
}

RATES = [spec.indicator for spec in CATALOGUE.values() if spec.kind is FigureKind.RATE]
COUNTED_IN_FULL = [
    spec.indicator
    for spec in CATALOGUE.values()
    if spec.kind is FigureKind.RATE and spec.standing is not Standing.SAMPLE
]
"""Rates whose field sum stands for the county: only then does a gap mean something."""

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

FIND_DIFFERING_STATEMENTS = Statement.of(f"""
    SELECT stated.county_code, stated.period, stated.indicator, stated.series,
           stated.numerator, stated.denominator, farm.numerator AS farm_numerator, farm.denominator AS farm_denominator
    FROM county_figure AS stated
    JOIN county_figure AS farm ON farm.county_code = stated.county_code AND farm.period = stated.period
         AND farm.indicator = stated.indicator AND farm.series = stated.series AND farm.view = 'farm'
    WHERE stated.view = 'statement' AND left(stated.period, 4) = cast(cast(:year AS int) AS text)
      AND stated.indicator = ANY(cast(:counted AS text[])) AND stated.denominator > 0 AND farm.denominator > 0
      AND abs(stated.numerator * farm.denominator - farm.numerator * stated.denominator)
          > {limit("difference", "stated.indicator")} * stated.denominator * farm.denominator
""")

FIND_LATE_AMENDMENTS = Statement.of("""
    WITH spans AS (
        SELECT s.indicator, s.first, s.until
        FROM jsonb_to_recordset(cast(:spans AS jsonb)) AS s (indicator text, first timestamptz, until timestamptz)
    )
    SELECT report.county_code, report.id, report.period, report.indicator, report.quantities,
           amended.deltas
    FROM record AS report
    JOIN spans ON spans.indicator = report.indicator
    CROSS JOIN LATERAL (
        SELECT jsonb_agg(entry.deltas) AS deltas FROM ledger_entry AS entry
        WHERE entry.county_code = report.county_code AND entry.record_id = report.id AND entry.action = 'amend'
          AND entry.recorded_at >= spans.first AND entry.recorded_at < spans.until
    ) AS amended
    WHERE report.kind = 'report' AND report.level = 'county' AND report.status <> 'withdrawn'
      AND left(report.period, 4) = cast(cast(:year AS int) AS text) AND amended.deltas IS NOT NULL
""")

TOWNSHIPS_HEARD = Statement.of("""
    SELECT DISTINCT township_code FROM record
    WHERE county_code = ANY(cast(:ledgers AS text[])) AND kind = 'report' AND level = 'farm' AND status <> 'withdrawn'
      AND indicator = :indicator AND period = :period
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
        found.append(_of_figure(RATE_JUMPS.code, ground, row, params))
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
        found.append(_of_figure(AMOUNT_JUMPS.code, ground, row, params))
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
        found.append(_of_figure(INPUT_AGAINST_AREA.code, ground, row, params))
    return found


def _differing_statements(rows: Sequence[Any], ground: Ground) -> list[Found]:
    found = []
    for row in rows:
        stated = share_of(row["numerator"], row["denominator"])
        farm = share_of(row["farm_numerator"], row["farm_denominator"])
        params = {
            "statement": percent(stated, 2),
            "farm": percent(farm, 2),
            "points": percent(abs(WIDE.subtract(stated, farm)), 2),
        }
        found.append(_of_figure(STATEMENT_DIFFERS.code, ground, row, params))
    return found


def _view(row: Any) -> dict[str, str]:
    view_zh, view_en = VIEW_NAMES[row["view"]]
    return {"view": view_zh, "view_en": view_en}


def _of_figure(code: str, ground: Ground, row: Any, params: Mapping[str, str]) -> Found:
    county_code, series = row["county_code"], row["series"]
    region_code = ground.region_of(county_code)
    return Found(code, county_code, region_code, row["period"], row["indicator"], params, subject=series)


def _deadline(ground: Ground, indicator: Indicator) -> date:
    """Return when the statements of the ground's year are due; a day that the month lacks becomes its last."""
    month = int(ground.thresholds.get(ACROSS_GOAL.code, "deadline_month", indicator))
    day = int(ground.thresholds.get(ACROSS_GOAL.code, "deadline_day", indicator))
    first = date(ground.year + 1, month, 1)
    last = (first.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
    return min(first + timedelta(days=day - 1), last)


def _deadline_binds(ground: Ground) -> dict[str, str]:
    spans = []
    for indicator in RATES:
        end = datetime.combine(_deadline(ground, indicator), time(), CHINA_STANDARD_TIME) + timedelta(days=1)
        days = int(ground.thresholds.get(ACROSS_GOAL.code, "days", indicator))
        first = (end - timedelta(days=days)).astimezone(UTC)
        spans.append({"indicator": indicator, "first": first, "until": end.astimezone(UTC)})
    return {"spans": as_json(spans)}


def _late_amendments(rows: Sequence[Any], ground: Ground) -> list[Found]:
    """Return the statements that an amendment near the deadline took from below their goal to it or above."""
    found = []
    for row in rows:
        indicator = Indicator(row["indicator"])
        goal = ground.goals.nearest(ground.tree, ground.region_of(row["county_code"]), indicator, ground.year)
        now, was = _before_and_after(row, ground)
        if goal is None or now is None or was is None or not was < goal.value <= now:
            continue
        params = {
            "deadline": _deadline(ground, indicator).isoformat(),
            "days": str(int(ground.thresholds.get(ACROSS_GOAL.code, "days", indicator))),
            "was": percent(was, 2),
            "now": percent(now, 2),
            "goal": percent(goal.value, 2),
        }
        found.append(
            Found(
                ACROSS_GOAL.code,
                row["county_code"],
                ground.region_of(row["county_code"]),
                row["period"],
                row["indicator"],
                params,
                record_id=str(row["id"]),
            )
        )
    return found


def _before_and_after(row: Any, ground: Ground) -> tuple[Decimal | None, Decimal | None]:
    """Return the rate that a statement gives now, and the one that it gave before its amendments."""
    spec = CATALOGUE[Indicator(row["indicator"])]
    after = {(subject, name): Decimal(value) for subject, name, value in row["quantities"]}
    before = dict(after)
    for deltas in row["deltas"]:
        for _, subject, name, change in deltas:
            if name in spec.quantity_labels:
                before[subject, name] = EXACT.subtract(before.get((subject, name), ZERO), Decimal(change))
    rates = []
    for amounts in (after, before):
        kept = {key: value for key, value in amounts.items() if value}
        coefficients = ground.reference.coefficients_for(row["county_code"], ground.year)
        sums = Sums(kept, 1, Period.parse(row["period"]))
        rates.append(_rate(spec.formula.terms(View.STATEMENT, Sums(), sums, coefficients)))
    return rates[0], rates[1]


def _rate(terms: Mapping[str, Terms]) -> Decimal | None:
    denominators = [one.denominator for one in terms.values() if one.denominator is not None]
    return quotient(total(one.numerator for one in terms.values()), total(denominators))


async def filed_before_townships(
    connection: Connection, tree: RegionTree, region_code: str, period: str, indicator: Indicator
) -> Found | None:
    """Return a finding where townships of a county have no report yet; for whoever files the county's statement.

    None too where the register has no townships of the county.
    """
    county = tree[region_code]
    townships = tree.descendants(region_code, RegionLevel.TOWNSHIP)
    ledgers = county.ledger_codes or (region_code,)
    rows = await TOWNSHIPS_HEARD.rows(connection, ledgers=list(ledgers), indicator=indicator, period=period)
    heard = {row["township_code"] for row in rows}
    silent = [one for one in townships if one.code not in heard]
    if not silent:
        return None
    names = [one.name for one in silent[:MOST_RECORDS]]
    params = {
        "silent": str(len(silent)),
        "townships": str(len(townships)),
        "names": "、".join(names) + ("等" if len(silent) > len(names) else ""),
        "names_en": ", ".join(names) + (" and others" if len(silent) > len(names) else ""),
    }
    return Found(BEFORE_TOWNSHIPS.code, ledgers[0], region_code, period, indicator, params)


FILING_PROBES = (
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
    Probe(
        STATEMENT_DIFFERS,
        FIND_DIFFERING_STATEMENTS,
        _differing_statements,
        lambda ground: {**threshold_binds(STATEMENT_DIFFERS)(ground), "counted": COUNTED_IN_FULL},
    ),
    Probe(ACROSS_GOAL, FIND_LATE_AMENDMENTS, _late_amendments, _deadline_binds),
)
