"""Plots: in a datum that was not declared, over one another, outside their county. In a sweep, or of some counties."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely

from backend.checks.found import Found, amount, percent
from backend.checks.probe import LIVE_FARM_REPORT, Ground, Probe, bare_limit
from geo import overlaps
from geo.datum import DATUM_NAMES
from geo.misfits import Bounds, Misfit, Placed, Side, misfits
from schemas.checks.check import Check
from schemas.checks.reports import DATUM_WRONG, PLOT_FAR_OUTSIDE, PLOTS_OVERLAP
from schemas.vocabulary import Datum
from sync.statement import Statement

OF_COUNTIES = "AND {plot}.county_code = ANY(cast(:counties AS text[]))"
"""Narrows a statement to some ledgers; the sweep's own has no such condition, so that each is planned for its size."""

PLOTS = {"report": ("报表地块", "The report's plot"), "farm": ("登记地块", "The registered plot")}
"""How the plot of a record is called, zh and en."""

WITHIN_M = 2000
"""No other datum moves a position farther; a plot beyond is another one."""


EXPECTED_READING = Datum.CGCS2000
"""Of a position whose change is no longer there to be asked: it stands as it is stored."""


def _given(county_code: str, record_id: str, name: str) -> str:
    """Return the join that tells who last gave a position of a record, and in which datum."""
    return f"""LEFT JOIN LATERAL (
            SELECT sent.device_id, sent.item ->> 'datum' AS datum FROM change AS sent
            WHERE sent.county_code = {county_code} AND sent.record_id = {record_id}
              AND sent.outcome IN ('applied', 'merged') AND sent.item ->> 'datum' IS NOT NULL
            ORDER BY sent.decided_position DESC LIMIT 1
        ) AS {name} ON true"""


def _find_misfits(scope: str) -> Statement:
    return Statement.of(f"""
    WITH pair AS MATERIALIZED (
        SELECT report.county_code, report.id, farm.id AS farm_id, report.period, report.indicator, report.geom,
               farm.geom AS farm_geom,
               {overlaps.distance_m("ST_Centroid(report.geom)", "ST_Centroid(farm.geom)")} AS apart_m
        FROM record AS report
        JOIN record AS farm ON farm.county_code = report.county_code AND farm.id = report.farm_id
        WHERE {LIVE_FARM_REPORT} {scope.format(plot="report")} AND report.geom IS NOT NULL AND farm.geom IS NOT NULL
    )
    SELECT pair.county_code, cast(pair.id AS text) AS id, pair.period, pair.indicator,
           ST_AsBinary(pair.geom) AS geom, ST_AsBinary(pair.farm_geom) AS farm_geom,
           coalesce(drawn.datum, '{EXPECTED_READING}') AS drawn_as,
           coalesce(cast(drawn.device_id AS text), '') AS drawn_by,
           coalesce(registered.datum, '{EXPECTED_READING}') AS registered_as,
           coalesce(cast(registered.device_id AS text), '') AS registered_by
    FROM pair
    {_given("pair.county_code", "pair.id", "drawn")}
    {_given("pair.county_code", "pair.farm_id", "registered")}
    WHERE pair.apart_m > cast(:tolerance_m AS float) AND pair.apart_m < {WITHIN_M}
    ORDER BY pair.county_code, pair.id
""")


def _lying_on(plot: str) -> str:
    """Return the query for the earlier records of a plot's ledger that lie on its box, one index look-up a plot.

    With `OFFSET 0` behind it, it stays one: joined freely, the planner pairs all farms of a county first.
    """
    return f"""
            SELECT other.id, other.geom FROM record AS other
            WHERE other.county_code = {plot}.county_code AND other.geom && {plot}.geom AND other.id < {plot}.id
              AND other.status <> 'withdrawn'"""


