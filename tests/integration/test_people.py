"""Administering accounts: who gives what to whom, what indicators and basins narrow, and what the audit keeps."""

from typing import Any

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.ext.asyncio import AsyncEngine
from typer.testing import CliRunner

from backend.auth.access import Grant
from backend.auth.accounts import create_account
from backend.cli import app as commands
from backend.db import make_engine
from schemas.vocabulary import Indicator, Role
from tests.conftest import Database
from tests.integration.conftest import Caller, Offices
from tests.support.offices import COUNTY, NEIGHBOUR, PASSWORD, PASSWORD_HASH, TOWNSHIP
from tests.support.reports import farm, film, new_id

pytestmark = pytest.mark.anyio

WORKER = {"role": "worker", "region_code": TOWNSHIP}


async def post(caller: Caller, path: str, body: dict[str, Any] | None = None) -> httpx.Response:
    return await caller.http.post(path, json=body, headers=caller.headers)


async def created(caller: Caller, username: str, *grants: dict[str, Any]) -> str:
    body = {"username": username, "display_name": "新来的", "grants": [*grants]}
    response = await post(caller, "/v1/accounts", body)
    assert response.status_code == 201, response.text
    return response.json()["id"]


async def signed_in(offices: Offices, owner_engine: AsyncEngine, username: str, *grants: Grant) -> Caller:
    async with owner_engine.begin() as connection:
        await create_account(connection, username, username, PASSWORD_HASH, grants)
    form = {"username": username, "password": PASSWORD}
    token = (await offices.http.post("/v1/auth/token", data=form)).json()["access_token"]
    return Caller(offices.http, {"Authorization": f"Bearer {token}"})


def code_of(response: httpx.Response) -> str:
    return response.json()["code"]


async def test_every_act_leaves_a_line_that_nobody_can_change(
    county: Caller, offices: Offices, database: Database
) -> None:
    account_id = await created(county, "newcomer", WORKER)
    path = f"/v1/accounts/{account_id}"
    narrow = WORKER | {"role": "township", "indicators": ["film_recovery"]}
    assert (await post(county, f"{path}/grants", narrow)).status_code == 200
    wide = narrow | {"indicators": None}
    assert (await post(county, f"{path}/grants", wide)).status_code == 200
    assert (await post(county, f"{path}/grants/remove", narrow)).status_code == 200
    assert (await post(county, f"{path}/disable")).json()["disabled"] is True
    assert code_of(await post(county, "/v1/enrolments", {"username": "newcomer"})) == "account_disabled"
    assert (await post(county, f"{path}/enable")).json()["disabled"] is False
    assert (await post(county, "/v1/enrolments", {"username": "newcomer"})).status_code == 201
    entries = (await county.get("/v1/audit")).json()["entries"]
    assert [one["act"] for one in entries] == [
        "enrolment_created", "account_enabled", "account_disabled", "grant_removed", "grant_added", "grant_added",
        "account_created",
    ]  # fmt: skip
    assert {(one["actor_name"], one["account_name"], one["region_code"]) for one in entries} == {
        ("county", "newcomer", TOWNSHIP)
    }
    replaced = entries[4]
    assert (replaced["before"]["indicators"], replaced["after"]["indicators"]) == (["film_recovery"], None)
    page = (await county.get("/v1/audit", limit=3)).json()
    rest = (await county.get("/v1/audit", limit=200, before=page["before"])).json()
    assert [*page["entries"], *rest["entries"]] == entries
    neighbour = await offices.of("neighbour")
    assert (await neighbour.get("/v1/audit")).json()["entries"] == []
    service = make_engine(database.service_url, pool_size=1)
    for statement in ("UPDATE audit SET actor_name = 'x'", "DELETE FROM audit", "TRUNCATE audit"):
        with pytest.raises(ProgrammingError, match="permission denied"):
            async with service.begin() as connection:
                await connection.execute(text(statement))
    await service.dispose()


@pytest.mark.parametrize(
    ("grant", "code"),
    [
        ({"role": "worker", "region_code": NEIGHBOUR}, "grant_out_of_reach"),
        ({"role": "county", "region_code": COUNTY}, "grant_out_of_reach"),
        ({"role": "admin", "region_code": COUNTY}, "grant_out_of_reach"),
        ({"role": "township", "region_code": COUNTY}, "role_of_other_level"),
        ({"role": "worker", "region_code": "999999"}, "unknown_region"),
        ({"role": "worker", "region_code": TOWNSHIP, "basin_code": "nowhere"}, "unknown_basin"),
        ({"role": "worker", "region_code": TOWNSHIP, "basin_code": "dongting"}, "basin_of_other_role"),
    ],
)
async def test_a_county_gives_its_own_field_roles_only(county: Caller, grant: dict[str, Any], code: str) -> None:
    body = {"username": "newcomer", "display_name": "新来的", "grants": [WORKER, grant]}
    assert code_of(await post(county, "/v1/accounts", body)) == code
    listed = (await county.get("/v1/accounts")).json()["accounts"]
    assert [one["username"] for one in listed] == ["colleague", "township", "worker"]


async def test_what_would_leave_an_account_to_nobody_is_refused(county: Caller, offices: Offices) -> None:
    account_id = await created(county, "newcomer", WORKER)
    assert code_of(await post(county, f"/v1/accounts/{account_id}/grants/remove", WORKER)) == "last_grant"
    body = {"username": "newcomer", "display_name": "又一个", "grants": [WORKER]}
    assert code_of(await post(county, "/v1/accounts", body)) == "username_taken"
    admin = await offices.of("admin")
    accounts = (await admin.get("/v1/accounts")).json()["accounts"]
    own = next(one["id"] for one in accounts if one["username"] == "admin")
    assert code_of(await post(admin, f"/v1/accounts/{own}/disable")) == "own_account"
    assert code_of(await post(admin, f"/v1/accounts/{own}/password")) == "own_account"


