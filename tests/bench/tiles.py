"""Tiles beside tipg's own of the same tables, in turn within one run: regions cold and cached, plots of a province.

tipg cuts the outlines as they were loaded, one layer of them; the product cuts all six layers from the coverage of the
zoom. Both answer gzip over one connection that stays open, one request after the other.
"""

import asyncio
import http.client
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from statistics import median

import anyio
import numpy as np
from sqlalchemy import make_url, text

from backend.auth.access import Grant
from backend.auth.accounts import create_account
from backend.db import make_engine
from geo.tiles import Tile, to_mercator
from schemas.vocabulary import Role
from tests.bench.ground import HOME, Ground, Place, Service, end, free_port, open_accounts, serving
from tests.bench.tables import table
from tests.support.offices import PASSWORD_HASH

ZOOMS = (4, 5, 6, 7, 8)
TILES_A_ZOOM = 40
CACHED_ROUNDS = 5
PLOTS_A_COUNTY = 2_000
PLOT_TILES = 30
PLOT_ROUNDS = 4
HUNAN = "430000"
TIPG_TILE = "/collections/public.{table}/tiles/WebMercatorQuad/{z}/{x}/{y}?properties={properties}"

CENTRES = """
    SELECT ST_X(ST_PointOnSurface(geom)), ST_Y(ST_PointOnSurface(geom)) FROM current_county_geom
    WHERE in_scope ORDER BY county_code
"""
COUNTIES_OF_PROVINCE = """
    SELECT county.code, ST_X(ST_PointOnSurface(geom)), ST_Y(ST_PointOnSurface(geom))
    FROM region_version AS county JOIN current_county_geom AS outline ON outline.county_code = county.code
    WHERE county.level = 'county' AND county.valid_to IS NULL AND left(county.code, 2) = left(:province, 2)
    ORDER BY county.code
"""
FILL_PLOTS = """
    INSERT INTO record (county_code, id, kind, status, revision, position, township_code, payload, quantities, warnings,
                        geom, payload_hash, mark, last_change_id, account, recorded_at, submitted_at)
    SELECT county_code, gen_random_uuid(), 'farm', 'submitted', 1, number, county_code || '000',
           '{"entity_kind": "household"}', '[]', '[]',
           ST_SetSRID(ST_MakePolygon(ST_MakeLine(ARRAY[
               at, ST_Translate(at, side, 0), ST_Translate(at, side * 1.1, side),
               ST_Translate(at, side / 2, side * 1.3), ST_Translate(at, 0, side), at])), 4490),
           sha256(''), substr(sha256(''), 1, 8), gen_random_uuid(), gen_random_uuid(), now(), now()
    FROM (
        SELECT county_code, coalesce((point).path[1], 1) AS number, (point).geom AS at,
               0.0004 + random() * 0.0004 AS side
        FROM (SELECT outline.county_code,
                     ST_Dump(ST_GeneratePoints(ST_Buffer(ST_PointOnSurface(outline.geom), 0.05), :plots, 1)) AS point
              FROM current_county_geom AS outline WHERE outline.county_code = ANY(:codes)) AS drawn
    ) AS placed
"""

FILL_HEADS = """
    UPDATE ledger_head SET position = :plots, entry_hash = sha256(convert_to(county_code, 'UTF8'))
    WHERE county_code = ANY(:codes)
"""
"""The tag of a tile is told by the heads of the ledgers."""


@dataclass
class ZoomMeasured:
    """Milliseconds of each tile of one zoom, the best of all rounds, and its gzipped bytes."""

    zoom: int
    cold_ms: dict[Tile, float] = field(default_factory=dict)
    cached_ms: dict[Tile, float] = field(default_factory=dict)
    tipg_ms: dict[Tile, float] = field(default_factory=dict)
    bytes: dict[Tile, int] = field(default_factory=dict)
    tipg_bytes: dict[Tile, int] = field(default_factory=dict)


@dataclass
class PlotsMeasured:
    """Milliseconds of the tiles of plots; `known_ms` where the caller has the tile already."""

    plots: int
    ours_ms: dict[Tile, float] = field(default_factory=dict)
    known_ms: dict[Tile, float] = field(default_factory=dict)
    tipg_ms: dict[Tile, float] = field(default_factory=dict)


@dataclass
class TilesMeasured:
    """All that was measured about tiles."""

    zooms: list[ZoomMeasured]
    plots: PlotsMeasured


