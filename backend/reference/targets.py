"""The tables that reference data are loaded into, and the one statement that puts rows into any of them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson
import shapely
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from schemas.tables.columns import CGCS2000_SRID


@dataclass(frozen=True, slots=True)
class Target:
    """A table with the columns that are loaded (name -> PostgreSQL type) and its key."""

    table: str
    columns: Mapping[str, str]
    key: tuple[str, ...]

    @property
    def upsert(self) -> str:
        """The statement that puts a JSON array of rows over those with the same key and leaves all others alone."""
        names = ", ".join(self.columns)
        typed = ", ".join(f"{name} {kind}" for name, kind in self.columns.items())
        changed = ", ".join(f"{name} = excluded.{name}" for name in self.columns if name not in self.key)
        return (
            f"INSERT INTO {self.table} ({names}) SELECT {names} FROM jsonb_to_recordset(cast(:rows AS jsonb)) "
            f"AS given({typed}) ON CONFLICT ({', '.join(self.key)}) DO UPDATE SET {changed}"
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
COUNTY_GEOM = Target(
    "county_geom",
    {"county_code": "text", "name": "text", "in_scope": "boolean", "geom": "geometry", "source": "text"},
    ("county_code",),
)
BOUNDARY_LINE = Target(
    "boundary_line", {"id": "integer", "name": "text", "geom": "geometry", "source": "text"}, ("id",)
)
MAP_LAYER = Target("map_layer", {"name": "text", "sha256": "bytea", "body": "bytea"}, ("name",))
BASIN = Target(
    "basin", {"code": "text", "name": "text", "name_en": "text", "geom": "geometry", "source": "text"}, ("code",)
)
BASIN_COUNTY = Target(
    "basin_county",
    {"basin_code": "text", "county_code": "text", "tier": "text", "source": "text", "confidence": "text"},
    ("basin_code", "county_code"),
)
GOAL = Target(
    "goal",
    {
        "region_code": "text",
        "indicator": "text",
        "scope": "text",
        "valid_from": "smallint",
        "due_year": "smallint",
        "type": "text",
        "value": "numeric",
        "unit": "text",
        "source": "text",
        "status": "text",
        "department": "text",
    },
    ("region_code", "indicator", "scope", "valid_from", "due_year"),
)
COEFFICIENT = Target(
    "coefficient",
    {
        "year": "smallint",
        "region_code": "text",
        "name": "text",
        "subject": "text",
        "value": "numeric",
        "unit": "text",
        "source": "text",
        "status": "text",
    },
    ("year", "region_code", "name", "subject"),
)


BASELINE = Target(
    "baseline",
    {
        "region_code": "text",
        "indicator": "text",
        "series": "text",
        "year": "smallint",
        "value": "numeric",
        "unit": "text",
        "source": "text",
        "status": "text",
    },
    ("region_code", "indicator", "series", "year"),
)
PUBLISHED_INPUT = Target(
    "published_input",
    {
        "measure": "text",
        "year": "smallint",
        "region_code": "text",
        "amount": "numeric",
        "unit": "text",
        "printed_value": "numeric",
        "printed_unit": "text",
        "source": "text",
    },
    ("measure", "year", "region_code"),
)


async def put_rows(connection: AsyncConnection, target: Target, rows: Iterable[Any]) -> int:
    """Put rows (mappings or dataclasses, see `hex_bytes` and `hex_shape`) into a table; return how many."""
    given = list(rows)
    await connection.execute(text(target.upsert), {"rows": orjson.dumps(given, default=str).decode()})
    return len(given)


def hex_bytes(value: bytes) -> str:
    """Return bytes as the text that PostgreSQL reads as bytea."""
    return "\\x" + value.hex()


def hex_shape(geometry: Any) -> str:
    """Return polygons or lines as the hexadecimal EWKB of their multi-type in CGCS2000."""
    parts = shapely.get_parts(geometry)
    multi = shapely.multipolygons(parts) if shapely.get_dimensions(geometry) == 2 else shapely.multilinestrings(parts)
    return str(shapely.to_wkb(shapely.set_srid(multi, CGCS2000_SRID), hex=True, include_srid=True))
