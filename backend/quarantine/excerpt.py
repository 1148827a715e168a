"""What may be shown of something that could not be applied: which form, which place, never who."""

import re
from typing import Any

import orjson

ENVELOPE = ("device_id", "schema_version", "sent_at", "app_version")
ITEM = ("change_id", "county_code", "record_id", "kind", "action", "captured_at", "base_change_id")
PAYLOAD = ("indicator", "level", "period", "township_code", "entity_kind", "farm_id", "project_id")
CODE = r"[a-z_]{1,40}"
ID = r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
MOMENT = r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]{5,15}(Z|[+-][0-9:]{4,6})?"

SHAPES = {
    "device_id": ID, "change_id": ID, "record_id": ID, "base_change_id": ID, "farm_id": ID,
    "kind": CODE, "action": CODE, "indicator": CODE, "level": CODE, "entity_kind": CODE,
    "county_code": "[0-9]{6}", "township_code": "[0-9]{9}", "period": "[0-9]{4}(H1|Q[1-3])?",
    "sent_at": MOMENT, "captured_at": MOMENT,
    "schema_version": "[0-9]{1,5}", "app_version": r"[0-9A-Za-z.+_-]{1,40}", "project_id": r"[0-9A-Za-z._-]{1,10}",
}  # fmt: skip
"""How what may be shown looks: of an item that nobody could read, a name may stand anywhere."""


def excerpt_of_bytes(body: bytes | None) -> dict[str, str]:
    """Return what can be read of bytes: of a push its envelope, of an item what `excerpt_of_item` gives."""
    try:
        parsed = orjson.loads(body) if body is not None else None
    except orjson.JSONDecodeError:
        return {}
    if not isinstance(parsed, dict):
        return {}
    changes = parsed.get("changes")
    if isinstance(changes, list):
        return _chosen(parsed, ENVELOPE) | {"changes": str(len(changes))}
    return excerpt_of_item(parsed)


def excerpt_of_item(item: dict[str, Any]) -> dict[str, str]:
    """Return what an item says of its form and place; free text, names, numbers and plots stay out."""
    payload = item.get("payload")
    return _chosen(item, ITEM) | (_chosen(payload, PAYLOAD) if isinstance(payload, dict) else {})


def _chosen(values: dict[str, Any], names: tuple[str, ...]) -> dict[str, str]:
    """Return the values of these names that look like what they should be."""
    return {
        name: str(value)
        for name in names
        if isinstance(value := values.get(name), str | int) and re.fullmatch(SHAPES[name], str(value), re.ASCII)
    }
