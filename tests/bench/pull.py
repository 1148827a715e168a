"""The way out: a county pulled whole beside a bare SELECT of its rows, and a pull that finds nothing new."""

import asyncio
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

import asyncpg
import httpx

from mobile_contract.client import Phone
from schemas.changes import PackRef
from schemas.marks import MODULUS
from sync.packs import hash_of_hashes
from tests.bench.ground import Place, Service
from tests.bench.phones import request, send_all
from tests.bench.reports import REPORTS_OF_A_FARM, CountyStream, Item, body
from tests.support.offices import PASSWORD

FARMS_A_PUSH = 100
REPORTS_A_PUSH = 450
PHONE_PAGE, LARGE_PAGE = 200, 1000
BLOCK = 200
WARM = 20
FAST = 0.1
"""The share of requests that the others on the machine are taken to have left alone."""

DEVICE = {"qingtian-device": "01928f3c-0000-7000-8000-000000000001", "qingtian-app": "0.1.0"}

READ_ROWS = """
    SELECT record.id, kind, status, record.revision, position, last_change_id, township_code, payload, warnings,
           recorded_at, salt, ciphertext, key_id
    FROM record LEFT JOIN personal
      ON personal.county_code = record.county_code AND personal.record_id = record.id
     AND personal.revision = record.revision
    WHERE record.county_code = $1 AND position > $2
    ORDER BY position LIMIT $3
"""

SUM_OF_MARKS = """
    SELECT count(*) AS records, sum(cast(cast('x' || encode(mark, 'hex') AS bit(64)) AS bigint)) AS marks
    FROM record WHERE county_code = $1
"""
"""The marks as signed numbers: modulo 2^64 their sum is the same."""


@dataclass
class Pulled:
    """A county pulled from the start by one who pulls: records a second, and bytes of a record on the wire."""

    puller: str
    page: int
    per_s: list[float] = field(default_factory=list)
    bytes_a_record: float | None = None


@dataclass
class Idle:
    """Pulls that find nothing new, in ms: the request, `/healthz` beside it, and what the service says of itself."""

    records: int
    wall_ms: list[float] = field(default_factory=list)
    health_ms: list[float] = field(default_factory=list)
    inside_ms: list[float] = field(default_factory=list)
    """The mean of each block as the service's own clock has it (`qingtian_pull_seconds`), without sign-in and HTTP."""
    cpu_ms: list[float] = field(default_factory=list)
    """Processor time of the service's process a request, by block."""
    health_cpu_ms: list[float] = field(default_factory=list)

    def server_ms(self, share: float) -> float:
        """What a pull takes longer than a request that does nothing, both at this share of all: 0.5 is the median.

        On a machine that others use too, the fast ones tell more of the service and the middle more of the others.
        """
        return at_share(self.wall_ms, share) - at_share(self.health_ms, share)


@dataclass(frozen=True)
class Checksum:
    """The checksum that every last page brings, against adding up the marks of all records anew."""

    records: int
    page_ms: float
    recompute_ms: float


def fill(service: Service, county: CountyStream, records: int, clients: Executor) -> float:
    """Push farms and reports until the county holds so many records; return how many went in a second."""
    farms = records // (1 + REPORTS_OF_A_FARM)
    start = time.perf_counter()
    _push(service, county, county.farms(farms), FARMS_A_PUSH, clients)
    _push(service, county, county.reports(records - farms), REPORTS_A_PUSH, clients)
    return records / (time.perf_counter() - start)


def _push(service: Service, county: CountyStream, items: list[Item], most: int, clients: Executor) -> None:
    batch = min(most, len(items))
    if len(items) % batch:
        raise ValueError(f"{len(items)} items do not go into pushes of {batch}")
    token = service.tokens[county.place.code]
    starts = range(0, len(items), batch)
    queue = [request(service.target, token, body(items[at : at + batch])) for at in starts]
    clients.submit(send_all, service.target, [queue], batch).result()


def pull_whole(service: Service, place: Place, code: str, records: int, rounds: int) -> list[Pulled]:
    """Pull a county from the start: by the real client, by plain HTTP, and by nothing but the SELECT, in turn."""
    by_client = Pulled("参考客户端 reference client", PHONE_PAGE)
    plain = [Pulled("HTTP", PHONE_PAGE), Pulled("HTTP", LARGE_PAGE)]
    floors = [Pulled("下限 floor: SELECT", PHONE_PAGE), Pulled("下限 floor: SELECT", LARGE_PAGE)]
    for _ in range(rounds):
        by_client.per_s.append(records / _pull_by_client(service, code, records))
        for one in plain:
            start = time.perf_counter()
            pages = list(_pages(service, code, one.page))
            one.per_s.append(records / (time.perf_counter() - start))
            one.bytes_a_record = sum(page.num_bytes_downloaded for page in pages) / records
        for one in floors:
            one.per_s.append(records / asyncio.run(_select(place.driver_url, code, one.page, records)))
    return [by_client, *plain, *floors]


