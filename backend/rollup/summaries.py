"""What a region or basin shows for a period: rows, total, goals, states, basins, from one snapshot of the ledgers."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import reduce

from sqlalchemy.ext.asyncio import AsyncConnection

from backend.rollup.goal_line import (
    FLOW_STARTS,
    GoalLine,
    filing_standing,
    goal_shown,
    held_sums,
    other_goal,
    percent,
    points_between,
    rate_of,
)
from backend.rollup.goals import Goal, Span
from backend.rollup.parts import IndicatorSums, RowSums
from backend.rollup.plan import BasinInfo, Plan
from backend.rollup.source import STORED, Source
from backend.rollup.sums import LedgerPlace, ledger_digest, sums_by_row
from schemas.decimals import ZERO, plain, rounded
from schemas.indicators.catalogue import CATALOGUE
from schemas.lineage import CodeHistory
from schemas.period import Period
from schemas.problems import Problem, problem
from schemas.regions import NATION, Region, RegionTree
from schemas.summaries import (
    BasinMembership,
    BasinName,
    BasinSummary,
    IndicatorSummary,
    RegionName,
    RegionSummary,
    SeriesFigure,
    Summary,
)
from schemas.vocabulary import (
    BasinTier,
    FigureKind,
    GoalType,
    Indicator,
    RecordStatus,
    RegionLevel,
    Standing,
    View,
)

GAP_TOLERANCE_POINTS = Decimal(3)
"""A statement that differs from the field sum by more is a warning (convention)."""

NO_SUMS = IndicatorSums()
NO_REPORTS = dict.fromkeys(RecordStatus, 0)


@dataclass(frozen=True, slots=True)
class Frame:
    """What all rows of one answer share."""

    tree: RegionTree
    plan: Plan
    period: Period
    base_tree: RegionTree
    """The regions of the base year."""
    history: CodeHistory = field(default_factory=CodeHistory)

    def place(self, ledger_code: str, county_code: str, row_code: str) -> LedgerPlace:
        """Return where a ledger is summed."""
        return LedgerPlace(ledger_code, county_code, row_code, existed=ledger_code in self.base_tree)

    @property
    def spans(self) -> list[Span]:
        """The spans of goals that begin later than the flow they are set for."""
        return self.plan.goals.spans(FLOW_STARTS, self.period.year)


async def region_summary(
    connection: AsyncConnection, frame: Frame, region_code: str, by: RegionLevel, source: Source = STORED, *, demo: bool
) -> Summary:
    """Return a region's total and its rows. The connection is in one snapshot; five statements whatever the size.

    `source` is what is summed: the tables, or what was rebuilt for another moment.
    """
    tree = frame.tree
    counties = tree.descendants(region_code, RegionLevel.COUNTY)
    row_of_county = {county.code: row_code(tree, county, region_code, by) for county in counties}
    places = [
        frame.place(ledger, county.code, row_of_county[county.code])
        for county in counties
        for ledger in county.ledger_codes
    ]
    sums = await sums_by_row(connection, places, frame.period, frame.history, frame.spans, source)
    members = _grouped(row_of_county)
    digest = await ledger_digest(connection, sorted(place.ledger_code for place in places), source)
    rows = [_row(frame, tree[code], sums, [code], members[code]) for code in sorted(members)]
    total = _row(frame, tree[region_code], sums, sorted(members), [county.code for county in counties])
    return Summary(
        region=name_of(tree[region_code]),
        period=str(frame.period),
        by=by,
        total=total,
        rows=rows,
        ledger=digest,
        demo=demo,
    )


async def basin_summary(
    connection: AsyncConnection,
    frame: Frame,
    basin: BasinInfo,
    readable: set[str],
    source: Source = STORED,
    *,
    demo: bool,
) -> BasinSummary:
    """Return a basin's figures over the counties in `readable`: core, core + extended, and each county."""
    tree = frame.tree
    members = frame.plan.members(basin, tree)
    shown = [code for code in sorted(members) if code in readable]
    places = [frame.place(ledger, code, code) for code in shown for ledger in tree[code].ledger_codes]
    sums = await sums_by_row(connection, places, frame.period, frame.history, frame.spans, source)
    digest = await ledger_digest(connection, sorted(place.ledger_code for place in places), source)
    core = [code for code in shown if members[code] is BasinTier.CORE]
    extended = [code for code in shown if members[code] is not BasinTier.PERIPHERAL]
    return BasinSummary(
        basin=basin_name(basin, list(members.values())),
        period=str(frame.period),
        core=_basin_row(frame, basin, sums, core),
        core_and_extended=_basin_row(frame, basin, sums, extended),
        rows=[_row(frame, tree[code], sums, [code], [code]) for code in shown],
        counties_in_scope=len(shown),
        complete=len(shown) == len(members),
        ledger=digest,
        demo=demo,
    )


def row_code(tree: RegionTree, county: Region, region_code: str, by: RegionLevel) -> str:
    """Return the row a county is summed into: its ancestor of the wanted level, or, where it has none, itself.

    省直辖县 and the districts of municipalities have no prefecture and stand as rows of their own.
    """
    for region in tree.chain(county.code):
        if region.level is by:
            return region.code
        if region.code == region_code:
            break
    return county.code


def name_of(region: Region) -> RegionName:
    """Return a region by code and name."""
    return RegionName(code=region.code, name=region.name, level=region.level)


def basin_name(basin: BasinInfo, tiers: Sequence[BasinTier]) -> BasinName:
    """Return a basin with its counties, of which `tiers` names each one's, counted by tier."""
    return BasinName(
        code=basin.code,
        name=basin.name,
        name_en=basin.name_en,
        source=basin.source,
        counties={tier: tiers.count(tier) for tier in BasinTier},
    )


