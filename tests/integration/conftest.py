"""Fixtures of the integration suite: the application over a fresh database, called without a socket."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from backend.app import create_app
from backend.db import make_engine
from backend.service import ReferenceState, load_reference_snapshot
from backend.settings import Settings
from sync.reference import Reference
from tests.conftest import Database
from tests.support.offices import SignIn, open_offices
from tests.support.reports import body


@pytest.fixture
async def owner_engine(database: Database) -> AsyncIterator[AsyncEngine]:
    engine = make_engine(database.owner_url, pool_size=2)
    yield engine
    await engine.dispose()


@pytest.fixture
def reference_engine(owner_engine: AsyncEngine) -> AsyncEngine:
    """The database has the reference data from its template."""
    return owner_engine


@pytest.fixture
async def sign_ins(owner_engine: AsyncEngine) -> dict[str, SignIn]:
    return await open_offices(owner_engine)


@dataclass
class Caller:
    """An HTTP client that is signed in as one office."""

    http: httpx.AsyncClient
    headers: dict[str, str] = field(default_factory=dict)

    async def get(self, path: str, **params: Any) -> httpx.Response:
        return await self.http.get(path, params=params, headers=self.headers)

    async def push(self, *changes: Any, **envelope: Any) -> httpx.Response:
        return await self.http.post("/v1/sync/push", json=body(*changes, **envelope), headers=self.headers)

    async def send(self, content: bytes, **headers: str) -> httpx.Response:
        """Send a push's body as it is."""
        whole = self.headers | {"Content-Type": "application/json"} | headers
        return await self.http.post("/v1/sync/push", content=content, headers=whole)

    async def outcomes(self, *changes: Any, **envelope: Any) -> list[dict[str, Any]]:
        """Push and return the outcomes; the push as a whole must have been taken."""
        response = await self.push(*changes, **envelope)
        assert response.status_code == 200, response.text
        outcomes: list[dict[str, Any]] = response.json()["outcomes"]
        return outcomes

    async def apply(self, *changes: Any) -> list[dict[str, Any]]:
        """Push changes that must all be applied."""
        outcomes = await self.outcomes(*changes)
        assert [one["outcome"] for one in outcomes] == ["applied"] * len(changes), outcomes
        return outcomes

    async def hold(self, *changes: Any) -> None:
        """Push changes that must all be held."""
        outcomes = await self.outcomes(*changes)
        assert [one["outcome"] for one in outcomes] == ["held"] * len(changes), outcomes

    async def pull(self, county: str, **params: Any) -> dict[str, Any]:
        response = await self.get("/v1/sync/pull", county=county, **params)
        assert response.status_code == 200, response.text
        page: dict[str, Any] = response.json()
        return page


class Offices:
    """Callers by office, signed in when first used."""

    def __init__(self, app: FastAPI, http: httpx.AsyncClient, sign_ins: dict[str, SignIn]) -> None:
        self.app = app
        self.http = http
        self.anonymous = Caller(http)
        self.sign_ins = sign_ins
        self._callers: dict[str, Caller] = {}

    async def of(self, office: str) -> Caller:
        if office not in self._callers:
            sign_in = self.sign_ins[office]
            form = {"username": sign_in.username, "password": sign_in.password}
            response = await self.http.post("/v1/auth/token", data=form)
            token = response.json()["access_token"]
            self._callers[office] = Caller(self.http, {"Authorization": f"Bearer {token}"})
        return self._callers[office]


class FirstReference:
    """Gives the reference data of a new database from memory: read for the first application, true for all others."""

    def __init__(self) -> None:
        self.state: ReferenceState | None = None
        self.reference: Reference | None = None

    async def __call__(self, connection: AsyncConnection, state: ReferenceState) -> Reference:
        if self.reference is None:
            self.state, self.reference = state, await load_reference_snapshot(connection, state)
        return self.reference if state == self.state else await load_reference_snapshot(connection, state)


@pytest.fixture(scope="session")
def first_reference() -> FirstReference:
    return FirstReference()


@pytest.fixture(scope="session")
def app(tmp_path_factory: pytest.TempPathFactory) -> FastAPI:
    """The application for all tests, each of which starts it with settings of its own: its routes are read once."""
    return create_app(Settings(home=tmp_path_factory.mktemp("home"), database_url="postgresql://none"))


@pytest.fixture
async def offices(
    app: FastAPI,
    database: Database,
    sign_ins: dict[str, SignIn],
    tmp_path: Path,
    first_reference: FirstReference,
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[Offices]:
    monkeypatch.setattr("backend.service.load_reference_snapshot", first_reference)
    app.state.settings = Settings(
        home=tmp_path, database_url=database.service_url, secret="s" * 40, follow_s=3600, jobs=False
    )
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(app.router.lifespan_context(app))
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        http = await stack.enter_async_context(httpx.AsyncClient(transport=transport, base_url="http://test"))
        yield Offices(app, http, sign_ins)


@pytest.fixture
async def worker(offices: Offices) -> Caller:
    return await offices.of("worker")


@pytest.fixture
async def county(offices: Offices) -> Caller:
    return await offices.of("county")
