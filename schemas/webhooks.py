"""Webhooks: the events that other systems are told of, their endpoints, and what became of the deliveries."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from schemas.reminders import ReminderKind
from schemas.vocabulary import FilingAction, FilingState, Indicator, Role


class EventKind(StrEnum):
    """What is told; the `type` of a delivery."""

    FILING_MOVED = "filing.moved"
    FIGURE_PUBLISHED = "figure.published"
    CHECKPOINT_ISSUED = "checkpoint.issued"
    LEDGER_FAULT = "ledger.fault"
    REMINDER_OPENED = "reminder.opened"
    WEBHOOK_TRIAL = "webhook.trial"


class DeliveryState(StrEnum):
    """How a delivery stands."""

    PENDING = "pending"
    DELIVERED = "delivered"
    DEAD = "dead"
    """Given up after the last attempt; it is kept and can be sent again."""


class FilingMoved(BaseModel):
    """A step of a filing: `filing.moved`, and `figure.published` where it was the last one."""

    region_code: str
    indicator: Indicator
    period: str
    action: FilingAction
    from_state: FilingState
    state: FilingState
    role: Role = Field(description="The tier that took the step.")
    step_id: str
    positions: dict[str, int] = Field(description="The positions of the county's ledgers at the step.")
    statement_id: str | None
    statement_revision: int | None


class LedgerFault(BaseModel):
    """A ledger that does not verify: `ledger.fault`."""

    county_code: str
    position: int | None = Field(description="The first entry that does not fit; null: it belongs to no entry.")
    code: str
    faults: int = Field(description="How many places do not fit.")


class ReminderOpened(BaseModel):
    """A reminder that was opened: `reminder.opened`."""

    reminder_id: str
    kind: ReminderKind
    region_code: str
    period: str | None
    due_at: datetime | None


class Event(BaseModel):
    """The body of a delivery, sent in its canonical form (RFC 8785); it names offices and figures, never a person."""

    id: str = Field(description="UUIDv7, also in the header `webhook-id`; the same at every attempt and replay.")
    type: EventKind
    timestamp: datetime = Field(description="When it happened.")
    region_code: str | None = Field(description="Whose office it concerns; null: the whole deployment.")
    data: dict[str, Any] = Field(description="Of a checkpoint the signed document itself.")


class _Asked(BaseModel):
    model_config = ConfigDict(extra="forbid")


Url = Annotated[str, Field(min_length=1, max_length=2000, pattern=r"^https?://[^\s\x00-\x1f\x7f]+$")]
Kinds = Annotated[list[EventKind], Field(min_length=1, max_length=len(EventKind))]


class WebhookAsked(_Asked):
    """An endpoint to be told of events."""

    url: Url
    region_code: Annotated[str, Field(pattern=r"^[0-9]{6}$", description="Its events and those of all below it.")]
    kinds: Kinds


class WebhookChange(_Asked):
    """What to change of an endpoint; what is absent stays."""

    url: Url | None = None
    kinds: Kinds | None = None
    enabled: bool | None = Field(
        default=None, description="`true` also ends a pause; what waited meanwhile is sent. `false` keeps it waiting."
    )


class WebhookShown(BaseModel):
    """An endpoint; its secret is never shown again."""

    id: str
    url: str
    region_code: str
    kinds: list[EventKind]
    enabled: bool
    paused_at: datetime | None = Field(description="When the service stopped sending after repeated failure.")
    failures: int = Field(description="Failed attempts since the last success.")
    previous_until: datetime | None = Field(description="Until when the secret before signs too.")
    created_at: datetime
    pending: int = Field(description="Deliveries that wait.")
    dead: int = Field(description="Deliveries that were given up.")


class WebhookGiven(BaseModel):
    """An endpoint with its new secret, shown this once: `whsec_` and base64, after the Standard Webhooks convention."""

    webhook: WebhookShown
    secret: str


class WebhookList(BaseModel):
    """The endpoints that the caller administers."""

    webhooks: list[WebhookShown]


class DeliveryShown(BaseModel):
    """One event on its way to an endpoint."""

    event_id: str
    kind: EventKind
    region_code: str | None
    created_at: datetime
    state: DeliveryState
    attempts: int
    next_at: datetime | None = Field(description="When it is tried next; null where it is not.")
    last_at: datetime | None
    last_status: int | None = Field(description="The HTTP status answered last; null: there was no answer.")
    last_error: str | None


class DeliveryPage(BaseModel):
    """Deliveries of an endpoint, the newest event first."""

    deliveries: list[DeliveryShown]
    before: str | None = Field(description="Ask for what came before it; null: there is no more.")


class Replayed(BaseModel):
    """A delivery that will be made again, with the event's own id."""

    event_id: str
    state: Literal[DeliveryState.PENDING]
