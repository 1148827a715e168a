"""Signed documents: how receipts and checkpoints are signed, and how anyone verifies them without the server.

Signed (Ed25519) is the RFC 8785 form of the document without its `signature`. `alg` names the kind of document and its
layout, so that a signature over one kind never passes for another.
"""

import base64
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any, Literal

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from pydantic import BaseModel, ConfigDict, Field

from schemas.canonical import NotCanonicalError, canonical_bytes, canonical_sha256
from schemas.changes import ChangeOutcome, Receipt, ReceiptHead
from schemas.vocabulary import Outcome

RECEIPT_ALGORITHM = "qt1-receipt-ed25519"
CHECKPOINT_ALGORITHM = "qt1-checkpoint-ed25519"
KEY_ALGORITHM = "Ed25519"
KEYS_PATH = "/.well-known/qingtian-keys.json"
TAKEN = frozenset({Outcome.APPLIED, Outcome.MERGED})

Hex64 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Hex128 = Annotated[str, Field(pattern=r"^[0-9a-f]{128}$")]
ReceiptItem = tuple[str, Hex64, str, str, int]
"""(change_id, item_hash, outcome, county_code, position)."""


class SignatureState(StrEnum):
    """What a signature is worth."""

    HOLDS = "holds"
    BROKEN = "broken"
    UNKNOWN_KEY = "unknown_key"


class PublishedKey(BaseModel):
    """A public key that receipts and checkpoints are or were signed with."""

    key_id: str = Field(description="The first 16 hexadecimal digits of the SHA-256 of the public key.")
    alg: str = KEY_ALGORITHM
    public_key: str = Field(description="32 bytes in base64url without padding.")
    created_at: datetime


class PublishedKeys(BaseModel):
    """Every key that was ever used, oldest first."""

    keys: list[PublishedKey]


class ReceiptDocument(BaseModel):
    """A receipt with all that was signed: the form of a receipt file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    alg: Literal["qt1-receipt-ed25519"]
    key_id: str
    issued_at: str
    account: str
    device_id: str
    items: list[ReceiptItem]
    heads: list[ReceiptHead]
    signature: Hex128


@dataclass(frozen=True)
class Signer:
    """The key that this deployment signs with."""

    private_key: Ed25519PrivateKey
    public_key: bytes
    """32 bytes, raw."""
    key_id: str

    @classmethod
    def of(cls, seed: bytes) -> "Signer":
        """Return the signer of a 32-byte seed."""
        private_key = Ed25519PrivateKey.from_private_bytes(seed)
        public_key = private_key.public_key().public_bytes_raw()
        return cls(private_key, public_key, key_id_of(public_key))

    def signed(self, document: Mapping[str, Any]) -> dict[str, Any]:
        """Return the document with this key's id and signature."""
        unsigned = {**document, "key_id": self.key_id}
        return unsigned | {"signature": self.private_key.sign(canonical_bytes(unsigned)).hex()}


def key_id_of(public_key: bytes) -> str:
    """Return the name of a public key, which anyone can derive from it."""
    return hashlib.sha256(public_key).hexdigest()[:16]


def signature_state(document: Mapping[str, Any], keys: Mapping[str, bytes]) -> SignatureState:
    """Return what the signature of a document is worth; `keys` are raw public keys by their id."""
    public_key = keys.get(str(document.get("key_id")))
    if public_key is None:
        return SignatureState.UNKNOWN_KEY
    unsigned = {name: value for name, value in document.items() if name != "signature"}
    try:
        signature = bytes.fromhex(str(document.get("signature")))
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, canonical_bytes(unsigned))
    except (InvalidSignature, NotCanonicalError, ValueError):
        return SignatureState.BROKEN
    return SignatureState.HOLDS


def receipt_items(changes: Sequence[Any], outcomes: Sequence[ChangeOutcome]) -> list[ReceiptItem]:
    """Return what a receipt says of a push: every change that was taken, in the order sent.

    `changes` are the items as sent, one for each outcome; both sides compute the hashes from them.
    """
    return [
        (one.change_id or "", canonical_sha256(change).hex(), str(one.outcome), change["county_code"], one.position)
        for change, one in zip(changes, outcomes, strict=True)
        if one.outcome in TAKEN and one.position is not None
    ]


def signed_receipt(
    signer: Signer,
    account: str,
    device_id: str,
    items: Sequence[ReceiptItem],
    heads: Sequence[ReceiptHead],
    now: datetime,
) -> Receipt:
    """Return the receipt of a push, to the second: so every writer spells its moment the same."""
    document = signer.signed(
        {
            "alg": RECEIPT_ALGORITHM,
            "issued_at": spelled(now),
            "account": account,
            "device_id": device_id,
            "items": [list(item) for item in items],
            "heads": [head.model_dump() for head in heads],
        }
    )
    return Receipt.model_validate({name: value for name, value in document.items() if name in Receipt.model_fields})


def receipt_document(receipt: Receipt, device_id: str, items: Sequence[ReceiptItem]) -> dict[str, Any]:
    """Return a receipt with what was signed, as a phone keeps it and as a receipt file holds it."""
    said = receipt.model_dump(mode="json") | {"issued_at": spelled(receipt.issued_at)}
    return said | {"device_id": device_id, "items": [list(item) for item in items]}


def spelled(moment: datetime) -> str:
    """Return a moment as signed documents spell it: UTC, whole seconds, `Z`."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def published_key(public_key: bytes, created_at: datetime) -> PublishedKey:
    """Return a raw public key as it is published."""
    encoded = base64.urlsafe_b64encode(public_key).rstrip(b"=").decode()
    return PublishedKey(key_id=key_id_of(public_key), public_key=encoded, created_at=created_at)


def raw_keys(published: PublishedKeys) -> dict[str, bytes]:
    """Return published keys as `signature_state` reads them. A key that is no Ed25519 key is left out."""
    keys = [base64.urlsafe_b64decode(f"{one.public_key}==") for one in published.keys if one.alg == KEY_ALGORITHM]
    # By the id that follows from the key, not the one beside it: a list cannot pass one key off as another.
    return {key_id_of(key): key for key in keys if len(key) == 32}