def _find_overlaps(scope: str) -> Statement:
    """Plots of one season: those of reports of one indicator and period, and registered ones of farms with such."""
    return Statement.of(f"""
    WITH season AS MATERIALIZED (
        SELECT report.county_code, report.farm_id, array_agg(DISTINCT report.indicator || report.period) AS asked
        FROM record AS report WHERE {LIVE_FARM_REPORT} {scope.format(plot="report")}
        GROUP BY report.county_code, report.farm_id
    ), neighbours AS MATERIALIZED (
        SELECT farm.county_code, farm.id, farm.geom, other.id AS other_id, other.geom AS other_geom, season.asked
        FROM season
        JOIN record AS farm ON farm.county_code = season.county_code AND farm.id = season.farm_id
             AND farm.kind = 'farm' AND farm.status <> 'withdrawn'
        CROSS JOIN LATERAL ({_lying_on("farm")} AND other.kind = 'farm' OFFSET 0) AS other
    ), crossed AS (
        SELECT report.county_code, report.id, other.id AS other_id, report.indicator, report.period, report.geom,
               other.geom AS other_geom
        FROM record AS report
        CROSS JOIN LATERAL ({_lying_on("report")} AND other.kind = 'report' AND other.indicator = report.indicator
                            AND other.period = report.period AND other.farm_id <> report.farm_id OFFSET 0) AS other
        WHERE {LIVE_FARM_REPORT} AND report.geom IS NOT NULL {scope.format(plot="report")}
        UNION ALL
        SELECT neighbours.county_code, neighbours.id, other_id, NULL, cast(cast(:year AS int) AS text), geom, other_geom
        FROM neighbours
        JOIN season AS other_season ON other_season.county_code = neighbours.county_code
             AND other_season.farm_id = neighbours.other_id AND other_season.asked && neighbours.asked
    ), measured AS (
        SELECT crossed.*, {overlaps.area_mu(overlaps.shared("geom", "other_geom"))} AS overlap_mu,
               least({overlaps.area_mu("geom")}, {overlaps.area_mu("other_geom")}) AS smaller_mu
        FROM crossed
        WHERE {overlaps.have_area("geom", "other_geom")}
    )
    SELECT county_code, cast(id AS text) AS id, cast(other_id AS text) AS other_id, period, indicator, overlap_mu,
           overlap_mu / smaller_mu AS share
    FROM measured
    WHERE overlap_mu > cast(:area_mu AS numeric) AND overlap_mu > cast(:share AS numeric) * smaller_mu
""")


def _find_outside(scope: str) -> Statement:
    """The plots of reports, and the registered ones of farms that report, against the outline of their ledger."""
    return Statement.of(f"""
    WITH plot AS (
        SELECT report.county_code, report.id, report.kind, report.indicator, report.period, report.geom
        FROM record AS report
        WHERE {LIVE_FARM_REPORT} AND report.geom IS NOT NULL {scope.format(plot="report")}
        UNION ALL
        SELECT farm.county_code, farm.id, farm.kind, NULL, cast(cast(:year AS int) AS text), farm.geom
        FROM record AS farm
        WHERE farm.kind = 'farm' AND farm.status <> 'withdrawn' AND farm.geom IS NOT NULL
              {scope.format(plot="farm")}
          AND EXISTS (
              SELECT FROM record AS report
              WHERE report.county_code = farm.county_code AND report.farm_id = farm.id AND {LIVE_FARM_REPORT}
          )
    ), outside AS MATERIALIZED (
        SELECT plot.*, county.geom AS county_geom
        FROM plot JOIN current_county_geom AS county ON county.county_code = plot.county_code
        WHERE NOT ST_Intersects(county.geom, plot.geom)
    ), measured AS (
        SELECT outside.*, {overlaps.distance_m("geom", "county_geom")} AS distance_m FROM outside
    )
    SELECT county_code, cast(id AS text) AS id, kind, indicator, period, distance_m
    FROM measured WHERE distance_m > cast(:distance_m AS float)
""")


