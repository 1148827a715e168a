"""What a sheet of one form may hold, column by column, read from the form's own declaration.

Nothing here knows an indicator: a new form imports as soon as the catalogue has it.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from backend.imports.units import unit_of
from schemas.farms import Farm
from schemas.indicators.catalogue import CATALOGUE
from schemas.indicators.form import CountyForm, Label, Measured, choices_of, label_of, names_of
from schemas.vocabulary import Indicator, Level, RecordKind, Unit

EACH = "*"
"""Stands in a pointer for the code that another column of the line gives."""

WIDE_AT_MOST = 30
"""A template has one column per code and field up to so many; beyond, one line per code (see decision 0012)."""

FARM_NUMBER = "#external_id"
FARM_NAME = "#name"
COUNTY = "#county"
PERIOD = "/period"
PROJECT = "/project_id"
NOT_IN_A_CELL = frozenset({"indicator", "level", "farm_id"})
_DIGITS = re.compile(r"\^\[0-9\]\{(\d+)\}\$")


class Kind(StrEnum):
    """How the cells of a column are read."""

    AMOUNT = "amount"
    COUNT = "count"
    BOOLEAN = "boolean"
    CHOICE = "choice"
    CHOICES = "choices"
    CODE = "code"
    TOWNSHIP = "township"
    PERIOD = "period"
    DATE = "date"
    TEXT = "text"


@dataclass(frozen=True, eq=False)
class Column:
    """One column: where its answer goes, what it is called, and what may stand in it."""

    pointer: str
    kind: Kind
    label: Label
    names: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    measured: Measured | None = None
    digits: int | None = None
    required: bool = False
    aliases: tuple[str, ...] = ()

    @property
    def unit(self) -> Unit | None:
        """The unit of the field."""
        return self.label.unit

    @property
    def is_share(self) -> bool:
        """Whether the answer is a share from 0 to 1, which people write in percent."""
        return self.unit is Unit.RATE and self.measured is not None and Decimal(self.measured.at_most) == 1

    @property
    def heading(self) -> str:
        """The heading in a template: the Chinese label with its unit."""
        unit = unit_of(self.unit).zh if self.unit is not None else ""
        return f"{self.label.zh}（{unit}）" if unit else self.label.zh

    @property
    def is_long(self) -> bool:
        """Whether the answer belongs to the code that another column of the line gives."""
        return f"/{EACH}" in self.pointer


@dataclass(frozen=True, eq=False)
class Keyed:
    """An object keyed by code: as columns for every code, and as a key column with one column per field."""

    key: Column
    wide: tuple[Column, ...]
    long: tuple[Column, ...]


@dataclass(frozen=True, eq=False)
class Layout:
    """All columns of one form: who or where a line is about, plain answers, and objects keyed by code."""

    kind: RecordKind
    form: type[BaseModel]
    about: tuple[Column, ...]
    plain: tuple[Column, ...]
    keyed: tuple[Keyed, ...]
    indicator: Indicator | None = None
    level: Level | None = None

    @property
    def is_statement(self) -> bool:
        """Whether a line speaks for the county."""
        return self.level is Level.COUNTY

    @property
    def columns(self) -> tuple[Column, ...]:
        """Every column that can be read."""
        keyed = [column for each in self.keyed for column in (each.key, *each.long, *each.wide)]
        return (*self.about, *self.plain, *keyed)

    @property
    def template(self) -> tuple[Column, ...]:
        """The columns of the template, in the order in which they are filled."""
        filled: list[Column] = []
        long: list[Column] = []
        for each in self.keyed:
            if len(each.wide) <= WIDE_AT_MOST:
                filled += each.wide
            else:
                long += [each.key, *each.long]
        about = [column for column in self.about if column.pointer not in (COUNTY, PERIOD)]
        tail = [column for column in self.plain if column.pointer in ("/none_this_year", "/reason", "/note")]
        head = [column for column in self.plain if column not in tail]
        first = [column for column in head if column.required] if long else []
        rest = [column for column in head if column not in first]
        return (*about, *first, *long, *rest, *filled, *tail)


@cache
def layout_of(kind: RecordKind, indicator: Indicator | None = None, level: Level | None = None) -> Layout:
    """Return the columns of the farm roster, or of a report of an indicator and level."""
    if kind is RecordKind.FARM or indicator is None or level is None:
        roster = _plain_columns(Farm)
        return Layout(RecordKind.FARM, Farm, (_COUNTY_COLUMN,), _roster_order(roster), ())
    form = CATALOGUE[indicator].form(level)
    columns = _plain_columns(form)
    plain = tuple(column for column in columns if column.pointer != PERIOD)
    period = next(replace(column, required=False) for column in columns if column.pointer == PERIOD)
    about: tuple[Column, ...] = (_COUNTY_COLUMN, period)
    if not issubclass(form, CountyForm):
        named = {column.pointer: column for column in _plain_columns(Farm)}
        number, name = named["/external_id"], named["/name"]
        township = next(column for column in plain if column.kind is Kind.TOWNSHIP)
        about = (
            *about,
            replace(number, pointer=FARM_NUMBER),
            replace(name, pointer=FARM_NAME, required=False, label=_FARM_NAME_LABEL, aliases=_ALIASES["/name"]),
            replace(township, required=False),
        )
        plain = tuple(column for column in plain if column.kind is not Kind.TOWNSHIP)
    return Layout(kind, form, about, plain, tuple(_keyed_columns(form)), indicator, level)


_ALIASES: Mapping[str, tuple[str, ...]] = {
    "/external_id": ("编号", "主体编码", "花名册编号", "roster number", "number"),
    "/name": (
        "名称",
        "主体名称",
        "经营主体",
        "经营主体名称",
        "单位名称",
        "企业名称",
        "养殖场名称",
        "农户姓名",
        "户主姓名",
        "户主",
        "姓名",
        "farm name",
    ),
    "/township_code": ("乡镇", "所属乡镇", "乡镇名称", "乡镇街道", "乡（镇、街道）", "township"),
    "/village_code": ("村编码", "行政村代码"),
    "/contact_name": ("联系人姓名", "负责人"),
    "/phone": ("电话", "手机", "手机号", "手机号码", "联系方式"),
    "/address": ("详细地址", "住址", "通讯地址"),
    PERIOD: ("年度", "年份", "填报年度", "填报期"),
    "/none_this_year": ("本年无", "今年没有"),
    COUNTY: ("县", "县名", "县名称", "县级代码", "区划代码", "县（市、区）", "county", "county_code"),
}
"""Further headings that offices use for what every form asks; the answers of an indicator go by their labels."""

_FARM_NAME_LABEL = Label("主体名称", "Farm name", personal=True)
_COUNTY_COLUMN = Column(
    COUNTY, Kind.TEXT, Label("县代码", "County code", hint_zh="须与导入时所选的县一致"), aliases=_ALIASES[COUNTY]
)


def _roster_order(columns: tuple[Column, ...]) -> tuple[Column, ...]:
    """Return the roster's columns with number and name first, as rosters have them."""
    first = ("/external_id", "/name")
    head = sorted((column for column in columns if column.pointer in first), key=lambda one: first.index(one.pointer))
    return (*head, *(column for column in columns if column.pointer not in first))


