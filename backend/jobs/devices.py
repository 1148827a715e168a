"""Write down which phones were heard of, a few seconds late and never in a phone's way; forget those long silent."""

import logging
from datetime import timedelta

from backend.db import connected
from backend.service import Service
from sync.devices import forget_silent, keep_seen

LOG = logging.getLogger(__name__)


async def write_devices(service: Service) -> int:
    """Write what was heard since the last time and return how many phones that is."""
    if not len(service.devices):
        return 0
    async with connected(service.pool) as connection:
        return await keep_seen(connection, service.devices)


async def forget_devices(service: Service) -> int:
    """Forget the phones that were silent for `device_days`, and return how many rows that was."""
    async with connected(service.pool) as connection:
        forgotten = await forget_silent(connection, timedelta(days=service.settings.device_days))
    if forgotten:
        LOG.info("%d phones not heard of for %d days forgotten", forgotten, service.settings.device_days)
    return forgotten
