"""Tiles that were cut already: the last ones in memory, all of them in files below the home, by the hash of their set.

A file appears whole or not at all, so processes share the folder without a lock. There are at most as many files as
tiles within the bounds of the set: empty ones are not kept in files.
"""

import asyncio
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path

from backend.packs.shelf import Kept
from geo.tiles import Tile

IN_MEMORY = 512
SETS_KEPT = 2
"""The one served, and the one before, which processes may still serve that have not heard of the new one."""


class TileShelf:
    """The tiles of one process and the files that all share."""

    def __init__(self, folder: Path) -> None:
        """`folder` is made when the first tile is kept; whoever deletes it loses nothing but time."""
        self._folder = folder
        self._kept: Kept[tuple[str, Tile], bytes] = Kept(IN_MEMORY)

    def get(self, sha256: str, tile: Tile) -> bytes | None:
        """Return a tile, gzip, or None where it was not cut yet.

        Reads a file of some kB where it waits, which takes less time than handing it to a thread.
        """
        body = self._kept.get((sha256, tile))
        if body is None:
            body = _read(self._path(sha256, tile))
            if body is not None:
                self._kept.put((sha256, tile), body)
        return body

    def put(self, sha256: str, tile: Tile, body: bytes) -> None:
        """Keep a tile, in its file while the answer goes out already. A disk that is full costs no answer."""
        self._kept.put((sha256, tile), body)
        if body:
            asyncio.get_running_loop().run_in_executor(None, self._write, sha256, tile, body)

    def _path(self, sha256: str, tile: Tile) -> Path:
        return self._folder / sha256[:32] / f"{tile.z}" / f"{tile.x}" / f"{tile.y}.mvt.gz"

    def _write(self, sha256: str, tile: Tile, body: bytes) -> None:
        path = self._path(sha256, tile)
        is_new = not (self._folder / sha256[:32]).exists()
        with suppress(OSError):
            path.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as written:
                written.write(body)
            Path(written.name).replace(path)
            if is_new:
                self._forget_old_sets()

    def _forget_old_sets(self) -> None:
        sets = sorted(self._folder.iterdir(), key=lambda one: one.stat().st_mtime, reverse=True)
        for one in sets[SETS_KEPT:]:
            shutil.rmtree(one, ignore_errors=True)


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except OSError:
        return None
