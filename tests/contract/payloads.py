"""Payloads drawn from a JSON Schema: valid ones, and valid ones with one thing changed."""

from copy import deepcopy
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

Schema = dict[str, Any]
Payload = dict[str, Any]

POINT = {"type": "Point", "coordinates": [112.63, 29.5]}
TEXT = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), max_size=8)
WILD: tuple[Any, ...] = (
    None, True, False, 0, 1, -1, 12.5, 10**12, "", " ", "0", "1", "-1", "1.", "01", "1e3", "12,5", "１２", "1.1234567",
    "9999999999999", "1000000000000", "0.5", "farm", "county", "2025", "2025Q5", "430623101", "wheat", "x" * 600,
    [], {}, ["1"], {"x": "1"}, POINT,
)  # fmt: skip
"""What stands where something else is asked. JSON Schema takes 3.0 for an integer, so no such number is among them."""


def payloads(schema: Schema) -> st.SearchStrategy[Payload]:
    """Return payloads that a form takes."""
    return _values(schema, schema)


@st.composite
def changed_payloads(draw: st.DrawFn, schema: Schema) -> Payload:
    """Return payloads of a form with one member replaced, left out or added, at any depth."""
    payload = deepcopy(draw(payloads(schema)))
    place = draw(st.sampled_from(list(_objects(payload))))
    match draw(st.sampled_from(["replace", "drop", "add"])):
        case "replace" if place:
            place[draw(st.sampled_from(sorted(place)))] = deepcopy(draw(st.sampled_from(WILD)))
        case "drop" if place:
            del place[draw(st.sampled_from(sorted(place)))]
        case _:
            place[draw(st.sampled_from(["unheard_of", "wheat", "sow", ""]))] = deepcopy(draw(st.sampled_from(WILD)))
    return payload


def _objects(value: Any) -> Any:
    if isinstance(value, dict) and "coordinates" not in value:
        yield value
        for each in value.values():
            yield from _objects(each)


def _values(schema: Schema, root: Schema) -> st.SearchStrategy[Any]:
    if "$ref" in schema:
        return _values(root["$defs"][schema["$ref"].rpartition("/")[2]], root)
    if "anyOf" in schema:
        return st.one_of([_values(option, root) for option in schema["anyOf"]])
    if codes := schema.get("enum", [schema["const"]] if "const" in schema else []):
        return st.sampled_from(codes)
    if schema["type"] == "object":
        return _objects_of(schema, root)
    if schema["type"] == "array":
        return _lists(schema, root)
    plain = {
        "number": lambda: st.floats(allow_nan=False, allow_infinity=False),
        "string": lambda: _strings(schema),
        "integer": lambda: st.integers(schema["minimum"], schema["maximum"]),
        "boolean": st.booleans,
        "null": st.none,
    }
    return plain[schema["type"]]()


def _lists(schema: Schema, root: Schema) -> st.SearchStrategy[list[Any]]:
    entries = _values(schema["items"], root)
    return st.lists(entries, min_size=schema.get("minItems", 0), max_size=min(schema["maxItems"], 3))


def _objects_of(schema: Schema, root: Schema) -> st.SearchStrategy[Payload]:
    if "properties" in schema:
        members = {name: _values(each, root) for name, each in schema["properties"].items()}
        required = {name: members.pop(name) for name in schema.get("required", ())}
        return st.fixed_dictionaries(required, optional=members)
    if isinstance(below := schema["additionalProperties"], dict):
        return st.dictionaries(_values(schema["propertyNames"], root), _values(below, root), max_size=3)
    return st.just(POINT)


def _strings(schema: Schema) -> st.SearchStrategy[str]:
    if "x-maximum" in schema:
        low, high = Decimal(schema["x-minimum"]), Decimal(schema["x-maximum"])
        return st.integers(0, 6).flatmap(
            lambda places: st.decimals(low, high, places=places).map(lambda number: format(number, "f"))
        )
    if schema.get("format") == "date-time":
        return st.datetimes(timezones=st.just(UTC)).map(datetime.isoformat)
    if "pattern" in schema:
        # Python lets `$` match before a final line break; ECMA 262, whose patterns JSON Schema uses, does not.
        return st.from_regex(schema["pattern"], fullmatch=True).filter(lambda text: not text.endswith("\n"))
    return TEXT.filter(lambda text: len(text) >= schema.get("minLength", 0))
