"""The jobs of the deployment and how they went, for administrators."""

from fastapi import APIRouter

from backend.api.dependencies import CurrentAccess, CurrentService
from backend.db import connected
from backend.jobs.job_listing import job_list
from backend.problems import Refused
from schemas.jobs import JobList
from schemas.problems import problem
from schemas.vocabulary import Role

router = APIRouter(prefix="/v1", tags=["deployment"])


@router.get("/jobs")
async def read_jobs(access: CurrentAccess, service: CurrentService) -> JobList:
    """Answer every job with its last run, and which process runs them."""
    if not any(grant.role is Role.ADMIN for grant in access.grants):
        raise Refused(problem("not_administrator"))
    async with connected(service.pool) as connection:
        return await job_list(connection, service.settings)
