"""The way from one schema to the next with data in it, and back."""

import hashlib
import uuid
from collections.abc import AsyncIterator

import pytest
from alembic import command
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncEngine

from backend.db import make_engine
from backend.embedded import Cluster, drop_database, ensure_database
from backend.migrate import alembic_config

pytestmark = pytest.mark.anyio

BEFORE_VERSIONS = "20261121_1300"
FILL = (
    "INSERT INTO reference_load VALUES ('goals', sha256('g'), 1, now())",
    "INSERT INTO reference_load VALUES ('basins', sha256('b'), 2, now()), ('demo', sha256('d'), 0, now())",
    "INSERT INTO goal VALUES ('430000', 'film_recovery', 'plan', 2021, 2025, 'floor', 0.9, '1', 'own', 'official', '')",
    "INSERT INTO published_input VALUES ('film_use', 2020, '430000', 1, 't', 1, 't', '年鉴')",
    "INSERT INTO county_figure VALUES ('430623', '2025', 'film_recovery', 'farm', 1, 2, 3, 'film-1', '[]', '')",
)


@pytest.fixture
async def empty_engine(cluster: Cluster) -> AsyncIterator[AsyncEngine]:
    name = f"migrated_{uuid.uuid4().hex[:12]}"
    ensure_database(cluster, name)
    engine = make_engine(cluster.url("owner", name), pool_size=1)
    yield engine
    await engine.dispose()
    drop_database(cluster, name)


async def moved(engine: AsyncEngine, revision: str, *, up: bool = True) -> None:
    def move(connection: Connection) -> None:
        (command.upgrade if up else command.downgrade)(alembic_config(connection), revision)

    async with engine.begin() as connection:
        await connection.run_sync(move)


async def rows(engine: AsyncEngine, statement: str) -> list[tuple[object, ...]]:
    async with engine.connect() as connection:
        return [tuple(row) for row in await connection.execute(text(statement))]


async def test_rows_from_before_versions_are_kept_as_the_first_version(empty_engine: AsyncEngine) -> None:
    await moved(empty_engine, BEFORE_VERSIONS)
    async with empty_engine.begin() as connection:
        for statement in FILL:
            await connection.execute(text(statement))
    await moved(empty_engine, "head")
    kinds = "SELECT kind, version, origin FROM reference_version ORDER BY kind"
    assert await rows(empty_engine, kinds) == [
        ("basin_counties", 1, "adopted"),
        ("basins", 1, "adopted"),
        ("demo", 1, "adopted"),
        ("goals", 1, "adopted"),
    ]
    assert await rows(empty_engine, "SELECT source, version FROM current_goal") == [("own", 1)]
    assert await rows(empty_engine, "SELECT source, status FROM current_published_input") == [("年鉴", "unverified")]
    assert await rows(empty_engine, "SELECT coefficient_version FROM county_figure") == [(0,)]


ENTRY = """
    INSERT INTO ledger_entry SELECT '430623', n, gen_random_uuid(), 'farm', 1, 'create', gen_random_uuid(),
        gen_random_uuid(), gen_random_uuid(), sha256('p'), '[]', now(), 'qt1-sha256',
        sha256(convert_to(cast(n AS text), 'UTF8'))
    FROM generate_series(1, 3) AS n
"""
RECORD = """
    INSERT INTO record (county_code, id, kind, status, revision, position, township_code, payload, quantities, warnings,
                        payload_hash, last_change_id, account, recorded_at)
    SELECT county_code, record_id, kind, 'submitted', 1, position, '430623101', '{}', '[]', '[]', payload_hash,
           change_id, actor, recorded_at
    FROM ledger_entry
"""


async def test_records_from_before_marks_get_those_of_their_entries(empty_engine: AsyncEngine) -> None:
    await moved(empty_engine, "20261121_1400")
    async with empty_engine.begin() as connection:
        for statement in (ENTRY, RECORD):
            await connection.execute(text(statement))
    await moved(empty_engine, "head")
    found = await rows(empty_engine, "SELECT position, mark FROM record ORDER BY position")
    marks = [hashlib.sha256(str(position).encode()).digest()[:8] for position in (1, 2, 3)]
    assert found == list(enumerate(marks, 1))
    total = sum(int.from_bytes(mark, "big") for mark in marks) % 2**64
    assert await rows(empty_engine, "SELECT records, checksum FROM township_mark") == [(3, total)]


async def test_going_back_leaves_what_was_in_force(empty_engine: AsyncEngine) -> None:
    await moved(empty_engine, "head")
    async with empty_engine.begin() as connection:
        for version, value, withdrawn in ((1, "0.8", False), (2, "0.9", False)):
            await connection.execute(
                text(
                    "INSERT INTO goal (region_code, indicator, scope, valid_from, due_year, type, value, unit, source, "
                    "status, department, version, withdrawn) VALUES ('430000', 'film_recovery', 'plan', 2021, 2025, "
                    "'floor', :value, '1', 'own', 'official', 'x', :version, :withdrawn)"
                ),
                {"value": value, "version": version, "withdrawn": withdrawn},
            )
    await moved(empty_engine, BEFORE_VERSIONS, up=False)
    assert await rows(empty_engine, "SELECT value::text FROM goal") == [("0.9",)]
    await moved(empty_engine, "head")
