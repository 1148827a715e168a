"""One push: decode all, then county by county lock, load, decide, write, commit; only then the answer leaves."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from weakref import WeakValueDictionary

import orjson
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from schemas.changes import ChangeOutcome, Push
from schemas.period import CHINA_STANDARD_TIME
from schemas.problems import problem
from schemas.vocabulary import Disposition, Outcome
from sync.cells import CellDeltas, add_to_cells, contribution, deltas_between
from sync.decide import Context, Decision, Writer, decide, replay
from sync.decode import Decoded, Undecodable, read_item
from sync.figures import refresh_figures
from sync.ledger import Head, Header, append_entries, chained, lock_head
from sync.personal import Sealed, Vault, payload_hash
from sync.quarantine import Kept, keep
from sync.records import RecordState
from sync.reference import Reference
from sync.store import known_change, load_county_state, store_changes, store_personal, store_records

LOCK_NOT_AVAILABLE = "55P03"
"""SQLSTATE of a lock that was not granted within `lock_timeout`."""

RETRY_BUSY_S = 5

READ_REPLAYS = """
    SELECT change.county_code, change.change_id, change.record_id, change.account, change.item_hash, change.result,
           change.decided_position, change.replaced
    FROM change
    JOIN jsonb_to_recordset(cast(:ids AS jsonb)) AS i (county_code text, change_id uuid) USING (county_code, change_id)
"""


@dataclass(frozen=True)
class PushContext:
    """What a push needs besides its body."""

    engine: AsyncEngine
    reference: Reference
    vault: Vault
    locks: "CountyLocks"


class CountyLocks:
    """One lock per county in this process, taken before a connection, so that waiting phones do not drain the pool."""

    def __init__(self) -> None:
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    def of(self, county_code: str) -> asyncio.Lock:
        """Return the county's lock; it lives as long as somebody holds or awaits it."""
        lock = self._locks.get(county_code)
        if lock is None:
            lock = self._locks[county_code] = asyncio.Lock()
        return lock


async def push(body: Push, raw_body: bytes, writer: Writer, context: PushContext) -> list[ChangeOutcome]:
    """Apply a push and return one outcome per item in the order sent; everything answered is committed."""
    now = datetime.now(UTC)
    today = now.astimezone(CHINA_STANDARD_TIME).date()
    read = [
        read_item(index, raw, body.schema_version, today, context.reference) for index, raw in enumerate(body.changes)
    ]
    answers: dict[int, ChangeOutcome] = {}
    undecodable = [one for one in read if isinstance(one, Undecodable)]
    decoded = [one for one in read if isinstance(one, Decoded)]
    if undecodable:
        await _quarantine(undecodable, raw_body, writer, context.engine)
        answers |= {one.index: _unreadable(one) for one in undecodable}
    answers |= await _replays(decoded, writer, context.engine)
    by_county: dict[str, list[Decoded]] = {}
    for one in decoded:
        if one.index not in answers:
            by_county.setdefault(one.item.county_code, []).append(one)
    for county_code, items in by_county.items():
        fold = Context(county_code, today, context.reference, writer)
        async with context.locks.of(county_code):
            answers |= await _push_county(items, fold, now, context)
    return [answers[index] for index in range(len(body.changes))]


async def _push_county(
    items: Sequence[Decoded], fold: Context, now: datetime, context: PushContext
) -> dict[int, ChangeOutcome]:
    try:
        async with context.engine.begin() as connection:
            head = await lock_head(connection, fold.county_code)
            state = await load_county_state(connection, fold.county_code, head.position, items, context.vault)
            decisions = [decide(item, state, fold) for item in items]
            await _write(connection, head, decisions, fold, now, context)
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) != LOCK_NOT_AVAILABLE:
            raise
        return {item.index: _busy(item) for item in items}
    return {one.decoded.index: one.answer for one in decisions}


