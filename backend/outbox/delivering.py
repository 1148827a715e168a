"""Delivering: lay out which event goes to which endpoint, claim what is due, send, write down what it came to.

At least once: a claim only sets the time at which it is taken for lost, so whoever is killed between sending and
writing loses nothing; the event comes again under its own id.
"""

import asyncio
import logging
import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import orjson
from cryptography.exceptions import InvalidTag

from backend.db import connected
from backend.metrics import DELIVERIES
from backend.outbox.events import body_of
from backend.outbox.sending import Attempt, Letter, Sender, open_sender
from backend.outbox.signing import open_secret
from backend.service import Service
from schemas.webhooks import EventKind
from sync.reference import Reference
from sync.statement import Statement, as_json

LOG = logging.getLogger(__name__)

AT_ONCE = 4
"""So many events are on their way to one endpoint at a time."""

MOST_ROUTED = 500
MOST_ROUNDS = 50
"""So many times an endpoint is given its next events in one run, where all goes well."""

GROWTH = 3.0
LONGEST_WAIT_S = 6 * 3600.0
JITTER = 0.2
CLAIM_MARGIN_S = 30.0

UNROUTED = Statement.of("""
    SELECT id, kind, region_code, webhook_id FROM outbox WHERE routed_at IS NULL ORDER BY id LIMIT :at_most
    FOR UPDATE SKIP LOCKED
""")

ENDPOINTS = Statement.of("SELECT id, region_code, kinds FROM webhook WHERE removed_at IS NULL ORDER BY id")

ROUTE = Statement.of("""
    WITH routed AS (
        UPDATE outbox SET routed_at = :now WHERE id = ANY(cast(:ids AS uuid[]))
    )
    INSERT INTO delivery (webhook_id, event_id, state, attempts, next_at)
    SELECT d.webhook_id, d.event_id, 'pending', 0, :now
    FROM jsonb_to_recordset(cast(:deliveries AS jsonb)) AS d (webhook_id uuid, event_id uuid)
    ON CONFLICT (webhook_id, event_id) DO NOTHING
""")

OPEN_ENDPOINT = "enabled AND paused_at IS NULL AND removed_at IS NULL AND secret IS NOT NULL"

DUE_ENDPOINTS = Statement.of(f"""
    SELECT id, url, secret, previous_secret, previous_until FROM webhook
    WHERE {OPEN_ENDPOINT} AND EXISTS (
        SELECT FROM delivery WHERE webhook_id = webhook.id AND state = 'pending' AND next_at <= :now)
""")

CLAIM = Statement.of(f"""
    WITH due AS (
        SELECT webhook_id, event_id FROM delivery
        WHERE webhook_id = cast(:webhook_id AS uuid) AND state = 'pending' AND next_at <= :now
          AND EXISTS (SELECT FROM webhook WHERE id = cast(:webhook_id AS uuid) AND {OPEN_ENDPOINT})
        ORDER BY event_id LIMIT :at_most FOR UPDATE SKIP LOCKED
    ), claimed AS (
        UPDATE delivery SET attempts = delivery.attempts + 1, last_at = :now, next_at = :lost_at
        FROM due WHERE delivery.webhook_id = due.webhook_id AND delivery.event_id = due.event_id
        RETURNING delivery.event_id, delivery.attempts
    )
    SELECT outbox.id, outbox.kind, outbox.region_code, outbox.body, outbox.created_at, claimed.attempts
    FROM claimed JOIN outbox ON outbox.id = claimed.event_id ORDER BY outbox.id
""")

RECORD = Statement.of("""
    WITH made AS (
        UPDATE delivery SET
            state = CASE WHEN :has_arrived THEN 'delivered'
                         WHEN attempts >= cast(:most_attempts AS integer) THEN 'dead' ELSE 'pending' END,
            next_at = :next_at, last_status = :status, last_error = :error
        WHERE webhook_id = cast(:webhook_id AS uuid) AND event_id = cast(:event_id AS uuid) AND state = 'pending'
    )
    UPDATE webhook SET
        failures = CASE WHEN :has_arrived THEN 0 ELSE failures + 1 END,
        paused_at = CASE WHEN NOT :has_arrived AND (:is_gone OR failures + 1 >= cast(:pause_after AS integer))
                         THEN coalesce(paused_at, :now) ELSE paused_at END
    WHERE id = cast(:webhook_id AS uuid)
""")


@dataclass(frozen=True, slots=True)
class Delivered:
    """What a run came to."""

    routed: int = 0
    arrived: int = 0
    failed: int = 0


def wait_s(attempts: int, first_s: float, draw: float) -> float:
    """Return how long to wait after a failed attempt, s: three times as long each time, with jitter (`draw` in 0..1).

    Jitter spreads the events that failed together over the time after a receiver is back.
    """
    wait = min(first_s * GROWTH ** (attempts - 1), LONGEST_WAIT_S)
    return wait * (1 + JITTER * (2 * draw - 1))


async def deliver(service: Service) -> Delivered:
    """Route what is new and make one attempt at everything that is due, endpoint by endpoint at the same time."""
    routed = await route_events(service)
    settings = service.settings
    endpoints = await DUE_ENDPOINTS.rows(service.pool, now=datetime.now(UTC))
    if not endpoints:
        return Delivered(routed)
    async with open_sender(settings.webhook_timeout_s, allows_private=settings.webhook_private) as sender:
        counts = await asyncio.gather(*(_serve_endpoint(service, sender, one) for one in endpoints))
    return Delivered(routed, sum(arrived for arrived, _ in counts), sum(failed for _, failed in counts))


