"""A finding on the map: its plots as they lie now, what they share, and where one would lie in the suspected datum."""

import math
from collections.abc import Collection
from typing import Any

import numpy as np
import orjson
import shapely
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from geo import overlaps
from geo.misfits import Side, reread, residuals_m
from geo.shapes import as_geojson
from schemas.checks.reports import DATUM_WRONG, PLOTS_OVERLAP
from schemas.decimals import plain
from schemas.finding_shapes import FindingShapes, PlotPart, PlotShape, Reread, SharedGround
from schemas.findings import FindingShown
from schemas.vocabulary import Datum, RecordKind

NEAREST = 60
"""So many registered plots near by are drawn at most."""

NEAR_DEG = 0.004
"""About 400 m around what a finding is about, or as much as that is large."""

READ_PLOTS = f"""
    WITH told AS (
        SELECT record.*, cast('about' AS text) AS part FROM record
        WHERE county_code = :county_code AND id = ANY(cast(:ids AS uuid[]))
    ), own AS (
        SELECT * FROM told
        UNION ALL
        SELECT farm.*, 'registered' FROM record AS farm
        WHERE farm.county_code = :county_code AND farm.kind = 'farm'
          AND farm.id IN (SELECT farm_id FROM told WHERE kind = 'report') AND farm.id NOT IN (SELECT id FROM told)
    ), focus AS (
        SELECT ST_SetSRID(ST_Expand(box, greatest({NEAR_DEG}, ST_XMax(box) - ST_XMin(box))), 4490) AS box
        FROM (SELECT cast(ST_Extent(geom) AS geometry) AS box FROM own) AS extent
    ), drawn AS (
        SELECT own.id, farm_id, kind, part, township_code, geom, 0 AS rank FROM own WHERE geom IS NOT NULL
        UNION ALL (
            SELECT near.id, near.farm_id, near.kind, 'nearby', near.township_code, near.geom, 1
            FROM focus JOIN record AS near ON near.geom && focus.box
            WHERE near.county_code = :county_code AND near.kind = 'farm' AND near.status <> 'withdrawn'
              AND near.id NOT IN (SELECT id FROM own)
              AND (cast(:townships AS text[]) IS NULL OR near.township_code = ANY(cast(:townships AS text[])))
            ORDER BY near.geom <-> ST_Centroid(focus.box) LIMIT {NEAREST}
        )
    )
    SELECT cast(id AS text) AS id, cast(coalesce(farm_id, id) AS text) AS farm_id, kind, part, township_code,
           ST_AsBinary(geom) AS geom, CASE WHEN ST_Dimension(geom) = 2 THEN {overlaps.area_mu("geom")} END AS area_mu
    FROM drawn ORDER BY rank, part, id
"""

READ_SHARED = f"""
    SELECT ST_AsBinary(shared.geom) AS geom, cast({overlaps.area_m2("shared.geom")} AS numeric) AS area_m2,
           {overlaps.area_mu("shared.geom")} AS area_mu,
           {overlaps.area_mu("shared.geom")} / least({overlaps.area_mu("one.geom")}, {overlaps.area_mu("other.geom")})
               AS share
    FROM record AS one
    JOIN record AS other ON other.county_code = one.county_code AND other.id = cast(:other_id AS uuid)
    CROSS JOIN LATERAL (SELECT {overlaps.shared("one.geom", "other.geom")} AS geom) AS shared
    WHERE one.county_code = :county_code AND one.id = cast(:one_id AS uuid)
      AND {overlaps.have_area("one.geom", "other.geom")} AND NOT ST_IsEmpty(shared.geom)
"""

READ_OUTLINE = """
    SELECT name, ST_AsGeoJSON(geom, 5) AS outline, source FROM current_county_geom WHERE county_code = :county_code
"""


async def finding_shapes(
    connection: AsyncConnection, finding: FindingShown, townships: Collection[str] | None
) -> FindingShapes | None:
    """Return a finding on the map, or None where one of its plots lies in none of the `townships` (None: of all)."""
    ids = _ids(finding)
    held = None if townships is None else sorted(townships)
    binds = {"county_code": finding.county_code, "ids": ids, "townships": held}
    rows = (await connection.execute(text(READ_PLOTS), binds)).all()
    if held is not None and any(row.township_code not in held for row in rows):
        return None
    outline = (await connection.execute(text(READ_OUTLINE), {"county_code": finding.county_code})).one_or_none()
    return FindingShapes(
        finding_id=finding.id,
        code=finding.code,
        county_code=finding.county_code,
        county_name=finding.region_name if outline is None else outline.name,
        outline=None if outline is None else orjson.loads(outline.outline),
        source=None if outline is None else outline.source,
        plots=[_plot(row) for row in rows],
        overlap=await _overlap(connection, finding),
        reread=_reread(finding, rows),
    )


def _ids(finding: FindingShown) -> list[str]:
    return sorted({*finding.records, *([] if finding.record_id is None else [finding.record_id])})


def _plot(row: Any) -> PlotShape:
    return PlotShape(
        record_id=row.id,
        farm_id=row.farm_id,
        kind=RecordKind(row.kind),
        part=PlotPart(row.part),
        geometry=as_geojson(shapely.from_wkb(bytes(row.geom))),
        area_mu=None if row.area_mu is None else plain(round(row.area_mu, 2)),
    )


async def _overlap(connection: AsyncConnection, finding: FindingShown) -> SharedGround | None:
    """Return what the two plots of a finding share now; None of another finding, or where they no longer do."""
    if finding.code != PLOTS_OVERLAP.code or len(finding.records) != 2:
        return None
    one, other = finding.records
    binds = {"county_code": finding.county_code, "one_id": one, "other_id": other}
    row = (await connection.execute(text(READ_SHARED), binds)).one_or_none()
    if row is None:
        return None
    return SharedGround(
        records=(one, other),
        geometry=as_geojson(shapely.from_wkb(bytes(row.geom))),
        area_m2=plain(round(row.area_m2, 1)),
        area_mu=plain(round(row.area_mu, 2)),
        share=plain(round(row.share, 4)),
    )


def _reread(finding: FindingShown, rows: Collection[Any]) -> Reread | None:
    """Return the plot in doubt as it would lie in the datum that the finding suspects."""
    if finding.code != DATUM_WRONG.code:
        return None
    kind = RecordKind.FARM if finding.params["shifted"] == Side.REGISTERED else RecordKind.REPORT
    row = next((one for one in rows if one.kind == kind and one.part != PlotPart.NEARBY), None)
    if row is None:
        return None
    declared, suspected = Datum(finding.params["declared_as"]), Datum(finding.params["given_in"])
    stored = shapely.from_wkb(np.array([bytes(row.geom)], dtype=object))
    moved = reread(stored, declared, suspected)
    [shift_m] = residuals_m(shapely.centroid(moved), shapely.centroid(stored))
    return Reread(
        record_id=row.id,
        declared=declared,
        suspected=suspected,
        geometry=as_geojson(moved[0]),
        shift_m=str(math.floor(shift_m + 0.5)),
    )
