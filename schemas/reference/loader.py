"""The reference files that are shipped beside this module, as typed rows."""

import csv
import io
import json
from functools import cache
from importlib.resources import files
from typing import TypeVar

from pydantic import ValidationError

from schemas.indicators.spec import Coefficient
from schemas.reference.kinds import TABLES, ReferenceKind
from schemas.reference.rows import (
    BasinCountyRow,
    BasinRow,
    BasinWaterRow,
    GoalRow,
    RecodeRow,
    Row,
)
from schemas.reference.sheet import Sheet, read_table


class ReferenceDataError(ValueError):
    """A shipped reference file is not as it should be; the message names file, line and column."""


RowType = TypeVar("RowType", bound=Row)


def packaged(name: str) -> str:
    """Return the text of a shipped reference file."""
    return files("schemas.reference").joinpath(name).read_text(encoding="utf-8")


def csv_sheet(text: str, name: str) -> Sheet:
    """Return the lines of a CSV text, cells trimmed. Raises csv.Error where quotes do not close."""
    reader = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), strict=True)
    return Sheet(name, [(reader.line_num, tuple(cell.strip() for cell in cells)) for cells in reader])


@cache
def shipped(kind: ReferenceKind) -> tuple[Row, ...]:
    """Return the shipped rows of a kind. Raises ReferenceDataError."""
    table = TABLES[kind]
    found = read_table(csv_sheet(packaged(table.file), table.file), table)
    if found.faults:
        first = found.faults[0]
        raise ReferenceDataError(f"{table.file} line {first.line}, {first.column}: {first.en}")
    return tuple(found.rows.values())


def read_basin_waters(text: str, name: str = "basin_waters.geojson") -> tuple[BasinWaterRow, ...]:
    """Return the water outlines of a GeoJSON FeatureCollection. Raises ReferenceDataError."""
    try:
        features = json.loads(text)["features"]
        found = [{**feature["properties"], "geometry": feature["geometry"]} for feature in features]
        return tuple(BasinWaterRow.model_validate(row) for row in found)
    except ValidationError as fault:
        raise ReferenceDataError(f"{name}: {fault.errors()[0]['msg']}") from fault
    except (ValueError, KeyError, TypeError) as fault:
        raise ReferenceDataError(f"{name}: not a GeoJSON FeatureCollection ({fault})") from fault


def goals() -> tuple[GoalRow, ...]:
    """Return the shipped goals."""
    return _of(GoalRow, ReferenceKind.GOALS)


def coefficients() -> tuple[Coefficient, ...]:
    """Return the shipped coefficients."""
    return tuple(Coefficient(**row.model_dump()) for row in shipped(ReferenceKind.COEFFICIENTS))


def basins() -> tuple[BasinRow, ...]:
    """Return the shipped basins."""
    return _of(BasinRow, ReferenceKind.BASINS)


def basin_counties() -> tuple[BasinCountyRow, ...]:
    """Return the shipped basin memberships."""
    return _of(BasinCountyRow, ReferenceKind.BASIN_COUNTIES)


def basin_waters() -> tuple[BasinWaterRow, ...]:
    """Return the shipped water outlines."""
    return read_basin_waters(packaged("basin_waters.geojson"))


def recodes() -> tuple[RecodeRow, ...]:
    """Return the shipped county recodes."""
    return _of(RecodeRow, ReferenceKind.REGION_RECODES)


def _of(row_type: type[RowType], kind: ReferenceKind) -> tuple[RowType, ...]:
    return tuple(row for row in shipped(kind) if isinstance(row, row_type))
