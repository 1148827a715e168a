"""The ledger of each county and what it decides: entries, changes, records. `county_code` leads every key."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import CheckConstraint, Index, text
from sqlmodel import Field, SQLModel

from schemas.tables import columns as c
from schemas.vocabulary import EntryAction, Outcome, RecordKind, RecordStatus


class LedgerHead(SQLModel, table=True):
    """The end of a county's ledger; its row lock is what puts the county's transactions in order."""

    __tablename__ = "ledger_head"

    county_code: str = c.code(primary_key=True)
    position: int = c.position()
    entry_hash: bytes = c.digest()
    recorded_at: datetime = c.moment()


class LedgerEntry(SQLModel, table=True):
    """One step of a county's history. Append-only: the service role may insert and read, nothing else."""

    __tablename__ = "ledger_entry"
    __table_args__ = (
        CheckConstraint("position > 0", name="ledger_entry_position"),
        c.one_of("action", EntryAction, "ledger_entry_action"),
        Index("ledger_entry_record", "county_code", "record_id", "position"),
    )

    county_code: str = c.code(primary_key=True)
    position: int = c.position(primary_key=True)
    record_id: str = c.uuid()
    kind: str = c.text()
    revision: int
    action: str = c.text()
    change_id: str = c.uuid()
    actor: str = c.uuid()
    device_id: str = c.uuid()
    payload_hash: bytes = c.digest()
    deltas: list[list[str]] = c.document()
    recorded_at: datetime = c.moment()
    alg: str = c.text()
    entry_hash: bytes = c.digest()


class Change(SQLModel, table=True):
    """A change as it came, and what became of it; `change_id` makes a repeated send harmless."""

    __tablename__ = "change"
    __table_args__ = (
        c.one_of("outcome", Outcome, "change_outcome"),
        Index("change_of_record", "county_code", "record_id", "decided_position"),
        Index("change_waiting", "county_code", "waits_for", postgresql_where=text("outcome = 'held'")),
        Index("change_held", "held_until", postgresql_where=text("outcome = 'held'")),
        Index(
            "change_settled_late",
            "county_code",
            "account",
            "settled_position",
            postgresql_where=text("settled_position IS NOT NULL"),
        ),
    )

    county_code: str = c.code(primary_key=True)
    change_id: str = c.uuid(primary_key=True)
    record_id: str = c.uuid()
    account: str = c.uuid()
    device_id: str = c.uuid()
    item_hash: bytes = c.digest()
    item: dict[str, Any] = c.document()
    schema_version: int
    received_at: datetime = c.moment()
    outcome: str = c.text()
    result: dict[str, Any] = c.document()
    """The outcome as answered."""
    replaced: dict[str, Any] = c.document()
    """JSON Pointer -> the value before this change; walking it back gives the record after any base."""
    decided_position: int | None = c.position(nullable=True, default=None)
    """The ledger position, where the change got one."""
    waits_for: str | None = c.uuid(nullable=True, default=None)
    """The change or farm that a held change waits for."""
    held_until: datetime | None = c.moment(nullable=True, default=None)
    """When a held change is decided without what it waits for; NULL where only a person can help."""
    sealed: bytes | None = c.blob(nullable=True, default=None)
    """What of `item`, `replaced` and `result` may name, describe or place a person; see `sync.sealing`."""
    sealed_key_id: str | None = c.text(nullable=True, default=None)
    forgotten_at: datetime | None = c.moment(nullable=True, default=None)
    """When the retention dropped the personal answers of the item and the outcome."""
    settled_position: int | None = c.position(nullable=True, default=None)
    """The entry by which a change that was held came to its end; its outcome is pulled from there on."""


