"""How the phones of a county are, as their county sees it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from backend.jobs.devices import forget_devices, write_devices
from schemas.changes import SCHEMA_VERSION
from tests.integration.conftest import Caller, Offices
from tests.support.offices import COUNTY, NEIGHBOUR
from tests.support.reports import farm, new_id

pytestmark = pytest.mark.anyio

PHONE = "01928f3c-0000-7000-8000-000000000001"
OTHER = "01928f3c-0000-7000-8000-000000000002"


async def devices(offices: Offices, office: str = "county", county: str = COUNTY) -> list[dict[str, Any]]:
    await write_devices(offices.app.state.service)
    response = await (await offices.of(office)).get(f"/v1/counties/{county}/devices")
    assert response.status_code == 200, response.text
    found: list[dict[str, Any]] = response.json()["devices"]
    return found


async def pull(caller: Caller, device: str, app: str = "3.1") -> None:
    headers = caller.headers | {"Qingtian-Device": device, "Qingtian-App": app}
    response = await caller.http.get("/v1/sync/pull", params={"county": COUNTY}, headers=headers)
    assert response.status_code == 200


async def test_a_push_and_a_pull_tell_the_county_how_a_phone_is(worker: Caller, offices: Offices) -> None:
    now = datetime.now(UTC)
    old = (now - timedelta(days=5)).isoformat()
    said = {"sent_at": (now + timedelta(hours=1)).isoformat(), "queued": 7, "oldest_queued_at": old}
    await worker.outcomes(farm(), schema_version=SCHEMA_VERSION, app_version="3.0", **said)
    await pull(worker, PHONE)
    [phone] = await devices(offices)
    assert (phone["device_id"], phone["display_name"], phone["app_version"]) == (PHONE, "worker", "3.1")
    assert (phone["schema_version"], phone["queued"], phone["queue_age_s"] // 86_400) == (SCHEMA_VERSION, 7, 5)
    assert 3590 <= phone["clock_skew_s"] <= 3600
    assert phone["last_push_at"]
    assert phone["last_pull_at"]
    assert [one["code"] for one in phone["concerns"]] == ["device_queue_old", "clock_skew"]


async def test_what_was_written_before_is_kept_where_the_phone_says_nothing_of_it(
    worker: Caller, offices: Offices
) -> None:
    await worker.outcomes(farm(), app_version="3.0", queued=4)
    [first] = await devices(offices)
    await pull(worker, PHONE, app="")
    [second] = await devices(offices)
    assert (second["app_version"], second["queued"]) == ("3.0", 4)
    assert second["first_seen_at"] == first["first_seen_at"]
    assert (first["last_pull_at"], second["last_push_at"]) == (None, first["last_push_at"])
    await worker.outcomes(farm())
    [third] = await devices(offices)
    assert (third["queued"], third["queue_age_s"]) == (None, None)


async def test_who_has_work_stuck_comes_first(worker: Caller, offices: Offices) -> None:
    colleague = await offices.of("colleague")
    now = datetime.now(UTC).isoformat()
    await colleague.outcomes(farm(), device_id=OTHER, schema_version=2, sent_at=now)
    stuck = (datetime.now(UTC) - timedelta(days=9)).isoformat()
    await worker.outcomes(farm(), schema_version=2, sent_at=now, queued=1, oldest_queued_at=stuck)
    assert [one["display_name"] for one in await devices(offices)] == ["worker", "colleague"]


@pytest.mark.parametrize("device", ["", "x", "01928F3C-0000-7000-8000-000000000001", "1" * 5000])
async def test_a_pull_of_a_phone_without_an_id_is_answered_and_not_noted(
    worker: Caller, offices: Offices, device: str
) -> None:
    await pull(worker, device)
    assert await devices(offices) == []


async def test_a_push_into_a_foreign_county_tells_that_county_nothing(offices: Offices) -> None:
    neighbour = await offices.of("neighbour")
    assert (await neighbour.push(farm())).status_code == 403
    assert await devices(offices) == []


async def test_the_county_and_above_see_the_phones_and_nobody_else(worker: Caller, offices: Offices) -> None:
    await worker.apply(farm())
    for office in ("county", "prefecture", "province", "ministry", "admin"):
        assert len(await devices(offices, office)) == 1
    for office in ("worker", "township", "neighbour"):
        response = await (await offices.of(office)).get(f"/v1/counties/{COUNTY}/devices")
        assert (response.status_code, response.json()["code"]) == (403, "above_scope")
    assert await devices(offices, "neighbour", NEIGHBOUR) == []
    assert (await (await offices.of("county")).get("/v1/counties/999999/devices")).status_code == 404


async def test_a_phone_under_two_accounts_is_shown_for_each(worker: Caller, offices: Offices) -> None:
    await worker.apply(farm())
    await (await offices.of("colleague")).apply(farm())
    assert {one["display_name"] for one in await devices(offices)} == {"worker", "colleague"}


async def test_a_replayed_push_is_heard_too(worker: Caller, offices: Offices) -> None:
    homestead = farm(name=new_id())
    await worker.apply(homestead)
    [first] = await devices(offices)
    await worker.apply(homestead)
    [second] = await devices(offices)
    assert second["last_push_at"] > first["last_push_at"]


async def test_a_phone_silent_for_longer_than_the_setting_is_forgotten_and_comes_back_as_a_new_one(
    worker: Caller, offices: Offices, owner_engine: AsyncEngine
) -> None:
    """As the service role, which may delete these rows."""
    service = offices.app.state.service
    await pull(worker, PHONE)
    await worker.outcomes(farm(), device_id=OTHER)
    assert len(await devices(offices)) == 2

    async def silent_for(days: int, device_id: str) -> None:
        async with owner_engine.begin() as connection:
            await connection.execute(
                text(
                    "UPDATE device_sync SET first_seen_at = first_seen_at - make_interval(days => :days),"
                    " last_push_at = last_push_at - make_interval(days => :days),"
                    " last_pull_at = last_pull_at - make_interval(days => :days) WHERE device_id = :device_id"
                ),
                {"days": days, "device_id": device_id},
            )

    await silent_for(399, PHONE)
    await silent_for(399, OTHER)
    assert await forget_devices(service) == 0
    await silent_for(2, PHONE)
    assert await forget_devices(service) == 1
    assert [one["device_id"] for one in await devices(offices)] == [OTHER]
    await pull(worker, PHONE)
    found = {one["device_id"]: one for one in await devices(offices)}
    assert datetime.now(UTC) - datetime.fromisoformat(found[PHONE]["first_seen_at"]) < timedelta(minutes=5)
