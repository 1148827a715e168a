"""What a running process holds: engines, keys and one snapshot of the reference data, replaced when the data change."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime

import asyncpg
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from backend.auth.accounts import grants_of
from backend.auth.provider import Client, Provider, read_secret
from backend.db import make_engine, make_pool, snapshot
from backend.demo.accounts import DemoAccount, shown_accounts
from backend.demo.places import load_places
from backend.keys import Keys, load_keys
from backend.packs.file_shelf import FileShelf
from backend.packs.kept import KeptFiles
from backend.packs.shelf import PackShelf
from backend.privacy.keyring import KeyRing
from backend.reference.boundaries import attribution
from backend.reference.tree import load_county_index, load_tree
from backend.reference.versions import newest_versions
from backend.rollup.plan import Plan, load_plan
from backend.rollup.trees import RegionTrees
from backend.settings import Settings
from backend.tiles.shelf import TileShelf
from schemas.indicators.spec import Coefficient
from schemas.lineage import CodeHistory, CodeSpan
from schemas.period import CHINA_STANDARD_TIME
from schemas.receipts import Signer
from schemas.reference.kinds import ReferenceKind
from schemas.vocabulary import SourceStatus
from sync.attachments.desk import Desk, Limits
from sync.attachments.store import Staging, open_store
from sync.devices import DeviceLog
from sync.personal import Vault
from sync.push import CountyLocks, PushContext
from sync.receipts import keep_key
from sync.reference import Reference, Retired

MAX_IMPORTS = 2
"""How many files one process reads at a time: a workbook takes memory, and a commit a connection of its own."""

READ_COEFFICIENTS = """
    SELECT year, region_code, name, subject, value, unit, source, status, version FROM current_coefficient
"""

READ_SOURCES = "SELECT DISTINCT source FROM current_county_geom"

READ_LEDGERS = "SELECT county_code FROM ledger_head"

READ_RETIRED = """
    SELECT former.code, county.code AS successor, max(former.valid_to) AS last_year
    FROM region_version AS county
    CROSS JOIN unnest(county.ledger_codes) AS ledger
    JOIN region_version AS former ON former.code = ledger
    WHERE county.valid_to IS NULL AND ledger <> county.code AND former.valid_to IS NOT NULL
    GROUP BY former.code, county.code
"""

READ_HISTORY = """
    SELECT code, name, valid_from, valid_to, ledger_codes FROM region_version
    WHERE level = 'county' AND (
        cardinality(ledger_codes) > 1
        OR code IN (SELECT code FROM region_version WHERE level = 'county' AND valid_to IS NOT NULL)
    )