def _plain_columns(form: type[BaseModel]) -> tuple[Column, ...]:
    return tuple(
        column
        for name, info in form.model_fields.items()
        if name not in NOT_IN_A_CELL and (column := _column(f"/{name}", info, label_of(info))) is not None
    )


def _keyed_columns(form: type[BaseModel]) -> Iterator[Keyed]:
    for name, info in form.model_fields.items():
        names, below = names_of(info), _model_of(info)
        if not names or below is None:
            continue
        label = label_of(info)
        wide = tuple(
            column
            for code, (zh, en) in names.items()
            for inner, inner_info in below.model_fields.items()
            if (column := _column(f"/{name}/{code}/{inner}", inner_info, _below(label_of(inner_info), zh, en)))
        )
        long = tuple(
            replace(column, aliases=(f"{label.zh}{column.label.zh}",))
            for inner, inner_info in below.model_fields.items()
            if (column := _column(f"/{name}/{EACH}/{inner}", inner_info, label_of(inner_info)))
        )
        key = Column(f"/{name}/{EACH}", Kind.CHOICE, label, names, aliases=(f"{label.zh}名称", f"{label.zh}种类"))
        yield Keyed(key, tuple(replace(column, required=False) for column in wide), long)


def _below(label: Label, zh: str, en: str) -> Label:
    return replace(label, zh=f"{zh}·{label.zh}", en=f"{en}: {label.en}")


def _column(pointer: str, info: FieldInfo, label: Label) -> Column | None:
    """Return the column of a field, or None for what no cell can hold, such as a plot or a fixed value."""
    base, metadata = _opened(info)
    kind, names = _kind_of(base, info)
    if kind is None:
        return None
    digits = next((int(found[1]) for each in metadata if (found := _DIGITS.fullmatch(_pattern(each)))), None)
    if pointer.endswith("/township_code"):
        kind = Kind.TOWNSHIP
    elif pointer == PERIOD:
        kind = Kind.PERIOD
    elif kind is Kind.TEXT and digits is not None:
        kind = Kind.CODE
    measured = next((each for each in metadata if isinstance(each, Measured)), None)
    aliases = _ALIASES.get(pointer, ())
    return Column(pointer, kind, label, names, measured, digits, info.is_required(), aliases)


def _kind_of(base: Any, info: FieldInfo) -> tuple[Kind | None, Mapping[str, tuple[str, str]]]:
    names = choices_of(info)
    if get_origin(base) in (list, tuple, set, frozenset):
        return (Kind.CHOICES, names) if names else (None, {})
    if get_origin(base) is Literal or not isinstance(base, type):
        return None, {}
    if issubclass(base, StrEnum):
        return Kind.CHOICE, names or {str(member): (str(member), str(member)) for member in base}
    known = {bool: Kind.BOOLEAN, int: Kind.COUNT, Decimal: Kind.AMOUNT, date: Kind.DATE, str: Kind.TEXT}
    return known.get(base), {}


def _opened(info: FieldInfo) -> tuple[Any, list[Any]]:
    """Return what a field holds besides None, and everything that was written about it."""
    base, metadata = info.annotation, list(info.metadata)
    while True:
        origin = get_origin(base)
        if origin is Annotated:
            base, *more = get_args(base)
            metadata += more
        elif origin in (Union, UnionType):
            given = [each for each in get_args(base) if each is not NoneType]
            if len(given) != 1:
                return base, metadata
            base = given[0]
        else:
            return base, metadata


def _pattern(written: Any) -> str:
    return str(getattr(written, "pattern", None) or "")


def _model_of(info: FieldInfo) -> type[BaseModel] | None:
    base, _ = _opened(info)
    return next((each for each in get_args(base) if isinstance(each, type) and issubclass(each, BaseModel)), None)
