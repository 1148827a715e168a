"""How long a county's reports waited for their decision: by township and as a whole, never by person."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from schemas.review_desk import Turnaround, TurnaroundRow

SECONDS_A_DAY = 86_400
DAY_DIGITS = 2

READ_TURNAROUND = f"""
    WITH stepped AS (
        SELECT record_id, recorded_at,
               action IN ('accept', 'return') AND deltas @> '[["submitted", "", "reports", "-1"]]' AS is_decided,
               max(recorded_at) FILTER (WHERE deltas @> '[["submitted", "", "reports", "1"]]') OVER (
                   PARTITION BY record_id ORDER BY position ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
               ) AS submitted_at
        FROM ledger_entry WHERE county_code = :county_code AND kind = 'report'
    ), decided AS (
        SELECT record.township_code,
               extract(epoch FROM stepped.recorded_at - stepped.submitted_at) / {SECONDS_A_DAY} AS days
        FROM stepped
        JOIN record ON record.county_code = :county_code AND record.id = stepped.record_id
        WHERE stepped.is_decided
          AND (cast(:since AS timestamptz) IS NULL OR stepped.recorded_at >= :since)
          AND (cast(:indicator AS text) IS NULL OR record.indicator = :indicator)
    ), waits AS (
        SELECT township_code, submitted_at FROM record
        WHERE county_code = :county_code AND kind = 'report' AND level = 'farm' AND status = 'submitted'
          AND (cast(:indicator AS text) IS NULL OR indicator = :indicator)
    ), decided_by AS (
        SELECT township_code, count(*) AS decided, percentile_cont(0.5) WITHIN GROUP (ORDER BY days) AS median_days,
               percentile_cont(0.9) WITHIN GROUP (ORDER BY days) AS p90_days
        FROM decided GROUP BY ROLLUP (township_code)
    ), waits_by AS (
        SELECT township_code, count(*) AS waiting, min(submitted_at) AS oldest FROM waits
        GROUP BY ROLLUP (township_code)
    )
    SELECT coalesce(decided_by.township_code, waits_by.township_code) AS township_code,
           coalesce(decided_by.decided, 0) AS decided,
           coalesce(waits_by.waiting, 0) AS waiting,
           decided_by.median_days, decided_by.p90_days, waits_by.oldest
    FROM decided_by FULL JOIN waits_by
      ON coalesce(decided_by.township_code, '') = coalesce(waits_by.township_code, '')
    ORDER BY 1 NULLS FIRST
"""
"""A decision took from the entry that handed the report in, or in again, to its own; a null township is the county.

A bureau that takes back what it accepted decides nothing that was waiting."""


async def turnaround_of(
    connection: AsyncConnection, county_code: str, since: datetime | None, indicator: str | None
) -> Turnaround:
    """Return the turnaround of a county's decisions since a moment."""
    values = {"county_code": county_code, "since": since, "indicator": indicator}
    rows = (await connection.execute(text(READ_TURNAROUND), values)).mappings().all()
    whole, *townships = rows
    return Turnaround(county=_row(whole, county_code), townships=[_row(one, one["township_code"]) for one in townships])


def _row(row: Any, region_code: str) -> TurnaroundRow:
    return TurnaroundRow(
        region_code=region_code,
        decided=row["decided"],
        waiting=row["waiting"],
        median_days=_days(row["median_days"]),
        p90_days=_days(row["p90_days"]),
        oldest_waiting_since=row["oldest"],
    )


def _days(days: float | None) -> Decimal | None:
    return None if days is None else round(Decimal(days), DAY_DIGITS)
