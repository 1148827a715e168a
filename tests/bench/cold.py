"""From nothing to the first page: a fresh clone, `make run`, and the clock until the page answers."""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

import httpx

from tests.bench.ground import REPOSITORY, free_port

TIMEOUT_S = 900


def first_page_s() -> float:
    """Return the seconds from `make run` in a fresh clone to an answered front page; downloads what it needs."""
    folder = Path(tempfile.mkdtemp(prefix="qingtian-cold-"))
    folder.chmod(0o755)
    port = free_port()
    try:
        subprocess.run(["git", "clone", "-q", str(REPOSITORY), str(folder / "clone")], check=True)
        start = time.perf_counter()
        process = subprocess.Popen(
            ["make", "run"],
            cwd=folder / "clone",
            env=_bare_environment(port),
            stdout=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            return _answered(process, port, start)
        finally:
            os.killpg(process.pid, signal.SIGINT)  # as Ctrl-C does: make and what it started
            process.wait(timeout=60)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _bare_environment(port: int) -> dict[str, str]:
    """Return the environment without what the bench itself was started with."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith(("QINGTIAN_", "MAKE"))}
    return ours | {"PORT": str(port)}


def _answered(process: subprocess.Popen[bytes], port: int, start: float) -> float:
    while process.poll() is None and time.perf_counter() - start < TIMEOUT_S:
        try:
            if httpx.get(f"http://127.0.0.1:{port}/").is_success:
                return time.perf_counter() - start
        except httpx.TransportError:
            time.sleep(0.2)
    raise RuntimeError("the page did not come")