async def _write(
    connection: AsyncConnection,
    head: Head,
    decisions: Sequence[Decision],
    fold: Context,
    now: datetime,
    context: PushContext,
) -> None:
    """Write what was decided: entries, records, personal parts, sums, figures, changes; each in one statement."""
    county_code, writer = fold.county_code, fold.writer
    new = {one.decoded.item.change_id: one for one in decisions if one.is_new}
    steps = [one for one in decisions if one.after is not None]
    if steps:
        headers: list[Header] = []
        sealed: list[tuple[RecordState, Sealed]] = []
        final: dict[str, RecordState] = {}
        cells = CellDeltas()
        for step in steps:
            record = _hashed(step, final, sealed, county_code, context.vault)
            final[record.id] = record
            before = contribution(step.before.status, step.before.content) if step.before else {}
            after = contribution(record.status, record.content)
            cells.replace(record.content, before, after)
            headers.append(
                Header(
                    county_code,
                    record.id,
                    record.kind,
                    record.revision,
                    step.decoded.item.action,
                    step.decoded.item.change_id,
                    writer.account,
                    writer.device_id,
                    record.payload_hash,
                    deltas_between(before, after),
                )
            )
        entries = chained(head, headers, now)
        await append_entries(connection, county_code, entries)
        await store_records(connection, county_code, final.values(), entries[-1].recorded_at)
        if sealed:
            await store_personal(connection, county_code, sealed)
        if cells.touched:
            await add_to_cells(connection, county_code, cells.rows())
            await refresh_figures(connection, county_code, cells.touched, fold.reference)
    if new:
        await store_changes(
            connection,
            county_code,
            new.values(),
            account=writer.account,
            device_id=writer.device_id,
            received_at=now,
        )


def _hashed(
    step: Decision,
    final: dict[str, RecordState],
    sealed: list[tuple[RecordState, Sealed]],
    county_code: str,
    vault: Vault,
) -> RecordState:
    """Return the step's record with its payload hash; a new revision seals its personal part."""
    record = step.after
    if record is None:
        raise ValueError("a step without a record")
    before = final.get(record.id, step.before)
    if before is not None and before.revision == record.revision:
        return replace(record, payload_hash=before.payload_hash)
    salt = None
    if record.content.personal:
        part = vault.seal(record.content.personal, county_code, record.id, record.revision)
        sealed.append((record, part))
        salt = part.salt
    return replace(record, payload_hash=payload_hash(record.content.public, record.content.personal, salt))


async def _replays(items: Sequence[Decoded], writer: Writer, engine: AsyncEngine) -> dict[int, ChangeOutcome]:
    """Return the stored outcomes of items that were sent before: no lock, no rule and no scope is asked for them."""
    if not items:
        return {}
    ids = [{"county_code": one.item.county_code, "change_id": one.item.change_id} for one in items]
    async with engine.connect() as connection:
        rows = await connection.execute(text(READ_REPLAYS), {"ids": orjson.dumps(ids).decode()})
        known = {(row.county_code, str(row.change_id)): known_change(row) for row in rows}
    answers: dict[int, ChangeOutcome] = {}
    for one in items:
        before = known.get((one.item.county_code, one.item.change_id))
        answer = replay(one, before, writer.account) if before is not None else None
        if answer is not None:
            answers[one.index] = answer
    return answers


async def _quarantine(undecodable: Sequence[Undecodable], raw_body: bytes, writer: Writer, engine: AsyncEngine) -> None:
    kept = [
        Kept(one.body if one.body is not None else raw_body, one.problems[0].code, one.problems) for one in undecodable
    ]
    async with engine.begin() as connection:
        await keep(connection, kept, account=writer.account, device_id=writer.device_id)


def _unreadable(one: Undecodable) -> ChangeOutcome:
    return ChangeOutcome(
        change_id=one.change_id,
        outcome=Outcome.REJECTED,
        disposition=Disposition.NEEDS_USER,
        problems=list(one.problems),
    )


def _busy(item: Decoded) -> ChangeOutcome:
    """Return the answer for a ledger that stayed locked: nothing was decided and nothing stored, send again."""
    return ChangeOutcome(
        change_id=item.item.change_id,
        outcome=Outcome.HELD,
        disposition=Disposition.RETRY_AFTER,
        retry_after_s=RETRY_BUSY_S,
        record_id=item.item.record_id,
        problems=[problem("busy")],
    )
