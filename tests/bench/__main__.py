"""Run the bench and write its page: `python -m tests.bench [--quick] [--cold] [--only PART]`."""

import argparse
import asyncio
import signal
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from multiprocessing import get_context
from types import FrameType

from backend.embedded import stop_cluster
from tests.bench import exports, offline, ogc, paint, summaries, tiles
from tests.bench.cold import first_page_s
from tests.bench.ground import HOME, Ground, lay_ground, open_accounts, serving
from tests.bench.page import Results, write_page, write_parts
from tests.bench.push import (
    FARMS_A_PUSH,
    MATRIX,
    SEED,
    SHARED,
    Cell,
    PushBench,
    farms_needed,
    measure,
    places_of,
    register_farms,
)
from tests.bench.reports import CountyStream

ROUNDS = 3
ENDINGS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
FILLED = (100_000, 1_000_000)
QUICK_FILLED = (10_000, 100_000)
EXPORTED = (50_000, 1_000_000)
QUICK_EXPORTED = (5_000, 100_000)
PAINTED = 50_000
VISITS = 12


def main() -> None:
    """Measure what was asked for and write it to the page, a part by itself into its place; a quick run does not."""
    asked = _arguments()
    rounds = 1 if asked.quick else asked.rounds
    told = [f"ROUNDS={rounds}"] * (rounds != ROUNDS) + ["COLD=1"] * asked.cold
    told += [f"PART={asked.only}"] * (asked.only is not None)
    results = Results(" ".join(["make bench", *told]), rounds)
    for ending in ENDINGS:
        signal.signal(ending, _end)
    try:
        ground = lay_ground()
        for name, part in PARTS.items():
            if asked.only in (None, name):
                part(ground, results, quick=asked.quick)
    finally:
        stop_cluster(HOME)
    is_whole = asked.only is None and not asked.quick
    if is_whole:
        write_page(results)
    elif not asked.quick:
        write_parts(results)
    if asked.cold:
        results.cold_s = first_page_s()
        print(f"从克隆到第一页 from a clone to the first page: {results.cold_s:.0f} s", flush=True)
    if is_whole:
        write_page(results)


def _end(number: int, _frame: FrameType | None) -> None:
    """End, and with it the services, their databases and the cluster; asked once is enough."""
    for ending in ENDINGS:
        signal.signal(ending, signal.SIG_IGN)
    raise SystemExit(128 + number)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="清田性能测试 · Measure Qingtian")
    parser.add_argument("--quick", action="store_true", help="一轮、少量，不改页面 · one small round, page untouched")
    parser.add_argument("--cold", action="store_true", help="含全新克隆启动（要下载）· a fresh clone too, downloads")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="每格几轮 · rounds of every cell")
    parser.add_argument("--only", choices=tuple(PARTS))
    return parser.parse_args()


def _pushed(ground: Ground, results: Results, *, quick: bool) -> None:
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as clients:
        _pushes(ground, results, clients, quick=quick)


def _synced(ground: Ground, results: Results, *, quick: bool) -> None:
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as clients:
        results.offline = offline.measure(ground, results.rounds, clients, quick=quick)


def _pushes(ground: Ground, results: Results, clients: Executor, *, quick: bool) -> None:
    cells = _smaller(MATRIX) if quick else MATRIX
    shared = _smaller(SHARED) if quick else SHARED
    with ExitStack() as stack:
        product = stack.enter_context(ground.database("bench_product"))
        floor = stack.enter_context(ground.database("bench_floor"))
        places = asyncio.run(places_of(product.owner_url))
        open_accounts(product, [place.code for place in places])
        service = stack.enter_context(serving(product, [place.code for place in places]))
        service.get("/v1/summaries/100000", period="2025", by="county")
        results.memory["空闲 at rest"] = service.memory
        streams = [CountyStream(place, SEED) for place in places]
        farms = farms_needed([*cells, *shared], results.rounds, len(streams))
        registered = register_farms(service, streams, farms, clients)
        results.farms_per_s = farms * len(streams) / sum(one.wall_s for one in registered)
        print(f"{farms * len(streams)} 个主体已登记 farms registered, batches of {FARMS_A_PUSH}", flush=True)
        asyncio.run(product.analyze())
        bench = PushBench(service, product, floor, streams)
        for one in measure(bench, [*cells, *shared], results.rounds, clients):
            (results.shared if one.cell.shared else results.pushes).append(one)
        results.memory["推送之后 after the pushes"] = service.memory


def _smaller(cells: Sequence[Cell]) -> list[Cell]:
    return [replace(cell, reports=cell.reports // 4) for cell in cells]


def _summaries(ground: Ground, results: Results, *, quick: bool) -> None:
    steps = QUICK_FILLED if quick else FILLED
    with ground.database("bench_nation") as place:
        open_accounts(place, [])
        first = 1
        for last in steps:
            asyncio.run(summaries.fill(place, first, last))
            first = last + 1
            with serving(place, []) as service:
                results.filled.append(summaries.measure(service, place, last))
            print(results.filled[-1], flush=True)


def _tiles(ground: Ground, results: Results, *, quick: bool) -> None:
    results.tiles = tiles.measure(ground, results.rounds, quick=quick)


def _exports(ground: Ground, results: Results, *, quick: bool) -> None:
    for reports in QUICK_EXPORTED if quick else EXPORTED:
        with ground.database("bench_exports") as place:
            open_accounts(place, [])
            exports.fill(place, reports)
            with serving(place, []) as service:
                for one in exports.measure(service, reports):
                    results.exported.append(one)
                    print(one, flush=True)


def _pages_of_features(ground: Ground, results: Results, *, quick: bool) -> None:
    del quick  # It takes seconds either way.
    with ground.database("bench_ogc") as place:
        open_accounts(place, [])
        with serving(place, []) as service:
            results.ogc = ogc.measure(service, place)
    for one in results.ogc:
        print(f"{one.collection} {one.encoding}: tipg / ogc = {one.ratio:.1f}", flush=True)


def _first_drawings(ground: Ground, results: Results, *, quick: bool) -> None:
    with ground.database("bench_paint") as place:
        open_accounts(place, [])
        asyncio.run(summaries.fill(place, 1, PAINTED))
        with serving(place, []) as service:
            results.painted = paint.measure(service, VISITS // 4 if quick else VISITS)
    for one in results.painted:
        print(f"{one.name} {one.visit}: {[round(ms) for ms in one.drawn_ms]} ms", flush=True)


PARTS: Mapping[str, Callable[..., None]] = {
    "push": _pushed,
    "sync": _synced,
    "summaries": _summaries,
    "tiles": _tiles,
    "exports": _exports,
    "ogc": _pages_of_features,
    "paint": _first_drawings,
}


if __name__ == "__main__":
    main()
