"""Sums and marks of a county computed anew from its records: what those kept by deltas must equal to the last digit."""

from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from schemas.marks import MARK_BYTES, MODULUS

RECOMPUTED_CELLS = """
    SELECT record.county_code, record.period, record.indicator, record.level, record.status, part.subject,
           part.quantity, sum(part.amount) AS amount, cast(count(*) AS int) AS n
    FROM record CROSS JOIN LATERAL (
        SELECT triple ->> 0 AS subject, triple ->> 1 AS quantity, cast(triple ->> 2 AS numeric) AS amount
        FROM jsonb_array_elements(record.quantities) AS triple
        UNION ALL SELECT '', 'reports', 1
        UNION ALL SELECT '', 'flagged_reports', 1 WHERE record.warnings <> '[]'
    ) AS part
    WHERE record.kind = 'report' AND record.county_code = ANY(cast(:county_codes AS text[]))
    GROUP BY record.county_code, record.period, record.indicator, record.level, record.status, part.subject,
             part.quantity
"""
"""Every cell of the counties from their reports alone, in one pass."""

DIFFERING_CELLS = f"""
    SELECT county_code, period, indicator, level, status, subject, quantity,
           kept.amount AS kept, again.amount AS recomputed
    FROM (SELECT * FROM rollup_cell WHERE county_code = ANY(cast(:county_codes AS text[]))) AS kept
    FULL JOIN ({RECOMPUTED_CELLS}) AS again
      USING (county_code, period, indicator, level, status, subject, quantity)
    WHERE (coalesce(kept.amount, 0), coalesce(kept.n, 0)) <> (coalesce(again.amount, 0), coalesce(again.n, 0))
    ORDER BY county_code, period, indicator, level, status, subject, quantity
"""
"""A cell that reports left behind holds 0 of 0 records; one that never was is the same."""

MARK = " + ".join(f"get_byte(entry_hash, {byte}) * cast({256 ** (7 - byte)} AS numeric)" for byte in range(MARK_BYTES))
"""The first eight bytes of an entry's hash as a number, big-endian."""

DIFFERING_MARKS = f"""
    SELECT county_code, township_code, coalesce(kept.records, 0) AS kept_records,
           coalesce(again.records, 0) AS records, coalesce(kept.checksum, 0) AS kept,
           coalesce(again.checksum, 0) AS recomputed
    FROM (SELECT * FROM township_mark WHERE county_code = ANY(cast(:county_codes AS text[]))) AS kept
    FULL JOIN (
        SELECT county_code, record.township_code, cast(count(*) AS int) AS records,
               coalesce(sum({MARK}), 0) % {MODULUS} AS checksum
        FROM record LEFT JOIN ledger_entry USING (county_code, position)
        WHERE county_code = ANY(cast(:county_codes AS text[]))
        GROUP BY county_code, township_code
    ) AS again USING (county_code, township_code)
    WHERE (coalesce(kept.records, 0), coalesce(kept.checksum, 0))
       <> (coalesce(again.records, 0), coalesce(again.checksum, 0))
    ORDER BY county_code, township_code
"""
"""A township that all records left holds 0 of 0; one that never was is the same. Each record counts by the hash of the
entry at its position, not by the mark that it keeps."""


@dataclass(frozen=True, slots=True)
class DifferingMark:
    """A township whose kept number of records or sum of marks is not that of its records."""

    county_code: str
    township_code: str
    kept_records: int
    records: int
    kept: int
    recomputed: int


@dataclass(frozen=True, slots=True)
class DifferingCell:
    """A kept sum that is not that of the records; None where there is no such cell or no such record."""

    county_code: str
    period: str
    indicator: str
    level: str
    status: str
    subject: str
    quantity: str
    kept: Decimal | None
    recomputed: Decimal | None


async def differing_cells(connection: AsyncConnection, county_codes: list[str]) -> list[DifferingCell]:
    """Return the sums of the counties that differ from a recompute, in amount or in the number of records."""
    rows = await connection.execute(text(DIFFERING_CELLS), {"county_codes": county_codes})
    return [DifferingCell(*row) for row in rows]


async def differing_marks(connection: AsyncConnection, county_codes: list[str]) -> list[DifferingMark]:
    """Return the townships of the counties whose marks differ from a recompute from records and entries."""
    rows = await connection.execute(text(DIFFERING_MARKS), {"county_codes": county_codes})
    return [
        DifferingMark(
            row.county_code, row.township_code, row.kept_records, row.records, int(row.kept), int(row.recomputed)
        )
        for row in rows
    ]
