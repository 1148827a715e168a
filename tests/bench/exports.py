"""Exports of very many reports: rows a second, and the memory of the service that makes them, which must not follow.

The reports are those of the bench of summaries: one indicator, spread evenly over all counties of the nation.
"""

import asyncio
import threading
import time
from dataclasses import dataclass

import httpx

from schemas.regions import NATION
from tests.bench import summaries
from tests.bench.ground import Place, Service

FORMATS = ("csv", "gpkg", "xlsx")
ASKED = {"period": summaries.PERIOD, "indicator": "film_recovery"}
LOOK_EVERY_S = 0.25
WAIT_S = 1800


@dataclass(frozen=True)
class Exported:
    """One export: its rows, bytes and seconds, the service's memory before it, and its peak and the longest wait of a
    small request while it was made."""

    reports: int
    file_format: str
    rows: int
    size: int
    took_s: float
    before_mb: float
    peak_mb: float
    longest_wait_ms: float

    @property
    def rows_per_s(self) -> float:
        """How many reports were exported in a second."""
        return self.rows / self.took_s


class Watch(threading.Thread):
    """Looks at the service's memory while an export is made, and asks it small questions, as phones would."""

    def __init__(self, service: Service) -> None:
        super().__init__(daemon=True)
        self._service = service
        self._ended = threading.Event()
        self.peak_mb = 0.0
        self.longest_wait_ms = 0.0

    def run(self) -> None:
        while not self._ended.wait(LOOK_EVERY_S):
            self.peak_mb = max(self.peak_mb, self._service.memory.uss_mb)
            start = time.perf_counter()
            httpx.get(f"{self._service.url}/healthz", timeout=60)
            self.longest_wait_ms = max(self.longest_wait_ms, (time.perf_counter() - start) * 1000)

    def end(self) -> None:
        self._ended.set()
        self.join()


def fill(place: Place, reports: int) -> None:
    """Add so many reports with their sums."""
    asyncio.run(summaries.fill(place, 1, reports))


def measure(service: Service, reports: int) -> list[Exported]:
    """Export all reports of the nation in every format, one after the other."""
    return [_exported(service, reports, file_format) for file_format in FORMATS]


def _exported(service: Service, reports: int, file_format: str) -> Exported:
    headers = {"Authorization": f"Bearer {service.tokens[NATION]}"}
    before, size = service.memory.uss_mb, 0
    watch, start = Watch(service), time.perf_counter()
    watch.start()
    try:
        url = f"{service.url}/v1/exports/reports/{NATION}"
        with httpx.stream(
            "GET", url, params={**ASKED, "format": file_format}, headers=headers, timeout=WAIT_S
        ) as answer:
            answer.raise_for_status()
            for chunk in answer.iter_bytes():
                size += len(chunk)
            rows = int(answer.headers["qingtian-rows"])
            if size != int(answer.headers["content-length"]) or rows != reports:
                raise RuntimeError(f"{rows} rows and {size} bytes are not the whole export")
    finally:
        watch.end()
    took = time.perf_counter() - start
    return Exported(reports, file_format, rows, size, took, before, watch.peak_mb, watch.longest_wait_ms)
