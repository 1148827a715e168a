"""The GeoPackage of a county: what an officer opens in QGIS, or a worker in QField, with no line to the service."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson
import shapely

from backend.packs.files import OUTLINE_KINDS, geopackage_key, stand_of
from backend.packs.kept import FileKey
from backend.service import Service
from geo.geopackage import Layer, geopackage
from schemas.changes import SCHEMA_VERSION
from schemas.regions import RegionTree
from sync.farm_stand import FarmStand
from sync.packs import Pack, PackName, personal_of, read_farms
from sync.reading import Reader
from sync.statement import Connection, Statement

LAYOUT_VERSION = "1"
DEMO_MARK = "演示数据 demo data"

BEGINNING = datetime(2025, 1, 1, tzinfo=UTC)
"""The time of a file in which nothing has a time."""

READ_OUTLINES = Statement.of("""
    SELECT shown.county_code AS code, shown.name, shown.in_scope, ST_AsBinary(shown.geom) AS geom,
           shown.county_code = own.county_code AS is_own
    FROM current_county_geom AS own
    JOIN current_county_geom AS shown ON ST_Intersects(shown.geom, own.geom)
    WHERE own.county_code = cast(:county_code AS text)
    ORDER BY shown.county_code
""")
"""A county and those that share a border with it."""

READ_LOADED = Statement.of("""
    SELECT max(loaded_at) AS loaded_at FROM reference_version WHERE kind = ANY(cast(:kinds AS text[]))
""")


@dataclass(frozen=True, slots=True)
class CountyContent:
    """What a GeoPackage is made of, read in one snapshot."""

    county_code: str
    today: str
    outlines: Sequence[Mapping[str, Any]]
    farms: bytes | str
    packs: Mapping[PackName, Pack]
    stand: FarmStand
    loaded_at: datetime | None
    tree: RegionTree
    versions: Mapping[str, int]
    source: str
    is_demo: bool


async def make_county_file(
    county_code: str, reader: Reader, packs: Mapping[PackName, Pack], service: Service
) -> tuple[FileKey, bytes]:
    """Return the GeoPackage of a county for a reader, and what it is called: both of one moment."""
    async with (
        service.pool.acquire() as connection,
        connection.transaction(isolation="repeatable_read", readonly=True),
    ):
        content = await _read(connection, county_code, reader, packs, service)
    key = geopackage_key(county_code, reader, packs, content.stand, service)
    return key, await asyncio.to_thread(_written, content, reader)


async def _read(
    connection: Connection, county_code: str, reader: Reader, packs: Mapping[PackName, Pack], service: Service
) -> CountyContent:
    today = service.reference.region_of(county_code)
    stand = await stand_of(connection, county_code, service)
    [loaded] = await READ_LOADED.rows(connection, kinds=list(OUTLINE_KINDS))
    return CountyContent(
        county_code,
        today,
        await READ_OUTLINES.rows(connection, county_code=today),
        await read_farms(connection, county_code, reader),
        packs,
        stand,
        loaded["loaded_at"],
        service.reference.tree,
        service.state.versions,
        service.map_source,
        service.settings.demo,
    )


def _written(content: CountyContent, reader: Reader) -> bytes:
    moments = [moment for moment in (content.stand.farm_at, content.loaded_at) if moment is not None]
    as_of = max(moments, default=BEGINNING)
    layers = [
        _outlines("county", "本县 County", content, is_own=True),
        _outlines("neighbour", "邻县 Neighbouring counties", content, is_own=False),
        _farms(content, reader),
        _table("township", "乡镇 Townships", content, PackName.REGIONS, "townships", ("code", "name")),
        _table("coefficient", "系数 Coefficients", content, PackName.COEFFICIENTS, "coefficients", COEFFICIENT_COLUMNS),
        _table("goal", "目标 Goals", content, PackName.GOALS, "goals", GOAL_COLUMNS),
        _metadata(content, reader, as_of),
    ]
    return geopackage(layers, as_of)


COEFFICIENT_COLUMNS = ("region_code", "year", "name", "subject", "value", "unit", "source", "status")
GOAL_COLUMNS = (
    "region_code",
    "indicator",
    "scope",
    "valid_from",
    "due_year",
    "type",
    "value",
    "unit",
    "source",
    "status",
    "department",
)


def _outlines(name: str, title: str, content: CountyContent, *, is_own: bool) -> Layer:
    rows = [row for row in content.outlines if row["is_own"] is is_own]
    regions = [content.tree.get(row["code"]) for row in rows]
    columns = {
        "code": [row["code"] for row in rows],
        "name": [row["name"] for row in rows],
        "parent_code": [None if region is None else region.parent_code for region in regions],
        "in_scope": [int(row["in_scope"]) for row in rows],
    }
    return Layer(name, title, columns, [shapely.from_wkb(bytes(row["geom"])) for row in rows])


def _farms(content: CountyContent, reader: Reader) -> Layer:
    """Return the register: name and plot of a farm only for who may see them, contacts for nobody."""
    rows = orjson.loads(content.farms)
    opened = [personal_of(row, content.county_code, reader) or {} for row in rows]
    townships = {code: content.tree.get(code) for code in {row["township_code"] for row in rows}}
    columns: dict[str, Sequence[Any]] = {
        "record_id": [row["id"] for row in rows],
        "entity_kind": [row["entity_kind"] for row in rows],
        "township_code": [row["township_code"] for row in rows],
        "township": [_name_in(townships, row["township_code"]) for row in rows],
        "village_code": [row["village_code"] for row in rows],
        "area_mu": [None if row["area_mu"] is None else float(row["area_mu"]) for row in rows],
    }
    shapes = [None] * len(rows)
    if reader.sees_personal:
        columns["name"] = [one.get("name") for one in opened]
        shapes = list(shapely.from_geojson([_geojson(one) for one in opened]))
    return Layer("farm", "经营主体 Farms", columns, shapes, geometry_type="Unknown")


def _geojson(personal: Mapping[str, Any]) -> bytes | None:
    geometry = personal.get("geometry")
    return None if geometry is None else orjson.dumps(geometry)


def _name_in(townships: Mapping[str, Any], code: str) -> str | None:
    found = townships[code]
    return None if found is None else str(found.name)


def _table(
    layer: str, title: str, content: CountyContent, pack: PackName, member: str, columns: Sequence[str]
) -> Layer:
    """Return the rows of a pack as a table; amounts stay text, as exact as they were loaded."""
    rows = orjson.loads(content.packs[pack].body)[member]
    return Layer(layer, title, {name: [row[name] for row in rows] for name in columns})


def _metadata(content: CountyContent, reader: Reader, as_of: datetime) -> Layer:
    scope = "*" if reader.held is None else " ".join(reader.held)
    region = content.tree.get(content.today)
    entries = {
        "title": "清田离线数据包 Qingtian offline pack",
        "county_code": content.county_code,
        "county_name": content.today if region is None else region.name,
        "source": content.source,
        "data_as_of": as_of.isoformat(),
        "townships": scope,
        "personal_fields": "yes" if reader.sees_personal else "no",
        "schema_version": str(SCHEMA_VERSION),
        "layout_version": LAYOUT_VERSION,
        "crs": "CGCS2000 (EPSG:4490)",
        **{f"{kind}_version": str(content.versions.get(kind, 0)) for kind in OUTLINE_KINDS},
        **{f"{name}_sha256": content.packs[name].sha256 for name in (PackName.GOALS, PackName.COEFFICIENTS)},
        **({"mark": DEMO_MARK} if content.is_demo else {}),
    }
    return Layer("metadata", "说明 About", {"name": list(entries), "value": list(entries.values())})
