"""What of a form binds both sides: fields, types, limits and units, but no words; and how two forms differ in it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from backend.contract.definitions import NULL, Schema

WORDS = frozenset({"title", "description", "examples", "x-label", "x-hint", "x-names"})
"""What may be corrected in a published form: a phone shows it, and no value depends on it."""

BY_NAME = frozenset({"properties", "$defs"})
"""Members of a schema whose keys are names of ours."""

Field = Mapping[str, Any]
"""What holds for one field: the keywords of its schema, `required`, and `nullable`."""

UPPER = frozenset({"x-maximum", "maximum", "maxLength", "maxItems"})
LOWER = frozenset({"x-minimum", "minimum", "minLength", "minItems"})
GROWING = frozenset({"enum", "keys"})
FREE = frozenset({"x-personal"})
"""Keywords that refuse nothing."""


def without_words(schema: Any) -> Any:
    """Return a schema without the texts that people read."""
    if isinstance(schema, list):
        return [without_words(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        key: {name: without_words(each) for name, each in value.items()} if key in BY_NAME else without_words(value)
        for key, value in schema.items()
        if key not in WORDS
    }


def fields_of(schema: Schema) -> dict[str, Field]:
    """Return the fields of a form by JSON Pointer; `*` stands for every code of an object keyed by code."""
    return dict(_fields(schema, schema, "", required=True))


@dataclass(frozen=True, slots=True)
class Difference:
    """How a field differs; `breaks` where something that was accepted would be refused now."""

    field: str
    zh: str
    en: str
    breaks: bool


def differences(before: Schema, after: Schema) -> list[Difference]:
    """Return how the fields of a form differ from what they were, by field."""
    old, new = fields_of(before), fields_of(after)
    found = [Difference(field, "删除", "removed", breaks=True) for field in old if field not in new]
    for field, now in new.items():
        if field not in old:
            demanded = bool(now["required"]) and field.rpartition("/")[0] in old
            found.append(Difference(field, "新增", "added", breaks=demanded))
        else:
            found += _changed(field, old[field], now)
    return sorted(found, key=lambda each: each.field)


def _fields(schema: Schema, root: Schema, pointer: str, *, required: bool) -> Iterator[tuple[str, Field]]:
    node, nullable = _opened(schema, root)
    held = {key: value for key, value in node.items() if key not in WORDS and key not in {"$defs", "$schema", "$id"}}
    properties, demanded = held.pop("properties", {}), held.pop("required", [])
    below = held.pop("additionalProperties", None)
    entries = held.pop("items", None)
    if "propertyNames" in held:
        held["keys"] = _opened(held.pop("propertyNames"), root)[0].get("enum")
    if isinstance(below, bool):
        held["additionalProperties"] = below
    yield pointer, {**held, "required": required, "nullable": nullable}
    for name, child in properties.items():
        yield from _fields(child, root, f"{pointer}/{name}", required=name in demanded)
    for inner in (below, entries):
        if isinstance(inner, dict):
            yield from _fields(inner, root, f"{pointer}/*", required=False)


def _opened(schema: Schema, root: Schema) -> tuple[Schema, bool]:
    """Return a schema with its reference followed and its null option told apart."""
    if "$ref" in schema:
        target = root["$defs"][schema["$ref"].rpartition("/")[2]]
        return _opened({**target, **{key: value for key, value in schema.items() if key != "$ref"}}, root)
    options = [option for option in schema.get("anyOf", ()) if option != NULL]
    if len(options) == 1:
        rest = {key: value for key, value in schema.items() if key != "anyOf"}
        opened, _ = _opened(options[0], root)
        return {**opened, **rest}, True
    return schema, False


def _changed(field: str, old: Field, new: Field) -> Iterator[Difference]:
    for keyword in sorted({*old, *new}):
        before, after = old.get(keyword), new.get(keyword)
        if before != after:
            told = f"{keyword}: {_told(before)} -> {_told(after)}"
            yield Difference(field, told, told, _narrows(keyword, before, after))


def _narrows(keyword: str, before: Any, after: Any) -> bool:
    """Return whether a changed keyword refuses what it took before; an unknown one is taken to."""
    if keyword in GROWING and before is not None and after is not None:
        return not set(before) <= set(after)
    if keyword in UPPER | LOWER:
        return _tightens(keyword, before, after)
    widened = {"required": not after, "nullable": bool(after)}
    return keyword not in FREE and not widened.get(keyword, False)


def _tightens(limit: str, before: Any, after: Any) -> bool:
    if before is None or after is None:
        return after is not None
    return Decimal(after) < Decimal(before) if limit in UPPER else Decimal(after) > Decimal(before)


def _told(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return "—" if value is None else str(value)
