"""Two processes over one database: the one that runs the jobs is killed in the middle of one, the other goes on."""

import asyncio
import time
from pathlib import Path

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from backend.db import connected
from backend.jobs.seat import present_runner
from tests.conftest import Database
from tests.integration.conftest import Offices
from tests.support.hooks import allow_here, create_webhook, deliveries, trial, wait_over
from tests.support.program import Program
from tests.support.receivers import Receiver, receiving
from tests.support.servers import LiveServer, kill, launch

pytestmark = pytest.mark.anyio

RUN = "SELECT name, state, attempts, runner FROM job_run WHERE name = 'deliver' ORDER BY due_at"


@pytest.fixture(autouse=True)
def _surroundings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (
        ("WEBHOOK_PRIVATE", "1"),
        ("WEBHOOKS_S", "1"),
        ("WEBHOOK_TIMEOUT_S", "60"),
        ("SECRET", "s" * 40),
    ):
        monkeypatch.setenv(f"QINGTIAN_{name}", value)


async def until(condition: object, seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not await condition():  # type: ignore[operator]
        assert time.monotonic() < end, "it took too long"
        await asyncio.sleep(0.2)


def pid_in(name: str | None) -> int:
    return int((name or "0").rpartition(":")[2])


async def test_a_runner_killed_in_the_middle_of_a_job_is_replaced_and_the_event_arrives(
    offices: Offices, database: Database, owner_engine: AsyncEngine, tmp_path: Path
) -> None:
    service = offices.app.state.service
    allow_here(service)
    servers: list[LiveServer] = []
    async with receiving() as receiver:
        receiver.script = ["hang"]
        webhook_id, secret = await create_webhook(await offices.of("admin"), receiver.url, ["filing.moved"])
        event_id = await trial(await offices.of("admin"), webhook_id)
        try:
            for name in ("a", "b"):
                (tmp_path / name).mkdir()
                servers.append(await asyncio.to_thread(launch, database, tmp_path / name))
            await asyncio.wait_for(receiver.came.wait(), 60)
            async with connected(service.pool) as connection:
                first = pid_in(await present_runner(connection))
            assert first in {one.process.pid for one in servers}
            killed = next(one for one in servers if one.process.pid == first)
            other = next(one for one in servers if one is not killed)
            kill(killed)

            async def replaced() -> bool:
                async with connected(service.pool) as connection:
                    return pid_in(await present_runner(connection)) == other.process.pid

            await until(replaced)
            assert receiver.ids == [event_id], "the claim holds while the attempt may still be under way"
            await wait_over(owner_engine)

            async def delivered() -> bool:
                return [row.state for row in await deliveries(owner_engine)] == ["delivered"]

            await until(delivered)
            async with owner_engine.connect() as connection:
                rows = [tuple(row) for row in await connection.execute(text(RUN))]
            ready = await asyncio.to_thread(httpx.get, f"{other.url}/metrics", trust_env=False)
        finally:
            for one in servers:
                kill(one)
    assert receiver.ids == [event_id, event_id]
    assert receiver.arrived[1].is_signed_with(secret)
    assert pid_in(str(rows[-1][3])) == other.process.pid
    assert "qingtian_job_runner 1.0" in ready.text
    assert all(state == "done" or pid_in(str(runner)) == first for _, state, _, runner in rows[:-1])


async def test_a_sender_killed_between_sending_and_writing_loses_nothing(
    offices: Offices, database: Database, owner_engine: AsyncEngine, tmp_path: Path
) -> None:
    allow_here(offices.app.state.service)
    admin = await offices.of("admin")
    async with receiving() as receiver:
        receiver.script = ["hang"] * 4
        webhook_id, _ = await create_webhook(admin, receiver.url, ["filing.moved"])
        sent = [await trial(admin, webhook_id) for _ in range(7)]
        process = _deliver_in_a_process(database, tmp_path)
        try:
            await until(lambda: _has(receiver, 4))
        finally:
            await asyncio.to_thread(process.kill)
        assert [row.state for row in await deliveries(owner_engine)] == ["pending"] * 7
        await wait_over(owner_engine)
        again = _deliver_in_a_process(database, tmp_path)
        assert await asyncio.to_thread(again.wait, 60) == 0, (tmp_path / "output.txt").read_text()
    assert set(receiver.ids) == set(sent)
    assert len(receiver.ids) == 4 + 7
    assert {row.state for row in await deliveries(owner_engine)} == {"delivered"}


async def _has(receiver: Receiver, count: int) -> bool:
    return len(receiver.arrived) >= count


def _deliver_in_a_process(database: Database, home: Path) -> Program:
    environment = {"QINGTIAN_DATABASE_URL": database.service_url, "QINGTIAN_HOME": str(home), "DEMO": "0"}
    return Program("job", "run", "deliver", environment=environment, output=home / "output.txt")
