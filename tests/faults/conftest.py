"""Fixtures of the fault suite: the real server over a fresh database, and phones with their accounts."""

from collections.abc import Iterator
from pathlib import Path

import anyio
import pytest

from tests.conftest import Database
from tests.faults.stage import Stage, staged
from tests.support.servers import LiveServer, offices_of, serving


@pytest.fixture
def live_server(database: Database, tmp_path: Path) -> Iterator[LiveServer]:
    """A server over a fresh database with one account per office."""
    accounts = anyio.run(offices_of, database.owner_url)
    with serving(database, tmp_path, demo=False) as server:
        yield LiveServer(server.url, server.home, server.process, accounts)


@pytest.fixture
def stage(database: Database, tmp_path: Path) -> Iterator[Stage]:
    """The application in this process, over a fresh database, with two counties."""
    with staged(database, tmp_path) as stage:
        yield stage
