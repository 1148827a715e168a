"""The chain of a county's ledger."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from schemas.vocabulary import Action, RecordKind
from sync.ledger import ALGORITHM, GENESIS_HASH, Entry, Head, Header, chained, first_break

NOON = datetime(2025, 10, 3, 4, 0, tzinfo=UTC)
EMPTY = Head(0, GENESIS_HASH, NOON)


def header(number: int) -> Header:
    identifier = f"01928f3c-0000-7000-8000-{number:012d}"
    return Header(
        "430623", identifier, RecordKind.REPORT, 1, Action.CREATE, identifier, identifier, identifier,
        bytes([number] * 32), (("submitted", "mulch_film", "used_t", "0.1"),),
    )  # fmt: skip


def row(entry: Entry, **changes: Any) -> SimpleNamespace:
    said = entry.header
    values = {
        "position": entry.position, "record_id": said.record_id, "kind": said.kind, "revision": said.revision,
        "action": said.action, "change_id": said.change_id, "actor": said.actor, "device_id": said.device_id,
        "payload_hash": said.payload_hash, "deltas": [list(delta) for delta in said.deltas],
        "recorded_at": entry.recorded_at, "alg": ALGORITHM, "entry_hash": entry.entry_hash,
    }  # fmt: skip
    return SimpleNamespace(**(values | changes))


def test_positions_follow_the_head_without_gaps_and_each_hash_the_one_before() -> None:
    first = chained(EMPTY, [header(1), header(2)], NOON)
    second = chained(Head(2, first[-1].entry_hash, NOON), [header(3)], NOON)
    assert [entry.position for entry in first + second] == [1, 2, 3]
    assert chained(EMPTY, [header(1), header(2), header(3)], NOON) == first + second


def test_recorded_time_never_runs_backwards() -> None:
    [entry] = chained(replace(EMPTY, recorded_at=NOON), [header(1)], NOON - timedelta(hours=3))
    assert entry.recorded_at == NOON


def test_a_sound_chain_has_no_break() -> None:
    assert first_break("430623", map(row, chained(EMPTY, [header(1), header(2)], NOON))) is None


@pytest.mark.parametrize(
    "change",
    [
        {"revision": 2}, {"action": "amend"}, {"kind": "farm"}, {"payload_hash": bytes(32)},
        {"actor": "01928f3c-0000-7000-8000-00000000ffff"}, {"device_id": "01928f3c-0000-7000-8000-00000000ffff"},
        {"deltas": [["submitted", "mulch_film", "used_t", "0.2"]]}, {"recorded_at": NOON + timedelta(microseconds=1)},
        {"entry_hash": bytes(32)}, {"alg": "other"}, {"position": 9},
    ],
)  # fmt: skip
def test_any_change_of_an_entry_breaks_the_chain_there(change: dict[str, Any]) -> None:
    entries = chained(EMPTY, [header(number) for number in range(1, 5)], NOON)
    rows = [row(entry, **(change if entry.position == 2 else {})) for entry in entries]
    found = first_break("430623", rows)
    assert found is not None
    assert found.position == 2


def test_a_missing_entry_is_named() -> None:
    entries = chained(EMPTY, [header(number) for number in range(1, 5)], NOON)
    found = first_break("430623", [row(entry) for entry in entries if entry.position != 3])
    assert found is not None
    assert found.position == 3


def test_the_header_layout_is_pinned() -> None:
    """A changed layout would make every receipt and every old chain unverifiable: it needs a new `alg`."""
    [entry] = chained(EMPTY, [header(1)], NOON)
    assert entry.entry_hash.hex() == "7637333e713206ec46b8cf79e2768850ec51909b4bcbbdb64759f43ff5625094"
