"""The county ledger: an append-only chain whose every entry commits to all before it."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from schemas.canonical import canonical_bytes
from schemas.vocabulary import EntryAction, RecordKind
from sync.statement import Connection, Statement

ALGORITHM = "qt1-sha256"
"""Names the header layout and the hash; a later layout gets another name, and old entries stay verifiable."""

GENESIS_HASH = bytes(32)
"""What the first entry of every ledger follows."""

LOCK_HEAD = Statement.of("""
    SELECT position, entry_hash, recorded_at FROM ledger_head WHERE county_code = :county_code FOR UPDATE
""")

INSERT_ENTRIES = """
    INSERT INTO ledger_entry (county_code, position, record_id, kind, revision, action, change_id, actor, device_id,
                              payload_hash, deltas, recorded_at, alg, entry_hash)
    SELECT cast(:county_code AS text), e.position, e.record_id, e.kind, e.revision, e.action, e.change_id, e.actor,
           e.device_id, decode(e.payload_hash, 'hex'), e.deltas, e.recorded_at, e.alg, decode(e.entry_hash, 'hex')
    FROM jsonb_to_recordset(cast(:entries AS jsonb)) AS e (
        position bigint, record_id uuid, kind text, revision int, action text, change_id uuid, actor uuid,
        device_id uuid, payload_hash text, deltas jsonb, recorded_at timestamptz, alg text, entry_hash text)
"""

MOVE_HEAD = """
    UPDATE ledger_head SET
        position = cast(:position AS bigint), entry_hash = :entry_hash, recorded_at = :head_recorded_at
    WHERE county_code = cast(:county_code AS text) AND position < cast(:position AS bigint)
"""
"""A push that appended nothing leaves the head as it is."""

READ_ENTRIES = """
    SELECT position, record_id, kind, revision, action, change_id, actor, device_id, payload_hash, deltas, recorded_at,
           alg, entry_hash
    FROM ledger_entry WHERE county_code = :county_code ORDER BY position
"""

Delta = tuple[str, str, str, str]
"""(status, subject, quantity, amount): what an entry adds to one cell of its report's county, indicator and period."""


@dataclass(frozen=True, slots=True)
class Head:
    """The end of a ledger."""

    position: int
    entry_hash: bytes
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class Header:
    """What an entry says; everything but its place in the chain is known before it is appended."""

    county_code: str
    record_id: str
    kind: RecordKind
    revision: int
    action: EntryAction
    change_id: str
    actor: str
    device_id: str
    payload_hash: bytes
    deltas: tuple[Delta, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """A header with its place in the chain."""

    header: Header
    position: int
    recorded_at: datetime
    entry_hash: bytes


@dataclass(frozen=True, slots=True)
class BrokenChain:
    """The first entry that does not fit, and why."""

    county_code: str
    position: int
    reason: str


def timestamp(moment: datetime) -> str:
    """Return a moment as it stands in a header: UTC, microseconds, `Z`."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def entry_hash(previous: bytes, header: Header, position: int, recorded_at: datetime) -> bytes:
    """Return SHA-256(previous entry hash + RFC 8785 form of the header)."""
    canonical = canonical_bytes(
        {
            "action": str(header.action),
            "actor": header.actor,
            "alg": ALGORITHM,
            "change_id": header.change_id,
            "county_code": header.county_code,
            "deltas": [list(delta) for delta in header.deltas],
            "device_id": header.device_id,
            "kind": str(header.kind),
            "payload_hash": header.payload_hash.hex(),
            "position": position,
            "record_id": header.record_id,
            "recorded_at": timestamp(recorded_at),
            "revision": header.revision,
        }
    )
    return hashlib.sha256(previous + canonical).digest()


def chained(head: Head, headers: Sequence[Header], recorded_at: datetime) -> list[Entry]:
    """Return the headers as entries that follow `head`, positions without gaps.

    `recorded_at` never runs backwards along a ledger: after the server's clock was set back, the head's time is kept.
    """
    moment = max(recorded_at, head.recorded_at)
    entries: list[Entry] = []
    previous = head.entry_hash
    for position, header in enumerate(headers, head.position + 1):
        previous = entry_hash(previous, header, position, moment)
        entries.append(Entry(header, position, moment, previous))
    return entries


async def lock_head(connection: Connection, county_code: str) -> Head:
    """Lock the county's ledger until the transaction ends and return its head.

    A statement of its own: one that locked and read in one go would read rows as they were before it had the lock.
    """
    [row] = await LOCK_HEAD.rows(connection, county_code=county_code)
    return Head(row["position"], row["entry_hash"], row["recorded_at"])


def head_after(head: Head, entries: Sequence[Entry]) -> Head:
    """Return the head that the entries leave."""
    if not entries:
        return head
    last = entries[-1]
    return Head(last.position, last.entry_hash, last.recorded_at)


def entry_rows(entries: Sequence[Entry]) -> list[dict[str, Any]]:
    """Return the entries as `INSERT_ENTRIES` reads them."""
    return [
        {
            "position": entry.position,
            "record_id": entry.header.record_id,
            "kind": entry.header.kind,
            "revision": entry.header.revision,
            "action": entry.header.action,
            "change_id": entry.header.change_id,
            "actor": entry.header.actor,
            "device_id": entry.header.device_id,
            "payload_hash": entry.header.payload_hash.hex(),
            "deltas": entry.header.deltas,
            "recorded_at": timestamp(entry.recorded_at),
            "alg": ALGORITHM,
            "entry_hash": entry.entry_hash.hex(),
        }
        for entry in entries
    ]


def first_break(county_code: str, rows: Iterable[Any]) -> BrokenChain | None:
    """Return the first entry of a ledger that does not fit, or None. `rows` are those of `READ_ENTRIES`, in order."""
    previous = GENESIS_HASH
    for expected, row in enumerate(rows, 1):
        reason = entry_fault(county_code, expected, previous, row)
        if reason is not None:
            return BrokenChain(county_code, expected, reason)
        previous = bytes(row.entry_hash)
    return None


def entry_fault(county_code: str, expected: int, previous: bytes | None, row: Any) -> str | None:
    """Return the code of what is wrong with the entry at position `expected`, or None.

    Without the hash of its predecessor, which may be missing, only the entry by itself is looked at.
    """
    if row.position != expected:
        return "entry_missing"
    if row.alg != ALGORITHM:
        return "entry_algorithm"
    try:
        header = _header_of(county_code, row)
    except (TypeError, ValueError):
        return "entry_unreadable"
    if previous is not None and entry_hash(previous, header, row.position, row.recorded_at) != bytes(row.entry_hash):
        return "entry_hash"
    return None


def _header_of(county_code: str, row: Any) -> Header:
    """Return what a stored entry says. Raises TypeError or ValueError where it says what no entry can."""
    if not isinstance(row.deltas, list):
        raise TypeError(f"deltas are a list, not {type(row.deltas).__name__}")
    return Header(
        county_code,
        str(row.record_id),
        RecordKind(row.kind),
        row.revision,
        EntryAction(row.action),
        str(row.change_id),
        str(row.actor),
        str(row.device_id),
        bytes(row.payload_hash),
        tuple((status, subject, quantity, amount) for status, subject, quantity, amount in row.deltas),
    )