def _row(frame: Frame, region: Region, sums: RowSums, codes: Iterable[str], counties: list[str]) -> RegionSummary:
    return RegionSummary(
        region=name_of(region),
        counties=len(counties),
        basins=_touched(frame, counties),
        indicators={
            indicator: _indicator(frame, region.code, indicator, _sums_over(sums, codes, indicator), len(counties))
            for indicator in CATALOGUE
        },
    )


def _basin_row(frame: Frame, basin: BasinInfo, sums: RowSums, counties: list[str]) -> RegionSummary:
    """A basin has no goal of its own: the plan's national one stands there as a reference line."""
    return RegionSummary(
        region=RegionName(code=basin.code, name=basin.name, level="basin"),
        counties=len(counties),
        basins=[],
        indicators={
            indicator: _indicator(
                frame, NATION, indicator, _sums_over(sums, counties, indicator), len(counties), assigned=False
            )
            for indicator in CATALOGUE
        },
    )


def _sums_over(sums: RowSums, codes: Iterable[str], indicator: Indicator) -> dict[str, IndicatorSums]:
    """Return the sums of every series over disjoint rows, the headline series first."""
    chosen = list(codes)
    result = {}
    for series in CATALOGUE[indicator].series:
        found = [one for code in chosen if (one := sums.get((code, indicator, series))) is not None]
        result[series] = reduce(IndicatorSums.plus, found) if found else NO_SUMS
    return result


def _indicator(
    frame: Frame,
    region_code: str,
    indicator: Indicator,
    by_series: Mapping[str, IndicatorSums],
    counties: int,
    *,
    assigned: bool | None = None,
) -> IndicatorSummary:
    spec = CATALOGUE[indicator]
    sums = by_series[spec.headline_series]
    goal, others = frame.plan.goals.standing(frame.tree, region_code, indicator, frame.period.year)
    if assigned is False:  # the nation's amount is no yardstick for a basin
        goal = None if goal is not None and goal.type is GoalType.CUMULATIVE_AMOUNT else goal
        others = [other for other in others if other.type is not GoalType.CUMULATIVE_AMOUNT]
    line = GoalLine(spec.kind, goal, frame.period)
    held = held_sums(sums, goal)
    headline = line.view(sums.headline, sums.compared, held.headline)
    # A sample gives a ratio, never a total: its difference from the statement says nothing about the county.
    comparable = spec.kind is FigureKind.RATE and spec.standing is not Standing.SAMPLE
    gap = points_between(rate_of(sums.both_statement), rate_of(sums.both_farm)) if comparable else None
    owner = region_code if assigned is None else ""
    return IndicatorSummary(
        kind=spec.kind,
        headline=headline,
        views={
            View.FARM: line.view(sums.farm, sums.compared_farm, held.farm),
            View.STATEMENT: line.view(sums.statement, sums.compared_statement, held.statement),
        },
        gap_points=None if gap is None else plain(rounded(gap, 2)),
        goal=None if goal is None else goal_shown(goal, owner),
        other_goals=[other_goal(other, owner, held_sums(sums, other), frame.period) for other in others],
        distance_points=line.distance_points(sums),
        distance_amount=line.distance_amount(held),
        series=[
            SeriesFigure(
                code=series,
                zh=spec.series[series][0],
                en=spec.series[series][1],
                headline=line.view(
                    by_series[series].headline, by_series[series].compared, held_sums(by_series[series], goal).headline
                ),
            )
            for series in list(spec.series)[1:]
        ],
        reports={**NO_REPORTS, **sums.by_status},
        flagged_reports=sums.flagged,
        filing=filing_standing(spec.kind, sums.filed, counties),
        warnings=_warnings(frame, sums, goal, region_code, gap) if spec.kind is FigureKind.RATE else [],
    )


def _warnings(
    frame: Frame, sums: IndicatorSums, goal: Goal | None, region_code: str, gap: Decimal | None
) -> list[Problem]:
    warnings: list[Problem] = []
    if goal is not None and goal.region_code == region_code:
        warnings += frame.plan.goals.weaker_than_parent(frame.tree, goal, frame.period.year)
    farm = rate_of(sums.farm)
    if farm is not None and farm > 1:
        warnings.append(problem("rate_over_whole", value=plain(percent(farm))))
    if gap is not None and abs(gap) > GAP_TOLERANCE_POINTS:
        warnings.append(
            problem(
                "statement_differs",
                statement=percent(rate_of(sums.both_statement) or ZERO),
                farm=percent(rate_of(sums.both_farm) or ZERO),
                points=rounded(abs(gap), 2),
            )
        )
    return warnings


def _touched(frame: Frame, counties: Iterable[str]) -> list[BasinMembership]:
    """Return the basins that the counties touch, each with the closest tier found."""
    closest: dict[str, BasinTier] = {}
    for county in counties:
        for basin_code, tier in frame.plan.basin_tiers(frame.tree[county]).items():
            if basin_code not in closest or tier.is_closer_than(closest[basin_code]):
                closest[basin_code] = tier
    return [
        BasinMembership(code=basin.code, name=basin.name, name_en=basin.name_en, tier=closest[basin.code])
        for basin in frame.plan.basins.values()
        if basin.code in closest
    ]


def _grouped(row_of_county: Mapping[str, str]) -> dict[str, list[str]]:
    members: dict[str, list[str]] = {}
    for county, row in row_of_county.items():
        members.setdefault(row, []).append(county)
    return members
