"""Fully answered reports of a form, made from its schema: they show which quantities the program adds up."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from backend.contract.definitions import NULL, Schema
from schemas.decimals import plain
from schemas.indicators.form import ReportForm

NUMBERS = ("0.5", "0.001")
"""What the numbers of a full answer are: some quantities are told apart by how large an answer is."""

COMMON: Mapping[str, Any] = {
    "period": "2025",
    "farm_id": "01930000-0000-7000-8000-000000000001",
    "township_code": "430623101",
    "none_this_year": False,
}
"""Answers of the fields that every form shares, as far as a report needs them."""


def full_answers(form: type[ReportForm]) -> Iterator[dict[str, Any]]:
    """Yield payloads of a form with every number answered, large and small, for each code of its closed sets."""
    schema = form.model_json_schema()
    chosen = {name: codes_of(opened(each, schema)) for name, each in schema["properties"].items()}
    common = {name: value for name, value in COMMON.items() if name in schema["properties"]}
    for number in NUMBERS:
        first = _full(schema, schema, number) | common
        yield first
        for name, codes in chosen.items():
            yield from ({**first, name: each} for each in codes[1:])


def _full(schema: Schema, root: Schema, number: str) -> dict[str, Any]:
    required = schema.get("required", [])
    found = {
        name: _answer(opened(each, root), root, number, required=name in required)
        for name, each in schema["properties"].items()
    }
    return {name: value for name, value in found.items() if value is not None}


def _answer(schema: Schema, root: Schema, number: str, *, required: bool) -> Any:
    if codes := codes_of(schema):
        return codes[0]
    if "properties" in schema:
        return _full(schema, root, number)
    if isinstance(below := schema.get("additionalProperties"), dict):
        keys = codes_of(opened(schema["propertyNames"], root))
        return {key: _answer(opened(below, root), root, number, required=True) for key in keys}
    return _plain(schema, number, required=required)


def _plain(schema: Schema, number: str, *, required: bool) -> Any:
    match schema.get("type"):
        case "integer":
            return 1
        case "boolean":
            return True
        case "string" if "x-maximum" in schema:
            return plain(min(max(Decimal(number), Decimal(schema["x-minimum"])), Decimal(schema["x-maximum"])))
        case "string" if required:
            return "1"
        case _:
            return None


def codes_of(schema: Schema) -> list[str]:
    """Return the codes of a closed set; empty for everything else."""
    return [schema["const"]] if "const" in schema else list(schema.get("enum", ()))


def opened(schema: Schema, root: Schema) -> Schema:
    """Return a schema with its reference followed and its null option left out."""
    options = [option for option in schema.get("anyOf", ()) if option != NULL]
    if len(options) == 1:
        return opened({**{key: value for key, value in schema.items() if key != "anyOf"}, **options[0]}, root)
    if "$ref" in schema:
        target = root["$defs"][schema["$ref"].rpartition("/")[2]]
        return {**target, **{key: value for key, value in schema.items() if key != "$ref"}}
    return schema
