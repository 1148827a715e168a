"""Who makes a file when: off the event loop, one at a time in a process, and nobody makes what another is making."""

import asyncio
from collections.abc import Awaitable, Callable

import asyncpg

from backend.packs.kept import FileKey, KeptFiles, MadeFile
from backend.packs.shelf import COUNTIES_KEPT, Kept
from backend.tiles.regions import TileSet, current_set
from sync.farm_stand import FarmStand

FILES_TOLD = 4 * COUNTIES_KEPT

Maker = Callable[[], Awaitable[tuple[FileKey, bytes]]]
"""Makes a file and says under what key: the inputs may have gone on since it was asked for."""


class FileShelf:
    """The made files of one process, above the folder that all processes of a machine share."""

    def __init__(self, kept: KeptFiles) -> None:
        self.kept = kept
        self.stands: Kept[str, FarmStand] = Kept(COUNTIES_KEPT)
        """County -> how far its ledger was looked through for farms."""
        self._tile_set: tuple[object, TileSet | None] = (None, None)
        self._told: Kept[FileKey, tuple[int, str]] = Kept(FILES_TOLD)
        self._making: dict[FileKey, asyncio.Lock] = {}
        self._one = asyncio.Semaphore(1)

    async def tile_set(self, state: object, pool: asyncpg.Pool) -> TileSet | None:
        """Return the set of boundary tiles of a state of the reference data; looked up once for each."""
        if self._tile_set[0] is not state:
            self._tile_set = (state, await current_set(pool))
        return self._tile_set[1]

    def told(self, key: FileKey) -> tuple[int | None, str | None]:
        """Return the size and SHA-256 of a file that went through this process; else nothing."""
        return self._told.get(key) or (None, None)

    async def find(self, key: FileKey) -> MadeFile | None:
        """Return a file that is kept, or None."""
        made = await asyncio.to_thread(self.kept.find, key)
        if made is not None:
            self._told.put(key, (len(made.body), made.sha256))
        return made

    async def made(self, key: FileKey, make: Maker) -> MadeFile:
        """Return a file, making it where it is not kept; whoever asks meanwhile waits for the same one."""
        found = await self.find(key)
        if found is not None:
            return found
        lock = self._making.setdefault(key, asyncio.Lock())
        try:
            async with lock:
                return await self.find(key) or await self._make(make)
        finally:
            if not lock.locked():
                self._making.pop(key, None)

    async def _make(self, make: Maker) -> MadeFile:
        async with self._one:
            key, body = await make()
            made = await asyncio.to_thread(self.kept.put, key, body)
        self._told.put(key, (len(made.body), made.sha256))
        return made
