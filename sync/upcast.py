"""Content of every published version of the forms, as today's forms ask for it: declared step by step. Pure.

A version is brought to the next by the steps of its form, in order, and so on up to today's. Payloads and the `set` of
an amendment go through the same steps: in a `set` they change pointers, and what lies within the objects there. What
was sent stays as it was sent: its hash is taken, and it is stored, before anything here happens.
"""

from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any, assert_never

import orjson

from schemas.changes import SCHEMA_VERSION
from schemas.decimals import EXACT, parse_decimal, plain
from schemas.vocabulary import RecordKind
from sync.leaves import Leaves, escape, misplaced, unescape

ANY = "*"
"""Stands in a pointer for any one key, such as a crop's code; a new pointer takes what the old one found, in order."""

NOTE = ("note",)
NOTE_CHARACTERS = 500
"""What the forms take; of a longer note the end of what is added is cut, never what a person wrote."""

SMALLEST = Decimal("0.000001")
"""The last digit of a number on the wire; a change of unit is rounded to it, half to even."""

Path = tuple[str, ...]
Parts = dict[Path, Any]
"""What was sent, by where it belongs: a payload under the empty path, a `set` under the paths of its pointers."""


@dataclass(frozen=True, slots=True)
class Move:
    """A field has another name, or another place. Where both are given, nothing is moved: the old one is unknown."""

    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Rescale:
    """A field is asked for in another unit: the new number is the old one times `factor`."""

    pointer: str
    factor: Decimal


@dataclass(frozen=True, slots=True)
class Default:
    """A field that the next version demands, where the object it stands in is given and it is not."""

    pointer: str
    value: Any


@dataclass(frozen=True, slots=True)
class Drop:
    """A field that the next version does not have; what was answered is kept in the note under the label `zh`."""

    pointer: str
    zh: str


Step = Move | Rescale | Default | Drop
Upcasters = Mapping[int, Mapping[str, tuple[Step, ...]]]
"""A version -> form -> the steps that bring its content to the version after it."""

UPCASTERS: Upcasters = {
    1: {},
    2: {},
}
"""Versions 2 and 3 added forms and optional fields only: what versions 1 and 2 sent fits as it is."""


def form_name(kind: RecordKind, indicator: object, level: object) -> str:
    """Return the name of a form as the published versions have it: `farm`, or `<indicator>.<level>`."""
    return "farm" if kind is RecordKind.FARM else f"{indicator}.{level}"


def upcast_payload(
    payload: Mapping[str, Any], version: int, form: str, upcasters: Upcasters = UPCASTERS, today: int = SCHEMA_VERSION
) -> Mapping[str, Any]:
    """Return a payload of a version as today's form asks for it; the payload given is not touched."""
    steps = _steps(version, form, upcasters, today)
    if not steps:
        return payload
    parts: Parts = {(): deepcopy(dict(payload))}
    _apply(steps, parts, None)
    upcast: dict[str, Any] = parts[()]
    return upcast


def upcast_set(
    changes: Mapping[str, Any],
    version: int,
    form: str,
    current: Leaves,
    upcasters: Upcasters = UPCASTERS,
    today: int = SCHEMA_VERSION,
) -> Mapping[str, Any]:
    """Return the `set` of an amendment as of today's form. `current` is the record, whose note a dropped field joins.

    Pointers that name no field, or one another's, are left for the refusal that is due to them.
    """
    steps = _steps(version, form, upcasters, today)
    if not steps or misplaced(changes.keys()) is not None:
        return changes
    parts: Parts = {_path(pointer): deepcopy(value) for pointer, value in changes.items()}
    _apply(steps, parts, current.get(f"/{NOTE[0]}"))
    return {_pointer(path): value for path, value in parts.items()}


def _steps(version: int, form: str, upcasters: Upcasters, today: int) -> list[Step]:
    return [step for number in range(version, today) for step in upcasters[number].get(form, ())]


def _apply(steps: list[Step], parts: Parts, note: Any) -> None:
    for step in steps:
        match step:
            case Move():
                _move(step, parts)
            case Rescale():
                _rescale(step, parts)
            case Default():
                _default(step, parts)
            case Drop():
                _drop(step, parts, note)
            case _:
                assert_never(step)


