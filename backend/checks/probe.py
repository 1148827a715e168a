"""A probe: one statement that finds what a check looks for, and how its rows are read."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

import orjson

from backend.checks.found import Found
from backend.rollup.goals import Goals
from schemas.checks.check import Check
from schemas.checks.thresholds import Thresholds
from schemas.decimals import plain
from schemas.regions import NATION, RegionTree
from schemas.vocabulary import GoalType, Indicator, RegionLevel
from sync.reference import Reference
from sync.statement import Statement


@dataclass(frozen=True, slots=True)
class Ground:
    """What a sweep knows besides the tables: the year, its regions and goals, the coefficients, the thresholds."""

    year: int
    tree: RegionTree
    goals: Goals
    reference: Reference
    now: datetime
    thresholds: Thresholds = field(default_factory=Thresholds)

    def per_indicator(self, check: Check, name: str) -> str:
        """Return a threshold of every indicator as the JSON object that a statement looks it up in."""
        found = {str(one): plain(self.thresholds.get(check.code, name, one)) for one in Indicator}
        return orjson.dumps(found).decode()

    def floors(self) -> list[dict[str, str]]:
        """Return the floor that holds for every county and rate of the year."""
        found = []
        for county in self.tree.descendants(NATION, RegionLevel.COUNTY):
            for indicator in Indicator:
                goal = self.goals.nearest(self.tree, county.code, indicator, self.year)
                if goal is not None and goal.type is GoalType.FLOOR:
                    found.append({"county_code": county.code, "indicator": indicator, "floor": plain(goal.value)})
        return found


Binds = Callable[[Ground], Mapping[str, Any]]
Read = Callable[[Sequence[Any], Ground], list[Found]]


def threshold_binds(check: Check) -> Binds:
    """Return the parameters of a statement that goes by all thresholds of a check, each looked up by indicator."""
    return lambda ground: {name: ground.per_indicator(check, name) for name in check.thresholds}


@dataclass(frozen=True, slots=True)
class Probe:
    """A check, its statement and what becomes of the rows. Every statement gets `:year` besides its own parameters."""

    check: Check
    statement: Statement
    read: Read
    binds: Binds


def limit(name: str, indicator: str) -> str:
    """Return the SQL for a threshold bound by `threshold_binds`; `indicator` is an expression."""
    return f"cast(cast(:{name} AS jsonb) ->> {indicator} AS numeric)"


def bare_limit(ground: Ground, check: Check, name: str) -> Decimal:
    """Return a threshold that no indicator has a say in."""
    return ground.thresholds.get(check.code, name)


PLACE = """place AS (
        SELECT ledger.code AS ledger_code, county.code AS region_code,
               CASE above.level WHEN 'province' THEN above.code ELSE above.parent_code END AS province_code
        FROM region_version AS county
        JOIN region_version AS above ON above.code = county.parent_code
             AND above.valid_from <= :year AND (above.valid_to IS NULL OR above.valid_to >= :year)
        CROSS JOIN LATERAL unnest(county.ledger_codes) AS ledger (code)
        WHERE county.level = 'county' AND county.in_scope
          AND county.valid_from <= :year AND (county.valid_to IS NULL OR county.valid_to >= :year)
    )"""
"""Which county and province of the year a ledger belongs to; the province stands above the county or its prefecture."""

OF_YEAR = "left(report.period, 4) = cast(cast(:year AS int) AS text)"

LIVE_FARM_REPORT = f"report.kind = 'report' AND report.level = 'farm' AND report.status <> 'withdrawn' AND {OF_YEAR}"