"""


@dataclass(frozen=True, slots=True)
class ReferenceState:
    """Which reference data a process holds: the newest version of every kind, and whose year's regions are today's."""

    versions: Mapping[str, int]
    year: int


@dataclass
class Service:
    """Shared by all requests of one process."""

    settings: Settings
    engine: AsyncEngine
    read_engine: AsyncEngine
    pool: asyncpg.Pool
    """For what runs at every request of a phone: who asks, and the push."""
    read_pool: asyncpg.Pool
    """For tiles; of the replica, where there is one."""
    keys: Keys
    reference: Reference
    plan: Plan
    vault: Vault
    signer: Signer
    state: ReferenceState
    map_source: str
    desk: Desk
    """Where photos and papers are taken in and given out."""
    tiles: TileShelf
    files: FileShelf
    """The packs that are files of their own."""
    demo_accounts: tuple[DemoAccount, ...] = ()
    trees: RegionTrees = field(default_factory=RegionTrees)
    locks: CountyLocks = field(default_factory=CountyLocks)
    packs: PackShelf = field(default_factory=PackShelf)
    devices: DeviceLog = field(default_factory=DeviceLog)
    provider: Provider | None = None
    """The identity provider, where the deployment has one."""
    imports: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(MAX_IMPORTS))

    @property
    def push_context(self) -> PushContext:
        """What a push needs."""
        return PushContext(
            self.pool, self.engine, self.reference, self.vault, self.locks, grants_of, self.settings.held_days
        )


@asynccontextmanager
async def open_service(settings: Settings, database_url: str) -> AsyncIterator[Service]:
    """Give the service of a prepared database with its reference data read, and close its connections at the end."""
    engine = make_engine(database_url, pool_size=settings.pool_size)
    read_engine = make_engine(settings.read_url, pool_size=settings.pool_size) if settings.read_url else engine
    try:
        async with AsyncExitStack() as stack:
            pool = read_pool = await stack.enter_async_context(await make_pool(engine, size=settings.pool_size))
            if read_engine is not engine:
                read_pool = await stack.enter_async_context(await make_pool(read_engine, size=settings.pool_size))
            yield await _load_service(settings, engine, read_engine, pool, read_pool)
    finally:
        await engine.dispose()
        await read_engine.dispose()


async def _load_service(
    settings: Settings, engine: AsyncEngine, read_engine: AsyncEngine, pool: asyncpg.Pool, read_pool: asyncpg.Pool
) -> Service:
    async with snapshot(engine) as connection:
        state = await _state(connection)
        reference = await load_reference_snapshot(connection, state)
        plan = await load_plan(connection, reference.history)
        map_source = await _map_source(connection)
        shown = tuple(shown_accounts(await load_places(connection))) if settings.demo else ()
    keys = load_keys(settings)
    vault, signer = KeyRing.of(settings).vault(), Signer.of(keys.receipt)
    await keep_key(pool, signer)
    return Service(
        settings=settings,
        engine=engine,
        read_engine=read_engine,
        pool=pool,
        read_pool=read_pool,
        keys=keys,
        reference=reference,
        plan=plan,
        vault=vault,
        signer=signer,
        state=state,
        map_source=map_source,
        desk=_open_desk(settings, pool, vault),
        tiles=TileShelf(settings.home / "tiles"),
        files=FileShelf(KeptFiles(settings.home / "packs", vault, settings.packs_max_bytes)),
        demo_accounts=shown,
        provider=_provider_of(settings),
    )


def _provider_of(settings: Settings) -> Provider | None:
    if settings.oidc_issuer is None:
        return None
    secret = read_secret(settings.oidc_client_secret_file)
    return Provider(Client(settings.oidc_issuer, settings.oidc_client_id, secret))


def _open_desk(settings: Settings, pool: asyncpg.Pool, vault: Vault) -> Desk:
    limits = Limits(settings.attachment_max_bytes, settings.upload_ttl_s, settings.upload_idle_s)
    store = open_store(settings.attachments_url, settings.home / "attachments")
    return Desk(pool, Staging(settings.home / "uploads"), store, vault, limits)


async def reload_reference(service: Service) -> bool:
    """Read regions, outlines, coefficients, goals and basins anew where a version was added or a new year began.

    All is of one moment and put in place at once; requests under way end with what they began with. Return whether
    anything was read.
    """
    async with snapshot(service.engine) as connection:
        state = await _state(connection)
        if state == service.state:
            return False
        reference = await load_reference_snapshot(connection, state)
        plan = await load_plan(connection, reference.history)
        map_source = await _map_source(connection)
    service.reference, service.plan, service.map_source = reference, plan, map_source
    service.trees = RegionTrees()
    service.state = state
    return True


async def load_reference_snapshot(connection: AsyncConnection, state: ReferenceState) -> Reference:
    """Read what a push must know besides the ledger."""
    coefficients = tuple(
        Coefficient(
            row.year,
            row.region_code,
            row.name,
            row.subject,
            row.value,
            row.unit,
            row.source,
            SourceStatus(row.status),
            row.version,
        )
        for row in await connection.execute(text(READ_COEFFICIENTS))
    )
    return Reference(
        tree=await load_tree(connection, state.year),
        counties=await load_county_index(connection),
        ledgers=frozenset(await connection.scalars(text(READ_LEDGERS))),
        retired={
            row.code: Retired(row.successor, row.last_year) for row in await connection.execute(text(READ_RETIRED))
        },
        coefficients=coefficients,
        coefficient_version=state.versions.get(ReferenceKind.COEFFICIENTS, 0),
        history=CodeHistory(
            CodeSpan(row.code, row.name, row.valid_from, row.valid_to, tuple(row.ledger_codes))
            for row in await connection.execute(text(READ_HISTORY))
        ),
    )


async def read_reference(engine: AsyncEngine) -> Reference:
    """Return the snapshot for a command, which has no service."""
    async with snapshot(engine) as connection:
        return await load_reference_of(connection)


async def load_reference_of(connection: AsyncConnection) -> Reference:
    """Return the reference data of a connection's snapshot."""
    return await load_reference_snapshot(connection, await _state(connection))


async def _state(connection: AsyncConnection) -> ReferenceState:
    return ReferenceState(await newest_versions(connection), datetime.now(CHINA_STANDARD_TIME).year)


async def _map_source(connection: AsyncConnection) -> str:
    return attribution(await connection.scalars(text(READ_SOURCES)))
