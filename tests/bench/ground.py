"""The ground the bench stands on: a private durable PostgreSQL, a template with the reference data, the service."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import anyio
import asyncpg
import httpx
from sqlalchemy import make_url

from backend.auth.access import Grant
from backend.auth.accounts import create_account
from backend.db import make_engine
from backend.embedded import Cluster, create_database_from_template, drop_database, ensure_cluster, ensure_database
from backend.migrate import migrate
from backend.reference.load import load_reference
from schemas.regions import NATION
from schemas.vocabulary import Role
from tests.bench.phones import Target
from tests.support.offices import PASSWORD, PASSWORD_HASH

REPOSITORY = Path(__file__).parent.parent.parent
HOME = REPOSITORY / ".qingtian" / "bench"
PACKAGES = REPOSITORY / ".qingtian" / "packages"
TEMPLATE = "bench_template"
SECRET = "the secret of the bench, which guards nothing"
START_TIMEOUT_S = 120
STOP_TIMEOUT_S = 30
CLOCK_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Ground:
    """The cluster, and the template that every database of the bench is copied from."""

    cluster: Cluster

    @contextmanager
    def database(self, name: str) -> Iterator["Place"]:
        """Give a fresh database, dropped in the end."""
        drop_database(self.cluster, name)
        create_database_from_template(self.cluster, name, TEMPLATE)
        try:
            yield Place(self.cluster.url("owner", name), self.cluster.url("service", name))
        finally:
            drop_database(self.cluster, name)


@dataclass(frozen=True)
class Place:
    """A database by its two roles."""

    owner_url: str
    service_url: str

    @property
    def driver_url(self) -> str:
        """The service role's address as the plain driver takes it."""
        return _plain(self.service_url)

    async def analyze(self) -> None:
        """Give the planner what autovacuum gives it within a minute of any growth; a bench fills tables in seconds."""
        connection = await asyncpg.connect(_plain(self.owner_url))
        try:
            await connection.execute("ANALYZE record, ledger_entry, change, personal, rollup_cell, county_figure")
        finally:
            await connection.close()


def _plain(url: str) -> str:
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


def lay_ground() -> Ground:
    """Start the cluster with fsync and synchronous_commit on, and fill the template anew."""
    cluster = ensure_cluster(HOME, durable=True, packages=PACKAGES)
    drop_database(cluster, TEMPLATE)
    ensure_database(cluster, TEMPLATE)
    anyio.run(_fill, cluster.url("owner", TEMPLATE))
    return Ground(cluster)


async def _fill(url: str) -> None:
    engine = make_engine(url, pool_size=2)
    try:
        await migrate(engine)
        await load_reference(engine, HOME, lambda _: None)
    finally:
        await engine.dispose()


@dataclass(frozen=True)
class Service:
    """The running service: one process, one worker, as `make run` starts it."""

    target: Target
    process_id: int
    tokens: dict[str, str]
    """Per county the token of its field worker; `100000` is the ministry's."""

    @property
    def url(self) -> str:
        """The address of the service."""
        return f"http://{self.target.host}:{self.target.port}"

    @property
    def cpu_s(self) -> float:
        """The processor seconds that the process has used."""
        user, system = Path(f"/proc/{self.process_id}/stat").read_text().rpartition(")")[2].split()[11:13]
        return (int(user) + int(system)) / CLOCK_TICKS

    @property
    def memory(self) -> "Memory":
        """What the process holds now."""
        lines = Path(f"/proc/{self.process_id}/smaps_rollup").read_text().splitlines()[1:]
        kb = {name: int(value.split()[0]) for name, _, value in (line.partition(":") for line in lines)}
        return Memory((kb["Private_Clean"] + kb["Private_Dirty"]) / 1024, kb["Pss"] / 1024)

    def get(self, path: str, **params: str) -> httpx.Response:
        """Ask as the ministry."""
        headers = {"Authorization": f"Bearer {self.tokens[NATION]}"}
        return httpx.get(f"{self.url}{path}", params=params, headers=headers, timeout=60).raise_for_status()


@dataclass(frozen=True)
class Memory:
    """Unique and proportional set size in MB (2^20 bytes)."""

    uss_mb: float
    pss_mb: float


@contextmanager
def serving(
    place: Place, county_codes: list[str], *, program: str = "backend", settings: Mapping[str, str] | None = None
) -> Iterator[Service]:
    """Give the service over a database whose accounts are open; `program` is the module that runs it.

    The service has a process group of its own, which ends with the block, whatever ended that.
    """
    port = free_port()
    environment = os.environ | {
        "QINGTIAN_HOME": str(HOME),
        "QINGTIAN_DATABASE_URL": place.service_url,
        "QINGTIAN_OWNER_DATABASE_URL": place.owner_url,
        "QINGTIAN_SECRET": SECRET,
        "PORT": str(port),
        "DEMO": "0",
    }
    process = subprocess.Popen(
        [sys.executable, "-m", program, "run"],
        env=environment | dict(settings or {}),
        cwd=REPOSITORY,
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        url = f"http://127.0.0.1:{port}"
        _wait_until_ready(process, url)
        tokens = {code: _token(url, code) for code in [*county_codes, NATION]}
        yield Service(Target("127.0.0.1", port), process.pid, tokens)
    finally:
        end(process)


def end(process: subprocess.Popen[bytes]) -> None:
    """End the service and all that it started; one that does not listen is killed."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGTERM)
    try:
        process.wait(timeout=STOP_TIMEOUT_S)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def open_accounts(place: Place, county_codes: list[str]) -> None:
    """Create an account for the field worker of every county, and one for the ministry."""
    anyio.run(_open_accounts, place.owner_url, county_codes)


async def _open_accounts(url: str, county_codes: list[str]) -> None:
    engine = make_engine(url, pool_size=1)
    try:
        async with engine.begin() as connection:
            for code in county_codes:
                await create_account(connection, code, code, PASSWORD_HASH, [Grant(Role.WORKER, code)])
            ministry = [Grant(Role.MINISTRY, NATION)]
            await create_account(connection, NATION, NATION, PASSWORD_HASH, ministry)
    finally:
        await engine.dispose()


def _token(url: str, username: str) -> str:
    response = httpx.post(f"{url}/v1/auth/token", data={"username": username, "password": PASSWORD})
    response.raise_for_status()
    return str(response.json()["access_token"])


def _wait_until_ready(process: subprocess.Popen[bytes], url: str) -> None:
    deadline = time.monotonic() + START_TIMEOUT_S
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if httpx.get(f"{url}/readyz").is_success:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.1)
    raise RuntimeError("the service did not become ready")


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
