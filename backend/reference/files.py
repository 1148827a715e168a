"""Load a file of a deployment: read and check it whole, say what it changes, write it as one version."""

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from backend.reference.checks import Surroundings, row_faults
from backend.reference.coverage import coverage_notes
from backend.reference.layer_files import LayerOptions, read_layer
from backend.reference.load import BASIN_KINDS, FOLDER, Progress, load_basins, load_places, read_recodes
from backend.reference.outlines import draw_layers
from backend.reference.packages import REGISTER, fetch_packages
from backend.reference.recodes import RecodeError, todays_code
from backend.reference.regions import build_regions, read_register
from backend.reference.sheets import UnreadableFileError, read_bytes, read_sheet
from backend.reference.targets import COUNTY_GEOM, TABLE_OF, VersionedTarget, hex_shape
from backend.reference.versions import (
    Columns,
    Comparison,
    Held,
    Key,
    Origin,
    append_version,
    compare,
    lock_reference,
    read_held,
)
from schemas.period import CHINA_STANDARD_TIME
from schemas.reference.kinds import TABLES, ReferenceKind
from schemas.reference.rows import RecodeRow, Row
from schemas.reference.sheet import Fault, ReadTable, read_table
from schemas.vocabulary import ReferenceOrigin, RegionLevel

READ_REGIONS = """
    SELECT DISTINCT ON (code) code, name, level FROM region_version WHERE level <> 'township'
    ORDER BY code, valid_from DESC
"""
READ_TODAYS_COUNTIES = "SELECT code FROM region_version WHERE level = 'county' AND valid_to IS NULL AND in_scope"
READ_BASINS = "SELECT code FROM current_basin"
READ_USES = """
    SELECT 'designations' AS kind, count(*) AS n FROM current_designation WHERE county_code = ANY(:retired)
    UNION ALL SELECT 'goals', count(*) FROM current_goal WHERE region_code = ANY(:merged)
"""

Note = tuple[str, str]
"""Something worth knowing before the file is written, zh and en."""


@dataclass(slots=True)
class Preview:
    """What a file would change. Good to be written where it has no faults."""

    kind: ReferenceKind
    path: Path
    target: VersionedTarget
    rows: Sequence[Columns] = ()
    withdrawn: Sequence[Key] = ()
    comparison: Comparison = field(default_factory=lambda: Comparison(COUNTY_GEOM))
    faults: list[Fault] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    region_names: Mapping[str, str] = field(default_factory=dict)
    sha256: bytes = b""


@dataclass(frozen=True, slots=True)
class LayerSource:
    """What must be said of a layer of boundaries: how its columns are called, and the source that every map shows."""

    options: LayerOptions = field(default_factory=LayerOptions)
    source: str = ""


async def preview_file(engine: AsyncEngine, kind: ReferenceKind, path: Path, home: Path, layer: LayerSource) -> Preview:
    """Read and check a file and compare it with what holds; nothing is written."""
    target = COUNTY_GEOM if kind is ReferenceKind.BOUNDARIES else TABLE_OF[kind]
    preview = Preview(kind, path, target)
    try:
        preview.sha256 = hashlib.sha256(read_bytes(path)).digest()
        async with engine.connect() as connection:
            around = await _surroundings(connection)
            preview.region_names = {code: name for code, (name, _) in around.regions.items()}
            held = await read_held(connection, kind, target)
            if kind is ReferenceKind.BOUNDARIES:
                await _preview_layer(connection, preview, layer, held, around)
            else:
                await _preview_table(connection, preview, held, around, home)
    except UnreadableFileError as error:
        preview.faults.append(error.fault)
    return preview


async def write_file(engine: AsyncEngine, home: Path, preview: Preview, by: str, note: str, say: Progress) -> int:
    """Write a good preview as one version, work out what follows from it, and return the version."""
    if preview.faults:
        raise ValueError("a file with faults is not written")
    origin = Origin(ReferenceOrigin.LOADED, preview.path.name, preview.sha256, by, note)
    async with engine.begin() as connection:
        await lock_reference(connection)
        # Compared once more under the lock: somebody may have loaded something since the preview.
        held = await read_held(connection, preview.kind, preview.target)
        comparison = compare(preview.target, held, preview.rows, preview.withdrawn)
        version = await append_version(connection, preview.kind, [comparison], origin)
        if preview.kind in BASIN_KINDS:
            await load_basins(connection)
        if preview.kind is ReferenceKind.BOUNDARIES:
            say("重画地图图层…… Drawing the layers of the map …")
            await draw_layers(connection)
    if preview.kind is ReferenceKind.REGION_RECODES:
        await load_places(engine, home, say)
    return version


async def _surroundings(connection: AsyncConnection) -> Surroundings:
    regions = {row.code: (row.name, RegionLevel(row.level)) for row in await connection.execute(text(READ_REGIONS))}
    return Surroundings(regions, frozenset(await connection.scalars(text(READ_BASINS))))


