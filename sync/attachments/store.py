"""Where whole files lie: in a folder or in a bucket, under their SHA-256; and where the parts of others wait."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

import obstore
from anyio import to_thread
from obstore.exceptions import BaseError
from obstore.store import ObjectStore, from_url


class StoreUnavailableError(Exception):
    """The store does not answer or does not have what it was given; nothing is lost, the phone tries again."""


class Store(Protocol):
    """A place for whole files. What it has once kept never changes."""

    async def keep(self, sha256: bytes, part: Path, data: bytes) -> None:
        """Keep a file for good; `part` holds `data` and may be taken away. Raises StoreUnavailableError."""

    async def read(self, sha256: bytes) -> bytes:
        """Return a file. Raises StoreUnavailableError."""

    async def erase(self, sha256: bytes) -> None:
        """Destroy a file; one that is not there is erased. Raises StoreUnavailableError."""


class FolderStore:
    """Files below a folder, two levels deep by the first digits of their hash."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def keep(self, sha256: bytes, part: Path, data: bytes) -> None:
        """Move the part, whose bytes are on disk already, to its place."""
        del data
        await to_thread.run_sync(self._move, sha256, part)

    async def read(self, sha256: bytes) -> bytes:
        """Return a file."""
        try:
            return await to_thread.run_sync(self._path(sha256).read_bytes)
        except OSError as error:
            raise StoreUnavailableError from error

    async def erase(self, sha256: bytes) -> None:
        """Delete a file."""
        try:
            await to_thread.run_sync(lambda: self._path(sha256).unlink(missing_ok=True))
        except OSError as error:
            raise StoreUnavailableError from error

    def _path(self, sha256: bytes) -> Path:
        name = sha256.hex()
        return self._folder / name[:2] / name[2:4] / name

    def _move(self, sha256: bytes, part: Path) -> None:
        target = self._path(sha256)
        target.parent.mkdir(parents=True, exist_ok=True)
        part.replace(target)
        for folder in (target.parent, *target.parent.parents[:2]):
            _sync_folder(folder)


class BucketStore:
    """Files in a bucket of an S3-compatible service."""

    def __init__(self, bucket: ObjectStore) -> None:
        self._bucket = bucket

    async def keep(self, sha256: bytes, part: Path, data: bytes) -> None:
        """Put the file; the part is done with once the upload is."""
        del part
        try:
            await obstore.put_async(self._bucket, _key(sha256), data)
        except (BaseError, OSError) as error:
            raise StoreUnavailableError from error

    async def read(self, sha256: bytes) -> bytes:
        """Return a file."""
        try:
            found = await obstore.get_async(self._bucket, _key(sha256))
            return bytes(await found.bytes_async())
        except (BaseError, OSError) as error:
            raise StoreUnavailableError from error

    async def erase(self, sha256: bytes) -> None:
        """Delete a file."""
        try:
            await obstore.delete_async(self._bucket, _key(sha256))
        except FileNotFoundError:
            return
        except (BaseError, OSError) as error:
            raise StoreUnavailableError from error


def open_store(url: str | None, folder: Path) -> Store:
    """Return the store of a deployment: `url` such as `s3://bucket/prefix`, or the folder.

    Endpoint, region and credentials of a bucket come from the environment, as of every program of its kind:
    AWS_ENDPOINT_URL, AWS_REGION, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY.
    """
    if url is None:
        return FolderStore(folder)
    options = {"timeout": "30s", "connect_timeout": "5s", "allow_http": True}
    return BucketStore(from_url(url, client_options=options))  # type: ignore[call-overload]


class Staging:
    """The parts of unfinished uploads, on a disk that every process of the deployment sees."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def part(self, upload_id: str) -> Path:
        """Return where the part of an upload lies."""
        return self._folder / upload_id

    def size(self, upload_id: str) -> int:
        """Return how many bytes of an upload lie here; some of them may not have been acknowledged."""
        try:
            return self.part(upload_id).stat().st_size
        except FileNotFoundError:
            return 0

    def write(self, upload_id: str, position: int, data: bytes) -> None:
        """Write bytes at a position and return when they are on disk."""
        self._folder.mkdir(parents=True, exist_ok=True)
        path = self.part(upload_id)
        is_new = not path.exists()
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT, 0o600)
        try:
            view = memoryview(data)
            while view:
                written = os.pwrite(descriptor, view, position)
                view, position = view[written:], position + written
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        if is_new:
            _sync_folder(self._folder)

    def whole(self, upload_id: str, length: int) -> bytes:
        """Return a part that is whole; what lies behind its length was never acknowledged and goes."""
        path = self.part(upload_id)
        os.truncate(path, length)
        return path.read_bytes()

    def discard(self, upload_id: str) -> None:
        """Take a part away."""
        self.part(upload_id).unlink(missing_ok=True)

    def left_behind(self, before: float) -> Iterator[str]:
        """Yield the names of parts that nobody has written to since `before` (Unix time)."""
        if not self._folder.is_dir():
            return
        for path in self._folder.iterdir():
            if path.stat().st_mtime < before:
                yield path.name


def _key(sha256: bytes) -> str:
    name = sha256.hex()
    return f"{name[:2]}/{name[2:4]}/{name}"


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
