"""Summaries and recomputes over a nation full of reports: the one must not grow with them, the other grows with them.

The reports are made by one statement, spread evenly over all counties: records without a ledger entry, because no
summary reads either. Their sums are the recompute's and their figures the product's own, so all three agree exactly.
"""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import groupby
from operator import itemgetter
from statistics import median

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from backend.db import make_engine
from backend.service import read_reference
from schemas.decimals import ZERO
from schemas.indicators.catalogue import CATALOGUE
from schemas.indicators.validation import read_report
from schemas.regions import NATION
from schemas.vocabulary import Indicator
from sync.cells import cell_sums
from sync.figures import UPSERT_FIGURES, figure_rows, figures_of
from sync.recompute import RECOMPUTED_CELLS, differing_cells
from sync.reference import Reference
from sync.statement import as_json
from tests.bench.ground import Place, Service
from tests.bench.reports import CountyStream
from tests.bench.reports import Place as ReportingPlace

PERIOD = "2025"
HUNAN = "430000"
REQUESTS = 15

UNREAD_INDEXES = (
    "record_by_township", "record_by_position", "record_geom", "record_one_live_report", "record_to_review",
)  # fmt: skip

FILL = """
    INSERT INTO record (county_code, id, kind, status, revision, position, township_code, farm_id, indicator, level,
                        period, payload, quantities, warnings, payload_hash, mark, last_change_id, account, recorded_at,
                        submitted_at)
    SELECT county.code, gen_random_uuid(), 'report', CASE WHEN g % 5 = 0 THEN 'accepted' ELSE 'submitted' END, 1, g,
           county.code || '000', gen_random_uuid(), 'film_recovery', 'farm', :period, '{}',
           (SELECT jsonb_agg(jsonb_build_array(
                part ->> 0, part ->> 1, cast(cast(part ->> 2 AS numeric) * (1 + g % 97) AS text)))
            FROM jsonb_array_elements(cast(:quantities AS jsonb)) AS part),
           CASE WHEN g % 11 = 0 THEN '[{}]'::jsonb ELSE '[]' END, sha256(''), substr(sha256(''), 1, 8),
           gen_random_uuid(), gen_random_uuid(), now(), now()
    FROM generate_series(cast(:first AS int), cast(:last AS int)) AS g
    JOIN (SELECT county_code AS code, row_number() OVER (ORDER BY county_code) - 1 AS number, count(*) OVER () AS all_
          FROM ledger_head) AS county ON county.number = g % county.all_
"""

KEEP_CELLS = f"""
    INSERT INTO rollup_cell (county_code, period, indicator, level, status, subject, quantity, amount, n)
    {RECOMPUTED_CELLS}
"""

READ_ALL_CELLS = """
    SELECT county_code, period, indicator, level, subject, quantity, cast(sum(amount) AS text) AS amount
    FROM rollup_cell WHERE status <> 'withdrawn'
    GROUP BY county_code, period, indicator, level, subject, quantity ORDER BY county_code
"""

PLAIN_GROUP_BY = """
    SELECT record.county_code, record.period, record.indicator, record.level, record.status, part ->> 0, part ->> 1,
           sum(cast(part ->> 2 AS numeric)), count(*)
    FROM record CROSS JOIN jsonb_array_elements(record.quantities) AS part
    WHERE record.kind = 'report'
    GROUP BY 1, 2, 3, 4, 5, 6, 7
"""


@dataclass
class Filled:
    """What was measured at one number of reports: milliseconds by question, seconds of the recompute and its floor."""

    reports: int
    summaries_ms: dict[str, float] = field(default_factory=dict)
    plain_s: float = 0.0
    recompute_s: float = 0.0
    differing: int = 0


