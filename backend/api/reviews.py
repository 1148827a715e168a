"""The review desk: the queue of a county or township office, its decisions, and how long they take."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query

from backend.api.dependencies import CurrentAccess, CurrentService
from backend.auth.access import Access
from backend.checks.listing import for_caller
from backend.db import snapshot
from backend.problems import Refused
from backend.review.deciding import Reviewer, decide_all, decide_each
from backend.review.difference import reviewed_report
from backend.review.queue import PLACE_PATTERN, Filters, queue_page
from backend.review.reach import Reach
from backend.review.turnaround import turnaround_of
from backend.service import Service
from schemas.changes import AwareTime, PushAnswer
from schemas.identifiers import UUID_PATTERN
from schemas.period import Period
from schemas.problems import problem
from schemas.review_desk import BulkAnswer, BulkRequest, ReviewedReport, ReviewQueue, ReviewRequest, Turnaround
from schemas.vocabulary import Indicator, RecordStatus

router = APIRouter(prefix="/v1", tags=["reviews"])

MAX_PAGE = 200

CountyPath = Annotated[str, Path(pattern=r"^[0-9]{6}$", description="The county whose ledger is reviewed.")]


@router.post("/reviews")
async def decide_reviews(request: ReviewRequest, access: CurrentAccess, service: CurrentService) -> PushAnswer:
    """Accept, return or precheck reports of a county; every decision gets an outcome as a change of a push does."""
    reviewer = _reviewer(request.county_code, access, service)
    outcomes, receipt = await decide_each(request.decisions, reviewer)
    return PushAnswer(outcomes=outcomes, server_time=datetime.now(UTC), receipt=receipt)


async def asked_filters(
    status: Annotated[RecordStatus, Query(description="By default what waits for a decision.")] = (
        RecordStatus.SUBMITTED
    ),
    township: Annotated[str | None, Query(pattern=r"^[0-9]{9}$")] = None,
    indicator: Indicator | None = None,
    period: Annotated[str | None, Query(max_length=6)] = None,
    flagged: Annotated[bool | None, Query(description="Only those with warnings worth a look, or without.")] = None,
) -> Filters:
    """Return what narrows the queue."""
    if period is not None and Period.parse(period) is None:
        raise Refused(problem("invalid_period", "period", value=period))
    return Filters(status, township, indicator, period, flagged)


@router.get("/counties/{county_code}/reviews")
async def read_queue(
    county_code: CountyPath,
    access: CurrentAccess,
    service: CurrentService,
    filters: Annotated[Filters, Depends(asked_filters)],
    after: Annotated[str | None, Query(pattern=PLACE_PATTERN, description="As answered last.")] = None,
    limit: Annotated[int, Query(ge=1, le=MAX_PAGE)] = 50,
) -> ReviewQueue:
    """Answer the farm reports that the caller's office may decide on: flagged first, then the longest waiting."""
    reviewer = _reviewer(county_code, access, service)
    async with snapshot(service.engine) as connection:
        return await queue_page(
            connection, county_code, filters, reviewer.reach, service.vault, after=after, limit=limit
        )


@router.get("/counties/{county_code}/reviews/{record_id}")
async def read_report(
    county_code: CountyPath,
    record_id: Annotated[str, Path(pattern=UUID_PATTERN)],
    access: CurrentAccess,
    service: CurrentService,
) -> ReviewedReport:
    """Answer a report with what is other than in the revision decided on last, and its history."""
    reviewer = _reviewer(county_code, access, service)
    async with snapshot(service.engine) as connection:
        report = await reviewed_report(connection, county_code, record_id, reviewer.reach, service.vault)
    if report is None:
        raise Refused(problem("review_record_unknown", "record_id"))
    return report.model_copy(update={"findings": [for_caller(one, access) for one in report.findings]})


@router.post("/counties/{county_code}/reviews/bulk")
async def decide_bulk(
    county_code: CountyPath, request: BulkRequest, access: CurrentAccess, service: CurrentService
) -> BulkAnswer:
    """Accept or return all submitted reports that a filter finds, if they are as many as the caller confirmed."""
    return await decide_all(request, _reviewer(county_code, access, service))


@router.get("/counties/{county_code}/turnaround")
async def read_turnaround(
    county_code: CountyPath,
    access: CurrentAccess,
    service: CurrentService,
    since: Annotated[AwareTime | None, Query(description="Decisions from then on; none: all.")] = None,
    indicator: Indicator | None = None,
) -> Turnaround:
    """Answer how many days reports waited for their decision; of offices, never of persons."""
    _check_ledger(county_code, service)
    if not access.may_read_figures(county_code, service.reference.tree):
        raise Refused(problem("above_scope", region=county_code))
    async with snapshot(service.engine) as connection:
        return await turnaround_of(connection, county_code, since, None if indicator is None else str(indicator))


def _reviewer(county_code: str, access: Access, service: Service) -> Reviewer:
    """Return who decides on a county's reports; whoever may decide on none of them is refused."""
    _check_ledger(county_code, service)
    reach = Reach.of(access, county_code)
    if not reach.parts:
        raise Refused(problem("review_not_yours", region=county_code))
    return Reviewer(county_code, access, reach, service)


def _check_ledger(county_code: str, service: Service) -> None:
    if county_code not in service.reference.ledgers:
        raise Refused(problem("unknown_region", "county_code", code=county_code))
