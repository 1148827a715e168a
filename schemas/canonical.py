"""The canonical form that every hash is taken over: RFC 8785, by a kept library."""

import hashlib
from typing import Any

import rfc8785

MAX_DEPTH = 32
"""Deeper than any form nests; a deeper value is refused before anything recurses into it."""


class NotCanonicalError(ValueError):
    """The value has no RFC 8785 form: NaN, infinity, an integer beyond 2^53, a lone surrogate."""


def canonical_bytes(value: Any) -> bytes:
    """Return the RFC 8785 form of a JSON value. Raises NotCanonicalError."""
    try:
        return rfc8785.dumps(value)
    except (rfc8785.CanonicalizationError, UnicodeError) as error:
        raise NotCanonicalError(str(error)) from error


def canonical_sha256(value: Any) -> bytes:
    """Return the SHA-256 of the RFC 8785 form. Raises NotCanonicalError."""
    return hashlib.sha256(canonical_bytes(value)).digest()


def nests_within(value: Any, limit: int = MAX_DEPTH) -> bool:
    """Return whether a JSON value nests at most `limit` levels; never recurses itself."""
    level: list[Any] = [value]
    for _ in range(limit):
        level = [
            child
            for parent in level
            if isinstance(parent, dict | list)
            for child in (parent.values() if isinstance(parent, dict) else parent)
            if isinstance(child, dict | list)
        ]
        if not level:
            return True
    return False
