"""Sign-ins: renewed by tokens that rotate, slowed down when they fail, ended by sign-out, reuse and a new password."""

import asyncio
from typing import Any

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from backend.auth.tokens import token_hash
from tests.integration.conftest import Offices
from tests.support.offices import PASSWORD

pytestmark = pytest.mark.anyio

PHONE = "01928f3c-0000-7000-8000-000000000001"
OTHER_PHONE = "01928f3c-0000-7000-8000-000000000002"


async def token(offices: Offices, username: str = "worker", password: str = PASSWORD, **form: str) -> httpx.Response:
    return await offices.http.post("/v1/auth/token", data={"username": username, "password": password} | form)


async def signed_in(offices: Offices, username: str = "worker", **form: str) -> dict[str, Any]:
    response = await token(offices, username, **form)
    assert response.status_code == 200, response.text
    answer: dict[str, Any] = response.json()
    return answer


async def refreshed(offices: Offices, answer: dict[str, Any], **form: str) -> httpx.Response:
    body = {"grant_type": "refresh_token", "refresh_token": answer["refresh_token"]} | form
    return await offices.http.post("/v1/auth/token", data=body)


async def me(offices: Offices, answer: dict[str, Any]) -> int:
    headers = {"Authorization": f"Bearer {answer['access_token']}"}
    return (await offices.http.get("/v1/me", headers=headers)).status_code


async def test_the_token_before_holds_until_its_successor_is_used_and_an_older_one_ends_the_sign_in(
    offices: Offices,
) -> None:
    first = await signed_in(offices)
    lost = (await refreshed(offices, first)).json()
    second = (await refreshed(offices, first)).json()
    assert len({one["refresh_token"] for one in (first, lost, second)}) == 3
    third = (await refreshed(offices, second)).json()
    assert await me(offices, third) == 200
    refused = await refreshed(offices, first)
    assert (refused.status_code, refused.json()["code"]) == (401, "sign_in_ended")
    for one in (first, second, third):
        assert await me(offices, one) == 401
        assert (await refreshed(offices, one)).status_code == 401


async def test_a_dropped_answer_that_turns_up_elsewhere_ends_the_sign_in(offices: Offices) -> None:
    first = await signed_in(offices)
    stolen = (await refreshed(offices, first)).json()
    second = (await refreshed(offices, first)).json()
    assert (await refreshed(offices, stolen)).status_code == 401
    assert await me(offices, second) == 401


async def test_refreshes_at_the_same_time_leave_one_successor(offices: Offices, owner_engine: AsyncEngine) -> None:
    first = await signed_in(offices)
    answers = await asyncio.gather(*(refreshed(offices, first) for _ in range(8)))
    assert [one.status_code for one in answers] == [200] * 8
    async with owner_engine.connect() as connection:
        kept = (await connection.execute(text("SELECT current_hash FROM session"))).scalar_one()
    current = [one.json() for one in answers if token_hash(one.json()["refresh_token"]) == kept]
    assert len(current) == 1
    assert (await refreshed(offices, current[0])).status_code == 200


async def test_a_refresh_token_is_good_on_its_phone_only(offices: Offices) -> None:
    first = await signed_in(offices, device_id=PHONE)
    assert (await refreshed(offices, first)).status_code == 401
    assert (await refreshed(offices, first, device_id=OTHER_PHONE)).status_code == 401
    assert (await refreshed(offices, first, device_id=PHONE)).status_code == 200


@pytest.mark.parametrize("noise", ["x", "", "AAAA" * 17, "é", "A" * 3000])
async def test_noise_is_no_refresh_token_and_ends_nothing(offices: Offices, noise: str) -> None:
    first = await signed_in(offices)
    forged = first["refresh_token"][:-4] + "AAA="
    for one in (noise, forged):
        assert (await refreshed(offices, {"refresh_token": one})).status_code in (401, 422)
    assert await me(offices, first) == 200


