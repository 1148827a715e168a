"""Pushes against their floor: every batch size with every number of phones, product and floor in turn."""

import asyncio
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field
from math import ceil
from statistics import median
from typing import Any

import asyncpg
import orjson

from backend.db import make_engine
from tests.bench.floor import READ_ENTRIES, READ_RECORDS, Batch, insert_all
from tests.bench.ground import Place, Service
from tests.bench.phones import Sent, request, send_all
from tests.bench.reports import REPORTS_OF_A_FARM, CountyStream, body, read_places
from tests.bench.reports import Place as ReportingPlace

SEED = 2025
FARMS_A_PUSH = 100
COUNTIES_AT_ONCE = 4
COUNTIES = 44


@dataclass(frozen=True)
class Cell:
    """One cell of the matrix: how many reports a push, how many phones, how many reports in all, one county or many."""

    batch: int
    phones: int
    reports: int
    shared: bool = False

    @property
    def pushes_a_phone(self) -> int:
        """How many pushes each phone sends."""
        return max(1, round(self.reports / self.batch / self.phones))

    @property
    def reports_a_phone(self) -> int:
        """How many reports each phone sends."""
        return self.pushes_a_phone * self.batch


MATRIX = (
    Cell(1, 1, 500),
    Cell(1, 8, 2_000),
    Cell(1, 32, 2_000),
    Cell(20, 1, 2_000),
    Cell(20, 8, 4_000),
    Cell(20, 32, 4_000),
    Cell(100, 1, 3_000),
    Cell(100, 8, 6_400),
    Cell(100, 32, 6_400),
    Cell(500, 1, 4_000),
    Cell(500, 8, 8_000),
    Cell(500, 32, 16_000),
)

SHARED = (Cell(1, 8, 1_000, shared=True), Cell(100, 8, 3_200, shared=True))
"""All phones in one county: its ledger takes one push after the other, whatever the service does."""


@dataclass
class Measured:
    """The rounds of one cell, in reports a second, and the time a push waits, in ms."""

    cell: Cell
    product: list[float] = field(default_factory=list)
    floor: list[float] = field(default_factory=list)
    waits_ms: list[float] = field(default_factory=list)
    client_cpu: list[float] = field(default_factory=list)
    """Share of a core that the phones' process used."""
    service_cpu_ms: list[float] = field(default_factory=list)
    """Processor time of the service a report."""

    @property
    def ratio(self) -> float:
        """The median of product over floor, round by round."""
        return median(one / other for one, other in zip(self.product, self.floor, strict=True))


class PushBench:
    """A service, its floor and the counties that report."""

    def __init__(self, service: Service, product: Place, floor: Place, counties: Sequence[CountyStream]) -> None:
        self._service = service
        self._product = product
        self._floor = floor
        self._counties = counties
        self._rota = Rota(len(counties))

    def run(self, cell: Cell, clients: Executor) -> tuple[Sent, float, float]:
        """Send the cell's reports, then insert the very same rows once more.

        Return what the phones saw, the processor seconds of the service, and the seconds of the floor.
        """

        counties = [self._counties[index] for index in self._rota.take(cell)]
        batches = [[one.reports(cell.batch) for _ in range(cell.pushes_a_phone)] for one in counties]
        queues = [
            [request(self._service.target, self._service.tokens[one.place.code], body(items)) for items in queue]
            for one, queue in zip(counties, batches, strict=True)
        ]
        codes = sorted({one.place.code for one in counties})
        before = asyncio.run(_heads(self._product.driver_url, codes))
        cpu_s = self._service.cpu_s
        sent = clients.submit(send_all, self._service.target, queues, cell.batch).result()
        cpu_s = self._service.cpu_s - cpu_s
        after = asyncio.run(_heads(self._product.driver_url, codes))
        rows = asyncio.run(_written(self._product.driver_url, before, after, cell.batch))
        floor_queues = [rows[phone :: cell.phones] for phone in range(cell.phones)] if cell.shared else _by_county(rows)
        floor_s = clients.submit(
            insert_all, self._floor.driver_url, [queue for queue in floor_queues if queue]
        ).result()
        return sent, cpu_s, floor_s


