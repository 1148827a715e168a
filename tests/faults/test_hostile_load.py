"""Hostile bodies cost the server little memory and little time, and it goes on answering others meanwhile."""

import gzip
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
import zstandard

from schemas.changes import MAX_BODY_BYTES, MAX_ITEMS
from tests.support.reports import body, farm
from tests.support.servers import LiveServer

BOMB_BYTES = 1 << 30
MEMORY_MB = 150
"""More than one body decompressed and decoded needs, less than any that is not held back."""
ANSWERED_WITHIN_S = 30
HEALTH_WITHIN_S = 5


def _filled(item: str, count: int = MAX_ITEMS) -> bytes:
    return json.dumps(body("SLOT")).replace('"SLOT"', ",".join([item] * count)).encode()


def _gzip_bomb() -> bytes:
    packer = gzip.compress(b" " * (1 << 20))
    return packer * (BOMB_BYTES >> 20)


def _zstd_bomb() -> bytes:
    packer = zstandard.ZstdCompressor(level=19).compressobj()
    return b"".join([*(packer.compress(b" " * (1 << 20)) for _ in range(BOMB_BYTES >> 20)), packer.flush()])


def _zstd_of_a_wide_window() -> bytes:
    wide = zstandard.ZstdCompressionParameters(window_log=31, enable_ldm=True)
    return zstandard.ZstdCompressor(compression_params=wide).compressobj().compress(b" " * (1 << 20)) + b"\x00"


def _twisted_plot() -> bytes:
    spin = [[112.5 + (index * 7919 % 1000) / 10_000, 29.5 + (index * 104_729 % 1000) / 10_000] for index in range(400)]
    plot = {"type": "Polygon", "coordinates": [[*spin, spin[0]]]}
    return _filled(json.dumps(farm(geometry=plot) | {"datum": "gcj02"}), 120)


HOSTILE: dict[str, tuple[Callable[[], bytes], str | None]] = {
    "a gzip bomb": (_gzip_bomb, "gzip"),
    "a zstd bomb": (_zstd_bomb, "zstd"),
    "a zstd frame that asks for a window of 2 GB": (_zstd_of_a_wide_window, "zstd"),
    "brackets to the last byte": (lambda: b"[" * MAX_BODY_BYTES, None),
    "objects to the last byte": (lambda: b'{"a":' * (MAX_BODY_BYTES // 5), None),
    "a number of two million digits": (lambda: b"1" * MAX_BODY_BYTES, None),
    "an exponent out of this world": (lambda: _filled('{"a":1e999999999}'), None),
    "items of long numbers": (lambda: _filled('{"a":' + "9" * 3_900 + "}"), None),
    "a string of NUL": (lambda: _filled('"' + "\\u0000" * (MAX_BODY_BYTES // 6 - 100) + '"', 1), None),
    "lone surrogates": (lambda: _filled('"' + "\\ud800" * (MAX_BODY_BYTES // 6 - 100) + '"', 1), None),
    "small lists without number": (lambda: b"[" + b"[]," * (MAX_BODY_BYTES // 3 - 1) + b"[]]", None),
    "members without number": (
        lambda: _filled("{" + ",".join(f'"k{index}":0' for index in range(150_000)) + "}", 1),
        None,
    ),
    "nested items": (lambda: _filled("[" * 900 + "]" * 900), None),
    "plots that cross themselves everywhere": (_twisted_plot, None),
}


def test_a_hostile_body_is_answered_within_bounds(live_server: LiveServer, subtests: pytest.Subtests) -> None:
    with httpx.Client(base_url=live_server.url, trust_env=False, timeout=ANSWERED_WITHIN_S) as phone:
        username, password = live_server.accounts["worker"]
        token = phone.post("/v1/auth/token", data={"username": username, "password": password}).json()["access_token"]
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        for name, (make, encoding) in HOSTILE.items():
            with subtests.test(name):
                encoded = {"Content-Encoding": encoding} if encoding else {}
                content = make()
                before = _peak_mb(live_server, anew=True)
                with _asking_for_health(live_server) as waits:
                    answer = phone.post("/v1/sync/push", content=content, headers=headers | encoded)
                assert answer.status_code in {200, 400, 413, 422}, answer.text[:500]
                if answer.status_code == 200:
                    assert {one["outcome"] for one in answer.json()["outcomes"]} <= {"rejected", "applied"}
                else:
                    assert answer.json()["code"]
                assert _peak_mb(live_server) - before < MEMORY_MB
                assert max(waits) < HEALTH_WITHIN_S
                taken = phone.post("/v1/sync/push", json=body(farm()), headers=headers)
                assert [one["outcome"] for one in taken.json()["outcomes"]] == ["applied"]


def _peak_mb(server: LiveServer, *, anew: bool = False) -> float:
    """Return the most memory that the server has held, in MB, since it was last asked to count anew."""
    process = Path(f"/proc/{server.process.pid}")
    if anew:
        (process / "clear_refs").write_text("5", encoding="ascii")
    status = (process / "status").read_text(encoding="ascii")
    line = next(line for line in status.splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1024


@contextmanager
def _asking_for_health(server: LiveServer) -> Iterator[list[float]]:
    """Ask `/healthz` over and over; the list holds the seconds of each answer."""
    waits, done = [0.0], threading.Event()

    def ask() -> None:
        with httpx.Client(base_url=server.url, trust_env=False, timeout=ANSWERED_WITHIN_S) as watcher:
            while not done.is_set():
                start = time.monotonic()
                watcher.get("/healthz").raise_for_status()
                waits.append(time.monotonic() - start)

    thread = threading.Thread(target=ask)
    thread.start()
    try:
        yield waits
    finally:
        done.set()
        thread.join()
