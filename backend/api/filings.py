"""Filing: the steps of the offices, what a filing keeps out, drafts of statements, what a county still lacks."""

from typing import Annotated

from asyncpg import LockNotAvailableError
from fastapi import APIRouter, Query
from sqlalchemy.ext.asyncio import AsyncConnection

from backend.api.dependencies import CurrentAccess, CurrentPeriod, CurrentService
from backend.api.figures import archive_of
from backend.api.summaries import readable_region
from backend.auth.access import Access
from backend.db import connected, snapshot
from backend.explanation.statement import Publishing
from backend.filing.desk import Desk
from backend.filing.drafts import draft_statement
from backend.filing.exceptions import grant_exception
from backend.filing.listing import filings_of_region, held_page, show_filing
from backend.filing.readiness import county_readiness
from backend.filing.steps import take_step
from backend.filing.store import FilingKey
from backend.filing.tiers import tiers_of
from backend.problems import Refused
from backend.service import Service
from schemas.checks.filings import BEFORE_TOWNSHIPS
from schemas.checks.thresholds import Thresholds
from schemas.filing import ExceptionAsked, FilingPage, FilingShown, HeldPage, Readiness, StatementDraft, StepAsked
from schemas.period import Period
from schemas.problems import problem
from schemas.regions import Region, RegionTree
from schemas.vocabulary import FilingAction, FilingState, Indicator, RegionLevel

router = APIRouter(prefix="/v1", tags=["filing"])

MAX_PAGE = 1_000
MAX_HELD = 500

StateWanted = Annotated[FilingState | None, Query(description="Only filings in this state.")]


@router.get("/filings/{region_code}")
async def filings(
    region_code: str,
    period: CurrentPeriod,
    access: CurrentAccess,
    service: CurrentService,
    indicator: Annotated[Indicator | None, Query(description="Only this indicator.")] = None,
    state: StateWanted = None,
    after: Annotated[str | None, Query(max_length=60, description="As answered last; none: from the start.")] = None,
    limit: Annotated[int, Query(ge=1, le=MAX_PAGE)] = 200,
) -> FilingPage:
    """List the filings of a region's counties, with how many stand in each state."""
    async with snapshot(service.read_engine) as connection:
        tree, region = await _region(connection, service, access, region_code, period)
        return await filings_of_region(connection, tree, region, str(period), (indicator, state), after, limit)


@router.get("/filings/{region_code}/{indicator}/{period}")
async def filing(
    region_code: str, indicator: Indicator, period: CurrentPeriod, access: CurrentAccess, service: CurrentService
) -> FilingShown:
    """Answer a filing with its steps, its exceptions, and what the caller may do now."""
    desk = await _desk(service, access, region_code, indicator, period)
    async with snapshot(service.engine) as connection:
        return await show_filing(connection, desk)


@router.get("/filings/{region_code}/{indicator}/{period}/held")
async def held_changes(
    region_code: str,
    indicator: Indicator,
    period: CurrentPeriod,
    access: CurrentAccess,
    service: CurrentService,
    limit: Annotated[int, Query(ge=1, le=MAX_HELD)] = 200,
) -> HeldPage:
    """Answer the late changes that a filing keeps out, the oldest first; nothing personal is in it."""
    desk = await _desk(service, access, region_code, indicator, period)
    async with snapshot(service.engine) as connection:
        return await held_page(connection, desk.key, limit)


@router.post("/filings/{region_code}/{indicator}/{period}/exceptions")
async def except_late_changes(
    region_code: str,
    indicator: Indicator,
    period: CurrentPeriod,
    asked: ExceptionAsked,
    access: CurrentAccess,
    service: CurrentService,
) -> FilingShown:
    """Let late changes in for a time; for the tier that the filing lies with now."""
    desk = await _desk(service, access, region_code, indicator, period)
    try:
        replayed = await grant_exception(desk, asked)
    except LockNotAvailableError:
        raise Refused(problem("busy")) from None
    async with snapshot(service.engine) as connection:
        return await show_filing(connection, desk, replayed=replayed)


@router.post("/filings/{region_code}/{indicator}/{period}/{action}")
async def act_on_filing(
    region_code: str,
    indicator: Indicator,
    period: CurrentPeriod,
    action: FilingAction,
    asked: StepAsked,
    access: CurrentAccess,
    service: CurrentService,
) -> FilingShown:
    """Take a step of a filing; the same `step_id` again changes nothing and answers the filing as it is."""
    desk = await _desk(service, access, region_code, indicator, period)
    try:
        replayed = await take_step(desk, action, asked)
    except LockNotAvailableError:
        raise Refused(problem("busy")) from None
    async with snapshot(service.engine) as connection:
        return await show_filing(connection, desk, replayed=replayed)


@router.get("/counties/{county_code}/statements/{indicator}/{period}/draft")
async def draft(
    county_code: str, indicator: Indicator, period: CurrentPeriod, access: CurrentAccess, service: CurrentService
) -> StatementDraft:
    """Answer what the county statement would say by its accepted reports, beside what it says now."""
    desk = await _desk(service, access, county_code, indicator, period)
    async with connected(service.pool) as connection:
        return await draft_statement(connection, desk.key, desk.region)


@router.get("/counties/{county_code}/readiness")
async def readiness(
    county_code: str, period: CurrentPeriod, access: CurrentAccess, service: CurrentService
) -> Readiness:
    """Answer what a county still has to do before it files a period, with a text to paste into a message."""
    async with snapshot(service.engine) as connection:
        _, region = await _region(connection, service, access, county_code, period)
        _county(region)
        townships = service.reference.tree.children(access.history.today(county_code))
        return await county_readiness(connection, region, str(period), townships)


async def _desk(service: Service, access: Access, region_code: str, indicator: Indicator, period: Period) -> Desk:
    """Return who acts on which filing. Raises Refused for what is no county, or not the caller's to see."""
    async with snapshot(service.engine) as connection:
        tree, region = await _region(connection, service, access, region_code, period)
    _county(region)
    key = FilingKey(region.code, tuple(sorted(region.ledger_codes)), indicator, str(period))
    tiers = tiers_of(tree, region.code, service.settings.top_region)
    told = BEFORE_TOWNSHIPS.code not in Thresholds.parse(service.settings.checks).off
    townships = service.reference.tree.children(access.history.today(region.code)) if told else ()
    publishing = Publishing(archive_of(service), service.engine, service.signer)
    return Desk(service.push_context, access, key, region, tiers, publishing, townships)


async def _region(
    connection: AsyncConnection, service: Service, access: Access, region_code: str, period: Period
) -> tuple[RegionTree, Region]:
    tree = await service.trees.of_year(connection, period.year)
    readable_region(tree, region_code, access, period.year)
    return tree, tree[region_code]


def _county(region: Region) -> None:
    if region.level is not RegionLevel.COUNTY:
        raise Refused(problem("not_a_county", value=region.code))
