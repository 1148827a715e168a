"""What pydantic found wrong, said again as catalogued problems that name the field as a person knows it.

The validator's own messages are English, unstable and sometimes echo the input; none of them leaves this module.
"""

import re
from collections.abc import Mapping
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from schemas.indicators.form import label_of, names_of
from schemas.problems import Problem, problem

MAX_ECHO = 60
"""How many characters of what was sent a text repeats at most."""

MAX_PROBLEMS = 50
"""How many faults of one payload are named at most; a flood of unknown fields is not answered with another."""

_UNSTORABLE = re.compile("[\0\ud800-\udfff]")
_DIGITS = re.compile(r"\^(?:\\d|\[0-9\])\{(\d+)\}\$")
_KEY = "[key]"

_EXPECTED: Mapping[str, tuple[str, str]] = {
    "string_type": ("文字", "a string"),
    "bool_type": ("“是”或“否”（true 或 false）", "true or false"),
    "bool_parsing": ("“是”或“否”（true 或 false）", "true or false"),
    "int_type": ("整数", "an integer"),
    "int_parsing": ("整数", "an integer"),
    "int_from_float": ("整数", "an integer"),
    "dict_type": ("一个 JSON 对象", "a JSON object"),
    "model_type": ("一个 JSON 对象", "a JSON object"),
    "list_type": ("一个 JSON 数组", "a JSON array"),
    "enum": ("文字代码", "a code as a string"),
    "literal_error": ("文字代码", "a code as a string"),
}
_RENAMED: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "extra_forbidden": ("unknown_field", {}),
    "string_too_long": ("text_too_long", {"maximum": "max_length"}),
    "string_too_short": ("text_empty", {}),
    "too_long": ("too_many_entries", {"maximum": "max_length"}),
    "string_unicode": ("illegal_character", {}),
    "greater_than_equal": ("below_minimum", {"minimum": "ge"}),
    "less_than_equal": ("above_maximum", {"maximum": "le"}),
}
"""pydantic's error type -> the problem code, and which value of its context stands for which parameter."""

_OWN = frozenset(
    {
        "number_format",
        "out_of_range",
        "share_out_of_range",
        "invalid_period",
        "not_uuid7",
        "not_aware_time",
        "missing",
        "unknown_field",
    }
)
"""Error types that are problem codes already; their context holds the values that the texts name."""


def translate(error: ValidationError, model: type[BaseModel], root: str) -> list[Problem]:
    """Return one catalogued problem for every error, in the order found, at most MAX_PROBLEMS of them.

    `model` is what was validated; its labels name the fields, and a field without a label goes by its own name.
    `root` is the JSON Pointer of what was validated, such as `/payload`; the field of every problem starts with it.
    """
    errors = error.errors(include_url=False)[:MAX_PROBLEMS]
    unknown = [each["loc"][:-1] for each in errors if each["loc"][-1:] == (_KEY,)]
    return [
        _translated(each, model, root)
        for each in errors
        # What stands below an unknown crop or species is no second fault.
        if each["loc"][-1:] == (_KEY,) or not any(each["loc"][: len(key)] == key for key in unknown)
    ]


def pointer_of(root: str, *segments: object) -> str:
    """Return the JSON Pointer (RFC 6901) of `segments` below `root`, free of characters that cannot be sent."""
    escaped = (printable(segment).replace("~", "~0").replace("/", "~1") for segment in segments)
    return "".join([root, *(f"/{segment}" for segment in escaped)])


def printable(value: object) -> str:
    """Return `value` as a text that can be stored, sent and shown: no NUL, no lone surrogate, not long."""
    text = _UNSTORABLE.sub("\N{REPLACEMENT CHARACTER}", str(value))
    return text if len(text) <= MAX_ECHO else f"{text[:MAX_ECHO]}…"


def holds_unstorable(text: str) -> bool:
    """Return whether `text` holds NUL or a lone surrogate, which PostgreSQL and UTF-8 refuse."""
    return _UNSTORABLE.search(text) is not None


def labels_at(model: type[BaseModel], path: tuple[object, ...]) -> tuple[str, str]:
    """Return how the field at `path` is called, zh and en: “早稻·产量”, "Early rice: Output"."""
    zh: list[str] = []
    en: list[str] = []
    here: type[BaseModel] | None = model
    names: Mapping[str, tuple[str, str]] = {}
    for segment in path:
        if isinstance(segment, int) and here is not None:
            zh.append(f"第 {segment + 1} 项")
            en.append(f"entry {segment + 1}")
            continue
        field = here.model_fields.get(str(segment)) if here is not None else None
        if names and str(segment) in names:
            # The name of the crop stands for the object that holds the crops.
            zh[-1], en[-1] = names[str(segment)]
            names = {}
            continue
        if names:
            break
        label_zh, label_en = _label(field, segment)
        zh.append(label_zh)
        en.append(label_en)
        names = names_of(field) if field is not None else {}
        here = _model_below(field)
    return "·".join(zh), ": ".join(en)


def _label(field: FieldInfo | None, segment: object) -> tuple[str, str]:
    if field is not None:
        try:
            label = label_of(field)
        except LookupError:
            return printable(segment), printable(segment)
        return label.zh, label.en
    return printable(segment), printable(segment)


def _model_below(field: FieldInfo | None) -> type[BaseModel] | None:
    """Return the model that a field holds, or that its values or entries are."""
    if field is None:
        return None
    candidates = [field.annotation, *get_args(field.annotation)]
    candidates += [inner for each in candidates[1:] for inner in get_args(each)]
    return next((each for each in candidates if isinstance(each, type) and issubclass(each, BaseModel)), None)


def _translated(found: ErrorDetails, model: type[BaseModel], root: str) -> Problem:
    context = found.get("ctx", {})
    path = tuple(segment for segment in found["loc"] if segment != _KEY)
    if "field" in context:  # a check of the whole model says which of its fields it means
        path = (*path, context["field"])
    zh, en = labels_at(model, path)
    code, params = _code(found, context)
    return problem(code, pointer_of(root, *path), label=zh or "/", label_en=en or "/", **params)


def _code(found: ErrorDetails, context: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """Return the problem code of a pydantic error, and the parameters of its texts."""
    kind = found["type"]
    if kind in _OWN:
        return kind, {name: printable(each) for name, each in context.items() if name != "field"}
    if kind in {"enum", "literal_error"} and isinstance(found["input"], str):
        return "unknown_code", {"value": printable(found["input"])}
    if kind in _EXPECTED:
        zh, en = _EXPECTED[kind]
        return "wrong_type", {"expected_zh": zh, "expected": en}
    if kind in _RENAMED:
        code, names = _RENAMED[kind]
        return code, {name: context[theirs] for name, theirs in names.items()}
    if kind == "string_pattern_mismatch" and (digits := _DIGITS.fullmatch(context["pattern"])):
        return "code_digits", {"digits": digits[1]}
    return "invalid_value", {}
