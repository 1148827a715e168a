"""What a county keeps besides its ledger, computed anew: sums, figures, and the marks that phones compare."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from backend.verify.faults import Fault
from schemas.decimals import plain
from schemas.marks import MODULUS
from schemas.vocabulary import Indicator
from sync.cells import LIVE, cell_sums
from sync.figures import figure_rows, figures_of
from sync.recompute import differing_cells
from sync.reference import Reference

READ_LIVE_CELLS = """
    SELECT period, indicator, level, subject, quantity, cast(sum(amount) AS text) AS amount FROM rollup_cell
    WHERE county_code = :county_code AND status = ANY(:live_statuses)
    GROUP BY period, indicator, level, subject, quantity
"""

READ_TOUCHED = "SELECT DISTINCT period, indicator FROM rollup_cell WHERE county_code = :county_code"

READ_FIGURES = """
    SELECT period, indicator, view, series, cast(numerator AS text) AS numerator,
           cast(denominator AS text) AS denominator, n, formula, coefficients, coefficient_version
    FROM county_figure WHERE county_code = :county_code
"""

READ_MARKS = """
    SELECT township_code, records, cast(checksum AS text) AS checksum FROM township_mark
    WHERE county_code = :county_code
"""

COMPARED = ("numerator", "denominator", "n", "formula", "coefficients")


async def cell_faults(connection: AsyncConnection, county_code: str) -> AsyncIterator[Fault]:
    """Give the sums that are not those of the county's records."""
    for cell in await differing_cells(connection, [county_code]):
        where = (cell.period, cell.indicator, cell.level, cell.status, cell.subject or "-", cell.quantity)
        kept, again = ("-" if one is None else plain(one) for one in (cell.kept, cell.recomputed))
        yield Fault(county_code, None, "cell", " ".join(where), {"kept": kept, "again": again})


async def figure_faults(connection: AsyncConnection, county_code: str, reference: Reference) -> AsyncIterator[Fault]:
    """Give the figures that are not what the county's sums give.

    Those of older coefficients are left out: a job computes them again.
    """
    values = {"county_code": county_code}
    cells = await connection.execute(text(READ_LIVE_CELLS), values | {"live_statuses": LIVE})
    sums = cell_sums(dict(row) for row in cells.mappings())
    touched = {(row.period, Indicator(row.indicator)) for row in await connection.execute(text(READ_TOUCHED), values)}
    expected = {_key(row): row for row in figure_rows(figures_of(county_code, touched, sums, reference))}
    stored = (await connection.execute(text(READ_FIGURES), values)).mappings().all()
    for row in stored:
        again = expected.pop(_key(row), None)
        if row["coefficient_version"] < reference.coefficient_version:
            continue
        for column in COMPARED:
            if again is None or not _same(row[column], again[column]):
                yield Fault(county_code, None, "figure", " ".join(_key(row)), {"column": column})
                break
    for key in expected:
        yield Fault(county_code, None, "figure", " ".join(key), {"column": "*"})


def _key(row: Any) -> tuple[str, str, str, str]:
    return str(row["period"]), str(row["indicator"]), str(row["view"]), str(row["series"])


def _same(stored: Any, again: Any) -> bool:
    if isinstance(again, tuple):
        return [list(one) for one in stored] == [list(one) for one in again]
    return bool(stored == again)


@dataclass
class Marks:
    """The marks of a county's records, added up while they pass by."""

    records: dict[str, int] = field(default_factory=dict)
    sums: dict[str, int] = field(default_factory=dict)

    def add(self, row: Any) -> None:
        """Take the mark of a row of `READ_RECORDS`: that of its last entry, whatever the record itself keeps."""
        mark = int(row.entries[-1]["mark"] if row.entries else row.mark, 16)
        township = row.township_code
        self.records[township] = self.records.get(township, 0) + 1
        self.sums[township] = (self.sums.get(township, 0) + mark) % MODULUS

    async def faults(self, connection: AsyncConnection, county_code: str) -> AsyncIterator[Fault]:
        """Give the kept marks that are others. A county without any keeps none yet."""
        rows = (await connection.execute(text(READ_MARKS), {"county_code": county_code})).all()
        if not rows:
            return
        kept = {row.township_code: (row.records, int(row.checksum)) for row in rows}
        for fault in self._differing(county_code, kept):
            yield fault

    def _differing(self, county_code: str, kept: dict[str, tuple[int, int]]) -> Iterator[Fault]:
        for township in sorted(kept.keys() | self.records.keys()):
            records, checksum = kept.get(township, (0, 0))
            if records != self.records.get(township, 0):
                yield Fault(county_code, None, "mark", township, {"column": "records"})
            elif checksum != self.sums.get(township, 0):
                yield Fault(county_code, None, "mark", township, {"column": "checksum"})
