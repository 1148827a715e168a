"""Many at once: positions follow commits, nobody starves, nothing deadlocks, every invariant holds."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from backend.app import create_app
from backend.auth.access import Grant
from backend.auth.accounts import create_account
from backend.settings import Settings
from backend.verify import broken_chain
from schemas.vocabulary import Role
from sync.recompute import differing_cells
from tests.conftest import Database
from tests.integration.conftest import Caller, Offices
from tests.support.offices import COUNTY, PASSWORD, PASSWORD_HASH, SignIn
from tests.support.reports import farm, film

pytestmark = pytest.mark.anyio

WAIT_AT_COMMIT = (
    """CREATE FUNCTION wait_at_commit() RETURNS trigger LANGUAGE plpgsql AS
       $$ BEGIN PERFORM pg_advisory_xact_lock(42); RETURN NULL; END $$""",
    """CREATE CONSTRAINT TRIGGER wait_at_commit AFTER INSERT ON ledger_entry DEFERRABLE INITIALLY DEFERRED
       FOR EACH ROW WHEN (NEW.position = 1) EXECUTE FUNCTION wait_at_commit()""",
)
"""The first entry's transaction stops at its commit for as long as somebody else holds lock 42."""

CLIENTS_OF_ONE_COUNTY = 64
CLIENTS = 32
COUNTIES = 50
ROUNDS = 4
SEED = 32


@asynccontextmanager
async def another_process(database: Database, sign_ins: dict[str, SignIn], home: Path) -> AsyncIterator[Offices]:
    """Another service over the same database: it shares no lock in memory with the first."""
    settings = Settings(
        home=home, database_url=database.service_url, secret="s" * 40, follow_s=3600, pool_size=5, jobs=False
    )
    app = create_app(settings)
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as http:
            yield Offices(app, http, sign_ins)


async def test_a_transaction_that_commits_late_is_never_skipped_by_a_pull(
    offices: Offices, owner_engine: AsyncEngine, database: Database, sign_ins: dict[str, SignIn], tmp_path: Path
) -> None:
    async with owner_engine.begin() as connection:
        for statement in WAIT_AT_COMMIT:
            await connection.execute(text(statement))
    first = await offices.of("worker")
    slow, quick = farm(name="慢"), farm(name="快")
    async with another_process(database, sign_ins, tmp_path / "other") as others:
        second, reader = await others.of("colleague"), await others.of("county")
        async with owner_engine.connect() as holder, anyio.create_task_group() as group:
            await holder.execute(text("SELECT pg_advisory_lock(42)"))
            outcomes: dict[str, Any] = {}

            async def push(caller: Caller, item: dict[str, Any]) -> None:
                [outcomes[item["payload"]["name"]]] = await caller.apply(item)

            group.start_soon(push, first, slow)
            await anyio.sleep(0.3)
            group.start_soon(push, second, quick)
            await anyio.sleep(0.3)
            between = await reader.pull(COUNTY)
            assert between["records"] == []
            assert outcomes == {}
            await holder.execute(text("SELECT pg_advisory_unlock(42)"))
        after = await reader.pull(COUNTY, cursor=between["cursor"])
    assert [one["payload"]["name"] for one in after["records"]] == ["慢", "快"]
    assert [outcomes[name]["position"] for name in ("慢", "快")] == [1, 2]


async def test_sixty_four_clients_of_one_county_share_five_connections(
    database: Database, sign_ins: dict[str, SignIn], owner_engine: AsyncEngine, tmp_path: Path
) -> None:
    async with another_process(database, sign_ins, tmp_path / "five") as offices:
        worker, county = await offices.of("worker"), await offices.of("county")

        async def client(number: int) -> None:
            homestead = farm(name=f"户{number:02d}")
            await worker.apply(homestead)
            assert (await county.pull(COUNTY, limit=10))["records"]
            await worker.apply(film(homestead["record_id"]))

        with anyio.fail_after(120):
            async with anyio.create_task_group() as group:
                for number in range(CLIENTS_OF_ONE_COUNTY):
                    group.start_soon(client, number)
    await _assert_sound(owner_engine, [COUNTY], 2 * CLIENTS_OF_ONE_COUNTY)


async def test_thirty_two_clients_over_fifty_counties_keep_every_invariant(
    offices: Offices, owner_engine: AsyncEngine
) -> None:
    async with owner_engine.begin() as connection:
        codes = list(
            await connection.scalars(
                text("SELECT county_code FROM ledger_head WHERE county_code LIKE '43%' ORDER BY 1 LIMIT :count"),
                {"count": COUNTIES},
            )
        )
        for code in codes:
            await create_account(connection, f"of {code}", code, PASSWORD_HASH, [Grant(Role.COUNTY, code)])
    callers = dict(
        zip(codes, await asyncio.gather(*(_signed_in(offices, f"of {code}") for code in codes)), strict=True)
    )
    entries = 0

    async def client(number: int) -> None:
        nonlocal entries
        draw = random.Random(SEED + number)
        for _ in range(ROUNDS):
            code = draw.choice(codes)
            homestead = farm(township_code=f"{code}000") | {"county_code": code}
            report = film(homestead["record_id"], township_code=f"{code}000") | {"county_code": code}
            withdrawal = {
                "change_id": film(homestead["record_id"])["change_id"],
                "county_code": code,
                "record_id": report["record_id"],
                "kind": "report",
                "action": "withdraw",
                "captured_at": report["captured_at"],
                "base_change_id": report["change_id"],
            }
            changes = [homestead, report, withdrawal][: draw.randint(1, 3)]
            await callers[code].apply(*changes)
            [again, *_] = await callers[code].outcomes(*changes)
            assert again["replayed"]
            entries += len(changes)

    with anyio.fail_after(180):
        async with anyio.create_task_group() as group:
            for number in range(CLIENTS):
                group.start_soon(client, number)
    await _assert_sound(owner_engine, codes, entries)


async def _signed_in(offices: Offices, username: str) -> Caller:
    response = await offices.http.post("/v1/auth/token", data={"username": username, "password": PASSWORD})
    return Caller(offices.http, {"Authorization": f"Bearer {response.json()['access_token']}"})


async def _assert_sound(engine: AsyncEngine, codes: list[str], entries: int) -> None:
    async with engine.connect() as connection:
        assert (await connection.execute(text("SELECT count(*) FROM ledger_entry"))).scalar_one() == entries
        assert await differing_cells(connection, codes) == []
        for code in codes:
            assert await broken_chain(connection, code) is None
