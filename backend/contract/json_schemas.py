"""The JSON Schema files of `mobile_contract/schemas`: one for every form, and one for each message of sync."""

from typing import Any

from backend.contract.definitions import Schema, definitions, forms, needed_by
from schemas.changes import SCHEMA_VERSION

DIALECT = "https://json-schema.org/draft/2020-12/schema"
MESSAGES = {
    "push": "Push",
    "push_answer": "PushAnswer",
    "outcome": "ChangeOutcome",
    "pull": "Pull",
    "manifest": "Manifest",
    "wanted_records": "WantedRecords",
    "found_records": "FoundRecords",
    "packs": "PackList",
    "devices": "Devices",
    "keys": "PublishedKeys",
    "receipt": "ReceiptDocument",
    "checkpoint": "CheckpointDocument",
    "problem": "ProblemDocument",
}
"""The file of a message and its type."""


def schema_files() -> dict[str, Schema]:
    """Return the schema of every form and message by its name; each stands by itself, with all that it refers to."""
    types = definitions()
    roots = {name: form.__name__ for name, form in forms().items()} | MESSAGES
    return {name: whole(name, root, types) for name, root in roots.items()}


def whole(name: str, root: str, types: dict[str, Schema], version: int = SCHEMA_VERSION) -> Schema:
    """Return a type as a schema of its own, named by version and form."""
    described: dict[str, Any] = {"$schema": DIALECT, "$id": schema_id(name, version), **types[root]}
    below = needed_by(root, types)
    return described | ({"$defs": below} if below else {})


def schema_id(name: str, version: int = SCHEMA_VERSION) -> str:
    """Return the `$id` of a form or message in a version of the forms."""
    return f"urn:qingtian:{version}:{name}"
