"""Read the reference files beside this module into typed rows, checked line by line.

The `read_*` functions take text, so that a deployment's own file in the same form is checked by the same rules; the
functions without an argument read what is shipped.
"""

import csv
import io
import json
from collections.abc import Iterable, Sequence
from decimal import Decimal
from importlib.resources import files
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from schemas.decimals import parse_decimal
from schemas.indicators.spec import Coefficient
from schemas.vocabulary import BasinTier, GoalType, Indicator, SourceStatus, Unit


class ReferenceDataError(ValueError):
    """A reference file is not as it should be; the message names file, line and column."""


def _number(value: Any) -> Decimal:
    number = parse_decimal(value) if isinstance(value, str) else None
    if number is None:
        raise ValueError("not a plain decimal number such as 0.85")
    return number


RegionCode = Annotated[str, Field(pattern=r"^\d{6}$")]
Year = Annotated[int, Field(ge=1949, le=2100)]
Number = Annotated[Decimal, BeforeValidator(_number)]
Text = Annotated[str, Field(min_length=1)]


class Row(BaseModel):
    """Base of the rows: frozen, without unknown columns."""

    model_config = ConfigDict(frozen=True, extra="forbid")


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


class BasinRow(Row):
    """A key basin."""

    code: Text
    zh: Text
    en: Text
    source: Text


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
    """A county code that was replaced; `year` is the first in which the new one holds."""

    old_code: RegionCode
    old_name: Text
    new_code: RegionCode
    year: Year
    kind: Text
    source: Text


class _CoefficientRow(Row):
    year: Year
    region_code: RegionCode
    name: Text
    subject: str
    value: Number
    unit: Unit
    source: Text
    status: SourceStatus


class BaselineRow(Row):
    """The base value of a county and series; the region is today's county."""

    region_code: RegionCode
    indicator: Indicator
    series: str
    year: Year
    value: Number
    unit: Unit
    source: Text
    status: SourceStatus


RowType = TypeVar("RowType", bound=Row)


def packaged(name: str) -> str:
    """Return the text of a shipped reference file."""
    return files("schemas.reference").joinpath(name).read_text(encoding="utf-8")


def read_goals(text: str, name: str = "goals.csv") -> tuple[GoalRow, ...]:
    """Return the goals of a CSV text. Raises ReferenceDataError."""
    rows = read_rows(text, name, GoalRow, ("region_code", "indicator", "scope", "valid_from", "due_year"))
    for row in rows:
        where = f"{name}, {row.indicator} of {row.region_code}"
        if row.due_year < row.valid_from:
            raise ReferenceDataError(f"{where}: due_year lies before valid_from")
        if row.type is not GoalType.CUMULATIVE_AMOUNT and row.unit is not Unit.RATE:
            raise ReferenceDataError(f"{where}: a share is given in the unit {Unit.RATE}")
        if row.type is GoalType.FLOOR and row.value > 1:
            raise ReferenceDataError(f"{where}: a floor is a share of at most 1, got {row.value}")
    return rows


def read_coefficients(text: str, name: str = "coefficients.csv") -> tuple[Coefficient, ...]:
    """Return the coefficients of a CSV text. Raises ReferenceDataError."""
    rows = read_rows(text, name, _CoefficientRow, ("year", "region_code", "name", "subject"))
    return tuple(Coefficient(**row.model_dump()) for row in rows)


def read_baselines(text: str, name: str = "baselines.csv") -> tuple[BaselineRow, ...]:
    """Return the base values of a CSV text. Raises ReferenceDataError."""
    return read_rows(text, name, BaselineRow, ("region_code", "indicator", "series", "year"))


def read_basins(text: str, name: str = "basins.csv") -> tuple[BasinRow, ...]:
    """Return the basins of a CSV text. Raises ReferenceDataError."""
    return read_rows(text, name, BasinRow, ("code",))


