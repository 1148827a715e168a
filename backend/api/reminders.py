"""Reminders for the offices in the caller's scope."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from backend.api.dependencies import CurrentAccess, CurrentService
from backend.auth.access import READING_ROLES, Access
from backend.db import snapshot
from backend.jobs.reminder_listing import reminders_page
from backend.problems import Refused
from schemas.problems import problem
from schemas.regions import RegionTree
from schemas.reminders import RemindersPage
from schemas.vocabulary import RegionLevel

router = APIRouter(prefix="/v1", tags=["reminders"])

MAX_PAGE = 200
LEVELS = (RegionLevel.NATION, RegionLevel.PROVINCE, RegionLevel.PREFECTURE, RegionLevel.COUNTY)


@router.get("/reminders")
async def read_reminders(
    access: CurrentAccess,
    service: CurrentService,
    region: Annotated[
        str | None, Query(pattern=r"^[0-9]{6}$", description="The region and all below it; all in scope where absent.")
    ] = None,
    closed: Annotated[bool, Query(description="Also those whose cause is gone.")] = False,
    before: Annotated[UUID | None, Query(description="As answered last.")] = None,
    limit: Annotated[int, Query(ge=1, le=MAX_PAGE)] = 100,
) -> RemindersPage:
    """Answer what the offices of the caller's scope should see to, the newest first; none is about a person."""
    tree = service.reference.tree
    if region is not None and tree.get(region) is None:
        raise Refused(problem("unknown_region", "region", code=region))
    if region is not None and not access.may_read_figures(region, tree):
        raise Refused(problem("above_scope", region=tree[region].name))
    tops = {region} if region else {one.region_code for one in access.grants if one.role in READING_ROLES}
    async with snapshot(service.read_engine) as connection:
        return await reminders_page(
            connection,
            tree,
            _readable(tree, tops, access),
            None if before is None else str(before),
            limit,
            closed_too=closed,
        )


def _readable(tree: RegionTree, tops: set[str], access: Access) -> list[str]:
    """Return the regions at or below these whose figures the caller may read."""
    below = (one.code for top in tops for level in LEVELS for one in tree.descendants(top, level))
    return [code for code in below if access.may_read_figures(code, tree)]
