"""The tables that reference data are kept in, and the few statements that read and add rows, whatever the table."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson
import shapely
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from schemas.reference.kinds import TABLES, ReferenceKind
from schemas.tables.columns import CGCS2000_SRID


@dataclass(frozen=True, slots=True)
class Target:
    """A table with the columns that are loaded (name -> PostgreSQL type) and its key."""

    table: str
    columns: Mapping[str, str]
    key: tuple[str, ...]

    @property
    def insert(self) -> str:
        """The statement that adds a JSON array of rows."""
        names = ", ".join(self.columns)
        typed = ", ".join(f"{name} {kind}" for name, kind in self.columns.items())
        return (
            f"INSERT INTO {self.table} ({names}) SELECT {names} FROM jsonb_to_recordset(cast(:rows AS jsonb)) "
            f"AS given({typed})"
        )

    @property
    def upsert(self) -> str:
        """The statement that puts a JSON array of rows over those with the same key and leaves all others alone."""
        changed = ", ".join(f"{name} = excluded.{name}" for name in self.columns if name not in self.key)
        return f"{self.insert} ON CONFLICT ({', '.join(self.key)}) DO UPDATE SET {changed}"


@dataclass(frozen=True, slots=True)
class VersionedTarget(Target):
    """A table that keeps every version of a row; `key` is the natural one, without the version."""

    @property
    def append(self) -> str:
        """The statement that adds a JSON array of rows under one version, retired or not."""
        names = ", ".join(self.columns)
        typed = ", ".join(f"{name} {kind}" for name, kind in self.columns.items())
        return (
            f"INSERT INTO {self.table} ({names}, version, withdrawn) SELECT {names}, :version, :withdrawn "
            f"FROM jsonb_to_recordset(cast(:rows AS jsonb)) AS given({typed})"
        )

    @property
    def latest(self) -> str:
        """The statement that reads the latest row of every key, retired ones too, and where its version came from."""
        columns = ", ".join(
            f"encode(ST_AsEWKB(latest.{name}), 'hex') AS {name}" if kind == "geometry" else f"latest.{name}"
            for name, kind in self.columns.items()
        )
        key = ", ".join(self.key)
        return (
            f"SELECT {columns}, latest.withdrawn AS is_withdrawn, version.origin "
            f"FROM (SELECT DISTINCT ON ({key}) * FROM {self.table} ORDER BY {key}, version DESC) AS latest "
            "JOIN reference_version AS version ON version.kind = :kind AND version.version = latest.version"
        )


REGION_VERSION = Target(
    "region_version",
    {
        "code": "text",
        "valid_from": "smallint",
        "valid_to": "smallint",
        "name": "text",
        "level": "text",
        "parent_code": "text",
        "ledger_codes": "text[]",
        "in_scope": "boolean",
        "source": "text",
    },
    ("code", "valid_from"),
)
REGION_CHANGE = Target(
    "region_change",
    {
        "old_code": "text",
        "new_code": "text",
        "year": "smallint",
        "kind": "text",
        "old_name": "text",
        "new_name": "text",
        "source": "text",
    },
    ("old_code", "new_code", "year"),
)
MAP_LAYER = Target("map_layer", {"name": "text", "sha256": "bytea", "body": "bytea"}, ("name",))
COUNTY_GEOM = VersionedTarget(
    "county_geom",
    {"county_code": "text", "name": "text", "in_scope": "boolean", "geom": "geometry", "source": "text"},
    ("county_code",),
)
BOUNDARY_LINE = VersionedTarget(
    "boundary_line", {"id": "integer", "name": "text", "geom": "geometry", "source": "text"}, ("id",)
)
_TYPES = {
    ReferenceKind.GOALS: (
        "goal",
        (
            "region_code text, indicator text, scope text, valid_from smallint, due_year smallint, type text, "
            "value numeric, unit text, source text, status text, department text"
        ),
    ),
    ReferenceKind.COEFFICIENTS: (
        "coefficient",
        "year smallint, region_code text, name text, subject text, value numeric, unit text, source text, status text",
    ),
    ReferenceKind.BASELINES: (
        "baseline",
        (
            "region_code text, indicator text, series text, year smallint, value numeric, unit text, source text, "
            "status text"
        ),
    ),
    ReferenceKind.PUBLISHED_INPUTS: (
        "published_input",
        (
            "measure text, year smallint, region_code text, amount numeric, unit text, printed_value numeric, "
            "printed_unit text, source text, status text"
        ),
    ),
    ReferenceKind.DESIGNATIONS: (
        "designation",
        "county_code text, kind text, year smallint, source text, status text",
    ),
    ReferenceKind.BASINS: ("basin", "code text, name text, name_en text, geom geometry, source text"),
    ReferenceKind.BASIN_COUNTIES: (
        "basin_county",
        "basin_code text, county_code text, tier text, source text, confidence text",
    ),
    ReferenceKind.REGION_RECODES: (
        "region_recode",
        "old_code text, old_name text, new_code text, new_name text, year smallint, kind text, source text",
    ),
}
TABLE_OF: Mapping[ReferenceKind, VersionedTarget] = {
    kind: VersionedTarget(table, dict(pair.split(" ") for pair in typed.split(", ")), TABLES[kind].key)
    for kind, (table, typed) in _TYPES.items()
}
"""Kind -> the table of its rows."""


async def put_rows(connection: AsyncConnection, target: Target, rows: Iterable[Any]) -> int:
    """Put rows (mappings or dataclasses, see `hex_bytes` and `hex_shape`) into a table; return how many."""
    given = list(rows)
    await connection.execute(text(target.upsert), {"rows": as_json(given)})
    return len(given)


async def replace_rows(connection: AsyncConnection, target: Target, rows: Iterable[Any]) -> int:
    """Put rows in the place of all that a worked-out table holds; return how many."""
    given = list(rows)
    await connection.execute(text(f"DELETE FROM {target.table}"))
    await connection.execute(text(target.insert), {"rows": as_json(given)})
    return len(given)


def as_json(rows: list[Any]) -> str:
    """Return rows as the text of a JSON array; decimals as strings, so that no digit is lost."""
    return orjson.dumps(rows, default=str).decode()


def hex_bytes(value: bytes) -> str:
    """Return bytes as the text that PostgreSQL reads as bytea."""
    return "\\x" + value.hex()


def hex_shape(geometry: Any) -> str:
    """Return polygons or lines as the hexadecimal EWKB of their multi-type in CGCS2000."""
    parts = shapely.get_parts(geometry)
    multi = shapely.multipolygons(parts) if shapely.get_dimensions(geometry) == 2 else shapely.multilinestrings(parts)
    return str(shapely.to_wkb(shapely.set_srid(multi, CGCS2000_SRID), hex=True, include_srid=True))
