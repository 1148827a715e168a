"""Fixtures of the client suite: the real server in a process of its own, answering over real sockets."""

import os
from collections.abc import Iterator
from pathlib import Path

import anyio
import pytest

from backend.embedded import Cluster, create_database_from_template, drop_database
from tests.conftest import Database
from tests.support.servers import LiveServer, offices_of, serving, wait_until

DEMO_TIMEOUT_S = 300


@pytest.fixture
def live_server(database: Database, tmp_path: Path) -> Iterator[LiveServer]:
    """A server over a fresh database with one account per office."""
    accounts = anyio.run(offices_of, database.owner_url)
    with serving(database, tmp_path, demo=False) as server:
        yield LiveServer(server.url, server.home, server.process, accounts)


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