def read_basin_counties(text: str, name: str = "basin_counties.csv") -> tuple[BasinCountyRow, ...]:
    """Return the basin memberships of a CSV text. Raises ReferenceDataError."""
    return read_rows(text, name, BasinCountyRow, ("basin_code", "county_code"))


def read_recodes(text: str, name: str = "region_recode.csv") -> tuple[RecodeRow, ...]:
    """Return the replaced county codes of a CSV text. Raises ReferenceDataError."""
    return read_rows(text, name, RecodeRow, ("old_code",))


def read_basin_waters(text: str, name: str = "basin_waters.geojson") -> tuple[BasinWaterRow, ...]:
    """Return the water outlines of a GeoJSON FeatureCollection. Raises ReferenceDataError."""
    try:
        features = json.loads(text)["features"]
        found = [{**feature["properties"], "geometry": feature["geometry"]} for feature in features]
    except (ValueError, KeyError, TypeError) as fault:
        raise ReferenceDataError(f"{name}: not a GeoJSON FeatureCollection ({fault})") from fault
    rows = tuple(_checked(BasinWaterRow, row, f"{name} feature {n}") for n, row in enumerate(found, start=1))
    _refuse_repeats(rows, ("code",), name)
    return rows


def goals() -> tuple[GoalRow, ...]:
    """Return the shipped goals."""
    return read_goals(packaged("goals.csv"))


def coefficients() -> tuple[Coefficient, ...]:
    """Return the shipped coefficients."""
    return read_coefficients(packaged("coefficients.csv"))


def basins() -> tuple[BasinRow, ...]:
    """Return the shipped basins."""
    return read_basins(packaged("basins.csv"))


def basin_counties() -> tuple[BasinCountyRow, ...]:
    """Return the shipped basin memberships."""
    return read_basin_counties(packaged("basin_counties.csv"))


def basin_waters() -> tuple[BasinWaterRow, ...]:
    """Return the shipped water outlines."""
    return read_basin_waters(packaged("basin_waters.geojson"))


def recodes() -> tuple[RecodeRow, ...]:
    """Return the shipped county recodes."""
    return read_recodes(packaged("region_recode.csv"))


def read_rows(text: str, name: str, row_type: type[RowType], key: Sequence[str]) -> tuple[RowType, ...]:
    """Return the rows of a CSV text, none with the same key as another. Raises ReferenceDataError."""
    reader = csv.reader(io.StringIO(text.removeprefix("\ufeff")), strict=True)
    try:
        lines = [(reader.line_num, cells) for cells in reader if cells]
    except csv.Error as fault:
        raise ReferenceDataError(f"{name} line {reader.line_num}: {fault}") from fault
    columns = list(row_type.model_fields)
    if not lines or lines[0][1] != columns:
        raise ReferenceDataError(f"{name} line 1: the columns must be {','.join(columns)}")
    rows = []
    for line, cells in lines[1:]:
        if len(cells) != len(columns):
            raise ReferenceDataError(f"{name} line {line}: {len(columns)} cells expected, got {len(cells)}")
        rows.append(_checked(row_type, dict(zip(columns, cells, strict=True)), f"{name} line {line}"))
    _refuse_repeats(rows, key, name)
    return tuple(rows)


def _checked(row_type: type[RowType], values: dict[str, Any], where: str) -> RowType:
    try:
        return row_type.model_validate(values)
    except ValidationError as fault:
        first = fault.errors()[0]
        column = ".".join(map(str, first["loc"]))
        raise ReferenceDataError(f"{where}, {column}: {first['msg']}") from fault


def _refuse_repeats(rows: Iterable[Row], key: Sequence[str], name: str) -> None:
    seen = set()
    for row in rows:
        identity = tuple(getattr(row, column) for column in key)
        if identity in seen:
            raise ReferenceDataError(f"{name}: {', '.join(map(str, identity))} is given twice")
        seen.add(identity)
