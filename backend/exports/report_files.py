"""The files that reports are written to, batch by batch: none of them holds more than a batch."""

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from backend.exports.delimited import CsvFile
from backend.exports.geo_json import GeoJsonFile
from backend.exports.geopackage import GeoPackage
from backend.exports.provenance import Provenance
from backend.exports.sheet import Column, RowDigest, Value
from backend.exports.sheet_rows import XlsxRows
from schemas.exports import Heads, ReportFormat

GPKG_BATCH = 10_000
"""GDAL opens the file anew for every batch."""


class ReportFile(Protocol):
    """What takes rows and in the end says what they were."""

    def add(self, rows: Sequence[Sequence[Value]]) -> None:
        """Write some rows."""

    def finish(self, provenance: Provenance) -> RowDigest:
        """Write what is to be said of the rows, close the file, and return their digest."""

    def close(self) -> None:
        """Let the file go, finished or not."""


class GeoPackageRows:
    """A GeoPackage with one plain table: a point for a thousand reports of a county would only be taken for a place."""

    def __init__(self, path: Path, zh: str, columns: Sequence[Column]) -> None:
        self._package = GeoPackage(path)
        self._zh = zh
        self._columns = columns
        self._waiting: list[Sequence[Value]] = []
        self._digest = RowDigest()
        self._begun = False

    def add(self, rows: Sequence[Sequence[Value]]) -> None:
        """Take some rows and write them once they are many."""
        self._digest.add(rows)
        self._waiting += rows
        if len(self._waiting) >= GPKG_BATCH:
            self._write()

    def finish(self, provenance: Provenance) -> RowDigest:
        """Write what waits and the origin."""
        if self._waiting or not self._begun:
            self._write()
        self._package.finish(provenance, self._digest.rows, self._digest.hex)
        return self._digest

    def close(self) -> None:
        """Do nothing: the file is closed after every batch."""

    def _write(self) -> None:
        self._package.add("reports", self._zh, self._columns, self._waiting)
        self._waiting, self._begun = [], True


def report_file(
    file_format: ReportFormat, path: Path, columns: Sequence[Column], provenance: Provenance, heads: Heads, *, bom: bool
) -> ReportFile:
    """Return the file of a format, begun at `path`."""
    match file_format:
        case ReportFormat.CSV:
            return CsvFile(path, columns, heads, bom=bom)
        case ReportFormat.GEOJSON:
            return GeoJsonFile(path, "reports", columns)
        case ReportFormat.GPKG:
            return GeoPackageRows(path, provenance.title, columns)
        case ReportFormat.XLSX:
            return XlsxRows(path, columns, provenance)
