"""What is told to systems outside: events, the endpoints that ask for them, and what became of each delivery."""

from datetime import datetime
from typing import Any

from sqlalchemy import ARRAY, Index, Text, text
from sqlmodel import Field, SQLModel

from schemas.tables import columns as c
from schemas.webhooks import DeliveryState


class OutboxEvent(SQLModel, table=True):
    """Something that happened, written in the transaction in which it did; its id is the same at every delivery."""

    __tablename__ = "outbox"
    __table_args__ = (Index("outbox_waiting", "id", postgresql_where=text("routed_at IS NULL")),)

    id: str = c.uuid(primary_key=True)
    kind: str = c.text()
    region_code: str | None = c.code(nullable=True)
    """Whose office it concerns; NULL: it is of the whole deployment and goes to every endpoint that asks for it."""
    webhook_id: str | None = c.uuid(nullable=True, default=None)
    """The only endpoint that it goes to, of a trial; NULL: to all that ask for it."""
    body: dict[str, Any] = c.document()
    created_at: datetime = c.moment()
    routed_at: datetime | None = c.moment(nullable=True, default=None)
    """When its deliveries were laid out."""


class Webhook(SQLModel, table=True):
    """An endpoint outside that events are sent to. One that was removed keeps its row, without secrets."""

    __tablename__ = "webhook"

    id: str = c.uuid(primary_key=True)
    url: str = c.text()
    region_code: str = c.code()
    kinds: list[str] = Field(sa_type=ARRAY(Text()), nullable=False)
    secret: bytes | None = c.blob(nullable=True)
    """Sealed (AES-256-GCM), its nonce in front."""
    previous_secret: bytes | None = c.blob(nullable=True, default=None)
    previous_until: datetime | None = c.moment(nullable=True, default=None)
    """Until when the secret before signs too."""
    created_by: str | None = c.uuid(nullable=True)
    created_at: datetime = c.moment()
    enabled: bool
    failures: int
    """Failed attempts since the last one that succeeded."""
    paused_at: datetime | None = c.moment(nullable=True, default=None)
    """When the service stopped sending because it failed again and again."""
    removed_at: datetime | None = c.moment(nullable=True, default=None)


class Delivery(SQLModel, table=True):
    """One event on its way to one endpoint."""

    __tablename__ = "delivery"
    __table_args__ = (
        c.one_of("state", DeliveryState, "delivery_state"),
        Index("delivery_due", "webhook_id", "next_at", postgresql_where=text("state = 'pending'")),
        Index("delivery_of_event", "event_id"),
    )

    webhook_id: str = c.uuid(primary_key=True)
    event_id: str = c.uuid(primary_key=True)
    state: str = c.text()
    attempts: int
    next_at: datetime = c.moment()
    """When it is tried next; while an attempt is under way, when it is taken for lost."""
    last_at: datetime | None = c.moment(nullable=True, default=None)
    last_status: int | None = None
    last_error: str | None = c.text(nullable=True, default=None)
