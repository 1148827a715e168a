"""Load the reference data at set-up: once, in one transaction, and again only what has changed since.

Shipped rows are put over rows with the same key; rows that a deployment added under keys of its own stay.
"""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict
from importlib.resources import files
from pathlib import Path
from typing import Any

import orjson
import shapely
from anyio import to_thread
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from backend.reference import boundaries as bounds
from backend.reference import targets
from backend.reference.layers import build_layers
from backend.reference.packages import BOUNDARIES, REGISTER, Package, fetch_packages
from backend.reference.regions import RegionRow, build_changes, build_regions, read_register
from backend.reference.targets import Target, hex_bytes, hex_shape, put_rows
from schemas.reference import loader
from schemas.reference.published import published_inputs
from schemas.regions import BINGTUAN
from schemas.vocabulary import RegionLevel

Progress = Callable[[str], None]
Rows = Sequence[tuple[Target, Sequence[Any]]]

FOLDER = "reference"
"""Below the home of the deployment; the packages may be put there by hand."""

REGION_DATA = ("region_recode.csv", REGISTER)
INPUTS: Mapping[str, tuple[str | Package, ...]] = {
    "regions": REGION_DATA,
    "boundaries": (*REGION_DATA, BOUNDARIES, "basins.csv", "basin_waters.geojson"),
    "basins": ("basins.csv", "basin_counties.csv", "basin_waters.geojson"),
    "goals": ("goals.csv",),
    "coefficients": ("coefficients.csv",),
    "published_inputs": ("published_inputs.csv",),
}
"""What each kind of reference data is made from, besides the code that makes it."""

CODE = (("backend.reference", ("boundaries.py", "layers.py", "load.py", "regions.py")), ("geo", ("coverage.py",)))
DRAWN_WITH = {BINGTUAN: "650000"}
"""兵团 reports as a province of its own; its land is drawn with 新疆."""

LOADED = "SELECT kind, sha256 FROM reference_load"
ONE_AT_A_TIME = "SELECT pg_advisory_xact_lock(hashtext('qingtian reference data'))"
WAIT_FOR_THE_OTHER = "SET LOCAL lock_timeout = '120s'"
REMEMBER = """
INSERT INTO reference_load (kind, sha256, rows, loaded_at) VALUES (:kind, :sha256, :rows, now())
ON CONFLICT (kind) DO UPDATE SET sha256 = excluded.sha256, rows = excluded.rows, loaded_at = excluded.loaded_at
"""
OPEN_LEDGERS = """
INSERT INTO ledger_head (county_code, position, entry_hash, recorded_at)
SELECT DISTINCT unnest(ledger_codes), 0, decode(repeat('00', 32), 'hex'), now() FROM region_version
ON CONFLICT (county_code) DO NOTHING
"""


async def load_reference(engine: AsyncEngine, home: Path, progress: Progress) -> None:
    """Load what has changed since the last time, as the owner of a migrated database; open the counties' ledgers.

    Fetches the packages only where they are needed. Raises PackagesUnavailableError, ReferenceDataError.
    """
    wanted = {kind: _digest(inputs) for kind, inputs in INPUTS.items()}
    async with engine.connect() as connection:
        stale = await _stale(connection, wanted)
    if not stale:
        progress("参考数据已是最新。 Reference data are up to date.")
        return
    packages: dict[Package, Path] = {}
    if {"regions", "boundaries"} & stale:
        progress("获取行政区划与边界数据包…… Fetching the register and boundary packages …")
        packages = await to_thread.run_sync(fetch_packages, home / FOLDER)
    progress("整理参考数据…… Preparing reference data …")
    prepared = await to_thread.run_sync(_prepare, stale, packages)
    progress("写入参考数据…… Writing reference data …")
    async with engine.begin() as connection:
        await connection.execute(text(WAIT_FOR_THE_OTHER))
        await connection.execute(text(ONE_AT_A_TIME))
        for kind in sorted(stale & await _stale(connection, wanted)):
            count = await _write(connection, kind, prepared[kind], wanted[kind])
            progress(f"已写入 {kind}：{count} 行。 Wrote {kind}: {count} rows.")


async def _stale(connection: AsyncConnection, wanted: Mapping[str, bytes]) -> set[str]:
    loaded = {kind: bytes(sha256) for kind, sha256 in await connection.execute(text(LOADED))}
    return {kind for kind, digest in wanted.items() if loaded.get(kind) != digest}


