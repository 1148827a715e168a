"""Find what offices should be reminded of: dates that come near, filings that wait, returns that nobody answered.

Everything is counted by office. How long a person takes is not asked, here or anywhere.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import httpx
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from backend.db import connected, snapshot
from backend.filing.tiers import ROLE_OF, tiers_of
from backend.filing.workflow import holder
from backend.jobs.reminder_store import Due, Kept, keep_reminders
from backend.service import Service
from schemas.deadlines import PERIOD_ENDS, Deadlines
from schemas.indicators.catalogue import CATALOGUE
from schemas.period import CHINA_STANDARD_TIME, Period
from schemas.regions import RegionTree
from schemas.reminders import ReminderKind
from schemas.vocabulary import FilingState, Indicator, RegionLevel

LONGEST_OVERDUE = timedelta(days=180)
"""A date that is longer past than this reminds nobody any more."""

END_OF_DAY = time(23, 59, 59)

FROM_STATE = (
    ReminderKind.FILING_DUE,
    ReminderKind.FILING_WAITS,
    ReminderKind.FILING_RETURNED,
    ReminderKind.REPORTS_RETURNED,
    ReminderKind.WEBHOOK_PAUSED,
)
"""What this module finds, all of it at every run; so what it does not find is over."""

READ_FILED = "SELECT region_code, period, indicator FROM filing WHERE state <> 'open' AND period = ANY(:periods)"

READ_BEGUN = "SELECT DISTINCT county_code, period, indicator FROM rollup_cell WHERE period = ANY(:periods)"

READ_STANDING = """
    SELECT region_code, period, indicator, state, moved_at FROM filing
    WHERE moved_at < :since AND (state IN ('filed', 'endorsed', 'accepted') OR (state = 'open' AND returned))
    ORDER BY moved_at
"""

READ_RETURNED = """
    SELECT cell.county_code, report.period, report.n
    FROM (SELECT DISTINCT county_code FROM rollup_cell
          WHERE status = 'returned' AND level = 'farm' AND quantity = 'reports' AND amount > 0) AS cell
    CROSS JOIN LATERAL (
        SELECT period, count(*) AS n FROM record
        WHERE county_code = cell.county_code AND status = 'returned' AND kind = 'report' AND level = 'farm'
          AND recorded_at < :since
        GROUP BY period) AS report
"""

READ_PAUSED = """
    SELECT cast(id AS text) AS id, url, region_code, failures FROM webhook
    WHERE paused_at IS NOT NULL AND removed_at IS NULL AND enabled
