"""One act on a filing: lock the county's ledgers, read, decide, record, and let in what the act has opened."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

import asyncpg

from backend.auth.access import Access
from backend.db import connected
from backend.explanation.statement import Publishing
from backend.filing.store import FilingKey
from backend.filing.tiers import Tiers
from backend.jobs.held import NOBODY
from schemas.period import CHINA_STANDARD_TIME
from schemas.regions import Region
from schemas.vocabulary import Role
from sync.decision import Context
from sync.ledger import Head, lock_head
from sync.push import PushContext, decide_county


@dataclass(frozen=True)
class Desk:
    """Who acts on which filing."""

    context: PushContext
    access: Access
    key: FilingKey
    region: Region
    """The county in the year of the period."""
    tiers: Tiers
    publishing: Publishing
    """What signs the figure when it is published."""
    townships: Sequence[Region] = ()
    """Of whom reports are expected before the county files; none where nobody is to be told."""

    def acts_as(self, role: Role) -> bool:
        """Whether the caller acts on this filing in a role."""
        return self.access.acts_as(role, self.key.region_code, self.key.indicator)

    @asynccontextmanager
    async def opened(self) -> AsyncIterator["OpenFiling"]:
        """Give the filing with its county's ledgers locked until the block ends. Raises LockNotAvailableError.

        The ledgers of a merged county are locked in the order of their codes, whoever acts: a push holds one only.
        """
        codes = sorted(self.key.ledger_codes)
        async with AsyncExitStack() as stack:
            for code in codes:
                await stack.enter_async_context(self.context.locks.of(code))
            connection = await stack.enter_async_context(connected(self.context.pool))
            await stack.enter_async_context(connection.transaction())
            heads = {code: await lock_head(connection, code) for code in codes}
            yield OpenFiling(self, connection, heads, datetime.now(UTC))


@dataclass(frozen=True)
class OpenFiling:
    """A filing behind the lock of its ledgers."""

    desk: Desk
    connection: asyncpg.Connection
    heads: Mapping[str, Head]
    now: datetime

    @property
    def positions(self) -> dict[str, int]:
        """The positions of the ledgers; none moves before the transaction ends."""
        return {code: head.position for code, head in self.heads.items()}

    async def let_in(self) -> None:
        """Decide the late changes that waited for this filing's lock, which has just been opened, under their writers.

        All or none: they are of this transaction, so that a filing is never open with its changes still outside.
        """
        key, context = self.desk.key, self.desk.context
        today = self.now.astimezone(CHINA_STANDARD_TIME).date()
        for code, lock in zip(key.ledger_codes, key.lock_ids, strict=True):
            await decide_county(
                self.connection,
                self.heads[code],
                [],
                Context(code, today, context.reference, NOBODY),
                self.now,
                context,
                lambda fold: fold.sweep((), context.held_days),
                awaited={lock},
            )
