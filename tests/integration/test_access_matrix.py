"""Every door, every role, from within its scope, from outside of it and from another province."""

import uuid
from collections.abc import Iterable, Iterator

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.routing import Mount

from backend.auth.access import Grant
from backend.auth.accounts import create_account, insert_grant
from backend.auth.audit import Actor
from backend.auth.people import open_account
from backend.ogc.interface import GeographicInterface, build
from schemas.vocabulary import Role
from tests.integration.conftest import Caller, Offices
from tests.support.access_matrix import CELLS, DOORS, EVERYBODY, OWNER, UPLOAD, Door
from tests.support.offices import COUNTY, PASSWORD, PASSWORD_HASH, TOWNSHIP
from tests.support.reports import farm, film, new_id, square

pytestmark = pytest.mark.anyio

EVENT = "01928f3c-0000-7000-8000-00000000e0e0"
INSERT_WEBHOOK = f"""
    WITH webhook AS (
        INSERT INTO webhook (id, url, region_code, kinds, secret, created_at, enabled, failures)
        VALUES (cast(:id AS uuid), 'https://hooks.example', '{COUNTY}', '{{}}', '', now(), true, 0)
    )
    INSERT INTO delivery VALUES (cast(:id AS uuid), cast(:event AS uuid), 'dead', 12, now())
"""
INSERT_REMINDER = f"""
    INSERT INTO reminder (id, key, kind, region_code, period, params, opened_at) VALUES
        (gen_random_uuid(), 'a', 'reports_returned', '{COUNTY}', '2025', '{{"count": "1", "days": "14"}}', now())
"""

FINDING = "01928f3c-0000-7000-8000-00000000f1d1"
INSERT_FINDING = f"""
    INSERT INTO finding (county_code, id, code, level, region_code, year, period, record_id, records, params, evidence,
                         state, first_seen, last_seen)
    VALUES ('{COUNTY}', '{FINDING}', 'plot_far_outside', 'report', '{COUNTY}', 2025, '2025', cast(:farm AS uuid), '[]',
            '{{"what": "", "distance_km": "2.0"}}', '{"0" * 32}', 'open', now(), now())
"""
BASIN = "SELECT basin_code FROM current_basin_county WHERE county_code = :county LIMIT 1"


def doors_of(routes: Iterable[object]) -> Iterator[tuple[str, str]]:
    """Yield method and path of every route, of routers in routers too; static files are nobody's secret."""
    for route in routes:
        if isinstance(route, Mount) and isinstance(route.app, GeographicInterface):
            yield from ((method, route.path + path) for method, path in doors_of(build().routes))
        inner = getattr(route, "original_router", None)
        if inner is not None:
            yield from doors_of(inner.routes)
        methods = getattr(route, "methods", None) or ()
        for method in methods:
            if method != "HEAD" or len(methods) == 1:
                yield method, route.path  # type: ignore[attr-defined]


async def test_the_matrix_names_every_route_and_none_besides(offices: Offices) -> None:
    routes = set(doors_of(offices.app.routes))
    described = {
        (method.upper(), path) for path, methods in offices.app.openapi()["paths"].items() for method in methods
    }
    assert described <= routes, "the walk over the routes has missed some"
    assert routes == {door.key for door in DOORS}


@pytest.fixture
async def callers(offices: Offices, owner_engine: AsyncEngine) -> dict[str, Caller]:
    """One signed-in caller a cell."""
    async with owner_engine.begin() as connection:
        for cell, grant in CELLS.items():
            await create_account(connection, f"cell {cell}", cell, PASSWORD_HASH, [grant])
    found = {}
    for cell in CELLS:
        form = {"username": f"cell {cell}", "password": PASSWORD}
        token = (await offices.http.post("/v1/auth/token", data=form)).json()["access_token"]
        found[cell] = Caller(offices.http, {"Authorization": f"Bearer {token}"})
    return found


