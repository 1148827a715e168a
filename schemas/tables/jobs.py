"""What the service does by itself: runs of jobs, reminders, how far ledgers were verified."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, text
from sqlmodel import SQLModel

from schemas.jobs import RunState
from schemas.reminders import ReminderKind
from schemas.tables import columns as c


class JobRun(SQLModel, table=True):
    """One due run of a job, however many attempts it took."""

    __tablename__ = "job_run"
    __table_args__ = (c.one_of("state", RunState, "job_run_state"),)

    name: str = c.text(primary_key=True)
    due_at: datetime = c.moment_key()
    state: str = c.text()
    attempts: int
    runner: str = c.text()
    """The process that made the last attempt."""
    started_at: datetime = c.moment()
    finished_at: datetime | None = c.moment(nullable=True, default=None)
    outcome: str | None = c.text(nullable=True, default=None)
    """What it came to, in a few words without a person in them."""
    error: str | None = c.text(nullable=True, default=None)
    """The class of what it failed with."""
    next_at: datetime | None = c.moment(nullable=True, default=None)
    """When it is tried again; NULL: not before it is due again."""


class Reminder(SQLModel, table=True):
    """Something an office should see to; never about a person. It closes by itself once its cause is gone."""

    __tablename__ = "reminder"
    __table_args__ = (
        c.one_of("kind", ReminderKind, "reminder_kind"),
        Index("reminder_once", "key", unique=True, postgresql_where=text("closed_at IS NULL")),
        Index("reminder_of_region", "region_code", "id"),
    )

    id: str = c.uuid(primary_key=True)
    key: str = c.text()
    """The same for the same cause: no cause is told of twice at a time."""
    kind: str = c.text()
    region_code: str = c.code()
    """The office's region."""
    period: str | None = c.text(nullable=True, default=None)
    params: dict[str, Any] = c.document()
    due_at: datetime | None = c.moment(nullable=True, default=None)
    opened_at: datetime = c.moment()
    closed_at: datetime | None = c.moment(nullable=True, default=None)


class Verified(SQLModel, table=True):
    """How far a county's ledger was found sound."""

    __tablename__ = "verified"

    county_code: str = c.code(primary_key=True)
    position: int = c.position()
    entry_hash: bytes = c.digest()
    verified_at: datetime = c.moment()
