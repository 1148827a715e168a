"""Verify ledgers, one county after the other, each as it is at one moment."""

import heapq
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from backend.db import snapshot
from backend.verify.anchors import Anchor, anchor_faults
from backend.verify.chain import Walk, chain_faults, stream
from backend.verify.changes import READ_CHANGES, change_faults
from backend.verify.faults import Fault
from backend.verify.records import READ_RECORDS, record_faults
from backend.verify.sums import Marks, cell_faults, figure_faults
from sync.personal import Vault
from sync.reference import Reference

MOST_FAULTS = 50
"""How many faults of a county are named, the first of its ledger first; all of them are counted."""

READ_COUNTIES = """
    SELECT county_code FROM ledger_head WHERE position > 0
    UNION SELECT DISTINCT county_code FROM ledger_entry
    UNION SELECT DISTINCT county_code FROM record
    ORDER BY county_code
"""


@dataclass
class CountyReport:
    """What was found in a county."""

    county_code: str
    entries: int = 0
    records: int = 0
    changes: int = 0
    faults: int = 0
    named: list[Fault] = field(default_factory=list)
    """The first of them, in the order of the ledger."""

    def take(self, fault: Fault) -> None:
        """Count a fault, and keep it while it is among the first."""
        self.faults += 1
        self.named.append(fault)
        if len(self.named) > 2 * MOST_FAULTS:
            self.named = _first(self.named)

    @property
    def first(self) -> Fault | None:
        """The first entry that does not fit, or None for a sound ledger."""
        return self.named[0] if self.named else None


@dataclass(frozen=True)
class Checks:
    """What a ledger is verified with."""

    vault: Vault
    reference: Reference
    anchors: Sequence[Anchor] = ()


async def counties_with_ledgers(engine: AsyncEngine) -> list[str]:
    """Return every county of which anything is in the database."""
    async with snapshot(engine) as connection:
        return list(await connection.scalars(text(READ_COUNTIES)))


async def verify_county(
    engine: AsyncEngine, county_code: str, checks: Checks, progress: Callable[[str], None] = lambda _: None
) -> CountyReport:
    """Return all that does not fit in a county. Memory does not grow with the county: rows pass by as a stream."""
    async with snapshot(engine) as connection:
        return await county_report(connection, county_code, checks, progress)


async def county_report(
    connection: AsyncConnection, county_code: str, checks: Checks, progress: Callable[[str], None] = lambda _: None
) -> CountyReport:
    """Return all that does not fit in a county as the connection's transaction sees it."""
    report = CountyReport(county_code)
    async for fault in _all_faults(connection, report, checks, progress):
        report.take(fault)
    report.named = _first(report.named)
    return report


def _first(faults: list[Fault]) -> list[Fault]:
    return heapq.nsmallest(MOST_FAULTS, faults, key=lambda fault: fault.order)


async def _all_faults(
    connection: AsyncConnection, report: CountyReport, checks: Checks, progress: Callable[[str], None]
) -> AsyncIterator[Fault]:
    code = report.county_code
    progress("哈希链 chain")
    walk = Walk()
    async for fault in chain_faults(connection, code, walk):
        yield fault
    report.entries = walk.entries
    progress("变更 changes")
    async for row in stream(connection, READ_CHANGES, code):
        report.changes += 1
        for fault in change_faults(row, checks.vault):
            yield fault
    progress("记录 records")
    marks = Marks()
    async for row in stream(connection, READ_RECORDS, code):
        report.records += 1
        marks.add(row)
        for fault in record_faults(row, checks.vault):
            yield fault
    progress("合计 sums")
    for faults in (
        cell_faults(connection, code),
        figure_faults(connection, code, checks.reference),
        marks.faults(connection, code),
        *(anchor_faults(connection, anchor, code) for anchor in checks.anchors),
    ):
        async for fault in faults:
            yield fault
