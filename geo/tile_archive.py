"""Vector tiles in one file (PMTiles v3), read by byte ranges or copied to a phone. Pure: equal tiles, equal bytes."""

import io
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np
from pmtiles.tile import Compression, TileType, zxy_to_tileid
from pmtiles.writer import Writer

from geo.tiles import HALF_M, Tile, to_mercator

Bounds = tuple[float, float, float, float]
"""West, south, east, north in degrees."""

E7 = 10_000_000


def tiles_within(bounds: Bounds, zooms: Iterable[int]) -> Iterator[Tile]:
    """Yield the Web Mercator tiles that meet the bounds, zoom after zoom."""
    west, south, east, north = bounds
    corners = to_mercator(np.array([[west, north], [east, south]]))
    for z in zooms:
        across = (corners * (1, -1) + HALF_M) / (2 * HALF_M) * (1 << z)
        (left, top), (right, bottom) = np.clip(np.floor(across), 0, (1 << z) - 1).astype(int).tolist()
        yield from (Tile(z, x, y) for x in range(left, right + 1) for y in range(top, bottom + 1))


def archive(tiles: Mapping[Tile, bytes], bounds: Bounds, about: Mapping[str, Any]) -> bytes:
    """Return the PMTiles file of MVT tiles, gzip, in the order of the Hilbert curve; empty ones are left out.

    `about` is the metadata (`vector_layers` among them). Raises ValueError where no tile has anything.
    """
    ordered = sorted((zxy_to_tileid(tile.z, tile.x, tile.y), body) for tile, body in tiles.items() if body)
    if not ordered:
        raise ValueError("no tile has anything in it")
    west, south, east, north = bounds
    target = io.BytesIO()
    writer: Any = Writer(target)  # type: ignore[no-untyped-call]
    for tile_id, body in ordered:
        writer.write_tile(tile_id, body)
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
