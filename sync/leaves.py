"""A payload as a flat map of JSON Pointers to answers, the form in which changes are compared and merged.

Objects are opened; arrays and a geometry are one answer each. An answer that is not given is absent, and `None` in a
change means "clear it".
"""

from collections.abc import Collection, Mapping
from typing import Any

Leaves = dict[str, Any]
ATOMIC = frozenset({"geometry"})


class OverlapError(ValueError):
    """One pointer runs through the value of another."""

    def __init__(self, pointer: str) -> None:
        super().__init__(pointer)
        self.pointer = pointer


def escape(key: str) -> str:
    """Return a key as a JSON Pointer token (RFC 6901)."""
    return key.replace("~", "~0").replace("/", "~1")


def unescape(token: str) -> str:
    """Return the key that a JSON Pointer token spells."""
    return token.replace("~1", "/").replace("~0", "~")


def flatten(value: Mapping[str, Any], prefix: str = "") -> Leaves:
    """Return the answers of a payload by pointer; `None` answers are left out."""
    leaves: Leaves = {}
    for key, child in value.items():
        pointer = f"{prefix}/{escape(key)}"
        if isinstance(child, Mapping) and key not in ATOMIC:
            leaves |= flatten(child, pointer)
        elif child is not None:
            leaves[pointer] = child
    return leaves


def nest(leaves: Mapping[str, Any]) -> dict[str, Any]:
    """Return the payload that the leaves spell; the inverse of `flatten`.

    Raises OverlapError where one pointer runs through the value of another.
    """
    payload: dict[str, Any] = {}
    for pointer, value in leaves.items():
        *path, last = (unescape(token) for token in pointer.split("/")[1:])
        target = payload
        for key in path:
            target = target.setdefault(key, {})
            if not isinstance(target, dict) or key in ATOMIC:
                raise OverlapError(pointer)
        if last in target:
            raise OverlapError(pointer)
        target[last] = value
    return payload


def misplaced(pointers: Collection[str]) -> str | None:
    """Return the first pointer that names no field of its own, or None.

    A pointer starts with a slash, names something after every slash, and runs through no other pointer of the change:
    which of two that overlap wins would depend on the order of keys, which JSON does not keep.
    """
    for pointer in sorted(pointers):
        tokens = pointer.split("/")
        if tokens[0] or len(tokens) < 2 or not all(tokens[1:]):
            return pointer
        if any("/".join(tokens[:length]) in pointers for length in range(2, len(tokens))):
            return pointer
    return None


def opened(changes: Mapping[str, Any], base: Leaves) -> Leaves:
    """Return a change's `set` by leaves: an object replaces all that lay below its pointer, `None` clears it.

    `base` are the leaves the change was made on; what it replaces without naming it comes out as `None`.
    """
    result: Leaves = {}
    for pointer, value in changes.items():
        below = [known for known in base if known.startswith(f"{pointer}/")]
        result |= dict.fromkeys(below)
        last = unescape(pointer.rpartition("/")[2])
        if isinstance(value, Mapping) and last not in ATOMIC:
            result |= flatten(value, pointer)
            if pointer in base:
                result[pointer] = None
        elif value is not None or not below:
            result[pointer] = value
    return result
