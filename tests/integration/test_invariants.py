"""What must hold whatever happens: one chain, exact sums, a fixed number of statements, append-only rights."""

import random
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import anyio
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

import backend.db
from backend.db import driver_transaction, make_engine
from backend.verify import broken_chain
from schemas.tables import metadata
from sync.ledger import LOCK_HEAD
from sync.pull import PAGE_OF_COUNTY, PAGE_OF_TOWNSHIPS
from sync.recompute import differing_cells
from sync.state import READ_STATE
from sync.store import WRITE_PUSH
from tests.conftest import Database
from tests.integration.conftest import Caller, Offices
from tests.support.offices import COUNTY
from tests.support.reports import amend, farm, film, withdraw
from tests.support.soundness import assert_sound
from tests.support.statements import PUSH_STATEMENTS, counted, counted_by_the_driver

pytestmark = pytest.mark.anyio


async def rows(engine: AsyncEngine, statement: str) -> list[tuple[Any, ...]]:
    async with engine.connect() as connection:
        return sorted(tuple(row) for row in await connection.execute(text(statement)))


async def test_sums_equal_a_recompute_after_any_mix_of_changes(worker: Caller, owner_engine: AsyncEngine) -> None:
    draw = random.Random(7)
    farms = [farm() for _ in range(20)]
    await worker.apply(*farms)
    reports = [film(one["record_id"], mulch_used_kg=str(draw.randint(90, 999))) for one in farms]
    await worker.apply(*reports)
    for report in reports:
        match draw.randrange(3):
            case 0:
                await worker.apply(
                    amend(report, {"/mulch_used_kg": f"{draw.randint(90, 200)}.{draw.randint(1, 999):03d}"})
                )
            case 1:
                await worker.apply(withdraw(report))
    await assert_sound(owner_engine)


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE rollup_cell SET amount = amount + 0.000001 WHERE quantity = 'net_t'",
        "UPDATE rollup_cell SET n = n + 1 WHERE quantity = 'reports'",
        "DELETE FROM rollup_cell WHERE quantity = 'net_t'",
        """INSERT INTO rollup_cell SELECT county_code, '1999', indicator, level, status, subject, quantity, amount, n
           FROM rollup_cell WHERE quantity = 'reports'""",
    ],
)
async def test_a_sum_that_is_not_that_of_the_records_is_found(
    worker: Caller, owner_engine: AsyncEngine, damage: str
) -> None:
    homestead = farm()
    await worker.apply(homestead, film(homestead["record_id"]))
    async with owner_engine.begin() as connection:
        assert (await connection.execute(text(damage))).rowcount == 1
        assert len(await differing_cells(connection, [COUNTY])) == 1


async def test_twenty_concurrent_identical_pushes_give_one_record(worker: Caller, owner_engine: AsyncEngine) -> None:
    homestead = farm()
    outcomes: list[dict[str, Any]] = []

    async def push() -> None:
        outcomes.extend(await worker.outcomes(homestead))

    async with anyio.create_task_group() as group:
        for _ in range(20):
            group.start_soon(push)
    assert [one["outcome"] for one in outcomes] == ["applied"] * 20
    assert sorted(one["replayed"] for one in outcomes) == [False] + [True] * 19
    assert await rows(owner_engine, "SELECT count(*) FROM record") == [(1,)]
    await assert_sound(owner_engine)


async def test_concurrent_pushes_of_one_county_leave_one_chain_without_gaps(
    worker: Caller, owner_engine: AsyncEngine
) -> None:
    async def push() -> None:
        homestead = farm()
        await worker.apply(homestead, film(homestead["record_id"]))

    async with anyio.create_task_group() as group:
        for _ in range(40):
            group.start_soon(push)
    assert await rows(owner_engine, "SELECT max(position), count(*) FROM ledger_entry") == [(80, 80)]
    await assert_sound(owner_engine)


async def test_a_ledger_locked_by_someone_else_is_answered_try_again(worker: Caller, owner_engine: AsyncEngine) -> None:
    homestead = farm()
    async with owner_engine.begin() as connection:
        await connection.execute(
            text("SELECT position FROM ledger_head WHERE county_code = :county FOR UPDATE"), {"county": COUNTY}
        )
        response = await worker.push(homestead)
    [outcome] = response.json()["outcomes"]
    assert (outcome["outcome"], outcome["disposition"]) == ("held", "retry_after")
    assert response.headers["retry-after"] == str(outcome["retry_after_s"])
    assert outcome["problems"][0]["code"] == "busy"
    assert "retry-after" not in (await worker.push(homestead)).headers


