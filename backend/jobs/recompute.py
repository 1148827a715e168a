"""Compute figures again that older coefficients were used for, county by county, each under the lock of its ledger."""

from dataclasses import dataclass
from typing import Any

from asyncpg import LockNotAvailableError
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from backend.db import driver_transaction
from schemas.vocabulary import Indicator
from sync.figures import refresh_figures
from sync.ledger import lock_head
from sync.reference import Reference
from sync.statement import Connection, Statement

COUNTIES_TO_DO = """
    SELECT DISTINCT county_code FROM county_figure WHERE coefficient_version < :below ORDER BY county_code
"""
FIGURES_TO_DO = Statement.of("""
    SELECT DISTINCT period, indicator FROM county_figure
    WHERE county_code = :county_code AND coefficient_version < :below
""")
FIGURES = Statement.of("""
    SELECT period, indicator, view, series, numerator, denominator, n, formula FROM county_figure
    WHERE county_code = :county_code
""")
EVERY_VERSION = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Recomputed:
    """What a run did. A county whose ledger was locked for long is left for the next run."""

    counties: int = 0
    changed: int = 0
    """How many figures came out otherwise than before."""
    busy: int = 0


async def recompute_figures(engine: AsyncEngine, reference: Reference, *, every: bool = False) -> Recomputed:
    """Compute again what was computed under older coefficients than `reference` has; `every` figure where asked.

    One transaction a county, in the order of the ledger, so that a push under way is never overwritten.
    """
    below = EVERY_VERSION if every else reference.coefficient_version
    async with engine.connect() as connection:
        codes = list(await connection.scalars(text(COUNTIES_TO_DO), {"below": below}))
    counties = changed = busy = 0
    for code in codes:
        try:
            async with driver_transaction(engine) as connection:
                changed += await _recompute_county(connection, code, below, reference)
            counties += 1
        except LockNotAvailableError:
            busy += 1
    return Recomputed(counties, changed, busy)


async def _recompute_county(connection: Connection, county_code: str, below: int, reference: Reference) -> int:
    """Return how many figures of the county changed."""
    await lock_head(connection, county_code)
    rows = await FIGURES_TO_DO.rows(connection, county_code=county_code, below=below)
    touched = {(row["period"], Indicator(row["indicator"])) for row in rows}
    if not touched:
        return 0
    before = await _figures(connection, county_code)
    await refresh_figures(connection, county_code, touched, reference)
    return len((await _figures(connection, county_code)) - before)


async def _figures(connection: Connection, county_code: str) -> set[tuple[Any, ...]]:
    return {tuple(row) for row in await FIGURES.rows(connection, county_code=county_code)}
