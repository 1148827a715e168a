"""How the phones of a county are: heard of in pushes and pulls, kept for the county to see who needs help.

What is heard is gathered in memory and written every few seconds, outside any push or pull. Nothing a phone needs hangs
on it: what a process that dies has not written yet is heard again with the phone's next word.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from pydantic import BaseModel, Field

from schemas.changes import SCHEMA_VERSION
from schemas.problems import Problem, problem
from sync.statement import Connection, Statement, as_json

MOST_GATHERED = 10_000
"""More phones are not gathered between two writings; they are heard of with their next word."""

MOST_SHOWN = 5_000

OLD_QUEUE = timedelta(days=3)
SILENT = timedelta(days=14)
CLOCK_TOLERANCE_S = 600

KEEP_SEEN = Statement.of("""
    INSERT INTO device_sync AS kept (county_code, device_id, account, app_version, schema_version, clock_skew_s, queued,
                                     oldest_queued_at, first_seen_at, last_push_at, last_pull_at)
    SELECT d.county_code, d.device_id, d.account, d.app_version, d.schema_version, d.clock_skew_s, d.queued,
           d.oldest_queued_at, coalesce(least(d.last_push_at, d.last_pull_at), clock_timestamp()), d.last_push_at,
           d.last_pull_at
    FROM jsonb_to_recordset(cast(:seen AS jsonb)) AS d (
        county_code text, device_id uuid, account uuid, app_version text, schema_version int, clock_skew_s int,
        queued int, oldest_queued_at timestamptz, last_push_at timestamptz, last_pull_at timestamptz)
    ORDER BY d.county_code, d.device_id, d.account
    ON CONFLICT (county_code, device_id, account) DO UPDATE SET
        app_version = coalesce(excluded.app_version, kept.app_version),
        schema_version = coalesce(excluded.schema_version, kept.schema_version),
        clock_skew_s = coalesce(excluded.clock_skew_s, kept.clock_skew_s),
        queued = CASE WHEN excluded.last_push_at >= coalesce(kept.last_push_at, '-infinity')
                      THEN excluded.queued ELSE kept.queued END,
        oldest_queued_at = CASE WHEN excluded.last_push_at >= coalesce(kept.last_push_at, '-infinity')
                                THEN excluded.oldest_queued_at ELSE kept.oldest_queued_at END,
        last_push_at = greatest(excluded.last_push_at, kept.last_push_at),
        last_pull_at = greatest(excluded.last_pull_at, kept.last_pull_at)
""")
"""A pull says nothing of the queue; of two pushes the later one does."""

FORGET_SILENT = Statement.of("""
    DELETE FROM device_sync
    WHERE greatest(last_push_at, last_pull_at, first_seen_at) < clock_timestamp() - cast(:silent AS interval)
    RETURNING device_id
""")
"""`greatest` leaves out what is NULL."""

READ_DEVICES = Statement.of("""
    SELECT seen.device_id, seen.account AS account_id, account.display_name, seen.app_version, seen.schema_version,
           seen.clock_skew_s, seen.queued, seen.oldest_queued_at, seen.first_seen_at, seen.last_push_at,
           seen.last_pull_at
    FROM (
        SELECT * FROM device_sync WHERE county_code = cast(:county_code AS text)
        ORDER BY greatest(last_push_at, last_pull_at) DESC LIMIT cast(:rows AS int)
    ) AS seen
    JOIN account ON account.id = seen.account
""")


@dataclass(frozen=True, slots=True)
class Seen:
    """A phone's word, in a push or a pull."""

    county_code: str
    device_id: str
    account: str
    app_version: str | None = None
    schema_version: int | None = None
    clock_skew_s: int | None = None
    queued: int | None = None
    oldest_queued_at: datetime | None = None
    last_push_at: datetime | None = None
    last_pull_at: datetime | None = None


class DeviceLog:
    """What was heard and is not written yet, a phone, account and county each once."""

    def __init__(self) -> None:
        self._seen: dict[tuple[str, str, str], Seen] = {}

    def __len__(self) -> int:
        return len(self._seen)

    def hear(self, seen: Seen) -> None:
        """Take in a phone's word; what it does not say stays as it said before."""
        key = (seen.county_code, seen.device_id, seen.account)
        before = self._seen.get(key)
        if before is None and len(self._seen) >= MOST_GATHERED:
            return
        self._seen[key] = seen if before is None else _together(before, seen)

    def take(self) -> list[Seen]:
        """Return what is not written yet, and forget it."""
        seen, self._seen = self._seen, {}
        return list(seen.values())


