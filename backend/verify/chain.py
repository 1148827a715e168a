"""The chain of a county's ledger, entry by entry up to its head, read as a stream."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from backend.verify.faults import Fault
from schemas.vocabulary import EntryAction
from sync.ledger import GENESIS_HASH, BrokenChain, entry_fault

READ_HEAD = "SELECT position, entry_hash, recorded_at FROM ledger_head WHERE county_code = :county_code"

READ_CHAIN = """
    SELECT entry.position, entry.record_id, entry.kind, entry.revision, entry.action, entry.change_id, entry.actor,
           entry.device_id, entry.payload_hash, entry.deltas, entry.recorded_at, entry.alg, entry.entry_hash,
           change.change_id IS NOT NULL AS has_change, record.id IS NOT NULL AS has_record
    FROM ledger_entry AS entry
    LEFT JOIN change ON change.county_code = entry.county_code AND change.change_id = entry.change_id
    LEFT JOIN record ON record.county_code = entry.county_code AND record.id = entry.record_id
    WHERE entry.county_code = :county_code AND entry.position > :after
      AND (cast(:upto AS bigint) IS NULL OR entry.position <= cast(:upto AS bigint))
    ORDER BY entry.position
"""

ROWS_AT_A_TIME = 500


@dataclass
class Walk:
    """How far a chain was followed."""

    entries: int = 0
    position: int = 0
    entry_hash: bytes = GENESIS_HASH
    recorded_at: datetime | None = None


async def stream(connection: AsyncConnection, statement: str, county_code: str, **values: Any) -> AsyncIterator[Any]:
    """Give the rows of a county one by one; only a few hundred are ever held."""
    options = {"yield_per": ROWS_AT_A_TIME}
    async with connection.stream(
        text(statement), {"county_code": county_code, **values}, execution_options=options
    ) as rows:
        async for row in rows:
            yield row


async def chain_faults(
    connection: AsyncConnection, county_code: str, walk: Walk | None = None, upto: int | None = None
) -> AsyncIterator[Fault]:
    """Give everything in a ledger's chain that does not fit; after a break it goes on from what is stored.

    A `walk` that has come some way goes on from there: the entries before are taken as read. With `upto` it ends at
    that position, else at the head, which is held against it.
    """
    head = (await connection.execute(text(READ_HEAD), {"county_code": county_code})).one_or_none()
    if head is None:
        yield Fault(county_code, None, "no_ledger")
        return
    walk = walk or Walk()
    async for row in stream(connection, READ_CHAIN, county_code, after=walk.position, upto=upto):
        for fault in _entry_faults(county_code, row, walk):
            yield fault
    if walk.position < (head.position if upto is None else upto):
        yield Fault(county_code, walk.position + 1, "entry_missing")
        return
    if upto is not None:
        return
    said = {"position": walk.position, "entry_hash": walk.entry_hash}
    if walk.recorded_at is not None:
        said["recorded_at"] = walk.recorded_at
    for column, value in said.items():
        if getattr(head, column) != value:
            yield Fault(county_code, head.position, "head", params={"column": column})


def _entry_faults(county_code: str, row: Any, walk: Walk) -> list[Fault]:
    """Return what is wrong with an entry and its surroundings, and go on to it."""
    found: list[Fault] = []
    gap = row.position != walk.position + 1
    if gap:
        found.append(Fault(county_code, walk.position + 1, "entry_missing"))
    code = entry_fault(county_code, row.position, None if gap else walk.entry_hash, row)
    codes = [code] if code is not None else []
    if walk.recorded_at is not None and row.recorded_at < walk.recorded_at:
        codes.append("entry_time")
    if not row.has_change:
        codes.append("entry_without_change")
    if not row.has_record and row.action != EntryAction.DECIDE:
        codes.append("entry_without_record")
    walk.entries += 1
    walk.position, walk.entry_hash, walk.recorded_at = row.position, bytes(row.entry_hash), row.recorded_at
    return found + [Fault(county_code, row.position, code, str(row.record_id)) for code in codes]


async def broken_chain(connection: AsyncConnection, county_code: str) -> BrokenChain | None:
    """Return the first entry of a county's ledger that does not fit, its head included, or None."""
    faults = [fault async for fault in chain_faults(connection, county_code)]
    if not faults:
        return None
    first = min(faults, key=lambda fault: fault.order)
    return BrokenChain(county_code, first.position or 0, " · ".join(first.words))
