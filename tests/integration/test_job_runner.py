"""One runner among several: the seat goes to one, falls free with its session, and no run is made twice at a time."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from backend.jobs.catalogue import Job, catalogue
from backend.jobs.job_command import BUSY, DONE, FAILED, run_now, say_jobs
from backend.jobs.runner import Runner
from backend.jobs.runs import MOST_ATTEMPTS
from backend.jobs.when import Nightly
from backend.service import Service
from tests.integration.conftest import Offices

pytestmark = pytest.mark.anyio

RUNS = "SELECT name, state, attempts, runner, outcome, error, next_at, due_at FROM job_run ORDER BY name, due_at"
END_SESSION = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND application_name LIKE 'qingtian jobs %' AND pid IN (
        SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND objid = 0 AND objsubid = 2)
"""
SESSIONS = """
    SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND application_name LIKE 'qingtian jobs %'
"""
MIDNIGHT = datetime.min.time()


class Stage:
    """A job that says when it begins and ends, and goes on while it is told to."""

    def __init__(self) -> None:
        self.began: list[float] = []
        self.at_work = 0
        self.most_at_work = 0
        self.goes_on = asyncio.Event()
        self.fails = False

    async def run(self, _service: Service) -> str:
        self.began.append(asyncio.get_running_loop().time())
        self.at_work += 1
        self.most_at_work = max(self.most_at_work, self.at_work)
        try:
            await self.goes_on.wait()
            if self.fails:
                raise RuntimeError("a message with 张三 in it")
        finally:
            self.at_work -= 1
        return f"run {len(self.began)}"

    @property
    def jobs(self) -> Mapping[str, Job]:
        return {"work": Job("work", "工作", "Work", Nightly(MIDNIGHT), self.run)}


@pytest.fixture
def service(offices: Offices) -> Service:
    found: Service = offices.app.state.service
    return found


@pytest.fixture
async def runners(service: Service) -> AsyncIterator[tuple[Stage, Runner, Runner]]:
    stage = Stage()
    pair = [Runner(service, stage.jobs, handover_s=0) for _ in range(2)]
    for number, runner in enumerate(pair):
        runner._seat.name = f"process {number}"
    yield stage, pair[0], pair[1]
    for runner in pair:
        await runner.stop()


async def runs(engine: AsyncEngine) -> list[tuple[object, ...]]:
    async with engine.connect() as connection:
        return [tuple(row) for row in await connection.execute(text(RUNS))]


async def settle() -> None:
    await asyncio.sleep(0.3)


async def test_one_of_two_takes_the_seat_and_makes_the_run_once(
    runners: tuple[Stage, Runner, Runner], owner_engine: AsyncEngine
) -> None:
    stage, first, second = runners
    stage.goes_on.set()
    for _ in range(3):
        await first.look()
        await second.look()
        await settle()
    assert (first.is_runner, second.is_runner) == (True, False)
    assert len(stage.began) == 1
    [run] = await runs(owner_engine)
    assert run[:6] == ("work", "done", 1, "process 0", "run 1", None)


async def test_nights_without_a_process_are_made_up_for_once(
    runners: tuple[Stage, Runner, Runner], owner_engine: AsyncEngine
) -> None:
    stage, first, _ = runners
    stage.goes_on.set()
    for _ in range(2):
        await first.look()
        await settle()
    async with owner_engine.begin() as connection:
        await connection.execute(text("UPDATE job_run SET due_at = due_at - interval '9 days'"))
    for _ in range(3):
        await first.look()
        await settle()
    assert len(stage.began) == 2
    assert len(await runs(owner_engine)) == 2


async def test_a_runner_whose_session_ends_stops_its_job_and_the_other_makes_it_again(
    runners: tuple[Stage, Runner, Runner], owner_engine: AsyncEngine
) -> None:
    stage, first, second = runners
    for _ in range(2):
        await first.look()
        await second.look()
        await settle()
    assert stage.at_work == 1
    async with owner_engine.begin() as connection:
        await connection.execute(text(END_SESSION))
    await first.look()
    assert (first.is_runner, stage.at_work) == (False, 0)
    stage.goes_on.set()
    for _ in range(3):
        await second.look()
        await first.look()
        await settle()
    assert (first.is_runner, second.is_runner) == (False, True)
    assert (len(stage.began), stage.most_at_work) == (2, 1)
    [run] = await runs(owner_engine)
    assert run[:5] == ("work", "done", 2, "process 1", "run 2")


async def test_a_runner_that_stops_hands_its_seat_over(
    runners: tuple[Stage, Runner, Runner], owner_engine: AsyncEngine
) -> None:
    stage, first, second = runners
    for _ in range(2):
        await first.look()
        await settle()
    await first.stop()
    assert stage.at_work == 0
    stage.goes_on.set()
    for _ in range(2):
        await second.look()
        await settle()
    [run] = await runs(owner_engine)
    assert run[1:4] == ("done", 2, "process 1")


