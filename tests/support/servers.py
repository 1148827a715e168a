"""The real server in a process of its own, answering over real sockets."""

import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from backend.db import make_engine
from tests.conftest import Database
from tests.support.offices import COUNTY, TOWNSHIP, open_offices
from tests.support.program import Program

START_TIMEOUT_S = 60
OUTPUT = "output.txt"


@dataclass(frozen=True)
class LiveServer:
    """Where the server answers and how each office signs in."""

    url: str
    home: Path
    process: Program
    accounts: dict[str, tuple[str, str]] = field(default_factory=dict)
    environment: dict[str, str] = field(default_factory=dict)
    """What tells a command of the service where its database is."""
    county_code: str = COUNTY
    township_code: str = TOWNSHIP


def launch(
    database: Database, home: Path, *, demo: bool = False, settings: Mapping[str, str] | None = None
) -> LiveServer:
    """Start the service as its users do and wait until it is ready; its output is in `home`."""
    port = _free_port()
    environment = {
        "QINGTIAN_DATABASE_URL": database.service_url,
        "QINGTIAN_OWNER_DATABASE_URL": database.owner_url,
        "QINGTIAN_HOME": str(home),
        "PORT": str(port),
        "DEMO": "1" if demo else "0",
        **(settings or {}),
    }
    process = Program("run", environment=environment, output=home / OUTPUT)
    server = LiveServer(f"http://127.0.0.1:{port}", home, process, environment=environment)
    try:
        wait_until(lambda: is_ready(server.url), process, START_TIMEOUT_S)
    except BaseException:
        kill(server)
        raise
    return server


def kill(server: LiveServer) -> None:
    """End the service and all it started at once, as a failing machine does."""
    server.process.kill()


@contextmanager
def serving(
    database: Database, home: Path, *, demo: bool, settings: Mapping[str, str] | None = None
) -> Iterator[LiveServer]:
    """Run the service as its users do; on leaving it is stopped as by Ctrl-C and must end cleanly."""
    server = launch(database, home, demo=demo, settings=settings)
    try:
        yield server
    finally:
        server.process.send_signal(signal.SIGINT)
        try:
            server.process.wait(30)
        except subprocess.TimeoutExpired:
            kill(server)
            raise
    assert server.process.returncode == 0, (home / OUTPUT).read_text()


async def offices_of(url: str) -> dict[str, tuple[str, str]]:
    """Open the offices' accounts as the owner and return username and password of each."""
    engine = make_engine(url, pool_size=1)
    try:
        return {office: (one.username, one.password) for office, one in (await open_offices(engine)).items()}
    finally:
        await engine.dispose()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def is_ready(url: str) -> bool:
    """Whether the service answers that it can work."""
    try:
        return httpx.get(f"{url}/readyz", trust_env=False, timeout=5).status_code == 200
    except httpx.TransportError:
        return False


def wait_until(condition: Callable[[], bool], process: Program, timeout_s: float) -> None:
    """Wait for a condition while the process lives."""
    end = time.monotonic() + timeout_s
    while not condition():
        assert process.poll() is None, "the server ended"
        assert time.monotonic() < end, "the server took too long"
        time.sleep(0.1)
