"""The plan as loaded: goals, key basins and which county belongs to which."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from backend.rollup.goals import Goal, Goals
from schemas.lineage import CodeHistory
from schemas.reference.designations import DesignationKind
from schemas.regions import NATION, Region, RegionTree
from schemas.vocabulary import BasinTier, GoalType, Indicator, RegionLevel, SourceStatus

READ_GOALS = """
    SELECT region_code, indicator, scope, valid_from, due_year, type, value, unit, source, status, department
    FROM current_goal
"""

READ_GOALS_OF_VERSION = """
    SELECT region_code, indicator, scope, valid_from, due_year, type, value, unit, source, status, department
    FROM (SELECT DISTINCT ON (region_code, indicator, scope, valid_from, due_year) * FROM goal
          WHERE version <= :version
          ORDER BY region_code, indicator, scope, valid_from, due_year, version DESC) AS latest
    WHERE NOT withdrawn
"""

READ_BASINS = """
    SELECT code, name, name_en, source FROM current_basin ORDER BY code
"""

READ_BASIN_COUNTIES = """
    SELECT basin_code, county_code, tier FROM current_basin_county ORDER BY basin_code, county_code
"""


READ_DESIGNATIONS = """
    SELECT county_code, kind, year, source, status FROM current_designation ORDER BY county_code, kind, year
"""


@dataclass(frozen=True, slots=True)
class DesignationInfo:
    """What a county was designated as, when, and which document says so."""

    kind: DesignationKind
    year: int
    source: str
    status: SourceStatus


@dataclass(frozen=True, slots=True)
class BasinInfo:
    """A key basin and its counties by tier."""

    code: str
    name: str
    name_en: str
    source: str
    counties: Mapping[str, BasinTier]


@dataclass(frozen=True, slots=True)
class Plan:
    """Goals, basins and designations, in memory."""

    goals: Goals
    basins: Mapping[str, BasinInfo]
    basins_of: Mapping[str, tuple[tuple[str, BasinTier], ...]]
    """A county code -> the (basin, tier) pairs it belongs to."""
    designations_of: Mapping[str, tuple[DesignationInfo, ...]] = field(default_factory=dict)
    """A county code -> what it was designated as, the oldest of a kind first."""

    def basin_tiers(self, county: Region) -> dict[str, BasinTier]:
        """Return basin code -> tier of a county: as listed, else the closest tier of the codes that went into it."""
        tiers: dict[str, BasinTier] = {}
        for former in county.ledger_codes:
            for basin, tier in self.basins_of.get(former, ()):
                if former != county.code and (basin not in tiers or tier.is_closer_than(tiers[basin])):
                    tiers[basin] = tier
        return tiers | dict(self.basins_of.get(county.code, ()))

    def members(self, basin: BasinInfo, tree: RegionTree) -> dict[str, BasinTier]:
        """Return county code -> tier of a basin in the tree's year, by code."""
        found = {}
        for county in tree.descendants(NATION, RegionLevel.COUNTY):
            tier = self.basin_tiers(county).get(basin.code)
            if tier is not None:
                found[county.code] = tier
        return found


async def load_plan(connection: AsyncConnection, history: CodeHistory) -> Plan:
    """Read goals, basins and designations as they hold now."""
    goals = _goals(await connection.execute(text(READ_GOALS)), history)
    tiers: dict[str, dict[str, BasinTier]] = {}
    basins_of: dict[str, tuple[tuple[str, BasinTier], ...]] = {}
    for row in await connection.execute(text(READ_BASIN_COUNTIES)):
        tier = BasinTier(row.tier)
        tiers.setdefault(row.basin_code, {})[row.county_code] = tier
        basins_of[row.county_code] = (*basins_of.get(row.county_code, ()), (row.basin_code, tier))
    basins = {
        row.code: BasinInfo(row.code, row.name, row.name_en, row.source, tiers.get(row.code, {}))
        for row in await connection.execute(text(READ_BASINS))
    }
    designations_of: dict[str, tuple[DesignationInfo, ...]] = {}
    for row in await connection.execute(text(READ_DESIGNATIONS)):
        one = DesignationInfo(DesignationKind(row.kind), row.year, row.source, SourceStatus(row.status))
        designations_of[row.county_code] = (*designations_of.get(row.county_code, ()), one)
    return Plan(goals, basins, basins_of, designations_of)


async def goals_of_version(connection: AsyncConnection, history: CodeHistory, version: int) -> Goals:
    """Read the goals as they held under a version."""
    return _goals(await connection.execute(text(READ_GOALS_OF_VERSION), {"version": version}), history)


def _goals(rows: Iterable[Row[Any]], history: CodeHistory) -> Goals:
    known = {str(indicator) for indicator in Indicator}
    goals = [
        Goal(
            row.region_code,
            Indicator(row.indicator),
            row.scope,
            row.valid_from,
            row.due_year,
            GoalType(row.type),
            row.value,
            row.unit,
            row.source,
            SourceStatus(row.status),
            row.department,
        )
        for row in rows
        if row.indicator in known
    ]
    return Goals([*goals, *_carried(goals, history)])


def _carried(goals: Iterable[Goal], history: CodeHistory) -> Iterator[Goal]:
    """Yield the goals of counties that only got another code, under today's code; a merger has to set its own."""
    given = list(goals)
    own = {(goal.region_code, goal.indicator, goal.scope) for goal in given}
    for goal in given:
        today = history.today(goal.region_code)
        if history.is_of(today, goal.region_code) and (today, goal.indicator, goal.scope) not in own:
            yield replace(goal, region_code=today)
