"""Run the checks over the years that are still reported on: all of them at length, those of plots after pushes."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from backend.checks.probe import Ground, Places
from backend.checks.sweep import Swept, sweep, sweep_plots
from backend.db import snapshot
from backend.service import Service
from schemas.checks.thresholds import Thresholds
from sync.statement import Statement

PLOTS_JOB = "plots"

MARGIN = timedelta(minutes=1)
"""A push that had not committed when a run looked is seen by the next one."""

LOOKED_BACK = timedelta(hours=6)
"""How far the first run looks back; what is older the sweep has seen."""

READ_TOUCHED = Statement.of("""
    SELECT county_code FROM ledger_head
    WHERE recorded_at > coalesce(
        (SELECT max(started_at) FROM job_run WHERE name = :job AND state = 'done') - cast(:margin AS interval),
        cast(:earliest AS timestamptz)
    )
    ORDER BY county_code
""")
"""The ledgers that were written since the last run."""


async def sweep_years(service: Service, years: Iterable[int] = ()) -> dict[int, Swept]:
    """Run every check over each year, by default this one and the last, and return what each came to."""
    return {year: await sweep(service.engine, await _ground(service, year)) for year in years or _years(service)}


async def sweep_touched(service: Service) -> dict[int, Swept]:
    """Run the checks of plots over the counties that were written since the last run; nothing where none was."""
    now = datetime.now(UTC)
    rows = await READ_TOUCHED.rows(service.pool, job=PLOTS_JOB, margin=MARGIN, earliest=now - LOOKED_BACK)
    counties = [row["county_code"] for row in rows]
    years = _years(service) if counties else ()
    return {year: await sweep_plots(service.engine, await _ground(service, year), counties) for year in years}


def _years(service: Service) -> tuple[int, ...]:
    return service.state.year - 1, service.state.year


async def _ground(service: Service, year: int) -> Ground:
    async with snapshot(service.read_engine) as connection:
        tree = await service.trees.of_year(connection, year)
    thresholds = Thresholds.parse(service.settings.checks)
    now = datetime.now(UTC)
    return Ground(year, tree, service.plan.goals, Places.of(tree), service.reference, now, thresholds)
