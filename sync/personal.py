"""Personal fields, sealed: the ledger commits to them by a salted hash and still verifies once they are erased."""

import hashlib
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from schemas.canonical import canonical_bytes, canonical_sha256

SALT_BYTES = 16
NONCE_BYTES = 12


@dataclass(frozen=True, slots=True)
class Sealed:
    """The personal part of one revision: AES-256-GCM ciphertext, its nonce in front, and the commitment's salt."""

    salt: bytes
    ciphertext: bytes
    key_id: str


class Vault:
    """Seals and opens personal parts with the keys of this deployment; new parts use the current key."""

    def __init__(self, keys: Sequence[bytes]) -> None:
        """`keys` are 32 bytes each; the first seals, all of them open."""
        self._ciphers = {key_id_of(key): AESGCM(key) for key in keys}
        self._current = key_id_of(keys[0])

    def seal(self, personal: Mapping[str, Any], county_code: str, record_id: str, revision: int) -> Sealed:
        """Return the part sealed and bound to its revision, with a fresh salt and nonce."""
        nonce = os.urandom(NONCE_BYTES)
        cipher = self._ciphers[self._current]
        sealed = cipher.encrypt(nonce, orjson.dumps(personal), _bound_to(county_code, record_id, revision))
        return Sealed(os.urandom(SALT_BYTES), nonce + sealed, self._current)

    def open(self, sealed: Sealed, county_code: str, record_id: str, revision: int) -> dict[str, Any]:
        """Return the part. Raises KeyError for an unknown key and InvalidTag for another revision's ciphertext."""
        nonce, body = sealed.ciphertext[:NONCE_BYTES], sealed.ciphertext[NONCE_BYTES:]
        plain = self._ciphers[sealed.key_id].decrypt(nonce, body, _bound_to(county_code, record_id, revision))
        personal: dict[str, Any] = orjson.loads(plain)
        return personal


def key_id_of(key: bytes) -> str:
    """Return the name of a key, which tells nothing of it: a prefix of its SHA-256."""
    return hashlib.sha256(b"qingtian personal key " + key).hexdigest()[:16]


def _bound_to(county_code: str, record_id: str, revision: int) -> bytes:
    return f"{county_code}/{record_id}/{revision}".encode()


def commitment(salt: bytes, personal: Mapping[str, Any]) -> bytes:
    """Return SHA-256(salt + RFC 8785 form of the personal part)."""
    return hashlib.sha256(salt + canonical_bytes(dict(personal))).digest()


def payload_hash(public: Mapping[str, Any], personal: Mapping[str, Any], salt: bytes | None) -> bytes:
    """Return what the ledger says of a content: SHA-256 over the public part and the commitment to the personal one."""
    committed = commitment(salt, personal).hex() if salt is not None else None
    return canonical_sha256({"personal": committed, "public": dict(public)})
