"""The queue of a reviewing office: flagged reports first, then those that have waited longest, page by page."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from backend.review.reach import WITHIN_REACH, Reach
from schemas.identifiers import EPOCH
from schemas.review_desk import QueuedReport, ReviewQueue
from schemas.vocabulary import Indicator, RecordStatus
from sync.amend import DRAWING_CODES
from sync.personal import Sealed, Vault

HARMLESS = sorted(DRAWING_CODES | {"coefficient_missing", "retired_county"})
"""Warnings that are no reason to look at a report: about its drawing, or about its county rather than its answers."""

IS_FLAGGED = """(
    EXISTS (
        SELECT FROM jsonb_array_elements(record.warnings) AS warning
        WHERE warning ->> 'code' <> ALL(cast(:harmless AS text[]))
    )
    OR record.id IN (
        SELECT finding.record_id FROM finding
        WHERE finding.county_code = :county_code AND finding.state = 'open' AND finding.record_id IS NOT NULL
        UNION ALL
        SELECT cast(shows.id AS uuid)
        FROM finding CROSS JOIN LATERAL jsonb_array_elements_text(finding.records) AS shows (id)
        WHERE finding.county_code = :county_code AND finding.state = 'open'
    )
    OR (record.farm_id, left(record.period, 4)) IN (
        SELECT cast(shows.id AS uuid), left(finding.period, 4)
        FROM finding CROSS JOIN LATERAL (
            SELECT cast(finding.record_id AS text) UNION SELECT jsonb_array_elements_text(finding.records)
        ) AS shows (id)
        WHERE finding.county_code = :county_code AND finding.state = 'open' AND finding.indicator IS NULL
          AND shows.id IS NOT NULL
    )
)"""
"""Whether a row of `record` has a warning worth a look, or an open finding is about it, shown by it, or about its farm
in the year of its period: registered plots are looked at with the reports that rest on them.

The findings of the county are read once, not once a report.
"""

MATCHING = f"""
    SELECT record.county_code, record.id, record.indicator, record.period, record.township_code, record.farm_id,
           record.status, record.revision, record.reviewed_revision, record.position, record.warnings, record.review,
           record.submitted_at, record.payload,
           {IS_FLAGGED} AS is_flagged
    FROM record
    WHERE record.county_code = :county_code AND record.kind = 'report' AND record.level = 'farm'
      AND record.status = :status
      AND (cast(:township_code AS text) IS NULL OR record.township_code = :township_code)
      AND (cast(:indicator AS text) IS NULL OR record.indicator = :indicator)
      AND (cast(:period AS text) IS NULL OR record.period = :period)
      AND {WITHIN_REACH}
"""
"""The reports of a county that an office may decide on and that its filters find."""

OF_FLAG = "(cast(:flagged AS boolean) IS NULL OR report.is_flagged = :flagged)"

WITH_FARMS = """
    LEFT JOIN record AS farm ON farm.county_code = report.county_code AND farm.id = report.farm_id
    LEFT JOIN personal AS sealed
      ON sealed.county_code = farm.county_code AND sealed.record_id = farm.id AND sealed.revision = farm.revision
"""

REPORT_COLUMNS = """
    report.*, farm.revision AS farm_revision, sealed.salt AS farm_salt, sealed.ciphertext AS farm_ciphertext,
    sealed.key_id AS farm_key_id
"""

READ_PAGE = f"""
    SELECT {REPORT_COLUMNS}
    FROM ({MATCHING}) AS report {WITH_FARMS}
    WHERE {OF_FLAG}
      AND (cast(:after_id AS uuid) IS NULL OR (NOT report.is_flagged, report.submitted_at, report.id)
           > (cast(:after_plain AS boolean), cast(:after_moment AS timestamptz), cast(:after_id AS uuid)))
    ORDER BY NOT report.is_flagged, report.submitted_at, report.id
    LIMIT :rows
"""

COUNT = f"""
    SELECT count(*) AS total, count(*) FILTER (WHERE report.is_flagged) AS flagged
    FROM ({MATCHING}) AS report WHERE {OF_FLAG}
"""

PLACE_PATTERN = r"^[01]-[0-9]{1,17}-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"
"""Where a page ended: flagged (0) or not (1), microseconds since 1970, the report."""


@dataclass(frozen=True, slots=True)
class Filters:
    """What narrows the queue; None does not."""

    status: RecordStatus = RecordStatus.SUBMITTED
    township_code: str | None = None
    indicator: Indicator | None = None
    period: str | None = None
    flagged: bool | None = None

    def values(self, county_code: str, reach: Reach) -> dict[str, Any]:
        """Return the parameters of `MATCHING` and `OF_FLAG`."""
        return {
            "county_code": county_code,
            "harmless": HARMLESS,
            "reach": reach.as_json,
            "status": str(self.status),
            "township_code": self.township_code,
            "indicator": None if self.indicator is None else str(self.indicator),
            "period": self.period,
            "flagged": self.flagged,
        }


async def queue_page(
    connection: AsyncConnection,
    county_code: str,
    filters: Filters,
    reach: Reach,
    vault: Vault,
    *,
    after: str | None,
    limit: int,
) -> ReviewQueue:
    """Return a page of the queue; `after` is a place as `PLACE_PATTERN` has it."""
    values = filters.values(county_code, reach)
    counts = (await connection.execute(text(COUNT), values)).one()
    rows = (await connection.execute(text(READ_PAGE), values | _place(after) | {"rows": limit + 1})).all()
    last = rows[limit - 1] if len(rows) > limit else None
    return ReviewQueue(
        county_code=county_code,
        reports=[QueuedReport.model_validate(queued(row, vault)) for row in rows[:limit]],
        total=counts.total,
        flagged=counts.flagged,
        after=None if last is None else _place_of(last),
    )


def queued(row: Any, vault: Vault) -> dict[str, Any]:
    """Return a row of `REPORT_COLUMNS` as the members of a queued report."""
    return {
        "record_id": str(row.id),
        "indicator": row.indicator,
        "period": row.period,
        "township_code": row.township_code,
        "farm_id": str(row.farm_id),
        "farm_name": _farm_name(row, vault),
        "status": row.status,
        "revision": row.revision,
        "reviewed_revision": row.reviewed_revision,
        "position": row.position,
        "is_flagged": row.is_flagged,
        "warnings": row.warnings,
        "review": row.review,
        "waiting_since": row.submitted_at,
    }


def _farm_name(row: Any, vault: Vault) -> str | None:
    """Return what the farm is called; None for one that stands in the ledger of another code."""
    if row.farm_ciphertext is None:
        return None
    sealed = Sealed(row.farm_salt, row.farm_ciphertext, row.farm_key_id)
    personal: Mapping[str, Any] = vault.open(sealed, row.county_code, str(row.farm_id), row.farm_revision)
    return personal.get("name")


def _place(after: str | None) -> dict[str, Any]:
    if after is None:
        return {"after_plain": None, "after_moment": None, "after_id": None}
    plain, microseconds, record_id = after.split("-", 2)
    moment: datetime = EPOCH + timedelta(microseconds=int(microseconds))
    return {"after_plain": plain == "1", "after_moment": moment, "after_id": record_id}


def _place_of(row: Any) -> str:
    microseconds = (row.submitted_at - EPOCH) // timedelta(microseconds=1)
    return f"{0 if row.is_flagged else 1}-{microseconds}-{row.id}"
