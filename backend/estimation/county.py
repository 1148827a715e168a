"""A county's estimate: its design, the households that answered, and the goal that the interval is held against."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import isnan
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from backend.estimation.straw import counted_share, crops_of, household, straw_per_grain
from backend.estimation.two_stage import (
    CONFIDENCE,
    Household,
    RatioEstimate,
    Sample,
    Village,
    ratio_estimate,
    verdict,
)
from backend.rollup.goal_line import goal_shown
from backend.rollup.goals import Goal
from schemas.decimals import EXACT, ZERO
from schemas.estimates import DrawnVillage, EstimateShown, IntervalShown, StratumShown
from schemas.indicators.spec import WHOLE, Sums
from schemas.period import Period
from schemas.vocabulary import GoalType, Indicator
from sync.cells import FLAGGED, LIVE, REPORTS
from sync.reference import Reference

LEAST_VILLAGES = 6
LEAST_HOUSEHOLDS = 120
"""What the straw ledger asks of a county at least (农办科〔2019〕3号)."""

READ_HOUSEHOLDS = """
    SELECT farm.payload ->> 'village_code' AS village_code, report.quantities
    FROM record AS report
    JOIN record AS farm ON farm.county_code = report.county_code AND farm.id = report.farm_id
    WHERE report.county_code = ANY(cast(:ledgers AS text[])) AND report.kind = 'report' AND report.level = 'farm'
      AND report.status <> 'withdrawn' AND report.indicator = :indicator AND report.period = :period
      AND report.payload ->> 'respondent' = 'household' AND report.quantities <> '[]'
    ORDER BY report.county_code, report.id
"""

READ_SUMS = """
    SELECT level, subject, quantity, sum(amount) AS amount FROM rollup_cell
    WHERE county_code = ANY(cast(:ledgers AS text[])) AND indicator = :indicator AND period = :period
      AND status = ANY(cast(:live AS text[]))
    GROUP BY level, subject, quantity
"""


@dataclass(frozen=True, slots=True)
class Asked:
    """Whose estimate is asked for: the county of the period's year, its ledgers and its goal."""

    county_code: str
    ledgers: Sequence[str]
    indicator: Indicator
    period: Period
    goal: Goal | None


async def county_estimate(
    connection: AsyncConnection, asked: Asked, design: Sequence[DrawnVillage], reference: Reference
) -> EstimateShown | None:
    """Return what the sample says; None where no household of the design has answered, or a coefficient is missing."""
    key = {"ledgers": list(asked.ledgers), "indicator": asked.indicator, "period": str(asked.period)}
    rows = (await connection.execute(text(READ_HOUSEHOLDS), key)).all()
    sums = await _sums(connection, key, asked.period)
    farm, statement = sums["farm"], sums["county"]
    coefficients = reference.coefficients_for(asked.county_code, asked.period.year)
    crops = {crop for row in rows for crop in crops_of(row.quantities)}
    per_grain = straw_per_grain(statement, coefficients, crops)
    if per_grain is None:
        return None
    homes: dict[str, list[Household]] = {}
    for row in rows:
        homes.setdefault(row.village_code or "", []).append(household(row.quantities, per_grain))
    sample = _sample(design, homes)
    estimate = ratio_estimate(sample) if sample.villages else None
    if estimate is None:
        return None
    counted = counted_share(farm, statement, coefficients)
    answered = sum(len(village.asked) for village in sample.villages)
    return EstimateShown(
        county_code=asked.county_code,
        indicator=asked.indicator,
        period=str(asked.period),
        households=_shown(estimate, 0.0),
        counted=None if counted is None else _six(counted),
        rate=None if counted is None else _shown(estimate, counted),
        confidence=str(CONFIDENCE),
        degrees_of_freedom=estimate.degrees_of_freedom,
        strata=_strata(design, sample),
        households_left_out=len(rows) - answered,
        meets_minimum=len(sample.villages) >= LEAST_VILLAGES and answered >= LEAST_HOUSEHOLDS,
        goal=None if asked.goal is None else goal_shown(asked.goal, asked.county_code),
        verdict=_verdict(estimate, counted, asked),
    )


async def _sums(connection: AsyncConnection, key: Mapping[str, Any], period: Period) -> dict[str, Sums]:
    """Return the sums of each level over live reports, as formulas read them."""
    amounts: dict[str, dict[tuple[str, str], Decimal]] = {"farm": {}, "county": {}}
    for row in await connection.execute(text(READ_SUMS), {**key, "live": LIVE}):
        amounts[row.level][row.subject, row.quantity] = EXACT.plus(row.amount)
    counts = {(WHOLE, REPORTS), (WHOLE, FLAGGED)}
    return {
        level: Sums(
            {name: amount for name, amount in found.items() if amount and name not in counts},
            int(found.get((WHOLE, REPORTS), ZERO)),
            period,
        )
        for level, found in amounts.items()
    }


def _sample(design: Sequence[DrawnVillage], homes: Mapping[str, Sequence[Household]]) -> Sample:
    """Return the villages of the design that have answered.

    A village where more households answered than the design says has at least as many as answered.
    """
    return Sample(
        [
            Village(one.stratum, max(one.households, len(homes[one.village_code])), homes[one.village_code])
            for one in design
            if one.village_code in homes
        ],
        {one.stratum: one.stratum_villages for one in design},
    )


def _strata(design: Sequence[DrawnVillage], sample: Sample) -> list[StratumShown]:
    answered = sample.by_stratum
    sizes = {one.stratum: one.stratum_villages for one in design}
    return [
        StratumShown(
            stratum=stratum,
            villages=villages,
            drawn=sum(one.stratum == stratum for one in design),
            answered=len(answered.get(stratum, ())),
            households_asked=sum(len(village.asked) for village in answered.get(stratum, ())),
        )
        for stratum, villages in sorted(sizes.items())
    ]


def _verdict(estimate: RatioEstimate, counted: float | None, asked: Asked) -> str | None:
    """Return how the county's rate stands against a floor of a whole year; None where there is nothing to compare."""
    goal = asked.goal
    if counted is None or goal is None or goal.type is not GoalType.FLOOR or not asked.period.is_year:
        return None
    lower, upper = estimate.interval
    return str(verdict((lower + counted, upper + counted), float(goal.value)))


def _shown(estimate: RatioEstimate, moved_by: float) -> IntervalShown:
    value = _six(estimate.ratio + moved_by)
    if isnan(estimate.margin):
        return IntervalShown(value=value, standard_error=None, lower=None, upper=None)
    lower, upper = estimate.interval
    return IntervalShown(
        value=value,
        standard_error=_six(estimate.standard_error),
        lower=_six(lower + moved_by),
        upper=_six(upper + moved_by),
    )


def _six(value: float) -> str:
    return f"{value:.6f}"
