"""What a person writes down on a phone: changes kept before anything is sent, and records shown with them on top."""

import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from mobile_contract.mirror import Mirror, Mirrored
from mobile_contract.outbox import PENDING, TAKEN, KeptChange, Outbox, with_change
from mobile_contract.pacing import Pacing
from mobile_contract.store import transaction
from schemas.changes import SCHEMA_VERSION
from schemas.identifiers import statement_id, uuid7
from schemas.vocabulary import Action, Datum, Level, RecordKind, RecordStatus


@dataclass(frozen=True, slots=True)
class ShownRecord:
    """A record as the phone shows it: the mirror with the person's own pending changes on top."""

    county_code: str
    kind: RecordKind
    status: RecordStatus | None
    """As last pulled; None where the server has not been heard of it."""
    payload: dict[str, Any]
    pending: tuple[KeptChange, ...]


class UnknownRecordError(LookupError):
    """The phone has never seen the record, neither its own change nor in the mirror."""


class Notebook:
    """The outbox of a phone as its person writes into it, over the mirror of what the server has."""

    def __init__(self, connection: sqlite3.Connection, pacing: Pacing) -> None:
        self._connection = connection
        self._pacing = pacing
        self.outbox = Outbox(connection)
        self.mirror = Mirror(connection)

    def register_farm(self, county_code: str, payload: Mapping[str, Any], *, datum: Datum | None = None) -> str:
        """Keep a new farm and return its record id."""
        record_id = self._new_id()
        self._create(county_code, record_id, RecordKind.FARM, payload, datum)
        return record_id

    def file_report(self, county_code: str, payload: Mapping[str, Any], *, datum: Datum | None = None) -> str:
        """Keep a new farm report or county statement and return its record id (a statement's follows from it)."""
        if payload["level"] == Level.COUNTY:
            record_id = statement_id(county_code, payload["indicator"], payload["period"])
        else:
            record_id = self._new_id()
        self._create(county_code, record_id, RecordKind.REPORT, payload, datum)
        return record_id

    def amend(
        self, record_id: str, values: Mapping[str, Any], *, reason: str | None = None, datum: Datum | None = None
    ) -> str:
        """Keep a change of single answers, {JSON Pointer below the payload: value}, and return its id.

        None clears an answer. Raises UnknownRecordError.
        """
        item = self._on_base(record_id, Action.AMEND) | {"set": dict(values)}
        return self._keep_one(item, reason=reason, datum=datum)

    def withdraw(self, record_id: str, *, reason: str | None = None) -> str:
        """Keep the withdrawal of a record and return the id of the change. Raises UnknownRecordError."""
        return self._keep_one(self._on_base(record_id, Action.WITHDRAW), reason=reason)

    def keep(self, items: Iterable[Mapping[str, Any]], *, schema_version: int = SCHEMA_VERSION) -> None:
        """Keep changes that already have their ids, all in one transaction; what is kept already is no news.

        `schema_version` is that of the forms they were filled in with.
        """
        items = list(items)
        with transaction(self._connection):
            self.outbox.keep(items, schema_version)
            for county_code in {item["county_code"] for item in items}:
                self.mirror.follow(county_code)

    def follow(self, county_code: str) -> None:
        """Pull this county even where nothing is filed for it."""
        with transaction(self._connection):
            self.mirror.follow(county_code)

    def shown(self, record_id: str) -> ShownRecord | None:
        """Return a record as the person should see it, its unsettled changes named as such; None if unknown."""
        mirrored = self.mirror.find(record_id)
        changes = self._own_changes(record_id, mirrored)
        payload = mirrored.record.payload if mirrored else None
        for change in changes:
            payload = with_change(payload, change)
        if payload is None:
            return None
        return ShownRecord(
            county_code=mirrored.county_code if mirrored else changes[0].county_code,
            kind=mirrored.record.kind if mirrored else RecordKind(changes[0].content["kind"]),
            status=mirrored.record.status if mirrored else None,
            payload=payload,
            pending=tuple(change for change in changes if change.state in PENDING),
        )

    def _create(
        self, county_code: str, record_id: str, kind: RecordKind, payload: Mapping[str, Any], datum: Datum | None
    ) -> None:
        item = {
            "county_code": county_code,
            "record_id": record_id,
            "kind": kind,
            "action": Action.CREATE,
            "payload": dict(payload),
        }
        self._keep_one(item, datum=datum)

    def _on_base(self, record_id: str, action: Action) -> dict[str, Any]:
        """Return the start of a change to a known record, on the last change of it that this phone knows."""
        mirrored = self.mirror.find(record_id)
        own = self._own_changes(record_id, mirrored)
        if own:
            last = own[-1]
            county_code, kind, base = last.county_code, last.content["kind"], last.change_id
        elif mirrored is not None:
            county_code, kind, base = mirrored.county_code, mirrored.record.kind, mirrored.record.last_change_id
        else:
            raise UnknownRecordError(record_id)
        return {
            "county_code": county_code,
            "record_id": record_id,
            "kind": kind,
            "action": action,
            "base_change_id": base,
        }

    def _keep_one(self, item: dict[str, Any], *, reason: str | None = None, datum: Datum | None = None) -> str:
        change_id = self._new_id()
        whole = {"change_id": change_id, "captured_at": self._pacing.clock().isoformat(), **item}
        if datum is not None:
            whole["datum"] = datum
        if reason is not None:
            whole["reason"] = reason
        self.keep([whole])
        return change_id

    def _new_id(self) -> str:
        return uuid7(int(self._pacing.clock().timestamp() * 1000), self._pacing.dice.randbytes(10))

    def _own_changes(self, record_id: str, mirrored: Mirrored | None) -> list[KeptChange]:
        """Return the own changes that stand on top of the mirror: unsettled, or taken but not pulled yet."""
        position = mirrored.record.position if mirrored else 0
        return [
            change
            for change in self.outbox.of_record(record_id)
            if change.state in PENDING | TAKEN and not (change.taken_at is not None and change.taken_at <= position)
        ]