def _together(before: Seen, after: Seen) -> Seen:
    pushed = after if after.last_push_at is not None else before
    return replace(
        after,
        app_version=after.app_version or before.app_version,
        schema_version=after.schema_version if after.schema_version is not None else before.schema_version,
        clock_skew_s=after.clock_skew_s if after.clock_skew_s is not None else before.clock_skew_s,
        queued=pushed.queued,
        oldest_queued_at=pushed.oldest_queued_at,
        last_push_at=after.last_push_at or before.last_push_at,
        last_pull_at=after.last_pull_at or before.last_pull_at,
    )


async def keep_seen(connection: Connection, log: DeviceLog) -> int:
    """Write what was heard and return how many phones that is; where it cannot be written it is heard once more."""
    seen = log.take()
    if not seen:
        return 0
    try:
        await KEEP_SEEN.rows(connection, seen=as_json(seen))
    except Exception:
        for one in seen:
            log.hear(one)
        raise
    return len(seen)


async def forget_silent(connection: Connection, silent: timedelta) -> int:
    """Delete the phones that were not heard of for so long, and return how many rows that was.

    Nothing hangs on a row: a phone that comes back is heard of as a new one, with all the work that it kept.
    """
    return len(await FORGET_SILENT.rows(connection, silent=silent))


class DeviceState(BaseModel):
    """A phone as its county sees it. The person is named as in the account; nothing else personal is kept."""

    device_id: str
    account_id: str = Field(description="Whose phone it is: of whom it is revoked.")
    display_name: str
    app_version: str | None
    schema_version: int | None
    clock_skew_s: int | None = Field(description="The phone's clock less the server's, at its last push.")
    queued: int | None = Field(description="Changes that waited on the phone besides those of its last push.")
    oldest_queued_at: datetime | None
    queue_age_s: int | None = Field(description="How old the oldest of them is by now; null where none waits.")
    first_seen_at: datetime
    last_push_at: datetime | None
    last_pull_at: datetime | None
    concerns: list[Problem] = Field(description="Why the person may need help, the most pressing first.")


async def read_devices(connection: Connection, county_code: str, now: datetime) -> list[DeviceState]:
    """Return the phones of a county, those first that need help most."""
    rows = await READ_DEVICES.rows(connection, county_code=county_code, rows=MOST_SHOWN)
    states = (_state(row, now) for row in rows)
    return by_need(states)


def by_need(states: Iterable[DeviceState]) -> list[DeviceState]:
    """Return the phones whose work is stuck longest first, then those with other concerns, then by name. Pure."""
    order = ["device_queue_old", "clock_skew", "device_forms_old", "device_silent"]

    def need(one: DeviceState) -> tuple[int, int, int, str, str]:
        rank = min((order.index(found.code) for found in one.concerns), default=len(order))
        return rank, -(one.queue_age_s or 0), -abs(one.clock_skew_s or 0), one.display_name, one.device_id

    return sorted(states, key=need)


def concerns(
    now: datetime,
    *,
    oldest_queued_at: datetime | None,
    clock_skew_s: int | None,
    schema_version: int | None,
    last_heard_at: datetime | None,
) -> list[Problem]:
    """Return why a person may need help, the most pressing first: stuck work, clock, app, silence. Pure."""
    found = []
    if oldest_queued_at is not None and now - oldest_queued_at >= OLD_QUEUE:
        found.append(problem("device_queue_old", days=(now - oldest_queued_at).days))
    if clock_skew_s is not None and abs(clock_skew_s) > CLOCK_TOLERANCE_S:
        found.append(problem("clock_skew", minutes=round(abs(clock_skew_s) / 60)))
    if schema_version is not None and schema_version < SCHEMA_VERSION:
        found.append(problem("device_forms_old", version=schema_version, current=SCHEMA_VERSION))
    if last_heard_at is not None and now - last_heard_at >= SILENT:
        found.append(problem("device_silent", days=(now - last_heard_at).days))
    return found


def _state(row: Mapping[str, Any], now: datetime) -> DeviceState:
    values = dict(row)
    waits = values["oldest_queued_at"] if values["queued"] else None
    heard = max((at for at in (values["last_push_at"], values["last_pull_at"]) if at is not None), default=None)
    return DeviceState(
        **values | {"device_id": str(values["device_id"]), "account_id": str(values["account_id"])},
        queue_age_s=None if waits is None else max(0, int((now - waits).total_seconds())),
        concerns=concerns(
            now,
            oldest_queued_at=waits,
            clock_skew_s=values["clock_skew_s"],
            schema_version=values["schema_version"],
            last_heard_at=heard,
        ),
    )
