"""One report for its reviewer: the answers now, what is other than in the revision decided on last, its history."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from backend.checks.listing import findings_of_report
from backend.review.queue import HARMLESS, IS_FLAGGED, REPORT_COLUMNS, WITH_FARMS, queued
from backend.review.reach import WITHIN_REACH, Reach
from schemas.indicators.catalogue import CATALOGUE
from schemas.indicators.translation import labels_at
from schemas.review_desk import FieldDifference, HistoryStep, ReviewedReport
from schemas.vocabulary import Indicator
from sync.leaves import Leaves, flatten, unescape
from sync.merge import after_base
from sync.personal import Sealed, Vault
from sync.sealing import ChangeText, joined, open_change

READ_REPORT = f"""
    SELECT {REPORT_COLUMNS}, own.salt, own.ciphertext, own.key_id
    FROM (
        SELECT record.*, {IS_FLAGGED} AS is_flagged
        FROM record
        WHERE record.county_code = :county_code AND record.id = cast(:record_id AS uuid) AND record.kind = 'report'
          AND record.level = 'farm' AND {WITHIN_REACH}
    ) AS report {WITH_FARMS}
    LEFT JOIN personal AS own
      ON own.county_code = report.county_code AND own.record_id = report.id AND own.revision = report.revision
"""

READ_HISTORY = """
    SELECT entry.position, cast(entry.change_id AS text) AS change_id, entry.revision, entry.action, entry.recorded_at,
           change.item ->> 'reason' AS reason, coalesce(change.item -> 'reasons', '[]') AS reasons, change.replaced,
           change.sealed, change.sealed_key_id,
           coalesce(change.result ->> 'office', account.display_name) AS by
    FROM ledger_entry AS entry
    JOIN change ON change.county_code = entry.county_code AND change.change_id = entry.change_id
    LEFT JOIN account ON account.id = entry.actor
    WHERE entry.county_code = :county_code AND entry.record_id = cast(:record_id AS uuid) AND entry.action <> 'decide'
    ORDER BY entry.position
"""


async def reviewed_report(
    connection: AsyncConnection, county_code: str, record_id: str, reach: Reach, vault: Vault
) -> ReviewedReport | None:
    """Return a farm report with its differences and history; None where there is none within the office's reach."""
    values = {"county_code": county_code, "record_id": record_id}
    asked = values | {"reach": reach.as_json, "harmless": HARMLESS}
    row = (await connection.execute(text(READ_REPORT), asked)).one_or_none()
    if row is None:
        return None
    history = [_step(one, county_code, vault) for one in await connection.execute(text(READ_HISTORY), values)]
    payload = row.payload | _personal(row, vault)
    return ReviewedReport(
        **queued(row, vault),
        payload=payload,
        differences=_differences(row, flatten(payload), history),
        findings=await findings_of_report(connection, county_code, record_id, str(row.farm_id), row.period),
        history=[HistoryStep.model_validate(one) for one in history],
    )


def _personal(row: Any, vault: Vault) -> dict[str, Any]:
    if row.ciphertext is None:
        return {}
    sealed = Sealed(row.salt, row.ciphertext, row.key_id)
    return vault.open(sealed, row.county_code, str(row.id), row.revision)


def _step(row: Any, county_code: str, vault: Vault) -> dict[str, Any]:
    """Return a row of `READ_HISTORY` with what was sealed of its change."""
    said: dict[str, Any] = dict(row._mapping)  # noqa: SLF001 - the row as a mapping
    item = {} if row.reason is None else {"reason": row.reason}
    whole = joined(ChangeText(item, row.replaced, {}), open_change(vault, said, county_code))
    return said | {"reason": whole.item.get("reason"), "replaced": whole.replaced}


def _differences(row: Any, now: Leaves, history: Sequence[Mapping[str, Any]]) -> list[FieldDifference]:
    """Return the answers that are other than in the revision decided on last, in the order of the form."""
    if row.reviewed_revision is None:
        return []
    later: list[Mapping[str, Any]] = [
        step["replaced"] for step in reversed(history) if step["revision"] > row.reviewed_revision and step["replaced"]
    ]
    before = after_base(now, later)
    form = CATALOGUE[Indicator(row.indicator)].farm_form
    order = {name: number for number, name in enumerate(form.model_fields)}
    changed = [one for one in before.keys() | now.keys() if before.get(one) != now.get(one)]
    changed.sort(key=lambda pointer: (order.get(pointer.split("/")[1], len(order)), pointer))
    differences = []
    for pointer in changed:
        zh, en = labels_at(form, tuple(unescape(token) for token in pointer.split("/")[1:]))
        differences.append(
            FieldDifference(field=pointer, label_zh=zh, label_en=en, before=before.get(pointer), now=now.get(pointer))
        )
    return differences
