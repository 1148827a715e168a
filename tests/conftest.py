"""Fixtures for all suites: a real PostGIS in a private cluster, and a fresh database per test."""

import fcntl
import gc
import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import anyio
import pytest
from xdist.scheduler.loadfile import LoadFileScheduling

from backend.db import make_engine
from backend.embedded import Cluster, drop_database, ensure_cluster, ensure_database
from backend.migrate import migrate
from backend.reference.load import load_reference
from tests.support.washing import Laundry

TESTS = Path(__file__).parent
REPOSITORY = TESTS.parent
TEST_HOME = Path(os.environ.get("QINGTIAN_TEST_HOME", REPOSITORY / ".qingtian" / "test"))
SHARED_PACKAGES = None if "QINGTIAN_TEST_HOME" in os.environ else REPOSITORY / ".qingtian" / "packages"
"""Where `make run` keeps an unpacked PostGIS too, so that both download it once."""

TEMPLATE_SOURCES = ("backend/migrations", "backend/reference", "schemas/reference", "schemas/tables", "geo")


PAGES = "tests/pages/"
LONGEST_FIRST = ("pages", "faults", "clients", "integration", "contract", "unit")
"""The suites by how long one of their files takes: so that no worker ends with a long one while the others rest."""


class FilesAtOnce(LoadFileScheduling):
    """A worker takes the tests of a file together, and all pages at once: so the demo that they show is filled once."""

    def _split_scope(self, nodeid: str) -> str:
        return PAGES if nodeid.startswith(PAGES) else str(super()._split_scope(nodeid))


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> FilesAtOnce:
    return FilesAtOnce(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: LONGEST_FIRST.index(item.path.relative_to(TESTS).parts[0]))


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@dataclass(frozen=True)
class Database:
    """A migrated database with the reference data, used by one test."""

    cluster: Cluster
    name: str

    @property
    def owner_url(self) -> str:
        return self.cluster.url("owner", self.name)

    @property
    def service_url(self) -> str:
        return self.cluster.url("service", self.name)


@pytest.fixture(scope="session")
def cluster() -> Cluster:
    return ensure_cluster(TEST_HOME, durable=False, packages=SHARED_PACKAGES)


@pytest.fixture(scope="session")
def template(cluster: Cluster) -> str:
    """The name of a database, migrated and filled once for all workers, that the tests are copied from."""
    name = f"template_{_sources_digest()}"
    TEST_HOME.mkdir(parents=True, exist_ok=True)
    made = TEST_HOME / f"{name}.{cluster.port}.made"
    with (TEST_HOME / "template.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            drop_database(cluster, name)
            ensure_database(cluster, name)
            anyio.run(_fill, cluster.url("owner", name))
            made.touch()
    return name


async def _fill(url: str) -> None:
    engine = make_engine(url, pool_size=2)
    try:
        await migrate(engine)
        await load_reference(engine, TEST_HOME, lambda _: None)
    finally:
        await engine.dispose()


def _sources_digest() -> str:
    digest = hashlib.sha256()
    for folder in TEMPLATE_SOURCES:
        for path in sorted((REPOSITORY / folder).rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


@pytest.fixture(scope="session")
def laundry(cluster: Cluster, template: str) -> Iterator[Laundry]:
    laundry = Laundry(cluster, template)
    yield laundry
    laundry.close()


@pytest.fixture
def database(laundry: Laundry) -> Iterator[Database]:
    with laundry.borrow() as name:
        yield Database(laundry.cluster, name)


def pytest_collection_finish() -> None:
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000)
