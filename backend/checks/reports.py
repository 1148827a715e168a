"""Reports held against one another: numbers carried over, copied, guessed, never measured."""

from collections.abc import Sequence
from typing import Any

from backend.checks.found import MOST_RECORDS, Found, percent, share_of
from backend.checks.probe import LIVE_FARM_REPORT, OF_YEAR, Ground, Probe, limit, threshold_binds
from schemas.checks.reports import IMPURITY_ALWAYS_ZERO, ROUND_NUMBERS, SAME_ANSWERS, UNCHANGED
from schemas.vocabulary import Indicator
from sync.statement import Statement

YEAR_BEFORE = "cast(cast(:year AS int) - 1 AS text) || substr(report.period, 5)"

FIND_UNCHANGED = Statement.of(f"""
    WITH unchanged AS (
        SELECT report.county_code, report.id, report.period, report.indicator, report.quantities, before.period AS was
        FROM record AS report
        JOIN record AS before ON before.county_code = report.county_code AND before.farm_id = report.farm_id
             AND before.indicator = report.indicator AND before.period = {YEAR_BEFORE}
             AND before.kind = 'report' AND before.level = 'farm' AND before.status <> 'withdrawn'
        WHERE {LIVE_FARM_REPORT} AND before.quantities = report.quantities
        UNION ALL
        SELECT report.county_code, report.id, report.period, report.indicator, report.quantities, before.period
        FROM record AS report
        JOIN record AS before ON before.county_code = report.county_code AND before.kind = 'report'
             AND before.level = 'county' AND before.indicator = report.indicator AND before.period = {YEAR_BEFORE}
             AND before.status <> 'withdrawn'
        WHERE report.kind = 'report' AND report.level = 'county' AND report.status <> 'withdrawn' AND {OF_YEAR}
          AND before.quantities = report.quantities
    )
    SELECT county_code, id, period, indicator, was, jsonb_array_length(quantities) AS answers
    FROM unchanged
    WHERE jsonb_array_length(quantities) >= {limit("answers", "indicator")}
""")

FIND_SAME_ANSWERS = Statement.of(f"""
    SELECT report.county_code, report.period, report.indicator,
           encode(sha256(convert_to(cast(report.quantities AS text), 'UTF8')), 'hex') AS subject,
           jsonb_array_length(report.quantities) AS answers, count(DISTINCT report.farm_id) AS farms,
           array_agg(cast(report.id AS text) ORDER BY report.id) AS records
    FROM record AS report
    WHERE {LIVE_FARM_REPORT} AND jsonb_array_length(report.quantities) >= {limit("answers", "report.indicator")}
    GROUP BY report.county_code, report.period, report.indicator, report.quantities
    HAVING count(DISTINCT report.farm_id) >= {limit("farms", "report.indicator")}
""")

DERIVED = ("net_t", "channel_net_t", "graded_used_t", "thick_used_t", "substandard_used_t")
"""Quantities that follow from others: nobody typed them."""

FIND_ROUND = Statement.of(f"""
    WITH typed AS (
        SELECT report.county_code, report.township_code, report.period, report.indicator,
               length(btrim(replace(quantity ->> 2, '.', ''), '0')) <= 1 AS is_round
        FROM record AS report CROSS JOIN LATERAL jsonb_array_elements(report.quantities) AS quantity
        WHERE {LIVE_FARM_REPORT} AND right(quantity ->> 1, 2) = '_t' AND cast(quantity ->> 2 AS numeric) >= 0.01
          AND quantity ->> 1 <> ALL(cast(:derived AS text[]))
    )
    SELECT county_code, township_code, period, indicator, count(*) AS amounts,
           count(*) FILTER (WHERE is_round) AS round_ones
    FROM typed
    GROUP BY county_code, township_code, period, indicator
    HAVING count(*) >= {limit("amounts", "indicator")}
       AND count(*) FILTER (WHERE is_round) >= {limit("share", "indicator")} * count(*)
""")
"""Masses of at least 10 kg: smaller ones have one digit by nature."""

FIND_NO_IMPURITY = Statement.of(f"""
    SELECT report.county_code, report.township_code, report.period, report.indicator,
           count(DISTINCT report.id) AS reports, array_agg(DISTINCT cast(report.id AS text)) AS records
    FROM record AS report
    CROSS JOIN LATERAL (VALUES
        (report.payload ->> 'mulch_recovered_gross_kg', report.payload ->> 'mulch_impurity_rate'),
        (report.payload ->> 'shed_recovered_gross_kg', report.payload ->> 'shed_impurity_rate')
    ) AS film (gross, impurity)
    WHERE {LIVE_FARM_REPORT} AND report.indicator = '{Indicator.FILM_RECOVERY}'
      AND cast(film.gross AS numeric) > 0 AND film.impurity IS NOT NULL
    GROUP BY report.county_code, report.township_code, report.period, report.indicator
    HAVING count(DISTINCT report.id) >= {limit("reports", "report.indicator")}
       AND max(cast(film.impurity AS numeric)) = 0
""")


def _unchanged(rows: Sequence[Any], ground: Ground) -> list[Found]:
    return [
        Found(
            UNCHANGED.code,
            row["county_code"],
            ground.region_of(row["county_code"]),
            row["period"],
            row["indicator"],
            {"answers": str(row["answers"]), "before": row["was"]},
            record_id=str(row["id"]),
        )
        for row in rows
    ]


def _same_answers(rows: Sequence[Any], ground: Ground) -> list[Found]:
    return [
        Found(
            SAME_ANSWERS.code,
            row["county_code"],
            ground.region_of(row["county_code"]),
            row["period"],
            row["indicator"],
            {"farms": str(row["farms"]), "answers": str(row["answers"])},
            subject=row["subject"],
            records=row["records"][:MOST_RECORDS],
        )
        for row in rows
    ]


def _round(rows: Sequence[Any], ground: Ground) -> list[Found]:
    return [
        Found(
            ROUND_NUMBERS.code,
            row["county_code"],
            ground.region_of(row["county_code"]),
            row["period"],
            row["indicator"],
            {
                "township": township_name(row["township_code"], ground),
                "amounts": str(row["amounts"]),
                "percent": percent(share_of(row["round_ones"], row["amounts"])),
            },
            subject=row["township_code"],
        )
        for row in rows
    ]


def _no_impurity(rows: Sequence[Any], ground: Ground) -> list[Found]:
    return [
        Found(
            IMPURITY_ALWAYS_ZERO.code,
            row["county_code"],
            ground.region_of(row["county_code"]),
            row["period"],
            row["indicator"],
            {"township": township_name(row["township_code"], ground), "reports": str(row["reports"])},
            subject=row["township_code"],
            records=row["records"][:MOST_RECORDS],
        )
        for row in rows
    ]


def township_name(code: str, ground: Ground) -> str:
    """Return the name of a township, or its code where the register does not know it."""
    township = ground.reference.tree.get(code)
    return code if township is None else township.name


REPORT_PROBES = (
    Probe(UNCHANGED, FIND_UNCHANGED, _unchanged, threshold_binds(UNCHANGED)),
    Probe(SAME_ANSWERS, FIND_SAME_ANSWERS, _same_answers, threshold_binds(SAME_ANSWERS)),
    Probe(
        ROUND_NUMBERS,
        FIND_ROUND,
        _round,
        lambda ground: {**threshold_binds(ROUND_NUMBERS)(ground), "derived": list(DERIVED)},
    ),
    Probe(IMPURITY_ALWAYS_ZERO, FIND_NO_IMPURITY, _no_impurity, threshold_binds(IMPURITY_ALWAYS_ZERO)),
)
