"""Personal fields, sealed: the ledger commits to them by a salted hash and still verifies once they are erased."""

import hashlib
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from schemas.canonical import canonical_bytes, canonical_sha256

SALT_BYTES = 16
NONCE_BYTES = 12
TAG_BYTES = 16


@dataclass(frozen=True, slots=True)
class Sealed:
    """The personal part of one revision: AES-256-GCM ciphertext, its nonce in front, and the commitment's salt."""

    salt: bytes
    ciphertext: bytes
    key_id: str


class Vault:
    """Seals and opens personal parts with the keys of this deployment; new parts use the current key."""

    def __init__(self, keys: Sequence[bytes], newer: Callable[[], Sequence[bytes]] | None = None) -> None:
        """`keys` are 32 bytes each; the first seals, all of them open. `newer` reads them anew."""
        self._newer = newer
        self._take(keys)

    @property
    def current(self) -> str:
        """The name of the key that seals."""
        return self._current

    @property
    def key_ids(self) -> frozenset[str]:
        """The names of the keys that open."""
        return frozenset(self._ciphers)

    def refresh(self) -> None:
        """Take in a key that was made meanwhile; one that was retired opens no more."""
        if self._newer is not None:
            self._take(self._newer())

    def _take(self, keys: Sequence[bytes]) -> None:
        self._ciphers = {key_id_of(key): AESGCM(key) for key in keys}
        self._current = key_id_of(keys[0])

    def _cipher(self, key_id: str) -> AESGCM:
        """Return the cipher of a key; one that another process made a moment ago is looked for first."""
        if key_id not in self._ciphers:
            self.refresh()
        return self._ciphers[key_id]

    def seal(self, personal: Mapping[str, Any], county_code: str, record_id: str, revision: int) -> Sealed:
        """Return the part sealed and bound to its revision, with a fresh salt and nonce."""
        sealed = self.seal_bytes(orjson.dumps(personal), bound_to_revision(county_code, record_id, revision))
        return Sealed(os.urandom(SALT_BYTES), sealed.ciphertext, sealed.key_id)

    def seal_bytes(self, content: bytes, bound_to: str) -> Sealed:
        """Return bytes sealed and bound to what they belong to; without a salt, for nothing commits to them."""
        nonce = os.urandom(NONCE_BYTES)
        return Sealed(
            b"", nonce + self._ciphers[self._current].encrypt(nonce, content, bound_to.encode()), self._current
        )

    def open_bytes(self, sealed: Sealed, bound_to: str) -> bytes:
        """Return sealed bytes. Raises KeyError for an unknown key and InvalidTag for what was not bound to it."""
        nonce, body = sealed.ciphertext[:NONCE_BYTES], sealed.ciphertext[NONCE_BYTES:]
        return self._cipher(sealed.key_id).decrypt(nonce, body, bound_to.encode())

    def open(self, sealed: Sealed, county_code: str, record_id: str, revision: int) -> dict[str, Any]:
        """Return the part. Raises KeyError for an unknown key and InvalidTag for another revision's ciphertext."""
        content = self.open_bytes(sealed, bound_to_revision(county_code, record_id, revision))
        personal: dict[str, Any] = orjson.loads(content)
        return personal


def key_id_of(key: bytes) -> str:
    """Return the name of a key, which tells nothing of it: a prefix of its SHA-256."""
    return hashlib.sha256(b"qingtian personal key " + key).hexdigest()[:16]


def bound_to_revision(county_code: str, record_id: str, revision: int) -> str:
    """Return what a personal part is bound to."""
    return f"{county_code}/{record_id}/{revision}"


def commitment(salt: bytes, personal: Mapping[str, Any]) -> bytes:
    """Return SHA-256(salt + RFC 8785 form of the personal part)."""
    return hashlib.sha256(salt + canonical_bytes(dict(personal))).digest()


def payload_hash(public: Mapping[str, Any], personal: Mapping[str, Any], salt: bytes | None) -> bytes:
    """Return what the ledger says of a content: SHA-256 over the public part and the commitment to the personal one."""
    return committed_hash(public, commitment(salt, personal) if salt is not None else None)


def committed_hash(public: Mapping[str, Any], committed: bytes | None) -> bytes:
    """Return the payload hash from the commitment alone: all that is left of a personal part that was erased."""
    return canonical_sha256({"personal": None if committed is None else committed.hex(), "public": dict(public)})
