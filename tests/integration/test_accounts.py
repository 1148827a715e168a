"""Signing in and being refused."""

import json

import pytest
from joserfc import jws
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from backend.auth.tokens import issue_token
from tests.integration.conftest import Caller, Offices
from tests.support.offices import PASSWORD

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    ("username", "password"),
    [("worker", "wrong"), ("nobody", PASSWORD), ("worker", ""), ("wor\x00ker", PASSWORD), ("' OR 1=1 --", PASSWORD)],
)
async def test_wrong_credentials_are_a_401_problem(offices: Offices, username: str, password: str) -> None:
    response = await offices.http.post("/v1/auth/token", data={"username": username, "password": password})
    assert response.status_code in (401, 422)
    assert "access_token" not in response.json()


async def test_a_token_says_who_one_is_and_nothing_else(offices: Offices) -> None:
    caller = await offices.of("county")
    token = caller.headers["Authorization"].removeprefix("Bearer ")
    claims = jws.extract_compact(token.encode()).payload
    assert set(json.loads(claims)) == {"iss", "sub", "sid", "iat", "exp"}
    me = (await caller.get("/v1/me")).json()
    assert me["grants"] == [
        {
            "role": "county",
            "region_code": "430623",
            "region_name": "华容县",
            "region_level": "county",
            "indicators": None,
            "basin_code": None,
        }
    ]


async def test_a_revoked_account_is_refused_at_its_next_request(worker: Caller, owner_engine: AsyncEngine) -> None:
    assert (await worker.get("/v1/me")).status_code == 200
    async with owner_engine.begin() as connection:
        await connection.execute(text("UPDATE account SET disabled = true WHERE username = 'worker'"))
    response = await worker.get("/v1/me")
    assert (response.status_code, response.json()["code"]) == (401, "unauthenticated")


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0."])
async def test_a_token_that_is_none_is_refused(offices: Offices, token: str) -> None:
    response = await offices.http.get("/v1/me", headers={"Authorization": f"Bearer {token}"})
    assert response.status_code == 401
    assert response.headers["www-authenticate"] == "Bearer"


async def test_expired_and_forged_tokens_are_refused(offices: Offices) -> None:
    keys = offices.app.state.service.keys
    account = "01928f3c-0000-7000-8000-000000000001"
    for token in (issue_token(account, account, keys.token, -60), issue_token(account, account, b"k" * 32, 60)):
        response = await offices.http.get("/v1/me", headers={"Authorization": f"Bearer {token}"})
        assert response.status_code == 401
