"""Where exports are made: whole in a file first, so that the answer has a length and a digest and no part passes as it.

A stream would hold a snapshot of the database open for as long as the slowest network reads, and most of the formats
cannot be written front to back at all.
"""

import asyncio
import base64
import hashlib
import shutil
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from anyio import to_thread

from backend.problems import Refused
from backend.service import Service
from schemas.problems import problem

STALE_S = 24 * 3600
"""What is older was left behind by a process that was killed."""

CHUNK = 256 * 1024


@dataclass(frozen=True, slots=True)
class Made:
    """A finished export: its file, what it is called, and how many data rows it has with what digest."""

    path: Path
    name: str
    plain_name: str
    """The same for programs that know no Chinese in names."""
    media_type: str
    rows: int
    rows_sha256: str
    ledger_digest: str


@dataclass(frozen=True, slots=True)
class Parcel:
    """An export that is open for sending and has no name any more: when it has been sent it is gone."""

    made: Made
    file: BinaryIO
    size: int
    sha256: bytes

    @property
    def headers(self) -> dict[str, str]:
        """The length and digests by which the receiver knows the whole from a part (RFC 9530)."""
        return {
            "Content-Length": str(self.size),
            "Repr-Digest": f"sha-256=:{base64.b64encode(self.sha256).decode()}:",
            "Qingtian-Rows": str(self.made.rows),
            "Qingtian-Rows-Digest": self.made.rows_sha256,
            "Qingtian-Ledger-Digest": self.made.ledger_digest,
        }

    def chunks(self) -> Iterator[bytes]:
        """Yield the bytes, and close the file in the end, whatever ended it."""
        with self.file:
            while chunk := self.file.read(CHUNK):
                yield chunk


@asynccontextmanager
async def workplace(service: Service) -> AsyncIterator[Path]:
    """Give a folder of its own to an export whose turn it is, and remove it in the end.

    Raises Refused where too many exports are being made and none ends in time.
    """
    try:
        async with asyncio.timeout(service.settings.export_wait_s):
            await service.exports.acquire()
    except TimeoutError:
        raise Refused(problem("exports_busy")) from None
    try:
        folder = await to_thread.run_sync(_fresh_folder, service.settings.home / "exports")
        try:
            yield folder
        finally:
            await to_thread.run_sync(shutil.rmtree, folder, True)
    finally:
        service.exports.release()


def parcel(made: Made) -> Parcel:
    """Open a finished export and take its name away: no file is left behind, whoever breaks off."""
    digest = hashlib.sha256()
    file = made.path.open("rb")
    while chunk := file.read(CHUNK):
        digest.update(chunk)
    size = file.tell()
    file.seek(0)
    made.path.unlink()
    return Parcel(made, file, size, digest.digest())


def _fresh_folder(spool: Path) -> Path:
    spool.mkdir(mode=0o700, parents=True, exist_ok=True)
    for left in spool.iterdir():
        if time.time() - left.stat().st_mtime > STALE_S:
            shutil.rmtree(left, ignore_errors=True)
    return Path(tempfile.mkdtemp(dir=spool))
