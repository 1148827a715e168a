"""A change against the ledger: what was sent, what was answered, and the entry that says so."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidTag

from backend.verify.faults import Fault
from schemas.canonical import NotCanonicalError, canonical_sha256
from schemas.receipts import TAKEN
from schemas.vocabulary import EntryAction
from sync.personal import Vault
from sync.sealing import ERASED_HASH, ChangeText, Hidden, joined, open_change, told_of

READ_CHANGES = """
    SELECT change.county_code, cast(change.change_id AS text) AS change_id, cast(change.record_id AS text) AS record_id,
           cast(change.account AS text) AS account, cast(change.device_id AS text) AS device_id, change.item_hash,
           change.item, change.outcome, change.result, change.replaced = '{}' AS replaced_nothing, change.sealed,
           change.sealed_key_id, change.forgotten_at, record.erased_position,
           change.decided_position, change.settled_position, decided.action,
           cast(decided.change_id AS text) AS entry_change_id, cast(decided.record_id AS text) AS entry_record_id,
           cast(decided.actor AS text) AS entry_actor, cast(decided.device_id AS text) AS entry_device_id,
           decided.revision AS entry_revision, settled.action AS settled_action,
           cast(settled.change_id AS text) AS settled_change_id, settled.payload_hash AS settled_hash
    FROM change
    LEFT JOIN ledger_entry AS decided
      ON decided.county_code = change.county_code AND decided.position = change.decided_position
    LEFT JOIN ledger_entry AS settled
      ON settled.county_code = change.county_code AND settled.position = change.settled_position
    LEFT JOIN record ON record.county_code = change.county_code AND record.id = change.record_id
    WHERE change.county_code = :county_code
"""


@dataclass(frozen=True, slots=True)
class ReadChange:
    """A row of `READ_CHANGES` with its documents whole; of one that was erased, what is left of them."""

    row: Any
    item: Mapping[str, Any]
    result: Mapping[str, Any]

    @property
    def is_erased(self) -> bool:
        """Whether what was sent is gone, because the record was erased."""
        is_erased = bytes(self.row.item_hash) == ERASED_HASH and self.row.erased_position is not None
        return is_erased or self.row.forgotten_at is not None


def change_faults(row: Any, vault: Vault) -> Iterator[Fault]:
    """Give what is wrong with a row of `READ_CHANGES`."""
    answered = row.result.get("position")
    where = answered if isinstance(answered, int) else row.decided_position or row.settled_position
    hidden = _opened(row, vault)
    if hidden is None:
        yield Fault(row.county_code, where, "change", row.change_id, {"column": "sealed"})
        return
    whole = joined(ChangeText(row.item, {}, row.result), hidden)
    change = ReadChange(row, whole.item, whole.result)
    for column in (*_item_faults(change), *_result_faults(change), *_entry_faults(change), *_settled_faults(change)):
        yield Fault(row.county_code, where, "change", row.change_id, {"column": column})


def _opened(row: Any, vault: Vault) -> Hidden | None:
    """Return what was sealed of a row; None for what cannot be opened."""
    if (row.sealed is None) != (row.sealed_key_id is None):
        return None
    try:
        return open_change(vault, row._mapping, row.county_code)  # noqa: SLF001 - the row as a mapping
    except (KeyError, InvalidTag, ValueError):
        return None


def _item_faults(change: ReadChange) -> Iterator[str]:
    """Compare the item as sent with its hash and the columns taken from it."""
    row = change.row
    try:
        fits = change.is_erased or canonical_sha256(change.item) == bytes(row.item_hash)
    except NotCanonicalError:
        fits = False
    if not fits:
        yield "item"
    for name in ("change_id", "record_id", "county_code"):
        if change.item.get(name) != getattr(row, name):
            yield name


def _result_faults(change: ReadChange) -> Iterator[str]:
    """Compare the outcome as answered with the columns taken from it."""
    row, result = change.row, change.result
    if result.get("outcome") != row.outcome:
        yield "outcome"
    if result.get("change_id") != row.change_id or result.get("record_id", row.record_id) != row.record_id:
        yield "result"


def _entry_faults(change: ReadChange) -> Iterator[str]:
    """Compare a change that was taken with its entry; one that changed nothing names an entry before it."""
    row = change.row
    is_taken = row.outcome in TAKEN
    if is_taken != (row.decided_position is not None) or (is_taken and row.entry_record_id is None):
        yield "decided_position"
        return
    if not is_taken:
        return
    if row.entry_record_id != row.record_id:
        yield "record_id"
    if (change.result.get("position"), change.result.get("revision")) != (row.decided_position, row.entry_revision):
        yield "result"
    if row.entry_change_id != row.change_id:
        if not row.replaced_nothing or change.item.get("action") != EntryAction.AMEND:
            yield "decided_position"
        return
    if row.action != change.item.get("action"):
        yield "item"
    if row.entry_actor != row.account:
        yield "account"
    if row.entry_device_id != row.device_id:
        yield "device_id"


def _settled_faults(change: ReadChange) -> Iterator[str]:
    """Compare a change that was held with the entry by which it came to its end."""
    row = change.row
    if row.settled_position is None:
        return
    if row.settled_change_id is None:
        yield "settled_position"
    elif row.settled_action != EntryAction.DECIDE:
        if row.settled_position != row.decided_position:
            yield "settled_position"
    else:
        if row.settled_change_id != row.change_id:
            yield "settled_position"
        outcome = {name: value for name, value in change.result.items() if name != "replayed"}
        # An entry from before refusals were sealed commits to what they quote, too.
        if bytes(row.settled_hash) not in (canonical_sha256(told_of(outcome)), canonical_sha256(outcome)):
            yield "result"
