"""Reminders in the database: opened once, kept up to date, closed when their cause is gone; each opening is told."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from backend.outbox.events import NewEvent, keep_events
from schemas.identifiers import uuid7
from schemas.reminders import ReminderKind
from schemas.webhooks import EventKind, ReminderOpened
from sync.statement import Connection, Statement, as_json

KEEP_REMINDERS = Statement.of("""
    WITH found AS (
        SELECT f.* FROM jsonb_to_recordset(cast(:found AS jsonb)) AS f (
            id uuid, key text, kind text, region_code text, period text, params jsonb, due_at timestamptz)
    ), kept AS (
        INSERT INTO reminder AS kept (id, key, kind, region_code, period, params, due_at, opened_at)
        SELECT id, key, kind, region_code, period, params, due_at, :now FROM found
        ON CONFLICT (key) WHERE closed_at IS NULL DO UPDATE SET params = excluded.params, due_at = excluded.due_at
        RETURNING kept.id, kept.key
    ), closed AS (
        UPDATE reminder SET closed_at = :now
        WHERE closed_at IS NULL AND kind = ANY(cast(:closes AS text[]))
          AND NOT EXISTS (SELECT FROM found WHERE found.key = reminder.key)
        RETURNING id
    )
    SELECT cast(kept.id AS text) AS opened, (SELECT count(*) FROM closed) AS closed
    FROM found JOIN kept ON kept.key = found.key AND kept.id = found.id
    UNION ALL SELECT NULL, (SELECT count(*) FROM closed)
""")
"""A reminder that is opened keeps the id it came with; one that stands keeps its own."""


@dataclass(frozen=True, slots=True)
class Due:
    """Something an office should see to. `subject` tells it from others of its kind, region and period."""

    kind: ReminderKind
    region_code: str
    period: str | None
    params: Mapping[str, str]
    due_at: datetime | None = None
    subject: str = ""

    @property
    def key(self) -> str:
        """The same for the same cause."""
        return "/".join((self.kind, self.region_code, self.period or "", self.subject))


@dataclass(frozen=True, slots=True)
class Kept:
    """What keeping reminders came to."""

    opened: Sequence[Due]
    closed: int


async def keep_reminders(
    connection: Connection, found: Sequence[Due], closes: Collection[ReminderKind], now: datetime
) -> Kept:
    """Open what is new and tell of it; close what stands of the kinds in `closes` and is not found. One transaction."""
    drawn = {uuid7(int(now.timestamp() * 1000)): due for due in {one.key: one for one in found}.values()}
    rows = [_row(reminder_id, due) for reminder_id, due in drawn.items()]
    answered = await KEEP_REMINDERS.rows(
        connection, found=as_json(rows), closes=[str(kind) for kind in closes], now=now
    )
    opened = {row["opened"]: drawn[row["opened"]] for row in answered if row["opened"] is not None}
    await keep_events(connection, [_event(reminder_id, due) for reminder_id, due in opened.items()], now)
    return Kept(tuple(opened.values()), answered[-1]["closed"])


def _row(reminder_id: str, due: Due) -> dict[str, Any]:
    return {
        "id": reminder_id,
        "key": due.key,
        "kind": str(due.kind),
        "region_code": due.region_code,
        "period": due.period,
        "params": dict(due.params),
        "due_at": None if due.due_at is None else due.due_at.isoformat(),
    }


def _event(reminder_id: str, due: Due) -> NewEvent:
    said = ReminderOpened(
        reminder_id=reminder_id, kind=due.kind, region_code=due.region_code, period=due.period, due_at=due.due_at
    )
    return NewEvent(EventKind.REMINDER_OPENED, due.region_code, said)
