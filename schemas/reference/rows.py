"""The rows of the reference files: one model a kind, each field checked and labelled. Pure."""

from decimal import Decimal
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from schemas.decimals import ONE, parse_decimal
from schemas.reference.amounts import MEASURES, PRINTED_UNITS, PublishedCode, in_base_unit
from schemas.reference.designations import BY_NAME, DesignationKind
from schemas.vocabulary import BasinTier, GoalType, Indicator, SourceStatus, Unit

GOAL_UNITS = {GoalType.FLOOR: Unit.RATE, GoalType.NO_INCREASE: Unit.RATE}
"""A floor and an allowed increase are shares; an amount has a unit of its own."""


def fault(zh: str, en: str) -> PydanticCustomError:
    """Return what a validator raises, in both languages."""
    return PydanticCustomError("reference", "{en}", {"zh": zh, "en": en})


def _number(value: Any) -> Decimal:
    number = parse_decimal(value) if isinstance(value, str) else None
    if number is None:
        raise fault(
            f"“{value}”不是数：请写成 0.85、1200 这样的小数，不带百分号、千位分隔符和单位",
            f'"{value}" is no plain decimal number such as 0.85 or 1200, without percent sign, separators or unit',
        )
    return number


def _code(value: Any) -> Any:
    if isinstance(value, str) and not (len(value) == 6 and value.isascii() and value.isdecimal()):
        raise fault(f"“{value}”不是六位区划代码", f'"{value}" is no region code of six digits')
    return value


def _year(value: Any) -> Any:
    if isinstance(value, str) and not (
        len(value) == 4 and value.isascii() and value.isdecimal() and "1949" <= value <= "2100"
    ):
        raise fault(f"“{value}”不是 1949 至 2100 之间的年份", f'"{value}" is no year from 1949 to 2100')
    return value


RegionCode = Annotated[str, BeforeValidator(_code)]
Year = Annotated[int, BeforeValidator(_year)]
Number = Annotated[Decimal, BeforeValidator(_number)]
Text = Annotated[str, Field(min_length=1)]


class Row(BaseModel):
    """Base of the rows: frozen, without unknown columns. `stored` is the row as its table keeps it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    def stored(self) -> dict[str, Any]:
        """Return the row by the columns of its table."""
        return self.model_dump()


class GoalRow(Row):
    """A goal of a plan for a region and everything below it that has no nearer goal of the same scope."""

    region_code: RegionCode
    indicator: Indicator
    scope: Text
    valid_from: Year
    due_year: Year
    type: GoalType
    value: Number
    unit: Unit
    source: Text
    status: SourceStatus
    department: Text

    @field_validator("due_year")
    @classmethod
    def _not_before_it_begins(cls, due_year: int, info: ValidationInfo) -> int:
        if due_year < info.data.get("valid_from", due_year):
            raise fault("到期年早于生效年", "the due year lies before the first year")
        return due_year

    @field_validator("value")
    @classmethod
    def _a_floor_is_a_share(cls, value: Decimal, info: ValidationInfo) -> Decimal:
        if info.data.get("type") is GoalType.FLOOR and value > ONE:
            raise fault(
                f"下限目标按小数填写，不超过 1（85% 写 0.85），现为 {value}",
                f"a floor is a share of at most 1 (85 % is 0.85), got {value}",
            )
        return value

    @field_validator("unit")
    @classmethod
    def _unit_of_its_type(cls, unit: Unit, info: ValidationInfo) -> Unit:
        wanted = GOAL_UNITS.get(info.data.get("type", GoalType.CUMULATIVE_AMOUNT))
        if wanted is not None and unit is not wanted:
            raise fault("这类目标是比例，单位填 1", "a goal of this type is a share, its unit is 1")
        return unit


class CoefficientFileRow(Row):
    """A coefficient by year, region and subject; a row without a subject stands for all that have none of their own."""

    year: Year
    region_code: RegionCode
    name: Text
    subject: str = ""
    value: Number
    unit: Unit
    source: Text
    status: SourceStatus


class BaselineRow(Row):
    """A base value that the change of an input is held against."""

    region_code: RegionCode
    indicator: Indicator
    series: str = ""
    year: Year
    value: Number
    unit: Unit
    source: Text
    status: SourceStatus


class PublishedInputRow(Row):
    """An amount as a yearbook printed it; kept in t or mu beside the printed value and unit."""

    measure: Text
    year: Year
    region_code: RegionCode
    value: Number
    unit: Text
    source: Text
    status: SourceStatus

    @field_validator("measure")
    @classmethod
    def _known_measure(cls, measure: str) -> str:
        if measure not in MEASURES:
            raise fault(f"没有“{measure}”这项指标：{'、'.join(MEASURES)}", f"measure is one of {', '.join(MEASURES)}")
        return measure

    @field_validator("unit")
    @classmethod
    def _unit_of_its_dimension(cls, unit: str, info: ValidationInfo) -> str:
        found = PRINTED_UNITS.get(unit)
        measure = MEASURES.get(info.data.get("measure", ""))
        if found is None:
            raise fault(
                f"没有“{unit}”这个单位，可用：{'、'.join(PRINTED_UNITS)}", f"unit is one of {', '.join(PRINTED_UNITS)}"
            )
        if measure is not None and found.dimension is not measure.dimension:
            wanted_zh, wanted_en = measure.dimension.names
            zh, en = found.dimension.names
            raise fault(
                f"{measure.zh}是{wanted_zh}，“{unit}”是{zh}单位",
                f"{measure.en} is a {wanted_en}, {unit} is a unit of {en}",
            )
        return unit

    def stored(self) -> dict[str, Any]:
        """Return the amount in t or mu, with what was printed."""
        return {
            "measure": self.measure,
            "year": self.year,
            "region_code": self.region_code,
            "amount": in_base_unit(self.value, self.unit),
            "unit": MEASURES[PublishedCode(self.measure)].dimension.unit,
            "printed_value": self.value,
            "printed_unit": self.unit,
            "source": self.source,
            "status": self.status,
        }


def _designation(value: Any) -> Any:
    return BY_NAME.get(value, value)


class DesignationRow(Row):
    """A county that was designated in a year."""

    county_code: RegionCode
    kind: Annotated[DesignationKind, BeforeValidator(_designation)]
    year: Year
    source: Text
    status: SourceStatus


class BasinRow(Row):
    """A key basin."""

    code: Text
    zh: Text
    en: Text
    source: Text

    def stored(self) -> dict[str, Any]:
        """Return the basin without the outline of its water, which comes from another file."""
        return {"code": self.code, "name": self.zh, "name_en": self.en, "source": self.source}


class BasinCountyRow(Row):
    """The membership of a county in a basin."""

    basin_code: Text
    county_code: RegionCode
    tier: BasinTier
    source: Text
    confidence: Annotated[str, Field(pattern=r"^(high|medium|low)$")]


class BasinWaterRow(Row):
    """The outline of a basin's water as a GeoJSON geometry in CGCS2000, for display only."""

    code: Text
    source: Text
    geometry: dict[str, Any]


class RecodeRow(Row):
    """A county code that gave way to another, or a county that got a new name and kept its code.

    `year` is the first in which the new code and name hold. Several rows with one new code and year are a merger. A
    row whose two codes are equal is a renaming, or says that the county itself took the others in and was there before.
    """

    old_code: RegionCode
    old_name: Text
    new_code: RegionCode
    new_name: Text
    year: Year
    kind: Text
    source: Text
