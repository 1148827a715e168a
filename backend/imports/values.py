"""From a cell to an answer of a form: the number that was meant, exactly, or a clear refusal. Pure."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from backend.imports.cells import Cell, squash
from backend.imports.columns import Column, Kind
from backend.imports.units import TEN_THOUSAND, WrittenUnit, converted, unit_of, written_unit
from schemas.decimals import EXACT, parse_decimal, plain
from schemas.indicators.form import MAX_COUNT
from schemas.period import Period
from schemas.regions import NO_TOWNSHIP

CLEAR = frozenset({"清空", "clear"})
"""What is written to take an answer back; a blank cell changes nothing."""

NOTHING = frozenset({"-", "--", "—", "——", "–", "/", "／", "…", "……"})
"""How tables mark a cell that is left open."""

YES = frozenset(squash(each) for each in ("是", "有", "√", "对", "已", "已配套", "yes", "y", "true", "1"))
NO = frozenset(squash(each) for each in ("否", "无", "没有", "×", "未", "未配套", "no", "n", "false", "0"))
TICKS: Mapping[str, bool] = {"√": True, "✓": True, "✔": True, "☑": True, "×": False, "✗": False, "✘": False, "☒": False}
NONE_THIS_YEAR = squash("今年无")

_NUMBER = re.compile(r"([+-]?)(\d{1,3}(?:,\d{3})+|\d+)(\.\d+)?\s*(\D.*)?", re.ASCII)
_SCIENTIFIC = re.compile(r"[+-]?\d+(\.\d+)?e[+-]?\d+", re.ASCII | re.IGNORECASE)
_DATE = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?", re.ASCII)
_PERIOD = re.compile(r"(20\d\d)年?(?:度|全年|年度)?(上半年|h1|(?:第?([一二三四1-4])季度)|q[1-4])?", re.ASCII)
_QUARTERS = {"一": "1", "二": "2", "三": "3", "四": "4"}


class CellRefused(Exception):  # noqa: N818 - it is an answer to the person, not a fault
    """The cell cannot be read as what its column asks; `code` and `params` are those of a catalogued problem."""

    def __init__(self, code: str, /, **params: object) -> None:
        super().__init__(code)
        self.code = code
        self.params = params


@dataclass(frozen=True, slots=True)
class Answer:
    """What a cell says: a JSON value (None takes an answer back), and how it was converted, where it was."""

    value: Any
    note_zh: str = ""
    note_en: str = ""


@dataclass(frozen=True, slots=True)
class Townships:
    """The townships of the county: code by squashed name, and the county's own code."""

    county_code: str
    by_name: Mapping[str, str]


def read_answer(cell: Cell, column: Column, heading_unit: WrittenUnit | None, townships: Townships) -> Answer | None:
    """Return what the cell answers, or None where it is left open. Raises CellRefused."""
    is_number = column.kind in (Kind.AMOUNT, Kind.COUNT)
    if cell.fault and not (is_number and cell.fault == "import_digits_lost"):
        raise CellRefused(cell.fault, value=cell.text)
    if not cell.text or cell.text in NOTHING:
        return None
    if squash(cell.text) in CLEAR:
        if column.required:
            raise CellRefused("import_cannot_clear")
        return Answer(None, "清空此项", "answer taken back")
    if is_number:
        return _number(cell.text, column, heading_unit)
    if column.kind is Kind.TOWNSHIP:
        return _township(cell.text, townships)
    return Answer(_READERS[column.kind](cell.text, column))


def _text(text: str, _: Column) -> str:
    if _SCIENTIFIC.fullmatch(text) and "+" in text:  # a code or telephone number that a spreadsheet shortened
        raise CellRefused("import_digits_lost", value=text)
    return text


def _number(text: str, column: Column, heading_unit: WrittenUnit | None) -> Answer:
    folded = unicodedata.normalize("NFKC", text).strip()
    if _SCIENTIFIC.fullmatch(folded):
        raise CellRefused("import_scientific", value=text)
    found = _NUMBER.fullmatch(folded)
    if found is None:
        code = "import_none_in_number" if squash(text) in NO else "import_number"
        raise CellRefused(code, value=text)
    amount = EXACT.create_decimal(f"{found[1]}{found[2].replace(',', '')}{found[3] or ''}")
    amount, written = _unit_written(amount, found[4], text, column, heading_unit)
    target = unit_of(column.unit) if column.unit is not None else None
    value = amount
    if written is not None and target is not None and written != target:
        result = converted(amount, written, target)
        if result is None:
            raise CellRefused("import_unit", value=text, unit=target.zh or "比率", unit_en=target.en or "a rate")
        value = result
    _check_share(value, written, text, column, heading_unit)
    answer = _wire_number(value, text, column)
    if written is None or target is None or written == target or _is_own_unit(written, target):
        note = f"{text} ＝ {plain(value)}" if found[4] == TEN_THOUSAND else ""
        return Answer(answer, note, note)
    left_zh, left_en = f"{plain(amount)} {written.zh}", f"{plain(amount)} {written.en}"
    zh, en = f"{left_zh} ＝ {plain(value)} {target.zh}", f"{left_en} = {plain(value)} {target.en}"
    return Answer(answer, zh.strip(), en.strip())


