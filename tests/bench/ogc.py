"""A page of a thousand features through `/ogc`, beside tipg standing alone on the same views in the same run.

tipg alone sees every figure (`qingtian.scope` is set for the whole database) and asks nobody who he is; `/ogc` reads
the account of the caller and binds its scope at every page.
"""

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from statistics import median

import httpx
from sqlalchemy import text

from backend.db import make_engine
from tests.bench.ground import REPOSITORY, Place, Service, free_port
from tests.bench.tables import table

COLLECTIONS = ("county", "county_figures")
ENCODINGS = ("identity", "gzip")
PAGE = 1_000
REQUESTS = 12
START_TIMEOUT_S = 60

FILL = """
    INSERT INTO county_figure (county_code, period, indicator, view, series, numerator, denominator, n, formula,
                               coefficients, coefficient_version)
    SELECT code, year, 'film_recovery', 'farm', '', 40 + row_number() OVER (ORDER BY code) % 50, 100, 1, '', '[]',
           1000000
    FROM region_version, unnest(ARRAY['2023', '2024', '2025']) AS year
    WHERE level = 'county' AND valid_to IS NULL AND in_scope
"""
"""Under coefficients of so late a version that no job computes them anew from reports, of which there are none."""


@dataclass
class Paged:
    """Milliseconds of one page of a collection, by either."""

    collection: str
    encoding: str
    ours_ms: list[float] = field(default_factory=list)
    alone_ms: list[float] = field(default_factory=list)
    kb: float = 0.0
    """Of our page on the wire."""

    @property
    def ratio(self) -> float:
        """How many times as long tipg takes alone."""
        return median(self.alone_ms) / median(self.ours_ms)


async def fill(place: Place) -> None:
    """Give every county a figure in three years, and tipg alone the sight of all."""
    engine = make_engine(place.owner_url, pool_size=1)
    try:
        async with engine.begin() as connection:
            await connection.execute(text(FILL))
            name = await connection.scalar(text("SELECT quote_ident(current_database())"))
            await connection.execute(text(f"ALTER DATABASE {name} SET qingtian.scope = '*'"))
            await connection.execute(text("ANALYZE county_figure, region_version, county_geom"))
    finally:
        await engine.dispose()


@contextmanager
def tipg_alone(place: Place) -> Iterator[str]:
    """Give the address of tipg's own program over the schema `gis`, as its documentation starts it."""
    port = free_port()
    environment = os.environ | {
        # As the owner: it creates functions on every connection, which the role of the service may not.
        "DATABASE_URL": place.owner_url.replace("+asyncpg", ""),
        "TIPG_DB_SCHEMAS": '["gis"]',
        "TIPG_TABLE_CONFIG__gis_county__pk": "county_code",
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "uvicorn", "tipg.main:app", "--port", str(port), "--log-level", "warning"],
        env=environment,
        cwd=REPOSITORY,
    )
    url = f"http://127.0.0.1:{port}"
    try:
        _wait_for(f"{url}/healthz", process)
        yield url
    finally:
        process.terminate()
        process.wait(30)


def _wait_for(url: str, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + START_TIMEOUT_S
    while True:
        try:
            if httpx.get(url, trust_env=False, timeout=5).status_code == 200:
                return
        except httpx.TransportError:
            pass
        if process.poll() is not None or time.monotonic() > end:
            raise RuntimeError("tipg alone did not start")
        time.sleep(0.2)


def measure(service: Service, place: Place) -> list[Paged]:
    """Return the pages of each collection, asked in turn of both."""
    asyncio.run(fill(place))
    measured = []
    with tipg_alone(place) as alone, httpx.Client(trust_env=False, timeout=60) as client:
        for collection in COLLECTIONS:
            for encoding in ENCODINGS:
                paged = Paged(collection, encoding)
                for turn in range(REQUESTS + 1):
                    address = f"{service.url}/ogc/collections/{collection}/items"
                    token = service.tokens["100000"]
                    ours, page = _asked(client, address, encoding, {"Authorization": f"Bearer {token}"})
                    theirs, other = _asked(client, f"{alone}/collections/gis.{collection}/items", encoding, {})
                    _check_same(page, other)
                    if turn:  # the first of each is not counted: it plans statements and opens connections
                        paged.ours_ms.append(ours)
                        paged.alone_ms.append(theirs)
                    paged.kb = page.num_bytes_downloaded / 1024
                measured.append(paged)
    return measured


def _asked(client: httpx.Client, address: str, encoding: str, headers: dict[str, str]) -> tuple[float, httpx.Response]:
    start = time.perf_counter()
    answer = client.get(address, params={"limit": PAGE}, headers=headers | {"Accept-Encoding": encoding})
    return (time.perf_counter() - start) * 1000, answer.raise_for_status()


def _check_same(page: httpx.Response, other: httpx.Response) -> None:
    ours, theirs = page.json(), other.json()
    shapes = [
        [(one["properties"]["county_code"], one["geometry"]) for one in answer["features"]] for answer in (ours, theirs)
    ]
    counts = [answer["numberMatched"] for answer in (ours, theirs)]
    if counts[0] != counts[1] or len(shapes[0]) != PAGE or shapes[0] != shapes[1]:
        first = next((pair for pair in zip(*shapes, strict=False) if pair[0] != pair[1]), ())
        raise RuntimeError(f"the pages are not of the same features: {counts}, {str(first)[:200]}")


def ogc_part(measured: Sequence[Paged]) -> str:
    """Return the part of the page."""
    rows = [
        [one.collection, one.encoding, f"{median(one.ours_ms):.0f}", f"{median(one.alone_ms):.0f}", f"{one.ratio:.1f}",
         f"{one.kb:,.0f}"]
        for one in measured
    ]  # fmt: skip
    head = ["图层 Collection", "编码 Encoding", "/ogc ms", "tipg ms", "倍 Ratio", "kB"]
    return f"""## OGC API Features

一页 {PAGE:,} 个要素（含几何），`/ogc` 与单独运行的 tipg 在同一视图上交替查询，各 {REQUESTS} 次取中位数。
A page of {PAGE:,} features with their shapes, asked in turn of `/ogc` and of tipg standing alone on the same views;
medians of {REQUESTS} each.

{table(head, rows)}"""
