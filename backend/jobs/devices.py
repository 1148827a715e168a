"""Write down which phones were heard of, a few seconds late and never in a phone's way."""

from backend.db import connected
from backend.service import Service
from sync.devices import keep_seen


async def write_devices(service: Service) -> int:
    """Write what was heard since the last time and return how many phones that is."""
    if not len(service.devices):
        return 0
    async with connected(service.pool) as connection:
        return await keep_seen(connection, service.devices)
