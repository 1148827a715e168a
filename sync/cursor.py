"""The pull cursor: opaque and signed, it names a place in one county's ledger and what the phone was allowed to see."""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Iterable
from dataclasses import dataclass

import orjson

VERSION = 1
"""The format of what is signed. Its first two members, version and county, stay where they are in every format."""

HASH_PREFIX_BYTES = 8
SIGNATURE_BYTES = 16


class CursorInvalidError(Exception):
    """The cursor was not made by this deployment, or is damaged."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """A place in a ledger. `hash_prefix` tells a restored or rewritten ledger, `scope` a changed grant."""

    county_code: str
    position: int
    hash_prefix: str
    scope: str

    def encode(self, key: bytes) -> str:
        """Return the cursor as signed text."""
        body = orjson.dumps([VERSION, self.county_code, self.position, self.hash_prefix, self.scope])
        return signed_text(body, key)

    @classmethod
    def decode(cls, text: str, key: bytes) -> "Cursor":
        """Return the cursor that `text` spells. Raises CursorInvalidError."""
        try:
            signed = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        except (binascii.Error, ValueError):
            raise CursorInvalidError from None
        signature, body = signed[:SIGNATURE_BYTES], signed[SIGNATURE_BYTES:]
        if not hmac.compare_digest(signature, _signature(body, key)):
            raise CursorInvalidError
        version, county_code, *place = orjson.loads(body)
        return cls(county_code, *place) if version == VERSION else cls.outdated(county_code)

    @classmethod
    def outdated(cls, county_code: str) -> "Cursor":
        """Return what stands for a cursor of another format: it is ours, and fits no scope."""
        return cls(county_code, 0, "", "")


def signed_text(body: bytes, key: bytes) -> str:
    """Return what a cursor says as the text that a phone is given."""
    return base64.urlsafe_b64encode(_signature(body, key) + body).rstrip(b"=").decode("ascii")


def prefix_of(entry_hash: bytes) -> str:
    """Return what a cursor keeps of an entry hash."""
    return entry_hash[:HASH_PREFIX_BYTES].hex()


def scope_digest(townships: Iterable[str] | None, *, sees_personal: bool) -> str:
    """Return the scope epoch: a short digest of what a phone may see of a county.

    That is its townships, of which `None` stands for all, and whether names, addresses and plots come with the records.
    """
    named = "*" if townships is None else ",".join(sorted(townships))
    named += ";personal" if sees_personal else ""
    return hashlib.sha256(named.encode()).hexdigest()[:16]


def _signature(body: bytes, key: bytes) -> bytes:
    return hmac.digest(key, body, hashlib.sha256)[:SIGNATURE_BYTES]
