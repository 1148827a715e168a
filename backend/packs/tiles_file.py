"""The tiles of the boundaries around a county in one file, as a phone's map draws them with no line to the service."""

import asyncio

from backend.packs.kept import FileKey
from backend.problems import Refused
from backend.service import Service
from backend.tiles.regions import LAYERS, current_set, region_tile
from geo.tile_archive import Bounds, archive, tiles_within
from geo.tiles import REGION_ZOOMS, Tile
from schemas.problems import problem

PACKED_ZOOMS = REGION_ZOOMS[6:]
"""From where a screen shows about a province. The tiles of earlier zooms hold the nation: a megabyte more for each
county, and the same for all."""

MARGIN = 0.25
"""How much of its own width and height is drawn beside a county, on every side: where its neighbours begin."""


async def make_tiles_file(key: FileKey, service: Service) -> tuple[FileKey, bytes]:
    """Return the tiles around a county, the same that the map is drawn from, all of one set."""
    bounds = bounds_around(service.reference.counties.bounds([service.reference.region_of(key.county_code)]))
    found = await current_set(service.read_pool)
    tiles: dict[Tile, bytes] = {}
    for tile in tiles_within(bounds, PACKED_ZOOMS):
        body = None if found is None else await region_tile(service.read_pool, service.tiles, found.sha256, tile)
        if body is None:
            # The boundaries were replaced a moment ago; the file of the new ones is told of in the next pull.
            raise Refused(problem("unavailable"))
        tiles[tile] = body
    about = {
        "name": f"regions-{key.county_code}",
        "type": "overlay",
        "attribution": service.map_source,
        "vector_layers": [
            {"id": layer, "fields": fields, "minzoom": PACKED_ZOOMS[0], "maxzoom": PACKED_ZOOMS[-1]}
            for layer, fields in LAYERS.items()
        ],
    }
    return key, await asyncio.to_thread(archive, tiles, bounds, about)


def bounds_around(box: tuple[float, ...]) -> Bounds:
    """Return the box of a county with its margin, in degrees."""
    west, south, east, north = box
    across, up = (east - west) * MARGIN, (north - south) * MARGIN
    return west - across, south - up, east + across, north + up
