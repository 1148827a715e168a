"""Where and with what: photos used twice, many reports from one position, plots in the wrong datum or overlapping."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from backend.checks.found import MOST_RECORDS, Found, amount, percent
from backend.checks.probe import LIVE_FARM_REPORT, PLACE, Ground, Probe, bare_limit, threshold_binds
from geo.datum import Coordinates, to_cgcs2000
from geo.shapes import CGCS2000_ELLIPSOID
from schemas.checks.reports import DATUM_WRONG, ONE_POSITION, PLOTS_OVERLAP, SHARED_PHOTO
from schemas.period import CHINA_STANDARD_TIME
from schemas.vocabulary import Datum
from sync.statement import Statement

FIND_SHARED_PHOTOS = Statement.of(f"""
    WITH {PLACE}, named AS (
        SELECT photo.sha256, report.county_code, report.id, report.farm_id, report.period, report.indicator
        FROM record_attachment AS photo
        JOIN record AS report ON report.county_code = photo.county_code AND report.id = photo.record_id
        WHERE report.kind = 'report' AND report.status <> 'withdrawn'
    ), shared AS (
        SELECT sha256, count(*) AS reports, count(DISTINCT farm_id) AS farms, count(DISTINCT period) AS periods
        FROM named GROUP BY sha256 HAVING count(DISTINCT farm_id) > 1 OR count(DISTINCT period) > 1
    )
    SELECT place.region_code, named.county_code, encode(shared.sha256, 'hex') AS subject, shared.reports, shared.farms,
           shared.periods, max(named.period) AS period,
           CASE WHEN count(DISTINCT named.indicator) = 1 THEN max(named.indicator) END AS indicator,
           array_agg(cast(named.id AS text) ORDER BY named.id) AS records
    FROM shared JOIN named ON named.sha256 = shared.sha256 JOIN place ON place.ledger_code = named.county_code
    WHERE left(named.period, 4) = cast(cast(:year AS int) AS text)
    GROUP BY place.region_code, named.county_code, shared.sha256, shared.reports, shared.farms, shared.periods
""")
"""A photo of one farm may serve several indicators of a period: then it was taken once and used as it should be."""

FIND_ONE_POSITION = Statement.of(f"""
    WITH {PLACE}, placed AS (
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
    SELECT DISTINCT ON (county_code, device_id, cell) place.region_code, county_code, captured_at, farms, records
    FROM counted JOIN place ON place.ledger_code = counted.county_code
    WHERE farms >= cast(:farms AS int)
    ORDER BY county_code, device_id, cell, farms DESC, captured_at
""")
"""A cell of 0.0001 degrees is about 10 m. Of several runs at one place the longest is told."""

FIND_SHIFTED = Statement.of(f"""
    WITH {PLACE}
    SELECT place.region_code, report.county_code, report.id, report.period, report.indicator,
           ST_X(ST_Centroid(report.geom)) AS lon, ST_Y(ST_Centroid(report.geom)) AS lat,
           ST_X(ST_Centroid(farm.geom)) AS farm_lon, ST_Y(ST_Centroid(farm.geom)) AS farm_lat
    FROM record AS report
    JOIN record AS farm ON farm.county_code = report.county_code AND farm.id = report.farm_id
    JOIN place ON place.ledger_code = report.county_code
    WHERE {LIVE_FARM_REPORT} AND report.geom IS NOT NULL AND farm.geom IS NOT NULL
      AND NOT ST_Intersects(report.geom, farm.geom)
      AND ST_DWithin(cast(report.geom AS geography), cast(farm.geom AS geography), 2000)
    ORDER BY report.county_code, report.id
""")

FIND_OVERLAPS = Statement.of(f"""
    WITH {PLACE}, crossed AS (
        SELECT report.county_code, report.id, other.id AS other_id, report.indicator,
               coalesce(report.period, cast(cast(:year AS int) AS text)) AS period,
               ST_Area(cast(ST_Intersection(report.geom, other.geom) AS geography)) AS overlap_m2,
               least(ST_Area(cast(report.geom AS geography)), ST_Area(cast(other.geom AS geography))) AS smaller_m2
        FROM record AS report
        JOIN record AS other ON other.county_code = report.county_code AND other.geom && report.geom
             AND other.kind = report.kind AND other.id < report.id AND other.status <> 'withdrawn'
             AND (report.kind = 'farm' OR (other.indicator = report.indicator AND other.period = report.period
                                           AND other.farm_id <> report.farm_id))
        WHERE report.status <> 'withdrawn' AND ST_Dimension(report.geom) = 2 AND ST_Dimension(other.geom) = 2
          AND coalesce(left(report.period, 4), cast(cast(:year AS int) AS text)) = cast(cast(:year AS int) AS text)
          AND ST_Intersects(report.geom, other.geom)
    )
    SELECT place.region_code, county_code, cast(id AS text) AS id, cast(other_id AS text) AS other_id, period,
           indicator, cast(overlap_m2 * 15 / 10000 AS numeric) AS overlap_mu,
           cast(overlap_m2 / smaller_m2 AS numeric) AS share
    FROM crossed JOIN place ON place.ledger_code = crossed.county_code
    WHERE cast(overlap_m2 * 15 / 10000 AS numeric) > cast(:area_mu AS numeric)
      AND cast(overlap_m2 / smaller_m2 AS numeric) > cast(:share AS numeric)
""")
"""Plots of one season: reports of one indicator and period, and the plots of the register."""

SHIFTED_BY = {Datum.GCJ02: "GCJ-02", Datum.BD09: "BD-09"}


def _photos(rows: Sequence[Any], _ground: Ground) -> list[Found]:
    return [
        Found(
            SHARED_PHOTO.code,
            row["county_code"],
            row["region_code"],
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
            row["region_code"],
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
            rows[index]["region_code"],
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


def _overlaps(rows: Sequence[Any], _ground: Ground) -> list[Found]:
    return [
        Found(
            PLOTS_OVERLAP.code,
            row["county_code"],
            row["region_code"],
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