async def test_a_new_runner_waits_before_it_begins(service: Service) -> None:
    stage = Stage()
    stage.goes_on.set()
    runner = Runner(service, stage.jobs, handover_s=0.5)
    try:
        await runner.look()
        await runner.look()
        assert (runner.is_runner, stage.began) == (True, [])
        await asyncio.sleep(0.6)
        await runner.look()
        await settle()
        assert len(stage.began) == 1
    finally:
        await runner.stop()


@pytest.mark.parametrize("after", [0, 1, 3, 6])
async def test_a_process_that_ends_while_it_takes_the_seat_leaves_no_session_behind(
    service: Service, owner_engine: AsyncEngine, after: int
) -> None:
    runner = Runner(service, Stage().jobs, handover_s=0)
    look = asyncio.create_task(runner.look())
    for _ in range(after):
        await asyncio.sleep(0)
    await runner.end()
    await look
    await runner.look()
    async with owner_engine.connect() as connection:
        assert await connection.scalar(text(SESSIONS)) == 0


async def test_a_failed_run_is_told_by_its_class_and_made_again_with_growing_waits(
    offices: Offices, runners: tuple[Stage, Runner, Runner], owner_engine: AsyncEngine
) -> None:
    stage, first, _ = runners
    stage.fails = True
    stage.goes_on.set()
    await first.look()
    waits = []
    for attempt in range(1, MOST_ATTEMPTS + 1):
        await first.look()
        await settle()
        [run] = await runs(owner_engine)
        assert run[1:6] == ("failed", attempt, "process 0", None, "RuntimeError")
        waits.append(run[6])
        await first.look()
        await settle()
        assert len(stage.began) == attempt, "not before its wait is over"
        async with owner_engine.begin() as connection:
            await connection.execute(text("UPDATE job_run SET next_at = now() - interval '1 s' WHERE next_at > now()"))
    assert [wait is None for wait in waits] == [False] * (MOST_ATTEMPTS - 1) + [True]
    ready = await offices.http.get("/readyz")
    assert (ready.status_code, ready.json()["jobs"]) == (200, "failing: work")
    metrics = (await offices.http.get("/metrics")).text
    assert 'qingtian_job_runs_total{job="work",state="failed"}' in metrics
    assert 'qingtian_job_failing{job="work"} 1.0' in metrics
    assert "张三" not in metrics


async def test_a_job_under_way_is_not_run_from_the_terminal_too(
    service: Service, runners: tuple[Stage, Runner, Runner], monkeypatch: pytest.MonkeyPatch
) -> None:
    stage, first, _ = runners
    monkeypatch.setattr("backend.jobs.job_command.catalogue", lambda _: stage.jobs)
    for _ in range(2):
        await first.look()
        await settle()
    assert await run_now(service.settings, "work") == BUSY
    stage.goes_on.set()
    await settle()
    assert await run_now(service.settings, "work") == DONE
    stage.fails = True
    assert await run_now(service.settings, "work") == FAILED
    assert stage.most_at_work == 1


async def test_every_job_of_the_catalogue_runs_from_the_terminal(
    service: Service, owner_engine: AsyncEngine, offices: Offices, capsys: pytest.CaptureFixture[str]
) -> None:
    names = list(catalogue(service.settings))
    for name in names:
        assert await run_now(service.settings, name) == DONE, name
    assert {run[0]: run[1] for run in await runs(owner_engine)} == dict.fromkeys(names, "done")
    admin = await offices.of("admin")
    shown = (await admin.get("/v1/jobs")).json()
    assert [one["name"] for one in shown["jobs"]] == names
    assert {one["state"] for one in shown["jobs"]} == {"done"}
    assert shown["runner"] is None
    capsys.readouterr()
    await say_jobs(service.settings)
    said = capsys.readouterr().out
    assert "无 none" in said
    assert all(name in said for name in ("deliver", "verify-all", "checkpoint"))
    ready = await offices.http.get("/readyz")
    assert ready.json() == {"status": "ok", "jobs": "ok"}


async def test_old_runs_are_forgotten(runners: tuple[Stage, Runner, Runner], owner_engine: AsyncEngine) -> None:
    stage, first, _ = runners
    stage.goes_on.set()
    async with owner_engine.begin() as connection:
        statement = "INSERT INTO job_run VALUES ('work', :due, 'done', 1, 'old', :due)"
        for days in (401, 399):
            due = datetime.now(UTC) - timedelta(days=days)
            await connection.execute(text(statement), {"due": due})
    for _ in range(2):
        await first.look()
        await settle()
    assert len(await runs(owner_engine)) == 2