async def test_a_worker_who_serves_two_counties_is_administered_above_them(
    county: Caller, offices: Offices, owner_engine: AsyncEngine
) -> None:
    await signed_in(offices, owner_engine, "both", Grant(Role.WORKER, COUNTY), Grant(Role.WORKER, NEIGHBOUR))
    assert "both" not in {one["username"] for one in (await county.get("/v1/accounts")).json()["accounts"]}
    assert code_of(await post(county, "/v1/enrolments", {"username": "both"})) == "unknown_account"
    admin = await offices.of("admin")
    assert (await post(admin, "/v1/enrolments", {"username": "both"})).status_code == 201


async def test_a_password_that_the_office_draws_replaces_the_old_one(county: Caller, offices: Offices) -> None:
    listed = (await county.get("/v1/accounts")).json()["accounts"]
    account_id = next(one["id"] for one in listed if one["username"] == "worker")
    drawn = (await post(county, f"/v1/accounts/{account_id}/password")).json()
    old = {"username": "worker", "password": PASSWORD}
    assert (await offices.http.post("/v1/auth/token", data=old)).status_code == 401
    assert (await offices.http.post("/v1/auth/token", data=drawn)).status_code == 200


async def test_plant_protection_staff_register_farms_but_report_on_their_own_indicators(
    offices: Offices, owner_engine: AsyncEngine
) -> None:
    soil = Grant(Role.WORKER, TOWNSHIP, frozenset({Indicator.FILM_RECOVERY}))
    pests = Grant(Role.WORKER, TOWNSHIP, frozenset({Indicator.PESTICIDE_REDUCTION}))
    homestead = farm()
    plant_protection = await signed_in(offices, owner_engine, "plant protection", pests)
    await plant_protection.apply(homestead)
    report = film(homestead["record_id"])
    refused = await plant_protection.push(report)
    assert (refused.status_code, code_of(refused)) == (403, "out_of_scope")
    assert refused.json()["outcomes"][0]["reason"] == "scope_lost"
    soil_staff = await signed_in(offices, owner_engine, "soil", soil)
    await soil_staff.apply(film(homestead["record_id"]))


async def test_a_grant_on_a_basin_reads_its_counties_and_nothing_else(
    offices: Offices, owner_engine: AsyncEngine
) -> None:
    reader = await signed_in(offices, owner_engine, "dongting", Grant(Role.PROVINCE, "430000", None, "dongting"))
    statement = """
        SELECT code FROM region_version WHERE level = 'county' AND valid_to IS NULL AND parent_code = '431200'
        AND code NOT IN (SELECT county_code FROM current_basin_county WHERE basin_code = 'dongting') LIMIT 1
    """
    async with owner_engine.connect() as connection:
        outside = (await connection.execute(text(statement))).scalar_one()
    statuses = {
        code: (await reader.get(f"/v1/summaries/{code}", period="2025")).status_code
        for code in (COUNTY, outside, "430600", "430000", "110105")
    }
    assert statuses == {COUNTY: 200, outside: 403, "430600": 403, "430000": 403, "110105": 403}
    assert (await reader.get("/v1/sync/pull", county=COUNTY)).status_code == 200
    assert (await reader.get("/v1/sync/pull", county=outside)).status_code == 403
    assert (await reader.get("/v1/basins/dongting/summary", period="2025")).status_code == 200


async def test_a_person_revokes_an_own_phone_and_a_stranger_does_not(offices: Offices, worker: Caller) -> None:
    phone = new_id()
    form = {"username": "worker", "password": PASSWORD, "device_id": phone}
    token = (await offices.http.post("/v1/auth/token", data=form)).json()["access_token"]
    colleague = await offices.of("colleague")
    assert code_of(await post(colleague, f"/v1/devices/{phone}/revoke")) == "unknown_device"
    on_phone = Caller(offices.http, {"Authorization": f"Bearer {token}"})
    assert (await on_phone.get("/v1/me")).status_code == 200
    assert (await post(worker, f"/v1/devices/{phone}/revoke")).status_code == 200
    assert (await on_phone.get("/v1/me")).status_code == 401
    assert (await worker.get("/v1/me")).status_code == 200


def test_the_operator_administers_accounts_from_the_terminal(
    database: Database, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QINGTIAN_DATABASE_URL", database.service_url)
    monkeypatch.setenv("QINGTIAN_OWNER_DATABASE_URL", database.owner_url)
    monkeypatch.setenv("QINGTIAN_HOME", str(tmp_path))

    def run(*words: str, code: int = 0) -> str:
        done = CliRunner().invoke(commands, ["account", *words])
        assert done.exit_code == code, done.output
        return done.output

    run("create", "zhangsan", "三封寺镇农技站", "worker", TOWNSHIP, "--indicator", "film_recovery")
    assert "没有代码" in run("grant", "zhangsan", "worker", "999999", code=1)
    run("grant", "zhangsan", "township", TOWNSHIP)
    run("revoke", "zhangsan", "worker", TOWNSHIP)
    assert len(run("enrol", "zhangsan").split()[0]) == 9
    assert "已停用" in run("disable", "zhangsan")
    assert "township 430623101" in run("list")
    assert run("audit").count("zhangsan") == 5 + 1
