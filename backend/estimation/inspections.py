"""Which farms to visit: drawn by what stands open about them, so that anybody can draw them again."""

import hashlib
from collections.abc import Mapping, Sequence

import orjson
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from backend.estimation.risk_sample import draw
from schemas.checks.catalogue import CHECKS
from schemas.estimates import InspectedFarm, InspectionList
from schemas.vocabulary import CheckLevel, Indicator

WEIGHTS: Mapping[str, int] = {code: check.weight for code, check in CHECKS.items() if check.level is CheckLevel.REPORT}
"""What an open finding adds to the weight of each farm whose reports show it."""

READ_RISKS = """
    WITH report AS (
        SELECT county_code, id, farm_id, township_code, warnings <> '[]' AS is_flagged FROM record
        WHERE county_code = ANY(cast(:ledgers AS text[])) AND kind = 'report' AND level = 'farm'
          AND status <> 'withdrawn' AND period = :period
          AND (cast(:indicator AS text) IS NULL OR indicator = :indicator)
    ), shown_by AS (
        SELECT finding.county_code, finding.id, finding.code, shown.record_id
        FROM finding CROSS JOIN LATERAL (
            SELECT finding.record_id WHERE finding.record_id IS NOT NULL
            UNION SELECT cast(one AS uuid) FROM jsonb_array_elements_text(finding.records) AS one
        ) AS shown (record_id)
        WHERE finding.county_code = ANY(cast(:ledgers AS text[])) AND finding.state = 'open'
          AND finding.code = ANY(cast(:codes AS text[]))
    ), risk AS (
        SELECT DISTINCT report.county_code, report.farm_id, shown_by.id, shown_by.code
        FROM report JOIN shown_by
          ON shown_by.county_code = report.county_code AND shown_by.record_id IN (report.id, report.farm_id)
    ), weighed AS (
        SELECT county_code, farm_id, sum(cast(cast(:weights AS jsonb) ->> code AS int)) AS weight,
               array_agg(code ORDER BY code) AS codes
        FROM risk GROUP BY county_code, farm_id
    )
    SELECT report.county_code, cast(report.farm_id AS text) AS farm_id, min(report.township_code) AS township_code,
           1 + cast(bool_or(report.is_flagged) AS int) + coalesce(max(weighed.weight), 0) AS weight,
           coalesce(max(weighed.codes), '{}') AS codes
    FROM report LEFT JOIN weighed ON weighed.county_code = report.county_code AND weighed.farm_id = report.farm_id
    GROUP BY report.county_code, report.farm_id
"""


async def inspections(
    connection: AsyncConnection,
    county_code: str,
    ledgers: Sequence[str],
    period: str,
    indicator: Indicator | None,
    seed: str,
    size: int,
) -> InspectionList:
    """Draw farms with live reports of a period; the chances are proportional to their weights."""
    rows = await connection.execute(
        text(READ_RISKS),
        {
            "ledgers": list(ledgers),
            "period": period,
            "indicator": indicator,
            "codes": list(WEIGHTS),
            "weights": orjson.dumps(dict(WEIGHTS)).decode(),
        },
    )
    by_farm = {row.farm_id: row for row in rows}
    weights = {farm_id: int(row.weight) for farm_id, row in by_farm.items()}
    lines = "".join(f"{farm_id}:{weight}\n" for farm_id, weight in sorted(weights.items()))
    return InspectionList(
        county_code=county_code,
        period=period,
        indicator=indicator,
        seed=seed,
        size=size,
        population=len(weights),
        total_weight=sum(weights.values()),
        weights=dict(WEIGHTS),
        digest=hashlib.sha256(lines.encode()).hexdigest(),
        farms=[
            InspectedFarm(
                farm_id=one.key,
                county_code=by_farm[one.key].county_code,
                township_code=by_farm[one.key].township_code,
                weight=one.weight,
                probability=f"{float(one.probability):.6f}",
                findings=list(by_farm[one.key].codes),
            )
            for one in draw(weights, size, seed)
        ],
    )
