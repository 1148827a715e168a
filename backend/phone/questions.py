"""Asking a form's questions: label, unit and hint from the catalogue, every answer checked before the next question."""

from collections.abc import Callable, Mapping
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from rich.markup import escape

from mobile_contract.carry_over import Suggestion
from schemas.indicators.form import Count, Counted, Label, choices_of, label_of, names_of
from schemas.indicators.translation import translate
from schemas.problems import Problem
from schemas.vocabulary import UNIT_NAMES

Say = Callable[[str], None]
Ask = Callable[[str], str]
"""Shows a question and returns the line typed."""

NOT_ASKED = frozenset(
    {"indicator", "level", "period", "farm_id", "township_code", "entity_kind", "geometry", "attachments"}
)
"""What the command knows already, or what a terminal cannot give."""

LAST = frozenset({"note", "reason"})

TYPED_WRONG: Mapping[str, tuple[str, str]] = {
    "number_format": ("请填十进制数，如 12.5，至多 6 位小数。", "A decimal number such as 12.5, at most 6 decimals."),
    "wrong_type": (
        "请按提示填写：是或否、整数，或所列的序号。",
        "Yes or no, a whole number, or a listed number.",
    ),
}
"""What is said at a keyboard where the wire's own words speak of JSON."""

YES, NO = frozenset({"是", "y", "yes", "1"}), frozenset({"否", "n", "no", "0"})
ACCEPT = "="
"""Typed to take a suggested answer; a bare return leaves the question unanswered."""


class Interview:
    """Asks the questions of one form. Return leaves an optional question unanswered."""

    def __init__(self, say: Say, ask: Ask, suggested: Mapping[str, Suggestion] | None = None) -> None:
        self._say = say
        self._ask = ask
        self._suggested = suggested or {}

    def answers(self, form: type[BaseModel], pointer: str = "") -> dict[str, Any]:
        """Return the answers to a form's questions, the unanswered left out."""
        given: dict[str, Any] = {}
        for name, field in _in_order(form):
            value = self._answer(form, name, field, f"{pointer}/{name}")
            if value is not None:
                given[name] = value
            if name == "none_this_year":
                if value:
                    break
                given.pop(name, None)
        return given

    def _answer(self, form: type[BaseModel], name: str, field: FieldInfo, pointer: str) -> Any:
        keyed = names_of(field)
        if keyed:
            return self._keyed(field, keyed, pointer)
        label = label_of(field)
        choices = choices_of(field)
        suggestion = self._suggested.get(pointer)
        self._say(_heading(label, required=field.is_required()))
        if field.annotation is bool:
            self._say("      是 / 否  [dim]yes / no[/dim]")
        for number, (zh, en) in enumerate(choices.values(), 1):
            self._say(f"      {number}  {zh}  [dim]{en}[/dim]")
        if suggestion is not None:
            self._say(
                f"    [cyan]{suggestion.period} 年填的是 {_spoken(suggestion.value, choices)}，"
                f"今年相同请键入 {ACCEPT}[/cyan]  [dim]last time; type {ACCEPT} if it still holds[/dim]"
            )
        while True:
            typed = self._ask("    > ").strip()
            if typed == ACCEPT and suggestion is not None:
                return suggestion.value
            if not typed and not field.is_required():
                return None
            value = _read(typed, field, choices)
            problems = _faults(form, name, value)
            if not problems:
                return value
            for one in problems:
                zh, en = TYPED_WRONG.get(one.code, (one.zh, one.en))
                self._say(f"    [red]{escape(zh)}[/red]  [dim]{escape(en)}[/dim]")

    def _keyed(self, field: FieldInfo, names: Mapping[str, tuple[str, str]], pointer: str) -> Any:
        """Ask for the codes first, then for each of them; nothing for none."""
        self._say(_heading(label_of(field), required=False))
        codes = [str(code) for code in names]
        for number, (zh, en) in enumerate(names.values(), 1):
            self._say(f"      {number:>2}  {zh}  [dim]{en}[/dim]")
        before = {one.split("/")[2] for one in self._suggested if one.startswith(f"{pointer}/")}
        if before:
            known = "、".join(names[code][0] for code in codes if code in before)
            self._say(f"    [cyan]去年填过：{known}[/cyan]  [dim]answered last time[/dim]")
        inner = get_args(field.annotation)[1]
        while True:
            typed = self._ask("    序号，用空格隔开 numbers > ").replace(",", " ").replace("、", " ").split()
            if all(one.isdecimal() and 1 <= int(one) <= len(codes) for one in typed):
                break
            self._say(f"    [red]请填 1 至 {len(codes)} 之间的序号。[/red]  [dim]1 to {len(codes)}[/dim]")
        found: dict[str, Any] = {}
        for code in dict.fromkeys(codes[int(one) - 1] for one in typed):
            zh, en = names[code]
            self._say(f"\n  [bold]{zh}[/bold]  [dim]{en}[/dim]")
            found[code] = self.answers(inner, f"{pointer}/{code}")
        return found or None


def _in_order(form: type[BaseModel]) -> list[tuple[str, FieldInfo]]:
    """Return the fields that are asked, as a person would ask: remarks come last."""
    asked = [(name, field) for name, field in form.model_fields.items() if name not in NOT_ASKED]
    return sorted(asked, key=lambda one: one[0] in LAST)


def _heading(label: Label, *, required: bool) -> str:
    unit = UNIT_NAMES.get(label.unit) if label.unit is not None else None
    zh = f"{label.zh}（{unit[0]}）" if unit else label.zh
    en = f"{label.en}, {unit[1]}" if unit else label.en
    mark = "[red]*[/red]" if required else " "
    hint = f"\n      [dim]{label.hint_zh}  {label.hint_en}[/dim]" if label.hint_zh else ""
    return f"  {mark} [bold]{zh}[/bold]  [dim]{en}[/dim]{hint}"


def _spoken(value: Any, choices: Mapping[str, tuple[str, str]]) -> str:
    if isinstance(value, bool):
        return "是" if value else "否"
    return choices[value][0] if value in choices else str(value)


def _read(typed: str, field: FieldInfo, choices: Mapping[str, tuple[str, str]]) -> Any:
    """Return what was typed as it goes on the wire; what cannot be read stays text, for the form to refuse."""
    codes = [str(code) for code in choices]
    if codes:
        return codes[int(typed) - 1] if typed.isdecimal() and 1 <= int(typed) <= len(codes) else typed
    if field.annotation is bool:
        lowered = typed.lower()
        return True if lowered in YES else False if lowered in NO else typed
    if _is_count(field):
        return int(typed) if typed.isascii() and typed.isdecimal() else typed
    return typed


def _is_count(field: FieldInfo) -> bool:
    """Return whether a field is answered with a JSON integer."""
    return any(isinstance(one, Counted) for one in field.metadata) or Count in get_args(field.annotation)


def _faults(form: type[BaseModel], name: str, value: Any) -> list[Problem]:
    """Return what is wrong with one answer by itself; the whole form is checked when all of it is there."""
    try:
        form.model_validate({name: value})
    except ValidationError as error:
        own = [one for one in translate(error, form, "") if (one.field or "").split("/")[1:2] == [name]]
        return [one for one in own if one.code != "missing"]
    return []
