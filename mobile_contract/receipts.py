"""Receipts: the server's signatures over what it has taken, kept with all that is needed to verify them offline."""

import base64
import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from mobile_contract.outbox import KeptChange
from schemas.canonical import canonical_bytes, canonical_sha256
from schemas.changes import ChangeOutcome
from schemas.vocabulary import Outcome

KEYS_PATH = "/.well-known/qingtian-keys.json"
FORMAT = "qingtian-receipts-1"
SIGNED = ("alg", "key_id", "issued_at", "account", "device_id", "items", "heads")
"""The members of a receipt that its signature covers."""


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
    items = [
        [
            change.change_id,
            canonical_sha256(change.content).hex(),
            outcome.outcome.value,
            change.county_code,
            outcome.position,
        ]
        for change, outcome in decided
        if outcome.outcome in {Outcome.APPLIED, Outcome.MERGED}
    ]
    return {**receipt, "device_id": device_id, "items": items}


def is_genuine(receipt: Mapping[str, Any], public_key: bytes) -> bool:
    """Return whether the signature is that of the key (raw, 32 bytes) over the receipt as it stands."""
    try:
        signed = {name: receipt[name] for name in SIGNED}
        signature = bytes.fromhex(receipt["signature"])
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, canonical_bytes(signed))
    except (KeyError, TypeError, ValueError, InvalidSignature):
        return False
    return True


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

    def keep_keys(self, keys: Iterable[Mapping[str, Any]]) -> None:
        """Keep public keys as published; one that is known is never replaced."""
        self._connection.executemany(
            "INSERT INTO server_key (key_id, body) VALUES (?, ?) ON CONFLICT DO NOTHING",
            [(str(key["key_id"]), json.dumps(key, ensure_ascii=False)) for key in keys],
        )

    def keys(self) -> dict[str, Mapping[str, Any]]:
        """Return the public keys by id."""
        return {key_id: json.loads(body) for key_id, body in self._connection.execute("SELECT * FROM server_key")}

    def keys_missing(self) -> bool:
        """Return whether a receipt was signed with a key that the phone does not know."""
        row = self._connection.execute(
            "SELECT EXISTS (SELECT 1 FROM receipt WHERE key_id NOT IN (SELECT key_id FROM server_key))"
        ).fetchone()
        return bool(row[0])

    def genuine(self, receipt: KeptReceipt) -> bool | None:
        """Return whether a receipt holds; None where its key is not known yet."""
        key = self.keys().get(str(receipt.document["key_id"]))
        return None if key is None else is_genuine(receipt.document, raw_key(key))

    def exported(self) -> dict[str, Any]:
        """Return all receipts and keys as one document that is verified without the phone and without a network."""
        return {
            "format": FORMAT,
            "keys": list(self.keys().values()),
            "receipts": [receipt.document for receipt in self.all()],
        }


def raw_key(key: Mapping[str, Any]) -> bytes:
    """Return the 32 bytes of a published key; it is written in base64url without padding."""
    text = str(key["public_key"])
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def read_keys(document: Any) -> Sequence[Mapping[str, Any]]:
    """Return the keys of `/.well-known/qingtian-keys.json` that can be used here; others are for later releases."""
    listed = document.get("keys") if isinstance(document, dict) else None
    return [key for key in listed or () if isinstance(key, dict) and _is_usable(key)]


def _is_usable(key: Mapping[str, Any]) -> bool:
    try:
        return isinstance(key["key_id"], str) and len(raw_key(key)) == 32
    except (KeyError, TypeError, ValueError):
        return False
