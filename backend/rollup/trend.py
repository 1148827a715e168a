"""One figure of a region over the years, each read as the summary of its own year reads it."""

from collections.abc import Mapping, Sequence

from sqlalchemy.ext.asyncio import AsyncConnection

from backend.rollup.parts import FiledSums, IndicatorSums
from backend.rollup.source import Source
from backend.rollup.summaries import Frame, name_of
from backend.rollup.sums import Asked, figures_by_row
from backend.rollup.values import GoalList, Wanted, lowest_state, unit_of, value_shown
from backend.rollup.views import seen_as
from schemas.decimals import plain
from schemas.map_values import Trend, YearValue
from schemas.vocabulary import FigureKind, FilingState, RegionLevel

COUNT_STATES = """
    SELECT filing.period, filing.state, count(*) AS n
    FROM unnest(cast(:codes AS text[]), cast(:periods AS text[])) AS county (code, period)
    JOIN filing ON filing.region_code = county.code AND filing.period = county.period
               AND filing.indicator = :indicator AND filing.state <> 'open'
    GROUP BY filing.period, filing.state
"""


async def region_trend(
    connection: AsyncConnection, frames: Sequence[Frame], wanted: Wanted, source: Source, seen: Source, *, demo: bool
) -> Trend:
    """Return a region's figure in the year of each frame: three statements, however many years.

    `source` is what the caller may read, `seen` what the view is summed from; the region is in every frame's tree.
    """
    counties = {str(frame.period): frame.tree.descendants(wanted.region_code, RegionLevel.COUNTY) for frame in frames}
    places = [
        frame.place(ledger, county.code, str(frame.period))
        for frame in frames
        for county in counties[str(frame.period)]
        for ledger in county.ledger_codes
    ]
    asked = {str(frame.period): Asked(frame.period, frame.spans) for frame in frames}
    sums = await figures_by_row(connection, places, asked, frames[-1].history, seen, {wanted.indicator})
    codes = {period: [county.code for county in below] for period, below in counties.items()}
    filed = await _filed(connection, wanted, codes, source)
    goals = GoalList()
    years = []
    for frame in frames:
        period = str(frame.period)
        found = sums.get((period, wanted.indicator, wanted.spec.headline_series), IndicatorSums())
        years.append(_year(frame, wanted, goals, found, FiledSums(states=filed.get(period, {})), len(codes[period])))
    return Trend(
        region=name_of(frames[-1].tree[wanted.region_code]),
        indicator=wanted.indicator,
        kind=wanted.spec.kind,
        unit=unit_of(wanted.spec),
        view=wanted.view,
        goals=goals.goals,
        years=years,
        demo=demo,
    )


def _year(
    frame: Frame, wanted: Wanted, goals: GoalList, sums: IndicatorSums, filed: FiledSums, counties: int
) -> YearValue:
    kind, seen = wanted.spec.kind, seen_as(wanted.view, sums)
    shown = value_shown(frame, wanted, goals, wanted.region_code, counties, seen)
    terms = seen.compared if kind is FigureKind.CHANGE else seen.headline
    return YearValue(
        **shown.model_dump(),
        period=str(frame.period),
        numerator=None if terms.numerator is None else plain(terms.numerator),
        denominator=None if terms.denominator is None else plain(terms.denominator),
        filing=lowest_state(kind, filed, counties),
    )


async def _filed(
    connection: AsyncConnection, wanted: Wanted, codes: Mapping[str, Sequence[str]], source: Source
) -> dict[str, dict[FilingState, int]]:
    """Return how many counties stand in each state by period, those that filed nothing left out: one statement."""
    pairs = [(code, period) for period, below in codes.items() for code in below]
    values = {
        **source.values,
        "indicator": str(wanted.indicator),
        "codes": [code for code, _ in pairs],
        "periods": [period for _, period in pairs],
    }
    found: dict[str, dict[FilingState, int]] = {}
    for row in await connection.execute(source.over(COUNT_STATES), values):
        found.setdefault(row.period, {})[FilingState(row.state)] = row.n
    return found
