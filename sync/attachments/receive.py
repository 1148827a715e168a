"""Taking the bytes of an upload as they come: to disk, then acknowledged, in pieces small enough to lose.

Bytes wait in memory for a second or for PIECE_BYTES, whichever ends first; then they are written, flushed to disk and
only then acknowledged. A body with a checksum is written too, but acknowledged as a whole or not at all. The last bytes
are acknowledged together with the file: an upload that is complete is never without its file.
"""

import asyncio
import hashlib
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from anyio import to_thread

from schemas.problems import Problem, problem
from sync.attachments.contents import inspected
from sync.attachments.desk import Desk, sealed_evidence
from sync.attachments.headers import Checksum
from sync.attachments.media import SNIFFED_BYTES, BrokenFileError, sniffed
from sync.attachments.uploads import Lease, advance, complete, delete_upload, holding

PIECE_BYTES = 256 * 1024
PIECE_S = 1.0

NextChunk = Callable[[], Awaitable[bytes | None]]
"""Returns the next bytes of the body, None at its end. Raises SenderGoneError."""


class SenderGoneError(Exception):
    """The other side hung up in the middle of the body."""


class UploadRefused(Exception):  # noqa: N818 - it is an answer to the client, not a fault
    """The bytes cannot be taken."""

    def __init__(self, refusal: Problem) -> None:
        super().__init__(refusal.code)
        self.problem = refusal


@dataclass(slots=True)
class Reception:
    """One body on its way in."""

    desk: Desk
    lease: Lease
    check: Checksum | None = None
    acknowledged: int = field(init=False)
    expires_at: datetime = field(init=False)
    is_complete: bool = False
    _written: int = field(init=False)
    _waiting: bytearray = field(default_factory=bytearray)
    _since: float = 0.0
    _coming: "asyncio.Future[bytes | None] | None" = None

    def __post_init__(self) -> None:
        self.acknowledged = self._written = self.lease.received
        self.expires_at = self.lease.upload.expires_at

    async def take(self, next_chunk: NextChunk) -> None:
        """Take the whole body. Raises UploadRefused, TakenOverError and StoreUnavailableError.

        What came before the other side hung up is kept, except under a checksum.
        """
        try:
            while (chunk := await self._next(next_chunk)) is not None:
                await self._add(chunk)
        except SenderGoneError:
            if self.check is None:
                await self._write()
            raise
        finally:
            if self._coming is not None:
                self._coming.cancel()
        if self.check is not None and not self.check.fits:
            raise UploadRefused(problem("checksum_differs"))
        await self._write(at_end=True)

    async def _next(self, next_chunk: NextChunk) -> bytes | None:
        """Return the next chunk; b"" where none came within a second and some wait to be written."""
        patience_s = PIECE_S if self._waiting else self.desk.limits.idle_s
        if self._coming is None:
            self._coming = asyncio.ensure_future(next_chunk())
        # Waited for, not cancelled: what a server has begun to hand over may not be lost.
        await asyncio.wait({self._coming}, timeout=patience_s)
        if self._coming.done():
            coming, self._coming = self._coming, None
            return coming.result()
        if not self._waiting:
            raise UploadRefused(problem("upload_idle"))
        return b""

    async def _add(self, chunk: bytes) -> None:
        if self._written + len(self._waiting) + len(chunk) > self.lease.upload.length:
            raise UploadRefused(problem("upload_too_long", limit=self.lease.upload.length))
        now = time.monotonic()
        if not self._waiting:
            self._since = now
        if self.check is not None:
            self.check.running.update(chunk)
        self._waiting += chunk
        if self._waiting and (not chunk or len(self._waiting) >= PIECE_BYTES or now - self._since >= PIECE_S):
            await self._write()

    async def _write(self, *, at_end: bool = False) -> None:
        """Bring what waits to disk and acknowledge it, unless a checksum is still to come."""
        if not self._waiting and not (at_end and self._written > self.acknowledged):
            return
        data = bytes(self._waiting)
        self._waiting.clear()
        if self._written == 0 and len(data) >= SNIFFED_BYTES and sniffed(data[:SNIFFED_BYTES]) is None:
            await self._refuse("attachment_type")
        end = self._written + len(data)
        if end == self.lease.upload.length and (self.check is None or at_end):
            await self._finish(data)
            return
        async with holding(self.desk.pool, self.lease) as connection:
            await to_thread.run_sync(self.desk.staging.write, self.lease.upload.id, self._written, data)
            if self.check is None or at_end:
                self.expires_at = await advance(connection, self.lease, end, self.desk.limits.ttl_s)
                self.acknowledged = end
        self._written = end

    async def _finish(self, data: bytes) -> None:
        """Write the last bytes, look at the file, and let the county hold it, all while nobody else can write."""
        upload, desk = self.lease.upload, self.desk
        async with desk.whole, holding(desk.pool, self.lease) as connection:
            await to_thread.run_sync(desk.staging.write, upload.id, self._written, data)
            whole = await to_thread.run_sync(desk.staging.whole, upload.id, upload.length)
            fault = await self._kept(connection, whole)
        if fault is not None:
            await self._refuse(fault)
        await to_thread.run_sync(desk.staging.discard, upload.id)
        self.acknowledged, self.is_complete = upload.length, True

    async def _kept(self, connection: Any, whole: bytes) -> str | None:
        """Keep a whole file, or return the code of what is wrong with it."""
        upload, desk = self.lease.upload, self.desk
        sha256 = hashlib.sha256(whole).digest()
        if upload.sha256 not in (None, sha256):
            return "attachment_differs"
        try:
            found = await to_thread.run_sync(inspected, whole)
        except BrokenFileError:
            return "attachment_broken"
        if found is None:
            return "attachment_type"
        await desk.store.keep(sha256, desk.staging.part(upload.id), whole)
        evidence = sealed_evidence(desk.vault, sha256, found.evidence)
        await complete(connection, self.lease, sha256, found.media_type, evidence)
        return None

    async def _refuse(self, code: str) -> None:
        """End an upload that can come to nothing. Always raises UploadRefused."""
        async with holding(self.desk.pool, self.lease) as connection:
            await delete_upload(connection, self.lease.upload.id)
        await to_thread.run_sync(self.desk.staging.discard, self.lease.upload.id)
        raise UploadRefused(problem(code))
