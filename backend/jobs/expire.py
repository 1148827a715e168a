"""Clearing away uploads that nobody finished, and parts that no upload knows any more."""

import logging
import time
from dataclasses import dataclass

from anyio import to_thread

from schemas.identifiers import is_uuid
from sync.attachments.desk import Desk
from sync.attachments.uploads import delete_expired, known_uploads

LOG = logging.getLogger(__name__)
EXPIRE_EVERY_S = 3600


@dataclass(frozen=True, slots=True)
class Expired:
    """What was cleared away."""

    uploads: int
    parts: int


async def expire_uploads(desk: Desk) -> Expired:
    """End expired uploads and delete their parts; delete parts without an upload once they are as old as that."""
    expired = await delete_expired(desk.pool)
    old = await to_thread.run_sync(lambda: list(desk.staging.left_behind(time.time() - desk.limits.ttl_s)))
    candidates = [name for name in old if is_uuid(name)]
    known = await known_uploads(desk.pool, candidates)
    stray = [name for name in candidates if name not in known]
    for upload_id in {*expired, *stray}:
        await to_thread.run_sync(desk.staging.discard, upload_id)
    if expired or stray:
        LOG.info("%d uploads expired, %d parts without an upload removed", len(expired), len(stray))
    return Expired(len(expired), len(stray))
