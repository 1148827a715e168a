"""How a person is shown to whoever needs no more than that: the one place that masks. Pure."""

from collections.abc import Mapping
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

from schemas.problem_catalogue import PROBLEMS
from schemas.problems import Problem, compose

HIDDEN = "***"
PLACE_DEGREES = Decimal("0.01")
"""A position is told to about a kilometre: which village, not which house."""

HARMLESS_PARAMS = frozenset(
    {
        "label", "label_en", "limit", "count", "minimum", "maximum", "version", "days", "minutes", "year", "first_year",
        "period", "region", "expected", "found", "encoding",
    }
)  # fmt: skip
"""Parameters of problems that never repeat what a person typed."""


def masked_name(name: str) -> str:
    """Return a name with its first character alone: 张*, 华***; how long it was is told up to four characters."""
    name = name.strip()
    return name[:1] + "*" * min(max(len(name) - 1, 1), 3) if name else ""


def masked_phone(phone: str) -> str:
    """Return a number with its first three and last four digits: 138****1234; of a short one the last two."""
    digits = "".join(one for one in phone if one.isdigit())
    if len(digits) >= 11:
        return f"{digits[:3]}****{digits[-4:]}"
    return f"{HIDDEN}{digits[-2:]}" if len(digits) >= 6 else HIDDEN


def masked_number(number: str) -> str:
    """Return a roster number by its last two characters."""
    return HIDDEN + number[-2:] if len(number) > 4 else HIDDEN


def rounded_position(geometry: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return a GeoJSON geometry as one rounded point (CGCS2000, longitude first); None for what is none."""
    corners = list(_corners(geometry.get("coordinates")))
    if not corners:
        return None
    middle = [sum(axis, Decimal(0)) / len(corners) for axis in zip(*corners, strict=True)]
    return {"type": "Point", "coordinates": [float(one.quantize(PLACE_DEGREES, ROUND_HALF_EVEN)) for one in middle]}


def masked_answers(personal: Mapping[str, Any]) -> dict[str, Any]:
    """Return the personal fields of a payload as others may see them; address, files and their places are left out."""
    shown: dict[str, Any] = {}
    for name, value in personal.items():
        match name:
            case "name" | "contact_name" if isinstance(value, str):
                shown[name] = masked_name(value)
            case "phone" if isinstance(value, str):
                shown[name] = masked_phone(value)
            case "external_id" if isinstance(value, str):
                shown[name] = masked_number(value)
            case "geometry" if isinstance(value, Mapping):
                shown[name] = rounded_position(value)
    return shown


def without_values(found: Problem) -> Problem:
    """Return a problem without what the person had typed: its code, its field, and what the form asks for."""
    params = {name: value if name in HARMLESS_PARAMS else HIDDEN for name, value in found.params.items()}
    if params == found.params:
        return found
    kind = PROBLEMS.get(found.code)
    if kind is not None:
        return compose(found.code, kind, found.field, params)
    zh, en = found.zh, found.en
    for name, value in found.params.items():
        if name not in HARMLESS_PARAMS and value:
            zh, en = zh.replace(value, HIDDEN), en.replace(value, HIDDEN)
    return found.model_copy(update={"params": params, "zh": zh, "en": en})


def without_texts(review: Mapping[str, Any]) -> dict[str, Any]:
    """Return a review whose reasons name the fields and say nothing else: free text may name anybody."""
    reasons = [{**one, "text": HIDDEN} for one in review.get("reasons", ())]
    return {**review, "reasons": reasons}


def _corners(coordinates: Any) -> Any:
    """Give every [longitude, latitude] of nested coordinates."""
    if not isinstance(coordinates, list):
        return
    if len(coordinates) >= 2 and all(isinstance(one, int | float) for one in coordinates):
        yield [Decimal(str(one)) for one in coordinates[:2]]
        return
    for one in coordinates:
        yield from _corners(one)
