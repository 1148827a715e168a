"""Photos: kept beside the store by content, sent by tus 1.0 before, after or beside their report, and resumed.

    waiting -> uploading -> complete
               uploading -> waiting (the server has forgotten the upload) | refused

A photo is never deleted before the server has said, after the last byte, that it has all of it.
"""

import base64
import hashlib
import os
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any

from mobile_contract.store import transaction
from mobile_contract.wire import RefusedError, UnreachableError, Wire

UPLOADS_PATH = "/v1/attachments"
CHUNK_BYTES = 256 * 1024
"""Small enough that a 2G line finishes one before it breaks."""

_FORGOTTEN = frozenset({403, 404, 410})
_REFUSED = frozenset({400, 413, 415, 422})
_CHECKSUM_MISMATCH = 460

MEDIA_TYPES: Mapping[bytes, str] = {
    b"\xff\xd8\xff": "image/jpeg",
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"RIFF": "image/webp",
}
"""What a photo begins with, and what it is called."""


class PhotoState(StrEnum):
    """Where a photo stands, as the phone knows it."""

    WAITING = "waiting"
    UPLOADING = "uploading"
    COMPLETE = "complete"
    REFUSED = "refused"


class NotAPhotoError(ValueError):
    """The file is not a JPEG, PNG or WebP picture."""

    zh = "不是照片：只收 JPEG、PNG、WebP 图片。"
    en = "Not a photo: only JPEG, PNG and WebP pictures are taken."

    def __init__(self) -> None:
        super().__init__(f"{self.zh}\n{self.en}")


@dataclass(frozen=True, slots=True)
class KeptPhoto:
    """One photo of the phone."""

    seq: int
    county_code: str
    sha256: str
    size: int
    media_type: str
    file_name: str
    captured_at: str
    state: PhotoState
    upload_url: str | None
    refusal: str | None


_COLUMNS = "seq, county_code, sha256, size, media_type, file_name, captured_at, state, upload_url, refusal"


def _row(row: Sequence[Any]) -> KeptPhoto:
    return KeptPhoto(row[0], row[1], row[2], row[3], row[4], row[5], row[6], PhotoState(row[7]), row[8], row[9])


