"""What a page or app needs to know before anybody signs in, and whether the service is well."""

from datetime import UTC, datetime

from fastapi import APIRouter
from fastapi.responses import Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pydantic import BaseModel, Field
from sqlalchemy import text

from backend import __version__
from backend.api.dependencies import CurrentService
from backend.demo.accounts import DEMO_PASSWORD, DemoAccount
from backend.problems import Refused
from schemas.indicators.catalogue import CATALOGUE, RULE_PROBLEMS
from schemas.period import CHINA_STANDARD_TIME
from schemas.problem_catalogue import PROBLEMS
from schemas.problems import problem, problem_type_uri
from schemas.regions import RegionTree
from schemas.vocabulary import Role

router = APIRouter()

FIRST_YEAR = 2021

READ_FAILING = """
    SELECT name FROM (SELECT DISTINCT ON (name) name, state FROM job_run ORDER BY name, due_at DESC) AS last
    WHERE state = 'failed' ORDER BY name
"""


class IndicatorName(BaseModel):
    """An indicator by code and label."""

    code: str
    zh: str
    en: str


class DemoAccountShown(BaseModel):
    """An account of the demo with its public password."""

    role: Role
    username: str
    password: str
    display_name: str
    region_code: str
    region_name: str


class Deployment(BaseModel):
    """What a deployment is and measures."""

    name: str
    version: str
    demo: bool
    map_source: str
    periods: list[str]
    indicators: list[IndicatorName]
    demo_accounts: list[DemoAccountShown]
    public_view: bool = Field(description="Whether published figures are read without a sign-in.")
    identity_provider: str | None = Field(
        description="What the identity provider is called, where the deployment has one to sign in by."
    )


class ProblemText(BaseModel):
    """A problem type and its texts."""

    type: str
    code: str
    status: int
    zh: str
    en: str


@router.get("/v1/deployment", tags=["deployment"])
async def deployment(service: CurrentService) -> Deployment:
    """Say what this deployment is; in the demo also with which accounts to look at it."""
    this_year = datetime.now(CHINA_STANDARD_TIME).year
    return Deployment(
        name="清田",
        version=__version__,
        demo=service.settings.demo,
        map_source=service.map_source,
        periods=[str(year) for year in range(this_year, FIRST_YEAR - 1, -1)],
        indicators=[IndicatorName(code=spec.indicator, zh=spec.zh, en=spec.en) for spec in CATALOGUE.values()],
        demo_accounts=[_shown(account, service.reference.tree) for account in service.demo_accounts],
        public_view=service.settings.public_view,
        identity_provider=service.settings.oidc_name if service.provider is not None else None,
    )


def _shown(account: DemoAccount, tree: RegionTree) -> DemoAccountShown:
    region = tree.get(account.region_code)
    return DemoAccountShown(
        role=account.role,
        username=account.username,
        password=DEMO_PASSWORD,
        display_name=account.display_name,
        region_code=account.region_code,
        region_name=region.name if region is not None else account.region_code,
    )


@router.get("/healthz", tags=["deployment"])
async def process_health() -> dict[str, str]:
    """Say that the process answers."""
    return {"status": "ok", "time": datetime.now(UTC).isoformat()}


@router.get("/readyz", tags=["deployment"])
async def readiness(service: CurrentService) -> dict[str, str]:
    """Say that the database answers and the reference data are loaded, and which jobs failed at their last run.

    A job that fails makes no process unready: nothing would be gained by taking the service away too.
    """
    async with service.engine.connect() as connection:
        ready = (await connection.execute(text("SELECT EXISTS (SELECT FROM ledger_head)"))).scalar_one()
        failing = (await connection.scalars(text(READ_FAILING))).all()
    if not ready:
        raise Refused(problem("unavailable"))
    return {"status": "ok", "jobs": "failing: " + ", ".join(failing) if failing else "ok"}


@router.get("/metrics", include_in_schema=False)
async def metrics() -> Response:
    """Answer the process's metrics in the Prometheus text format."""
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)


@router.get("/problems/{code}", tags=["deployment"])
async def problem_text(code: str) -> ProblemText:
    """Explain a problem type; this is where the `type` of a problem document leads."""
    kind = PROBLEMS.get(code) or RULE_PROBLEMS.get(code)
    if kind is None:
        raise Refused(problem("not_found", path=problem_type_uri(code)[:200]))
    return ProblemText(type=problem_type_uri(code), code=code, status=kind.status, zh=kind.zh, en=kind.en)
