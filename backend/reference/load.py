"""Load what is shipped at set-up: the tables beside the catalogue, the register of regions, the boundaries.

What has not changed since the last time is not loaded again. A change adds a version; the rows that a deployment
loaded itself stand.
"""

import hashlib
from collections.abc import Callable, Iterable, Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

import orjson
import shapely
from anyio import to_thread
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from backend.reference.outlines import draw_layers, shipped_outlines, waters_layer, write_outlines
from backend.reference.packages import BOUNDARIES, REGISTER, Package, fetch_packages
from backend.reference.recodes import RegionRow
from backend.reference.regions import build_changes, build_regions, read_register
from backend.reference.targets import (
    REGION_CHANGE,
    REGION_VERSION,
    TABLE_OF,
    as_json,
    hex_shape,
    put_rows,
    replace_rows,
)
from backend.reference.tile_shapes import draw_basins
from backend.reference.versions import (
    READ_SHIPPED,
    Origin,
    append_version,
    compare_shipped,
    lock_reference,
    newest_versions,
    read_held,
)
from schemas.reference import loader
from schemas.reference.kinds import REGIONS, TABLES, ReferenceKind
from schemas.reference.rows import RecodeRow
from schemas.vocabulary import ReferenceOrigin

Progress = Callable[[str], None]

FOLDER = "reference"
"""Below the home of the deployment; the packages may be put there by hand."""

CODE = (
    (
        "backend.reference",
        ("boundaries.py", "layers.py", "load.py", "outlines.py", "recodes.py", "regions.py", "tile_shapes.py"),
    ),
    ("geo", ("coverage.py", "tiles.py")),
)
SHIPPED = "随版 shipped"

BASIN_KINDS = frozenset({str(ReferenceKind.BASINS), str(ReferenceKind.BASIN_COUNTIES)})
"""What the drawn basins are made from, besides the outlines of their counties."""

READ_RECODES = """
    SELECT old_code, old_name, new_code, new_name, year, kind, source FROM current_region_recode
    ORDER BY year, new_code, old_code
"""
OPEN_LEDGERS = """
    INSERT INTO ledger_head (county_code, position, entry_hash, recorded_at)
    SELECT DISTINCT unnest(ledger_codes), 0, decode(repeat('00', 32), 'hex'), now() FROM region_version
    ON CONFLICT (county_code) DO NOTHING
"""
HAS_FIGURES = "SELECT EXISTS (SELECT FROM county_figure)"


async def load_reference(engine: AsyncEngine, home: Path, progress: Progress) -> None:
    """Load what has changed since the last time, as the owner of a migrated database; open the counties' ledgers.

    Fetches the packages only where they are needed. Raises PackagesUnavailableError, ReferenceDataError, RecodeError.
    """
    said: list[str] = []

    def say(words: str) -> None:
        said.append(words)
        progress(words)

    await _load_tables(engine, say)
    await load_places(engine, home, say)
    if not said:
        progress("参考数据已是最新。 Reference data are up to date.")


async def load_places(engine: AsyncEngine, home: Path, progress: Progress) -> None:
    """Bring regions, outlines and drawn layers up to the register, the package and the recodes that hold now."""
    async with engine.connect() as connection:
        recodes = await read_recodes(connection)
        stale = await _stale(connection, _place_digests(recodes))
    if not stale:
        return
    progress("获取行政区划与边界数据包…… Fetching the register and boundary packages …")
    packages = await to_thread.run_sync(fetch_packages, home / FOLDER)
    progress("整理区划与边界…… Preparing regions and boundaries …")
    regions, changes = await to_thread.run_sync(_regions, packages[REGISTER], recodes)
    outlines = await to_thread.run_sync(shipped_outlines, packages[BOUNDARIES], regions, recodes)
    async with engine.begin() as connection:
        await lock_reference(connection)
        wanted = _place_digests(await read_recodes(connection))
        if not await _stale(connection, wanted):
            return
        count = await replace_rows(connection, REGION_VERSION, regions)
        await put_rows(connection, REGION_CHANGE, changes)
        await connection.execute(text(OPEN_LEDGERS))
        await append_version(connection, REGIONS, (), _shipped(wanted[REGIONS]), rows=count)
        progress(f"已写入区划：{count} 行。 Wrote regions: {count} rows.")
        origin = _shipped(wanted[ReferenceKind.BOUNDARIES])
        count = await write_outlines(connection, outlines, regions, recodes, origin)
        progress(f"已写入边界：{count} 行。 Wrote boundaries: {count} rows.")
        await draw_layers(connection, regions)
        await _compute_again(connection)