class Asker:
    """One connection that stays open."""

    def __init__(self, port: int, headers: Mapping[str, str] | None = None) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self._headers = {"Accept-Encoding": "gzip", **(headers or {})}

    def timed(self, path: str, **headers: str) -> tuple[float, int, Mapping[str, str]]:
        """Return milliseconds, the size of the body as sent, and the headers of the answer."""
        start = time.perf_counter()
        self._connection.request("GET", path, headers=self._headers | headers)
        response = self._connection.getresponse()
        body = response.read()
        took = (time.perf_counter() - start) * 1000
        if response.status >= 400:
            raise RuntimeError(f"{path}: {response.status} {body[:200]!r}")
        return took, len(body), {name.lower(): value for name, value in response.getheaders()}


def measure(ground: Ground, rounds: int, *, quick: bool) -> TilesMeasured:
    """Measure the tiles of the regions and the plots of a province, each beside tipg's; cold tiles once a round."""
    tiles = TILES_A_ZOOM // 4 if quick else TILES_A_ZOOM
    plots = PLOTS_A_COUNTY // (10 if quick else 1)
    with ground.database("bench_tiles") as place:
        open_accounts(place, [])
        anyio.run(_open_bureau, place)
        counties = asyncio.run(_fill_plots(place, plots))
        result = TilesMeasured([ZoomMeasured(zoom) for zoom in ZOOMS], PlotsMeasured(plots * len(counties)))
        asked = {zoom: asyncio.run(_tiles(place, zoom, tiles)) for zoom in ZOOMS}
        for _ in range(rounds):
            shutil.rmtree(HOME / "tiles", ignore_errors=True)
            with serving(place, ["bureau"]) as service, tipg_of(place) as tipg:
                for one in result.zooms:
                    _regions(one, Asker(service.target.port), tipg, _address(service), asked[one.zoom])
                bureau = Asker(service.target.port, {"Authorization": f"Bearer {service.tokens['bureau']}"})
                _plots(result.plots, bureau, tipg, [_tile_at(*at, 12) for _, *at in counties[:PLOT_TILES]])
    for row in (*map(_row, result.zooms), _plots_row(result.plots)):
        print("瓦片 tiles: " + " | ".join(row), flush=True)
    return result


def _address(service: Service) -> str:
    template = service.get("/v1/tiles/regions.json").json()["tiles"][0]
    return str(template.removeprefix(service.url))


def _regions(measured: ZoomMeasured, ours: Asker, tipg: Asker, address: str, tiles: list[Tile]) -> None:
    for tile in tiles:
        path = address.format(z=tile.z, x=tile.x, y=tile.y)
        fields = "county_code,name,in_scope"
        other = TIPG_TILE.format(table="county_geom", z=tile.z, x=tile.x, y=tile.y, properties=fields)
        took, measured.bytes[tile], _ = ours.timed(path)
        _keep_best(measured.cold_ms, tile, took)
        took, measured.tipg_bytes[tile], _ = tipg.timed(other)
        _keep_best(measured.tipg_ms, tile, took)
        for _ in range(CACHED_ROUNDS):
            _keep_best(measured.cached_ms, tile, ours.timed(path)[0])


def _plots(measured: PlotsMeasured, bureau: Asker, tipg: Asker, tiles: list[Tile]) -> None:
    for tile in tiles:
        path = f"/v1/tiles/plots/{tile.z}/{tile.x}/{tile.y}.mvt"
        fields = "id,kind,county_code,township_code"
        other = TIPG_TILE.format(table="record", z=tile.z, x=tile.x, y=tile.y, properties=fields)
        for _ in range(PLOT_ROUNDS):  # Whoever is first finds the pages of the table on disk: the best of each counts.
            took, _, headers = bureau.timed(path)
            _keep_best(measured.ours_ms, tile, took)
            _keep_best(measured.tipg_ms, tile, tipg.timed(other)[0])
            took, size, _ = bureau.timed(path, **{"If-None-Match": headers["etag"]})
            if size:
                raise RuntimeError(f"{path} was answered whole to who has it")
            _keep_best(measured.known_ms, tile, took)


def _keep_best(kept: dict[Tile, float], tile: Tile, took: float) -> None:
    kept[tile] = min(took, kept.get(tile, took))


