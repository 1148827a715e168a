"""The jobs of a process and their interval. A job that fails is logged and tried again; it never ends the service."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from backend.jobs.devices import write_devices
from backend.jobs.recompute import recompute_figures
from backend.service import Service, reload_reference

LOG = logging.getLogger(__name__)
DEVICES_S = 5
"""How long what a phone says of itself may lie in memory."""

GRACE_S = 60
"""A run that is this late is still worth making: the next one would do the same."""


async def follow_reference(service: Service) -> None:
    """Take in new versions of the reference data, then compute the figures again that older ones were used for."""
    if await reload_reference(service):
        LOG.info("reference data read anew: %s", dict(service.state.versions))
    done = await recompute_figures(service.engine, service.reference)
    if done.counties:
        LOG.info("figures of %d counties computed again, %d changed", done.counties, done.changed)


@asynccontextmanager
async def scheduled(service: Service) -> AsyncIterator[None]:
    """Run the jobs while the block runs; every process of a deployment has its own."""
    logging.getLogger("apscheduler").setLevel(logging.WARNING)
    scheduler = AsyncIOScheduler()
    scheduler.add_job(
        follow_reference,
        "interval",
        args=[service],
        seconds=service.settings.follow_s,
        max_instances=1,
        coalesce=True,
        misfire_grace_time=GRACE_S,
    )
    scheduler.add_job(write_devices, "interval", args=[service], seconds=DEVICES_S, max_instances=1, coalesce=True)
    scheduler.start()
    try:
        yield
    finally:
        scheduler.shutdown(wait=False)
        await _write_last_devices(service)


async def _write_last_devices(service: Service) -> None:
    """Write what is left at the end; a database that is gone by then must not keep the process."""
    try:
        await write_devices(service)
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        LOG.warning("devices heard of last are not written: %s", type(error).__name__)
