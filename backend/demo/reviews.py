"""What the demo's bureaus decide: most reports of the year before accepted, a part of this year's, a few returned."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from backend.demo.changes import Item
from backend.demo.draws import Draws
from backend.review.queue import HARMLESS
from schemas.changes import PulledRecord
from schemas.problems import Problem
from schemas.vocabulary import Action, Level, RecordKind, RecordStatus

ACCEPTED = {"2024": 0.96, "2025": 0.45}
RETURNED = {"2024": 0.01, "2025": 0.03}
FLAGGED_RETURNED = 0.5
"""Of the reports with warnings; the others wait for a closer look."""

GENERAL = (
    "请补充领用（购买）台账或回收凭证后重新上报。",
    "所填数量与上年差别较大，请入户核实后重新上报。",
)


def plan_reviews(records: Sequence[PulledRecord], county_code: str, seed: int, now: datetime) -> list[Item]:
    """Return a bureau's decisions on the reports it has pulled, as they stand; what was decided before stays so."""
    decided = [_decision(one, county_code, Draws(seed, f"review {one.id}"), now) for one in records if _waits(one)]
    return [one for one in decided if one is not None]


def _waits(record: PulledRecord) -> bool:
    is_report = record.kind is RecordKind.REPORT and record.payload["level"] == Level.FARM
    return is_report and record.status is RecordStatus.SUBMITTED and record.review is None


def _decision(record: PulledRecord, county_code: str, draws: Draws, now: datetime) -> Item | None:
    period = record.payload["period"]
    flags = [one for one in record.warnings if one.code not in HARMLESS]
    if flags:
        if not draws.chance(FLAGGED_RETURNED):
            return None
        return _item(record, county_code, draws, now, Action.RETURN) | {"reasons": [_of_warning(flags[0])]}
    if draws.chance(RETURNED.get(period, 0)):
        reasons = [{"field": None, "text": draws.one_of(GENERAL)}]
        return _item(record, county_code, draws, now, Action.RETURN) | {"reasons": reasons}
    return _item(record, county_code, draws, now, Action.ACCEPT) if draws.chance(ACCEPTED.get(period, 0)) else None


def _of_warning(warning: Problem) -> dict[str, Any]:
    """Return a warning as the bureau writes it; an answer is named where the warning names one."""
    field = warning.field or ""
    pointer = field.removeprefix("/payload") if field.startswith("/payload/") else None
    return {"field": pointer, "text": f"{warning.zh}请核实后重新上报。"}


def _item(record: PulledRecord, county_code: str, draws: Draws, now: datetime, action: Action) -> Item:
    return {
        "change_id": draws.new_id(now),
        "county_code": county_code,
        "record_id": record.id,
        "kind": str(RecordKind.REPORT),
        "action": str(action),
        "position": record.position,
        "captured_at": now.isoformat(),
    }
