"""Receipts: the server's signatures over what it has taken, kept with all that is needed to verify them offline."""

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mobile_contract.outbox import KeptChange
from schemas.changes import ChangeOutcome
from schemas.receipts import PublishedKey, PublishedKeys, SignatureState, raw_keys, receipt_items, signature_state

FORMAT = "qingtian-receipts-1"


@dataclass(frozen=True, slots=True)
class KeptReceipt:
    """A receipt as it was issued, its letters unchanged, with the items that it speaks of."""

    seq: int
    document: Mapping[str, Any]

    @property
    def change_ids(self) -> list[str]:
        """The changes that the server acknowledged by it."""
        return [item[0] for item in self.document["items"]]


def whole_receipt(
    receipt: Mapping[str, Any], device_id: str, decided: Iterable[tuple[KeptChange, ChangeOutcome]]
) -> dict[str, Any]:
    """Return a receipt with the members that do not travel: the device and, in the order sent, what was taken."""
    kept = list(decided)
    items = receipt_items([change.content for change, _ in kept], [outcome for _, outcome in kept])
    return {**receipt, "device_id": device_id, "items": [list(item) for item in items]}


class Receipts:
    """The receipts of one phone and the public keys of its server. Writers run inside a transaction of the caller."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def keep(self, receipt: Mapping[str, Any]) -> None:
        """Keep a receipt."""
        self._connection.execute(
            "INSERT INTO receipt (key_id, body) VALUES (?, ?)",
            (str(receipt["key_id"]), json.dumps(receipt, ensure_ascii=False)),
        )

    def all(self) -> list[KeptReceipt]:
        """Return every receipt, oldest first."""
        rows = self._connection.execute("SELECT seq, body FROM receipt ORDER BY seq")
        return [KeptReceipt(seq, json.loads(body)) for seq, body in rows]

    def keep_keys(self, keys: Iterable[PublishedKey]) -> None:
        """Keep public keys as published; one that is known is never replaced."""
        self._connection.executemany(
            "INSERT INTO server_key (key_id, body) VALUES (?, ?) ON CONFLICT DO NOTHING",
            [(key.key_id, key.model_dump_json()) for key in keys],
        )

    def keys(self) -> PublishedKeys:
        """Return the public keys that the phone knows."""
        rows = self._connection.execute("SELECT body FROM server_key ORDER BY key_id")
        return PublishedKeys(keys=[PublishedKey.model_validate_json(body) for (body,) in rows])

    def keys_missing(self) -> bool:
        """Return whether a receipt was signed with a key that the phone does not know."""
        row = self._connection.execute(
            "SELECT EXISTS (SELECT 1 FROM receipt WHERE key_id NOT IN (SELECT key_id FROM server_key))"
        ).fetchone()
        return bool(row[0])

    def state_of(self, receipt: KeptReceipt) -> SignatureState:
        """Return what the signature of a receipt is worth by the keys that the phone knows."""
        return signature_state(receipt.document, raw_keys(self.keys()))

    def exported(self) -> dict[str, Any]:
        """Return all receipts and keys as one document that is verified without the phone and without a network."""
        return {
            "format": FORMAT,
            "keys": self.keys().model_dump(mode="json")["keys"],
            "receipts": [receipt.document for receipt in self.all()],
        }


def read_keys(document: Any) -> Sequence[PublishedKey]:
    """Return the keys of `/.well-known/qingtian-keys.json` that can be used here; others are for later releases."""
    listed = document.get("keys") if isinstance(document, dict) else None
    return [key for key in map(_usable, listed or ()) if key is not None]


def _usable(said: Any) -> PublishedKey | None:
    try:
        key = PublishedKey.model_validate(said)
        return key if key.key_id in raw_keys(PublishedKeys(keys=[key])) else None
    except ValueError:
        return None