class Record(SQLModel, table=True):
    """The current state of a farm or report."""

    __tablename__ = "record"
    __table_args__ = (
        c.one_of("kind", RecordKind, "record_kind"),
        c.one_of("status", RecordStatus, "record_status"),
        Index("record_by_position", "county_code", "position"),
        Index("record_by_township", "county_code", "township_code", "position"),
        Index(
            "record_one_live_report",
            "county_code",
            "farm_id",
            "indicator",
            "period",
            unique=True,
            postgresql_where=text("kind = 'report' AND level = 'farm' AND status <> 'withdrawn'"),
        ),
        Index(
            "record_one_live_project",
            "county_code",
            "project_id",
            unique=True,
            postgresql_where=text("project_id IS NOT NULL AND status <> 'withdrawn'"),
        ),
        Index(
            "record_to_review",
            "county_code",
            "status",
            "submitted_at",
            "id",
            postgresql_where=text("kind = 'report' AND level = 'farm'"),
        ),
        Index(
            "record_farms",
            "county_code",
            "township_code",
            postgresql_where=text("kind = 'farm' AND status <> 'withdrawn'"),
        ),
        Index("record_geom", "geom", postgresql_using="gist"),
    )

    county_code: str = c.code(primary_key=True)
    id: str = c.uuid(primary_key=True)
    kind: str = c.text()
    status: str = c.text()
    revision: int
    position: int = c.position()
    township_code: str = c.code(9)
    farm_id: str | None = c.uuid(nullable=True, default=None)
    indicator: str | None = c.text(nullable=True, default=None)
    level: str | None = c.text(nullable=True, default=None)
    period: str | None = c.text(nullable=True, default=None)
    project_id: str | None = c.text(nullable=True, default=None)
    """What is reported once for ever, whatever the year: an irrigation project."""
    payload: dict[str, Any] = c.document()
    """What may be read above the county: without personal fields and geometry."""
    quantities: list[list[str]] = c.document()
    """[subject, quantity, amount] rows; what this record adds to its county's sums."""
    warnings: list[dict[str, Any]] = c.document()
    geom: Any = c.shape("GEOMETRY", nullable=True, default=None)
    """CGCS2000, a working copy of the personal geometry for spatial checks and scoped maps."""
    area_mu: Decimal | None = c.amount(nullable=True, default=None)
    payload_hash: bytes = c.digest()
    """What the ledger says of this content: public part and the salted commitment to the personal part."""
    mark: bytes = c.mark()
    """The beginning of the hash of the entry that wrote this state: what phones compare and sum."""
    last_change_id: str = c.uuid()
    account: str = c.uuid()
    recorded_at: datetime = c.moment()
    submitted_at: datetime = c.moment()
    """When it was handed in, or handed in again after a decision: from then on it waits for its review."""
    review: dict[str, Any] | None = c.document(nullable=True, default=None)
    """The last decision, as `schemas.reviews.Review` has it."""
    erased_position: int | None = c.position(nullable=True, default=None)
    """The entry by which its personal fields were erased."""
    reviewed_revision: int | None = None
    """The revision last accepted or returned, or written by the office that accepted the one before."""


class Personal(SQLModel, table=True):
    """The personal fields and exact geometry of one revision, sealed; the ledger holds only a salted commitment."""

    __tablename__ = "personal"

    county_code: str = c.code(primary_key=True)
    record_id: str = c.uuid(primary_key=True)
    revision: int = Field(primary_key=True)
    salt: bytes = c.blob()
    ciphertext: bytes = c.blob()
    key_id: str = c.text()


class PersonalErased(SQLModel, table=True):
    """What the ledger commits to of a personal part that was erased: without its salt it tells nothing."""

    __tablename__ = "personal_erased"

    county_code: str = c.code(primary_key=True)
    record_id: str = c.uuid(primary_key=True)
    revision: int = Field(primary_key=True)
    commitment: bytes = c.digest()


class RecordExit(SQLModel, table=True):
    """A record that left a township at a position, so that phones there drop it."""

    __tablename__ = "record_exit"

    county_code: str = c.code(primary_key=True)
    township_code: str = c.code(9, primary_key=True)
    position: int = c.position(primary_key=True)
    record_id: str = c.uuid()


class TownshipMark(SQLModel, table=True):
    """What phones of a township must hold: how many records, and the sum of their marks modulo 2^64."""

    __tablename__ = "township_mark"

    county_code: str = c.code(primary_key=True)
    township_code: str = c.code(9, primary_key=True)
    records: int
    checksum: Decimal = c.amount()


class Quarantine(SQLModel, table=True):
    """Bytes that could not be routed or parsed, kept as they came, sealed."""

    __tablename__ = "quarantine"
    __table_args__ = (
        Index("quarantine_once", "account", "sha256", unique=True),
        Index("quarantine_of_county", "county_code", "id"),
    )

    id: str = c.uuid(primary_key=True)
    account: str = c.uuid()
    device_id: str | None = c.uuid(nullable=True, default=None)
    sha256: bytes = c.digest()
    body: bytes = c.blob()
    """Sealed under `key_id` and bound to the row; NULL there: from before bodies were sealed."""
    key_id: str | None = c.text(nullable=True, default=None)
    reason: str = c.text()
    problems: list[dict[str, Any]] = c.document()
    received_at: datetime = c.moment()
    county_code: str | None = c.code(nullable=True)
    """The county that the bytes name, where they name one; else that of the sender's grants is asked."""
    schema_version: int | None = None
    replayed_at: datetime | None = c.moment(nullable=True, default=None)
    """When a replay could apply what lies here; it stays, as it came."""
    replay: list[dict[str, Any]] | None = c.document(nullable=True, default=None)
    """The outcomes of the last replay."""