class Stage:
    """Makes a target for each request: what one request did to it must not decide the next."""

    def __init__(
        self, engine: AsyncEngine, callers: dict[str, Caller], record_id: str, report_id: str, basin: str
    ) -> None:
        self._engine = engine
        self._owner = callers["worker in"]
        self._record_id, self._report_id, self._basin = record_id, report_id, basin

    async def target(self, door: Door) -> dict[str, str]:
        username, device_id = f"target-{new_id()}", new_id()
        async with self._engine.begin() as connection:
            held = [Grant(Role.WORKER, TOWNSHIP)]
            account_id = await open_account(connection, Actor(), username, "对象", None, held)
            if door.route.endswith("/remove"):
                await insert_grant(connection, account_id, Grant(Role.TOWNSHIP, TOWNSHIP))
            statement = "INSERT INTO device VALUES (:device_id, :account_id, now())"
            await connection.execute(text(statement), {"device_id": device_id, "account_id": account_id})
        return {
            "username": username,
            "account_id": account_id,
            "device_id": device_id,
            "record_id": self._record_id,
            "report_id": self._report_id,
            "indicator": "straw_utilisation",
            "period": "2025",
            "action": "file",
            "finding_id": str(uuid.uuid4()),
            "target_finding_id": FINDING,
            "county": COUNTY,
            "county_code": COUNTY,
            "region_code": COUNTY,
            "code": self._basin,
            "sha256": "0" * 64,
            "name": "none",
            "z": "0",
            "x": "0",
            "y": "0",
            "_upload_id": str(uuid.uuid4()),
            "checkpoint_id": str(uuid.uuid4()),
            "upload_id": await self._upload() if door.route == UPLOAD else "",
            "webhook_id": await self._webhook() if door.route.startswith("/v1/webhooks") else "",
            "event_id": EVENT,
        }

    async def _webhook(self) -> str:
        webhook_id = str(uuid.uuid4())
        async with self._engine.begin() as connection:
            await connection.execute(text(INSERT_WEBHOOK), {"id": webhook_id, "event": EVENT})
        return webhook_id

    async def _upload(self) -> str:
        door = next(one for one in DOORS if one.key == ("POST", "/v1/attachments"))
        request = door.request({})
        request["headers"] |= self._owner.headers
        response = await self._owner.http.post("/v1/attachments", **request)
        assert response.status_code == 201, response.text
        return response.headers["location"].rpartition("/")[2]


@pytest.fixture
async def stage(callers: dict[str, Caller], owner_engine: AsyncEngine) -> Stage:
    homestead = farm(geometry=square())
    report = film(homestead["record_id"])
    await callers["worker in"].apply(homestead, report)
    async with owner_engine.begin() as connection:
        await connection.execute(text(INSERT_REMINDER))
        await connection.execute(text(INSERT_FINDING), {"farm": homestead["record_id"]})
    async with owner_engine.connect() as connection:
        basin = (await connection.execute(text(BASIN), {"county": COUNTY})).scalar_one()
    return Stage(owner_engine, callers, homestead["record_id"], report["record_id"], basin)


async def through(door: Door, target: dict[str, str], caller: Caller) -> httpx.Response:
    request = door.request(target)
    request["headers"] = request.get("headers", {}) | caller.headers
    return await caller.http.request(door.method, (door.path or door.route).format(**target), **request)


async def test_whoever_may_passes_and_nobody_else(callers: dict[str, Caller], stage: Stage) -> None:
    wrong = []
    for door in DOORS:
        if door.allowed is None:
            continue
        for cell, caller in callers.items():
            target = await stage.target(door)
            response = await through(door, target, caller)
            passes = door.passed(response, target)
            if passes is not (cell in door.allowed) or response.status_code >= 500:
                wrong.append(f"{cell} at {' '.join(door.key)}: {response.status_code} {response.text[:120]}")
    assert not wrong, "\n".join(wrong)


async def test_without_a_sign_in_only_the_open_doors_answer(offices: Offices, stage: Stage) -> None:
    wrong = []
    for door in DOORS:
        response = await through(door, await stage.target(door), offices.anonymous)
        is_refused = response.status_code == 401
        if is_refused is (door.allowed is None or door.public):
            wrong.append(f"{' '.join(door.key)}: {response.status_code} {response.text[:120]}")
    assert not wrong, "\n".join(wrong)


async def test_the_matrix_names_no_cell_that_is_none() -> None:
    assert all(door.allowed is None or door.allowed <= EVERYBODY for door in DOORS)
    assert OWNER <= EVERYBODY
