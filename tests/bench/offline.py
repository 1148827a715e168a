"""What sync is measured by, all of it: the slow line, the way out, the crowd and the cost of receipts and marks."""

import asyncio
from collections.abc import Sequence
from concurrent.futures import Executor
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from math import ceil

from tests.bench import crowd, pull, write_cost
from tests.bench.crowd import CROWDS, Crowd
from tests.bench.ground import Ground, Place, Service, open_accounts, serving
from tests.bench.pull import FAST
from tests.bench.push import FARMS_A_PUSH, SEED, places_of, register_farms
from tests.bench.queued import HandedIn, hand_in
from tests.bench.reports import REPORTS_OF_A_FARM, CountyStream
from tests.bench.write_cost import Part, Signing


@dataclass(frozen=True)
class Scale:
    """How much is measured."""

    queued: int
    """Reports in the outbox of the phone on the slow line."""
    counties: tuple[int, int, int]
    """Records of the counties that are pulled; the middle one is pulled whole."""
    blocks: int
    share: int
    """A crowd and the pushes with receipts are so many times smaller."""


FULL = Scale(500, (100, 10_000, 50_000), 3, 1)
QUICK = Scale(100, (100, 1_000, 2_000), 1, 8)

WRITERS = write_cost.CELL.phones


@dataclass
class SyncMeasured:
    """All that was measured of sync."""

    queued: list[HandedIn] = field(default_factory=list)
    filled_per_s: float = 0.0
    pulled_records: int = 0
    pulled: list[pull.Pulled] = field(default_factory=list)
    idle: list[pull.Idle] = field(default_factory=list)
    checksum: pull.Checksum | None = None
    crowds: list[Crowd] = field(default_factory=list)
    signing: Signing | None = None
    parts: list[Part] = field(default_factory=list)


def measure(ground: Ground, rounds: int, clients: Executor, *, quick: bool) -> SyncMeasured:
    """Return all of it, measured over a database of its own."""
    scale = QUICK if quick else FULL
    measured = SyncMeasured()
    with ExitStack() as stack:
        place = stack.enter_context(ground.database("bench_sync"))
        places = asyncio.run(places_of(place.owner_url, 2 + len(scale.counties) + 1 + WRITERS))
        codes = [one.code for one in places]
        open_accounts(place, codes)
        streams = iter([CountyStream(one, SEED) for one in places])
        service = stack.enter_context(serving(place, codes))
        _queued(service, [next(streams) for _ in range(2)], scale, measured, clients)
        _pulls(service, place, [next(streams) for _ in scale.counties], scale, rounds, measured, clients)
        _crowds(place, next(streams), scale, rounds, measured, clients)
        _writes(service, place, list(streams), scale, rounds, measured, clients)
    return measured


def _queued(
    service: Service, counties: Sequence[CountyStream], scale: Scale, measured: SyncMeasured, clients: Executor
) -> None:
    farms = _farms_for(2 * scale.queued)
    register_farms(service, counties, farms, clients)
    for county, with_plots in zip(counties, (False, True), strict=True):
        measured.queued.append(hand_in(service, county, scale.queued, with_plots=with_plots))
        _say(measured.queued[-1])


def _pulls(
    service: Service,
    place: Place,
    counties: Sequence[CountyStream],
    scale: Scale,
    rounds: int,
    measured: SyncMeasured,
    clients: Executor,
) -> None:
    for county, records in zip(counties, scale.counties, strict=True):
        measured.filled_per_s = pull.fill(service, county, records, clients)
    asyncio.run(place.analyze())
    _say(f"counties of {scale.counties} records, {measured.filled_per_s:,.0f} records a second")
    measured.pulled_records = scale.counties[1]
    measured.pulled = pull.pull_whole(service, place, counties[1].place.code, scale.counties[1], rounds)
    _say(measured.pulled)
    sizes = [(county.place.code, records) for county, records in zip(counties, scale.counties, strict=True)]
    measured.idle, measured.checksum = pull.pull_nothing(service, place, sizes, scale.blocks)
    _say(
        [(one.records, f"{one.server_ms(0.5):.2f} ms, {one.server_ms(FAST):.2f}") for one in measured.idle],
        measured.checksum,
    )


def _crowds(
    place: Place, county: CountyStream, scale: Scale, rounds: int, measured: SyncMeasured, clients: Executor
) -> None:
    crowds = [Crowd(replace(cell, reports=cell.reports // scale.share)) for cell in CROWDS]
    reports = sum(one.cell.phones * one.cell.reports_a_phone for one in crowds) * rounds
    with serving(place, [county.place.code], settings={"QINGTIAN_POOL_SIZE": str(crowd.POOL)}) as service:
        register_farms(service, [county], _farms_for(reports), clients)
        asyncio.run(place.analyze())
        for _ in range(rounds):
            for one in crowds:
                crowd.crowd_in(service, county, one, clients)
                _say(one.cell, f"{one.per_s[-1]:,.0f}/s")
    measured.crowds = crowds


def _writes(
    service: Service,
    place: Place,
    counties: Sequence[CountyStream],
    scale: Scale,
    rounds: int,
    measured: SyncMeasured,
    clients: Executor,
) -> None:
    cell = replace(write_cost.CELL, reports=write_cost.CELL.reports // scale.share)
    reports = cell.reports_a_phone * (2 * rounds + 2) + write_cost.EXPLAINED.reports
    register_farms(service, counties, _farms_for(reports), clients)
    asyncio.run(place.analyze())
    measured.signing = write_cost.signing(service, place, counties, cell, rounds, clients)
    _say(measured.signing)
    measured.parts = write_cost.explained(place, counties[0], clients)
    _say(measured.parts)


def _farms_for(reports: int) -> int:
    return ceil(reports / REPORTS_OF_A_FARM / FARMS_A_PUSH) * FARMS_A_PUSH


def _say(*what: object) -> None:
    print(*what, flush=True)
