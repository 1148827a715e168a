"""The decisions of one county transaction, turned into what is written: ledger headers, final records, sums."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from schemas.canonical import canonical_sha256
from schemas.changes import ChangeOutcome
from schemas.vocabulary import EntryAction
from sync.cells import CellDeltas, contribution, deltas_between
from sync.decision import Context, Decision
from sync.ledger import Header
from sync.marks import Step
from sync.personal import Sealed, Vault, payload_hash
from sync.records import RecordState
from sync.review import entry_payload_hash
from sync.sealing import told_of


@dataclass(slots=True)
class Batch:
    """Headers and steps in ledger order; each record once, as the last step left it; the deltas added up."""

    headers: list[Header] = field(default_factory=list)
    records: dict[str, RecordState] = field(default_factory=dict)
    sealed: list[tuple[RecordState, Sealed]] = field(default_factory=list)
    cells: CellDeltas = field(default_factory=CellDeltas)
    steps: list[Step] = field(default_factory=list)

    @classmethod
    def of(cls, decisions: Sequence[Decision], fold: Context, vault: Vault) -> "Batch":
        """Return what the decisions write; those without an entry write nothing here."""
        batch = cls()
        for decision in decisions:
            if decision.after is not None:
                batch._take(decision, decision.after, fold, vault)
            elif decision.settled_position is not None:
                batch.headers.append(_end_without_effect(decision))
        return batch

    def _take(self, decision: Decision, after: RecordState, fold: Context, vault: Vault) -> None:
        before = decision.before
        record = self._hashed(before, after, fold.county_code, vault)
        self.records[record.id] = record
        self.steps.append((before, record))
        removed = contribution(before.status, before.content) if before is not None else {}
        added = contribution(record.status, record.content)
        self.cells.replace(record.content, removed, added)
        item = decision.decoded.item
        self.headers.append(
            Header(
                fold.county_code,
                record.id,
                record.kind,
                record.revision,
                EntryAction(item.action),
                item.change_id,
                decision.writer.account,
                decision.writer.device_id,
                entry_payload_hash(item.action, record),
                deltas_between(removed, added),
            )
        )

    def _hashed(self, before: RecordState | None, after: RecordState, county_code: str, vault: Vault) -> RecordState:
        """Return the record with its payload hash; only a new revision seals its personal part anew."""
        if before is not None and before.revision == after.revision:
            return replace(after, payload_hash=self.records.get(after.id, before).payload_hash)
        salt = None
        if after.content.personal:
            part = vault.seal(after.content.personal, county_code, after.id, after.revision)
            self.sealed.append((after, part))
            salt = part.salt
        return replace(after, payload_hash=payload_hash(after.content.public, after.content.personal, salt))


def stored_outcome(answer: ChangeOutcome) -> dict[str, Any]:
    """Return an outcome as `change.result` keeps it."""
    return answer.model_dump(mode="json", exclude_defaults=True, exclude={"replayed"})


def _end_without_effect(decision: Decision) -> Header:
    """Return the entry by which a held change ends that changes no record.

    It commits to the outcome, not to what that quotes: it may be erased, and a number is found by trying hashes.
    """
    item = decision.decoded.item
    return Header(
        item.county_code,
        item.record_id,
        item.kind,
        0,
        EntryAction.DECIDE,
        item.change_id,
        decision.writer.account,
        decision.writer.device_id,
        canonical_sha256(told_of(stored_outcome(decision.answer))),
        (),
    )
