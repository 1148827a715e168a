"""Verify the ledgers: every night what was added since the last time, once a week all of it from the first entry."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from backend.db import connected, snapshot
from backend.jobs.reminder_store import Due, keep_reminders
from backend.metrics import LEDGER_FAULTS
from backend.outbox.events import NewEvent, keep_events
from backend.service import Service
from backend.verify.chain import Walk, chain_faults
from backend.verify.faults import Fault
from backend.verify.ledgers import Checks, counties_with_ledgers, verify_county
from backend.verify.sums import cell_faults, figure_faults
from schemas.reminders import ReminderKind
from schemas.webhooks import EventKind, LedgerFault
from sync.statement import Connection, Statement

LOG = logging.getLogger(__name__)

READ_PROGRESS = """
    SELECT head.county_code, head.position, head.entry_hash, verified.position AS known_position,
           verified.entry_hash AS known_hash, entry.entry_hash AS found_hash
    FROM ledger_head AS head
    LEFT JOIN verified ON verified.county_code = head.county_code
    LEFT JOIN LATERAL (
        SELECT entry_hash FROM ledger_entry
        WHERE county_code = verified.county_code AND position = verified.position OFFSET 0
    ) AS entry ON true
    WHERE head.position > 0 OR verified.position > 0
    ORDER BY head.county_code
"""

READ_HEAD = "SELECT position, entry_hash FROM ledger_head WHERE county_code = :county_code"

KEEP_PROGRESS = Statement.of("""
    INSERT INTO verified (county_code, position, entry_hash, verified_at)
    VALUES (:county_code, :position, :entry_hash, :now)
    ON CONFLICT (county_code) DO UPDATE SET
        position = excluded.position, entry_hash = excluded.entry_hash, verified_at = excluded.verified_at
""")


@dataclass(frozen=True, slots=True)
class VerifiedRun:
    """What a verification came to."""

    ledgers: int
    """How many were looked at."""
    entries: int
    """How many entries were read."""
    unsound: Sequence[str]
    """The ledgers that do not fit."""


async def verify_added(service: Service) -> VerifiedRun:
    """Verify what was added to each ledger since it was last found sound, with its sums and figures.

    The last entry known must still be there as it was. A ledger with a fault is not taken as verified: it is looked at
    from the same place the next night.
    """
    async with snapshot(service.engine) as connection:
        progress = (await connection.execute(text(READ_PROGRESS))).all()
    entries, unsound, ledgers = 0, [], 0
    for row in progress:
        faults, walk = await _added_faults(service, row)
        ledgers += walk.position != row.known_position or bool(faults)
        entries += walk.entries
        if faults:
            unsound.append(row.county_code)
            await tell_fault(service, row.county_code, faults[0], len(faults))
        elif walk.position != row.known_position:
            await _keep(service.pool, row.county_code, walk.position, walk.entry_hash)
    if unsound:
        LEDGER_FAULTS.set(len(unsound))
    return VerifiedRun(ledgers, entries, unsound)


async def verify_all(service: Service) -> VerifiedRun:
    """Verify every ledger from its first entry, with all records; what is sound again is no longer reminded of."""
    checks = Checks(service.vault, service.reference)
    entries, unsound, codes = 0, [], await counties_with_ledgers(service.engine)
    standing = []
    for code in codes:
        async with snapshot(service.engine) as connection:
            head = (await connection.execute(text(READ_HEAD), {"county_code": code})).one_or_none()
        report = await verify_county(service.engine, code, checks)
        entries += report.entries
        if report.first is not None:
            unsound.append(code)
            standing.append(await tell_fault(service, code, report.first, report.faults))
        elif head is not None:
            await _keep(service.pool, code, head.position, head.entry_hash)
    async with connected(service.pool) as driver, driver.transaction():
        await keep_reminders(driver, standing, [ReminderKind.LEDGER_FAULT], datetime.now(UTC))
    LEDGER_FAULTS.set(len(unsound))
    return VerifiedRun(len(codes), entries, unsound)


async def tell_fault(service: Service, county_code: str, first: Fault, count: int) -> Due:
    """Say loudly that a ledger does not fit: log, reminder, event; once while it stands. Return the reminder."""
    zh, en = first.words
    LOG.error("ledger %s does not verify, %d places, the first at %s: %s", county_code, count, first.position, en)
    region = service.reference.history.today(county_code)
    params = {"county_code": county_code, "count": str(count), "fault_zh": zh, "fault_en": en}
    due = Due(ReminderKind.LEDGER_FAULT, region, None, params, subject=county_code)
    said = LedgerFault(county_code=county_code, position=first.position, code=first.code, faults=count)
    now = datetime.now(UTC)
    async with connected(service.pool) as driver, driver.transaction():
        if (await keep_reminders(driver, [due], (), now)).opened:
            await keep_events(driver, [NewEvent(EventKind.LEDGER_FAULT, region, said)], now)
    return due


async def _added_faults(service: Service, row: Any) -> tuple[list[Fault], Walk]:
    """Return what does not fit beyond the last position known, in the order of the ledger, and how far it was read."""
    code, known = row.county_code, row.known_position or 0
    walk = Walk()
    if known:
        if row.found_hash != row.known_hash:
            return [Fault(code, known, "entry_hash" if row.found_hash is not None else "entry_missing")], walk
        walk = Walk(position=known, entry_hash=bytes(row.known_hash))
        if (row.position, row.entry_hash) == (known, row.known_hash):
            return [], walk
    async with snapshot(service.engine) as connection:
        faults = [fault async for fault in _chain_and_sums(connection, service, code, walk)]
    return sorted(faults, key=lambda fault: fault.order), walk


async def _chain_and_sums(connection: AsyncConnection, service: Service, code: str, walk: Walk) -> Any:
    for faults in (
        chain_faults(connection, code, walk),
        cell_faults(connection, code),
        figure_faults(connection, code, service.reference),
    ):
        async for fault in faults:
            yield fault


async def _keep(connection: Connection, county_code: str, position: int, entry_hash: bytes) -> None:
    await KEEP_PROGRESS.rows(
        connection, county_code=county_code, position=position, entry_hash=entry_hash, now=datetime.now(UTC)
    )
