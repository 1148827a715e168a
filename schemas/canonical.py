"""The canonical form that every hash is taken over: RFC 8785, by a kept library and, where it is the same, faster."""

import hashlib
from typing import Any

import orjson
import rfc8785

MAX_DEPTH = 32
"""Deeper than any form nests; a deeper value is refused before anything recurses into it."""

MAX_MEMBERS = 500
"""More than any form has, or any amendment changes."""

FAST = orjson.OPT_SORT_KEYS | orjson.OPT_STRICT_INTEGER
"""Sorted by UTF-8, which for ASCII keys is RFC 8785's order by UTF-16; integers beyond 2^53 - 1 are refused."""


SIMPLE = frozenset({str, int, bool, type(None)})

SHORTEST_FLOAT, LONGEST_FLOAT = 1e-4, 1e15
"""Floats that no writer spells with an exponent; coordinates are such."""


class NotCanonicalError(ValueError):
    """The value has no RFC 8785 form: NaN, infinity, an integer beyond 2^53, a lone surrogate."""


def canonical_bytes(value: Any) -> bytes:
    """Return the RFC 8785 form of a JSON value. Raises NotCanonicalError.

    Nearly every payload has ASCII keys and no floats but coordinates, and there the fast writer's form is the
    canonical one; it is proven by a property test. Whatever else comes goes to the library, which also says what is
    wrong with it.
    """
    if _is_simple(value):
        try:
            return orjson.dumps(value, option=FAST)
        except orjson.JSONEncodeError:
            pass  # an integer too large or a lone surrogate: the library names it
    try:
        return rfc8785.dumps(value)
    except (rfc8785.CanonicalizationError, UnicodeError) as error:
        raise NotCanonicalError(str(error)) from error


def canonical_sha256(value: Any) -> bytes:
    """Return the SHA-256 of the RFC 8785 form. Raises NotCanonicalError."""
    return hashlib.sha256(canonical_bytes(value)).digest()


def _is_simple(value: Any) -> bool:
    """Return whether the fast writer's form of a value is the canonical one: ASCII keys and no odd floats."""
    kind = type(value)
    if kind is dict:
        if not all(type(key) is str and key.isascii() for key in value):
            return False
        children = value.values()
    elif kind is list:
        children = value
    elif kind is float:
        # Both writers give the shortest digits that read back; they differ in exponents and in 1.0, written 1.
        return SHORTEST_FLOAT <= abs(value) < LONGEST_FLOAT and not value.is_integer()
    else:
        return kind in SIMPLE
    return all(type(child) in SIMPLE or _is_simple(child) for child in children)


def shape_fault(value: Any) -> str | None:
    """Return the code of what is wrong with the shape of a JSON value, or None; never recurses itself.

    `too_deep`: it nests more than `MAX_DEPTH` levels; `too_many_members`: one of its objects has more than
    `MAX_MEMBERS`, each of which would be a problem to tell.
    """
    level: list[Any] = [value]
    for _ in range(MAX_DEPTH):
        if any(isinstance(parent, dict) and len(parent) > MAX_MEMBERS for parent in level):
            return "too_many_members"
        level = [
            child
            for parent in level
            if isinstance(parent, dict | list)
            for child in (parent.values() if isinstance(parent, dict) else parent)
            if isinstance(child, dict | list)
        ]
        if not level:
            return None
    return "too_deep"
