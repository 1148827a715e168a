"""Webhooks as an administrator sets them up, and the time that passes between attempts."""

from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from backend.outbox.delivering import Delivered, deliver
from backend.service import Service

LATER = "UPDATE delivery SET next_at = now() - interval '1 s' WHERE state = 'pending'"
STATES = "SELECT cast(event_id AS text) AS id, state, attempts, last_status, last_error FROM delivery ORDER BY event_id"
EVENTS = "SELECT cast(id AS text) FROM outbox ORDER BY id"


def allow_here(service: Service, **settings: Any) -> None:
    """Let endpoints of this machine be sent to; a test in which they hang shortens the time-out."""
    update = {"webhook_private": True, "webhook_timeout_s": 10} | settings
    service.settings = service.settings.model_copy(update=update)


async def create_webhook(admin: Any, url: str, kinds: list[str], region: str = "430000") -> tuple[str, str]:
    """Create an endpoint and return its id and secret."""
    body = {"url": url, "region_code": region, "kinds": kinds}
    response = await admin.http.post("/v1/webhooks", json=body, headers=admin.headers)
    assert response.status_code == 201, response.text
    given = response.json()
    return given["webhook"]["id"], given["secret"]


async def trial(admin: Any, webhook_id: str) -> str:
    """Write an event for one endpoint and return its id."""
    response = await admin.http.post(f"/v1/webhooks/{webhook_id}/trial", headers=admin.headers)
    assert response.status_code == 202, response.text
    event_id: str = response.json()["event_id"]
    return event_id


async def deliveries(engine: AsyncEngine) -> list[Any]:
    async with engine.connect() as connection:
        return list((await connection.execute(text(STATES))).all())


async def events(engine: AsyncEngine) -> list[str]:
    async with engine.connect() as connection:
        return list(await connection.scalars(text(EVENTS)))


async def wait_over(engine: AsyncEngine) -> None:
    """Let the waits of all deliveries be over."""
    async with engine.begin() as connection:
        await connection.execute(text(LATER))


async def deliver_until_done(service: Service, engine: AsyncEngine, most: int = 40) -> Delivered:
    """Deliver again and again, as time would, until nothing is pending."""
    total = Delivered()
    for _ in range(most):
        one = await deliver(service)
        total = Delivered(total.routed + one.routed, total.arrived + one.arrived, total.failed + one.failed)
        if not any(row.state == "pending" for row in await deliveries(engine)):
            return total
        await wait_over(engine)
    raise AssertionError("some deliveries never ended")
