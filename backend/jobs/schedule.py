"""What a process does at intervals: for itself, and for the deployment where it is the one that runs its jobs.

A job that fails is logged and tried again; it never ends the service.
"""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from backend.jobs.devices import write_devices
from backend.jobs.expire import EXPIRE_EVERY_S, expire_uploads
from backend.jobs.recompute import recompute_figures
from backend.jobs.runner import LOOK_S, Runner
from backend.service import Service, reload_reference

LOG = logging.getLogger(__name__)
DEVICES_S = 5
"""How long what a phone says of itself may lie in memory."""

GRACE_S = 60
"""A run that is this late is still worth making: the next one would do the same."""


async def follow_reference(service: Service) -> None:
    """Take in new versions of the reference data, then compute the figures again that older ones were used for."""
    service.vault.refresh()  # a key that a rotation made seals from now on
    if await reload_reference(service):
        LOG.info("reference data read anew: %s", dict(service.state.versions))
    done = await recompute_figures(service.engine, service.reference)
    if done.counties:
        LOG.info("figures of %d counties computed again, %d changed", done.counties, done.changed)


async def clear_disk(service: Service) -> None:
    """Clear away uploads that nobody finished and packs that nobody asks for: they lie on this machine's disk."""
    await expire_uploads(service.desk)
    await asyncio.to_thread(service.files.kept.sweep)


@asynccontextmanager
async def scheduled(service: Service) -> AsyncIterator[None]:
    """Do while the block runs what every process does for itself, and look after the deployment's jobs."""
    # A look that takes longer than its interval is not made twice, and need not be told of.
    logging.getLogger("apscheduler").setLevel(logging.ERROR)
    scheduler = AsyncIOScheduler()
    for job, interval_s in (
        (follow_reference, service.settings.follow_s),
        (write_devices, DEVICES_S),
        (clear_disk, EXPIRE_EVERY_S),
    ):
        _add(scheduler, job, interval_s, [service])
    runner = Runner(service)
    if service.settings.jobs:
        _add(scheduler, runner.look, LOOK_S, [])
    scheduler.start()
    try:
        yield
    finally:
        scheduler.shutdown(wait=False)
        await runner.end()
        await _write_last_devices(service)


def _add(scheduler: AsyncIOScheduler, job: Any, interval_s: float, args: list[Any]) -> None:
    scheduler.add_job(
        job,
        "interval",
        args=args,
        seconds=interval_s,
        max_instances=1,
        coalesce=True,
        misfire_grace_time=GRACE_S,
    )


async def _write_last_devices(service: Service) -> None:
    """Write what is left at the end; a database that is gone by then must not keep the process."""
    try:
        await write_devices(service)
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        LOG.warning("devices heard of last are not written: %s", type(error).__name__)
