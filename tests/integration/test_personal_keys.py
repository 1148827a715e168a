"""Keys that are rotated, copies that are sealed afterwards, and what is kept only for a time."""

import asyncio
import os
import signal
import sys
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from backend.privacy import rotation
from backend.privacy.keyring import KeyRing
from backend.privacy.resealing import seal_clear_copies
from backend.privacy.retention import Retained, apply_retention
from backend.privacy.rotation import rotate, rows_by_key
from backend.settings import Settings
from tests.conftest import Database
from tests.integration.conftest import Caller, Offices
from tests.support.offices import COUNTY
from tests.support.people import PHONE, planted_farm, planted_film, told_in_the_clear
from tests.support.reports import amend, farm
from tests.support.soundness import verified

pytestmark = pytest.mark.anyio

AT_ONCE = timedelta(0)


async def rows(engine: AsyncEngine, statement: str, **values: Any) -> list[Any]:
    async with engine.connect() as connection:
        return [tuple(row) for row in await connection.execute(text(statement), values)]


async def run(engine: AsyncEngine, statement: str, **values: Any) -> int:
    async with engine.begin() as connection:
        return (await connection.execute(text(statement), values)).rowcount


async def fill(worker: Caller, farms: int = 1) -> list[dict[str, Any]]:
    """Leave something sealed in every table but that of files."""
    made = [planted_farm() for _ in range(farms)]
    await worker.apply(*made, *(planted_film(one["record_id"]) for one in made))
    await worker.outcomes("nothing")
    return made


def ring_of(offices: Offices) -> KeyRing:
    return KeyRing.of(offices.app.state.service.settings)


async def test_a_rotation_seals_everything_anew_and_retires_the_old_key(
    offices: Offices, worker: Caller, owner_engine: AsyncEngine
) -> None:
    [homestead] = await fill(worker)
    ring = ring_of(offices)
    [old] = ring.members()
    done = await rotate(owner_engine, ring, datetime.now(UTC), is_new=True)
    newest = ring.members()[0]
    assert done.resealed == 5  # two personal parts, two changes, one quarantined body
    assert await rows_by_key(owner_engine) == {newest.key_id: 5}
    assert (done.retired, done.left) == ((), {old.key_id: 0})  # a process may still seal with it
    later = datetime.now(UTC) + timedelta(hours=1)
    done = await rotate(owner_engine, ring, later, is_new=False)
    assert (done.resealed, done.retired) == (0, (old.key_id,))
    assert ring.members() == [newest]
    pulled = (await worker.pull(COUNTY))["records"]  # the running service has not been told of the key
    assert pulled[0]["payload"]["phone"] == PHONE
    await worker.apply(amend(homestead, {"/phone": "13700000001"}))
    offices.app.state.service.vault.refresh()
    await worker.apply(farm())
    assert set(await rows_by_key(owner_engine)) == {newest.key_id}
    assert (await verified(offices.app.state.service)).named == []
    assert oct((ring.folder / f"0001-{newest.key_id}.key").stat().st_mode & 0o777) == "0o600"