def _tile_at(longitude: float, latitude: float, zoom: int) -> Tile:
    west, south, east, _ = Tile(0, 0, 0).bounds_3857
    x, y = to_mercator(np.array([[longitude, latitude]]))[0]
    side = (east - west) / (1 << zoom)
    return Tile(zoom, int((x - west) // side), int((-south - y) // side))


async def _tiles(place: Place, zoom: int, most: int) -> list[Tile]:
    """Return tiles of a zoom that hold the middle of a county, evenly out of all of them."""
    engine = make_engine(place.owner_url, pool_size=1)
    try:
        async with engine.connect() as connection:
            centres = (await connection.execute(text(CENTRES))).all()
    finally:
        await engine.dispose()
    tiles = list(dict.fromkeys(_tile_at(longitude, latitude, zoom) for longitude, latitude in centres))
    return tiles[:: max(1, len(tiles) // most)][:most]


async def _open_bureau(place: Place) -> None:
    """Open an account with the counties of the province one by one, so that it sees all plots that tipg gives."""
    engine = make_engine(place.owner_url, pool_size=1)
    try:
        async with engine.begin() as connection:
            rows = await connection.execute(text(COUNTIES_OF_PROVINCE), {"province": HUNAN})
            grants = [Grant(Role.COUNTY, row.code) for row in rows]
            await create_account(connection, "bureau", "bureau", PASSWORD_HASH, grants)
    finally:
        await engine.dispose()


async def _fill_plots(place: Place, plots: int) -> list[tuple[str, float, float]]:
    engine = make_engine(place.owner_url, pool_size=1)
    try:
        async with engine.begin() as connection:
            rows = (await connection.execute(text(COUNTIES_OF_PROVINCE), {"province": HUNAN})).all()
            codes = [row.code for row in rows]
            await connection.execute(text(FILL_PLOTS), {"codes": codes, "plots": plots})
            await connection.execute(text(FILL_HEADS), {"codes": codes, "plots": plots})
        await place.analyze()
    finally:
        await engine.dispose()
    return [(code, longitude, latitude) for code, longitude, latitude in rows]


@contextmanager
def tipg_of(place: Place) -> Iterator[Asker]:
    """Give tipg standing alone over the same database, one process."""
    port = free_port()
    url = make_url(place.owner_url).set(drivername="postgresql").render_as_string(hide_password=False)
    environment = os.environ | {"DATABASE_URL": url, "TIPG_DB_SCHEMAS": '["public"]', "TIPG_CATALOG_TTL": "0"}
    program = [sys.executable, "-m", "uvicorn", "tipg.main:app", "--port", str(port), "--log-level", "warning"]
    process = subprocess.Popen(program, env=environment, cwd=HOME, start_new_session=True)
    try:
        _wait_for(port)
        yield Asker(port)
    finally:
        end(process)


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        try:
            Asker(port).timed("/healthz")
        except OSError:
            time.sleep(0.2)
        else:
            return
    raise RuntimeError("tipg did not become ready")


def tiles_part(measured: TilesMeasured) -> str:
    """Return the part of the page about tiles."""
    head = ("级 zoom", "现切 cold ms", "已存 cached ms", "tipg ms", "现切快 cold ×", "已存快 cached ×", "kB", "tipg kB")
    plots = ("本系统 ours ms", "已有 known ms", "tipg ms", "快 ×")
    return f"""## 瓦片 Tiles

同一次运行里与 tipg 对同一张表现切的瓦片轮流请求；每片取各轮最快，再取各片的中位数。
本系统一片含六个图层（概化后共边），tipg 只有县界原图一层。
In turn with tipg's tile of the same table; the best of all rounds of each tile, then the median of the tiles. A tile of
the product has six layers of the generalised coverage, one of tipg's the outlines of counties as loaded.

{table(head, [_row(one) for one in measured.zooms])}
一省 {measured.plots.plots:,} 个地块，12 级瓦片。The plots of a province at zoom 12; known: answered 304.

{table(plots, [_plots_row(measured.plots)])}"""


def _row(one: ZoomMeasured) -> list[str]:
    cold, cached, tipg = (median(found.values()) for found in (one.cold_ms, one.cached_ms, one.tipg_ms))
    sizes = [f"{median(found.values()) / 1000:.0f}" for found in (one.bytes, one.tipg_bytes)]
    return [f"{one.zoom}", f"{cold:.1f}", f"{cached:.2f}", f"{tipg:.1f}", f"{tipg / cold:.1f}", f"{tipg / cached:.0f}",
            *sizes]  # fmt: skip


def _plots_row(one: PlotsMeasured) -> list[str]:
    ours, known, tipg = (median(found.values()) for found in (one.ours_ms, one.known_ms, one.tipg_ms))
    return [f"{ours:.1f}", f"{known:.1f}", f"{tipg:.1f}", f"{tipg / ours:.1f}"]