async def route_events(service: Service) -> int:
    """Lay out the deliveries of new events and return how many events that were."""
    routed = 0
    while True:
        now = datetime.now(UTC)
        async with connected(service.pool) as connection, connection.transaction():
            events = await UNROUTED.rows(connection, at_most=MOST_ROUTED)
            if not events:
                return routed
            endpoints = await ENDPOINTS.rows(connection)
            deliveries = [
                {"webhook_id": str(endpoint["id"]), "event_id": str(event["id"])}
                for event in events
                for endpoint in endpoints
                if wants(endpoint, event, service.reference)
            ]
            ids = [event["id"] for event in events]
            await ROUTE.rows(connection, ids=ids, deliveries=as_json(deliveries), now=now)
        routed += len(events)


def wants(endpoint: Any, event: Any, reference: Reference) -> bool:
    """Return whether an event goes to an endpoint: one of its kinds, of its region or below, or of the deployment."""
    if event["webhook_id"] is not None or event["kind"] == EventKind.WEBHOOK_TRIAL:
        return bool(event["webhook_id"] == endpoint["id"])
    if event["kind"] not in endpoint["kinds"]:
        return False
    if event["region_code"] is None:
        return True
    # A filing of an earlier year is of a county that may have merged since: today's county stands above it.
    regions = {event["region_code"], reference.history.today(event["region_code"])}
    return any(reference.tree.is_within(region, endpoint["region_code"]) for region in regions)


async def _serve_endpoint(service: Service, sender: Sender, endpoint: Any) -> tuple[int, int]:
    """Send an endpoint what is due until nothing is, or something fails: the rest need not fail too."""
    arrived = failed = 0
    try:
        secrets = _secrets(endpoint, service.keys.webhook)
    except InvalidTag:
        LOG.exception("the secret of webhook %s was sealed with another key", endpoint["id"])
        return 0, 0
    for _ in range(MOST_ROUNDS):
        now = datetime.now(UTC)
        lost_at = now + timedelta(seconds=service.settings.webhook_timeout_s + CLAIM_MARGIN_S)
        events = await CLAIM.rows(service.pool, webhook_id=endpoint["id"], now=now, lost_at=lost_at, at_most=AT_ONCE)
        if not events:
            break
        attempts = await asyncio.gather(*(_send(service, sender, endpoint, secrets, event) for event in events))
        arrived += sum(one.has_arrived for one in attempts)
        failed += sum(not one.has_arrived for one in attempts)
        if failed:
            break
    return arrived, failed


async def _send(service: Service, sender: Sender, endpoint: Any, secrets: Sequence[bytes], event: Any) -> Attempt:
    event_id = str(event["id"])
    data = _parsed(event["body"])
    body = body_of(event_id, event["kind"], event["created_at"], event["region_code"], data)
    attempt = await sender.send(Letter(endpoint["url"], event_id, body, secrets))
    await _record(service, endpoint["id"], event, attempt)
    DELIVERIES.labels(outcome="arrived" if attempt.has_arrived else "failed").inc()
    return attempt


async def _record(service: Service, webhook_id: Any, event: Any, attempt: Attempt) -> None:
    settings, now = service.settings, datetime.now(UTC)
    wait = wait_s(event["attempts"], settings.webhook_retry_s, random.random())  # noqa: S311 - spreads, hides nothing
    await RECORD.rows(
        service.pool,
        webhook_id=webhook_id,
        event_id=event["id"],
        has_arrived=attempt.has_arrived,
        is_gone=attempt.is_gone,
        most_attempts=settings.webhook_attempts,
        pause_after=settings.webhook_pause_after,
        next_at=now if attempt.has_arrived else now + timedelta(seconds=wait),
        status=attempt.status,
        error=attempt.error,
        now=now,
    )


def _secrets(endpoint: Any, key: bytes) -> list[bytes]:
    """Return the secrets that sign now, the newest first."""
    webhook_id = str(endpoint["id"])
    sealed = [endpoint["secret"]]
    if endpoint["previous_secret"] is not None and endpoint["previous_until"] > datetime.now(UTC):
        sealed.append(endpoint["previous_secret"])
    return [open_secret(one, webhook_id, key) for one in sealed]


def _parsed(body: Any) -> dict[str, Any]:
    parsed: dict[str, Any] = orjson.loads(body) if isinstance(body, str) else body
    return parsed


FORGET = Statement.of("""
    WITH old AS (
        SELECT id FROM outbox WHERE routed_at < :before AND NOT EXISTS (
            SELECT FROM delivery WHERE event_id = outbox.id
              AND (state = 'pending' OR last_at >= :before))
    ), ended AS (
        DELETE FROM delivery WHERE event_id IN (SELECT id FROM old)
    )
    DELETE FROM outbox WHERE id IN (SELECT id FROM old) RETURNING id
""")


async def forget_events(pool: asyncpg.Pool, days: int) -> int:
    """Delete events whose deliveries have all ended so many days ago, and return how many; a checkpoint stays one."""
    return len(await FORGET.rows(pool, before=datetime.now(UTC) - timedelta(days=days)))
