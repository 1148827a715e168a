"""Decide held changes that no push decides: what they wait for never came, or has come and was missed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from asyncpg import LockNotAvailableError

from schemas.period import CHINA_STANDARD_TIME
from schemas.vocabulary import Outcome
from sync.decision import Context, Decision, Writer
from sync.ledger import lock_head
from sync.push import CONNECTION_TIMEOUT_S, PushContext, decide_county
from sync.statement import Connection, Statement

HAS_COME = """(
    EXISTS (SELECT FROM change AS base WHERE base.county_code = late.county_code AND base.change_id = late.waits_for
            AND base.outcome <> 'held')
    OR EXISTS (SELECT FROM record WHERE record.county_code = late.county_code AND record.id = late.waits_for)
)"""

LIES_HELD = """EXISTS (
    SELECT FROM change AS cause
    WHERE cause.county_code = late.county_code AND cause.outcome = 'held'
      AND (cause.change_id = late.waits_for
           OR (cause.record_id = late.waits_for AND cause.item ->> 'action' = 'create'))
)"""
"""What it waits for has come but is held itself, perhaps until a person helps: then it goes on waiting."""

TO_DECIDE = f"late.outcome = 'held' AND ({HAS_COME} OR (late.held_until <= :now AND NOT {LIES_HELD}))"

COUNTIES_TO_DO = Statement.of(f"""
    SELECT DISTINCT county_code FROM change AS late WHERE late.waits_for IS NOT NULL AND {TO_DECIDE}
    ORDER BY county_code
""")

CHANGES_TO_DO = Statement.of(f"""
    SELECT change_id, waits_for, held_until FROM change AS late
    WHERE late.county_code = :county_code AND late.waits_for IS NOT NULL AND {TO_DECIDE}
    ORDER BY received_at, change_id LIMIT :at_most
""")

MOST_AT_ONCE = 500
"""How many one transaction decides at least: a county's phones wait for its ledger meanwhile."""

NOBODY = Writer("", "", lambda _county, _township, _level, _indicator: False)
"""The job writes nothing of its own: every change is decided under whoever wrote it."""


@dataclass(frozen=True, slots=True)
class DecidedHeld:
    """What a run did. A county whose ledger was locked for long is left for the next run."""

    settled: int = 0
    """Decided, because what they waited for had come."""
    ended: int = 0
    """Ended without effect, because it never came, or because what they were made on ended so."""
    busy: int = 0


async def decide_held(context: PushContext) -> DecidedHeld:
    """Decide all that is past its deadline or was missed: one transaction a county under the lock of its ledger."""
    now = datetime.now(UTC)
    codes = [row["county_code"] for row in await COUNTIES_TO_DO.rows(context.pool, now=now)]
    settled = ended = busy = 0
    for code in codes:
        try:
            while decisions := await _decide_county(code, now, context):
                finished = [one for one in decisions if one.answer.outcome is not Outcome.HELD]
                taken = sum(one.answer.outcome in (Outcome.APPLIED, Outcome.MERGED) for one in finished)
                settled, ended = settled + taken, ended + len(finished) - taken
                if not finished:
                    break
        except LockNotAvailableError:
            busy += 1
    return DecidedHeld(settled, ended, busy)


async def _decide_county(county_code: str, now: datetime, context: PushContext) -> Sequence[Decision]:
    """Return what was decided in a county in one transaction."""
    whose = Context(county_code, now.astimezone(CHINA_STANDARD_TIME).date(), context.reference, NOBODY)
    async with (
        context.locks.of(county_code),
        context.pool.acquire(timeout=CONNECTION_TIMEOUT_S) as connection,
        connection.transaction(),
    ):
        head = await lock_head(connection, county_code)
        awaited, over = await _to_decide(connection, county_code, now)
        if not awaited:
            return []
        return await decide_county(
            connection,
            head,
            [],
            whose,
            now,
            context,
            lambda fold: fold.sweep(over, context.held_days),
            awaited=awaited,
        )


async def _to_decide(connection: Connection, county_code: str, now: datetime) -> tuple[set[str], set[str]]:
    """Return what is waited for, and which changes are past their deadline."""
    rows = await CHANGES_TO_DO.rows(connection, county_code=county_code, now=now, at_most=MOST_AT_ONCE)
    over = {str(row["change_id"]) for row in rows if row["held_until"] is not None and row["held_until"] <= now}
    return {str(row["waits_for"]) for row in rows}, over
