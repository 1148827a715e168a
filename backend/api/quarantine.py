"""What could not be applied, for whoever answers for a county."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from backend.api.dependencies import CurrentAccess, CurrentService
from backend.db import snapshot
from backend.problems import Refused
from backend.quarantine.listing import quarantine_page
from schemas.problems import problem
from schemas.quarantine import QuarantinePage

router = APIRouter(prefix="/v1", tags=["sync"])

MAX_PAGE = 200


@router.get("/quarantine")
async def read_quarantine(
    access: CurrentAccess,
    service: CurrentService,
    county: Annotated[str, Query(pattern=r"^[0-9]{6}$", description="The county whose quarantine is read.")],
    after: Annotated[UUID | None, Query(description="As answered last; none: from the start.")] = None,
    limit: Annotated[int, Query(ge=1, le=MAX_PAGE)] = 50,
) -> QuarantinePage:
    """Answer what was sent to a county and could not be applied, with the reason; for the bureau and those above it."""
    if county not in service.reference.ledgers:
        raise Refused(problem("unknown_region", "county", code=county))
    if not access.may_read_figures(county, service.reference.tree):
        raise Refused(problem("above_scope", region=county))
    async with snapshot(service.engine) as connection:
        return await quarantine_page(
            connection, county, service.reference.tree, None if after is None else str(after), limit, service.vault
        )
