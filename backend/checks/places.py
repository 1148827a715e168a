"""Where and with what: photos used twice, many reports from one position, plots in the wrong datum or overlapping."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from backend.checks.found import MOST_RECORDS, Found, amount, percent
from backend.checks.probe import LIVE_FARM_REPORT, Ground, Probe, bare_limit, threshold_binds
from geo.datum import Coordinates, to_cgcs2000
from geo.shapes import CGCS2000_ELLIPSOID
from schemas.checks.reports import DATUM_WRONG, ONE_POSITION, PLOTS_OVERLAP, SHARED_PHOTO
from schemas.period import CHINA_STANDARD_TIME
from schemas.vocabulary import Datum
from sync.statement import Statement

FIND_SHARED_PHOTOS = Statement.of("""
    WITH named AS (
        SELECT photo.sha256, report.county_code, report.id, report.farm_id, report.period, report.indicator
        FROM record_attachment AS photo
        JOIN record AS report ON report.county_code = photo.county_code AND report.id = photo.record_id
        WHERE report.kind = 'report' AND report.status <> 'withdrawn'
    ), shared AS (
        SELECT sha256, count(*) AS reports, count(DISTINCT farm_id) AS farms, count(DISTINCT period) AS periods
        FROM named GROUP BY sha256 HAVING count(DISTINCT farm_id) > 1 OR count(DISTINCT period) > 1
    )
    SELECT named.county_code, encode(shared.sha256, 'hex') AS subject, shared.reports, shared.farms,
           shared.periods, max(named.period) AS period,
           CASE WHEN count(DISTINCT named.indicator) = 1 THEN max(named.indicator) END AS indicator,
           array_agg(cast(named.id AS text) ORDER BY named.id) AS records
    FROM shared JOIN named ON named.sha256 = shared.sha256
    WHERE left(named.period, 4) = cast(cast(:year AS int) AS text)
    GROUP BY named.county_code, shared.sha256, shared.reports, shared.farms, shared.periods
""")
"""A photo of one farm may serve several indicators of a period: then it was taken once and used as it should be."""

FIND_ONE_POSITION = Statement.of("""
    WITH placed AS (
        SELECT report.county_code, report.id, coalesce(report.farm_id, report.id) AS farm_id, sent.device_id,
               ST_AsText(ST_SnapToGrid(ST_Centroid(report.geom), 0.0001)) AS cell,
               cast(sent.item ->> 'captured_at' AS timestamptz) AS captured_at
        FROM record AS report
        JOIN change AS sent ON sent.county_code = report.county_code AND sent.record_id = report.id
             AND sent.item ->> 'action' = 'create' AND sent.outcome IN ('applied', 'merged')
        WHERE report.geom IS NOT NULL AND report.status <> 'withdrawn'
          AND coalesce(left(report.period, 4), left(sent.item ->> 'captured_at', 4)) = cast(cast(:year AS int) AS text)
    ), visited AS (
        SELECT county_code, device_id, cell, farm_id, min(captured_at) AS captured_at,
               min(cast(id AS text)) AS record_id
        FROM placed GROUP BY county_code, device_id, cell, farm_id
    ), counted AS (
        SELECT visited.*, count(*) OVER run AS farms, array_agg(record_id) OVER run AS records
        FROM visited
        WINDOW run AS (PARTITION BY county_code, device_id, cell ORDER BY captured_at
                       RANGE BETWEEN CURRENT ROW AND make_interval(secs => :seconds) FOLLOWING)
    )
    SELECT DISTINCT ON (county_code, device_id, cell) county_code, captured_at, farms, records
    FROM counted
    WHERE farms >= cast(:farms AS int)
    ORDER BY county_code, device_id, cell, farms DESC, captured_at
""")
"""A cell of 0.0001 degrees is about 10 m. Of several runs at one place the longest is told."""

FIND_SHIFTED = Statement.of(f"""
    SELECT report.county_code, report.id, report.period, report.indicator,
           ST_X(ST_Centroid(report.geom)) AS lon, ST_Y(ST_Centroid(report.geom)) AS lat,
           ST_X(ST_Centroid(farm.geom)) AS farm_lon, ST_Y(ST_Centroid(farm.geom)) AS farm_lat
    FROM record AS report
    JOIN record AS farm ON farm.county_code = report.county_code AND farm.id = report.farm_id
    WHERE {LIVE_FARM_REPORT} AND report.geom IS NOT NULL AND farm.geom IS NOT NULL
      AND NOT ST_Intersects(report.geom, farm.geom)
      AND ST_DWithin(cast(report.geom AS geography), cast(farm.geom AS geography), 2000)
    ORDER BY report.county_code, report.id