async def fill(place: Place, first: int, last: int) -> None:
    """Add the reports number `first` to `last` and bring cells, heads and figures up to them."""
    engine = make_engine(place.owner_url, pool_size=1)
    try:
        async with engine.begin() as connection:
            for name in UNREAD_INDEXES:
                await connection.execute(text(f"DROP INDEX IF EXISTS {name}"))
            numbers = {"first": first, "last": last, "period": PERIOD, "quantities": as_json(_quantities())}
            await connection.execute(text(FILL), numbers)
            codes = list(await connection.scalars(text("SELECT county_code FROM ledger_head")))
            await connection.execute(text("TRUNCATE rollup_cell"))
            await connection.execute(text(KEEP_CELLS), {"county_codes": codes})
            await connection.execute(text("UPDATE ledger_head SET position = :last"), {"last": last})
        reference = await read_reference(engine)
        async with engine.begin() as connection:
            await _refresh_figures(connection, codes, reference)
        await _vacuum(engine)
    finally:
        await engine.dispose()


def _quantities() -> list[list[str]]:
    """Return what a real film report adds to its county, as the record stores it."""
    stream = CountyStream(ReportingPlace("430623", 112.55, 29.55, ("430623101",)), seed=1)
    stream.farms(1)
    form, _ = read_report(stream.reports(1)[0]["payload"])
    return [
        [subject, name, str(amount)] for (subject, name), amount in CATALOGUE[form.indicator].quantities(form).items()
    ]


async def _refresh_figures(connection: AsyncConnection, codes: Sequence[str], reference: Reference) -> None:
    """Compute every county's figures by the product's own function."""
    rows = (await connection.execute(text(READ_ALL_CELLS))).mappings().all()
    by_county = {code: cell_sums(group) for code, group in groupby(rows, key=itemgetter("county_code"))}
    touched = [(PERIOD, Indicator.FILM_RECOVERY)]
    values = [
        {
            "county_code": code,
            "figures": as_json(figure_rows(figures_of(code, touched, by_county.get(code, {}), reference))),
            "coefficient_version": reference.coefficient_version,
        }
        for code in codes
    ]
    await connection.execute(text(UPSERT_FIGURES), values)


async def _vacuum(engine: AsyncEngine) -> None:
    async with engine.connect() as connection:
        alone = await connection.execution_options(isolation_level="AUTOCOMMIT")
        await alone.execute(text("VACUUM ANALYZE record, rollup_cell, county_figure, ledger_head"))


def measure(service: Service, place: Place, reports: int) -> Filled:
    """Return what summaries and a recompute take at this number of reports."""
    filled = Filled(reports)
    for name, region, by in (("省 province", HUNAN, "county"), ("全国·省 nation by province", NATION, "province"),
                             ("全国·县 nation by county", NATION, "county")):  # fmt: skip
        filled.summaries_ms[name] = _asked(service, region, by)
    asyncio.run(_recompute(place, filled))
    return filled


def _asked(service: Service, region: str, by: str) -> float:
    took = []
    for _ in range(REQUESTS + 1):
        start = time.perf_counter()
        answer = service.get(f"/v1/summaries/{region}", period=PERIOD, by=by)
        took.append((time.perf_counter() - start) * 1000)
    if answer.json()["total"]["indicators"]["film_recovery"]["views"]["farm"]["denominator"] in (None, str(ZERO)):
        raise RuntimeError("the summary is empty")
    return median(took[1:])


async def _recompute(place: Place, filled: Filled) -> None:
    engine = make_engine(place.owner_url, pool_size=1)
    try:
        async with engine.connect() as connection:
            codes = list(await connection.scalars(text("SELECT county_code FROM ledger_head")))
            plain, again = [], []
            for _ in range(3):
                start = time.perf_counter()
                await connection.execute(text(f"SELECT count(*) FROM ({PLAIN_GROUP_BY}) AS cell"))
                plain.append(time.perf_counter() - start)
                start = time.perf_counter()
                filled.differing = len(await differing_cells(connection, codes))
                again.append(time.perf_counter() - start)
        filled.plain_s, filled.recompute_s = median(plain), median(again)
    finally:
        await engine.dispose()