async def test_no_refresh_token_and_no_code_is_kept_in_the_clear(offices: Offices, owner_engine: AsyncEngine) -> None:
    first = await signed_in(offices)
    county = await offices.of("county")
    made = await offices.http.post("/v1/enrolments", json={"username": "worker"}, headers=county.headers)
    async with owner_engine.connect() as connection:
        for table in ("session", "enrolment", "audit"):
            statement = text(f"SELECT coalesce(string_agg(t::text, ''), '') FROM {table} AS t")
            kept = (await connection.execute(statement)).scalar_one()
            assert first["refresh_token"] not in kept
            assert made.json()["code"] not in kept
            assert made.json()["code"].replace("-", "") not in kept


async def test_a_disabled_account_and_a_sign_out_end_both_tokens(offices: Offices, owner_engine: AsyncEngine) -> None:
    first, other = await signed_in(offices), await signed_in(offices)
    out = await offices.http.post("/v1/auth/sign-out", data={"refresh_token": first["refresh_token"]})
    assert out.status_code == 204
    assert [await me(offices, one) for one in (first, other)] == [401, 200]
    async with owner_engine.begin() as connection:
        await connection.execute(text("UPDATE account SET disabled = true WHERE username = 'worker'"))
    assert await me(offices, other) == 401
    assert (await refreshed(offices, other)).status_code == 401


async def test_guessing_is_slowed_down_but_the_owner_signs_in_on_a_known_phone(
    offices: Offices, owner_engine: AsyncEngine
) -> None:
    await signed_in(offices, device_id=PHONE)
    answers = [await token(offices, password="wrong") for _ in range(8)]
    assert [one.status_code for one in answers[:6]] == [401] * 6
    assert answers[-1].status_code == 429
    assert answers[-1].json()["code"] == "too_many_attempts"
    assert int(answers[-1].headers["retry-after"]) >= 1
    assert (await token(offices)).status_code == 429
    assert (await token(offices, "colleague")).status_code == 200
    await signed_in(offices, device_id=PHONE)
    assert (await token(offices, device_id=OTHER_PHONE)).status_code == 429
    async with owner_engine.begin() as connection:
        await connection.execute(text("UPDATE sign_in_attempts SET open_at = now() - interval '1 second'"))
    assert (await token(offices)).status_code == 200
    assert (await token(offices, password="wrong")).status_code == 401


async def test_unknown_names_are_slowed_down_alike(offices: Offices) -> None:
    answers = [(await token(offices, "nobody", "wrong")).status_code for _ in range(8)]
    assert answers[:6] == [401] * 6
    assert answers[-1] == 429


async def test_guesses_at_the_same_time_are_counted_one_by_one(offices: Offices) -> None:
    answers = await asyncio.gather(*(token(offices, password="wrong") for _ in range(20)))
    statuses = sorted(one.status_code for one in answers)
    assert statuses.count(401) <= 7
    assert statuses.count(429) >= 13


async def test_a_new_password_ends_the_other_sign_ins_and_is_checked(offices: Offices) -> None:
    mine, other = await signed_in(offices), await signed_in(offices)
    headers = {"Authorization": f"Bearer {mine['access_token']}"}
    weak = await offices.http.post("/v1/me/password", json={"present": PASSWORD, "password": "x"}, headers=headers)
    assert (weak.status_code, weak.json()["errors"][0]["code"]) == (422, "password_short")
    new = "稻田 油菜 紫云英"
    wrong = await offices.http.post("/v1/me/password", json={"present": "no", "password": new}, headers=headers)
    assert (wrong.status_code, wrong.json()["code"]) == (422, "wrong_password")
    done = await offices.http.post("/v1/me/password", json={"present": PASSWORD, "password": new}, headers=headers)
    assert done.status_code == 204
    assert [await me(offices, one) for one in (mine, other)] == [200, 401]
    assert (await token(offices)).status_code == 401
    assert (await token(offices, password=new)).status_code == 200


async def test_codes_are_not_guessed(offices: Offices) -> None:
    statuses = []
    for _ in range(24):
        body = {"code": "AAAA-AAAA", "device_id": PHONE}
        statuses.append((await offices.http.post("/v1/auth/enrol", json=body)).status_code)
    assert statuses[:20] == [400] * 20
    assert statuses[-1] == 429
