"""Events on their way to a receiver that fails, hangs, drops and drips: every one arrives, under its own id."""

import asyncio
import random
import time

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from backend.outbox.delivering import deliver
from backend.service import Service
from schemas.canonical import canonical_bytes
from tests.integration.conftest import Caller, Offices
from tests.support.filings import Cabinet
from tests.support.hooks import (
    allow_here,
    create_webhook,
    deliver_until_done,
    deliveries,
    events,
    trial,
    wait_over,
)
from tests.support.offices import COUNTY
from tests.support.receivers import receiving
from tests.support.reports import film_statement

pytestmark = pytest.mark.anyio

BAD = ["500", "hang", "drop", "drip", "garbage", "redirect", "404", "503"]


@pytest.fixture
async def admin(offices: Offices) -> Caller:
    allow_here(offices.app.state.service)
    return await offices.of("admin")


@pytest.fixture
def service(offices: Offices) -> Service:
    found: Service = offices.app.state.service
    return found


async def test_a_filing_is_told_step_by_step_signed_and_with_nobody_in_it(
    offices: Offices, service: Service, admin: Caller, county: Caller, owner_engine: AsyncEngine
) -> None:
    async with receiving() as receiver:
        _, secret = await create_webhook(admin, receiver.url, ["filing.moved", "figure.published"])
        await county.apply(film_statement())
        filing = Cabinet()
        shown = await filing.file(county)
        for office, action, seen in (
            ("prefecture", "endorse", "filed"), ("province", "accept", "endorsed"), ("ministry", "publish", "accepted"),
        ):  # fmt: skip
            shown = await filing.take(await offices.of(office), action, seen)
        done = await deliver(service)
    assert (done.routed, done.arrived, done.failed) == (5, 5, 0)
    assert sorted(receiver.ids) == await events(owner_engine)
    assert all(one.is_signed_with(secret) for one in receiver.arrived)
    told = sorted((one.event for one in receiver.arrived), key=lambda event: (event["id"], event["type"]))
    assert [one["data"]["state"] for one in told] == ["filed", "endorsed", "accepted", "published", "published"]
    assert sorted(one["type"] for one in told) == ["figure.published"] + 4 * ["filing.moved"]
    assert {one["data"]["step_id"] for one in told} == {one["step_id"] for one in shown["steps"]}
    assert told[0]["region_code"] == COUNTY
    first = receiver.arrived[0]
    assert first.body == canonical_bytes(first.event)
    assert (first.path, first.headers["content-type"]) == ("/hook?a=1", "application/json")
    assert abs(int(first.headers["webhook-timestamp"]) - time.time()) < 60
    everything = b"".join(one.body for one in receiver.arrived).decode()
    for office in ("prefecture", "province", "ministry"):
        assert office not in everything.replace(f'"role":"{office}"', "")
    assert "office" not in everything


@pytest.mark.parametrize("behaviour", BAD)
async def test_whatever_a_receiver_does_the_event_comes_again_with_the_same_id_and_body(
    service: Service, admin: Caller, owner_engine: AsyncEngine, behaviour: str
) -> None:
    allow_here(service, webhook_timeout_s=1)
    async with receiving() as receiver:
        receiver.script = [behaviour, behaviour]
        webhook_id, secret = await create_webhook(admin, receiver.url, ["filing.moved"])
        event_id = await trial(admin, webhook_id)
        began = time.monotonic()
        assert (await deliver(service)).failed == 1
        assert time.monotonic() - began < 6, "a receiver holds the sender up for no longer than the time-out"
        [row] = await deliveries(owner_engine)
        assert (row.state, row.attempts) == ("pending", 1)
        assert row.last_status == (
            int(behaviour) if behaviour.isdecimal() else 307 if behaviour == "redirect" else None
        )
        assert (await deliver(service)).failed == 0, "not before its wait is over"
        done = await deliver_until_done(service, owner_engine)
    assert done.arrived == 1
    assert len(receiver.ids) >= 3
    assert set(receiver.ids) == {event_id}
    assert len({one.body for one in receiver.arrived}) == 1
    assert all(one.is_signed_with(secret) for one in receiver.arrived)
    assert {one.path for one in receiver.arrived} == {"/hook?a=1"}, "nobody is sent elsewhere"


@pytest.mark.parametrize("behaviour", ["drip body", "flood"])
async def test_a_status_counts_whatever_follows_it(
    service: Service, admin: Caller, owner_engine: AsyncEngine, behaviour: str
) -> None:
    async with receiving() as receiver:
        receiver.script = [behaviour]
        webhook_id, _ = await create_webhook(admin, receiver.url, ["filing.moved"])
        await trial(admin, webhook_id)
        began = time.monotonic()
        assert (await deliver(service)).arrived == 1
        assert time.monotonic() - began < 8
    assert [row.state for row in await deliveries(owner_engine)] == ["delivered"]


async def test_many_events_through_a_receiver_that_fails_at_random_all_arrive(
    service: Service, admin: Caller, owner_engine: AsyncEngine
) -> None:
    draws = random.Random(1660)
    allow_here(service, webhook_timeout_s=0.2, webhook_attempts=30, webhook_pause_after=10_000)
    async with receiving() as receiver:
        receiver.script = [draws.choice(["200", *BAD]) for _ in range(60)]
        webhook_id, secret = await create_webhook(admin, receiver.url, ["filing.moved"])
        sent = [await trial(admin, webhook_id) for _ in range(25)]
        await deliver_until_done(service, owner_engine, most=100)
    assert set(receiver.ids) == set(sent)
    assert len(receiver.ids) > len(sent), "at least once, and more than once where an answer was lost"
    bodies = {one.event_id: one.body for one in receiver.arrived}
    assert all(one.body == bodies[one.event_id] and one.is_signed_with(secret) for one in receiver.arrived)
    assert {row.state for row in await deliveries(owner_engine)} == {"delivered"}