async def _write(connection: AsyncConnection, kind: str, tables: Rows, digest: bytes) -> int:
    count = sum([await put_rows(connection, target, rows) for target, rows in tables])
    if kind == "regions":
        await connection.execute(text(OPEN_LEDGERS))
    await connection.execute(text(REMEMBER), {"kind": kind, "sha256": digest, "rows": count})
    return count


def _digest(inputs: Iterable[str | Package]) -> bytes:
    """Return a hash of the inputs and of the code that turns them into rows, so that neither changes unnoticed."""
    digest = hashlib.sha256()
    for package, modules in CODE:
        for module in modules:
            digest.update(files(package).joinpath(module).read_bytes())
    for one in inputs:
        digest.update(one.sha256.encode() if isinstance(one, Package) else loader.packaged(one).encode())
    return digest.digest()


def _prepare(kinds: set[str], packages: Mapping[Package, Path]) -> dict[str, Rows]:
    """Return the rows of each kind; seconds of work for regions and boundaries."""
    prepared: dict[str, Rows] = {}
    if {"regions", "boundaries"} & kinds:
        register = read_register(packages[REGISTER])
        recodes = loader.recodes()
        regions = build_regions(register, recodes)
        current = {region.code: region for region in regions if region.valid_to is None}
        names = {code: region.name for code, region in current.items()}
        changes = build_changes(register, recodes, names)
        prepared["regions"] = ((targets.REGION_VERSION, regions), (targets.REGION_CHANGE, changes))
        if "boundaries" in kinds:
            renamed = {recode.old_code: recode.new_code for recode in recodes}
            prepared["boundaries"] = _boundary_rows(packages[BOUNDARIES], current, renamed)
    if "basins" in kinds:
        prepared["basins"] = _basin_rows()
    if "goals" in kinds:
        prepared["goals"] = ((targets.GOAL, [row.model_dump() for row in loader.goals()]),)
    if "coefficients" in kinds:
        prepared["coefficients"] = ((targets.COEFFICIENT, [asdict(row) for row in loader.coefficients()]),)
    if "published_inputs" in kinds:
        prepared["published_inputs"] = ((targets.PUBLISHED_INPUT, published_inputs()),)
    return prepared


def _boundary_rows(wheel: Path, current: Mapping[str, RegionRow], renamed: Mapping[str, str]) -> Rows:
    counties = {code: region.name for code, region in current.items() if region.level is RegionLevel.COUNTY}
    found = bounds.read_boundaries(wheel, counties, renamed)
    layers = build_layers(
        found,
        province_of={county.code: _drawn_with(county.code, current) for county in found.counties},
        provinces={code: (region.name, region.in_scope) for code, region in current.items()},
        basins=loader.basins(),
        waters=loader.basin_waters(),
    )
    return (
        (
            targets.COUNTY_GEOM,
            [
                {
                    "county_code": county.code,
                    "name": county.name,
                    "in_scope": county.in_scope,
                    "geom": hex_shape(county.geometry),
                    "source": bounds.SOURCE,
                }
                for county in found.counties
            ],
        ),
        (
            targets.BOUNDARY_LINE,
            [
                {"id": line.id, "name": line.name, "geom": hex_shape(line.geometry), "source": bounds.SOURCE}
                for line in found.lines
            ],
        ),
        (
            targets.MAP_LAYER,
            [
                {"name": layer.name, "sha256": hex_bytes(layer.sha256), "body": hex_bytes(layer.body)}
                for layer in layers
            ],
        ),
    )


def _drawn_with(code: str, current: Mapping[str, RegionRow]) -> str:
    """Return the province that an outline is drawn with.

    A region is found by its parents. Areas without a region of their own have no parents; their code begins with the
    two digits of the province.
    """
    region = current.get(code)
    while region is not None and region.level is not RegionLevel.PROVINCE:
        region = current.get(region.parent_code or "")
    province_code = region.code if region else f"{code[:2]}0000"
    return DRAWN_WITH.get(province_code, province_code)


def _basin_rows() -> Rows:
    waters = {water.code: shapely.from_geojson(orjson.dumps(water.geometry)) for water in loader.basin_waters()}
    basins = [
        {
            "code": basin.code,
            "name": basin.zh,
            "name_en": basin.en,
            "geom": hex_shape(waters[basin.code]) if basin.code in waters else None,
            "source": basin.source,
        }
        for basin in loader.basins()
    ]
    members = [member.model_dump() for member in loader.basin_counties()]
    return ((targets.BASIN, basins), (targets.BASIN_COUNTY, members))