async def test_a_pool_without_a_free_connection_is_answered_come_again(
    worker: Caller, offices: Offices, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backend.db, "POOL_TIMEOUT_S", 0.05)
    pool = offices.app.state.service.pool
    taken = [await pool.acquire() for _ in range(pool.get_max_size())]
    response = await worker.get("/v1/sync/pull", county=COUNTY)
    for one in taken:
        await pool.release(one)
    assert (response.status_code, response.json()["code"]) == (503, "unavailable")
    assert int(response.headers["retry-after"]) >= 1
    assert (await worker.get("/v1/sync/pull", county=COUNTY)).status_code == 200


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger_entry SET revision = 2",
        "DELETE FROM ledger_entry",
        "TRUNCATE ledger_entry",
        "DELETE FROM record",
        "DELETE FROM change",
        "UPDATE personal SET revision = 9",
        "CREATE TABLE mine (id int)",
        "DELETE FROM account",
        "UPDATE audit SET act = 'nothing'",
    ],
)
async def test_the_service_role_cannot_rewrite_history(worker: Caller, database: Database, statement: str) -> None:
    await worker.apply(farm())
    engine = make_engine(database.service_url, pool_size=1)
    try:
        with pytest.raises(DBAPIError, match="permission denied"):
            async with engine.begin() as connection:
                await connection.execute(text(statement))
    finally:
        await engine.dispose()


async def test_a_changed_entry_is_found_and_named(worker: Caller, owner_engine: AsyncEngine) -> None:
    await worker.apply(*(farm() for _ in range(5)))
    async with owner_engine.begin() as connection:
        await connection.execute(text("UPDATE ledger_entry SET revision = 2 WHERE position = 3"))
        found = await broken_chain(connection, COUNTY)
    assert found is not None
    assert found.position == 3


@pytest.mark.parametrize(
    "damage",
    [
        "DELETE FROM ledger_entry WHERE position = 5",
        "UPDATE ledger_head SET position = 4 WHERE county_code = '430623'",
        "UPDATE ledger_entry SET kind = 'robot' WHERE position = 5",
    ],
)
async def test_a_shortened_or_senseless_chain_is_found(worker: Caller, owner_engine: AsyncEngine, damage: str) -> None:
    await worker.apply(*(farm() for _ in range(5)))
    async with owner_engine.begin() as connection:
        await connection.execute(text(damage))
        assert await broken_chain(connection, COUNTY) is not None


@pytest.mark.parametrize("size", [1, 50])
async def test_a_push_takes_the_same_number_of_statements_whatever_its_size(offices: Offices, size: int) -> None:
    worker = await offices.of("worker")
    farms = [farm() for _ in range(size)]
    reports = [film(one["record_id"]) for one in farms]
    service = offices.app.state.service
    await worker.apply(farm())  # the driver asks for the types of the statements once a connection
    async with counted_by_the_driver(service.pool) as statements:
        with counted(service.engine) as others:
            await worker.apply(*farms, *reports)
    assert len(statements) == PUSH_STATEMENTS, statements
    assert others == []


@pytest.mark.parametrize("office", ["worker", "county"])
async def test_a_pull_takes_two_statements_and_a_third_only_for_a_page_that_is_not_the_last(
    offices: Offices, office: str
) -> None:
    caller = await offices.of(office)
    await caller.apply(*(farm() for _ in range(5)))
    cursor = (await caller.pull(COUNTY))["cursor"]
    await caller.pull(COUNTY, limit=2)
    service = offices.app.state.service
    async with counted_by_the_driver(service.pool) as statements:
        with counted(service.engine) as others:
            await caller.pull(COUNTY, cursor=cursor)
            nothing_new = len(statements)
            await caller.pull(COUNTY, limit=2)
    assert (nothing_new, len(statements), others) == (2, 5, []), statements


