"""The numeric answers of a form, and the rules about them that every indicator shares.

A form is walked by its declared labels, so a new field takes part without being listed a second time.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cache

from pydantic import BaseModel

from schemas.decimals import plain, rounded
from schemas.indicators.form import ReportForm, label_of, names_of
from schemas.indicators.spec import Breach, Rule
from schemas.problem_catalogue import PROBLEMS
from schemas.vocabulary import Severity, Unit


@dataclass(frozen=True, slots=True)
class Answer:
    """One number that a form holds: where, under which name, in which unit."""

    pointer: str
    zh: str
    en: str
    unit: Unit
    value: Decimal | int


def answers(form: BaseModel) -> Iterator[Answer]:
    """Yield every number given in a form, those of crops and species with their names before them."""
    for name, zh, en, unit in _numbers(type(form)):
        value = getattr(form, name)
        if value is not None:
            yield Answer(f"/{name}", zh, en, unit, value)
    for name, names in _keyed(type(form)):
        for code, entry in getattr(form, name).items():
            code_zh, code_en = names[code]
            for answer in answers(entry):
                pointer = f"/{name}/{code}{answer.pointer}"
                yield Answer(pointer, f"{code_zh}·{answer.zh}", f"{code_en}: {answer.en}", answer.unit, answer.value)


def label_params(form: type[BaseModel], field: str, zh: str = "", en: str = "") -> dict[str, str]:
    """Return the text parameters `label` and `label_en` of a field, below a crop or species where one is named."""
    label = label_of(form.model_fields[field])
    return {"label": f"{zh}·{label.zh}" if zh else label.zh, "label_en": f"{en}: {label.en}" if en else label.en}


def shown(amount: Decimal) -> str:
    """Return an amount as a text names it: what a form can hold in full, what was computed to three decimals."""
    exponent = amount.as_tuple().exponent
    return plain(amount if isinstance(exponent, int) and exponent >= -6 else rounded(amount, 3))


@cache
def _numbers(form: type[BaseModel]) -> tuple[tuple[str, str, str, Unit], ...]:
    labelled = ((name, label_of(field)) for name, field in form.model_fields.items())
    return tuple((name, label.zh, label.en, label.unit) for name, label in labelled if label.unit is not None)


@cache
def _keyed(form: type[BaseModel]) -> tuple[tuple[str, dict[str, tuple[str, str]]], ...]:
    named = ((name, names_of(field)) for name, field in form.model_fields.items())
    return tuple((name, dict(names)) for name, names in named if names)


def _all_zero(form: ReportForm) -> list[Breach]:
    if form.none_this_year or any(answer.value for answer in answers(form) if answer.unit is not Unit.RATE):
        return []
    return [("/none_this_year", {})]


def _none_contradicted(form: ReportForm) -> list[Breach]:
    if not form.none_this_year:
        return []
    return [(answer.pointer, {"label": answer.zh, "label_en": answer.en}) for answer in answers(form) if answer.value]


ALL_ZERO = Rule(
    "all_zero",
    PROBLEMS["all_zero"].zh,
    PROBLEMS["all_zero"].en,
    on_farm=Severity.BLOCK,
    on_county=Severity.BLOCK,
    check=_all_zero,
)
NONE_CONTRADICTED = Rule(
    "none_contradicted",
    PROBLEMS["none_contradicted"].zh,
    PROBLEMS["none_contradicted"].en,
    on_farm=Severity.BLOCK,
    on_county=Severity.BLOCK,
    check=_none_contradicted,
)
