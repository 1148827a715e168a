"""Endpoints and their deliveries, as administrators see and change them; every act is in the audit."""

from collections.abc import Collection, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from backend.auth.audit import Act, Actor, Thing, keep_act
from backend.outbox.events import NewEvent, keep_events
from backend.outbox.signing import new_secret, seal_secret, shown_secret
from schemas.identifiers import uuid7
from schemas.webhooks import (
    DeliveryPage,
    DeliveryShown,
    DeliveryState,
    EventKind,
    WebhookAsked,
    WebhookChange,
    WebhookGiven,
    WebhookShown,
)

OVERLAP = timedelta(hours=24)
"""How long the secret before a rotation signs too."""

COLUMNS = """
    cast(webhook.id AS text) AS id, url, region_code, kinds, enabled, paused_at, failures, previous_until, created_at,
    (SELECT count(*) FROM delivery WHERE webhook_id = webhook.id AND state = 'pending') AS pending,
    (SELECT count(*) FROM delivery WHERE webhook_id = webhook.id AND state = 'dead') AS dead
"""

READ = f"""
    SELECT {COLUMNS} FROM webhook
    WHERE removed_at IS NULL AND (cast(:id AS uuid) IS NULL OR id = cast(:id AS uuid))
      AND (cast(:regions AS text[]) IS NULL OR region_code = ANY(cast(:regions AS text[])))
    ORDER BY id
"""

CREATE = """
    INSERT INTO webhook (id, url, region_code, kinds, secret, created_by, created_at, enabled, failures)
    VALUES (cast(:id AS uuid), :url, :region_code, :kinds, :secret, cast(:created_by AS uuid), :now, true, 0)
"""

CHANGE = """
    UPDATE webhook SET
        url = coalesce(:url, url), kinds = coalesce(cast(:kinds AS text[]), kinds),
        enabled = coalesce(:enabled, enabled),
        paused_at = CASE WHEN :enabled THEN NULL ELSE paused_at END,
        failures = CASE WHEN :enabled THEN 0 ELSE failures END
    WHERE id = cast(:id AS uuid)
"""

WAKE = """
    UPDATE delivery SET next_at = :now WHERE webhook_id = cast(:id AS uuid) AND state = 'pending' AND next_at > :now
"""

REMOVE = """
    WITH ended AS (
        UPDATE delivery SET state = 'dead', last_error = 'removed'
        WHERE webhook_id = cast(:id AS uuid) AND state = 'pending'
    )
    UPDATE webhook SET removed_at = :now, enabled = false, secret = NULL, previous_secret = NULL
    WHERE id = cast(:id AS uuid)
"""

ROTATE = """
    UPDATE webhook SET previous_secret = secret, previous_until = :until, secret = :secret WHERE id = cast(:id AS uuid)
"""

READ_DELIVERIES = """
    SELECT cast(delivery.event_id AS text) AS event_id, outbox.kind, outbox.region_code, outbox.created_at,
           delivery.state, delivery.attempts, delivery.last_at, delivery.last_status, delivery.last_error,
           CASE WHEN delivery.state = 'pending' THEN delivery.next_at END AS next_at
    FROM delivery JOIN outbox ON outbox.id = delivery.event_id
    WHERE delivery.webhook_id = cast(:id AS uuid)
      AND (cast(:state AS text) IS NULL OR delivery.state = :state)
      AND (cast(:before AS uuid) IS NULL OR delivery.event_id < cast(:before AS uuid))
    ORDER BY delivery.event_id DESC LIMIT :limit
"""

REPLAY = """
    UPDATE delivery SET state = 'pending', attempts = 0, next_at = :now
    WHERE webhook_id = cast(:id AS uuid)
      AND CASE WHEN cast(:event_id AS uuid) IS NULL THEN state = 'dead' ELSE event_id = cast(:event_id AS uuid) END
    RETURNING cast(event_id AS text)
"""


async def endpoints(
    connection: AsyncConnection,
    *,
    webhook_id: str | None = None,
    regions: Collection[str] | None = None,
) -> list[WebhookShown]:
    """Return the endpoints of regions (None: of all), or the one with an id; without those that were removed."""
    values = {"id": webhook_id, "regions": None if regions is None else sorted(regions)}
    rows = (await connection.execute(text(READ), values)).mappings()
    return [WebhookShown.model_validate(dict(row)) for row in rows]


