"""The places of the demo as the loaded reference data know them: townships, and spots inside every county."""

from collections.abc import Sequence

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from backend.demo.counties import DEMO_COUNTIES, CountyPlace
from schemas.regions import NO_TOWNSHIP

SPOTS_PER_COUNTY = 160
_SPOT_SEED = 2025

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
_SPOTS_INSIDE = text(
    """
    SELECT county_code, longitude, latitude, distance * 111320 * cos(radians(latitude)) AS room_m
    FROM (
        SELECT county_code, point.path, round(ST_X(point.geom)::numeric, 6)::float8 AS longitude,
               round(ST_Y(point.geom)::numeric, 6)::float8 AS latitude,
               ST_Distance(point.geom, ST_Boundary(county_geom.geom)) AS distance
        FROM current_county_geom AS county_geom, ST_Dump(ST_GeneratePoints(geom, :spots, :seed)) AS point
        WHERE county_code = ANY(:codes)
    ) AS spot
    ORDER BY county_code, path
    """
)
"""The distance to the border in degrees, taken as degrees of longitude: those of latitude are longer."""


async def load_places(connection: AsyncConnection, codes: Sequence[str] = tuple(DEMO_COUNTIES)) -> list[CountyPlace]:
    """Return the places of `codes` from the reference data, by code; the spots are the same at every call.

    A county without townships in the register gets `<county>000`. One that is not in the register is left out.
    """
    rows = (await connection.execute(_COUNTIES_WITH_TOWNSHIPS, {"codes": list(codes)})).all()
    inside = (
        await connection.execute(_SPOTS_INSIDE, {"codes": list(codes), "spots": SPOTS_PER_COUNTY, "seed": _SPOT_SEED})
    ).all()
    places = []
    for code, name in sorted({(row[0], row[1]) for row in rows}):
        townships = tuple((row[2], row[3]) for row in rows if row[0] == code and row[2] is not None)
        spots = tuple((float(row[1]), float(row[2]), float(row[3])) for row in inside if row[0] == code)
        places.append(CountyPlace(code, name, DEMO_COUNTIES[code], townships or ((code + NO_TOWNSHIP, name),), spots))
    return places
