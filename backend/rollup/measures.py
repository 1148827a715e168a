"""What stands beside the headline of one region: summed quantities, and the measures that follow from them."""

from collections.abc import Mapping
from decimal import Decimal

from sqlalchemy.ext.asyncio import AsyncConnection

from backend.rollup.answered import ANSWERED, held_by_others
from backend.rollup.source import STORED, Source
from backend.rollup.sums import wanted_periods
from schemas.decimals import plain, rounded
from schemas.indicators.catalogue import CATALOGUE
from schemas.indicators.spec import IndicatorSpec, Key, Sums
from schemas.lineage import CodeHistory
from schemas.period import Period
from schemas.regions import RegionTree
from schemas.summaries import MeasureFigure, QuantitySum, RegionMeasures
from schemas.vocabulary import LIVE_STATUSES, FigureKind, Indicator, Level, RegionLevel, Unit

SUM_QUANTITIES = f"""
    WITH {ANSWERED}
    )
    SELECT cell.indicator, cell.level, cell.subject, cell.quantity, sum(cell.amount) AS amount
    FROM rollup_cell AS cell
    JOIN unnest(cast(:indicators AS text[]), cast(:periods AS text[])) AS w (indicator, period)
      ON w.indicator = cell.indicator AND w.period = cell.period
    WHERE cell.county_code = ANY(:ledger_codes) AND cell.status = ANY(:statuses)
      AND cell.quantity NOT IN ('reports', 'flagged_reports')
      AND NOT (cell.level = 'county' AND EXISTS (
          SELECT FROM answered WHERE answered.ledger_code = cell.county_code
             AND answered.indicator = cell.indicator AND answered.period = cell.period))
    GROUP BY cell.indicator, cell.level, cell.subject, cell.quantity
    HAVING sum(cell.amount) <> 0
    ORDER BY cell.indicator, cell.level, cell.subject, cell.quantity
"""

SHOWN_PLACES = {Unit.RATE: 4, Unit.HEAD: 0, Unit.COUNT: 0}
"""Decimals that a measure is shown with; two for every other unit."""


async def region_measures(
    connection: AsyncConnection,
    tree: RegionTree,
    region_code: str,
    period: Period,
    history: CodeHistory,
    source: Source = STORED,
) -> RegionMeasures:
    """Return a region's summed quantities and measures by indicator and level, in one statement."""
    counties = tree.descendants(region_code, RegionLevel.COUNTY)
    ledger_codes = sorted(ledger for county in counties for ledger in county.ledger_codes)
    pairs = wanted_periods(period)
    rows = await connection.execute(
        source.over(SUM_QUANTITIES),
        {
            **source.values,
            **held_by_others(history, ledger_codes),
            "ledger_codes": ledger_codes,
            "indicators": [indicator for indicator, _ in pairs],
            "periods": [name for _, name in pairs],
            "statuses": sorted(LIVE_STATUSES),
        },
    )
    amounts: dict[tuple[Indicator, Level], dict[Key, Decimal]] = {}
    for row in rows:
        key = (Indicator(row.indicator), Level(row.level))
        amounts.setdefault(key, {})[row.subject, row.quantity] = row.amount
    return RegionMeasures(
        region_code=region_code,
        period=str(period),
        quantities=[
            quantity_sum(CATALOGUE[indicator], level, key, amount)
            for (indicator, level), sums in amounts.items()
            for key, amount in sums.items()
        ],
        measures=[
            figure
            for (indicator, level), sums in amounts.items()
            for figure in _measures(CATALOGUE[indicator], level, sums)
        ],
    )


def quantity_sum(spec: IndicatorSpec, level: Level, key: Key, amount: Decimal) -> QuantitySum:
    """Return a summed quantity as it is shown."""
    subject, quantity = key
    subject_zh, subject_en = spec.subject_labels.get(subject, (spec.zh, spec.en))
    label = spec.quantity_labels[quantity]
    return QuantitySum(
        indicator=spec.indicator,
        level=level,
        subject=subject,
        subject_zh=subject_zh,
        subject_en=subject_en,
        quantity=quantity,
        zh=label.zh,
        en=label.en,
        unit=label.unit,
        amount=plain(amount),
        cumulative=spec.kind is FigureKind.CUMULATIVE,
    )


def _measures(spec: IndicatorSpec, level: Level, amounts: Mapping[Key, Decimal]) -> list[MeasureFigure]:
    sums = Sums(amounts)
    found = []
    for measure in spec.measures:
        value = measure.value(sums)
        if not value:
            continue
        found.append(
            MeasureFigure(
                indicator=spec.indicator,
                level=level,
                code=measure.code,
                zh=measure.zh,
                en=measure.en,
                unit=measure.unit,
                value=plain(value),
                shown=format(rounded(value, SHOWN_PLACES.get(measure.unit, 2)), "f"),
                source=measure.source,
                status=measure.status,
            )
        )
    return found
