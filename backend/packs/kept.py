"""The files that were made already: below the home of this machine, sealed, whole or absent, and bounded.

A GeoPackage holds names and plots. Nothing personal lies on the disk in the clear: files are sealed by the same keys as
the personal fields, and one whose key was retired is made anew.
"""

import hashlib
import logging
import os
import time
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

from cryptography.exceptions import InvalidTag

from sync.packs import PackName
from sync.personal import Sealed, Vault

LOG = logging.getLogger(__name__)

KEPT_S = 24 * 3600
"""How long a file is kept that nobody asks for; one that was replaced still serves who began with it."""

KEY_ID_BYTES = 16

EVERYBODY = "public"
"""The scope of what is the same for whoever may ask for a county's packs."""


@dataclass(frozen=True, slots=True)
class FileKey:
    """A pack of one county for one scope, as made from one state of its inputs."""

    name: PackName
    county_code: str
    scope: str
    version: str
    """SHA-256 of what it is made from: of equal inputs equal bytes are made, wherever and whenever."""


@dataclass(frozen=True, slots=True)
class MadeFile:
    """The bytes of a pack and their SHA-256."""

    body: bytes
    sha256: str

    @classmethod
    def of(cls, body: bytes) -> "MadeFile":
        """Return a file of these bytes."""
        return cls(body, hashlib.sha256(body).hexdigest())


class KeptFiles:
    """The folder of made files. Its functions touch the disk: call them in a thread."""

    def __init__(self, folder: Path, vault: Vault, most_bytes: int) -> None:
        self._folder = folder
        self._vault = vault
        self._most_bytes = most_bytes
        self._sweeping = Lock()

    def find(self, key: FileKey) -> MadeFile | None:
        """Return a file, or None; a damaged one is removed."""
        path = self._path(key)
        try:
            content = path.read_bytes()
            os.utime(path)
        except OSError:
            return None
        sealed = Sealed(b"", content[KEY_ID_BYTES:], content[:KEY_ID_BYTES].decode("ascii", "replace"))
        try:
            return MadeFile.of(self._vault.open_bytes(sealed, _bound_to(key)))
        except (KeyError, ValueError, InvalidTag):
            path.unlink(missing_ok=True)
            return None

    def put(self, key: FileKey, body: bytes) -> MadeFile:
        """Keep a file and return it; on a full disk it is returned all the same, and made again next time."""
        made = MadeFile.of(body)
        sealed = self._vault.seal_bytes(body, _bound_to(key))
        path = self._path(key)
        unfinished = path.with_name(f"{path.name}.{os.getpid()}.partial")
        try:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            with unfinished.open("wb") as file:
                file.write(sealed.key_id.encode() + sealed.ciphertext)
                file.flush()
                os.fsync(file.fileno())
            unfinished.replace(path)
        except OSError as error:
            LOG.warning("a pack of %s is not kept: %s", key.county_code, error.strerror)
            unfinished.unlink(missing_ok=True)
        self.sweep()
        return made

    def forget(self, county_code: str) -> None:
        """Remove what was made for a county with its farms, such as after an erasure."""
        for path in (self._folder / county_code).glob(f"{PackName.GEOPACKAGE}.*"):
            path.unlink(missing_ok=True)

    def sweep(self) -> int:
        """Remove what nobody asked for in a day, then the oldest until all fit; return how many were removed."""
        with self._sweeping:
            found = sorted((one for one in map(_aged, self._folder.glob("*/*")) if one is not None), reverse=True)
            limit, size, removed = time.time() - KEPT_S, 0, 0
            for used_at, length, path in found:
                size += length
                if used_at < limit or size > self._most_bytes:
                    path.unlink(missing_ok=True)
                    removed += 1
            return removed

    def _path(self, key: FileKey) -> Path:
        return self._folder / key.county_code / f"{key.name}.{key.scope}.{key.version}"


def _aged(path: Path) -> tuple[float, int, Path] | None:
    try:
        about = path.stat()
    except OSError:
        return None
    return about.st_mtime, about.st_size, path


def _bound_to(key: FileKey) -> str:
    return f"pack/{key.name}/{key.county_code}/{key.scope}/{key.version}"
