"""Packs that are files: told of by a pull, fetched when there is a good line, gone on with where the line broke.

    told -> begun (a partial file beside the store, and the ETag that it is the beginning of) -> kept
A file that is kept stays in use until the next one is whole and fits its hash.
"""

import errno
import hashlib
import os
import shutil
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from mobile_contract.store import StoreFullError, transaction
from mobile_contract.wire import UnreachableError, Wire
from schemas.changes import PackFile

SPARED_BYTES = 8 * 1024 * 1024
"""Room that is left for reports and photos: no map is worth one of them."""

_COLUMNS = "county_code, name, version, media_type, url, size, kept_version, etag, begun_version, begun_url, begun_etag"
_SUFFIXES = {"application/geopackage+sqlite3": ".gpkg", "application/vnd.pmtiles": ".pmtiles"}


@dataclass(frozen=True, slots=True)
class ToldFile:
    """A file as the phone was told of it last, and what of it is here. `etag` is that of what is kept."""

    county_code: str
    name: str
    version: str
    media_type: str
    url: str
    size: int | None
    kept_version: str | None
    etag: str
    begun_version: str | None
    begun_url: str | None
    begun_etag: str

    @property
    def is_current(self) -> bool:
        """Whether what is kept is what the phone was told of last."""
        return self.kept_version == self.version


class PackFiles:
    """The file packs of one phone: their bytes in a folder beside the store, what is known of them in it."""

    def __init__(self, connection: sqlite3.Connection, wire: Wire, folder: Path) -> None:
        self._connection = connection
        self._wire = wire
        self._folder = folder

    def digest(self, county_code: str) -> str:
        """Return what a pull says of the files that the phone was told of; empty for none."""
        lines = sorted(f"{one.name}:{one.version}\n" for one in self.all(county_code))
        return hashlib.sha256("".join(lines).encode()).hexdigest() if lines else ""

    def all(self, county_code: str | None = None) -> list[ToldFile]:
        """Return the files of a county, or of all, by name."""
        rows = self._connection.execute(
            f"SELECT {_COLUMNS} FROM pack_file WHERE ?1 IS NULL OR county_code = ?1 ORDER BY county_code, name",
            (county_code,),
        )
        return [ToldFile(*row) for row in rows]

    def path_of(self, file: ToldFile) -> Path:
        """Return where a file lies once it is kept."""
        suffix = _SUFFIXES.get(file.media_type, "")
        return self._folder / f"{file.county_code}-{file.name}{suffix}"

    def note(self, told: Sequence[PackFile], county_code: str) -> None:
        """Keep what a pull told, within its transaction; what is kept or begun of a file stays."""
        self._connection.executemany(
            "INSERT INTO pack_file (county_code, name, version, media_type, url, size) VALUES (?, ?, ?, ?, ?, ?)"
            " ON CONFLICT (county_code, name) DO UPDATE SET version = excluded.version,"
            " media_type = excluded.media_type, url = excluded.url, size = excluded.size",
            [(county_code, one.name, one.version, one.media_type, one.url, one.size) for one in told],
        )

    def fetch(self, file: ToldFile) -> bool:
        """Fetch a file from where it was broken off, and return whether other bytes came than were kept.

        While the line breaks but brings something each time it is gone on with. Raises StoreFullError, RefusedError,
        SignInNeededError and UnreachableError; what has come stays, but on a full device, and the kept file anyway.
        """
        with _full_told():
            self._folder.mkdir(mode=0o700, exist_ok=True)
        while True:
            before = self._length(file)
            try:
                return self._download(self._again(file))
            except UnreachableError:
                if self._length(file) <= before:
                    raise

    def leave(self, county_code: str) -> None:
        """Remove the files of a county: it was lost to the account, or holds a name that was erased."""
        for file in self.all(county_code):
            self.path_of(file).unlink(missing_ok=True)
            self.partial_of(file).unlink(missing_ok=True)
        self._connection.execute("DELETE FROM pack_file WHERE county_code = ?", (county_code,))

    def partial_of(self, file: ToldFile) -> Path:
        """Return where the beginning of a file lies while the rest is missing."""
        path = self.path_of(file)
        return path.with_name(f"{path.name}.partial")

    def _download(self, file: ToldFile) -> bool:
        partial = self.partial_of(file)
        if not partial.exists() or not file.begun_etag:
            partial.unlink(missing_ok=True)
        elif _sha256(partial) == file.begun_etag.strip('"'):
            return self._keep(file)  # the app was ended between the last byte and the next line
        coming = _Coming(self, file, partial)
        with _full_told(partial):
            response = self._wire.download(file.begun_url if partial.exists() and file.begun_url else file.url, coming)
        if response.status_code == httpx.codes.NOT_MODIFIED:
            self._set(file, kept_version=file.version)
            return False
        if response.status_code == httpx.codes.REQUESTED_RANGE_NOT_SATISFIABLE:
            partial.unlink(missing_ok=True)
            raise UnreachableError(f"the beginning of {file.name} fits no file of the server")
        return self._keep(self._again(file))

    def begin(self, file: ToldFile, etag: str) -> None:
        """Note whose beginning the partial file is, before a byte of it is written."""
        is_other = file.begun_url is not None and etag != file.begun_etag
        version, url = (file.version, file.url) if is_other or not file.begun_version else (None, None)
        with transaction(self._connection):
            self._connection.execute(
                "UPDATE pack_file SET begun_etag = ?, begun_version = coalesce(?, begun_version),"
                " begun_url = coalesce(?, begun_url) WHERE county_code = ? AND name = ?",
                (etag, version, url, file.county_code, file.name),
            )

    def _keep(self, file: ToldFile) -> bool:
        """Put a whole file in the place of the one that was kept. Raises UnreachableError where it is not sound."""
        partial = self.partial_of(file)
        if _sha256(partial) != file.begun_etag.strip('"'):
            partial.unlink()
            raise UnreachableError(f"the file {file.name} does not fit its hash")
        with partial.open("rb") as content:
            os.fsync(content.fileno())
        partial.replace(self.path_of(file))
        is_new = file.etag != file.begun_etag
        self._set(file, kept_version=file.begun_version, etag=file.begun_etag)
        return is_new

    def _set(self, file: ToldFile, *, kept_version: str | None, etag: str | None = None) -> None:
        with transaction(self._connection):
            self._connection.execute(
                "UPDATE pack_file SET kept_version = ?, etag = coalesce(?, etag), begun_version = NULL,"
                " begun_url = NULL, begun_etag = '' WHERE county_code = ? AND name = ?",
                (kept_version, etag, file.county_code, file.name),
            )

    def _again(self, file: ToldFile) -> ToldFile:
        return next(one for one in self.all(file.county_code) if one.name == file.name)

    def _length(self, file: ToldFile) -> int:
        partial = self.partial_of(file)
        return partial.stat().st_size if partial.exists() else 0


