"""Fixtures of the client suite: the real server in a process of its own, answering over real sockets."""

from collections.abc import Iterator
from pathlib import Path

import anyio
import pytest

from tests.conftest import Database
from tests.support.servers import LiveServer, offices_of, serving


@pytest.fixture
def live_server(database: Database, tmp_path: Path) -> Iterator[LiveServer]:
    """A server over a fresh database with one account per office."""
    accounts = anyio.run(offices_of, database.owner_url)
    with serving(database, tmp_path, demo=False) as server:
        yield LiveServer(server.url, server.home, server.process, accounts)
