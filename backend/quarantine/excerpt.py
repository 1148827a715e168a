"""What may be shown of something that could not be applied: which form, which place, never who."""

from typing import Any

import orjson

ENVELOPE = ("device_id", "schema_version", "sent_at", "app_version")
ITEM = ("change_id", "county_code", "record_id", "kind", "action", "captured_at", "base_change_id")
PAYLOAD = ("indicator", "level", "period", "township_code", "entity_kind", "farm_id", "project_id")
LONGEST = 80


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
    """Return the short plain values of these names."""
    return {
        name: str(value)
        for name in names
        if isinstance(value := values.get(name), str | int) and len(str(value)) <= LONGEST
    }
