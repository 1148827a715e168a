"""Where and with what: photos used twice, many reports from one position."""

from collections.abc import Sequence
from typing import Any

from backend.checks.found import MOST_RECORDS, Found
from backend.checks.probe import Ground, Probe, bare_limit, threshold_binds
from schemas.checks.reports import ONE_POSITION, SHARED_PHOTO
from schemas.period import CHINA_STANDARD_TIME
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
)
