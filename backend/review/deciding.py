"""Decisions of an office on their way into the ledger: items as any change, through the same push as a phone's."""

import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson
from sqlalchemy import text

from backend.auth.access import Access
from backend.db import snapshot
from backend.metrics import count_outcomes
from backend.problems import Refused
from backend.review.queue import MATCHING, OF_FLAG, Filters
from backend.review.reach import Reach
from backend.service import Service
from schemas.changes import MAX_ITEMS, SCHEMA_VERSION, ChangeOutcome, Push, Receipt
from schemas.identifiers import change_id_of, change_ids_of, moment_of, uuid7
from schemas.problems import problem
from schemas.review_desk import BulkAnswer, BulkRequest, ReviewDecision
from schemas.vocabulary import Action, Outcome, RecordKind
from sync.decision import Writer
from sync.push import push
from sync.receipts import receipt_of

MAX_BULK = 5_000
"""How many reports one request decides on at most."""

READ_FOUND = f"""
    SELECT cast(report.id AS text) AS record_id, report.position, report.is_flagged
    FROM ({MATCHING}) AS report WHERE {OF_FLAG}
    ORDER BY report.submitted_at, report.id LIMIT :rows
"""

READ_EARLIER = """
    SELECT cast(change_id AS text) AS change_id, cast(record_id AS text) AS record_id, item FROM change
    WHERE county_code = :county_code AND change_id BETWEEN cast(:first AS uuid) AND cast(:last AS uuid)
    ORDER BY decided_position, change_id
"""


@dataclass(frozen=True, slots=True)
class Reviewer:
    """Who decides, within which reach of which county."""

    county_code: str
    access: Access
    reach: Reach
    service: Service


async def decide_each(
    decisions: Sequence[ReviewDecision], reviewer: Reviewer
) -> tuple[list[ChangeOutcome], Receipt | None]:
    """Push single decisions, at most as many as a push holds, and return their outcomes in order, with a receipt."""
    items = [
        _item(reviewer.county_code, one.change_id, one.record_id, one.decision, one.position)
        | ({"reasons": [reason.model_dump() for reason in one.reasons]} if one.reasons else {})
        for one in decisions
    ]
    return await _push(items, reviewer)


async def decide_all(request: BulkRequest, reviewer: Reviewer) -> BulkAnswer:
    """Decide on all that the filter finds, in batches. Raises Refused where that is not what its author confirmed.

    The ids of the changes follow from the request's: sent again, it meets what it did before, and does the rest.
    """
    if request.decision is Action.RETURN and request.reason is None:
        raise Refused(problem("missing", "reason", label="reason"))
    earlier, found = await _read(request, reviewer)
    if any(one["action"] != request.decision for one in earlier):
        raise Refused(problem("change_id_reused", "request_id"))
    if len(earlier) >= request.expected_count:
        found = []
    _guard(request, len(earlier), found)
    said = {"reasons": [{"field": None, "text": request.reason.strip()}]} if request.reason is not None else {}
    items = earlier + [
        _item(
            reviewer.county_code,
            change_id_of(request.request_id, one.record_id),
            one.record_id,
            request.decision,
            one.position,
        )
        | said
        for one in found
    ]
    outcomes: list[ChangeOutcome] = []
    for start in range(0, len(items), MAX_ITEMS):
        answered, _ = await _push(items[start : start + MAX_ITEMS], reviewer)
        outcomes += answered
    return BulkAnswer(
        counts=Counter(one.outcome for one in outcomes),
        replayed=sum(one.replayed for one in outcomes),
        not_taken=[one for one in outcomes if one.outcome is not Outcome.APPLIED],
    )


async def _read(request: BulkRequest, reviewer: Reviewer) -> tuple[list[dict[str, Any]], list[Any]]:
    """Return the items that the request sent before, and the reports that it finds now besides."""
    first, last = change_ids_of(request.request_id)
    between = {"first": first, "last": last}
    wanted = request.filter
    filters = Filters(
        township_code=wanted.township_code,
        indicator=wanted.indicator,
        period=wanted.period,
        flagged=wanted.flagged,
    )
    values = filters.values(reviewer.county_code, reviewer.reach) | {"rows": MAX_BULK + 1}
    async with snapshot(reviewer.service.engine) as connection:
        rows = (await connection.execute(text(READ_EARLIER), {"county_code": reviewer.county_code} | between)).all()
        found = (await connection.execute(text(READ_FOUND), values)).all()
    sent = {row.record_id: row.item for row in rows if change_id_of(request.request_id, row.record_id) == row.change_id}
    return list(sent.values()), [one for one in found if one.record_id not in sent]


def _guard(request: BulkRequest, earlier: int, found: Sequence[Any]) -> None:
    """Raise Refused unless the reports are as many as were confirmed, and none needs a look that was not given."""
    if len(found) > MAX_BULK:
        raise Refused(problem("bulk_too_many", "filter", limit=MAX_BULK))
    count = earlier + len(found)
    if count != request.expected_count:
        raise Refused(problem("bulk_count_differs", "expected_count", found=count, expected=request.expected_count))
    flagged = sum(one.is_flagged for one in found)
    if request.decision is Action.ACCEPT and flagged and not request.include_flagged:
        raise Refused(problem("bulk_has_flagged", "include_flagged", count=flagged))


def _item(county_code: str, change_id: str, record_id: str, decision: Action, position: int) -> dict[str, Any]:
    """Return a decision as a change; it was made when its id was drawn, so that a repeat says the same."""
    return {
        "change_id": change_id,
        "county_code": county_code,
        "record_id": record_id,
        "kind": str(RecordKind.REPORT),
        "action": str(decision),
        "position": position,
        "captured_at": moment_of(change_id).isoformat(),
    }


async def _push(items: Sequence[Mapping[str, Any]], reviewer: Reviewer) -> tuple[list[ChangeOutcome], Receipt | None]:
    service, now = reviewer.service, datetime.now(UTC)
    body = Push(
        device_id=uuid7(time.time_ns() // 1_000_000),
        schema_version=SCHEMA_VERSION,
        sent_at=now.isoformat(),
        changes=list(items),
    )
    writer = Writer(reviewer.access.account_id, body.device_id, reviewer.access)
    outcomes = await push(body, orjson.dumps(body.changes), writer, service.push_context)
    count_outcomes(outcomes)
    receipt = await receipt_of(body, outcomes, writer.account, service.signer, service.pool)
    return outcomes, receipt
