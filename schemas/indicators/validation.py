"""Reading a payload: the form it names, its rules, and every fault as a problem that a phone can show.

Nothing is built per call: the validator and the rules of a form are looked up by the payload's indicator and level.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ValidationError

from schemas.canonical import MAX_DEPTH
from schemas.farms import Farm
from schemas.indicators.catalogue import CATALOGUE
from schemas.indicators.form import Form, Label, ReportForm
from schemas.indicators.spec import Rule
from schemas.indicators.translation import MAX_PROBLEMS, holds_unstorable, labels_at, pointer_of, translate
from schemas.problems import Problem, problem
from schemas.vocabulary import Indicator, Level, Severity

__all__ = ["PayloadRefused", "read_farm", "read_report", "translate", "unstorable"]

ROOT = "/payload"
F = TypeVar("F", bound=Form)


class PayloadRefused(Exception):  # noqa: N818 -- a refusal is an outcome of the domain, not a fault of the program
    """The payload cannot be taken as it is; `problems` says why, at least once."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__(", ".join(f"{each.field}: {each.code}" for each in problems))
        self.problems = problems


class _Named(Form):
    """What names the form of a payload; read by itself only to say what is wrong with it."""

    indicator: Annotated[Indicator, Label("指标", "Indicator")]
    level: Annotated[Level, Label("填报层级", "Level")]


@dataclass(frozen=True, slots=True)
class _Reader:
    """What one indicator and level need to read a payload."""

    form: type[ReportForm]
    blocks: tuple[Rule, ...]
    warnings: tuple[Rule, ...]


_READERS: Mapping[tuple[str, str], _Reader] = {
    (str(indicator), str(level)): _Reader(
        spec.form(level),
        tuple(rule for rule in spec.rules if rule.severity(level) is Severity.BLOCK),
        tuple(rule for rule in spec.rules if rule.severity(level) is Severity.WARN),
    )
    for indicator, spec in CATALOGUE.items()
    for level in Level
}


def read_report(payload: Mapping[str, Any]) -> tuple[ReportForm, list[Problem]]:
    """Return the validated report and its warnings.

    The fields of all problems are JSON Pointers below `/payload`. Raises PayloadRefused for a payload whose form is
    unknown, that does not fit its form, or that breaks a block rule.
    """
    _refuse(_unreadable(payload, ReportForm))
    reader = _reader(payload)
    form = _validated(reader.form, payload)
    _refuse([found for rule in reader.blocks for found in rule.findings(form)])
    return form, [found for rule in reader.warnings for found in rule.findings(form)]


def read_farm(payload: Mapping[str, Any]) -> Farm:
    """Return the validated farm. Raises PayloadRefused, its fields below `/payload`."""
    _refuse(_unreadable(payload, Farm))
    return _validated(Farm, payload)


def unstorable(value: Any, root: str, model: type[BaseModel] = BaseModel) -> list[Problem]:
    """Return what keeps a JSON value from being stored: NUL and lone surrogates in texts and keys, deep nesting.

    `root` is the JSON Pointer of the value; every text that cannot be stored is named once, by the labels of `model`.
    """
    texts = _texts(value)
    if texts is None:
        return [problem("too_deep", root)]
    # Joined, so that nearly all payloads cost one search; where a text stands is asked only when one is illegal.
    if not holds_unstorable("\n".join(texts)):
        return []
    return list(islice(_illegal_texts(value, root, model, ()), MAX_PROBLEMS))


def _texts(value: Any) -> list[str] | None:
    """Return every text and key within a JSON value; None where it nests deeper than any form. Never recurses."""
    texts: list[str] = []
    level = [value]
    for _ in range(MAX_DEPTH):
        below: list[Any] = []
        for here in level:
            if isinstance(here, str):
                texts.append(here)
            elif isinstance(here, dict):
                texts.extend(here)
                below.extend(here.values())
            elif isinstance(here, list):
                below.extend(here)
        if not below:
            return texts
        level = below
    return None


def _illegal_texts(value: Any, root: str, model: type[BaseModel], path: tuple[object, ...]) -> Iterator[Problem]:
    named = path[-1:] if isinstance(value, dict | list) else (*path[-1:], value)
    if any(isinstance(text, str) and holds_unstorable(text) for text in named):
        zh, en = labels_at(model, path)
        yield problem("illegal_character", pointer_of(root, *path), label=zh, label_en=en)
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in children:
        yield from _illegal_texts(child, root, model, (*path, key))


def _unreadable(payload: object, form: type[BaseModel]) -> list[Problem]:
    if not isinstance(payload, dict):
        return [problem("wrong_type", ROOT, label="payload", expected_zh="一个 JSON 对象", expected="a JSON object")]
    return unstorable(payload, ROOT, form)


def _refuse(problems: list[Problem]) -> None:
    if problems:
        raise PayloadRefused(tuple(problems))


def _validated(form: type[F], payload: Mapping[str, Any]) -> F:
    try:
        return form.model_validate(payload)
    except ValidationError as error:
        raise PayloadRefused(tuple(translate(error, form, ROOT))) from None


def _reader(payload: Mapping[str, Any]) -> _Reader:
    """Return the reader that the payload names. Raises PayloadRefused, naming indicator and level together."""
    indicator, level = payload.get("indicator"), payload.get("level")
    if isinstance(indicator, str) and isinstance(level, str):
        found = _READERS.get((indicator, level))
        if found is not None:
            return found
    try:
        _Named.model_validate({name: payload[name] for name in ("indicator", "level") if name in payload})
    except ValidationError as error:
        raise PayloadRefused(tuple(translate(error, _Named, ROOT))) from None
    raise LookupError(f"the catalogue has no form for {indicator}, {level}")