"""


async def remind(service: Service, now: datetime | None = None) -> Kept:
    """Find all there is to remind of and keep it; what was reminded of and is gone is closed."""
    now = now or datetime.now(UTC)
    async with snapshot(service.engine) as connection:
        found = [
            *await _filings_due(connection, service, now),
            *await _standing(connection, service, now),
            *await _reports_returned(connection, service, now),
            *await _paused(connection),
        ]
    async with connected(service.pool) as driver, driver.transaction():
        return await keep_reminders(driver, found, FROM_STATE, now)


async def _filings_due(connection: AsyncConnection, service: Service, now: datetime) -> list[Due]:
    today = now.astimezone(CHINA_STANDARD_TIME).date()
    deadlines = Deadlines.parse(service.settings.deadlines)
    lead = timedelta(days=service.settings.deadline_days)
    asked = {(indicator, period): due for indicator, period, due in dates_near(deadlines, today, lead)}
    if not asked:
        return []
    values = {"periods": sorted({str(period) for _, period in asked})}
    filed = {tuple(row) for row in await connection.execute(text(READ_FILED), values)}
    begun = {tuple(row) for row in await connection.execute(text(READ_BEGUN), values)}
    today_of = service.reference.history.today
    missing: dict[tuple[str, str, date], list[Indicator]] = defaultdict(list)
    for (indicator, period), due in asked.items():
        tree = await service.trees.of_year(connection, period.year)
        for county in tree.descendants(service.settings.top_region, RegionLevel.COUNTY):
            key = str(period)
            has_begun = period.is_year or any((code, key, indicator) in begun for code in county.ledger_codes)
            if county.in_scope and has_begun and (county.code, key, str(indicator)) not in filed:
                missing[county.code, key, due].append(indicator)
    return [
        Due(
            ReminderKind.FILING_DUE,
            today_of(code),
            period,
            _of_indicators(indicators) | {"county_code": code, "date": due.isoformat()},
            datetime.combine(due, END_OF_DAY, CHINA_STANDARD_TIME),
            f"{code}/{due.isoformat()}",
        )
        for (code, period, due), indicators in missing.items()
    ]


def dates_near(deadlines: Deadlines, today: date, lead: timedelta) -> Iterator[tuple[Indicator, Period, date]]:
    """Yield the indicators and periods whose date is near or past, but not for long. Pure.

    A part of a year is asked only of counties that have begun it: who does not report an indicator by quarter is left
    alone.
    """
    for year in range(today.year - 1, today.year + 1):
        for part in PERIOD_ENDS:
            period = Period(year, part)
            for indicator in CATALOGUE:
                due = deadlines.due(indicator, period)
                if due is not None and due - lead <= today <= due + LONGEST_OVERDUE:
                    yield indicator, period, due


@dataclass
class _Group:
    count: int = 0
    oldest: datetime | None = None
    indicators: set[Indicator] = field(default_factory=set)

    def take(self, row: Any) -> None:
        self.count += 1
        self.oldest = min(self.oldest or row.moved_at, row.moved_at)
        self.indicators.add(Indicator(row.indicator))


async def _standing(connection: AsyncConnection, service: Service, now: datetime) -> list[Due]:
    """Return what lies with an office for too long: of filings on their way up, and of those sent back."""
    days = service.settings.wait_days
    rows = (await connection.execute(text(READ_STANDING), {"since": now - timedelta(days=days)})).all()
    waiting: dict[tuple[str, str], _Group] = defaultdict(_Group)
    returned: dict[tuple[str, str], _Group] = defaultdict(_Group)
    for row in rows:
        if row.state == FilingState.OPEN:
            returned[row.region_code, row.period].take(row)
            continue
        year = int(row.period[:4])
        office = office_of(
            await service.trees.of_year(connection, year), row.region_code, row.state, service.settings.top_region
        )
        waiting[office, row.period].take(row)
    return [
        *(
            Due(ReminderKind.FILING_WAITS, office, period, _of_group(group, days))
            for (office, period), group in waiting.items()
        ),
        *(
            Due(
                ReminderKind.FILING_RETURNED,
                service.reference.history.today(code),
                period,
                {**_of_group(group, days), "county_code": code},
                subject=code,
            )
            for (code, period), group in returned.items()
        ),
    ]


def office_of(tree: RegionTree, county_code: str, state: str, top_region: str) -> str:
    """Return the region of the office that a county's filing lies with. Pure."""
    role = holder(FilingState(state), tiers_of(tree, county_code, top_region))
    above = [region for region in tree.chain(county_code) if ROLE_OF.get(region.level) is role]
    return above[0].code if above else top_region


async def _reports_returned(connection: AsyncConnection, service: Service, now: datetime) -> list[Due]:
    days = service.settings.wait_days
    counts: dict[tuple[str, str], int] = defaultdict(int)
    for row in await connection.execute(text(READ_RETURNED), {"since": now - timedelta(days=days)}):
        counts[service.reference.history.today(row.county_code), row.period] += row.n
    return [
        Due(ReminderKind.REPORTS_RETURNED, code, period, {"count": str(n), "days": str(days)})
        for (code, period), n in counts.items()
    ]


async def _paused(connection: AsyncConnection) -> list[Due]:
    return [
        Due(
            ReminderKind.WEBHOOK_PAUSED,
            row.region_code,
            None,
            {"host": httpx.URL(row.url).host, "count": str(row.failures), "webhook_id": row.id},
            subject=row.id,
        )
        for row in await connection.execute(text(READ_PAUSED))
    ]


def _of_indicators(indicators: Iterable[Indicator]) -> dict[str, str]:
    ordered = [one for one in CATALOGUE if one in set(indicators)]
    return {"count": str(len(ordered)), "indicators": ",".join(ordered)}


def _of_group(group: _Group, days: int) -> Mapping[str, str]:
    oldest = group.oldest.astimezone(CHINA_STANDARD_TIME).date().isoformat() if group.oldest else ""
    return _of_indicators(group.indicators) | {"count": str(group.count), "days": str(days), "date": oldest}
