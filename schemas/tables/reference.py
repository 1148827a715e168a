"""Reference data: regions, boundaries, basins, goals, coefficients, base values and published amounts.

A versioned table keeps every row that was ever loaded under the version that brought it. The view `current_<table>`
shows what holds: the row with the highest version of each key, unless that version withdrew it.
"""

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Index, text
from sqlmodel import Field, SQLModel

from schemas.reference.designations import DesignationKind
from schemas.tables import columns as c
from schemas.vocabulary import BasinTier, GoalType, ReferenceOrigin, RegionLevel, SourceStatus


class Versioned(SQLModel):
    """What every versioned row has besides its natural key: neither is ever updated, no row is ever deleted."""

    version: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    """The version of the row's kind that brought it."""
    withdrawn: bool
    """Whether the version retired the row; what it held before stands in the other columns."""


class RegionVersion(SQLModel, table=True):
    """A region as it was from `valid_from` up to and including `valid_to` (NULL: still).

    Worked out from the register and the recodes, and written anew when either changes; its inputs have the versions.
    """

    __tablename__ = "region_version"
    __table_args__ = (
        c.one_of("level", RegionLevel, "region_version_level"),
        Index("region_version_parent", "parent_code"),
        Index("region_version_county", "code", "valid_from", postgresql_where=text("level = 'county'")),
    )

    code: str = c.code(9, primary_key=True)
    valid_from: int = c.year(primary_key=True)
    valid_to: int | None = c.year(nullable=True, default=None)
    name: str = c.text()
    level: str = c.text()
    parent_code: str | None = c.code(9, nullable=True)
    ledger_codes: list[str] = c.codes()
    """The ledgers a county is summed from; empty above and below the county."""
    in_scope: bool
    source: str = c.text()


class RegionChange(SQLModel, table=True):
    """One event of the code history: what a county was called and coded before and after."""

    __tablename__ = "region_change"

    old_code: str = c.code(primary_key=True)
    new_code: str = c.code(primary_key=True)
    year: int = c.year(primary_key=True)
    kind: str = c.text()
    old_name: str = c.text()
    new_name: str = c.text()
    source: str = c.text()


class CountyGeom(Versioned, table=True):
    """The outline of a county or of an area drawn with the map, CGCS2000, generalised by its source."""

    __tablename__ = "county_geom"
    __table_args__ = (Index("county_geom_geom", "geom", postgresql_using="gist"),)

    county_code: str = c.code(primary_key=True)
    name: str = c.text()
    in_scope: bool
    geom: Any = c.shape("MULTIPOLYGON")
    source: str = c.text()


class BoundaryLine(Versioned, table=True):
    """A 境界线 of the source layer, the South China Sea dashed line among them."""

    __tablename__ = "boundary_line"

    id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    name: str = c.text()
    geom: Any = c.shape("MULTILINESTRING")
    source: str = c.text()


class MapLayer(SQLModel, table=True):
    """A drawn layer made once at set-up (GeoJSON, gzip), served as it is under its content hash."""

    __tablename__ = "map_layer"

    name: str = c.text(primary_key=True)
    sha256: bytes = c.digest()
    body: bytes = c.blob()


class Basin(Versioned, table=True):
    """A key basin and the outline of its water, for display only."""

    __tablename__ = "basin"

    code: str = c.text(primary_key=True)
    name: str = c.text()
    name_en: str = c.text()
    geom: Any = c.shape("MULTIPOLYGON", nullable=True)
    source: str = c.text()


class BasinCounty(Versioned, table=True):
    """The membership of a county in a basin."""

    __tablename__ = "basin_county"
    __table_args__ = (c.one_of("tier", BasinTier, "basin_county_tier"),)

    basin_code: str = c.text(primary_key=True)
    county_code: str = c.code(primary_key=True)
    tier: str = c.text()
    source: str = c.text()
    confidence: str = c.text()