class _Coming:
    """A download as the wire sees it: what to ask for, and where to put what comes."""

    def __init__(self, files: PackFiles, file: ToldFile, partial: Path) -> None:
        self._files = files
        self._file = file
        self._partial = partial
        self._etag = file.begun_etag

    def headers(self) -> Mapping[str, str]:
        """Return what is asked for: the rest of what was begun, or the whole where it is not what is kept."""
        plain = {"accept": "*/*", "accept-encoding": "identity"}
        if self._partial.exists() and self._partial.stat().st_size:
            return plain | {"range": f"bytes={self._partial.stat().st_size}-", "if-range": self._etag}
        if self._file.etag and self._files.path_of(self._file).exists():
            return plain | {"if-none-match": self._file.etag}
        return plain

    def take(self, response: httpx.Response) -> None:
        """Write what comes behind what is there, or from the beginning where it is another file."""
        etag = response.headers.get("etag", "")
        begins_at = 0
        if response.status_code == httpx.codes.PARTIAL_CONTENT:
            begins_at = self._partial.stat().st_size
            if etag != self._etag or not response.headers["content-range"].startswith(f"bytes {begins_at}-"):
                raise UnreachableError(f"another part of {self._file.name} came than was asked for")
        else:
            self._files.begin(self._file, etag)
            self._etag = etag
        length = int(response.headers.get("content-length", "0"))
        if shutil.disk_usage(self._partial.parent).free < length + SPARED_BYTES:
            raise StoreFullError
        with self._partial.open("ab" if begins_at else "wb") as target:
            for piece in response.iter_bytes():  # as it comes: pieces of a set size would be lost with the line
                target.write(piece)


@contextmanager
def _full_told(partial: Path | None = None) -> Iterator[None]:
    """Tell of a full device, and give the room back that the beginning of the file took."""
    try:
        yield
    except StoreFullError:
        if partial is not None:
            partial.unlink(missing_ok=True)
        raise
    except OSError as error:
        if error.errno not in {errno.ENOSPC, errno.EDQUOT}:
            raise
        if partial is not None:
            partial.unlink(missing_ok=True)
        raise StoreFullError from error


def _sha256(path: Path) -> str:
    with path.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()