def _pull_by_client(service: Service, code: str, records: int) -> float:
    """Return the seconds of a first sync on a new phone, packs included, all stored and the checksum held."""
    with tempfile.TemporaryDirectory() as folder:
        phone = Phone(Path(folder) / "phone.db", service.url)
        try:
            phone.sign_in(code, PASSWORD)
            phone.follow(code)
            start = time.perf_counter()
            report = phone.sync()
            took = time.perf_counter() - start
            if report.pulled != records or report.mismatches:
                raise RuntimeError(f"the pull is not whole: {report}")
            return took
        finally:
            phone.close()


def _pages(service: Service, code: str, limit: int) -> Iterator[httpx.Response]:
    """Yield the pages of a county from the start to its end."""
    params: dict[str, Any] = {"county": code, "limit": limit, "packs": ""}
    with _client(service, code) as client:
        while True:
            page = client.get("/v1/sync/pull", params=params).raise_for_status()
            yield page
            told = page.json()
            if not told["more"]:
                return
            params["cursor"] = told["cursor"]


async def _select(url: str, code: str, limit: int, records: int) -> float:
    connection = await asyncpg.connect(url)
    try:
        statement = await connection.prepare(READ_ROWS)
        start = time.perf_counter()
        after = seen = 0
        while rows := await statement.fetch(code, after, limit):
            after = rows[-1]["position"]
            seen += len(rows)
        took = time.perf_counter() - start
    finally:
        await connection.close()
    if seen != records:
        raise RuntimeError(f"{seen} rows of {records}")
    return took


def pull_nothing(
    service: Service, place: Place, counties: Sequence[tuple[str, int]], blocks: int
) -> tuple[list[Idle], Checksum]:
    """Ask counties (code, records) for what is new where nothing is, in blocks of requests over one connection.

    The checksum is that of the last county, which is compared with one computed anew.
    """
    idle = [Idle(records) for _, records in counties]
    asks = [_ask_of_one_in_step(service, code) for code, _ in counties]
    for _ in range(blocks):
        for one, (code, _), ask in zip(idle, counties, asks, strict=True):
            with _client(service, code) as client:
                _block(service, client, ask, one)
    code, records = counties[-1]
    with _client(service, code) as client:
        told = client.get("/v1/sync/pull", params=asks[-1]).json()["checksum"]
    found, recompute_ms = asyncio.run(_add_up(place.driver_url, code))
    if told != found:
        raise RuntimeError(f"the checksum {told} is not {found}")
    return idle, Checksum(records, at_share(idle[-1].wall_ms, 0.5), recompute_ms)


def _ask_of_one_in_step(service: Service, code: str) -> dict[str, Any]:
    """Return what a phone asks that has pulled all: its cursor, and the hash of its packs."""
    *_, last = _pages(service, code, LARGE_PAGE)
    told = last.json()
    packs = hash_of_hashes(PackRef(**one) for one in told["packs"])
    return {"county": code, "limit": PHONE_PAGE, "cursor": told["cursor"], "packs": packs}


def _block(service: Service, client: httpx.Client, ask: dict[str, Any], measured: Idle) -> None:
    for _ in range(WARM):
        client.get("/healthz").raise_for_status()
        answer = client.get("/v1/sync/pull", params=ask).raise_for_status().json()
        if answer["records"] or answer["checksum"] is None or answer["packs"] is not None:
            raise RuntimeError(f"there was something new: {answer}")
    before, started = _pull_seconds(client), service.cpu_s
    measured.health_ms += [_timed(client, "/healthz", {}) for _ in range(BLOCK)]
    between = service.cpu_s
    measured.wall_ms += [_timed(client, "/v1/sync/pull", ask) for _ in range(BLOCK)]
    ended, after = service.cpu_s, _pull_seconds(client)
    measured.inside_ms.append((after - before) * 1000 / BLOCK)
    measured.health_cpu_ms.append((between - started) * 1000 / BLOCK)
    measured.cpu_ms.append((ended - between) * 1000 / BLOCK)


def at_share(values: Sequence[float], share: float) -> float:
    """Return the value below which this share of all lies."""
    return sorted(values)[int(share * (len(values) - 1))]


def _timed(client: httpx.Client, path: str, params: dict[str, Any]) -> float:
    start = time.perf_counter()
    client.get(path, params=params).raise_for_status()
    return (time.perf_counter() - start) * 1000


def _pull_seconds(client: httpx.Client) -> float:
    """Return the seconds that the service has spent on pulls, by its own metrics."""
    for line in client.get("/metrics").raise_for_status().text.splitlines():
        name, _, value = line.partition(" ")
        if name == "qingtian_pull_seconds_sum":
            return float(value)
    raise RuntimeError("the service says nothing of its pulls")


async def _add_up(url: str, code: str) -> tuple[dict[str, Any], float]:
    """Return the checksum of a whole county from its records, and the ms of the median of three."""
    connection = await asyncpg.connect(url)
    took = []
    try:
        for _ in range(3):
            start = time.perf_counter()
            row = await connection.fetchrow(SUM_OF_MARKS, code)
            took.append((time.perf_counter() - start) * 1000)
    finally:
        await connection.close()
    return {"records": row["records"], "sum": f"{int(row['marks']) % MODULUS:016x}"}, median(took)


def _client(service: Service, code: str) -> httpx.Client:
    headers = DEVICE | {"Authorization": f"Bearer {service.tokens[code]}"}
    return httpx.Client(base_url=service.url, headers=headers, timeout=60, trust_env=False)
