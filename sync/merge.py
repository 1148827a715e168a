"""The three-way merge of an amendment: base, current and incoming in, decision out. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from schemas.decimals import parse_decimal
from sync.leaves import Leaves, opened


@dataclass(frozen=True, slots=True)
class Clash:
    """A field that two people changed to different values; `None` stands for "no answer"."""

    pointer: str
    base: Any
    current: Any
    incoming: Any


@dataclass(frozen=True, slots=True)
class Merge:
    """The result: the leaves after the change and what it replaced, or the clashes that forbid it."""

    leaves: Leaves
    replaced: Mapping[str, Any]
    clashes: tuple[Clash, ...] = ()


def after_base(current: Leaves, replaced_later: Sequence[Mapping[str, Any]]) -> Leaves:
    """Return the record as it was right after the base.

    `replaced_later` holds, newest first, what each change since the base replaced (pointer -> value before, or None).
    """
    leaves = dict(current)
    for replaced in replaced_later:
        _overlay(leaves, replaced)
    return leaves


def merge(
    current: Leaves,
    replaced_later: Sequence[Mapping[str, Any]],
    changes: Mapping[str, Any],
    groups: Iterable[frozenset[str]] = (),
) -> Merge:
    """Merge an amendment into the current record.

    A group of fields (by default each field alone) clashes when its current value differs both from its value after
    the base and from the incoming one. One clash forbids the whole change: what a person did at once stays at once.
    """
    base = after_base(current, replaced_later)
    incoming = opened(changes, base)
    clashes: list[Clash] = []
    accepted: Leaves = {}
    for group in _groups_of(incoming, groups):
        now = {pointer: current.get(pointer) for pointer in group}
        before = {pointer: base.get(pointer) for pointer in group}
        wanted = before | {pointer: incoming[pointer] for pointer in group if pointer in incoming}
        if not (_same(now, before) or _same(now, wanted)):
            clashes += [
                Clash(pointer, before[pointer], now[pointer], wanted[pointer])
                for pointer in sorted(group)
                if not _equal(now[pointer], wanted[pointer])
            ]
        else:
            accepted |= wanted
    if clashes:
        return Merge(current, {}, tuple(sorted(clashes, key=lambda clash: clash.pointer)))
    replaced = {
        pointer: current.get(pointer) for pointer, value in accepted.items() if not _equal(current.get(pointer), value)
    }
    merged = dict(current)
    _overlay(merged, {pointer: accepted[pointer] for pointer in replaced})
    return Merge(merged, replaced)


def _groups_of(pointers: Iterable[str], groups: Iterable[frozenset[str]]) -> list[frozenset[str]]:
    """Return the merge groups that `pointers` touch; a pointer in no declared group is a group of its own."""
    declared = tuple(groups)
    found: dict[frozenset[str], None] = {}
    for pointer in pointers:
        group = next((group for group in declared if pointer in group), frozenset({pointer}))
        found[group] = None
    return list(found)


def _equal(one: Any, other: Any) -> bool:
    """Return whether two answers say the same; `1.50` and `1.5` do, because engines write numbers differently."""
    if one == other:
        return True
    if isinstance(one, str) and isinstance(other, str):
        number = parse_decimal(one, signed=True)
        return number is not None and number == parse_decimal(other, signed=True)
    return False


def _same(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    return all(_equal(one[pointer], other[pointer]) for pointer in one)


def _overlay(leaves: Leaves, values: Mapping[str, Any]) -> None:
    for pointer, value in values.items():
        if value is None:
            leaves.pop(pointer, None)
        else:
            leaves[pointer] = value
