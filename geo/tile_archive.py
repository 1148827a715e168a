"""Vector tiles in one file (PMTiles v3), read by byte ranges or copied to a phone. Pure: equal tiles, equal bytes."""

import gzip
import io
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pmtiles.tile import Compression, TileType, zxy_to_tileid
from pmtiles.writer import Writer

Bounds = tuple[float, float, float, float]
"""West, south, east, north in degrees."""

MERCATOR_LIMIT = 85.0511287798066
E7 = 10_000_000


@dataclass(frozen=True, slots=True, order=True)
class Tile:
    """The address of a tile: zoom, column from the west, row from the north."""

    z: int
    x: int
    y: int


def tiles_within(bounds: Bounds, zooms: Iterable[int]) -> Iterator[Tile]:
    """Yield the Web Mercator tiles that meet the bounds, zoom after zoom."""
    west, south, east, north = bounds
    for z in zooms:
        left, top = _column_and_row(west, north, z)
        right, bottom = _column_and_row(east, south, z)
        yield from (Tile(z, x, y) for x in range(left, right + 1) for y in range(top, bottom + 1))


def archive(tiles: Mapping[Tile, bytes], bounds: Bounds, about: Mapping[str, Any]) -> bytes:
    """Return the PMTiles file of MVT tiles, each gzip, in the order of the Hilbert curve; empty ones are left out.

    `about` is the metadata (`vector_layers` among them). Raises ValueError where no tile has anything.
    """
    ordered = sorted((zxy_to_tileid(tile.z, tile.x, tile.y), body) for tile, body in tiles.items() if body)
    if not ordered:
        raise ValueError("no tile has anything in it")
    west, south, east, north = bounds
    target = io.BytesIO()
    writer: Any = Writer(target)  # type: ignore[no-untyped-call]
    for tile_id, body in ordered:
        writer.write_tile(tile_id, gzip.compress(body, compresslevel=9, mtime=0))
    header = {
        "tile_type": TileType.MVT,
        "tile_compression": Compression.GZIP,
        "min_lon_e7": round(west * E7),
        "min_lat_e7": round(south * E7),
        "max_lon_e7": round(east * E7),
        "max_lat_e7": round(north * E7),
        "center_zoom": min(8, max(tile.z for tile in tiles)),
        "center_lon_e7": round((west + east) / 2 * E7),
        "center_lat_e7": round((south + north) / 2 * E7),
    }
    writer.finalize(header, dict(about))
    return target.getvalue()


def _column_and_row(lon: float, lat: float, z: int) -> tuple[int, int]:
    count = 1 << z
    latitude = math.radians(max(-MERCATOR_LIMIT, min(MERCATOR_LIMIT, lat)))
    x = math.floor((lon + 180) / 360 * count)
    y = math.floor((1 - math.asinh(math.tan(latitude)) / math.pi) / 2 * count)
    return max(0, min(count - 1, x)), max(0, min(count - 1, y))
