"""Read the loaded regions and county outlines back into memory."""

import shapely
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from geo.counties import CountyIndex
from schemas.regions import Region, RegionTree
from schemas.vocabulary import RegionLevel

IS_VALID = "valid_from <= :year AND (valid_to IS NULL OR valid_to >= :year)"
IS_PLAIN = "level = 'township' AND in_scope AND cardinality(ledger_codes) = 0 AND code ~ '^[0-9]{9}$'"
REGIONS_OF_YEAR = f"""
SELECT code, name, level, parent_code, ledger_codes, in_scope FROM region_version
WHERE {IS_VALID} AND NOT ({IS_PLAIN}) AND (cast(:townships AS boolean) OR level <> 'township')
"""
PLAIN_TOWNSHIPS_OF_YEAR = f"""
SELECT parent_code, array_agg(code) AS codes, array_agg(name) AS names FROM region_version
WHERE {IS_VALID} AND {IS_PLAIN} GROUP BY parent_code
"""
"""A row a county: 38,000 rows would take half a second to come."""
LEVELS = {level.value: level for level in RegionLevel}
OUTLINES_IN_SCOPE = """
SELECT county_code, ST_AsBinary(geom) FROM current_county_geom WHERE in_scope ORDER BY county_code
"""


async def load_tree(connection: AsyncConnection, year: int, *, townships: bool = True) -> RegionTree:
    """Return the regions valid in a year, down to the township or the county.

    Raises ValueError where a parent is not valid then.
    """
    regions = await connection.execute(text(REGIONS_OF_YEAR), {"year": year, "townships": townships})
    plain = await connection.execute(text(PLAIN_TOWNSHIPS_OF_YEAR), {"year": year}) if townships else ()
    return RegionTree(
        (
            Region(code, name, LEVELS[level], parent_code, tuple(ledger_codes), in_scope)
            for code, name, level, parent_code, ledger_codes, in_scope in regions
        ),
        (
            (code, name, county_code)
            for county_code, codes, names in plain
            for code, name in zip(codes, names, strict=True)
        ),
    )


async def load_county_index(connection: AsyncConnection) -> CountyIndex:
    """Return the outlines of today's counties in scope."""
    rows = (await connection.execute(text(OUTLINES_IN_SCOPE))).all()
    return CountyIndex([code for code, _ in rows], shapely.from_wkb([bytes(outline) for _, outline in rows]))
