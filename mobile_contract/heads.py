"""The heads of receipts since the last pull: a restored ledger is told by them where the cursor is older than it."""

import json
import sqlite3
from collections.abc import Iterable, Sequence

from mobile_contract.store import setting, store_setting
from schemas.changes import HEAD_PREFIX_DIGITS, MAX_HEADS, ReceiptHead


class Heads:
    """What one phone has been acknowledged beyond its cursors. Writers run inside a transaction of the caller."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def note(self, heads: Iterable[ReceiptHead]) -> None:
        """Keep the heads of a receipt until a pull has gone beyond them."""
        for head in heads:
            said = f"{head.position}:{head.entry_hash[:HEAD_PREFIX_DIGITS]}"
            known = self._all(head.county_code)
            if said not in known:
                self._put(head.county_code, [*known, said])

    def asked(self, county_code: str) -> list[str]:
        """Return the heads that a pull asks about, as its parameter `head` has them, oldest first."""
        return self._all(county_code)[:MAX_HEADS]

    def forget(self, county_code: str, asked: Sequence[str] | None = None) -> None:
        """Drop the heads that a pull asked about and the cursor is beyond now; without them, all of the county."""
        self._put(county_code, [] if asked is None else [one for one in self._all(county_code) if one not in asked])

    def _all(self, county_code: str) -> list[str]:
        heads: list[str] = json.loads(setting(self._connection, _name(county_code)) or "[]")
        return heads

    def _put(self, county_code: str, heads: Sequence[str]) -> None:
        store_setting(self._connection, _name(county_code), json.dumps(heads) if heads else None)


def _name(county_code: str) -> str:
    return f"heads of {county_code}"
