"""One vector tile of the boundaries: counties, prefectures, provinces."""

from typing import Protocol

EXTENT = 4096
BUFFER = 64
FIRST_ZOOM, LAST_ZOOM = 4, 10

LAYERS = {
    "province": ("code", "name", "parent_code", "in_scope"),
    "prefecture": ("code", "name", "parent_code", "in_scope"),
    "county": ("code", "name", "parent_code", "in_scope"),
    "boundary_line": ("name",),
}
"""Layer -> its attributes."""

READ_TILE = """
    WITH bounds AS (
        SELECT ST_TileEnvelope($1::int, $2::int, $3::int) AS mercator,
               ST_Transform(ST_Expand(ST_TileEnvelope($1::int, $2::int, $3::int),
                   40075016.68 / (1 << $1::int) / 64), 4490) AS degrees
    ),
    county AS (
        SELECT outline.county_code AS code, outline.name, region.parent_code, outline.in_scope,
               ST_AsMVTGeom(ST_Transform(outline.geom, 3857), bounds.mercator, 4096, 64) AS geom
        FROM current_county_geom AS outline
        JOIN bounds ON outline.geom && bounds.degrees
        LEFT JOIN region_version AS region ON region.code = outline.county_code AND region.valid_to IS NULL
    ),
    prefecture AS (
        SELECT region.code, region.name, region.parent_code, region.in_scope,
               ST_Multi(ST_UnaryUnion(ST_Collect(county.geom))) AS geom
        FROM county JOIN region_version AS region ON region.code = county.parent_code AND region.valid_to IS NULL
        WHERE county.geom IS NOT NULL AND region.level = 'prefecture'
        GROUP BY region.code, region.name, region.parent_code, region.in_scope
    ),
    province AS (
        SELECT region.code, region.name, region.parent_code, region.in_scope,
               ST_Multi(ST_UnaryUnion(ST_Collect(county.geom))) AS geom
        FROM county JOIN region_version AS region
          ON region.code = rpad(left(county.code, 2), 6, '0') AND region.valid_to IS NULL
        WHERE county.geom IS NOT NULL
        GROUP BY region.code, region.name, region.parent_code, region.in_scope
    ),
    line AS (
        SELECT drawn.name, ST_AsMVTGeom(ST_Transform(drawn.geom, 3857), bounds.mercator, 4096, 64) AS geom
        FROM current_boundary_line AS drawn JOIN bounds ON drawn.geom && bounds.degrees
    )
    SELECT
        coalesce((SELECT ST_AsMVT(one, 'province', 4096, 'geom', 'id') FROM (
            SELECT code::bigint AS id, code, name, parent_code, in_scope, geom FROM province ORDER BY code
        ) AS one), '')
        || coalesce((SELECT ST_AsMVT(one, 'prefecture', 4096, 'geom', 'id') FROM (
            SELECT code::bigint AS id, code, name, parent_code, in_scope, geom FROM prefecture ORDER BY code
        ) AS one), '')
        || coalesce((SELECT ST_AsMVT(one, 'county', 4096, 'geom', 'id') FROM (
            SELECT code::bigint AS id, code, name, parent_code, in_scope, geom FROM county
            WHERE geom IS NOT NULL ORDER BY code
        ) AS one), '')
        || coalesce((SELECT ST_AsMVT(one, 'boundary_line', 4096, 'geom') FROM (
            SELECT name, geom FROM line WHERE geom IS NOT NULL ORDER BY name
        ) AS one), '') AS tile
"""


class Database(Protocol):
    """A connection of the driver."""

    async def fetchval(self, query: str, *args: int) -> bytes:
        """Run a statement and return its one value."""


async def boundary_tile(connection: Database, z: int, x: int, y: int) -> bytes:
    """Return a tile of the boundaries (MVT, not compressed); empty where nothing lies in it."""
    return await connection.fetchval(READ_TILE, z, x, y)
