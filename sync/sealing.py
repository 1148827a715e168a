"""What of a change names, describes or places a person, set apart and sealed: `change` has none of it in the clear.

A change keeps three documents: the item as sent, what it replaced, and the outcome. What of them may be personal stands
in one sealed part, bound to the change; the rest stays readable for the statements that route, merge and count.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import orjson
from pydantic import BaseModel

from schemas.farms import Farm
from schemas.identifiers import is_uuid
from schemas.indicators.catalogue import CATALOGUE
from schemas.period import Period
from schemas.vocabulary import Indicator, Level, Outcome, RecordKind
from sync.content import personal_fields
from sync.leaves import unescape
from sync.personal import Sealed, Vault

ERASED_HASH = bytes(32)
"""Stands where the hash of an item stood that was erased: with all else known, a phone number is found by trying."""

OPEN_TEXTS = ("reason",)
"""Free text of an item, in which anything may be written."""

REFUSED = frozenset({Outcome.CONFLICT, Outcome.REJECTED})
TAKEN = frozenset({Outcome.APPLIED, Outcome.MERGED})

SAID_OF_VALUES = ("conflicts", "problems")
"""The members of a refusal that quote what was answered."""

_TOKEN = re.compile(r"[a-z0-9_]{1,60}")
_TOWNSHIP = re.compile(r"[0-9]{9}")

Hidden = dict[str, Any]
"""`item`: [path, value] rows; `replaced`: pointer -> value; `result`: member -> value. Without what is empty."""


@dataclass(frozen=True, slots=True)
class ChangeText:
    """The three documents of a change."""

    item: Mapping[str, Any]
    replaced: Mapping[str, Any]
    result: Mapping[str, Any]


def split(
    whole: ChangeText, form: type[BaseModel] | None, outcome: Outcome, *, is_checked: bool
) -> tuple[ChangeText, Hidden]:
    """Return the documents as they stand in the clear, and what is to be sealed.

    `form` is that of the record, where it is known; `is_checked`: the payload was found to fit it. Of what was not
    checked nobody knows which field a name was typed into, so that only what routes it stays in the clear.
    """
    item, hidden_item = _split_item(whole.item, form, outcome, is_checked=is_checked)
    replaced = {pointer: None if _is_personal(pointer, form) else value for pointer, value in whole.replaced.items()}
    result = told_of(whole.result)
    hidden: Hidden = {
        "item": hidden_item,
        "replaced": {name: value for name, value in whole.replaced.items() if replaced[name] is None is not value},
        "result": {name: value for name, value in whole.result.items() if name not in result},
    }
    return ChangeText(item, replaced, result), {name: part for name, part in hidden.items() if part}


def joined(clear: ChangeText, hidden: Hidden) -> ChangeText:
    """Return the documents whole again; the inverse of `split`."""
    if not hidden:
        return clear
    item = dict(clear.item)
    for path, value in hidden.get("item", ()):
        target = item
        for key in path[:-1]:
            target[key] = dict(target.get(key) or {})
            target = target[key]
        target[path[-1]] = value
    return ChangeText(
        item, {**clear.replaced, **hidden.get("replaced", {})}, {**clear.result, **hidden.get("result", {})}
    )


def seal_change(vault: Vault, hidden: Hidden, county_code: str, change_id: str) -> Sealed:
    """Return the hidden part of a change sealed and bound to it."""
    return vault.seal_bytes(orjson.dumps(hidden), bound_to_change(county_code, change_id))


def open_change(vault: Vault, row: Any, county_code: str) -> Hidden:
    """Return what was sealed of a row, a mapping with `change_id`, `sealed` (bytes or NULL) and `sealed_key_id`."""
    ciphertext = row["sealed"]
    if ciphertext is None:
        return {}
    if isinstance(ciphertext, str):  # a bytea inside of JSON: a backslash, an x, hexadecimal digits
        ciphertext = bytes.fromhex(ciphertext[2:])
    part = Sealed(b"", bytes(ciphertext), row["sealed_key_id"])
    hidden: Hidden = orjson.loads(vault.open_bytes(part, bound_to_change(county_code, str(row["change_id"]))))
    return hidden


def bound_to_change(county_code: str, change_id: str) -> str:
    """Return what the sealed part of a change is bound to."""
    return f"change/{county_code}/{change_id}/0"


def told_of(result: Mapping[str, Any]) -> dict[str, Any]:
    """Return an outcome without what quotes answers: as it stands in the clear, and as an entry may commit to it."""
    is_refused = result.get("outcome") in REFUSED
    return {name: value for name, value in result.items() if not (is_refused and name in SAID_OF_VALUES)}


def form_of(kind: RecordKind | str, indicator: object, level: object) -> type[BaseModel] | None:
    """Return the form of a record, None where there is no such form."""
    if kind == RecordKind.FARM:
        return Farm
    try:
        return CATALOGUE[Indicator(str(indicator))].form(Level(str(level)))
    except (ValueError, KeyError):
        return None


def form_of_item(item: Mapping[str, Any]) -> type[BaseModel] | None:
    """Return the form that a creation names."""
    payload = item.get("payload")
    named = payload if isinstance(payload, Mapping) else {}
    return form_of(str(item.get("kind")), named.get("indicator"), named.get("level"))


def _split_item(
    item: Mapping[str, Any], form: type[BaseModel] | None, outcome: Outcome, *, is_checked: bool
) -> tuple[dict[str, Any], list[Any]]:
    clear = {name: value for name, value in item.items() if name not in OPEN_TEXTS or value is None}
    hidden: list[Any] = [[[name], value] for name, value in item.items() if name not in clear]
    payload, changes = item.get("payload"), item.get("set")
    if isinstance(payload, Mapping):
        if form is not None and is_checked:
            public = _public_fields(form)
            if payload.keys() <= public:
                return clear, hidden  # most reports name nobody
            clear["payload"] = {key: value for key, value in payload.items() if key in public}
            hidden += [[["payload", key], value] for key, value in payload.items() if key not in public]
        else:
            clear["payload"] = {key: payload[key] for key in _ROUTES if _routes(key, payload.get(key))}
            hidden.append([["payload"], payload])
    if isinstance(changes, Mapping):
        clear["set"], values = _split_changes(changes, form if outcome in TAKEN else None)
        hidden += values
    return clear, hidden


def _split_changes(changes: Mapping[str, Any], form: type[BaseModel] | None) -> tuple[dict[str, Any], list[Any]]:
    """Return the `set` of an amendment in two: what was changed may be told, a name or what was refused may not."""
    clear: dict[str, Any] = {}
    hidden: list[Any] = []
    for pointer, value in changes.items():
        if form is not None and not _is_personal(pointer, form):
            clear[pointer] = value
            continue
        is_plain = _is_plain(pointer)
        if is_plain:
            clear[pointer] = None
        if value is not None or not is_plain:
            hidden.append([["set", pointer], value])
    return clear, hidden


def _routes(key: str, value: Any) -> bool:
    """Return whether a value of a payload tells where it belongs."""
    return isinstance(value, str) and _ROUTES[key](value)


_ROUTES: Mapping[str, Callable[[str], bool]] = {
    "indicator": lambda value: value in set(Indicator),
    "level": lambda value: value in set(Level),
    "period": lambda value: Period.parse(value) is not None,
    "farm_id": is_uuid,
    "township_code": lambda value: _TOWNSHIP.fullmatch(value) is not None,
}
"""What tells where an item belongs, and how one that is no name looks."""


def _is_personal(pointer: str, form: type[BaseModel] | None) -> bool:
    """Return whether a pointer leads to a personal field, or to none that is known."""
    first = unescape(pointer.split("/")[1]) if pointer.startswith("/") else pointer
    return form is None or first not in _public_fields(form)


def _is_plain(pointer: str) -> bool:
    """Return whether a pointer names a field of some form and nothing else: keys too can hold what was typed."""
    head, *tokens = pointer.split("/")
    return head == "" and bool(tokens) and tokens[0] in _fields() and all(map(_TOKEN.fullmatch, tokens))


@cache
def _public_fields(form: type[BaseModel]) -> frozenset[str]:
    """Return the names of a form's fields that are not personal."""
    return frozenset(form.model_fields) - personal_fields(form)


@cache
def _fields() -> frozenset[str]:
    """Return the names of the fields of all forms."""
    forms: list[type[BaseModel]] = [Farm, *(spec.form(level) for spec in CATALOGUE.values() for level in Level)]
    return frozenset(name for form in forms for name in form.model_fields)
