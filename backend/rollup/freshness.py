"""What a set of figures was read from, as a mark: where it is the same, the figures are too, and need no computing."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from backend.rollup.source import Source
from backend.rollup.sums import wanted_periods
from schemas.canonical import canonical_sha256
from schemas.indicators.catalogue import CATALOGUE
from schemas.period import Period
from schemas.vocabulary import Indicator

READ_STATE = """
    SELECT (SELECT encode(sha256(string_agg(county_code || encode(entry_hash, 'hex'), '' ORDER BY county_code)::bytea),
                          'hex')
            FROM ledger_head WHERE county_code = ANY(cast(:ledgers AS text[])) AND position > 0) AS heads,
           (SELECT json_build_array(count(*), sum(steps), max(moved_at)) FROM filing
            WHERE region_code = ANY(cast(:counties AS text[])) AND indicator = :indicator
              AND period = ANY(cast(:periods AS text[]))) AS filed,
           (SELECT json_build_array(count(*), sum(coefficient_version)) FROM county_figure
            WHERE county_code = ANY(cast(:ledgers AS text[])) AND indicator = :indicator
              AND period = ANY(cast(:periods AS text[]))) AS computed
"""
"""The heads say what was reported, the versions under which it was computed what a job computed again since."""

READ_REFERENCE = """
    SELECT json_object_agg(kind, version)
    FROM (SELECT kind, max(version) AS version FROM reference_version GROUP BY kind) AS newest
"""


async def figures_mark(
    connection: AsyncConnection,
    ledgers: Sequence[str],
    counties: Sequence[str],
    indicator: Indicator,
    period: Period,
    source: Source,
    beside: Mapping[str, Any],
) -> str:
    """Return a digest of all that the figures of an indicator and period rest on: two statements.

    `beside` is what else decides the answer, such as what was asked for.
    """
    spec = CATALOGUE[indicator]
    periods = {name for _, name in wanted_periods(period, {indicator})}
    if spec.base_year is not None:
        periods.add(f"{spec.base_year}{period.part}")
    values = {
        **source.values,
        "ledgers": list(ledgers),
        "counties": list(counties),
        "indicator": str(indicator),
        "periods": sorted(periods),
    }
    state = (await connection.execute(source.over(READ_STATE), values)).mappings().one()
    reference = await connection.scalar(text(READ_REFERENCE))
    return canonical_sha256({**beside, "state": dict(state), "reference": reference}).hex()
