"""Faults to plant in the running service and its phones: each takes out one thing that the sync rests on."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

import backend.api.sync
import sync.decide
import sync.push
from mobile_contract.heads import Heads
from sync.cells import CellDeltas
from sync.cursor import Cursor, prefix_of
from sync.pull import ENTRY_HASH_AT, Page, changed_records


def forget_known_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Decide every change anew, as if nobody had looked whether it was sent before."""

    async def nothing_known(*_: Any) -> dict[Any, Any]:
        return {}

    monkeypatch.setattr(sync.push, "changes_sent_before", nothing_known)
    monkeypatch.setattr(sync.decide, "replay", lambda *_: None)


def advance_by_rows_returned(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the cursor of a page go on by as many places as the page has rows, whatever was examined."""

    async def answered(
        connection: Any, county_code: str, cursor: Cursor | None, wanted: Any, reader: Any, key: bytes
    ) -> Page:
        page = await changed_records(connection, county_code, cursor, wanted, reader, key)
        if page.reset:
            return page
        right = Cursor.decode(page.cursor, key)
        position = (cursor.position if cursor is not None else 0) + len(page.events)
        rows = await ENTRY_HASH_AT.rows(connection, county_code=county_code, position=position)
        prefix = prefix_of(rows[0]["entry_hash"]) if rows else ""
        return replace(page, cursor=replace(right, position=position, hash_prefix=prefix).encode(key))

    monkeypatch.setattr(backend.api.sync, "changed_records", answered)


def ask_about_no_receipt(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let phones say nothing of what was acknowledged beyond their cursors."""
    monkeypatch.setattr(Heads, "asked", lambda *_: [])


def skip_a_delta(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave the last sum of a push as it was wherever the push moves more than three."""
    rows = CellDeltas.rows

    def all_but_one(deltas: CellDeltas) -> Sequence[dict[str, str | int]]:
        complete = rows(deltas)
        return complete[:-1] if len(complete) > 3 else complete

    monkeypatch.setattr(CellDeltas, "rows", all_but_one)
