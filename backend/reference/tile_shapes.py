"""The shapes that vector tiles are cut from: counties generalised as one coverage, and all that is dissolved from them.

Made anew with the drawn layers of the map. What is made has a hash, which names the tiles.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from backend.reference.boundaries import Boundaries
from backend.reference.recodes import RegionRow
from geo.coverage import Shapes, dissolve
from geo.tiles import BANDS, Band, drawn_lines, drawn_waters, generalised
from schemas.regions import NATION
from schemas.tables.tiles import REGIONS_SET, WEB_MERCATOR_SRID
from schemas.vocabulary import BasinTier, RegionLevel

FORMAT = "1"
"""Raised when tiles of the same shapes would be written in another way: then their addresses must change too."""

DELETE_SHAPES = "DELETE FROM tile_shape WHERE layer = ANY(:layers)"
INSERT_SHAPES = f"""
    INSERT INTO tile_shape (zoom, layer, code, tier, feature_id, name, parent_code, in_scope, geom)
    SELECT zoom, layer, code, tier, CASE WHEN layer IN ('province', 'prefecture', 'county') THEN code::bigint END,
           name, parent_code, in_scope, ST_SetSRID(ST_GeomFromWKB(shape), {WEB_MERCATOR_SRID})
    FROM unnest(cast(:zooms AS smallint[]), cast(:layers AS text[]), cast(:codes AS text[]), cast(:tiers AS text[]),
                cast(:names AS text[]), cast(:parents AS text[]), cast(:scopes AS boolean[]), cast(:shapes AS bytea[]))
         AS given(zoom, layer, code, tier, name, parent_code, in_scope, shape)
"""
READ_MEMBERS = """
    SELECT DISTINCT ON (member.basin_code, county.code) member.basin_code, county.code, member.tier, basin.name
    FROM current_basin_county AS member
    JOIN current_basin AS basin ON basin.code = member.basin_code
    JOIN region_version AS county ON member.county_code = county.code OR member.county_code = ANY(county.ledger_codes)
    WHERE county.valid_to IS NULL AND county.level = 'county'
    ORDER BY member.basin_code, county.code, member.county_code = county.code DESC,
             array_position(cast(:tiers AS text[]), member.tier)
"""
"""A county is in a basin as listed, else in the closest tier of the codes that went into it."""

READ_COUNTIES = """
    SELECT zoom, code, ST_AsBinary(geom) AS shape FROM tile_shape WHERE layer = 'county' AND code = ANY(:codes)
    ORDER BY zoom, code
"""
READ_WATERS = "SELECT code, name, ST_AsBinary(geom) AS shape FROM current_basin WHERE geom IS NOT NULL ORDER BY code"
NAME_SET = """
    INSERT INTO tile_set (name, sha256, bounds)
    SELECT :name, sha256(convert_to(:format, 'UTF8') || string_agg(sha256(convert_to(row_to_json(one)::text, 'UTF8')),
                                                                   ''::bytea ORDER BY zoom, layer, code, tier)),
           (SELECT ARRAY[ST_XMin(box), ST_YMin(box), ST_XMax(box), ST_YMax(box)]
            FROM (SELECT ST_Extent(ST_Transform(geom, 4326)) AS box FROM tile_shape
                  WHERE zoom = :zoom AND layer IN ('province', 'boundary_line')) AS extent)
    FROM (SELECT zoom, layer, code, tier, name, parent_code, in_scope, md5(ST_AsBinary(geom)) AS shape
          FROM tile_shape) AS one
    ON CONFLICT (name) DO UPDATE SET sha256 = excluded.sha256, bounds = excluded.bounds
