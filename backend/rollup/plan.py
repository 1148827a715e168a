"""The plan as loaded: goals, key basins and which county belongs to which."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from backend.rollup.goals import Goal, Goals
from schemas.reference.designations import DesignationKind
from schemas.vocabulary import BasinTier, GoalType, Indicator, SourceStatus

READ_GOALS = """
    SELECT region_code, indicator, scope, valid_from, due_year, type, value, unit, source, status, department
    FROM current_goal
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


async def load_plan(connection: AsyncConnection) -> Plan:
    """Read goals, basins and designations as they hold now."""
    known = {str(indicator) for indicator in Indicator}
    goals = Goals(
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
        for row in await connection.execute(text(READ_GOALS))
        if row.indicator in known
    )
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
