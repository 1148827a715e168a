"""How far a region's counties are before a date: filed, returned, stuck, nothing to report, silent. Of offices only."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from backend.filing.listing import READ_STATES
from backend.filing.tiers import tiers_of
from backend.filing.workflow import holder
from backend.rollup.summaries import name_of, row_code
from schemas.completeness import (
    Completeness,
    CompletenessRow,
    IndicatorDue,
    Phones,
    Progress,
    StuckAt,
)
from schemas.deadlines import Deadlines
from schemas.indicators.catalogue import CATALOGUE
from schemas.period import CHINA_STANDARD_TIME, Period
from schemas.regions import Region, RegionTree
from schemas.vocabulary import FilingState, Indicator, RecordStatus, RegionLevel, Role
from sync.devices import SILENT

OF_LEDGERS = "county_code = ANY(cast(:ledgers AS text[]))"

COUNT_REPORTS = f"""
    SELECT county_code, indicator, status, count(*) AS n,
           count(*) FILTER (WHERE payload ->> 'none_this_year' = 'true') AS none
    FROM record
    WHERE {OF_LEDGERS} AND kind = 'report' AND level = 'farm' AND period = :period AND status <> 'withdrawn'
    GROUP BY 1, 2, 3
"""

READ_STATED = f"""
    SELECT DISTINCT county_code, indicator FROM county_figure
    WHERE {OF_LEDGERS} AND period = :period AND view = 'statement' AND n > 0
"""

COUNT_FARMS = f"""
    SELECT farm.county_code, count(*) AS n, count(*) FILTER (WHERE heard.farm_id IS NULL) AS without
    FROM record AS farm
    LEFT JOIN (
        SELECT DISTINCT county_code, farm_id FROM record
        WHERE {OF_LEDGERS} AND kind = 'report' AND level = 'farm' AND status <> 'withdrawn' AND period = :period
    ) AS heard ON heard.county_code = farm.county_code AND heard.farm_id = farm.id
    WHERE farm.{OF_LEDGERS} AND farm.kind = 'farm' AND farm.status <> 'withdrawn'
    GROUP BY 1
"""

COUNT_PHONES = """
    WITH enrolled AS (
        SELECT DISTINCT coalesce(town.parent_code, held.region_code) AS county_code, device.device_id,
               device.account_id, device.known_at
        FROM device
        JOIN account_grant AS held ON held.account_id = device.account_id AND held.role IN ('worker', 'township')
        LEFT JOIN LATERAL (
            SELECT parent_code FROM region_version
            WHERE code = held.region_code AND level = 'township' ORDER BY valid_from DESC LIMIT 1
        ) AS town ON true
        WHERE device.revoked_at IS NULL
    ), heard AS (
        SELECT enrolled.county_code, enrolled.device_id,
               max(coalesce(greatest(seen.last_push_at, seen.last_pull_at), enrolled.known_at)) AS at,
               max(coalesce(seen.queued, 0)) AS queued
        FROM enrolled
        LEFT JOIN device_sync AS seen ON seen.county_code = enrolled.county_code
              AND seen.device_id = enrolled.device_id AND seen.account = enrolled.account_id
        WHERE enrolled.county_code = ANY(cast(:codes AS text[]))
        GROUP BY 1, 2
    )
    SELECT county_code, count(*) AS known, count(*) FILTER (WHERE at < :since) AS silent,
           count(*) FILTER (WHERE queued > 0) AS queued
    FROM heard GROUP BY 1
