"""A county's statement held against its own field, and against what it said before the deadline."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from backend.checks.found import Found, percent, share_of
from backend.checks.probe import Ground, Probe, limit, threshold_binds
from schemas.checks.filings import ACROSS_GOAL, STATEMENT_DIFFERS
from schemas.decimals import EXACT, WIDE, ZERO, quotient, total
from schemas.indicators.catalogue import CATALOGUE
from schemas.indicators.spec import Sums, Terms
from schemas.period import CHINA_STANDARD_TIME, Period
from schemas.vocabulary import FigureKind, Indicator, Standing, View
from sync.statement import Statement, as_json

RATES = [spec.indicator for spec in CATALOGUE.values() if spec.kind is FigureKind.RATE]
COUNTED_IN_FULL = [
    spec.indicator
    for spec in CATALOGUE.values()
    if spec.kind is FigureKind.RATE and spec.standing is not Standing.SAMPLE
]
"""Rates whose field sum stands for the county: only then does a gap mean something."""

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
        found.append(of_figure(STATEMENT_DIFFERS.code, ground, row, params))
    return found


def of_figure(code: str, ground: Ground, row: Any, params: Mapping[str, str]) -> Found:
    """Return a finding about the figure of a row of `county_figure`."""
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


STATEMENT_PROBES = (
    Probe(
        STATEMENT_DIFFERS,
        FIND_DIFFERING_STATEMENTS,
        _differing_statements,
        lambda ground: {**threshold_binds(STATEMENT_DIFFERS)(ground), "counted": COUNTED_IN_FULL},
    ),
    Probe(ACROSS_GOAL, FIND_LATE_AMENDMENTS, _late_amendments, _deadline_binds),
)