def _misfits(rows: Sequence[Any], ground: Ground) -> list[Found]:
    """Return the reports whose plot and registered plot are brought together by another datum of one of the two."""
    bounds = Bounds(
        float(bare_limit(ground, DATUM_WRONG, "tolerance_m")),
        int(bare_limit(ground, DATUM_WRONG, "plots")),
        float(bare_limit(ground, DATUM_WRONG, "share")),
    )
    drawn = _placed(rows, "geom", "drawn")
    registered = _placed(rows, "farm_geom", "registered")
    return [
        _misfit(rows[one.pair], one, (drawn, registered)[one.side is Side.REGISTERED].declared[one.pair], ground)
        for one in misfits(drawn, registered, bounds)
    ]


def _placed(rows: Sequence[Any], geometry: str, side: str) -> Placed:
    # A device may serve several counties; a county is asked only about what it can see itself.
    givers = [f"{row['county_code']} {row[f'{side}_by']}" for row in rows]
    declared = [Datum(row[f"{side}_as"]) for row in rows]
    return Placed(shapely.from_wkb(np.array([bytes(row[geometry]) for row in rows], dtype=object)), declared, givers)


def _misfit(row: Any, misfit: Misfit, declared: Datum, ground: Ground) -> Found:
    params = {
        "distance": f"{misfit.apart_m:.0f}",
        "residual": f"{misfit.residual_m:.0f}",
        # As many as were asked for, not as many as there are: evidence that only grows need not be explained again.
        "plots": str(bare_limit(ground, DATUM_WRONG, "plots")),
        "shifted": misfit.side,
        "declared_as": declared,
        "given_in": misfit.datum,
    }
    params["side"], params["side_en"] = PLOTS["farm" if misfit.side is Side.REGISTERED else "report"]
    params["declared"], params["declared_en"] = DATUM_NAMES[declared]
    params["datum"], params["datum_en"] = DATUM_NAMES[misfit.datum]
    return _found(DATUM_WRONG, row, params, ground)


def _overlaps(rows: Sequence[Any], ground: Ground) -> list[Found]:
    return [
        _found(
            PLOTS_OVERLAP,
            row,
            {"overlap": amount(row["overlap_mu"]), "percent": percent(row["share"], 0)},
            ground,
            other_id=row["other_id"],
        )
        for row in rows
    ]


def _outside(rows: Sequence[Any], ground: Ground) -> list[Found]:
    found = []
    for row in rows:
        zh, en = PLOTS[row["kind"]]
        params = {"distance_km": f"{row['distance_m'] / 1000:.1f}", "what": zh, "what_en": en}
        found.append(_found(PLOT_FAR_OUTSIDE, row, params, ground))
    return found


def _found(check: Check, row: Any, params: dict[str, str], ground: Ground, other_id: str | None = None) -> Found:
    """Return what was found about a plot, and with which other record; one without an indicator is about farms."""
    return Found(
        check.code,
        row["county_code"],
        ground.region_of(row["county_code"]),
        row["period"],
        row["indicator"],
        params,
        subject=other_id or "",
        record_id=row["id"],
        records=() if other_id is None else (row["id"], other_id),
    )


def _probes(scope: str) -> tuple[Probe, ...]:
    return (
        Probe(
            DATUM_WRONG,
            _find_misfits(scope),
            _misfits,
            lambda ground: {"tolerance_m": float(bare_limit(ground, DATUM_WRONG, "tolerance_m"))},
        ),
        Probe(
            PLOTS_OVERLAP,
            _find_overlaps(scope),
            _overlaps,
            lambda ground: {name: bare_limit(ground, PLOTS_OVERLAP, name) for name in PLOTS_OVERLAP.thresholds},
        ),
        Probe(
            PLOT_FAR_OUTSIDE,
            _find_outside(scope),
            _outside,
            lambda ground: {"distance_m": float(bare_limit(ground, PLOT_FAR_OUTSIDE, "distance_m"))},
        ),
    )


PLOT_PROBES = _probes("")
"""Over all ledgers."""

PLOT_PROBES_OF_COUNTIES = _probes(OF_COUNTIES)
"""Over the ledgers bound as `counties`."""