async def _preview_table(
    connection: AsyncConnection, preview: Preview, held: Mapping[Key, Held], around: Surroundings, home: Path
) -> None:
    kind = TABLES[preview.kind]
    found = read_table(read_sheet(preview.path), kind)
    preview.faults = [*found.faults, *row_faults(kind, found.rows, around)]
    preview.rows = [row.stored() for row in found.rows.values()]
    preview.withdrawn = list(found.withdrawn.values())
    preview.comparison = compare(preview.target, held, preview.rows, preview.withdrawn)
    for number, key in found.withdrawn.items():
        if key in preview.comparison.unknown:
            preview.faults.append(Fault("没有这一条，无从撤销", "there is no such row to withdraw", number))
    if preview.kind is ReferenceKind.REGION_RECODES and not preview.faults:
        await _check_recodes(connection, preview, found, home)
    preview.faults.sort(key=lambda one: one.line or 0)


async def _check_recodes(connection: AsyncConnection, preview: Preview, found: ReadTable, home: Path) -> None:
    """Work the regions out with the recodes of the file, so that what does not fit is found before it is written."""
    preview.faults += _too_early(found)
    if preview.faults:
        return
    lines = {_key(row): number for number, row in found.rows.items()}
    given = {_key(row): row for row in found.rows.values() if isinstance(row, RecodeRow)}
    standing = {_key(row): row for row in await read_recodes(connection)}
    gone = set(preview.withdrawn)
    recodes = sorted(
        (row for key, row in {**standing, **given}.items() if key not in gone),
        key=lambda one: (one.year, one.new_code, one.old_code),
    )
    register = read_register(fetch_packages(home / FOLDER, [REGISTER])[REGISTER])
    try:
        build_regions(register, recodes)
    except RecodeError as error:
        wrong = {error.recode.old_code, error.recode.new_code}
        # What stands already may be what does not fit what the file brings: then the line that touches it is named.
        near = (lines[key] for key, row in given.items() if {row.old_code, row.new_code} & wrong)
        preview.faults.append(Fault(error.zh, error.en, lines.get(_key(error.recode)) or next(near, None)))
        return
    preview.notes += await _left_behind(connection, list(given.values()), preview.region_names)


def _too_early(found: ReadTable) -> list[Fault]:
    """Return a fault for every change of a year to come: outlines, phones and offices live by today's codes."""
    this_year = datetime.now(CHINA_STANDARD_TIME).year
    return [
        Fault(
            f"{row.year} 年起的变更请到当年再载入：此前各县仍用原代码填报",
            f"load a change of {row.year} in that year: until then the counties report under the old codes",
            number,
            "year",
        )
        for number, row in found.rows.items()
        if isinstance(row, RecodeRow) and row.year > this_year
    ]


async def _left_behind(
    connection: AsyncConnection, given: Sequence[RecodeRow], region_names: Mapping[str, str]
) -> list[Note]:
    """Return what does not follow a code by itself: designations, and the goals of counties that are merged."""
    moved = [row for row in given if row.old_code != row.new_code]
    taken = Counter(row.new_code for row in given)
    merged = [row.old_code for row in moved if taken[row.new_code] > 1 or row.new_code in region_names]
    uses = {"retired": [row.old_code for row in moved], "merged": merged}
    return [
        (
            f"{use.kind} 中有 {use.n} 条用的是将停用的代码，请另行载入新代码的条目",
            f"{use.n} rows of {use.kind} speak of codes that end; load rows for the new ones",
        )
        for use in await connection.execute(text(READ_USES), uses)
        if use.n
    ]


def _key(row: Row) -> Key:
    return tuple(getattr(row, column) for column in TABLES[ReferenceKind.REGION_RECODES].key)


async def _preview_layer(
    connection: AsyncConnection,
    preview: Preview,
    layer: LayerSource,
    held: Mapping[Key, Held],
    around: Surroundings,
) -> None:
    if not layer.source:
        preview.faults.append(
            Fault(
                "请用 --source 写明来源和审图号，每幅地图都会显示", "give the source with --source; every map shows it"
            )
        )
    recodes = await read_recodes(connection)
    counties = frozenset(await connection.scalars(text(READ_TODAYS_COUNTIES)))
    drawn = {code for (code,) in held}
    known = {code for code, (_, level) in around.regions.items() if level is RegionLevel.COUNTY} | drawn
    read = read_layer(preview.path, layer.options, {code: todays_code(code, recodes) for code in known})
    preview.faults += read.faults
    preview.rows = [
        {
            "county_code": code,
            "name": preview.region_names.get(code) or read.names.get(code) or code,
            "in_scope": code in counties,
            "geom": hex_shape(outline),
            "source": layer.source,
        }
        for code, outline in read.outlines.items()
    ]
    preview.comparison = compare(preview.target, held, preview.rows)
    preview.notes = coverage_notes(read, _standing(held), counties, preview.region_names)


def _standing(held: Mapping[Key, Held]) -> dict[str, Any]:
    return {code: one.columns["geom"] for (code,), one in held.items() if not one.withdrawn}
