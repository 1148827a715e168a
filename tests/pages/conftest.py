"""Fixtures of the page suite: a real browser, and a demo that has been filled once for all pages."""

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import anyio
import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, sync_playwright

from backend.embedded import Cluster, create_database_from_template, drop_database
from tests.conftest import Database
from tests.pages.office import Offices
from tests.pages.visit import PATIENCE_S, Visit
from tests.support.browser import CHROMIUM
from tests.support.servers import LiveServer, offices_of, serving, wait_until

DEMO_TIMEOUT_S = 300
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def demo_server(cluster: Cluster, template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """A demo server whose phones have all reported."""
    database = Database(cluster, f"demo_{os.getpid()}")
    create_database_from_template(cluster, database.name, template)
    home = tmp_path_factory.mktemp("demo")
    try:
        with serving(database, home, demo=True) as server:
            wait_until((home / "demo" / "report.json").exists, server.process, DEMO_TIMEOUT_S)
            yield server
    finally:
        drop_database(cluster, database.name)


@pytest.fixture(scope="session")
def desk_server(cluster: Cluster, template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """A server without a demo, whose offices have accounts; every test brings the reports of a year of its own."""
    database = Database(cluster, f"desk_{os.getpid()}")
    create_database_from_template(cluster, database.name, template)
    home = tmp_path_factory.mktemp("desk")
    try:
        accounts = anyio.run(offices_of, database.owner_url)
        with serving(database, home, demo=False) as server:
            yield replace(server, accounts=accounts)
    finally:
        drop_database(cluster, database.name)


@pytest.fixture
def offices(browser: Browser, desk_server: LiveServer) -> Iterator[Offices]:
    """The offices at their desks."""
    offices = Offices(desk_server, browser)
    yield offices
    offices.leave()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(params=[{"width": 1440, "height": 900}], ids=["desk"])
def context(browser: Browser, request: pytest.FixtureRequest) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport=request.param, locale="zh-CN", reduced_motion="reduce")
    context.set_default_timeout(PATIENCE_S * 1000)
    yield context
    context.close()


@pytest.fixture
def visit(context: BrowserContext, demo_server: LiveServer) -> Iterator[Visit]:
    """A visit in which nothing may leave the origin, fail to load, break a policy or raise."""
    page = context.new_page()
    visit = Visit(page, demo_server.url.rstrip("/"))
    origin = urlsplit(visit.url).netloc

    def leaves(url: str) -> bool:
        return urlsplit(url).scheme not in {"data", "blob"} and urlsplit(url).netloc != origin

    page.on("request", lambda sent: visit.faults.append(f"left the origin: {sent.url}") if leaves(sent.url) else None)
    page.on("pageerror", lambda error: visit.faults.append(f"raised: {error}"))
    page.on(
        "console",
        lambda said: visit.faults.append(f"console: {said.text}") if said.type in {"error", "warning"} else None,
    )
    yield visit
    page.close()
    assert visit.faults == []


@pytest.fixture(scope="module")
def artifacts(request: pytest.FixtureRequest) -> Path:
    folder = request.config.rootpath / "test-artifacts"
    folder.mkdir(exist_ok=True)
    return folder


@pytest.fixture
def api(demo_server: LiveServer) -> Iterator[httpx.Client]:
    """The interface as the ministry's demo account."""
    with httpx.Client(base_url=demo_server.url, timeout=30, trust_env=False) as client:
        accounts = client.get("/v1/deployment").json()["demo_accounts"]
        ministry = next(account for account in accounts if account["role"] == "ministry")
        form = {"username": ministry["username"], "password": ministry["password"]}
        token = client.post("/v1/auth/token", data=form).json()["access_token"]
        client.headers["Authorization"] = f"Bearer {token}"
        yield client