async def load_basins(connection: AsyncConnection) -> None:
    """Draw the basins and their water anew, after the basins or their counties changed."""
    await put_rows(connection, *await waters_layer(connection))
    await draw_basins(connection)


async def read_recodes(connection: AsyncConnection) -> list[RecodeRow]:
    """Return the recodes that hold, by year."""
    rows = (await connection.execute(text(READ_RECODES))).mappings()
    return [RecodeRow.model_validate({**row, "year": str(row["year"])}) for row in rows]


def shipped_table(kind: ReferenceKind) -> list[dict[str, Any]]:
    """Return the shipped rows of a kind as its table keeps them."""
    rows = [row.stored() for row in loader.shipped(kind)]
    if kind is ReferenceKind.BASINS:
        waters = {water.code: shapely.from_geojson(orjson.dumps(water.geometry)) for water in loader.basin_waters()}
        return [row | {"geom": hex_shape(waters[row["code"]]) if row["code"] in waters else None} for row in rows]
    return rows


async def _load_tables(engine: AsyncEngine, progress: Progress) -> None:
    prepared = {kind: shipped_table(kind) for kind in TABLES}
    wanted = {str(kind): hashlib.sha256(as_json(rows).encode()).digest() for kind, rows in prepared.items()}
    async with engine.connect() as connection:
        if not await _stale(connection, wanted):
            return
    async with engine.begin() as connection:
        await lock_reference(connection)
        stale = await _stale(connection, wanted)
        for kind, rows in prepared.items():
            if kind in stale:
                target = TABLE_OF[kind]
                comparison = compare_shipped(target, await read_held(connection, kind, target), rows)
                await append_version(connection, kind, [comparison], _shipped(wanted[kind]))
                progress(f"已写入 {kind}：{comparison.size} 行。 Wrote {kind}: {comparison.size} rows.")
        if stale & BASIN_KINDS:
            await load_basins(connection)


async def _stale(connection: AsyncConnection, wanted: Mapping[str, bytes]) -> set[str]:
    loaded = {kind: bytes(sha256) for kind, sha256 in await connection.execute(text(READ_SHIPPED))}
    return {kind for kind, digest in wanted.items() if loaded.get(kind) != digest}


async def _compute_again(connection: AsyncConnection) -> None:
    """Open a version of the coefficients without rows: with other regions a county may have other coefficients."""
    if (await connection.execute(text(HAS_FIGURES))).scalar_one():
        newest = await newest_versions(connection)
        origin = Origin(
            ReferenceOrigin.DERIVED, f"区划第 {newest[REGIONS]} 版 regions version {newest[REGIONS]}", bytes(32)
        )
        await append_version(connection, ReferenceKind.COEFFICIENTS, (), origin)


def _regions(wheel: Path, recodes: list[RecodeRow]) -> tuple[list[RegionRow], list[Any]]:
    register = read_register(wheel)
    return build_regions(register, recodes), build_changes(register, recodes)


def _shipped(digest: bytes) -> Origin:
    return Origin(ReferenceOrigin.SHIPPED, SHIPPED, digest)


def _place_digests(recodes: Iterable[RecodeRow]) -> dict[str, bytes]:
    """Return hashes of the inputs and of the code that turns them into rows, so that neither changes unnoticed."""
    history = as_json([recode.model_dump() for recode in recodes])
    return {REGIONS: _digest(REGISTER, history), str(ReferenceKind.BOUNDARIES): _digest(REGISTER, BOUNDARIES, history)}


def _digest(*inputs: str | Package) -> bytes:
    digest = hashlib.sha256()
    for package, modules in CODE:
        for module in modules:
            digest.update(files(package).joinpath(module).read_bytes())
    for one in inputs:
        digest.update(one.sha256.encode() if isinstance(one, Package) else one.encode())
    return digest.digest()
