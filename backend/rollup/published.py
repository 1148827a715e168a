"""What yearbooks printed, read back to be shown beside the reports and marked as published."""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from schemas.decimals import plain
from schemas.reference.amounts import MEASURES
from schemas.summaries import PublishedAmountShown

READ_PUBLISHED = """
    SELECT measure, year, region_code, amount, unit, printed_value, printed_unit, source
    FROM current_published_input WHERE region_code = :region_code ORDER BY measure, year
"""


async def published_amounts(connection: AsyncConnection, region_code: str) -> list[PublishedAmountShown]:
    """Return the published amounts of a region by measure and year; empty below the province."""
    rows = await connection.execute(text(READ_PUBLISHED), {"region_code": region_code})
    return [
        PublishedAmountShown(
            measure=row.measure,
            zh=MEASURES[row.measure].zh,
            en=MEASURES[row.measure].en,
            year=row.year,
            region_code=row.region_code,
            amount=plain(row.amount),
            unit=row.unit,
            printed_value=plain(row.printed_value),
            printed_unit=row.printed_unit,
            source=row.source,
        )
        for row in rows
    ]
