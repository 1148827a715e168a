"""Runs of jobs: which one is due (pure), and how each is written down."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from backend.jobs.when import When
from schemas.jobs import RunState
from sync.statement import Connection, Statement

LOCKS = 0x71_74_6A_62
"""The class of the advisory locks: 0 is the runner's, each other one is a job's."""

MOST_ATTEMPTS = 8
FIRST_WAIT = timedelta(seconds=30)
LONGEST_WAIT = timedelta(hours=1)
MOST_CHARACTERS = 300
"""Of an outcome."""

IS_LOCKED = f"""EXISTS (
    SELECT FROM pg_locks WHERE locktype = 'advisory' AND classid = {LOCKS} AND objsubid = 2
      AND cast(objid AS bigint) = (cast(hashtext(run.name) AS bigint) & 4294967295)
      AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))"""

READ_LAST = Statement.of(f"""
    SELECT DISTINCT ON (run.name) run.name, run.due_at, run.attempts, run.runner, run.started_at, run.finished_at,
           run.outcome, run.error, run.next_at,
           CASE WHEN run.state = 'running' AND NOT {IS_LOCKED} THEN 'lost' ELSE run.state END AS state
    FROM job_run AS run ORDER BY run.name, run.due_at DESC
""")
"""A run whose process is gone left no lock behind: it is lost."""

LOCK = Statement.of(f"SELECT pg_try_advisory_lock({LOCKS}, hashtext(:name)) AS is_mine")
UNLOCK = Statement.of(f"SELECT pg_advisory_unlock({LOCKS}, hashtext(:name))")

START = Statement.of("""
    WITH old AS (
        DELETE FROM job_run WHERE name = :name AND due_at < cast(:kept_from AS timestamptz)
    )
    INSERT INTO job_run AS run (name, due_at, state, attempts, runner, started_at)
    VALUES (:name, cast(:due_at AS timestamptz), 'running', 1, :runner, :now)
    ON CONFLICT (name, due_at) DO UPDATE SET
        state = 'running', attempts = run.attempts + 1, runner = excluded.runner, started_at = excluded.started_at,
        finished_at = NULL, outcome = NULL, error = NULL, next_at = NULL
    WHERE run.state <> 'done'
    RETURNING attempts
""")

FINISH = Statement.of("""
    UPDATE job_run SET state = :state, finished_at = :now, outcome = :outcome, error = :error, next_at = :next_at
    WHERE name = :name AND due_at = :due_at
""")


@dataclass(frozen=True, slots=True)
class LastRun:
    """The last run of a job, as it stands."""

    due_at: datetime
    state: RunState
    attempts: int
    next_at: datetime | None = None


def due_at(when: When, last: LastRun | None, now: datetime) -> datetime | None:
    """Return the moment of the run that should be made now, or None.

    However many were missed, one run makes up for all. A failed or lost run is made again under its own moment, with
    growing waits, until the next one is due.
    """
    due = when.last_due(now)
    if last is None:
        return due
    if last.state is RunState.RUNNING:
        return None
    if due > last.due_at:
        return due
    if last.attempts >= MOST_ATTEMPTS:
        return None
    if last.state is RunState.LOST or (last.state is RunState.FAILED and last.next_at and last.next_at <= now):
        return last.due_at
    return None


def wait_after(attempts: int) -> timedelta | None:
    """Return how long to wait after a failed attempt; None: until the next run is due."""
    if attempts >= MOST_ATTEMPTS:
        return None
    return min(FIRST_WAIT * int(2 ** (attempts - 1)), LONGEST_WAIT)


async def last_runs(connection: Connection) -> Mapping[str, Any]:
    """Return the row of the last run of every job that ever ran."""
    return {row["name"]: row for row in await READ_LAST.rows(connection)}


def as_last(row: Any | None) -> LastRun | None:
    """Return what planning needs of a row."""
    if row is None:
        return None
    return LastRun(row["due_at"], RunState(row["state"]), row["attempts"], row["next_at"])


async def start_run(
    connection: Connection, name: str, when: When, due: datetime, runner: str, now: datetime
) -> int | None:
    """Lock a job and write down that it runs; return which attempt it is, None where it runs or is done already.

    The lock is that of the connection's session: with the session it goes, and the run is lost.
    """
    if not (await LOCK.rows(connection, name=name))[0]["is_mine"]:
        return None
    rows = await START.rows(connection, name=name, due_at=due, runner=runner, now=now, kept_from=due - when.kept)
    if not rows:
        await UNLOCK.rows(connection, name=name)
        return None
    attempts: int = rows[0]["attempts"]
    return attempts


async def finish_run(
    connection: Connection,
    name: str,
    due: datetime,
    attempts: int,
    now: datetime,
    *,
    outcome: str | None = None,
    error: str | None = None,
) -> None:
    """Write down what a run came to, then unlock its job. Of a failure only the class is kept."""
    wait = wait_after(attempts) if error is not None else None
    await FINISH.rows(
        connection,
        name=name,
        due_at=due,
        now=now,
        state=str(RunState.DONE if error is None else RunState.FAILED),
        outcome=None if outcome is None else outcome[:MOST_CHARACTERS],
        error=error,
        next_at=None if wait is None else now + wait,
    )
    await UNLOCK.rows(connection, name=name)
