"""Every type that a phone sends or receives, as one set of JSON Schemas: the source of schema files and types."""

from collections.abc import Iterator, Mapping
from copy import deepcopy
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaMode, models_json_schema
from pydantic_core import core_schema

from backend.api.deployment import Deployment
from backend.api.devices import Devices
from schemas.accounts import Enrolling, Me, Token
from schemas.changes import (
    MAX_ITEMS,
    OPTIONAL_PARTS_OF,
    PARTS_OF,
    ChangeItem,
    ChangeOutcome,
    FoundRecords,
    Manifest,
    PackList,
    Pull,
    PulledRecord,
    Push,
    PushAnswer,
    WantedRecords,
)
from schemas.checkpoints import CheckpointDocument
from schemas.farms import Farm
from schemas.indicators.catalogue import CATALOGUE
from schemas.indicators.form import Form, label_of
from schemas.problems import Problem, ProblemDocument
from schemas.receipts import PublishedKeys, ReceiptDocument
from schemas.summaries import BasinName, BasinSummary, Summary
from schemas.vocabulary import Action, Level, RecordKind

Schema = dict[str, Any]
"""A JSON Schema, draft 2020-12."""

REF = "#/$defs/{model}"
NULL: Schema = {"type": "null"}

SENT: tuple[type[BaseModel], ...] = (Push, ChangeItem, WantedRecords)
ANSWERED: tuple[type[BaseModel], ...] = (
    PushAnswer,
    Pull,
    Manifest,
    FoundRecords,
    PackList,
    Devices,
    PublishedKeys,
    ReceiptDocument,
    CheckpointDocument,
    ProblemDocument,
    Token,
    Enrolling,
    Me,
    Deployment,
    Summary,
    BasinName,
    BasinSummary,
)


class _Described(GenerateJsonSchema):
    """Describes an answer as it is written: a member with a default is there too."""

    def field_is_required(
        self,
        field: core_schema.ModelField | core_schema.DataclassField | core_schema.TypedDictField,
        total: bool,
    ) -> bool:
        return self.mode == "serialization" or super().field_is_required(field, total)


def forms() -> dict[str, type[Form]]:
    """Return every form by its name: `farm`, and `<indicator>.<level>` for the reports."""
    reports: dict[str, type[Form]] = {
        f"{indicator}.{level}": spec.form(level) for indicator, spec in CATALOGUE.items() for level in Level
    }
    return {"farm": Farm, **reports}


def definitions() -> dict[str, Schema]:
    """Return the schema of every type by name; they refer to one another by `#/$defs/<name>`.

    What a phone sends is described as the server reads it, what it receives as the server writes it: there every
    member is present.
    """
    sent: list[tuple[type[BaseModel], JsonSchemaMode]] = [(model, "validation") for model in (*forms().values(), *SENT)]
    answered: list[tuple[type[BaseModel], JsonSchemaMode]] = [(model, "serialization") for model in ANSWERED]
    _, found = models_json_schema([*sent, *answered], ref_template=REF, schema_generator=_Described)
    types: dict[str, Schema] = {name: _titled(schema) for name, schema in deepcopy(found["$defs"]).items()}
    types["Report"] = {
        "description": "A report of any indicator and level; `indicator` and `level` say which.",
        "oneOf": [refer(form.__name__) for name, form in forms().items() if name != "farm"],
    }
    types |= _changes(types.pop(ChangeItem.__name__))
    types[Push.__name__]["properties"]["changes"] |= {"items": refer("Change"), "maxItems": MAX_ITEMS}
    types |= _pulled(types)
    types |= _problems(types)
    return dict(sorted(types.items()))


def refer(name: str) -> Schema:
    """Return a reference to a type."""
    return {"$ref": REF.format(model=name)}


def referred(schema: Any) -> Iterator[str]:
    """Yield the names of the types that a schema refers to directly."""
    if isinstance(schema, dict):
        if isinstance(reference := schema.get("$ref"), str):
            yield reference.rpartition("/")[2]
        schema = list(schema.values())
    if isinstance(schema, list):
        for part in schema:
            yield from referred(part)


def needed_by(name: str, types: Mapping[str, Schema]) -> dict[str, Schema]:
    """Return the types that `name` refers to, directly or through others, by name and sorted."""
    found: set[str] = set()
    waiting = [name]
    while waiting:
        below = set(referred(types[waiting.pop()])) - found
        found |= below
        waiting.extend(below)
    return {each: types[each] for each in sorted(found)}