class Rota:
    """Which county each phone reports from; they go round, so that all ledgers grow alike."""

    def __init__(self, counties: int) -> None:
        self._counties = counties
        self._next = 0

    def take(self, cell: Cell) -> list[int]:
        """Return the index of the county of every phone of a cell."""
        count = 1 if cell.shared else cell.phones
        chosen = [(self._next + step) % self._counties for step in range(count)]
        self._next = (self._next + count) % self._counties
        return chosen * (cell.phones if cell.shared else 1)


def measure(bench: PushBench, cells: Sequence[Cell], rounds: int, clients: Executor) -> Iterator[Measured]:
    """Yield every cell measured over `rounds` rounds, product and floor in turn."""
    measured = [Measured(cell) for cell in cells]
    for _ in range(rounds):
        for one in measured:
            sent, cpu_s, floor_s = bench.run(one.cell, clients)
            reports = one.cell.phones * one.cell.reports_a_phone
            one.product.append(reports / sent.wall_s)
            one.floor.append(reports / floor_s)
            one.waits_ms += [wait * 1000 for wait in sent.waits_s]
            one.client_cpu.append(sent.client_cpu_s / sent.wall_s)
            one.service_cpu_ms.append(cpu_s * 1000 / reports)
            print(one.cell, f"{one.product[-1]:,.0f}/s, floor {one.floor[-1]:,.0f}/s", flush=True)
    yield from measured


def farms_needed(cells: Sequence[Cell], rounds: int, counties: int) -> int:
    """Return how many farms every county must have for all the reports of the bench, in whole pushes."""
    rota = Rota(counties)
    reports = [0] * counties
    for _ in range(rounds):
        for cell in cells:
            for index in rota.take(cell):
                reports[index] += cell.reports_a_phone
    return ceil(max(reports) / REPORTS_OF_A_FARM / FARMS_A_PUSH) * FARMS_A_PUSH


def register_farms(service: Service, counties: Sequence[CountyStream], farms: int, clients: Executor) -> list[Sent]:
    """Push the farms of every county, a few counties at a time."""
    queues = []
    for county in counties:
        items = county.farms(farms)
        token = service.tokens[county.place.code]
        starts = range(0, len(items), FARMS_A_PUSH)
        queues.append([request(service.target, token, body(items[at : at + FARMS_A_PUSH])) for at in starts])
    groups = [queues[at : at + COUNTIES_AT_ONCE] for at in range(0, len(queues), COUNTIES_AT_ONCE)]
    return [clients.submit(send_all, service.target, group, FARMS_A_PUSH).result() for group in groups]


async def places_of(url: str, count: int = COUNTIES) -> list[ReportingPlace]:
    """Return the counties that report."""
    engine = make_engine(url, pool_size=1)
    try:
        async with engine.connect() as connection:
            return await read_places(connection, count)
    finally:
        await engine.dispose()


async def _heads(url: str, codes: list[str]) -> dict[str, int]:
    connection = await asyncpg.connect(url)
    try:
        rows = await connection.fetch(
            "SELECT county_code, position FROM ledger_head WHERE county_code = ANY($1::text[])", codes
        )
        return {row["county_code"]: row["position"] for row in rows}
    finally:
        await connection.close()


async def _written(url: str, before: dict[str, int], after: dict[str, int], batch: int) -> list[Batch]:
    """Return what the pushes between two states of the heads wrote, batch by batch."""
    connection = await asyncpg.connect(url)
    batches: list[Batch] = []
    try:
        for code, position in before.items():
            span = (code, position, after[code])
            records = orjson.loads(await connection.fetchval(READ_RECORDS, *span))
            entries = orjson.loads(await connection.fetchval(READ_ENTRIES, *span))
            # Every report is new: its record and its entry have the same position.
            starts = range(0, len(entries), batch)
            batches += [(_part(records, start, batch), _part(entries, start, batch)) for start in starts]
    finally:
        await connection.close()
    return batches


def _part(rows: list[Any], start: int, batch: int) -> str:
    return orjson.dumps(rows[start : start + batch]).decode()


def _by_county(rows: list[Batch]) -> list[list[Batch]]:
    queues: dict[str, list[Batch]] = {}
    for records, entries in rows:
        queues.setdefault(orjson.loads(entries)[0]["county_code"], []).append((records, entries))
    return list(queues.values())