"""


@dataclass(frozen=True, slots=True)
class TileShape:
    """A row of `tile_shape`; `geometry` in EPSG:3857."""

    zoom: int
    layer: str
    code: str
    name: str
    geometry: Any
    parent_code: str | None = None
    in_scope: bool | None = None
    tier: str = ""


def region_shapes(
    boundaries: Boundaries, current: Mapping[str, RegionRow], province_of: Mapping[str, str]
) -> list[TileShape]:
    """Return counties, prefectures, provinces and 境界线 of every band, without what a band leaves nothing of.

    Where a province has counties of its own, without a prefecture, those stand among the prefectures too: together they
    are the parts of provinces. `province_of` is where an outline is drawn.
    """
    coverage = generalised(np.array([county.geometry for county in boundaries.counties], dtype=object))
    lines = np.array([line.geometry for line in boundaries.lines], dtype=object)
    found: list[TileShape] = []
    for band, shapes in coverage.items():
        found += _of_band(band, shapes, boundaries, current, province_of)
        found += [
            TileShape(band.last, "boundary_line", str(line.id), line.name, shape)
            for line, shape in zip(boundaries.lines, drawn_lines(lines, band), strict=True)
        ]
    return [one for one in found if not shapely.is_empty(one.geometry)]


def _of_band(
    band: Band,
    shapes: Shapes,
    boundaries: Boundaries,
    current: Mapping[str, RegionRow],
    province_of: Mapping[str, str],
) -> Iterator[TileShape]:
    provinces = [province_of[county.code] for county in boundaries.counties]
    prefectures = [_prefecture_of(county.code, current) for county in boundaries.counties]
    own = {county.code: county for county in boundaries.counties}
    within = dict(zip(prefectures, provinces, strict=True))
    for code, prefecture, shape in zip(own, prefectures, shapes, strict=True):
        parent = within[prefecture] if prefecture == code else prefecture
        yield TileShape(band.last, "county", code, own[code].name, shape, parent, own[code].in_scope)
    dissolved = dissolve(shapes, prefectures)
    for code, shape in dissolved.items():
        named = own.get(code) or current[code]
        yield TileShape(band.last, "prefecture", code, named.name, shape, within[code], named.in_scope)
    parts = np.array(list(dissolved.values()), dtype=object)
    for code, shape in dissolve(parts, [within[part] for part in dissolved]).items():
        yield TileShape(band.last, "province", code, current[code].name, shape, NATION, current[code].in_scope)


def _prefecture_of(code: str, current: Mapping[str, RegionRow]) -> str:
    """Return the prefecture that an outline lies in, or its own code where there is none between it and its province.

    An area that is no region of its own has no parents; its code begins with the four digits of the prefecture.
    """
    region = current.get(code) or current.get(f"{code[:4]}00")
    while region is not None and region.level is not RegionLevel.PREFECTURE:
        region = current.get(region.parent_code or "")
    return code if region is None else region.code


async def put_region_shapes(connection: AsyncConnection, shapes: Sequence[TileShape]) -> None:
    """Put the shapes in the place of all there were, with the basins that follow from them."""
    await _replace(connection, ["county", "prefecture", "province", "boundary_line"], shapes)
    await draw_basins(connection)


async def draw_basins(connection: AsyncConnection) -> None:
    """Dissolve the basins anew from the counties of every band and name the set; nothing where there are none yet."""
    tiers = [str(tier) for tier in BasinTier]
    members = (await connection.execute(text(READ_MEMBERS), {"tiers": tiers})).all()
    counties = await connection.execute(text(READ_COUNTIES), {"codes": sorted({one.code for one in members})})
    shape_of = {(row.zoom, row.code): shapely.from_wkb(bytes(row.shape)) for row in counties}
    if not shape_of:
        return
    waters = (await connection.execute(text(READ_WATERS))).all()
    found = [*_basins(members, shape_of), *_waters(waters)]
    await _replace(connection, ["basin", "basin_water"], found)
    await connection.execute(text(NAME_SET), {"name": REGIONS_SET, "format": FORMAT, "zoom": BANDS[-1].last})


def _basins(members: Sequence[Any], shape_of: Mapping[tuple[int, str], Any]) -> Iterator[TileShape]:
    """Yield basin by tier and band; a member without an outline, or that a band leaves nothing of, adds nothing."""
    names = {one.basin_code: one.name for one in members}
    for band in BANDS:
        there = [one for one in members if (band.last, one.code) in shape_of]
        shapes = np.array([shape_of[band.last, one.code] for one in there], dtype=object)
        # One basin after the other: a county may lie in two.
        keys = [(one.basin_code, one.tier) for one in there]
        for basin_code, tier in sorted(set(keys)):
            own = shapes[[key == (basin_code, tier) for key in keys]]
            whole = dissolve(own, [basin_code] * own.size)[basin_code]
            yield TileShape(band.last, "basin", basin_code, names[basin_code], whole, tier=tier)


def _waters(waters: Sequence[Any]) -> Iterator[TileShape]:
    if not waters:
        return
    outlines = np.array([shapely.from_wkb(bytes(one.shape)) for one in waters], dtype=object)
    for band in BANDS:
        for water, shape in zip(waters, drawn_waters(outlines, band), strict=True):
            yield TileShape(band.last, "basin_water", water.code, water.name, shape)


async def _replace(connection: AsyncConnection, layers: Sequence[str], shapes: Sequence[TileShape]) -> None:
    await connection.execute(text(DELETE_SHAPES), {"layers": layers})
    values = {
        "zooms": [one.zoom for one in shapes],
        "layers": [one.layer for one in shapes],
        "codes": [one.code for one in shapes],
        "tiers": [one.tier for one in shapes],
        "names": [one.name for one in shapes],
        "parents": [one.parent_code for one in shapes],
        "scopes": [one.in_scope for one in shapes],
        # Clockwise, so that they lie as a tile wants them when its y counts to the south.
        "shapes": shapely.to_wkb(shapely.orient_polygons([one.geometry for one in shapes], exterior_cw=True)).tolist(),
    }
    await connection.execute(text(INSERT_SHAPES), values)