async def test_after_the_last_attempt_an_event_is_dead_and_a_replay_sends_it_again(
    service: Service, admin: Caller, owner_engine: AsyncEngine
) -> None:
    allow_here(service, webhook_attempts=3)
    async with receiving() as receiver:
        receiver.then = "500"
        webhook_id, _ = await create_webhook(admin, receiver.url, ["filing.moved"])
        event_id = await trial(admin, webhook_id)
        await deliver_until_done(service, owner_engine)
        assert receiver.ids == [event_id] * 3
        path = f"/v1/webhooks/{webhook_id}"
        page = (await admin.get(f"{path}/deliveries", state="dead")).json()
        assert [(one["event_id"], one["attempts"], one["last_status"]) for one in page["deliveries"]] == [
            (event_id, 3, 500)
        ]
        receiver.then = "200"
        assert (await deliver(service)).arrived == 0
        again = await admin.http.post(f"{path}/deliveries/{event_id}/replay", headers=admin.headers)
        assert again.status_code == 202
        assert (await deliver(service)).arrived == 1
        assert receiver.ids == [event_id] * 4
        unknown = await admin.http.post(f"{path}/deliveries/{webhook_id}/replay", headers=admin.headers)
        assert (unknown.status_code, unknown.json()["code"]) == (404, "unknown_delivery")


async def test_an_endpoint_that_fails_again_and_again_is_paused_and_loses_nothing(
    service: Service, admin: Caller, owner_engine: AsyncEngine
) -> None:
    allow_here(service, webhook_pause_after=4)
    async with receiving() as receiver:
        receiver.then = "500"
        webhook_id, _ = await create_webhook(admin, receiver.url, ["filing.moved"])
        sent = {await trial(admin, webhook_id) for _ in range(6)}
        while (await deliver(service)).failed:
            await wait_over(owner_engine)
        [shown] = (await admin.get("/v1/webhooks")).json()["webhooks"]
        assert shown["paused_at"] is not None
        assert shown["pending"] == 6
        tried = len(receiver.arrived)
        receiver.then = "200"
        assert (await deliver(service)).arrived == 0
        assert len(receiver.arrived) == tried
        body = {"enabled": True}
        enabled = await admin.http.patch(f"/v1/webhooks/{webhook_id}", json=body, headers=admin.headers)
        assert (enabled.json()["paused_at"], enabled.json()["failures"]) == (None, 0)
        assert (await deliver(service)).arrived == 6
        assert set(receiver.ids) == sent


async def test_an_endpoint_that_says_gone_is_paused_at_once(
    service: Service, admin: Caller, owner_engine: AsyncEngine
) -> None:
    async with receiving() as receiver:
        receiver.then = "410"
        webhook_id, _ = await create_webhook(admin, receiver.url, ["filing.moved"])
        await trial(admin, webhook_id)
        await deliver(service)
        [shown] = (await admin.get("/v1/webhooks")).json()["webhooks"]
    assert shown["paused_at"] is not None
    assert [row.state for row in await deliveries(owner_engine)] == ["pending"]


async def test_one_dead_endpoint_does_not_keep_another_waiting(service: Service, admin: Caller) -> None:
    allow_here(service, webhook_timeout_s=3)
    async with receiving() as bad, receiving() as good:
        bad.then = "hang"
        for receiver in (bad, good):
            webhook_id, _ = await create_webhook(admin, receiver.url, ["filing.moved"])
            for _ in range(9):
                await trial(admin, webhook_id)
        began = time.monotonic()
        done = await deliver(service)
        assert time.monotonic() - began < 10
    assert (done.arrived, len(good.arrived)) == (9, 9)
    assert len(bad.arrived) <= 4, "an endpoint that hangs is not asked for the rest at once"


async def test_who_is_told_follows_kind_and_region(service: Service, admin: Caller, county: Caller) -> None:
    wanted = {"below": "430000", "county": COUNTY, "neighbour": "430624", "elsewhere": "110000"}
    async with receiving() as receiver:
        ids = {
            name: (await create_webhook(admin, receiver.url + name, ["filing.moved"], region))[0]
            for name, region in wanted.items()
        }
        ids["other kind"], _ = await create_webhook(admin, receiver.url + "kind", ["checkpoint.issued"])
        await county.apply(film_statement())
        await Cabinet().file(county)
        await deliver(service)
        told = {one.path.removeprefix("/hook?a=1") for one in receiver.arrived}
    assert told == {"below", "county"}
    assert len(ids) == 5


async def test_by_default_nothing_is_sent_to_this_machine(
    service: Service, admin: Caller, owner_engine: AsyncEngine
) -> None:
    async with receiving() as receiver:
        url = f"https://localhost:{receiver.port}/"
        allow_here(service, webhook_private=False)
        webhook_id, _ = await create_webhook(admin, url, ["filing.moved"])
        await trial(admin, webhook_id)
        assert (await deliver(service)).failed == 1
        [row] = await deliveries(owner_engine)
    assert (row.last_error, row.last_status, receiver.arrived) == ("address_private", None, [])


async def test_two_senders_at_once_do_not_send_the_same(service: Service, admin: Caller) -> None:
    async with receiving() as receiver:
        webhook_id, _ = await create_webhook(admin, receiver.url, ["filing.moved"])
        sent = [await trial(admin, webhook_id) for _ in range(20)]
        await asyncio.gather(*(deliver(service) for _ in range(4)))
        assert sorted(receiver.ids) == sorted(sent)
