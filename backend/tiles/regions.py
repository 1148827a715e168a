"""Tiles of the regions: cut from the coverage of their zoom by one statement, kept under the hash of all shapes.

The shapes lie on the grid that the tile is written on, so a tile rounds nothing but the points where it cuts them, and
neighbours share their edges in it. ST_AsMVTGeom is not used: it drops corners of each shape by itself, and gaps open.
"""

import asyncio
import gzip
from dataclasses import dataclass
from typing import Any

import asyncpg

from backend.db import connected
from backend.tiles.shelf import TileShelf
from geo.tiles import BUFFER, EXTENT, REGION_ZOOMS, Tile, band_of
from schemas.tables.tiles import REGIONS_SET
from sync.statement import Connection, Statement

GZIP_LEVEL = 5
LARGE_BYTES = 50_000

REGION_FIELDS = {"code": "String", "name": "String", "parent_code": "String", "in_scope": "Boolean"}
LAYERS = {
    "province": REGION_FIELDS,
    "prefecture": REGION_FIELDS,
    "county": REGION_FIELDS,
    "basin": {"code": "String", "name": "String", "tier": "String"},
    "basin_water": {"code": "String", "name": "String"},
    "boundary_line": {"code": "String", "name": "String"},
}
"""Layer -> what its features tell. Those of regions have the code as their id too, for feature state."""

PLACED = """
    SELECT layer, feature_id, code, name, parent_code, in_scope, tier, geom @ box AS is_whole,
           ST_SnapToGrid(ST_Affine(
               CASE WHEN geom @ box THEN geom ELSE ST_ClipByBox2D(geom, box) END,
               cast(:scale AS float8), 0, 0, -cast(:scale AS float8), :left, :top
           ), 1) AS geom
    FROM tile_shape, ST_MakeEnvelope(:west, :south, :east, :north, 3857) AS box
    WHERE zoom = :zoom AND geom && box
"""
"""Corners become whole numbers again: their distance from the tile's corner in cells of the grid, y to the south."""

CUT = """
    SELECT layer, feature_id, code, name, parent_code, in_scope, tier, CASE
        WHEN is_whole THEN geom
        WHEN ST_IsValid(geom) THEN ST_ForcePolygonCCW(geom)
        ELSE ST_ForcePolygonCCW(ST_SnapToGrid(ST_CollectionExtract(ST_MakeValid(geom), 3), 1))
    END AS geom
    FROM placed
"""
"""Only where a shape is cut, beyond the edge of the tile, two corners may round to one and tie a knot."""


def _encoded(layer: str) -> str:
    fields, number = ", ".join(LAYERS[layer]), ""
    if LAYERS[layer] is REGION_FIELDS:
        fields, number = f"{fields}, feature_id", ", 'feature_id'"
    return (
        f"SELECT ST_AsMVT(one, '{layer}', :extent, 'geom'{number}) AS encoded FROM (SELECT {fields}, geom FROM cut "
        f"WHERE layer = '{layer}' AND NOT ST_IsEmpty(geom) ORDER BY code, tier) AS one"
    )


READ_TILE = Statement.of(f"""
    WITH placed AS MATERIALIZED ({PLACED}), cut AS MATERIALIZED ({CUT})
    SELECT (SELECT string_agg(encoded, ''::bytea) FROM ({" UNION ALL ".join(map(_encoded, LAYERS))}) AS layers) AS tile
    FROM tile_set WHERE name = '{REGIONS_SET}' AND sha256 = :sha256
""")
READ_SET = Statement.of(f"SELECT sha256, bounds FROM tile_set WHERE name = '{REGIONS_SET}'")


@dataclass(frozen=True, slots=True)
class TileSet:
    """The hash of a set's shapes and its bounds: west, south, east, north in degrees."""

    sha256: str
    bounds: tuple[float, ...]


async def current_set(pool: asyncpg.Pool) -> TileSet | None:
    """Return the set that is served now, or None where there are no boundaries."""
    async with connected(pool) as connection:
        rows = await READ_SET.rows(connection)
    return TileSet(rows[0]["sha256"].hex(), tuple(rows[0]["bounds"])) if rows else None


async def region_tile(pool: asyncpg.Pool, shelf: TileShelf, sha256: str, tile: Tile) -> bytes | None:
    """Return a tile, gzip, empty where there is nothing in it; None for a set that is not served or no such tile."""
    if not tile.exists or tile.z not in REGION_ZOOMS:
        return None
    kept = shelf.get(sha256, tile)
    if kept is not None:
        return kept
    async with connected(pool) as connection:
        cut = await cut_tile(connection, sha256, tile)
    if cut is None:
        return None
    body = await _zipped(cut)
    shelf.put(sha256, tile, body)
    return body


async def _zipped(cut: bytes) -> bytes:
    """Return a tile as gzip, an empty one as it is; a large one is zipped in a thread, so that others are answered."""
    if len(cut) < LARGE_BYTES:
        return gzip.compress(cut, GZIP_LEVEL, mtime=0) if cut else b""
    return await asyncio.to_thread(gzip.compress, cut, GZIP_LEVEL, mtime=0)


async def cut_tile(connection: Connection, sha256: str, tile: Tile) -> bytes | None:
    """Return a tile as MVT, empty where there is nothing in it; None for a set that is not served."""
    rows = await READ_TILE.rows(connection, **_values(sha256, tile))
    return (rows[0]["tile"] or b"") if rows else None


def _values(sha256: str, tile: Tile) -> dict[str, Any]:
    """Return the values of READ_TILE. The box ends between cells, so that no corner of a shape lies on its edge."""
    band = band_of(tile.z)
    extent, unit_m = band.extent(tile.z), band.unit_m
    beyond = (BUFFER * extent // EXTENT + 0.5) * unit_m
    west, south, east, north = tile.bounds_3857
    half = EXTENT << band.last >> 1
    return {
        "sha256": bytes.fromhex(sha256),
        "zoom": band.last,
        "extent": extent,
        "scale": 1 / unit_m,
        "left": float(half - tile.x * extent),
        "top": float(half - tile.y * extent),
        "west": west - beyond,
        "south": south - beyond,
        "east": east + beyond,
        "north": north + beyond,
    }
