"""Filings on their way from the county to publication, every step of them, and what they lock."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Index
from sqlmodel import SQLModel

from schemas.tables import columns as c
from schemas.vocabulary import FilingAction, FilingState


class Filing(SQLModel, table=True):
    """Where one county's figure of an indicator and period stands; a filing that is not here is open."""

    __tablename__ = "filing"
    __table_args__ = (
        c.one_of("state", FilingState, "filing_state"),
        Index("filing_by_period", "period", "indicator", "region_code"),
    )

    region_code: str = c.code(primary_key=True)
    """The county as it was in the year of the period."""
    period: str = c.text(primary_key=True)
    indicator: str = c.text(primary_key=True)
    state: str = c.text()
    returned: bool
    """Whether it was returned since it was last accepted: then filing it again needs an explanation."""
    steps: int
    """How many steps were taken."""
    moved_at: datetime = c.moment()
    positions: dict[str, int] | None = c.document(nullable=True, default=None)
    """{ledger: position} that the filing froze; NULL while it is open."""
    statement_id: str | None = c.uuid(nullable=True, default=None)
    statement_revision: int | None = None
    figure: list[dict[str, Any]] | None = c.document(nullable=True, default=None)
    """Rows of {county_code, view, series, numerator, denominator, n, formula, coefficient_version}; exact strings."""


class FilingStep(SQLModel, table=True):
    """One act of an office. Append-only: the service role may insert and read, nothing else."""

    __tablename__ = "filing_step"
    __table_args__ = (
        c.one_of("action", FilingAction, "filing_step_action"),
        Index("filing_step_in_order", "region_code", "period", "indicator", "number", unique=True),
    )

    region_code: str = c.code(primary_key=True)
    id: str = c.uuid(primary_key=True)
    """Drawn by the client, so that a repeated request is harmless."""
    period: str = c.text()
    indicator: str = c.text()
    number: int
    account: str = c.uuid()
    office: str = c.text()
    role: str = c.text()
    action: str = c.text()
    from_state: str = c.text()
    to_state: str = c.text()
    explanation: str | None = c.text(nullable=True, default=None)
    reasons: list[dict[str, Any]] = c.document()
    """Of a return: {field, text} rows."""
    differences: list[dict[str, Any]] = c.document()
    """Of a filing: what differed from the accepted reports, with the reason given."""
    positions: dict[str, int] = c.document()
    """{ledger: position} under the lock of the ledgers."""
    statement_id: str | None = c.uuid(nullable=True, default=None)
    statement_revision: int | None = None
    figure: list[dict[str, Any]] = c.document()
    taken_at: datetime = c.moment()


class FilingException(SQLModel, table=True):
    """A time-limited opening of what a filing locks. Append-only."""

    __tablename__ = "filing_exception"
    __table_args__ = (
        CheckConstraint("until > granted_at", name="filing_exception_until"),
        Index("filing_exception_of", "region_code", "period", "indicator", "granted_at"),
    )

    region_code: str = c.code(primary_key=True)
    id: str = c.uuid(primary_key=True)
    period: str = c.text()
    indicator: str = c.text()
    account: str = c.uuid()
    office: str = c.text()
    role: str = c.text()
    reason: str = c.text()
    until: datetime = c.moment()
    granted_at: datetime = c.moment()


class FilingLock(SQLModel, table=True):
    """What a push must know of the filings of its ledger; written with every step and exception."""

    __tablename__ = "filing_lock"
    __table_args__ = (Index("filing_lock_id", "county_code", "id", unique=True),)

    county_code: str = c.code(primary_key=True)
    """The ledger: a county that was merged locks several."""
    period: str = c.text(primary_key=True)
    indicator: str = c.text(primary_key=True)
    id: str = c.uuid()
    """What held changes wait for."""
    closed: bool
    open_until: datetime | None = c.moment(nullable=True, default=None)
    """Until when an exception lets changes in although it is closed."""
