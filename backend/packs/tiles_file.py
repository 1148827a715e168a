"""The tiles of the boundaries around a county in one file, as a phone's map draws them with no line to the service."""

import asyncio

from backend.packs.kept import FileKey
from backend.service import Service
from geo.boundary_tiles import FIRST_ZOOM, LAST_ZOOM, LAYERS, boundary_tile
from geo.tile_archive import Bounds, archive, tiles_within
from sync.statement import Connection, Statement

READ_BOUNDS = Statement.of("""
    SELECT ST_XMin(box) AS west, ST_YMin(box) AS south, ST_XMax(box) AS east, ST_YMax(box) AS north
    FROM (SELECT ST_Extent(geom) AS box FROM current_county_geom WHERE county_code = cast(:county_code AS text)) AS own
    WHERE box IS NOT NULL
""")

MARGIN = 0.25
"""How much of its own width and height is drawn beside a county, on every side: where its neighbours begin."""


async def make_tiles_file(key: FileKey, service: Service) -> tuple[FileKey, bytes]:
    """Return the tiles around a county. They hold what a connection reads in one snapshot."""
    today = service.reference.region_of(key.county_code)
    async with (
        service.pool.acquire() as connection,
        connection.transaction(isolation="repeatable_read", readonly=True),
    ):
        bounds = await _bounds(connection, today)
        addresses = list(tiles_within(bounds, range(FIRST_ZOOM, LAST_ZOOM + 1)))
        tiles = {tile: await boundary_tile(connection, tile.z, tile.x, tile.y) for tile in addresses}
    about = {
        "name": f"regions-{key.county_code}",
        "type": "overlay",
        "attribution": service.map_source,
        "vector_layers": [
            {"id": layer, "fields": dict.fromkeys(fields, "String"), "minzoom": FIRST_ZOOM, "maxzoom": LAST_ZOOM}
            for layer, fields in LAYERS.items()
        ],
    }
    return key, await asyncio.to_thread(archive, tiles, bounds, about)


async def _bounds(connection: Connection, county_code: str) -> Bounds:
    """Return the county's box with a margin, in degrees."""
    [box] = await READ_BOUNDS.rows(connection, county_code=county_code)
    across, up = (box["east"] - box["west"]) * MARGIN, (box["north"] - box["south"]) * MARGIN
    return box["west"] - across, box["south"] - up, box["east"] + across, box["north"] + up
