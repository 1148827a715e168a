"""What phones of a township must hold, kept by deltas: a checksum of its records, and the records that left it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from schemas.marks import MODULUS, mark_of
from sync.ledger import Entry
from sync.records import RecordState

ADD_TO_MARKS = f"""
    INSERT INTO township_mark AS kept (county_code, township_code, records, checksum)
    SELECT cast(:county_code AS text), m.township_code, m.records, m.checksum
    FROM jsonb_to_recordset(cast(:marks AS jsonb)) AS m (township_code text, records int, checksum numeric)
    ON CONFLICT (county_code, township_code) DO UPDATE SET
        records = kept.records + excluded.records, checksum = (kept.checksum + excluded.checksum) % {MODULUS}
"""

INSERT_EXITS = """
    INSERT INTO record_exit (county_code, township_code, position, record_id)
    SELECT cast(:county_code AS text), e.township_code, e.position, e.record_id
    FROM jsonb_to_recordset(cast(:exits AS jsonb)) AS e (township_code text, position bigint, record_id uuid)
"""


Step = tuple[RecordState | None, RecordState]
"""A record before and after one change."""


@dataclass(slots=True)
class MarkDeltas:
    """What a push adds to the marks of the townships it touches, and which records it moved out of one.

    A mark is known once the entries have their hashes: that of a state which this push wrote is the mark of the entry
    at its position, that of a state from before comes with the record.
    """

    written: Mapping[int, str] = field(default_factory=dict)
    """Position -> mark, of the entries of this push."""
    exits: list[dict[str, Any]] = field(default_factory=list)
    _records: dict[str, int] = field(default_factory=dict)
    _sums: dict[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, steps: Iterable[Step], entries: Iterable[Entry]) -> "MarkDeltas":
        """Return what the steps of a push, in ledger order, do to the marks."""
        deltas = cls({entry.position: mark_of(entry.entry_hash) for entry in entries})
        for before, after in steps:
            deltas._replace(before, after)
        return deltas

    def mark_of(self, record: RecordState) -> str:
        """Return the mark of a record's state, in 16 hexadecimal digits."""
        return self.written.get(record.position, record.mark)

    def _replace(self, before: RecordState | None, after: RecordState) -> None:
        """Take a record's state out of its township and put the next one in."""
        if before is not None:
            self._add(before, -1)
            left = before.content.township_code
            if left != after.content.township_code:
                self.exits.append({"township_code": left, "position": after.position, "record_id": after.id})
        self._add(after, 1)

    def _add(self, record: RecordState, sign: int) -> None:
        township = record.content.township_code
        mark = int(self.mark_of(record), 16)
        self._records[township] = self._records.get(township, 0) + sign
        self._sums[township] = (self._sums.get(township, 0) + sign * mark) % MODULUS

    def rows(self) -> list[Mapping[str, Any]]:
        """Return the deltas as `ADD_TO_MARKS` reads them, in the order of townships."""
        return [
            {"township_code": township, "records": self._records[township], "checksum": str(self._sums[township])}
            for township in sorted(self._sums)
        ]
