"""The plan as loaded: goals, key basins and which county belongs to which."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from backend.rollup.goals import Goal, Goals
from schemas.vocabulary import BasinTier, GoalType, Indicator, SourceStatus

READ_GOALS = """
    SELECT region_code, indicator, scope, valid_from, due_year, type, value, unit, source, status, department FROM goal
"""

READ_BASINS = """
    SELECT code, name, name_en, source FROM basin ORDER BY code
"""

READ_BASIN_COUNTIES = """
    SELECT basin_code, county_code, tier FROM basin_county ORDER BY basin_code, county_code
"""


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
    """Goals and basins, in memory."""

    goals: Goals
    basins: Mapping[str, BasinInfo]
    basins_of: Mapping[str, tuple[tuple[str, BasinTier], ...]]
    """A county code -> the (basin, tier) pairs it belongs to."""


async def load_plan(connection: AsyncConnection) -> Plan:
    """Read goals and basins."""
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
    return Plan(goals, basins, basins_of)
