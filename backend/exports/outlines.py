"""The outlines that exported geodata carry, in CGCS2000 (EPSG:4490)."""

from collections.abc import Mapping, Sequence

import numpy as np
import shapely
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from geo.coverage import dissolve

READ_OUTLINES = """
    SELECT county_code, ST_AsBinary(geom) AS geom FROM current_county_geom WHERE county_code = ANY(:codes)
"""

Outlines = Mapping[str, bytes]
"""Code -> WKB of the region's outline; a region of other years has none today."""


async def read_outlines(connection: AsyncConnection, counties: Mapping[str, Sequence[str]]) -> Outlines:
    """Return the outline of every row as WKB of `counties`, row code -> codes of its counties; one statement."""
    codes = sorted({code for members in counties.values() for code in members})
    rows = await connection.execute(text(READ_OUTLINES), {"codes": codes})
    return {row.county_code: bytes(row.geom) for row in rows}


def outlines_of_rows(found: Outlines, counties: Mapping[str, Sequence[str]]) -> dict[str, shapely.Geometry]:
    """Return each row's outline: that of its county, or its counties' made one. Takes seconds for a nation."""
    pairs = [(code, row) for row, members in counties.items() for code in members if code in found]
    if not pairs:
        return {}
    shapes = shapely.from_wkb([found[code] for code, _ in pairs])
    owners = [row for _, row in pairs]
    if len(set(owners)) == len(owners):
        return dict(zip(owners, shapes, strict=True))
    return dict(dissolve(np.asarray(shapes, dtype=object), owners))
