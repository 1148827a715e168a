"""The values that a map is coloured by, apart from its geometry: small, and answered again only where they changed."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response
from sqlalchemy.ext.asyncio import AsyncConnection

from backend import __version__
from backend.api.dependencies import CurrentPeriod, CurrentReader, CurrentService, FigureReader
from backend.api.summaries import readable_region
from backend.auth.access import READING_ROLES
from backend.checks.listing import count_open
from backend.db import snapshot
from backend.problems import Refused
from backend.rollup.freshness import figures_mark
from backend.rollup.summaries import Frame
from backend.rollup.values import Wanted, map_values
from schemas.map_values import MapValues
from schemas.problems import problem
from schemas.regions import NATION, RegionTree
from schemas.vocabulary import FigureView, Indicator, RegionLevel

router = APIRouter(prefix="/v1/map", tags=["map"])

OF_OFFICES = frozenset({FigureView.FARM, FigureView.PENDING})
"""Views that are shown to nobody who has not signed in."""

View = Annotated[FigureView, Query(description="What is read; `farm` and `pending` need a sign-in.")]
Level = Annotated[
    Literal["county", "prefecture", "province"],
    Query(description="The tier of the rows; a county without that tier stands as a row of its own."),
]
RegionAsked = Annotated[
    str | None,
    Query(pattern=r"^[0-9]{6}$", description="The region and all below it; the widest that may be read where absent."),
]


@router.get("/values", response_model=MapValues, responses={304: {"description": "Nothing has changed."}})
async def read_values(
    request: Request,
    indicator: Indicator,
    period: CurrentPeriod,
    reader: CurrentReader,
    service: CurrentService,
    view: View = FigureView.HEADLINE,
    level: Level = "county",
    region: RegionAsked = None,
) -> Response:
    """Answer one indicator over all counties, prefectures or provinces of a region; without a sign-in as published."""
    async with snapshot(service.read_engine) as connection:
        frame = await service.frame(connection, period)
        region_code = region or widest_region(reader, frame.tree)
        readable_region(frame.tree, region_code, reader.access, period.year)
        wanted = Wanted(indicator, view_read(view, reader), region_code, RegionLevel(level))
        findings = await _findings(connection, frame, wanted, reader)
        mark = await _mark(
            connection, frame, wanted, reader, {"findings": findings, "held": dict(service.state.versions)}
        )
        headers = {
            "ETag": f'"{mark[:32]}"',
            "Cache-Control": f"{'public' if reader.is_public else 'private'}, no-cache",
            "Vary": "Authorization, Accept-Encoding",
        }
        if headers["ETag"] in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        values = await map_values(connection, frame, wanted, reader.source, findings, demo=service.settings.demo)
    return Response(values.model_dump_json(), media_type="application/json", headers=headers)


def view_read(view: FigureView, reader: FigureReader) -> FigureView:
    """Return the view that the caller reads. Raises Refused for one that is shown to offices alone."""
    if not reader.is_public:
        return view
    if view in OF_OFFICES:
        raise Refused(problem("published_only", "view"))
    return FigureView.PUBLISHED


def widest_region(reader: FigureReader, tree: RegionTree) -> str:
    """Return the widest region that the caller may read, the nation where there is none: that is refused by itself."""
    held = (grant.region_code for grant in reader.access.grants if grant.role in READING_ROLES)
    readable = [code for code in (NATION, *held) if reader.access.may_read_figures(code, tree) and code in tree]
    return min(readable, key=lambda code: len(list(tree.chain(code))), default=NATION)


async def _findings(
    connection: AsyncConnection, frame: Frame, wanted: Wanted, reader: FigureReader
) -> dict[str, int] | None:
    """Return the open findings by region, where the caller sees any."""
    if reader.is_public:
        return None
    tree = frame.tree
    below = {one.code for level in (RegionLevel.PROVINCE, RegionLevel.COUNTY)
             for one in tree.descendants(wanted.region_code, level)}  # fmt: skip
    return await count_open(connection, below, str(frame.period), wanted.indicator)


async def _mark(
    connection: AsyncConnection, frame: Frame, wanted: Wanted, reader: FigureReader, beside: dict[str, Any]
) -> str:
    counties = frame.tree.descendants(wanted.region_code, RegionLevel.COUNTY)
    named = (wanted.indicator, frame.period, wanted.view, wanted.region_code, wanted.level, reader.is_public)
    return await figures_mark(
        connection,
        sorted(ledger for county in counties for ledger in county.ledger_codes),
        [county.code for county in counties],
        wanted.indicator,
        frame.period,
        reader.source,
        {**beside, "asked": [str(one) for one in named], "version": __version__},
    )
