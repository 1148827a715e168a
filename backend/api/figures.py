"""One figure explained, rebuilt for any moment, with its signed statement."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from fastapi.responses import Response
from sqlalchemy.ext.asyncio import AsyncConnection

from backend.api.dependencies import CurrentAccess, CurrentPeriod, CurrentReader, CurrentService
from backend.api.summaries import readable_region
from backend.auth.access import Access
from backend.db import snapshot
from backend.explanation.explained import explain
from backend.explanation.published import explain_published
from backend.explanation.revisions import Page
from backend.explanation.stand import Archive, Question, take_stand
from backend.explanation.standpoint import parse_moment
from backend.explanation.statement import kept_statement
from backend.problems import Refused
from backend.service import Service
from schemas.explanations import Explanation
from schemas.figure_statements import FigureStatement
from schemas.period import Period
from schemas.problems import problem
from schemas.vocabulary import Indicator

router = APIRouter(prefix="/v1/figures", tags=["figures"])

MAX_REVISIONS = 200

AsOf = Annotated[
    str | None,
    Query(
        max_length=60,
        description="Rebuild the figure as it stood: a time with its zone (RFC 3339), `filing:<step id>`, or the state "
        "of a filing: filed, endorsed, accepted, published. None: as it stands.",
        examples=["2025-12-31T18:00:00+08:00", "published"],
    ),
]


def archive_of(service: Service) -> Archive:
    """Return the reference data that figures are read with."""
    return Archive(service.reference, service.plan, service.trees, service.settings.demo)


async def _page(
    revised_after: Annotated[
        str | None, Query(max_length=60, description="Revisions recorded after this time (RFC 3339) only.")
    ] = None,
    revisions_before: Annotated[
        str | None, Query(max_length=80, description="`revisions.next` of the page before.")
    ] = None,
    revisions_limit: Annotated[int, Query(ge=1, le=MAX_REVISIONS)] = 20,
) -> Page:
    """Return which revisions are asked for."""
    since: datetime | None = None if revised_after is None else parse_moment(revised_after)
    return Page(since, revisions_before, revisions_limit)


@router.get("/{region_code}/{indicator}/{period}/explanation", response_model=Explanation)
async def explain_figure(
    region_code: str,
    indicator: Indicator,
    period: CurrentPeriod,
    reader: CurrentReader,
    service: CurrentService,
    paging: Annotated[Page, Depends(_page)],
    as_of: AsOf = None,
) -> Response:
    """Answer what a figure is, what it was made of, and on which ledger positions it rests; as of any moment.

    Without a sign-in a published figure is explained, by what is published.
    """
    async with snapshot(service.read_engine) as connection:
        question = await _question(connection, service, reader.access, (region_code, indicator, period), as_of)
        if reader.is_public:
            told = await explain_published(connection, archive_of(service), question)
            return Response(told.model_dump_json(), media_type="application/json")
        stand = await take_stand(connection, archive_of(service), question)
        explanation = await explain(connection, stand, paging)
    return Response(explanation.model_dump_json(), media_type="application/json")


@router.get("/{region_code}/{indicator}/{period}/statement", response_model=FigureStatement)
async def signed_statement(
    region_code: str, indicator: Indicator, period: CurrentPeriod, access: CurrentAccess, service: CurrentService
) -> FigureStatement:
    """Answer the signed statement of a published figure, which anyone can verify with the published keys."""
    async with snapshot(service.engine) as connection:
        question = await _question(connection, service, access, (region_code, indicator, period), None)
        tree = await service.trees.of_year(connection, period.year)
        document = await kept_statement(connection, question)
    if document is None:
        raise Refused(problem("figure_not_published", region=tree[region_code].name))
    return FigureStatement.model_validate(document)


async def _question(
    connection: AsyncConnection,
    service: Service,
    access: Access,
    figure: tuple[str, Indicator, Period],
    as_of: str | None,
) -> Question:
    """Return which figure is asked for. Raises Refused for a region that is not the caller's to read."""
    region_code, indicator, period = figure
    tree = await service.trees.of_year(connection, period.year)
    readable_region(tree, region_code, access, period.year)
    return Question(region_code, indicator, period, as_of)