"""
"""A phone that was never heard of is silent once its sign-in is as old."""

WAITING = frozenset({FilingState.FILED, FilingState.ENDORSED, FilingState.ACCEPTED})


@dataclass(frozen=True, slots=True)
class Wanted:
    """Whose completeness is asked for, when, and by which dates of the deployment."""

    tree: RegionTree
    region: Region
    level: RegionLevel
    period: Period
    indicators: Sequence[Indicator]
    now: datetime
    deadlines: Deadlines
    wait_days: int
    top_region: str

    @property
    def today(self) -> date:
        """The day in China."""
        return self.now.astimezone(CHINA_STANDARD_TIME).date()

    def is_late(self, indicator: Indicator) -> bool:
        """Whether the date of an indicator is past."""
        due = self.deadlines.due(indicator, self.period)
        return due is not None and due < self.today


@dataclass
class Found:
    """What the database says, by county of the period's year, or by ledger."""

    states: dict[tuple[str, Indicator], Any] = field(default_factory=dict)
    reports: dict[tuple[str, Indicator], Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    stated: set[tuple[str, Indicator]] = field(default_factory=set)
    farms: dict[str, Any] = field(default_factory=dict)
    phones: dict[str, Any] = field(default_factory=dict)


async def region_completeness(connection: AsyncConnection, wanted: Wanted) -> Completeness:
    """Return how far the counties of a region are, by the regions below it: five statements, whatever their number."""
    counties = wanted.tree.descendants(wanted.region.code, RegionLevel.COUNTY)
    found = await _found(connection, wanted, counties)
    members: dict[str, list[Region]] = defaultdict(list)
    for county in counties:
        members[row_code(wanted.tree, county, wanted.region.code, wanted.level)].append(county)
    return Completeness(
        region=name_of(wanted.region),
        period=str(wanted.period),
        today=wanted.today,
        silent_days=SILENT.days,
        wait_days=wanted.wait_days,
        indicators=[_due(wanted, indicator) for indicator in wanted.indicators],
        total=_row(wanted, found, wanted.region, counties),
        rows=[_row(wanted, found, wanted.tree[code], members[code]) for code in sorted(members)],
    )


async def _found(connection: AsyncConnection, wanted: Wanted, counties: Sequence[Region]) -> Found:
    values = {
        "codes": [county.code for county in counties],
        "ledgers": [ledger for county in counties for ledger in county.ledger_codes],
        "period": str(wanted.period),
        "since": wanted.now - SILENT,
    }
    found = Found()
    for row in await connection.execute(text(READ_STATES), values):
        found.states[row.region_code, Indicator(row.indicator)] = row
    for row in await connection.execute(text(COUNT_REPORTS), values):
        counts = found.reports[row.county_code, Indicator(row.indicator)]
        counts[row.status] += row.n
        counts["none"] += row.none
    for row in await connection.execute(text(READ_STATED), values):
        found.stated.add((row.county_code, Indicator(row.indicator)))
    found.farms = {row.county_code: row for row in await connection.execute(text(COUNT_FARMS), values)}
    found.phones = {row.county_code: row for row in await connection.execute(text(COUNT_PHONES), values)}
    return found


def _due(wanted: Wanted, indicator: Indicator) -> IndicatorDue:
    spec, due = CATALOGUE[indicator], wanted.deadlines.due(indicator, wanted.period)
    left = None if due is None else (due - wanted.today).days
    return IndicatorDue(indicator=indicator, zh=spec.zh, en=spec.en, due=due, days_left=left)


def _row(wanted: Wanted, found: Found, region: Region, counties: Sequence[Region]) -> CompletenessRow:
    farms = [found.farms[code] for county in counties for code in county.ledger_codes if code in found.farms]
    phones = [found.phones[county.code] for county in counties if county.code in found.phones]
    return CompletenessRow(
        region=name_of(region),
        counties=len(counties),
        farms=sum(row.n for row in farms),
        farms_without=sum(row.without for row in farms),
        phones=Phones(
            known=sum(row.known for row in phones),
            silent=sum(row.silent for row in phones),
            queued=sum(row.queued for row in phones),
        ),
        indicators={one: _progress(wanted, found, one, counties) for one in wanted.indicators},
    )


def _progress(wanted: Wanted, found: Found, indicator: Indicator, counties: Sequence[Region]) -> Progress:
    states = {county.code: _state(found, county.code, indicator) for county in counties}
    still_open = [county for county in counties if states[county.code] is FilingState.OPEN]
    reports: Counter[str] = Counter()
    for county in counties:
        for ledger in county.ledger_codes:
            reports += found.reports.get((ledger, indicator), Counter())
    stuck = list(_stuck(wanted, found, indicator, states))
    lying = Counter(role for role, _ in stuck)
    submitted, returned = reports[RecordStatus.SUBMITTED], reports[RecordStatus.RETURNED]
    return Progress(
        counties={state: list(states.values()).count(state) for state in FilingState},
        returned=sum(bool(_returned(found, county.code, indicator)) for county in still_open),
        late=len(still_open) if wanted.is_late(indicator) else 0,
        stuck=len(stuck),
        stuck_since=min((since for _, since in stuck), default=None),
        stuck_at=[StuckAt(role=role, counties=lying[role]) for role in Role if role in lying],
        reports=submitted + returned + reports[RecordStatus.ACCEPTED],
        unreviewed=submitted,
        returned_reports=returned,
        none_this_year=reports["none"],
        silent_counties=sum(_is_silent(found, indicator, county) for county in still_open),
    )


def _state(found: Found, code: str, indicator: Indicator) -> FilingState:
    row = found.states.get((code, indicator))
    return FilingState.OPEN if row is None else FilingState(row.state)


def _returned(found: Found, code: str, indicator: Indicator) -> bool:
    row = found.states.get((code, indicator))
    return row is not None and row.returned


def _is_silent(found: Found, indicator: Indicator, county: Region) -> bool:
    keys = [(ledger, indicator) for ledger in county.ledger_codes]
    return not any(key in found.reports or key in found.stated for key in keys)


def _stuck(
    wanted: Wanted, found: Found, indicator: Indicator, states: Mapping[str, FilingState]
) -> Iterable[tuple[Role, datetime]]:
    """Yield the tier and the time of every filing that has lain with an office for too long."""
    before = wanted.now - timedelta(days=wanted.wait_days)
    for code, state in states.items():
        row = found.states.get((code, indicator))
        if state in WAITING and row is not None and row.moved_at < before:
            yield holder(state, tiers_of(wanted.tree, code, wanted.top_region)), row.moved_at
