"""What is shown of the jobs of a deployment."""

from datetime import datetime
from enum import StrEnum

from pydantic import BaseModel, Field


class RunState(StrEnum):
    """How a run of a job stands."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    LOST = "lost"
    """Its process ended in the middle of it; another one makes it again."""


class JobShown(BaseModel):
    """A job and its last run."""

    name: str
    zh: str
    en: str
    when_zh: str
    when_en: str
    state: RunState | None = Field(description="Of the last run; null: it never ran.")
    due_at: datetime | None
    started_at: datetime | None
    finished_at: datetime | None
    attempts: int = Field(description="Of the last run.")
    outcome: str | None
    error: str | None = Field(description="The class of what the last run failed with.")
    next_at: datetime | None = Field(description="When a failed run is tried again.")
    runner: str | None = Field(description="The process that made the last attempt.")


class JobList(BaseModel):
    """All jobs of the deployment, and which process runs them."""

    runner: str | None = Field(description="The process that runs the jobs; null: none at the moment.")
    jobs: list[JobShown]
