"""One push: decode all, then county by county lock, load, decide, write, commit; only then the answer leaves."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from weakref import WeakValueDictionary

from asyncpg import LockNotAvailableError, Pool
from sqlalchemy.ext.asyncio import AsyncEngine

from schemas.changes import ChangeOutcome, Push
from schemas.period import CHINA_STANDARD_TIME
from schemas.problems import problem
from schemas.vocabulary import Disposition, Outcome
from sync.batch import Batch
from sync.cells import CellSums
from sync.decide import replay
from sync.decision import Context, Decision, Rights, Writer
from sync.decode import Decoded, Undecodable, read_item
from sync.figures import figures_of
from sync.ledger import Head, chained, lock_head
from sync.marks import MarkDeltas
from sync.personal import Vault
from sync.quarantine import Kept, keep, origin_of_item
from sync.reference import Reference
from sync.state import changes_sent_before, load_county_state
from sync.statement import Connection
from sync.store import Arrival, Written, write_push
from sync.waiting import Fold, fold_of, waiting_accounts

MANY_CORNERS = 200
"""A plot of more is checked in a thread of its own; smaller ones take less time than handing them over."""

TURN_S = 0.005
"""How long one push checks its items before other phones get their turn."""

CONNECTION_TIMEOUT_S = 30.0
"""How long a push waits for a connection before the phone is asked to come again."""

RETRY_BUSY_S = 5


GrantsOf = Callable[[Connection, Collection[str], Reference], Awaitable[Mapping[str, Rights]]]
"""Reads what accounts may do right now; an account that is gone is left out."""


@dataclass(frozen=True)
class PushContext:
    """What a push needs besides its body."""

    pool: Pool
    """The connections of the way in."""
    engine: AsyncEngine
    """For what is rare: the quarantine."""
    reference: Reference
    vault: Vault
    locks: "CountyLocks"
    grants_of: "GrantsOf"
    held_days: int
    """How long a change waits for its base or farm."""


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


async def push(
    body: Push, raw_body: bytes, writer: Writer, context: PushContext, *, is_replay: bool = False
) -> list[ChangeOutcome]:
    """Apply a push and return one outcome per item in the order sent; everything answered is committed.

    In a replay nobody of the phone is there to read the answer: its outcomes come down in the pull.
    """
    now = datetime.now(UTC)
    today = now.astimezone(CHINA_STANDARD_TIME).date()
    read = await _read_items(body, today, context.reference)
    answers: dict[int, ChangeOutcome] = {}
    undecodable = [one for one in read if isinstance(one, Undecodable)]
    decoded = [one for one in read if isinstance(one, Decoded)]
    if undecodable:
        await _quarantine(undecodable, body, raw_body, writer, context)
        answers |= {one.index: _unreadable(one) for one in undecodable}
    answers |= await _replays(decoded, writer, context.pool, context.vault)
    by_county: dict[str, list[Decoded]] = {}
    for one in decoded:
        if one.index not in answers:
            by_county.setdefault(one.item.county_code, []).append(one)
    for county_code, items in by_county.items():
        fold = Context(county_code, today, context.reference, writer)
        async with context.locks.of(county_code):
            answers |= await _push_county(items, fold, now, context, is_replay=is_replay)
    return [answers[index] for index in range(len(body.changes))]


async def _read_items(body: Push, today: date, reference: Reference) -> list[Decoded | Undecodable]:
    """Return every item checked by itself, without keeping other phones waiting for all of them."""
    read: list[Decoded | Undecodable] = []
    turn_ends = time.perf_counter() + TURN_S
    for index, raw in enumerate(body.changes):
        if _has_many_corners(raw):
            read.append(await asyncio.to_thread(read_item, index, raw, body.schema_version, today, reference))
        else:
            read.append(read_item(index, raw, body.schema_version, today, reference))
        if time.perf_counter() > turn_ends:
            await asyncio.sleep(0)
            turn_ends = time.perf_counter() + TURN_S
    return read


def _has_many_corners(raw: Any) -> bool:
    """Return whether an item, of which nothing is known yet, may hold a plot that takes long to check."""
    payload = raw.get("payload") if isinstance(raw, dict) else None
    geometry = payload.get("geometry") if isinstance(payload, dict) else None
    level = [geometry.get("coordinates")] if isinstance(geometry, dict) else []
    while level:
        level = [child for parent in level if isinstance(parent, list) for child in parent]
        if len(level) > 2 * MANY_CORNERS:
            return True
    return False


async def _push_county(
    items: Sequence[Decoded], whose: Context, now: datetime, context: PushContext, *, is_replay: bool
) -> dict[int, ChangeOutcome]:
    def take_all(fold: Fold) -> None:
        if is_replay:
            fold.state.held |= {item.item.change_id for item in items}.difference(fold.state.changes)
        for item in items:
            fold.take(item)

    try:
        async with context.pool.acquire(timeout=CONNECTION_TIMEOUT_S) as connection, connection.transaction():
            head = await lock_head(connection, whose.county_code)
            decisions = await decide_county(connection, head, items, whose, now, context, take_all)
    except LockNotAvailableError:
        return {item.index: _busy(item) for item in items}
    return {one.decoded.index: one.answer for one in decisions}


async def decide_county(
    connection: Connection,
    head: Head,
    items: Sequence[Decoded],
    whose: Context,
    now: datetime,
    context: PushContext,
    take: Callable[[Fold], None],
    *,
    awaited: Collection[str] = (),
) -> list[Decision]:
    """Load what the items and what waits for them need, decide by `take`, write it, and return the decisions.

    The county's head is locked by this transaction. `awaited` are causes besides the items for which changes wait.
    """
    merged = context.reference.ledgers_with(whose.county_code)
    state, sums = await load_county_state(
        connection, whose.county_code, head.position, items, context.vault, merged, awaited
    )
    accounts = waiting_accounts(state.waiting)
    grants = await context.grants_of(connection, accounts, context.reference) if accounts else {}
    fold = fold_of(state, whose, grants)
    take(fold)
    written = _written(head, fold.decisions, sums, whose, now, context.vault)
    if written.decisions:
        arrival = Arrival(now, now + timedelta(days=context.held_days))
        await write_push(connection, whose.county_code, written, arrival)
    return fold.decisions


def _written(
    head: Head, decisions: Sequence[Decision], sums: CellSums, fold: Context, now: datetime, vault: Vault
) -> Written:
    """Return what was decided as what is written. `sums` are those of all that may be touched, before the push."""
    batch = Batch.of(decisions, fold, vault)
    figures = figures_of(fold.county_code, batch.cells.touched, batch.cells.added_to(sums), fold.reference)
    new = {one.decoded.item.change_id: one for one in decisions if one.is_new}
    entries = chained(head, batch.headers, now)
    marks = MarkDeltas.of(batch.steps, entries)
    return Written(head, entries, batch, marks, figures, fold.reference.coefficient_version, list(new.values()), vault)


async def _replays(items: Sequence[Decoded], writer: Writer, pool: Pool, vault: Vault) -> dict[int, ChangeOutcome]:
    """Return the stored outcomes of items that were sent before: no lock, no rule and no scope is asked for them."""
    if not items:
        return {}
    known = await changes_sent_before(pool, {(one.item.county_code, one.item.change_id) for one in items}, vault)
    answers: dict[int, ChangeOutcome] = {}
    for one in items:
        before = known.get((one.item.county_code, one.item.change_id))
        answer = replay(one, before, writer.account) if before is not None else None
        if answer is not None:
            answers[one.index] = answer
    return answers


async def _quarantine(
    undecodable: Sequence[Undecodable], body: Push, raw_body: bytes, writer: Writer, context: PushContext
) -> None:
    kept = [
        Kept(
            one.body if one.body is not None else raw_body,
            one.problems[0].code,
            one.problems,
            origin_of_item(body.changes[one.index], writer.device_id, body.schema_version, context.reference.ledgers),
        )
        for one in undecodable
    ]
    async with context.engine.begin() as connection:
        await keep(connection, kept, context.vault, account=writer.account)


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
