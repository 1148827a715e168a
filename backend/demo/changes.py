"""Planned changes: the items exactly as a phone will send them, with the ids they are built upon."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from backend.demo.draws import Draws
from schemas.identifiers import statement_id
from schemas.vocabulary import Action, Datum, Level, RecordKind

Item = dict[str, Any]
Payload = dict[str, Any]


@dataclass(slots=True)
class PlannedRecord:
    """A record of the plan and the change it was last left by."""

    county_code: str
    record_id: str
    kind: RecordKind
    payload: Payload
    captured_at: datetime
    change_ids: list[str] = field(default_factory=list)
    items: list[Item] = field(default_factory=list)

    @property
    def created(self) -> Item:
        """The item that creates the record."""
        return self.items[0]

    @property
    def last_change_id(self) -> str:
        """The id of the last change planned for the record."""
        return self.change_ids[-1]


def plan_create(
    draws: Draws,
    county_code: str,
    kind: RecordKind,
    payload: Payload,
    captured_at: datetime,
    datum: Datum | None = None,
) -> PlannedRecord:
    """Return a new record with the item that creates it; a statement gets the id that follows from it."""
    record_id = draws.new_id(captured_at)
    if payload.get("level") == Level.COUNTY:
        record_id = statement_id(county_code, payload["indicator"], payload["period"])
    record = PlannedRecord(county_code, record_id, kind, payload, captured_at)
    item = _item(record, draws, captured_at, Action.CREATE) | {"payload": payload}
    if payload.get("geometry") is not None:
        item["datum"] = datum
    record.items.append(item)
    return record


def plan_amend(
    draws: Draws, record: PlannedRecord, values: Payload, base_change_id: str | None = None, reason: str | None = None
) -> Item:
    """Return an amendment of the record's last change, or of an older one that its author still had on screen."""
    base = base_change_id or record.last_change_id
    captured_at = record.captured_at + timedelta(days=draws.whole(1, 9), minutes=draws.whole(1, 90))
    item = _item(record, draws, captured_at, Action.AMEND) | {"base_change_id": base, "set": values}
    if reason is not None:
        item["reason"] = reason
    return item


def plan_withdraw(draws: Draws, record: PlannedRecord, reason: str) -> Item:
    """Return the withdrawal of a record in its last planned state."""
    base = record.last_change_id
    captured_at = record.captured_at + timedelta(days=draws.whole(10, 15))
    return _item(record, draws, captured_at, Action.WITHDRAW) | {"base_change_id": base, "reason": reason}


def _item(record: PlannedRecord, draws: Draws, captured_at: datetime, action: Action) -> Item:
    change_id = draws.new_id(captured_at)
    record.change_ids.append(change_id)
    return {
        "change_id": change_id,
        "county_code": record.county_code,
        "record_id": record.record_id,
        "kind": record.kind.value,
        "action": action.value,
        "captured_at": captured_at.isoformat(),
    }
