"""Tables as CSV in UTF-8: heads first, so that every reader knows the columns, and what is to be said of them last."""

import csv
from collections.abc import Iterable, Sequence
from contextlib import closing
from pathlib import Path
from typing import TextIO

from backend.exports.provenance import Provenance
from backend.exports.sheet import Column, RowDigest, Value, exact, neutral
from schemas.exports import Heads

MARK = "utf-8-sig"
"""UTF-8 with the mark by which Excel and WPS know it; without it they show Chinese as noise."""


class CsvFile:
    """Writes rows as they come and holds none of them.

    The last lines begin with `#`: origin, number of rows and digest. A file without them was cut off.
    """

    def __init__(self, path: Path, columns: Sequence[Column], heads: Heads, *, bom: bool) -> None:
        self._file: TextIO = path.open("w", encoding=MARK if bom else "utf-8", newline="")
        self._writer = csv.writer(self._file)
        self._digest = RowDigest()
        self._writer.writerow([one.head if heads is Heads.ZH else one.name for one in columns])

    def close(self) -> None:
        """Let the file go, finished or not."""
        self._file.close()

    def add(self, rows: Sequence[Sequence[Value]]) -> None:
        """Write some rows."""
        self._digest.add(rows)
        self._writer.writerows([_cell(value) for value in row] for row in rows)

    def finish(self, provenance: Provenance) -> RowDigest:
        """Write what is to be said of the table and return the digest of its rows."""
        for name, label, value in provenance.lines(self._digest.rows, self._digest.hex):
            self._writer.writerow([f"# {label} {name}", value])
        self.close()
        return self._digest


def write_csv(
    path: Path, columns: Sequence[Column], rows: Iterable[Sequence[Value]], provenance: Provenance, heads: Heads, *,
    bom: bool,
) -> RowDigest:  # fmt: skip
    """Write one table as a whole."""
    with closing(CsvFile(path, columns, heads, bom=bom)) as file:
        file.add(list(rows))
        return file.finish(provenance)


def _cell(value: Value) -> str | int | None:
    return neutral(value) if isinstance(value, str) else exact(value)