def _titled(schema: Schema) -> Schema:
    """Return a type whose labelled members all have their title: pydantic leaves it out beside a reference."""
    for member in schema.get("properties", {}).values():
        if "x-label" in member:
            member["title"] = member["x-label"]["en"]
    return schema


def _changes(item: Schema) -> dict[str, Schema]:
    """Return the change as one type per action, so that a schema says which parts go with which."""
    why = _given(item["properties"]["reasons"]) | {"minItems": 1}
    kinds = {
        "CreateFarm": (Action.CREATE, RecordKind.FARM, {"payload": refer(Farm.__name__)}),
        "CreateReport": (Action.CREATE, RecordKind.REPORT, {"payload": refer("Report")}),
        "Amend": (Action.AMEND, None, {"set": _settable(item)}),
        "Withdraw": (Action.WITHDRAW, None, {}),
        "Accept": (Action.ACCEPT, RecordKind.REPORT, {}),
        "Return": (
            Action.RETURN,
            RecordKind.REPORT,
            {"reasons": why},
        ),
        "Precheck": (Action.PRECHECK, RecordKind.REPORT, {}),
    }
    words = {
        "CreateFarm": "Registers a farm: any reporting entity.",
        "CreateReport": "Files a report.",
        "Amend": "Says which fields of a record were changed, and on which change it was made.",
        "Withdraw": "Withdraws a record for ever.",
        "Accept": "The county's bureau accepts a farm report as it saw it.",
        "Return": "The county's bureau or the township's office returns a farm report, with reasons.",
        "Precheck": "The township's office has looked at a farm report; its status stays.",
    }
    types = {
        name: _change(item, action, kind, parts) | {"title": name, "description": words[name]}
        for name, (action, kind, parts) in kinds.items()
    }
    return {**types, "Change": {"description": item["description"], "oneOf": [refer(name) for name in kinds]}}


def _change(item: Schema, action: Action, kind: RecordKind | None, parts: Mapping[str, Schema]) -> Schema:
    properties: dict[str, Schema] = deepcopy(item["properties"])
    properties["action"] = {"const": action.value, "type": "string"}
    if kind is not None:
        properties["kind"] = {"const": kind.value, "type": "string"}
    needed, optional = PARTS_OF[action], OPTIONAL_PARTS_OF.get(action, ())
    for part in sorted({part for every in PARTS_OF.values() for part in every}):
        if part in needed:
            properties[part] = parts.get(part, _given(properties[part]))
        elif part not in optional:
            properties[part] = dict(NULL)
    return {
        "type": "object",
        "additionalProperties": False,
        "properties": properties,
        "required": [*item["required"], *needed],
    }


def _given(schema: Schema) -> Schema:
    """Return an optional member's schema for where it must be given."""
    return next(dict(option) for option in schema["anyOf"] if option != NULL)


def _settable(item: Schema) -> Schema:
    pointer = {"pattern": "^/", "type": "string"}
    return _given(item["properties"]["set"]) | {
        "minProperties": 1,
        "propertyNames": pointer,
        "description": "The new value of every changed field by its JSON Pointer below the form; null clears it.",
    }


def _pulled(types: Mapping[str, Schema]) -> dict[str, Schema]:
    """Return what a pulled record holds: above its county a farm comes without its personal fields."""
    farm = deepcopy(types[Farm.__name__])
    personal = {name for name, field in Farm.model_fields.items() if label_of(field).personal}
    farm["required"] = [name for name in farm["required"] if name not in personal]
    farm |= {"title": "PulledFarm", "description": "A farm; above its county without the personal fields."}
    record = deepcopy(types[PulledRecord.__name__])
    record["properties"]["payload"] = {"anyOf": [refer("Report"), refer("PulledFarm")]}
    return {"PulledFarm": farm, PulledRecord.__name__: record}


def _problems(types: Mapping[str, Schema]) -> dict[str, Schema]:
    """Return problems as they are answered: without a field where none is at fault, with the outcomes of a push."""
    problem, document = deepcopy(types[Problem.__name__]), deepcopy(types[ProblemDocument.__name__])
    problem["required"].remove("field")
    document["required"].remove("field")
    outcomes = {"type": "array", "items": refer(ChangeOutcome.__name__)}
    document["properties"]["outcomes"] = outcomes | {"description": "Only where a push was refused as a whole."}
    return {Problem.__name__: problem, ProblemDocument.__name__: document}