async def create_endpoint(connection: AsyncConnection, asked: WebhookAsked, actor: Actor, key: bytes) -> WebhookGiven:
    """Create an endpoint with a secret of its own, which is given this once."""
    now, secret = datetime.now(UTC), new_secret()
    webhook_id = uuid7(int(now.timestamp() * 1000))
    values = {
        "id": webhook_id,
        "url": asked.url,
        "region_code": asked.region_code,
        "kinds": sorted(set(asked.kinds)),
        "secret": seal_secret(secret, webhook_id, key),
        "created_by": actor.account_id,
        "now": now,
    }
    await connection.execute(text(CREATE), values)
    [shown] = await endpoints(connection, webhook_id=webhook_id)
    await _audit(connection, actor, Act.WEBHOOK_CREATED, shown, after=asked.model_dump(mode="json"))
    return WebhookGiven(webhook=shown, secret=shown_secret(secret))


async def change_endpoint(
    connection: AsyncConnection, before: WebhookShown, change: WebhookChange, actor: Actor
) -> WebhookShown:
    """Change an endpoint; enabling it ends a pause, and what waited is due at once."""
    kinds = None if change.kinds is None else sorted(set(change.kinds))
    values = {"id": before.id, "url": change.url, "kinds": kinds, "enabled": change.enabled}
    await connection.execute(text(CHANGE), values)
    if change.enabled:
        await connection.execute(text(WAKE), {"id": before.id, "now": datetime.now(UTC)})
    [after] = await endpoints(connection, webhook_id=before.id)
    said = change.model_dump(mode="json", exclude_none=True)
    was = before.model_dump(mode="json", include=set(said))
    await _audit(connection, actor, Act.WEBHOOK_CHANGED, after, before=was, after=said)
    return after


async def remove_endpoint(connection: AsyncConnection, endpoint: WebhookShown, actor: Actor) -> None:
    """Remove an endpoint: its secrets are deleted, what waited for it is given up."""
    await connection.execute(text(REMOVE), {"id": endpoint.id, "now": datetime.now(UTC)})
    await _audit(connection, actor, Act.WEBHOOK_REMOVED, endpoint, before={"url": endpoint.url})


async def rotate_secret(connection: AsyncConnection, endpoint: WebhookShown, actor: Actor, key: bytes) -> WebhookGiven:
    """Give an endpoint a new secret; the one before signs too for a day, so that no event fails meanwhile."""
    secret = new_secret()
    values = {
        "id": endpoint.id,
        "secret": seal_secret(secret, endpoint.id, key),
        "until": datetime.now(UTC) + OVERLAP,
    }
    await connection.execute(text(ROTATE), values)
    await _audit(connection, actor, Act.WEBHOOK_SECRET_ROTATED, endpoint)
    [shown] = await endpoints(connection, webhook_id=endpoint.id)
    return WebhookGiven(webhook=shown, secret=shown_secret(secret))


async def deliveries_page(
    connection: AsyncConnection, webhook_id: str, state: DeliveryState | None, before: str | None, limit: int
) -> DeliveryPage:
    """Return deliveries of an endpoint, the newest event first."""
    values = {"id": webhook_id, "state": state, "before": before, "limit": limit + 1}
    rows = (await connection.execute(text(READ_DELIVERIES), values)).mappings().all()
    page = [DeliveryShown.model_validate(dict(row)) for row in rows[:limit]]
    return DeliveryPage(deliveries=page, before=page[-1].event_id if len(rows) > limit else None)


async def replay(connection: AsyncConnection, endpoint: WebhookShown, event_id: str | None, actor: Actor) -> list[str]:
    """Let an event be sent again under its own id, or all that were given up; return which."""
    values = {"id": endpoint.id, "event_id": event_id, "now": datetime.now(UTC)}
    events = list(await connection.scalars(text(REPLAY), values))
    if events:
        said = {"events": len(events), "event_id": event_id}
        await _audit(connection, actor, Act.WEBHOOK_REPLAYED, endpoint, after=said)
    return events


async def send_trial(connection: Any, endpoint: WebhookShown) -> str:
    """Write an event that goes to this endpoint alone, to try it; return its id. `connection` is the driver's."""
    said = {"webhook_id": endpoint.id}
    event = NewEvent(EventKind.WEBHOOK_TRIAL, endpoint.region_code, said, webhook_id=endpoint.id)
    [event_id] = await keep_events(connection, [event], datetime.now(UTC))
    return event_id


async def _audit(
    connection: AsyncConnection,
    actor: Actor,
    act: Act,
    endpoint: WebhookShown,
    *,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    thing = Thing(f"webhook {endpoint.id}", endpoint.region_code)
    await keep_act(connection, actor, act, thing, before=before, after=after)