""")

FIND_OVERLAPS = Statement.of(f"""
    WITH season AS (
        SELECT report.county_code, report.farm_id, array_agg(DISTINCT report.indicator || report.period) AS asked
        FROM record AS report WHERE {LIVE_FARM_REPORT} GROUP BY report.county_code, report.farm_id
    ), crossed AS (
        SELECT report.county_code, report.id, other.id AS other_id, report.indicator, report.period, report.geom,
               other.geom AS other_geom
        FROM record AS report
        JOIN record AS other ON other.county_code = report.county_code AND other.geom && report.geom
             AND other.kind = 'report' AND other.id < report.id AND other.status <> 'withdrawn'
             AND other.indicator = report.indicator AND other.period = report.period
             AND other.farm_id <> report.farm_id
        WHERE {LIVE_FARM_REPORT}
        UNION ALL
        SELECT farm.county_code, farm.id, other.id, NULL, cast(cast(:year AS int) AS text), farm.geom, other.geom
        FROM record AS farm
        JOIN season ON season.county_code = farm.county_code AND season.farm_id = farm.id
        JOIN record AS other ON other.county_code = farm.county_code AND other.geom && farm.geom
             AND other.kind = 'farm' AND other.id < farm.id AND other.status <> 'withdrawn'
        JOIN season AS other_season ON other_season.county_code = other.county_code
             AND other_season.farm_id = other.id AND other_season.asked && season.asked
        WHERE farm.kind = 'farm' AND farm.status <> 'withdrawn'
    ), measured AS (
        SELECT crossed.*,
               cast(ST_Area(cast(ST_Intersection(geom, other_geom) AS geography)) * 15 / 10000 AS numeric)
                   AS overlap_mu,
               cast(least(ST_Area(cast(geom AS geography)), ST_Area(cast(other_geom AS geography))) * 15 / 10000
                    AS numeric) AS smaller_mu
        FROM crossed
        WHERE ST_Dimension(geom) = 2 AND ST_Dimension(other_geom) = 2 AND ST_Intersects(geom, other_geom)
    )
    SELECT county_code, cast(id AS text) AS id, cast(other_id AS text) AS other_id, period, indicator, overlap_mu,
           overlap_mu / smaller_mu AS share
    FROM measured
    WHERE overlap_mu > cast(:area_mu AS numeric) AND overlap_mu > cast(:share AS numeric) * smaller_mu
""")
"""Plots of one season: those of reports of one indicator and period, and the registered plots of farms with such
reports."""

SHIFTED_BY = {Datum.GCJ02: "GCJ-02", Datum.BD09: "BD-09"}


def _photos(rows: Sequence[Any], ground: Ground) -> list[Found]:
    return [
        Found(
            SHARED_PHOTO.code,
            row["county_code"],
            ground.region_of(row["county_code"]),
            row["period"],
            row["indicator"],
            {name: str(row[name]) for name in ("reports", "farms", "periods")},
            subject=row["subject"],
            records=row["records"][:MOST_RECORDS],
        )
        for row in rows
    ]


def _one_position(rows: Sequence[Any], ground: Ground) -> list[Found]:
    return [
        Found(
            ONE_POSITION.code,
            row["county_code"],
            ground.region_of(row["county_code"]),
            str(ground.year),
            None,
            {
                "minute": f"{row['captured_at'].astimezone(CHINA_STANDARD_TIME):%Y-%m-%d %H:%M}",
                "seconds": str(bare_limit(ground, ONE_POSITION, "seconds")),
                "farms": str(row["farms"]),
            },
            subject=min(row["records"]),
            records=sorted(row["records"])[:MOST_RECORDS],
        )
        for row in rows
    ]


def _shifted(rows: Sequence[Any], ground: Ground) -> list[Found]:
    """Return the plots that would lie on the registered one, had one of the two been converted, or not."""
    if not rows:
        return []
    drawn: Coordinates = np.array([(row["lon"], row["lat"]) for row in rows])
    registered: Coordinates = np.array([(row["farm_lon"], row["farm_lat"]) for row in rows])
    tolerance_m = float(bare_limit(ground, DATUM_WRONG, "tolerance_m"))
    apart_m = _metres(drawn, registered)
    found: dict[int, Datum] = {}
    for datum in SHIFTED_BY:
        missed_m = np.minimum(
            _metres(to_cgcs2000(drawn, datum), registered), _metres(drawn, to_cgcs2000(registered, datum))
        )
        for index in np.flatnonzero((missed_m <= tolerance_m) & (apart_m > 2 * tolerance_m)):
            found.setdefault(int(index), datum)
    return [
        Found(
            DATUM_WRONG.code,
            rows[index]["county_code"],
            ground.region_of(rows[index]["county_code"]),
            rows[index]["period"],
            rows[index]["indicator"],
            {"distance": f"{apart_m[index]:.0f}", "datum": SHIFTED_BY[datum]},
            record_id=str(rows[index]["id"]),
        )
        for index, datum in sorted(found.items())
    ]


def _metres(one: Coordinates, other: Coordinates) -> Any:
    _, _, distance = CGCS2000_ELLIPSOID.inv(one[:, 0], one[:, 1], other[:, 0], other[:, 1])
    return np.asarray(distance)


def _overlaps(rows: Sequence[Any], ground: Ground) -> list[Found]:
    return [
        Found(
            PLOTS_OVERLAP.code,
            row["county_code"],
            ground.region_of(row["county_code"]),
            row["period"],
            row["indicator"],
            {"overlap": amount(row["overlap_mu"]), "percent": percent(row["share"], 0)},
            subject=row["other_id"],
            record_id=row["id"],
            records=(row["id"], row["other_id"]),
        )
        for row in rows
    ]


PLACE_PROBES = (
    Probe(SHARED_PHOTO, FIND_SHARED_PHOTOS, _photos, threshold_binds(SHARED_PHOTO)),
    Probe(
        ONE_POSITION,
        FIND_ONE_POSITION,
        _one_position,
        lambda ground: {
            "farms": int(bare_limit(ground, ONE_POSITION, "farms")),
            "seconds": float(bare_limit(ground, ONE_POSITION, "seconds")),
        },
    ),
    Probe(DATUM_WRONG, FIND_SHIFTED, _shifted, lambda _ground: {}),
    Probe(
        PLOTS_OVERLAP,
        FIND_OVERLAPS,
        _overlaps,
        lambda ground: {name: bare_limit(ground, PLOTS_OVERLAP, name) for name in PLOTS_OVERLAP.thresholds},
    ),
)
