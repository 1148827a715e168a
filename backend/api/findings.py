"""What the checks found, for the offices that answer for the figures."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from backend.api.dependencies import CurrentAccess, CurrentService
from backend.auth.access import Access
from backend.checks.listing import (
    ANSWERS,
    ROLE_NAMES,
    Wanted,
    findings_page,
    for_caller,
    may_settle,
    read_finding,
    settle,
)
from backend.checks.shapes import finding_shapes
from backend.db import snapshot
from backend.problems import Refused
from backend.service import Service
from schemas.finding_shapes import FindingShapes
from schemas.findings import Explanation, FindingShown, FindingsPage
from schemas.period import Period
from schemas.problems import problem
from schemas.regions import RegionTree
from schemas.vocabulary import FindingState, Indicator, RegionLevel

router = APIRouter(prefix="/v1", tags=["findings"])

MAX_PAGE = 200
STANDING = (FindingState.OPEN, FindingState.EXPLAINED, FindingState.DISMISSED)


@router.get("/findings")
async def read_findings(
    access: CurrentAccess,
    service: CurrentService,
    region: Annotated[str, Query(pattern=r"^[0-9]{6}$", description="The region and all below it.")],
    period: Annotated[str | None, Query(description="Such as `2025`; all where absent.")] = None,
    indicator: Annotated[Indicator | None, Query(description="All where absent.")] = None,
    state: Annotated[FindingState | None, Query(description="All but `gone` where absent.")] = None,
    after: Annotated[UUID | None, Query(description="As answered last; none: from the start.")] = None,
    limit: Annotated[int, Query(ge=1, le=MAX_PAGE)] = 50,
) -> FindingsPage:
    """Answer what is worth a look in a region, with why; nothing of it blocks anybody."""
    parsed = Period.parse(period) if period is not None else None
    if period is not None and parsed is None:
        raise Refused(problem("invalid_period", "period", value=period[:20]))
    async with snapshot(service.read_engine) as connection:
        tree = await service.trees.of_year(connection, parsed.year if parsed else service.state.year)
        _check_readable(region, tree, access)
        wanted = Wanted(_regions(tree, region), period, indicator, STANDING if state is None else (state,))
        page = await findings_page(connection, wanted, None if after is None else str(after), limit)
    return page.model_copy(update={"findings": [for_caller(one, access) for one in page.findings]})


@router.post("/findings/{finding_id}/explain")
async def explain_finding(
    finding_id: UUID, body: Explanation, access: CurrentAccess, service: CurrentService
) -> FindingShown:
    """Explain a finding: the office that answers for the figure says why it is so."""
    return await _settle(str(finding_id), FindingState.EXPLAINED, body, access, service)


@router.post("/findings/{finding_id}/dismiss")
async def dismiss_finding(
    finding_id: UUID, body: Explanation, access: CurrentAccess, service: CurrentService
) -> FindingShown:
    """Dismiss a finding as no matter; it opens again where what it rests on changes."""
    return await _settle(str(finding_id), FindingState.DISMISSED, body, access, service)


@router.get("/findings/{finding_id}/shapes")
async def read_finding_shapes(finding_id: UUID, access: CurrentAccess, service: CurrentService) -> FindingShapes:
    """Answer the plots that a finding is about as they lie now, for the county that owns them and its field staff.

    Field staff see those findings all of whose plots lie in their own townships.
    """
    async with snapshot(service.engine) as connection:
        finding = await read_finding(connection, str(finding_id))
        is_read = finding is not None and (
            access.may_read_figures(finding.region_code, service.reference.tree) or access.pulls(finding.county_code)
        )
        if finding is None or not is_read:
            raise Refused(problem("unknown_finding", id=str(finding_id)))
        shapes = None
        if access.sees_personal(finding.county_code):
            shapes = await finding_shapes(connection, finding, access.townships(finding.county_code))
    if shapes is None:
        raise Refused(problem("positions_not_yours", region=finding.region_name))
    return shapes


async def _settle(
    finding_id: str, state: FindingState, body: Explanation, access: Access, service: Service
) -> FindingShown:
    async with service.engine.begin() as connection:
        finding = await read_finding(connection, finding_id)
        tree = service.reference.tree
        if finding is None or not access.may_read_figures(finding.region_code, tree):
            raise Refused(problem("unknown_finding", id=finding_id))
        if not may_settle(finding, state, access):
            office_zh, office_en = ROLE_NAMES[ANSWERS[finding.level, state]]
            raise Refused(problem("finding_not_yours", office=office_zh, office_en=office_en))
        settled = await settle(connection, finding, state, body.explanation, body.evidence, access)
        if settled is None:
            raise Refused(problem("finding_changed"))
    return for_caller(settled, access)


def _check_readable(region_code: str, tree: RegionTree, access: Access) -> None:
    region = tree.get(region_code)
    if region is None or not region.in_scope:
        raise Refused(problem("unknown_region", "region", code=region_code))
    if not access.may_read_figures(region_code, tree):
        raise Refused(problem("above_scope", region=region.name))


def _regions(tree: RegionTree, region_code: str) -> list[str]:
    """Return the provinces and counties at or below a region: where findings lie."""
    below = (*tree.descendants(region_code, RegionLevel.PROVINCE), *tree.descendants(region_code, RegionLevel.COUNTY))
    return [one.code for one in below]
