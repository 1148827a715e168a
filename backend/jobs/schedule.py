"""The jobs of a process and their interval. A job that fails is logged and tried again; it never ends the service."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from backend.jobs.checkpoints import issue_if_due
from backend.jobs.checks import sweep_years
from backend.jobs.devices import FORGET_EVERY_S, forget_devices, write_devices
from backend.jobs.expire import EXPIRE_EVERY_S, expire_uploads
from backend.jobs.held import decide_held
from backend.jobs.recompute import recompute_figures
from backend.jobs.sign_ins import FORGET_SIGN_INS_S, forget_sign_ins
from backend.service import Service, reload_reference

LOG = logging.getLogger(__name__)
DEVICES_S = 5
"""How long what a phone says of itself may lie in memory."""

GRACE_S = 60
"""A run that is this late is still worth making: the next one would do the same."""

ANCHOR_S = 300
"""How often a process looks whether a checkpoint is due; after nights without a process it is issued this soon."""


async def follow_reference(service: Service) -> None:
    """Take in new versions of the reference data, then compute the figures again that older ones were used for."""
    service.vault.refresh()  # a key that a rotation made seals from now on
    if await reload_reference(service):
        LOG.info("reference data read anew: %s", dict(service.state.versions))
    done = await recompute_figures(service.engine, service.reference)
    if done.counties:
        LOG.info("figures of %d counties computed again, %d changed", done.counties, done.changed)


async def anchor_ledgers(service: Service) -> None:
    """Issue the checkpoint of the last night where there is none yet."""
    settings = service.settings
    path = await issue_if_due(service.engine, service.signer, settings.home, settings.checkpoint_at)
    if path is not None:
        LOG.info("checkpoint written to %s", path)


async def end_waiting(service: Service) -> None:
    """Decide the changes that waited for too long."""
    done = await decide_held(service.push_context)
    if done.settled or done.ended:
        LOG.info("held changes: %d decided, %d ended after their deadline", done.settled, done.ended)


async def end_uploads(service: Service) -> None:
    """Clear away uploads that nobody finished."""
    await expire_uploads(service.desk)


async def run_checks(service: Service) -> None:
    """Look across the reports of this year and the last for what is worth a look."""
    for year, swept in (await sweep_years(service)).items():
        if swept.opened or swept.gone:
            LOG.info("checks of %d: %d findings opened, %d gone", year, swept.opened, swept.gone)


@asynccontextmanager
async def scheduled(service: Service) -> AsyncIterator[None]:
    """Run the jobs while the block runs; every process of a deployment has its own."""
    logging.getLogger("apscheduler").setLevel(logging.WARNING)
    scheduler = AsyncIOScheduler()
    jobs = (
        (follow_reference, service.settings.follow_s),
        (end_waiting, service.settings.sweep_s),
        (anchor_ledgers, ANCHOR_S),
        (write_devices, DEVICES_S),
        (forget_devices, FORGET_EVERY_S),
        (end_uploads, EXPIRE_EVERY_S),
        (forget_sign_ins, FORGET_SIGN_INS_S),
        (run_checks, service.settings.checks_s),
    )
    for job, interval_s in jobs:
        scheduler.add_job(
            job,
            "interval",
            args=[service],
            seconds=interval_s,
            max_instances=1,
            coalesce=True,
            misfire_grace_time=GRACE_S,
        )
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
