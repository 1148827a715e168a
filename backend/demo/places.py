"""The places of the demo as the loaded reference data know them: townships, and points inside every county."""

from collections.abc import Sequence

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from backend.demo.counties import DEMO_COUNTIES, CountyPlace
from schemas.regions import NO_TOWNSHIP

POINTS_PER_COUNTY = 24
_POINT_SEED = 2025

_COUNTIES_WITH_TOWNSHIPS = text(
    """
    SELECT county.code, county.name, township.code, township.name
    FROM region_version county
    LEFT JOIN region_version township
      ON township.parent_code = county.code AND township.level = 'township' AND township.valid_to IS NULL
    WHERE county.code = ANY(:codes) AND county.level = 'county' AND county.valid_to IS NULL
    ORDER BY county.code, township.code
    """
)
_POINTS_INSIDE = text(
    """
    SELECT county_code, round(ST_X(point.geom)::numeric, 6)::float8, round(ST_Y(point.geom)::numeric, 6)::float8
    FROM current_county_geom AS county_geom, ST_Dump(ST_GeneratePoints(geom, :points, :seed)) AS point
    WHERE county_code = ANY(:codes)
    ORDER BY county_code, point.path
    """
)


async def load_places(connection: AsyncConnection, codes: Sequence[str] = tuple(DEMO_COUNTIES)) -> list[CountyPlace]:
    """Return the places of `codes` from the reference data, by code; the points are the same at every call.

    A county without townships in the register gets `<county>000`. One that is not in the register is left out.
    """
    rows = (await connection.execute(_COUNTIES_WITH_TOWNSHIPS, {"codes": list(codes)})).all()
    inside = (
        await connection.execute(
            _POINTS_INSIDE, {"codes": list(codes), "points": POINTS_PER_COUNTY, "seed": _POINT_SEED}
        )
    ).all()
    places = []
    for code, name in sorted({(row[0], row[1]) for row in rows}):
        townships = tuple((row[2], row[3]) for row in rows if row[0] == code and row[2] is not None)
        points = tuple((float(row[1]), float(row[2])) for row in inside if row[0] == code)
        places.append(CountyPlace(code, name, DEMO_COUNTIES[code], townships or ((code + NO_TOWNSHIP, name),), points))
    return places