def _unit_written(
    amount: Decimal, suffix: str | None, text: str, column: Column, heading_unit: WrittenUnit | None
) -> tuple[Decimal, WrittenUnit | None]:
    """Return the amount and the unit that the cell, or else its heading, gives it."""
    if suffix is None:
        return amount, heading_unit
    if suffix == TEN_THOUSAND:
        return EXACT.multiply(amount, Decimal(10_000)), heading_unit
    unit = written_unit(suffix)
    if unit is None or column.unit is None:
        raise CellRefused("import_number", value=text)
    return amount, unit


def _is_own_unit(written: WrittenUnit, target: WrittenUnit) -> bool:
    return (written.measure, written.factor) == (target.measure, target.factor)


def _check_share(
    value: Decimal, written: WrittenUnit | None, text: str, column: Column, heading_unit: WrittenUnit | None
) -> None:
    """Refuse a share whose meaning would have to be guessed: a bare 12, or a bare 0.5 below a heading in percent."""
    if not column.is_share:
        return
    in_cell = any(sign in unicodedata.normalize("NFKC", text) for sign in "%‰")
    if written is None and value > 1:
        raise CellRefused("import_bare_share", value=text)
    if heading_unit is not None and not in_cell and 0 < value <= heading_unit.factor:
        raise CellRefused("import_unclear_share", value=text)


def _wire_number(value: Decimal, text: str, column: Column) -> str | int:
    if column.kind is Kind.COUNT:
        if value != value.to_integral_value():
            raise CellRefused("import_not_whole", value=text)
        if not 0 <= value <= MAX_COUNT:
            raise CellRefused("import_number_size", value=text)
        return int(value)
    spelled = plain(value)
    if parse_decimal(spelled, signed=True) is not None:
        return spelled
    decimals = len(spelled.partition(".")[2])
    raise CellRefused("import_decimals" if decimals > 6 else "import_number_size", value=text, exact=spelled[:40])


def _boolean(text: str, _: Column) -> bool:
    if text in TICKS:
        return TICKS[text]
    word = squash(text)
    if word in YES or word == NONE_THIS_YEAR:
        return True
    if word in NO:
        return False
    raise CellRefused("import_yes_or_no", value=text)


def _choices(text: str, column: Column) -> list[str]:
    parts = [part for part in re.split(r"[、,，;；\s]+", text) if part]
    return list(dict.fromkeys(_choice(part, column) for part in parts))


def _choice(text: str, column: Column) -> str:
    word = squash(text)
    for code, names in column.names.items():
        if word in {squash(code), *(squash(name) for name in names)}:
            return str(code)
    listed = list(column.names.values())
    zh, en = "、".join(zh for zh, _ in listed), ", ".join(en for _, en in listed)
    raise CellRefused("import_choice", value=text, choices=zh, choices_en=en)


def _code(text: str, column: Column) -> str:
    code = _unspaced(text)
    if not (len(code) == column.digits and code.isascii() and code.isdigit()):
        raise CellRefused("import_code", value=text, digits=column.digits)
    return code


def _unspaced(text: str) -> str:
    """Return a code without blanks. Raises CellRefused for one that a spreadsheet shortened."""
    code = unicodedata.normalize("NFKC", text).replace(" ", "")
    if _SCIENTIFIC.fullmatch(code):
        raise CellRefused("import_digits_lost", value=text)
    return code


def _township(text: str, townships: Townships) -> Answer:
    """Return the code of a township given by code or by name; 无 and 不分乡镇 stand for none."""
    code = _unspaced(text)
    if code.isascii() and code.isdigit():
        if len(code) == 12 and code.endswith("000"):
            code = code[:9]  # the township's own 12-digit statistical code
        if len(code) != 9:
            raise CellRefused("import_code", value=text, digits=9)
        return Answer(code)
    name = squash(code)
    if name in {"无", "不分乡镇"}:
        return Answer(townships.county_code + NO_TOWNSHIP)
    named = townships.by_name.get(name)
    if named is None:
        raise CellRefused("import_township", value=text)
    return Answer(named, f"{text} ＝ {named}", f"{text} = {named}")


def _period(text: str, _: Column) -> str:
    folded = unicodedata.normalize("NFKC", text).replace(" ", "").lower()
    found = _PERIOD.fullmatch(folded)
    if found is None:
        raise CellRefused("invalid_period", value=text)
    part = found[2] or ""
    if part == "上半年":
        part = "h1"
    elif found[3]:
        part = f"q{_QUARTERS.get(found[3], found[3])}"
    period = Period.parse(f"{found[1]}{part.upper()}")
    if period is None:
        raise CellRefused("invalid_period", value=text)
    return str(period)


def _date(text: str, _: Column) -> str:
    found = _DATE.fullmatch(unicodedata.normalize("NFKC", text).replace(" ", ""))
    try:
        return (
            date(int(found[1]), int(found[2]), int(found[3])).isoformat()
            if found
            else date.fromisoformat(text).isoformat()
        )
    except ValueError:
        raise CellRefused("import_date", value=text) from None


_READERS: Mapping[Kind, Callable[[str, Column], Any]] = {
    Kind.BOOLEAN: _boolean,
    Kind.CHOICE: _choice,
    Kind.CHOICES: _choices,
    Kind.CODE: _code,
    Kind.PERIOD: _period,
    Kind.DATE: _date,
    Kind.TEXT: _text,
}
