"""The jobs with their last runs, as they are shown."""

from backend.jobs.catalogue import catalogue
from backend.jobs.runs import last_runs
from backend.jobs.seat import present_runner
from backend.settings import Settings
from schemas.jobs import JobList, JobShown
from sync.statement import Connection

OF_RUN = ("state", "due_at", "started_at", "finished_at", "outcome", "error", "next_at", "runner")


async def job_list(connection: Connection, settings: Settings) -> JobList:
    """Return every job with its last run, and which process runs them."""
    last = await last_runs(connection)
    shown = []
    for job in catalogue(settings).values():
        row = last.get(job.name)
        when_zh, when_en = job.when.words
        said = {name: None if row is None else row[name] for name in OF_RUN}
        attempts = 0 if row is None else row["attempts"]
        shown.append(
            JobShown(name=job.name, zh=job.zh, en=job.en, when_zh=when_zh, when_en=when_en, attempts=attempts, **said)
        )
    return JobList(runner=await present_runner(connection), jobs=shown)
