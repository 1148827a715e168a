"""What yearbooks printed, read back to be shown beside the reports and marked as published."""

from collections.abc import Sequence

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from schemas.decimals import plain
from schemas.reference.amounts import MEASURES, PublishedCode
from schemas.summaries import PublishedAmountShown, PublishedTable

LIST_TABLES = """
    SELECT measure, array_agg(DISTINCT year ORDER BY year) AS years FROM current_published_input GROUP BY measure
"""

READ_PUBLISHED = """
    SELECT measure, year, region_code, amount, unit, printed_value, printed_unit, source, status
    FROM current_published_input
    WHERE region_code = ANY(:region_codes)
      AND measure = coalesce(cast(:measure AS text), measure) AND year = coalesce(cast(:year AS int), year)
    ORDER BY measure, year, region_code
"""


async def published_tables(connection: AsyncConnection) -> list[PublishedTable]:
    """Return the measures that were printed with the years of each, in the order of the catalogue."""
    years = {row.measure: row.years for row in await connection.execute(text(LIST_TABLES))}
    return [
        PublishedTable(
            measure=code,
            zh=measure.zh,
            en=measure.en,
            unit=measure.dimension.unit,
            indicator=measure.indicator,
            years=years[code],
        )
        for code, measure in MEASURES.items()
        if code in years
    ]


async def published_amounts(
    connection: AsyncConnection,
    region_codes: Sequence[str],
    measure: PublishedCode | None = None,
    year: int | None = None,
) -> list[PublishedAmountShown]:
    """Return the amounts printed for the regions, in t or mu, in one statement; `None` takes every measure or year.

    Yearbooks print provinces: a region below has no row, and neither has a province that was not printed.
    """
    wanted = {"region_codes": list(region_codes), "measure": measure, "year": year}
    rows = await connection.execute(text(READ_PUBLISHED), wanted)
    return [
        PublishedAmountShown(
            measure=PublishedCode(row.measure),
            zh=MEASURES[row.measure].zh,
            en=MEASURES[row.measure].en,
            year=row.year,
            region_code=row.region_code,
            amount=plain(row.amount),
            unit=row.unit,
            printed_value=plain(row.printed_value),
            printed_unit=row.printed_unit,
            source=row.source,
            status=row.status,
        )
        for row in rows
    ]
