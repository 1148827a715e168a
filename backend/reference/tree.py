"""Read the loaded regions and county outlines back into memory."""

import shapely
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from geo.counties import CountyIndex
from schemas.regions import Region, RegionTree
from schemas.vocabulary import RegionLevel

REGIONS_OF_YEAR = """
SELECT code, name, level, parent_code, ledger_codes, in_scope FROM region_version
WHERE valid_from <= :year AND (valid_to IS NULL OR valid_to >= :year)
  AND (cast(:townships AS boolean) OR level <> 'township')
"""
LEVELS = {level.value: level for level in RegionLevel}
ROWS_AT_ONCE = 5_000
"""Few enough to hold beside the packed tree, many enough not to wait for each row."""
OUTLINES_IN_SCOPE = """
SELECT county_code, ST_AsBinary(geom) FROM current_county_geom WHERE in_scope ORDER BY county_code
"""


async def load_tree(connection: AsyncConnection, year: int, *, townships: bool = True) -> RegionTree:
    """Return the regions valid in a year, down to the township or the county.

    Raises ValueError where a parent is not valid then.
    """
    rows = await connection.stream(text(REGIONS_OF_YEAR), {"year": year, "townships": townships})
    return RegionTree(
        [
            Region(code, name, LEVELS[level], parent_code, tuple(ledger_codes), in_scope)
            async for part in rows.partitions(ROWS_AT_ONCE)
            for code, name, level, parent_code, ledger_codes, in_scope in part
        ]
    )


async def load_county_index(connection: AsyncConnection) -> CountyIndex:
    """Return the outlines of today's counties in scope."""
    rows = (await connection.execute(text(OUTLINES_IN_SCOPE))).all()
    return CountyIndex([code for code, _ in rows], shapely.from_wkb([bytes(outline) for _, outline in rows]))
