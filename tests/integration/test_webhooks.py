"""Endpoints as administrators keep them: a secret shown once, two at a rotation, every act in the audit."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from backend.outbox.command import replay_from_terminal, say_deliveries, say_webhooks
from backend.outbox.delivering import deliver, forget_events
from backend.service import Service
from schemas.webhooks import DeliveryState
from tests.integration.conftest import Caller, Offices
from tests.support.hooks import allow_here, create_webhook, deliveries, events, trial
from tests.support.offices import COUNTY
from tests.support.receivers import receiving

pytestmark = pytest.mark.anyio

URL = "https://hooks.example/qingtian"


@pytest.fixture
async def admin(offices: Offices) -> Caller:
    return await offices.of("admin")


@pytest.fixture
def service(offices: Offices) -> Service:
    found: Service = offices.app.state.service
    return found


def asked(**changed: Any) -> dict[str, Any]:
    return {"url": URL, "region_code": COUNTY, "kinds": ["filing.moved"]} | changed


async def test_a_secret_is_shown_once_and_lies_sealed(admin: Caller, owner_engine: AsyncEngine) -> None:
    webhook_id, secret = await create_webhook(admin, URL, ["filing.moved", "filing.moved", "ledger.fault"])
    assert secret.startswith("whsec_")
    listed = await admin.get("/v1/webhooks")
    [shown] = listed.json()["webhooks"]
    assert (shown["id"], shown["kinds"]) == (webhook_id, ["filing.moved", "ledger.fault"])
    assert secret not in listed.text
    async with owner_engine.connect() as connection:
        everything = (await connection.execute(text("SELECT cast(webhook AS text) FROM webhook"))).scalar_one()
        audit = (await connection.execute(text("SELECT string_agg(cast(audit AS text), '') FROM audit"))).scalar_one()
    assert secret not in everything + audit
    assert secret.removeprefix("whsec_") not in everything + audit


@pytest.mark.parametrize(
    ("changed", "code", "status"),
    [
        ({"url": "http://hooks.example/"}, "webhook_url_refused", 422),
        ({"url": "https://10.0.0.1/"}, "webhook_url_refused", 422),
        ({"url": "https://a:b@hooks.example/"}, "webhook_url_refused", 422),
        ({"url": "file:///etc/passwd"}, "invalid_request", 422),
        ({"kinds": []}, "invalid_request", 422),
        ({"kinds": ["everything"]}, "invalid_request", 422),
        ({"region_code": "999999"}, "unknown_region", None),
        ({"secret": "my own"}, "invalid_request", 422),
    ],
)
async def test_what_is_no_endpoint_is_refused_with_its_field(
    admin: Caller, changed: dict[str, Any], code: str, status: int | None
) -> None:
    response = await admin.http.post("/v1/webhooks", json=asked(**changed), headers=admin.headers)
    assert response.json()["code"] == code, response.text
    assert status in (None, response.status_code)


async def test_after_a_rotation_events_are_signed_with_both_for_a_day(
    service: Service, admin: Caller, owner_engine: AsyncEngine
) -> None:
    allow_here(service)
    async with receiving() as receiver:
        webhook_id, old = await create_webhook(admin, receiver.url, ["filing.moved"])
        rotated = await admin.http.post(f"/v1/webhooks/{webhook_id}/rotate", headers=admin.headers)
        new = rotated.json()["secret"]
        assert new != old
        await trial(admin, webhook_id)
        await deliver(service)
        async with owner_engine.begin() as connection:
            await connection.execute(text("UPDATE webhook SET previous_until = now()"))
        await trial(admin, webhook_id)
        await deliver(service)
    first, second = receiver.arrived
    assert [first.is_signed_with(one) for one in (old, new)] == [True, True]
    assert [second.is_signed_with(one) for one in (old, new)] == [False, True]
    until = datetime.fromisoformat(rotated.json()["webhook"]["previous_until"])
    assert timedelta(hours=23) < until - datetime.now(UTC) <= timedelta(hours=24)


async def test_every_act_is_in_the_audit_of_the_region(offices: Offices, admin: Caller) -> None:
    webhook_id, _ = await create_webhook(admin, URL, ["filing.moved"], COUNTY)
    path = f"/v1/webhooks/{webhook_id}"
    body = {"kinds": ["ledger.fault"], "enabled": False}
    changed = await admin.http.patch(path, json=body, headers=admin.headers)
    assert (changed.json()["enabled"], changed.json()["kinds"]) == (False, ["ledger.fault"])
    await admin.http.post(f"{path}/rotate", headers=admin.headers)
    removed = await admin.http.delete(path, headers=admin.headers)
    assert removed.status_code == 204
    assert (await admin.http.delete(path, headers=admin.headers)).status_code == 404
    entries = (await admin.get("/v1/audit")).json()["entries"]
    acts = [one for one in entries if one["account_name"] == f"webhook {webhook_id}"]
    assert [one["act"] for one in reversed(acts)] == [
        "webhook_created",
        "webhook_changed",
        "webhook_secret_rotated",
        "webhook_removed",
    ]
    assert (acts[2]["before"], acts[2]["after"]) == ({"kinds": ["filing.moved"], "enabled": True}, body)
    assert {(one["actor_name"], one["region_code"]) for one in acts} == {("admin", COUNTY)}
    bureau = await offices.of("county")
    assert (await bureau.http.post("/v1/webhooks", json=asked(), headers=bureau.headers)).status_code == 403


async def test_a_removed_endpoint_is_sent_nothing_and_keeps_no_secret(
    service: Service, admin: Caller, owner_engine: AsyncEngine
) -> None:
    allow_here(service)
    async with receiving() as receiver:
        webhook_id, _ = await create_webhook(admin, receiver.url, ["filing.moved"])
        receiver.then = "500"
        await trial(admin, webhook_id)
        await deliver(service)
        await admin.http.delete(f"/v1/webhooks/{webhook_id}", headers=admin.headers)
        assert (await deliver(service)).failed == 0
    assert len(receiver.arrived) == 1
    assert [row.state for row in await deliveries(owner_engine)] == ["dead"]
    async with owner_engine.connect() as connection:
        [row] = await connection.execute(text("SELECT secret, previous_secret, enabled FROM webhook"))
    assert tuple(row) == (None, None, False)


async def test_the_terminal_sends_dead_events_again(
    service: Service, admin: Caller, owner_engine: AsyncEngine, capsys: pytest.CaptureFixture[str]
) -> None:
    allow_here(service, webhook_attempts=1)
    async with receiving() as receiver:
        receiver.script = ["500", "500"]
        webhook_id, _ = await create_webhook(admin, receiver.url, ["filing.moved"])
        sent = [await trial(admin, webhook_id) for _ in range(2)]
        await deliver(service)
        assert {row.state for row in await deliveries(owner_engine)} == {"dead"}
        await say_webhooks(service.settings)
        await say_deliveries(service.settings, webhook_id, DeliveryState.DEAD, 50)
        said = capsys.readouterr().out
        assert webhook_id[:8] in said
        assert all(one[:8] in said for one in sent)
        assert await replay_from_terminal(service.settings, webhook_id, None) == 0
        again = await deliver(service)
        assert await replay_from_terminal(service.settings, webhook_id, webhook_id) == 1
    assert (again.arrived, again.failed) == (2, 0), await deliveries(owner_engine)
    assert sorted(receiver.ids) == sorted(sent * 2)
    assert {row.state for row in await deliveries(owner_engine)} == {"delivered"}


async def test_old_events_are_forgotten_once_nothing_of_them_waits(
    service: Service, admin: Caller, owner_engine: AsyncEngine
) -> None:
    allow_here(service)
    async with receiving() as receiver:
        webhook_id, _ = await create_webhook(admin, receiver.url, ["filing.moved"])
        receiver.script = ["200", "500"]
        _, waiting = [await trial(admin, webhook_id) for _ in range(2)]
        await deliver(service)
    waiting = next(row.id for row in await deliveries(owner_engine) if row.state == "pending")
    assert await forget_events(service.pool, 90) == 0
    async with owner_engine.begin() as connection:
        await connection.execute(text("UPDATE outbox SET routed_at = routed_at - interval '91 days'"))
        await connection.execute(text("UPDATE delivery SET last_at = last_at - interval '91 days'"))
    assert await forget_events(service.pool, 90) == 1
    assert await events(owner_engine) == [waiting]
    assert [row.id for row in await deliveries(owner_engine)] == [waiting]