def _move(step: Move, parts: Parts) -> None:
    old, new = _path(step.old), _path(step.new)
    for path in list(_found(parts, old)):
        bound = iter([token for token, asked in zip(path, old, strict=False) if asked == ANY])
        target = (*(next(bound) if token == ANY else token for token in new), *path[len(old) :])
        if _is_given(parts, target):
            continue
        # Given first and taken then, so that an object that holds nothing else is not lost in between.
        _put(parts, target, _value(parts, path))
        _take(parts, path)


def _rescale(step: Rescale, parts: Parts) -> None:
    for path in list(_found(parts, _path(step.pointer))):
        value = _rescaled(_value(parts, path), step.factor)
        _put(parts, path, value)


def _rescaled(value: Any, factor: Decimal) -> Any:
    """Return the number in its new unit; what is no number is left for the form to refuse."""
    number = parse_decimal(value, signed=True) if isinstance(value, str) else None
    if number is None:
        return value
    product = EXACT.multiply(number, factor)
    exponent = product.as_tuple().exponent
    if isinstance(exponent, int) and exponent < -6:
        product = product.quantize(SMALLEST, ROUND_HALF_EVEN)
    return plain(product)


def _default(step: Default, parts: Parts) -> None:
    *above, name = _path(step.pointer)
    for path in list(_found(parts, tuple(above))):
        place = _value(parts, path)
        if len(path) == len(above) and isinstance(place, dict):
            place.setdefault(name, step.value)


def _drop(step: Drop, parts: Parts, note: Any) -> None:
    for path in list(_found(parts, _path(step.pointer))):
        value = _take(parts, path)
        if value is None:
            continue
        before = _value(parts, NOTE) if _is_given(parts, NOTE) else note
        after = _joined(before, f"{step.zh}：{_said(value)}")
        if after != before:
            _put(parts, NOTE, after)


def _joined(before: Any, added: str) -> Any:
    """Return the note with what is added; one that says it already, or is no text, stays as it is."""
    if before is None or before == "":
        return added[:NOTE_CHARACTERS]
    if not isinstance(before, str) or added in before:
        return before
    room = NOTE_CHARACTERS - len(before) - 1
    return f"{before}；{added[:room]}" if room > 0 else before


def _said(value: Any) -> str:
    return value if isinstance(value, str) else orjson.dumps(value).decode()


def _found(parts: Parts, pattern: Path) -> Iterator[Path]:
    """Yield the paths at which something is given that the pattern names, or that lies below what it names."""
    for path, value in parts.items():
        length = min(len(path), len(pattern))
        if all(asked in {ANY, token} for token, asked in zip(path[:length], pattern[:length], strict=True)):
            yield from ((*path, *below) for below in _within(value, pattern[length:] if length == len(path) else ()))


def _within(value: Any, pattern: Path) -> Iterator[Path]:
    """Yield the paths within a value that fit a pattern."""
    if not pattern:
        yield ()
    elif isinstance(value, dict):
        for name in list(value) if pattern[0] == ANY else [pattern[0]]:
            if name in value:
                yield from ((name, *below) for below in _within(value[name], pattern[1:]))


def _root(parts: Parts, path: Path) -> Path | None:
    """Return the part that a path lies in, or None."""
    return next((path[:length] for length in range(len(path) + 1) if path[:length] in parts), None)


def _is_given(parts: Parts, path: Path) -> bool:
    root = _root(parts, path)
    return root is not None and any(True for _ in _within(parts[root], path[len(root) :]))


def _value(parts: Parts, path: Path) -> Any:
    root = _root(parts, path)
    value = parts[root if root is not None else path]
    for name in path[len(root or ()) :]:
        value = value[name]
    return value


def _take(parts: Parts, path: Path) -> Any:
    """Return what is given at a path and leave no trace of it: objects that held nothing else go with it."""
    if path in parts:
        return parts.pop(path)
    above = _value(parts, path[:-1])
    value = above.pop(path[-1])
    if not above and path[:-1]:
        _take(parts, path[:-1])
    return value


def _put(parts: Parts, path: Path, value: Any) -> None:
    """Give a value at a path: within the part it lies in, else as a part of its own."""
    root = _root(parts, path)
    if root is None or root == path or not isinstance(parts[root], dict):
        parts[path] = value
        return
    place = parts[root]
    for name in path[len(root) : -1]:
        place = place.setdefault(name, {})
    place[path[-1]] = value


def _path(pointer: str) -> Path:
    return tuple(unescape(token) for token in pointer.split("/")[1:])


def _pointer(path: Path) -> str:
    return "".join(f"/{escape(token)}" for token in path)
