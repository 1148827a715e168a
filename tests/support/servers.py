"""The real server in a process of its own, answering over real sockets."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from backend.db import make_engine
from tests.conftest import REPOSITORY, Database
from tests.support.offices import COUNTY, TOWNSHIP, open_offices

START_TIMEOUT_S = 60


@dataclass(frozen=True)
class LiveServer:
    """Where the server answers and how each office signs in."""

    url: str
    home: Path
    process: subprocess.Popen[bytes]
    accounts: dict[str, tuple[str, str]] = field(default_factory=dict)
    county_code: str = COUNTY
    township_code: str = TOWNSHIP


@contextmanager
def serving(database: Database, home: Path, *, demo: bool) -> Iterator[LiveServer]:
    """Run the service as its users do; on leaving it is stopped as by Ctrl-C and must end cleanly."""
    port = _free_port()
    environment = os.environ | {
        "QINGTIAN_DATABASE_URL": database.service_url,
        "QINGTIAN_OWNER_DATABASE_URL": database.owner_url,
        "QINGTIAN_HOME": str(home),
        "PORT": str(port),
        "DEMO": "1" if demo else "0",
    }
    output = home / "output.txt"
    with output.open("wb") as stream:
        process = subprocess.Popen(
            [sys.executable, "-m", "backend", "run"],
            cwd=REPOSITORY,
            env=environment,
            stdout=stream,
            stderr=stream,
            start_new_session=True,
        )
    server = LiveServer(f"http://127.0.0.1:{port}", home, process)
    try:
        wait_until(lambda: is_ready(server.url), process, START_TIMEOUT_S)
        yield server
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            raise
    assert process.returncode == 0, output.read_text()


async def offices_of(url: str) -> dict[str, tuple[str, str]]:
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
    try:
        return httpx.get(f"{url}/readyz", trust_env=False, timeout=5).status_code == 200
    except httpx.TransportError:
        return False


def wait_until(condition: Callable[[], bool], process: subprocess.Popen[bytes], timeout_s: float) -> None:
    end = time.monotonic() + timeout_s
    while not condition():
        assert process.poll() is None, "the server ended"
        assert time.monotonic() < end, "the server took too long"
        time.sleep(0.1)
