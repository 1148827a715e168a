"""What is told of a person to whoever needs no more than that: the one place that masks. Pure."""

from collections.abc import Mapping
from typing import Any

from schemas.problem_catalogue import PROBLEMS
from schemas.problems import Problem, compose

HIDDEN = "***"
HARMLESS_PARAMS = frozenset(
    {
        "label", "label_en", "limit", "count", "minimum", "maximum", "version", "days", "minutes", "year", "first_year",
        "period", "region", "expected", "found", "encoding",
    }
)  # fmt: skip
"""Parameters of problems that never repeat what a person typed."""


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


def without_texts(said: Mapping[str, Any], text: str = HIDDEN) -> dict[str, Any]:
    """Return a review, or the item that made it, whose reasons name the fields and say `text`, nothing of a person."""
    if not said.get("reasons"):
        return dict(said)
    return {**said, "reasons": [{**one, "text": text} for one in said["reasons"]]}
