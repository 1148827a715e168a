"""The coefficients that went into a figure, each with its source, status and version."""

from sqlalchemy.ext.asyncio import AsyncConnection

from backend.explanation.stand import Stand
from schemas.decimals import plain
from schemas.explanations import CoefficientUsed
from schemas.vocabulary import SourceStatus

READ_USED = """
    WITH used AS (
        SELECT one ->> 0 AS name, one ->> 1 AS subject, one ->> 2 AS region_code, cast(one ->> 3 AS int) AS year,
               cast(one ->> 4 AS int) AS version, count(DISTINCT figure.county_code) AS counties
        FROM county_figure AS figure CROSS JOIN LATERAL jsonb_array_elements(figure.coefficients) AS one
        WHERE figure.county_code = ANY(cast(:codes AS text[])) AND figure.indicator = :indicator
          AND figure.period = ANY(cast(:periods AS text[]))
        GROUP BY 1, 2, 3, 4, 5
    )
    SELECT used.*, coefficient.value, coefficient.unit, coefficient.source, coefficient.status
    FROM used JOIN coefficient USING (year, region_code, name, subject, version)
    ORDER BY used.name, used.subject, used.region_code, used.year
"""


async def coefficients_used(connection: AsyncConnection, stand: Stand) -> list[CoefficientUsed]:
    """Return the coefficients that the figures of the ledgers name: one statement."""
    spec = stand.question.spec
    values = {
        **stand.source.values,
        "codes": stand.ledger_codes,
        "indicator": str(spec.indicator),
        "periods": stand.question.summed_periods,
    }
    found = []
    for row in await connection.execute(stand.source.over(READ_USED), values):
        zh, en = spec.coefficient_labels.get(row.name, (row.name, row.name))
        subject_zh, subject_en = spec.subject_labels.get(row.subject, (row.subject, row.subject))
        region = stand.archive.reference.tree.get(row.region_code)
        found.append(
            CoefficientUsed(
                name=row.name,
                zh=zh,
                en=en,
                subject=row.subject,
                subject_zh=subject_zh,
                subject_en=subject_en,
                region_code=row.region_code,
                region_name=row.region_code if region is None else region.name,
                year=row.year,
                value=plain(row.value),
                unit=row.unit,
                source=row.source,
                status=SourceStatus(row.status),
                version=row.version,
                counties=row.counties,
            )
        )
    return found