class Photos:
    """The photos of one phone: their files in a folder beside the store, their states in it."""

    def __init__(self, connection: sqlite3.Connection, wire: Wire, folder: Path) -> None:
        self._connection = connection
        self._wire = wire
        self._folder = folder

    def keep(self, file: Path, county_code: str, captured_at: str) -> KeptPhoto:
        """Copy a photo to the phone's own folder, durably, and return it. The same photo again is no news.

        Raises NotAPhotoError, OSError.
        """
        with file.open("rb") as source:
            return self.take_in(iter(partial(source.read, CHUNK_BYTES), b""), file.name, county_code, captured_at)

    def take_in(
        self,
        pieces: Iterator[bytes],
        file_name: str,
        county_code: str,
        captured_at: str,
        expected_sha256: str | None = None,
    ) -> KeptPhoto:
        """Keep a photo that comes in pieces, durably, and return it; never more than a piece of it is in memory.

        Raises NotAPhotoError, ValueError where it is not the one expected, OSError, and what `pieces` raises.
        """
        first = next(pieces, b"")
        media_type = _media_type(first)
        sha256, size = self._write(chain([first], pieces), expected_sha256)
        with transaction(self._connection):
            self._connection.execute(
                "INSERT INTO photo (county_code, sha256, size, media_type, file_name, captured_at, state)"
                " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (county_code, sha256) DO NOTHING",
                (county_code, sha256, size, media_type, file_name, captured_at, PhotoState.WAITING),
            )
        return next(photo for photo in self.all() if (photo.county_code, photo.sha256) == (county_code, sha256))

    def over(self, wire: Wire) -> "Photos":
        """Return the same photos, sent over another line and under its sign-in."""
        return Photos(self._connection, wire, self._folder)

    def all(self) -> list[KeptPhoto]:
        """Return every photo, oldest first."""
        rows = self._connection.execute(f"SELECT {_COLUMNS} FROM photo ORDER BY seq")
        return [_row(row) for row in rows]

    def waiting(self) -> list[KeptPhoto]:
        """Return the photos that are not at the server yet and that it has not refused."""
        return [photo for photo in self.all() if photo.state in {PhotoState.WAITING, PhotoState.UPLOADING}]

    def path_of(self, photo: KeptPhoto) -> Path:
        """Return where the phone keeps a photo."""
        return self._folder / photo.sha256

    def send(self, photo: KeptPhoto) -> KeptPhoto:
        """Send a photo from wherever its upload stands, and return it as it stands then.

        Raises UnreachableError or SignInNeededError; what has arrived by then is not sent again.
        """
        url = photo.upload_url
        offset = self._offset(url) if url else None
        if url is None or offset is None:
            url, offset = self._create(photo)
        try:
            self._send_from(photo, url, offset)
        except RefusedError as error:
            if error.refusal.status in _FORGOTTEN:
                self._store(photo, PhotoState.WAITING, None)
                raise UnreachableError(str(error)) from error
            if error.refusal.status not in _REFUSED:
                raise
            self._store(photo, PhotoState.REFUSED, None, f"{error.refusal.zh}\n{error.refusal.en}")
        return self._again(photo)

    def free(self) -> int:
        """Delete the files that the server has all of, and return how many bytes that gave back."""
        needed = {photo.sha256 for photo in self.all() if photo.state is not PhotoState.COMPLETE}
        freed = 0
        for photo in self.all():
            path = self.path_of(photo)
            if photo.sha256 not in needed and path.exists():
                path.unlink()
                freed += photo.size
        return freed

    def _create(self, photo: KeptPhoto) -> tuple[str, int]:
        about = {
            "sha256": photo.sha256,
            "county_code": photo.county_code,
            "filetype": photo.media_type,
            "captured_at": photo.captured_at,
        }
        metadata = ",".join(f"{name} {base64.b64encode(value.encode()).decode()}" for name, value in about.items())
        headers = {"upload-length": str(photo.size), "upload-metadata": metadata}
        try:
            response = self._wire.tus("POST", UPLOADS_PATH, (201,), headers=headers)
        except RefusedError as error:
            if error.refusal.status in _REFUSED:
                self._store(photo, PhotoState.REFUSED, None, f"{error.refusal.zh}\n{error.refusal.en}")
            raise
        url = response.headers["location"]
        self._store(photo, PhotoState.UPLOADING, url)
        # A server that has the same content already says so at once.
        return url, int(response.headers.get("upload-offset", "0"))

    def _offset(self, url: str) -> int | None:
        """Return how much of an upload has arrived; None where the server does not know it any more."""
        try:
            return int(self._wire.tus("HEAD", url, (200, 204)).headers["upload-offset"])
        except RefusedError as error:
            if error.refusal.status in _FORGOTTEN:
                return None
            raise

    def _send_from(self, photo: KeptPhoto, url: str, offset: int) -> None:
        with self.path_of(photo).open("rb") as file:
            while offset < photo.size:
                file.seek(offset)
                before, offset = offset, self._send_chunk(url, offset, file.read(CHUNK_BYTES))
                if offset <= before:
                    raise UnreachableError(f"the upload of {photo.sha256} does not get on")
        if self._offset(url) in {photo.size, None}:
            # None: an upload that is complete need not be remembered; the last answer named the whole length.
            self._store(photo, PhotoState.COMPLETE, None)

    def _send_chunk(self, url: str, offset: int, chunk: bytes) -> int:
        """Send a piece and return the offset after it; one that arrived damaged, or twice, is looked up again."""
        digest = base64.b64encode(hashlib.sha256(chunk).digest()).decode()
        headers = {
            "upload-offset": str(offset),
            "upload-checksum": f"sha256 {digest}",
            "content-type": "application/offset+octet-stream",
        }
        response = self._wire.tus("PATCH", url, (200, 204, 409, _CHECKSUM_MISMATCH), headers=headers, content=chunk)
        if response.status_code in {409, _CHECKSUM_MISMATCH}:
            known = self._offset(url)
            if known is None or (response.status_code == _CHECKSUM_MISMATCH and known <= offset):
                raise UnreachableError("a piece arrived damaged")
            return known
        return int(response.headers["upload-offset"])

    def _store(self, photo: KeptPhoto, state: PhotoState, upload_url: str | None, refusal: str | None = None) -> None:
        with transaction(self._connection):
            self._connection.execute(
                "UPDATE photo SET state = ?, upload_url = ?, refusal = ? WHERE seq = ?",
                (state, upload_url, refusal, photo.seq),
            )

    def _again(self, photo: KeptPhoto) -> KeptPhoto:
        return next(one for one in self.all() if one.seq == photo.seq)

    def _write(self, pieces: Iterable[bytes], expected_sha256: str | None) -> tuple[str, int]:
        """Write a file so that it is whole or absent, also after a flat battery; return its SHA-256 and size."""
        self._folder.mkdir(mode=0o700, exist_ok=True)
        unfinished = self._folder / f"{os.getpid()}.partial"
        hashed, size = hashlib.sha256(), 0
        try:
            with unfinished.open("wb") as file:
                for piece in pieces:
                    file.write(piece)
                    hashed.update(piece)
                    size += len(piece)
                file.flush()
                os.fsync(file.fileno())
            sha256 = hashed.hexdigest()
            if expected_sha256 not in {None, sha256}:
                raise ValueError(f"not the photo {expected_sha256}")
            unfinished.replace(self._folder / sha256)
        finally:
            unfinished.unlink(missing_ok=True)
        descriptor = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        return sha256, size


def _media_type(content: bytes) -> str:
    for start, media_type in MEDIA_TYPES.items():
        if content.startswith(start):
            return media_type
    raise NotAPhotoError
