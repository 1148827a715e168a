"""The column types that several tables share."""

from typing import Any

from geoalchemy2 import Geometry
from sqlalchemy import BigInteger, CheckConstraint, DateTime, LargeBinary, Numeric, SmallInteger, String, Text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, UUID
from sqlmodel import Field

CGCS2000_SRID = 4490
"""EPSG code of the datum in which every geometry is stored."""


def code(length: int = 6, *, primary_key: bool = False, nullable: bool = False) -> Any:
    """Return a field for a region code."""
    return Field(sa_type=String(length), primary_key=primary_key, nullable=nullable)


def text(*, primary_key: bool = False, nullable: bool = False, default: Any = ...) -> Any:
    """Return a text field."""
    return Field(default=default, sa_type=Text(), primary_key=primary_key, nullable=nullable)


def uuid(*, primary_key: bool = False, nullable: bool = False, default: Any = ...) -> Any:
    """Return a UUID field; ids travel as lower-case strings."""
    return Field(default=default, sa_type=UUID(as_uuid=False), primary_key=primary_key, nullable=nullable)


def position(*, primary_key: bool = False, nullable: bool = False, default: Any = ...) -> Any:
    """Return a ledger position field."""
    return Field(default=default, sa_type=BigInteger(), primary_key=primary_key, nullable=nullable)


def amount(*, nullable: bool = False, default: Any = ...) -> Any:
    """Return an exact numeric field without a fixed scale."""
    return Field(default=default, sa_type=Numeric(), nullable=nullable)


def year(*, primary_key: bool = False, nullable: bool = False, default: Any = ...) -> Any:
    """Return a year field."""
    return Field(default=default, sa_type=SmallInteger(), primary_key=primary_key, nullable=nullable)


def digest(*, primary_key: bool = False, nullable: bool = False, default: Any = ...) -> Any:
    """Return a field for 32 bytes, such as a SHA-256."""
    return Field(default=default, sa_type=LargeBinary(32), primary_key=primary_key, nullable=nullable)


def mark() -> Any:
    """Return a field for the eight bytes of a mark."""
    return Field(sa_type=LargeBinary(8), nullable=False)


def blob(*, nullable: bool = False, default: Any = ...) -> Any:
    """Return a field for bytes."""
    return Field(default=default, sa_type=LargeBinary(), nullable=nullable)


def document(*, nullable: bool = False, default: Any = ...) -> Any:
    """Return a JSONB field."""
    return Field(default=default, sa_type=JSONB(none_as_null=True), nullable=nullable)


def codes(*, nullable: bool = False) -> Any:
    """Return a field for an array of region codes."""
    return Field(sa_type=ARRAY(String(6)), nullable=nullable)


def moment(*, nullable: bool = False, default: Any = ...) -> Any:
    """Return an aware timestamp field."""
    return Field(default=default, sa_type=DateTime(timezone=True), nullable=nullable)


def moment_key() -> Any:
    """Return an aware timestamp field that is part of the primary key."""
    return Field(sa_type=DateTime(timezone=True), primary_key=True)


def shape(kind: str, *, nullable: bool = False, default: Any = ...) -> Any:
    """Return a geometry field in CGCS2000 (EPSG:4490); its GiST index is declared with the table."""
    return Field(default=default, sa_type=Geometry(kind, srid=CGCS2000_SRID, spatial_index=False), nullable=nullable)


def one_of(column: str, values: Any, name: str) -> CheckConstraint:
    """Return a named check that `column` holds one of an enum's values."""
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({listed})", name=name)