class Goal(Versioned, table=True):
    """A goal of a plan: the nearest region up the tree with one for the same indicator and scope wins."""

    __tablename__ = "goal"
    __table_args__ = (
        c.one_of("type", GoalType, "goal_type"),
        c.one_of("status", SourceStatus, "goal_status"),
    )

    region_code: str = c.code(primary_key=True)
    indicator: str = c.text(primary_key=True)
    scope: str = c.text(primary_key=True)
    valid_from: int = c.year(primary_key=True)
    due_year: int = c.year(primary_key=True)
    type: str = c.text()
    value: Decimal = c.amount()
    """A floor is a share (0.85); an amount is in `unit`."""
    unit: str = c.text()
    source: str = c.text()
    status: str = c.text()
    department: str = c.text()


class CoefficientRow(Versioned, table=True):
    """A coefficient by year, region and subject; a province without its own falls back to the nation."""

    __tablename__ = "coefficient"
    __table_args__ = (c.one_of("status", SourceStatus, "coefficient_status"),)

    year: int = c.year(primary_key=True)
    region_code: str = c.code(primary_key=True)
    name: str = c.text(primary_key=True)
    subject: str = c.text(primary_key=True)
    value: Decimal = c.amount()
    unit: str = c.text()
    source: str = c.text()
    status: str = c.text()


class Baseline(Versioned, table=True):
    """The base value that a county's change is held against; without one its own report of the base year serves."""

    __tablename__ = "baseline"
    __table_args__ = (c.one_of("status", SourceStatus, "baseline_status"),)

    region_code: str = c.code(primary_key=True)
    indicator: str = c.text(primary_key=True)
    series: str = c.text(primary_key=True)
    year: int = c.year(primary_key=True)
    value: Decimal = c.amount()
    unit: str = c.text()
    source: str = c.text()
    status: str = c.text()


class PublishedInput(Versioned, table=True):
    """An amount that a yearbook printed for a province, in t or mu, beside what was printed."""

    __tablename__ = "published_input"
    __table_args__ = (c.one_of("status", SourceStatus, "published_input_status"),)

    measure: str = c.text(primary_key=True)
    year: int = c.year(primary_key=True)
    region_code: str = c.code(primary_key=True)
    amount: Decimal = c.amount()
    unit: str = c.text()
    printed_value: Decimal = c.amount()
    printed_unit: str = c.text()
    source: str = c.text()
    status: str = c.text()


class Designation(Versioned, table=True):
    """A county that a document designated in a year."""

    __tablename__ = "designation"
    __table_args__ = (
        c.one_of("kind", DesignationKind, "designation_kind"),
        c.one_of("status", SourceStatus, "designation_status"),
    )

    county_code: str = c.code(primary_key=True)
    kind: str = c.text(primary_key=True)
    year: int = c.year(primary_key=True)
    source: str = c.text()
    status: str = c.text()


class RegionRecode(Versioned, table=True):
    """A county code that gave way to another from a year on, or a county's new name under the same code."""

    __tablename__ = "region_recode"

    old_code: str = c.code(primary_key=True)
    new_code: str = c.code(primary_key=True)
    year: int = c.year(primary_key=True)
    old_name: str = c.text()
    new_name: str = c.text()
    kind: str = c.text()
    source: str = c.text()


class ReferenceVersion(SQLModel, table=True):
    """One version of one kind of reference data: what it came from, who loaded it when, how many rows it brought."""

    __tablename__ = "reference_version"
    __table_args__ = (c.one_of("origin", ReferenceOrigin, "reference_version_origin"),)

    kind: str = c.text(primary_key=True)
    version: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    origin: str = c.text()
    source_name: str = c.text()
    """The file, as the person who loaded it named it."""
    sha256: bytes = c.digest()
    """Of a loaded file; of shipped data, of all that the rows are made from, so that a start sees a change."""
    rows: int
    """How many rows the version brought; rows that did not change are not repeated."""
    loaded_at: datetime = c.moment()
    loaded_by: str = c.text()
    note: str = c.text()