async def test_a_key_that_still_seals_something_is_not_retired(
    offices: Offices, worker: Caller, owner_engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    await fill(worker)
    ring = ring_of(offices)
    [old] = ring.members()
    monkeypatch.setattr(rotation, "TABLES", [one for one in rotation.TABLES if one.name != "change"])
    counted = rotation.rows_by_key

    async def counts_all(engine: AsyncEngine) -> Any:
        """Count what a process leaves that had not heard of the new key."""
        return await counted(engine) + Counter({old.key_id: 2})

    monkeypatch.setattr(rotation, "rows_by_key", counts_all)
    done = await rotate(owner_engine, ring, datetime.now(UTC), is_new=True, settle=AT_ONCE)
    assert done.retired == ()
    assert done.left[old.key_id] == 2


ROTATE = """
import asyncio, sys
from datetime import UTC, datetime
from pathlib import Path
from backend.db import make_engine
from backend.privacy import rotation
from backend.privacy.keyring import KeyRing
from backend.settings import Settings

async def main() -> None:
    rotation.ROWS_AT_A_TIME = 2
    settings = Settings(home=Path(sys.argv[1]), database_url=sys.argv[2], secret="s" * 40)
    engine = make_engine(sys.argv[2], pool_size=2)
    await rotation.rotate(
        engine, KeyRing.of(settings), datetime.now(UTC), is_new=True,
        progress=lambda table, rows: print(table, rows, flush=True),
    )

asyncio.run(main())
"""


async def test_a_rotation_that_is_killed_goes_on_where_it_was(
    offices: Offices, worker: Caller, owner_engine: AsyncEngine, database: Database, tmp_path: Path
) -> None:
    await fill(worker, farms=12)
    program = await asyncio.create_subprocess_exec(
        sys.executable, "-c", ROTATE, str(tmp_path), database.owner_url,
        stdout=asyncio.subprocess.PIPE, env=os.environ,
    )  # fmt: skip
    assert program.stdout is not None
    for _ in range(3):
        assert await program.stdout.readline()
    program.send_signal(signal.SIGKILL)
    await program.wait()
    ring = ring_of(offices)
    newest, old = ring.members()
    counts = await rows_by_key(owner_engine)
    assert counts[newest.key_id] > 0
    assert counts[old.key_id] > 0
    assert len((await worker.pull(COUNTY))["records"]) == 24  # both keys open
    done = await rotate(owner_engine, ring, datetime.now(UTC), is_new=False, settle=AT_ONCE)
    assert done.resealed == counts[old.key_id]
    assert (done.retired, done.newest) == ((old.key_id,), newest.key_id)
    assert (await verified(offices.app.state.service)).named == []


async def test_copies_from_before_are_sealed_by_a_command(
    offices: Offices, worker: Caller, owner_engine: AsyncEngine
) -> None:
    """As a version before kept them: everything in the clear."""
    [homestead] = await fill(worker)
    clash = amend(homestead, {"/phone": "13700000001"})
    await worker.apply(clash)
    whole = orjson.dumps(homestead).decode()
    clear = "UPDATE change SET sealed = NULL, sealed_key_id = NULL, item = cast(:item AS jsonb) WHERE change_id = :id"
    assert await run(owner_engine, clear, item=whole, id=homestead["change_id"]) == 1
    replaced = orjson.dumps({"/phone": PHONE}).decode()
    amended = "UPDATE change SET sealed = NULL, sealed_key_id = NULL, item = cast(:item AS jsonb), "
    amended += "replaced = cast(:replaced AS jsonb) WHERE change_id = :id"
    await run(owner_engine, amended, item=orjson.dumps(clash).decode(), replaced=replaced, id=clash["change_id"])
    await run(owner_engine, "UPDATE quarantine SET key_id = NULL, body = :body", body=PHONE.encode())
    assert (await verified(offices.app.state.service)).named == []
    assert await told_in_the_clear(owner_engine) > {("change", "item"), ("change", "replaced"), ("quarantine", "body")}
    vault = offices.app.state.service.vault
    done = await seal_clear_copies(owner_engine, vault)
    assert (done.changes, done.bodies) == (2, 1)
    assert await told_in_the_clear(owner_engine) == {("record", "geom")}
    again = await seal_clear_copies(owner_engine, vault)
    assert (again.changes, again.bodies) == (0, 0)
    assert (await verified(offices.app.state.service)).named == []
    [replayed] = await worker.outcomes(homestead)
    assert replayed["replayed"]


PUBLISHED = """
    INSERT INTO filing (region_code, period, indicator, state, returned, steps, moved_at)
    VALUES (:county, '2025', 'film_recovery', 'published', false, 4, :moved)
"""


async def test_what_was_kept_long_enough_ends(offices: Offices, worker: Caller, owner_engine: AsyncEngine) -> None:
    [homestead] = await fill(worker)
    report = planted_film(homestead["record_id"], period="2024")
    await worker.apply(report, amend(report, {"/geometry": planted_film("x")["payload"]["geometry"]}, datum="gcj02"))
    service, now = offices.app.state.service, datetime.now(UTC)
    settings: Settings = service.settings
    nothing = await apply_retention(service.engine, settings, service.vault, now)
    assert nothing == Retained()
    await run(owner_engine, PUBLISHED, county=COUNTY, moved=now)
    far = now + timedelta(days=settings.retain_sent_days + 1)
    done = await apply_retention(service.engine, settings, service.vault, far)
    assert (done.bodies, done.sent) == (1, 1)  # the report of 2024 was not published
    assert done.sessions > 0
    assert await apply_retention(service.engine, settings, service.vault, far) == Retained()
    left = "SELECT count(*) FROM change WHERE forgotten_at IS NOT NULL AND sealed IS NULL"
    assert await rows(owner_engine, left) == [(1,)]
    assert (await verified(service)).named == []
    current = "SELECT count(*) FROM personal"
    assert await rows(owner_engine, current) == [(4,)]  # what records hold is kept
