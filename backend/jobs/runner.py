"""The one process that runs the deployment's jobs: it holds the seat, looks every second, stops when it loses it."""

import asyncio
import logging
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import asyncpg

from backend.jobs.catalogue import Job, catalogue
from backend.jobs.runs import as_last, due_at, finish_run, last_runs, start_run
from backend.jobs.seat import Seat, SeatLostError
from backend.metrics import IS_RUNNER, JOB_FAILING, JOB_RUNS, JOB_SECONDS
from backend.service import Service
from schemas.jobs import RunState

LOG = logging.getLogger(__name__)

LOOK_S = 1
HANDOVER_S = 6.0
"""How long a new runner waits: by then the one before has noticed that its session is gone, and stopped its jobs."""

STOP_S = 5.0
"""How long a job may take to stop where it is cancelled."""


class Runner:
    """What a process does about the deployment's jobs."""

    def __init__(self, service: Service, jobs: Mapping[str, Job] | None = None, handover_s: float = HANDOVER_S) -> None:
        self._service = service
        self._seat = Seat(service.settings.jobs_url or service.settings.database_url or "")
        self._jobs = catalogue(service.settings) if jobs is None else jobs
        self._running: dict[str, asyncio.Task[None]] = {}
        self._handover_s = handover_s
        self._starts_at = 0.0

    @property
    def is_runner(self) -> bool:
        """Whether this process has the seat."""
        return self._seat.is_taken

    async def look(self) -> None:
        """Take the seat where it is free; with it, start what is due."""
        try:
            if self._seat.is_taken:
                await self._seat.check()
                if time.monotonic() >= self._starts_at:
                    self._start_due(await last_runs(self._seat))
            elif await self._seat.take():
                LOG.info("this process runs the jobs: %s", self._seat.name)
                IS_RUNNER.set(1)
                self._starts_at = time.monotonic() + self._handover_s
        except (SeatLostError, OSError, asyncpg.PostgresError, asyncpg.InterfaceError, TimeoutError) as error:
            await self._lose(error)

    async def stop(self) -> None:
        """Stop what runs and leave the seat to another process, which makes those runs again."""
        tasks = [*self._running.values()]
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks, timeout=STOP_S)
        self._running = {name: task for name, task in self._running.items() if not task.done()}
        IS_RUNNER.set(0)
        await self._seat.leave()

    async def end(self) -> None:
        """Stop for good: a look that is under way takes no seat any more."""
        await self.stop()
        await self._seat.end()

    async def _lose(self, error: Exception) -> None:
        if self._seat.is_taken:
            LOG.warning("this process no longer runs the jobs: %s", type(error).__name__)
        await self.stop()

    def _start_due(self, last: Mapping[str, Any]) -> None:
        now = datetime.now(UTC)
        for job in self._jobs.values():
            due = None if job.name in self._running else due_at(job.when, as_last(last.get(job.name)), now)
            if due is not None:
                self._running[job.name] = asyncio.create_task(self._run(job, due), name=f"job {job.name}")

    async def _run(self, job: Job, due: datetime) -> None:
        try:
            attempts = await start_run(self._seat, job.name, job.when, due, self._seat.name, datetime.now(UTC))
            if attempts is None:
                return
            outcome, error = await make_run(self._service, job)
            await finish_run(self._seat, job.name, due, attempts, datetime.now(UTC), outcome=outcome, error=error)
        except SeatLostError:
            LOG.warning("job %s: what it came to could not be written down; it is made again", job.name)
        finally:
            self._running.pop(job.name, None)


async def make_run(service: Service, job: Job) -> tuple[str | None, str | None]:
    """Run a job and return what it came to, or the class of what it failed with; the log has where that was."""
    began = time.monotonic()
    outcome, error = None, None
    try:
        async with asyncio.timeout(job.limit_s):
            outcome = await job.run(service)
    except Exception as found:  # noqa: BLE001 - whatever it is, it is written down and the job is tried again
        error = type(found).__name__
        # A message of the database may quote a row: the class and the place are enough to find it.
        place = found.__traceback__
        while place is not None and place.tb_next is not None:
            place = place.tb_next
        where = "" if place is None else f"{place.tb_frame.f_code.co_filename}:{place.tb_lineno}"
        LOG.error("job %s failed: %s at %s", job.name, error, where)  # noqa: TRY400 - see above
    state = RunState.DONE if error is None else RunState.FAILED
    JOB_RUNS.labels(job=job.name, state=str(state)).inc()
    JOB_SECONDS.labels(job=job.name).observe(time.monotonic() - began)
    JOB_FAILING.labels(job=job.name).set(error is not None)
    return outcome, error
