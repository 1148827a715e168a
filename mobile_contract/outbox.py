"""The outbox: every change with its state, from the moment it is captured until the server's outcome is stored.

    queued -> sent_unknown -> applied | merged | conflict | held | rejected
                                                            held -> sent_unknown -> ...

`sent_unknown` is committed before the first byte leaves, so that neither a lost answer nor a killed app can make a
change look unsent or sent: it is sent again, byte for byte, and the server recognises its `change_id`.
"""

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from schemas.changes import ChangeOutcome
from schemas.vocabulary import Action, Disposition, Outcome


class ChangeState(StrEnum):
    """Where a change stands, as the phone knows it. The last five are the server's outcomes."""

    QUEUED = "queued"
    SENT_UNKNOWN = "sent_unknown"
    APPLIED = "applied"
    MERGED = "merged"
    CONFLICT = "conflict"
    HELD = "held"
    REJECTED = "rejected"


STATE_OF_OUTCOME = {outcome: ChangeState(outcome.value) for outcome in Outcome}
PENDING = frozenset({ChangeState.QUEUED, ChangeState.SENT_UNKNOWN, ChangeState.HELD})
ERASED = "record_erased"
"""The problem of a change that came after its record's personal fields were erased."""

TAKEN = frozenset({ChangeState.APPLIED, ChangeState.MERGED})


@dataclass(frozen=True, slots=True)
class KeptChange:
    """One change of the outbox. `item` is the text that is sent, the same at every attempt."""

    seq: int
    change_id: str
    county_code: str
    record_id: str
    schema_version: int
    item: str
    state: ChangeState
    outcome: ChangeOutcome | None

    @property
    def content(self) -> dict[str, Any]:
        """The item as an object."""
        content: dict[str, Any] = json.loads(self.item)
        return content

    @property
    def taken_at(self) -> int | None:
        """The position at which the server has taken it, as it last said; None where it has not."""
        if self.outcome is None or STATE_OF_OUTCOME[self.outcome.outcome] not in TAKEN:
            return None
        return self.outcome.position or 0


_COLUMNS = "seq, change_id, county_code, record_id, schema_version, item, state, outcome"

_SENDABLE = f"""
WITH unsettled AS (
    SELECT {_COLUMNS},
           state IN ('queued', 'sent_unknown')
           OR :held_too
           OR (json_extract(outcome, '$.disposition') = '{Disposition.RETRY_AFTER}' AND due_at <= :now) AS due
    FROM change WHERE state IN ('queued', 'sent_unknown', 'held')
)
SELECT {_COLUMNS} FROM unsettled
WHERE due AND seq > :after
  AND NOT EXISTS (
    SELECT 1 FROM unsettled earlier
    WHERE earlier.record_id = unsettled.record_id AND earlier.seq < unsettled.seq AND NOT earlier.due
  )
ORDER BY seq LIMIT :limit
"""
"""What may go out now, in the order captured; a change never overtakes an earlier one of its record that waits."""


def _row(row: Sequence[Any]) -> KeptChange:
    outcome = None if row[7] is None else ChangeOutcome.model_validate_json(row[7])
    return KeptChange(row[0], row[1], row[2], row[3], row[4], row[5], ChangeState(row[6]), outcome)


