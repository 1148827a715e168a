"""Run the checks over the years that are still reported on."""

from collections.abc import Iterable
from datetime import UTC, datetime

from backend.checks.probe import Ground, Places
from backend.checks.sweep import Swept, sweep
from backend.db import snapshot
from backend.service import Service
from schemas.checks.thresholds import Thresholds


async def sweep_years(service: Service, years: Iterable[int] = ()) -> dict[int, Swept]:
    """Run every check over each year, by default this one and the last, and return what each came to."""
    now = datetime.now(UTC)
    swept = {}
    for year in years or (service.state.year - 1, service.state.year):
        async with snapshot(service.read_engine) as connection:
            tree = await service.trees.of_year(connection, year)
        thresholds = Thresholds.parse(service.settings.checks)
        ground = Ground(year, tree, service.plan.goals, Places.of(tree), service.reference, now, thresholds)
        swept[year] = await sweep(service.engine, ground)
    return swept
