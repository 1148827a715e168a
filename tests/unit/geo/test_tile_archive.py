"""PMTiles: which tiles meet a box, and a file that says of itself what is in it."""

import gzip

import pytest
from pmtiles.reader import MemorySource, Reader
from pmtiles.tile import Compression, TileType, deserialize_header

from geo.tile_archive import archive, tiles_within
from geo.tiles import Tile

BOX = (112.3, 29.2, 113.1, 29.9)


def some_tiles(zooms=range(11)):
    return {tile: gzip.compress(f"{tile}".encode(), mtime=0) for tile in tiles_within(BOX, zooms)}


@pytest.mark.parametrize("zoom", [0, 5, 10])
def test_the_tiles_of_a_box_are_those_that_meet_it(zoom):
    found = set(tiles_within(BOX, [zoom]))
    west, south, east, north = BOX
    for tile in found:
        left, bottom, right, top = tile.bounds_4490
        assert left <= east
        assert right >= west
        assert bottom <= north
        assert top >= south
    corners = [(west, south), (west, north), (east, south), (east, north)]
    for lon, lat in corners:
        assert any(
            left <= lon <= right and bottom <= lat <= top
            for left, bottom, right, top in (tile.bounds_4490 for tile in found)
        )


def test_the_header_and_the_directory_lead_to_every_tile():
    tiles = some_tiles()
    content = archive(tiles, BOX, {"name": "regions"})
    header = deserialize_header(content[:127])
    assert (header["min_zoom"], header["max_zoom"]) == (0, 10)
    assert header["tile_type"] is TileType.MVT
    assert header["tile_compression"] is Compression.GZIP
    assert header["clustered"]
    assert header["addressed_tiles_count"] == len(tiles)
    assert header["min_lon_e7"] == 1_123_000_000
    assert len(content) == header["tile_data_offset"] + header["tile_data_length"]
    reader = Reader(MemorySource(content))
    assert reader.metadata() == {"name": "regions"}
    for tile, body in tiles.items():
        assert reader.get(tile.z, tile.x, tile.y) == body
    assert reader.get(10, 0, 0) is None


def test_the_order_in_which_tiles_were_made_changes_no_byte_and_empty_ones_are_left_out():
    tiles = some_tiles()
    backwards = dict(reversed(tiles.items())) | {Tile(10, 0, 0): b""}
    assert archive(tiles, BOX, {}) == archive(backwards, BOX, {})
    with pytest.raises(ValueError, match="no tile"):
        archive({Tile(0, 0, 0): b""}, BOX, {})