MANY_RECORDS = """
    INSERT INTO record (county_code, id, kind, status, revision, position, township_code, payload, quantities, warnings,
                        payload_hash, mark, last_change_id, account, recorded_at, submitted_at)
    SELECT '430623', gen_random_uuid(), 'farm', 'submitted', 1, n, '430623101',
           '{"entity_kind": "household", "area_mu": "12.5"}', '[]', '[]', sha256('x'), substr(sha256('x'), 1, 8),
           gen_random_uuid(), gen_random_uuid(), now(), now()
    FROM generate_series(1, 50000) AS n
"""
"""So many that reading them all looks cheaper to the planner than their index, unless it knows how few are new."""

PAGE_TYPES = {
    "county_code": ("text", "'430623'"),
    "townships": ("text[]", "'{430623101}'"),
    "since": ("bigint", "50000"),
    "rows": ("int", "201"),
    "account": ("uuid", "'00000000-0000-0000-0000-000000000000'"),
    "sees_personal": ("boolean", "true"),
    "positions": ("bigint[]", "'{}'"),
    "prefixes": ("text[]", "'{}'"),
}


async def test_a_pull_with_nothing_new_reads_no_record_however_many_there_are(owner_engine: AsyncEngine) -> None:
    """As the service has them planned: once, without knowing the values."""
    async with driver_transaction(owner_engine) as connection:
        await connection.execute(MANY_RECORDS)
        await connection.execute("UPDATE ledger_head SET position = 50000 WHERE county_code = '430623'; ANALYZE record")
        await connection.execute("SET LOCAL plan_cache_mode = 'force_generic_plan'")
        for name, page in (("of_county", PAGE_OF_COUNTY), ("of_townships", PAGE_OF_TOWNSHIPS)):
            types, values = zip(*(PAGE_TYPES[each] for each in page.names), strict=True)
            await connection.execute(f"PREPARE {name} ({', '.join(types)}) AS {page.sql}")
            explain = f"EXPLAIN (ANALYZE, FORMAT JSON) EXECUTE {name} ({', '.join(values)})"
            [row] = await connection.fetch(explain)
            nodes = [one for one in plan_nodes(row[0][0]["Plan"]) if one.get("Relation Name") == "record"]
            assert nodes
            assert [one for one in nodes if one["Actual Rows"] or one.get("Rows Removed by Filter")] == []
            assert {one["Node Type"] for one in nodes} <= {"Index Scan", "Index Only Scan"}


def plan_nodes(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for below in node.get("Plans", ()):
        yield from plan_nodes(below)


async def test_the_head_is_locked_before_anything_is_read_and_in_a_statement_of_its_own(offices: Offices) -> None:
    """One statement that locked and read would read rows as they were before it had the lock."""
    worker = await offices.of("worker")
    await worker.apply(farm())
    async with counted_by_the_driver(offices.app.state.service.pool) as statements:
        await worker.apply(farm())
    begun, locked, loaded, written = statements[2:6]
    assert begun.startswith("BEGIN")
    assert locked == LOCK_HEAD.sql
    assert loaded == READ_STATE.sql
    assert written == WRITE_PUSH.sql


async def test_a_summary_takes_the_same_number_of_statements_for_a_county_and_the_nation(offices: Offices) -> None:
    ministry = await offices.of("ministry")
    counts = []
    for region in (COUNTY, "100000"):
        await ministry.get(f"/v1/summaries/{region}", period="2025", by="province")
        with counted(offices.app.state.service.engine) as statements:
            await ministry.get(f"/v1/summaries/{region}", period="2025", by="province")
        counts.append(len(statements))
    assert counts == [5, 5]


async def test_models_and_migrations_agree(owner_engine: AsyncEngine) -> None:
    def differences(connection: Connection) -> list[Any]:
        options = {"include_name": lambda name, kind, _parents: not (kind == "table" and name == "spatial_ref_sys")}
        return list(compare_metadata(MigrationContext.configure(connection, opts=options), metadata))

    async with owner_engine.connect() as connection:
        assert await connection.run_sync(differences) == []


async def test_amounts_are_exact_beyond_what_a_float_holds(worker: Caller, county: Caller) -> None:
    farms = [farm() for _ in range(3)]
    reports = [film(one["record_id"], mulch_used_kg="99999999999.999999") for one in farms]
    await worker.apply(*farms, *reports)
    response = await county.get(f"/v1/summaries/{COUNTY}", period="2025")
    used = response.json()["total"]["indicators"]["film_recovery"]["views"]["farm"]["denominator"]
    assert Decimal(used) == Decimal("299999999.999999997")