class Outbox:
    """The changes of one phone. Writers run inside a transaction of the caller."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def keep(self, items: Iterable[Mapping[str, Any]], schema_version: int) -> None:
        """Add changes as `queued`. The same change again is no news; other content under its id is a ValueError.

        NaN, infinity and lone surrogates are refused here (ValueError), where a person can still correct them.
        """
        for item in items:
            text = json.dumps(item, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
            text.encode("utf-8")
            added = self._connection.execute(
                "INSERT INTO change (change_id, county_code, record_id, schema_version, item, state)"
                " VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (change_id) DO NOTHING",
                (item["change_id"], item["county_code"], item["record_id"], schema_version, text, ChangeState.QUEUED),
            ).rowcount
            if not added:
                kept = self.find(item["change_id"])
                if kept is None or kept.item != text:
                    raise ValueError(f"change {item['change_id']} is already kept with other content")

    def sendable(self, now: float, after: int, limit: int, *, held_too: bool) -> list[KeptChange]:
        """Return up to `limit` changes that may be sent now and come after `after` (a `seq`), in captured order.

        Held changes come when their time (`now` in Unix seconds) has come, or all of them with `held_too`.
        """
        rows = self._connection.execute(
            _SENDABLE, {"now": now, "after": after, "limit": limit, "held_too": held_too}
        ).fetchall()
        return [_row(row) for row in rows]

    def mark_sent(self, batch: Iterable[KeptChange]) -> None:
        """Say that the changes are under way and that nobody knows what became of them."""
        self._connection.executemany(
            "UPDATE change SET state = ? WHERE seq = ?", [(ChangeState.SENT_UNKNOWN, change.seq) for change in batch]
        )

    def restore(self, batch: Iterable[KeptChange]) -> None:
        """Give the changes back the state they had in `batch`, where the server said that it took nothing."""
        self._connection.executemany(
            "UPDATE change SET state = ? WHERE seq = ?", [(change.state, change.seq) for change in batch]
        )

    def settle(self, decided: Iterable[tuple[KeptChange, ChangeOutcome]], now: float) -> None:
        """Store the server's outcomes; `now` (Unix seconds) counts the wait of those that are to be sent again."""
        pairs = list(decided)
        self._connection.executemany(
            "UPDATE change SET state = ?, outcome = ?, due_at = ? WHERE seq = ?",
            [
                (
                    STATE_OF_OUTCOME[outcome.outcome],
                    outcome.model_dump_json(exclude_defaults=True),
                    now + (outcome.retry_after_s or 0),
                    change.seq,
                )
                for change, outcome in pairs
            ],
        )
        self._empty(outcome for _, outcome in pairs)

    def settle_late(self, outcomes: Iterable[ChangeOutcome]) -> int:
        """Store outcomes that came down in a pull, of changes that are unsettled here; return how many they were."""
        late = list(outcomes)
        settled = sum(
            self._connection.execute(
                "UPDATE change SET state = ?, outcome = ? WHERE change_id = ?"
                " AND state IN ('queued', 'sent_unknown', 'held')",
                (STATE_OF_OUTCOME[outcome.outcome], outcome.model_dump_json(exclude_defaults=True), outcome.change_id),
            ).rowcount
            for outcome in late
        )
        self._empty(late)
        return settled

    def forget(self, record_ids: Iterable[str]) -> None:
        """Drop what was sent of records whose personal fields were erased; what is not settled is for the server."""
        self._connection.executemany(
            "DELETE FROM change WHERE record_id = ? AND state NOT IN ('queued', 'sent_unknown', 'held')",
            [(record_id,) for record_id in record_ids],
        )

    def _empty(self, outcomes: Iterable[ChangeOutcome]) -> None:
        """Keep of an amendment that came after an erasure which fields it was about, and not what it said of them."""
        for outcome in outcomes:
            kept = self.find(outcome.change_id or "")
            if kept is None or not any(one.code == ERASED for one in outcome.problems):
                continue
            item = kept.content
            item["set"] = dict.fromkeys(item.get("set") or {})
            text = json.dumps(item, ensure_ascii=False, separators=(",", ":"))
            self._connection.execute("UPDATE change SET item = ? WHERE seq = ?", (text, kept.seq))

    def doubt(self, county_code: str) -> None:
        """Take nothing for granted that the county's ledger has acknowledged: it may have been restored from a backup.

        What was taken is sent again, byte for byte; a ledger that still has it answers as it did.
        """
        self._connection.execute(
            "UPDATE change SET state = ? WHERE county_code = ? AND state IN ('applied', 'merged')",
            (ChangeState.SENT_UNKNOWN, county_code),
        )

    def behind(self, seq: int) -> tuple[int, str | None]:
        """Return how many unsettled changes come after `seq`, and when the oldest of them was captured."""
        count, first = self._connection.execute(
            "SELECT count(*), min(seq) FROM change WHERE state IN ('queued', 'sent_unknown', 'held') AND seq > ?",
            (seq,),
        ).fetchone()
        if first is None:
            return 0, None
        (item,) = self._connection.execute("SELECT item FROM change WHERE seq = ?", (first,)).fetchone()
        return count, str(json.loads(item)["captured_at"])

    def find(self, change_id: str) -> KeptChange | None:
        """Return a change, or None."""
        row = self._connection.execute(f"SELECT {_COLUMNS} FROM change WHERE change_id = ?", (change_id,)).fetchone()
        return None if row is None else _row(row)

    def of_record(self, record_id: str) -> list[KeptChange]:
        """Return the changes of a record, in the order captured."""
        rows = self._connection.execute(
            f"SELECT {_COLUMNS} FROM change WHERE record_id = ? ORDER BY seq", (record_id,)
        ).fetchall()
        return [_row(row) for row in rows]

    def all(self) -> list[KeptChange]:
        """Return every change, in the order captured."""
        return [_row(row) for row in self._connection.execute(f"SELECT {_COLUMNS} FROM change ORDER BY seq")]

    def counts(self) -> dict[ChangeState, int]:
        """Return how many changes are in each state; states without any are left out."""
        rows = self._connection.execute("SELECT state, count(*) FROM change GROUP BY state ORDER BY state")
        return {ChangeState(state): count for state, count in rows}


def with_change(payload: dict[str, Any] | None, change: KeptChange) -> dict[str, Any] | None:
    """Return what the record reads with `change` on top of `payload`; a withdrawal leaves it as it was."""
    item = change.content
    if item["action"] == Action.CREATE:
        created: dict[str, Any] = item["payload"]
        return created
    if item["action"] != Action.AMEND or payload is None:
        return payload
    return amended(payload, item["set"])


def amended(payload: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a payload reads with some answers changed; None clears one."""
    result: dict[str, Any] = json.loads(json.dumps(payload))
    for pointer, value in changes.items():
        _put(result, pointer, value)
    return result


def _put(payload: dict[str, Any], pointer: str, value: Any) -> None:
    """Set the value at a JSON Pointer (RFC 6901) within nested objects; None clears the answer."""
    *above, last = [part.replace("~1", "/").replace("~0", "~") for part in pointer.removeprefix("/").split("/")]
    place = payload
    for part in above:
        deeper = place.setdefault(part, {})
        if not isinstance(deeper, dict):
            return
        place = deeper
    if value is None:
        place.pop(last, None)
    else:
        place[last] = value
