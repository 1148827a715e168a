"""One indicator over all rows of a region, in columns: what a map is coloured by. The same sums as a summary's."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import reduce

from sqlalchemy.ext.asyncio import AsyncConnection

from backend.rollup.goal_line import GoalLine, filing_standing, goal_shown, held_sums
from backend.rollup.goals import Goal
from backend.rollup.parts import FiledSums, IndicatorSums, Part, RowSums
from backend.rollup.source import STORED, Source
from backend.rollup.summaries import Frame, name_of, row_code
from backend.rollup.sums import LedgerPlace, sums_by_row
from backend.rollup.views import FILED, seen_as
from schemas.indicators.catalogue import CATALOGUE
from schemas.indicators.spec import IndicatorSpec
from schemas.map_values import MapValues, ValueShown
from schemas.summaries import GoalShown
from schemas.vocabulary import FigureKind, FigureView, FilingState, Indicator, RegionLevel

PERCENT = "%"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which values: of one indicator in one view, over the rows of a level below a region."""

    indicator: Indicator
    view: FigureView
    region_code: str
    level: RegionLevel

    @property
    def spec(self) -> IndicatorSpec:
        """What the indicator declares."""
        return CATALOGUE[self.indicator]


@dataclass
class GoalList:
    """The goals that values are held against, each named once."""

    goals: list[GoalShown] = field(default_factory=list)
    _places: dict[tuple[Goal, bool], int] = field(default_factory=dict)

    def place(self, goal: Goal | None, region_code: str) -> int | None:
        """Return where a goal stands in the list, adding it where it is new."""
        if goal is None:
            return None
        key = (goal, goal.region_code == region_code)
        if key not in self._places:
            self._places[key] = len(self.goals)
            self.goals.append(goal_shown(goal, region_code))
        return self._places[key]


async def map_values(
    connection: AsyncConnection,
    frame: Frame,
    wanted: Wanted,
    source: Source,
    findings: Mapping[str, int] | None,
    *,
    demo: bool,
) -> MapValues:
    """Return the values of all rows and of the region: four statements, eight of what counties have filed.

    `source` is what the caller may read; `findings` holds the open ones by region, None where the caller sees none.
    """
    tree = frame.tree
    counties = tree.descendants(wanted.region_code, RegionLevel.COUNTY)
    row_of = {county.code: row_code(tree, county, wanted.region_code, wanted.level) for county in counties}
    members: dict[str, list[str]] = {}
    for county, row in row_of.items():
        members.setdefault(row, []).append(county)
    places = [frame.place(ledger, one.code, row_of[one.code]) for one in counties for ledger in one.ledger_codes]
    standing = await _sums(connection, frame, wanted, places, source)
    seen = standing
    if source is STORED and wanted.view in FILED:
        seen = await _sums(connection, frame, wanted, places, FILED[wanted.view])
    goals, codes = GoalList(), sorted(members)
    said = [seen_as(wanted.view, _of(seen, wanted, code)) for code in codes]
    of_rows = [(code, len(members[code]), _of(standing, wanted, code)) for code in codes]
    shown = [value_shown(frame, wanted, goals, code, n, one) for (code, n, _), one in zip(of_rows, said, strict=True)]
    total = value_shown(frame, wanted, goals, wanted.region_code, len(counties), _together(said))
    kind = wanted.spec.kind
    return MapValues(
        indicator=wanted.indicator,
        kind=kind,
        unit=unit_of(wanted.spec),
        period=str(frame.period),
        view=wanted.view,
        level=wanted.level,
        region=name_of(tree[wanted.region_code]),
        total=total,
        goals=goals.goals,
        codes=codes,
        values=[one.value for one in shown],
        states=[one.state for one in shown],
        goal=[one.goal for one in shown],
        distances=[one.distance for one in shown],
        counties=[one.counties for one in shown],
        of=[one.of for one in shown],
        filings=[lowest_state(kind, sums.filed, n) for _, n, sums in of_rows],
        silent=[int(_is_silent(frame, kind, sums)) for _, _, sums in of_rows],
        findings=None if findings is None else [_counted(findings, code, members[code]) for code in codes],
        demo=demo,
    )


async def _sums(
    connection: AsyncConnection, frame: Frame, wanted: Wanted, places: Sequence[LedgerPlace], source: Source
) -> RowSums:
    """Return the sums of the indicator; of a flow those of the period's own year beside those up to it."""
    spans = list(frame.spans)
    if wanted.spec.kind is FigureKind.CUMULATIVE:
        spans.append((wanted.indicator, frame.period.year))
    spans = sorted(set(spans))
    return await sums_by_row(connection, places, frame.period, frame.history, spans, source, {wanted.indicator})


def _of(sums: RowSums, wanted: Wanted, code: str) -> IndicatorSums:
    """Return the headline series of a row."""
    return sums.get((code, wanted.indicator, wanted.spec.headline_series), IndicatorSums())


def _together(rows: Sequence[IndicatorSums]) -> IndicatorSums:
    """Return what a value is read from, over disjoint rows: the headline and what it is compared with, no more.

    A map has thousands of rows: all else that they hold would be added for nothing.
    """
    years = {year for one in rows for year in one.since}
    return IndicatorSums(
        headline=reduce(Part.plus, (one.headline for one in rows), Part()),
        compared=reduce(Part.plus, (one.compared for one in rows), Part()),
        since={year: _together([one.since[year] for one in rows if year in one.since]) for year in years},
    )


def value_shown(
    frame: Frame, wanted: Wanted, goals: GoalList, region_code: str, counties: int, seen: IndicatorSums
) -> ValueShown:
    """Return one row's value against its goal, as a summary's headline reads the same sums; `seen` is of the view."""
    year = frame.period.year
    goal = frame.plan.goals.nearest(frame.tree, region_code, wanted.indicator, year)
    line = GoalLine(wanted.spec.kind, goal, frame.period)
    held = held_sums(seen, goal)
    figure = line.view(seen.headline, seen.compared, held.headline)
    return ValueShown(
        value=figure.numerator if wanted.spec.kind is FigureKind.CUMULATIVE else figure.rate_percent,
        state=figure.state,
        goal=goals.place(goal, region_code),
        distance=line.distance_points(seen) or line.distance_amount(held),
        counties=figure.counties if figure.compared_counties is None else figure.compared_counties,
        of=counties,
    )


def unit_of(spec: IndicatorSpec) -> str:
    """Return what an indicator's value is counted in: percent, or the unit of a flow."""
    return str(spec.numerator.unit) if spec.kind is FigureKind.CUMULATIVE else PERCENT


def lowest_state(kind: FigureKind, filed: FiledSums, counties: int) -> FilingState:
    """Return the lowest state of any of so many counties."""
    return filing_standing(kind, filed, counties).state


def _is_silent(frame: Frame, kind: FigureKind, sums: IndicatorSums) -> bool:
    """Whether nothing was said of the period itself, by statement or report; a flow sums former years too."""
    own = sums.since.get(frame.period.year, IndicatorSums()) if kind is FigureKind.CUMULATIVE else sums
    return own.headline.reports == 0


def _counted(findings: Mapping[str, int], code: str, counties: Sequence[str]) -> int:
    """Return the open findings of a row: of its counties, and of the region itself, once where they are one."""
    return sum(findings.get(one, 0) for one in {code, *counties})
