"""What a running process holds: engines, keys and one snapshot of the reference data."""

import asyncio
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from backend.demo.accounts import DemoAccount, shown_accounts
from backend.demo.places import load_places
from backend.keys import Keys
from backend.reference.tree import load_county_index, load_tree
from backend.rollup.plan import Plan, load_plan
from backend.rollup.trees import RegionTrees
from backend.settings import Settings
from schemas.indicators.spec import Coefficient
from schemas.period import CHINA_STANDARD_TIME
from schemas.vocabulary import SourceStatus
from sync.personal import Vault
from sync.push import CountyLocks, PushContext
from sync.reference import Reference, Retired

MAX_IMPORTS = 2
"""How many files one process reads at a time: a workbook takes memory, and a commit a connection of its own."""

READ_COEFFICIENTS = """
    SELECT year, region_code, name, subject, value, unit, source, status FROM coefficient
"""

READ_LEDGERS = "SELECT county_code FROM ledger_head"

READ_RETIRED = """
    SELECT former.code, county.code AS successor, max(former.valid_to) AS last_year
    FROM region_version AS county
    CROSS JOIN unnest(county.ledger_codes) AS ledger
    JOIN region_version AS former ON former.code = ledger
    WHERE county.valid_to IS NULL AND ledger <> county.code AND former.valid_to IS NOT NULL
    GROUP BY former.code, county.code
"""


@dataclass
class Service:
    """Shared by all requests of one process."""

    settings: Settings
    engine: AsyncEngine
    read_engine: AsyncEngine
    keys: Keys
    reference: Reference
    plan: Plan
    vault: Vault
    demo_accounts: tuple[DemoAccount, ...] = ()
    trees: RegionTrees = field(default_factory=RegionTrees)
    locks: CountyLocks = field(default_factory=CountyLocks)
    imports: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(MAX_IMPORTS))

    @property
    def push_context(self) -> PushContext:
        """What a push needs."""
        return PushContext(self.engine, self.reference, self.vault, self.locks)


async def load_service(settings: Settings, engine: AsyncEngine, read_engine: AsyncEngine, keys: Keys) -> Service:
    """Return the service with its reference data read."""
    async with engine.connect() as connection:
        reference = await load_reference_snapshot(connection)
        plan = await load_plan(connection)
        shown = tuple(shown_accounts(await load_places(connection))) if settings.demo else ()
    vault = Vault([keys.personal])
    return Service(settings, engine, read_engine, keys, reference, plan, vault, shown)


async def load_reference_snapshot(connection: AsyncConnection) -> Reference:
    """Read what a push must know besides the ledger."""
    this_year = datetime.now(CHINA_STANDARD_TIME).year
    coefficients = tuple(
        Coefficient(
            row.year, row.region_code, row.name, row.subject, row.value, row.unit, row.source, SourceStatus(row.status)
        )
        for row in await connection.execute(text(READ_COEFFICIENTS))
    )
    return Reference(
        tree=await load_tree(connection, this_year),
        counties=await load_county_index(connection),
        ledgers=frozenset(await connection.scalars(text(READ_LEDGERS))),
        retired={
            row.code: Retired(row.successor, row.last_year) for row in await connection.execute(text(READ_RETIRED))
        },
        coefficients=coefficients,
    )
