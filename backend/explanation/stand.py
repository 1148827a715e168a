"""A figure with all that it is read from: the region and its ledgers, the standpoint, the sums there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from backend.explanation.rebuilt import (
    Cells,
    PastReference,
    Wanted,
    cells_at,
    computed_under,
    kept_cells,
    rebuilt_figures,
    source_of,
)
from backend.explanation.standpoint import Asked, Standpoint, find_standpoint
from backend.rollup.plan import Plan, goals_of_version
from backend.rollup.source import STORED, Source
from backend.rollup.summaries import Frame, region_summary
from backend.rollup.trees import RegionTrees
from schemas.indicators.catalogue import CATALOGUE
from schemas.indicators.spec import Formula, IndicatorSpec
from schemas.period import BASE_YEAR, Period
from schemas.regions import Region, RegionTree
from schemas.summaries import IndicatorSummary, Summary
from schemas.vocabulary import FigureKind, Indicator, RegionLevel
from sync.reference import Reference

BELOW: Mapping[RegionLevel, RegionLevel] = {
    RegionLevel.NATION: RegionLevel.PROVINCE,
    RegionLevel.PROVINCE: RegionLevel.PREFECTURE,
    RegionLevel.PREFECTURE: RegionLevel.COUNTY,
    RegionLevel.COUNTY: RegionLevel.COUNTY,
}
"""The tier that a region's figure is broken down into; a county's townships are none of the summaries'."""


@dataclass(frozen=True)
class Archive:
    """The reference data that figures are read with."""

    reference: Reference
    plan: Plan
    trees: RegionTrees = field(default_factory=RegionTrees)
    demo: bool = False


@dataclass(frozen=True, slots=True)
class Question:
    """Which figure is asked for, and as of when."""

    region_code: str
    indicator: Indicator
    period: Period
    as_of: str | None = None

    @property
    def spec(self) -> IndicatorSpec:
        """What the indicator declares."""
        return CATALOGUE[self.indicator]

    @property
    def last_year(self) -> Period:
        """The same period of the year before."""
        return Period(self.period.year - 1, self.period.part)

    @property
    def summed_periods(self) -> list[str]:
        """The periods that the figure is summed over: of a flow every year from its first."""
        spec, period = self.spec, self.period
        first = spec.start_year if spec.kind is FigureKind.CUMULATIVE and spec.start_year else period.year
        return [*(str(year) for year in range(first, period.year)), str(period)]

    @property
    def read_periods(self) -> list[str]:
        """All periods that the answer looks at: those summed, the year before, and the base."""
        found = {*self.summed_periods, str(self.last_year)}
        if self.spec.base_year is not None:
            found.add(f"{self.spec.base_year}{self.period.part}")
        return sorted(found)


@dataclass(frozen=True)
class Stand:
    """A figure at its standpoint."""

    archive: Archive
    question: Question
    region: Region
    counties: Sequence[Region]
    standpoint: Standpoint
    frame: Frame
    source: Source
    cells: Cells
    figures: Sequence[Mapping[str, Any]] | None
    """What was rebuilt, as rows of `county_figure`; None for the figure as it stands."""
    past: PastReference | None = None
    published: bool = False
    """Whether only what is published is told of."""

    @property
    def tree(self) -> RegionTree:
        """The regions of the period's year."""
        return self.frame.tree

    @property
    def ledger_codes(self) -> list[str]:
        """The ledgers of the region's counties."""
        return sorted(code for county in self.counties for code in county.ledger_codes)

    @property
    def read_codes(self) -> list[str]:
        """The ledgers that have an entry at the standpoint."""
        return sorted(self.standpoint.positions)

    def computed_under(self, code: str) -> tuple[Reference, Formula]:
        """Return the reference data and the formula that a ledger's figure is computed by."""
        if self.past is None:
            return self.archive.reference, self.question.spec.formula
        version, formula = computed_under(self.standpoint, code, self.question.indicator)
        return self.past.of(version), formula or self.question.spec.formula

    async def summary(self, connection: AsyncConnection) -> Summary:
        """Return the region's summary with the rows below it: five statements."""
        by = BELOW[self.region.level]
        return await region_summary(connection, self.frame, self.region.code, by, self.source, demo=self.archive.demo)

    async def last_summary(self, connection: AsyncConnection) -> Summary | None:
        """Return the same of the year before, read from the same ledgers; None where the region was another then."""
        period = self.question.last_year
        tree = await self.archive.trees.of_year(connection, period.year)
        if self.region.code not in tree:
            return None
        frame = replace(self.frame, tree=tree, period=period)
        by = BELOW[self.region.level]
        return await region_summary(connection, frame, self.region.code, by, self.source, demo=self.archive.demo)

    def of(self, summary: Summary) -> IndicatorSummary:
        """Return the figure's part of a summary."""
        return summary.total.indicators[self.question.indicator]


async def take_stand(
    connection: AsyncConnection,
    archive: Archive,
    question: Question,
    told_at: datetime | None = None,
    *,
    rebuilds: bool = False,
) -> Stand:
    """Return the figure at its standpoint, rebuilt from ledger entries where another moment is asked for.

    The region is known and in scope; `told_at` is the moment whose goals a filing is told with; with
    `rebuilds` the figure as it stands is rebuilt too. Raises Refused for a moment that cannot be asked for.
    """
    tree = await archive.trees.of_year(connection, question.period.year)
    base_tree = await archive.trees.of_year(connection, BASE_YEAR)
    region = tree[question.region_code]
    counties = tree.descendants(region.code, RegionLevel.COUNTY)
    codes = _ledgers_read(archive.reference, counties)
    asked = Asked(
        region.name, [one.code for one in counties], codes, question.indicator, str(question.period), question.as_of
    )
    standpoint = await find_standpoint(connection, asked, datetime.now(UTC), told_at)
    frame = Frame(tree, archive.plan, question.period, base_tree, archive.reference.history)
    if standpoint.is_now and not rebuilds:
        cells = await kept_cells(connection, Wanted(question.indicator, question.summed_periods), codes)
        return Stand(archive, question, region, counties, standpoint, frame, STORED, cells, None)
    past = await PastReference.read(connection, archive.reference)
    cells = await cells_at(connection, Wanted(question.indicator, question.read_periods), standpoint.positions)
    figures = rebuilt_figures(cells, question.indicator, standpoint, past)
    goals = await goals_of_version(connection, archive.reference.history, standpoint.versions.goals)
    frame = replace(frame, plan=replace(archive.plan, goals=goals))
    source = source_of(standpoint, cells, figures, question.indicator)
    return Stand(archive, question, region, counties, standpoint, frame, source, cells, figures, past)


def _ledgers_read(reference: Reference, counties: Sequence[Region]) -> list[str]:
    """Return the ledgers of the counties, and those of the codes that ever stated them as a whole."""
    own = {code for county in counties for code in county.ledger_codes}
    return sorted(own | {span.code for _, span in reference.history.holders(own)})
