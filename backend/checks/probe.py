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
class Places:
    """Which county of a year a ledger belongs to, and which province: the rows of `PLACE`."""

    counties: Mapping[str, str]
    provinces: Mapping[str, str]

    @classmethod
    def of(cls, tree: RegionTree) -> "Places":
        """Return the places of a tree's year."""
        counties, provinces = {}, {}
        for county in tree.descendants(NATION, RegionLevel.COUNTY):
            province = next((one.code for one in tree.chain(county.code) if one.level is RegionLevel.PROVINCE), None)
            for ledger in county.ledger_codes:
                counties[ledger] = county.code
                if province is not None:
                    provinces[ledger] = province
        return cls(counties, provinces)


@dataclass(frozen=True, slots=True)
class Ground:
    """What a sweep knows besides the tables: the year, its regions and goals, the coefficients, the thresholds."""

    year: int
    tree: RegionTree
    goals: Goals
    places: Places
    reference: Reference
    now: datetime
    thresholds: Thresholds = field(default_factory=Thresholds)

    def region_of(self, ledger_code: str) -> str:
        """Return the county of the year that a ledger belongs to; its own code where it belonged to none."""
        return self.places.counties.get(ledger_code, ledger_code)

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


def place_binds(ground: Ground) -> dict[str, list[str]]:
    """Return the parameters of `PLACE`."""
    ledgers = list(ground.places.provinces)
    return {
        "ledger_codes": ledgers,
        "region_codes": [ground.places.counties[ledger] for ledger in ledgers],
        "province_codes": [ground.places.provinces[ledger] for ledger in ledgers],
    }


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
        SELECT p.ledger_code, p.region_code, p.province_code
        FROM unnest(cast(:ledger_codes AS text[]), cast(:region_codes AS text[]), cast(:province_codes AS text[]))
             AS p (ledger_code, region_code, province_code)
    )"""
"""Which county and province of the year a ledger belongs to, bound by `place_binds`."""

OF_YEAR = "left(report.period, 4) = cast(cast(:year AS int) AS text)"

LIVE_FARM_REPORT = f"report.kind = 'report' AND report.level = 'farm' AND report.status <> 'withdrawn' AND {OF_YEAR}"
