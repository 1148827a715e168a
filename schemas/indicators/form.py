"""How a form is declared: pydantic models whose fields carry label, unit and limits.

The declaration is read by the validator, the JSON Schema, the phone's form, the export columns and the method page;
none of them keeps a second list of fields.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from types import NoneType
from typing import Annotated, Any, Literal, get_args

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import PydanticCustomError, core_schema

from schemas.attachments import Coordinate
from schemas.decimals import SIGNED_PATTERN, UNSIGNED_PATTERN, parse_decimal, plain
from schemas.identifiers import UUID7_PATTERN, is_uuid7
from schemas.indicators.labels import Choices, Keyed, Label, NamedCodes, choices_of, label_of, names_of
from schemas.period import PERIOD_PATTERN, Period
from schemas.vocabulary import Indicator, Level

__all__ = [
    "MAX_ATTACHMENTS",
    "MAX_COUNT",
    "SHA256_PATTERN",
    "Amount",
    "AttachmentNamed",
    "Choices",
    "Count",
    "Counted",
    "CountyForm",
    "FarmForm",
    "Form",
    "Keyed",
    "Label",
    "Measured",
    "NamedCodes",
    "PeriodText",
    "Rate",
    "ReportForm",
    "TownshipCode",
    "choices_of",
    "label_of",
    "names_of",
]

MAX_COUNT = 999_999_999_999
MAX_ATTACHMENTS = 12
SHA256_PATTERN = r"^[0-9a-f]{64}$"


@dataclass(frozen=True)
class Measured:
    """A measured number or rate: a JSON string in the wire format, from `at_least` to `at_most`, kept as a Decimal.

    On a field declared `Decimal | None`, null stands for "not answered".
    """

    at_most: str = "999999999999"
    at_least: str = "0"
    beyond: str = "out_of_range"
    """The problem code of a number outside the limits."""

    @cached_property
    def signed(self) -> bool:
        """Whether a minus sign is allowed."""
        return self.at_least.startswith("-")

    @cached_property
    def _limits(self) -> tuple[Decimal, Decimal]:
        return Decimal(self.at_least), Decimal(self.at_most)

    def check(self, value: object) -> Decimal:
        """Return the number, or raise a custom error whose type is a problem code."""
        number = parse_decimal(value, signed=self.signed) if isinstance(value, str) else None
        if number is None:
            raise PydanticCustomError("number_format", "not a decimal number in a JSON string")
        minimum, maximum = self._limits
        if not minimum <= number <= maximum:
            bounds = {"minimum": self.at_least, "maximum": self.at_most, "value": plain(number)}
            raise PydanticCustomError(self.beyond, "out of range", bounds)
        return number

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        number = core_schema.no_info_plain_validator_function(
            self.check,
            serialization=core_schema.plain_serializer_function_ser_schema(
                plain, return_schema=core_schema.str_schema()
            ),
        )
        return core_schema.nullable_schema(number) if NoneType in get_args(source) else number

    def __get_pydantic_json_schema__(
        self, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        number: JsonSchemaValue = {
            "type": "string",
            "pattern": SIGNED_PATTERN if self.signed else UNSIGNED_PATTERN,
            "x-minimum": self.at_least,
            "x-maximum": self.at_most,
        }
        return {"anyOf": [number, {"type": "null"}]} if schema["type"] == "nullable" else number


Amount = Annotated[Decimal, Measured()]
"""A mass or an area, never negative, as a JSON string."""

Rate = Annotated[Decimal, Measured(at_most="1", beyond="share_out_of_range")]
"""A share as a fraction from 0 to 1, as a JSON string."""


def _count(value: object) -> int:
    if type(value) is not int:  # true is an int to isinstance, and 3.0 is no count on the wire
        raise PydanticCustomError("int_type", "not a JSON integer")
    if not 0 <= value <= MAX_COUNT:
        bounds = {"minimum": "0", "maximum": str(MAX_COUNT), "value": str(value)}
        raise PydanticCustomError("out_of_range", "out of range", bounds)
    return value


@dataclass(frozen=True, slots=True)
class Counted:
    """A count: a JSON integer from 0."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        return core_schema.no_info_plain_validator_function(_count)

    def __get_pydantic_json_schema__(
        self, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return {"type": "integer", "minimum": 0, "maximum": MAX_COUNT}


Count = Annotated[int, Counted()]
"""A count: a JSON integer."""


def _period(text: str) -> str:
    # The pattern alone is not enough: pydantic's regular expressions take digits of every script for \d.
    if Period.parse(text) is None:
        raise PydanticCustomError("invalid_period", "not a period", {"value": text})
    return text


def _farm_id(text: str) -> str:
    if not is_uuid7(text):
        raise PydanticCustomError("not_uuid7", "not a lower-case UUIDv7")
    return text


PeriodText = Annotated[str, AfterValidator(_period), Field(json_schema_extra={"pattern": PERIOD_PATTERN})]

TownshipCode = Annotated[
    str,
    Field(pattern=r"^[0-9]{9}$"),
    Label(
        "乡镇代码",
        "Township code",
        hint_zh="9 位；县代码加 000 表示不分乡镇",
        hint_en="9 digits; the county code and 000 for none",
    ),
]


class Form(BaseModel):
    """Base of every payload: nothing unknown is accepted, nothing changes after validation."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def _moment(value: object) -> datetime:
    moment = _parsed_moment(value)
    if moment is None or moment.tzinfo is None:
        raise PydanticCustomError("not_aware_time", "not a time with an offset")
    return moment


def _parsed_moment(value: object) -> datetime | None:
    try:
        return datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None


class AttachmentNamed(Form):
    """A photo or paper that a report names; the file itself comes by its own way, before or after."""

    sha256: Annotated[str, Field(pattern=SHA256_PATTERN), Label("文件摘要", "SHA-256 of the file")]
    taken_at: Annotated[
        datetime | None,
        BeforeValidator(lambda value: None if value is None else _moment(value)),
        Label("拍摄时间", "Taken at", personal=True),
    ] = None
    position: Annotated[
        list[Coordinate] | None,
        Field(min_length=2, max_length=2),
        Label(
            "拍摄位置",
            "Taken where",
            personal=True,
            hint_zh="[经度, 纬度]，坐标系随本条变更的 datum",
            hint_en="[longitude, latitude] in the datum of the change",
        ),
    ] = None


class ReportForm(Form):
    """What every report says, whatever it measures."""

    indicator: Annotated[Indicator, Label("指标", "Indicator")]
    level: Annotated[Level, Label("填报层级", "Level")]
    period: Annotated[PeriodText, Label("统计期", "Period")]
    none_this_year: Annotated[
        bool,
        Field(strict=True),
        Label(
            "今年无",
            "None this year",
            hint_zh="今年确实没有的勾选此项，其他不用填",
            hint_en="say so here and leave the rest empty",
        ),
    ] = False
    note: Annotated[str | None, Field(max_length=500), Label("备注", "Note")] = None


class FarmForm(ReportForm):
    """What every farm report says besides its measurements."""

    level: Annotated[Literal[Level.FARM], Label("填报层级", "Level")]
    farm_id: Annotated[
        str,
        AfterValidator(_farm_id),
        Field(json_schema_extra={"format": "uuid", "pattern": UUID7_PATTERN}),
        Label("所属主体", "Farm"),
    ]
    township_code: TownshipCode
    geometry: Annotated[
        dict[str, Any] | None,
        Label(
            "地块",
            "Plot",
            personal=True,
            hint_zh="GeoJSON 点、面或多面，经度在前",
            hint_en="GeoJSON Point, Polygon or MultiPolygon, longitude first",
        ),
    ] = None
    attachments: Annotated[
        list[AttachmentNamed] | None,
        Field(max_length=MAX_ATTACHMENTS),
        Label(
            "照片和附件",
            "Photos and papers",
            personal=True,
            hint_zh="文件另行上传，可在报表之前或之后",
            hint_en="the files are sent by themselves, before or after the report",
        ),
    ] = None


class CountyForm(ReportForm):
    """What every county statement says besides its measurements."""

    level: Annotated[Literal[Level.COUNTY], Label("填报层级", "Level")]
    reason: Annotated[
        str | None, Field(max_length=1000), Label("差异说明", "Reason for a difference from the field sum")
    ] = None
