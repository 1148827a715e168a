"""Figures and reports as files. Published figures are anybody's: they were published."""

from datetime import UTC, datetime
from typing import Annotated, Any, Literal
from urllib.parse import quote

from anyio import to_thread
from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import StreamingResponse

from backend.api.dependencies import CurrentPeriod, CurrentService, OptionalAccess
from backend.api.summaries import readable_region
from backend.auth.access import Access
from backend.db import snapshot
from backend.exports.making import Form, export_basin, export_region
from backend.exports.spool import Made, parcel, workplace
from backend.exports.summaries import Asked
from backend.problems import Refused
from schemas.exports import FormMarks, Heads, SummaryFormat
from schemas.problems import problem
from schemas.regions import RegionTree
from schemas.vocabulary import Indicator, RegionLevel

router = APIRouter(prefix="/v1/exports", tags=["exports"])

By = Annotated[Literal["county", "prefecture", "province"], Query(description="The tier of the rows.")]
HeadsAsked = Annotated[Heads, Query(description="Heads of a CSV: Chinese with units, or identifiers.")]
Bom = Annotated[bool, Query(description="Begin a CSV with the mark by which Excel knows UTF-8.")]

_FILE: dict[int | str, dict[str, Any]] = {
    200: {"content": {"application/octet-stream": {}}, "description": "The file, with its length and `Repr-Digest`."}
}


async def asked_form(
    file_format: Annotated[SummaryFormat, Query(alias="format", description="What file is made.")] = SummaryFormat.XLSX,
    *,
    heads: HeadsAsked = Heads.ZH,
    bom: Bom = True,
) -> Form:
    """Return the form of an export of figures."""
    return Form(file_format, heads, bom)


async def asked_figures(
    request: Request,
    access: OptionalAccess,
    service: CurrentService,
    indicator: Annotated[
        list[Indicator] | None,
        Query(
            description="These indicators; none: all. A CSV or GeoJSON of one has all of its columns, of several the "
            "headline of each."
        ),
    ] = None,
    *,
    published: Annotated[
        bool, Query(description="Published figures alone; without a sign-in there are no others.")
    ] = False,
) -> Asked:
    """Return which figures are exported."""
    return Asked(
        query=f"{request.url.path}?{request.url.query}"[:500],
        indicators=tuple(indicator or ()),
        published_only=published or access is None,
        moment=datetime.now(UTC),
        demo=service.settings.demo,
        marks=FormMarks(service.settings.form_marks),
        map_source=service.map_source,
    )


AskedForm = Annotated[Form, Depends(asked_form)]
AskedFigures = Annotated[Asked, Depends(asked_figures)]


@router.get("/summaries/{region_code}", response_class=StreamingResponse, responses=_FILE)
async def export_summary(
    region_code: str,
    period: CurrentPeriod,
    access: OptionalAccess,
    service: CurrentService,
    asked: AskedFigures,
    form: AskedForm,
    by: By = "county",
) -> StreamingResponse:
    """Answer a region's figures as a workbook, CSV, GeoJSON, GeoPackage or printed pages."""
    async with snapshot(service.read_engine) as connection:
        tree = await service.trees.of_year(connection, period.year)
    _check_region(tree, region_code, None if asked.published_only else access, period.year)
    async with workplace(service) as folder:
        return await _sent(await export_region(service, region_code, period, RegionLevel(by), asked, form, folder))


@router.get("/basins/{code}", response_class=StreamingResponse, responses=_FILE)
async def export_of_basin(
    code: str,
    period: CurrentPeriod,
    access: OptionalAccess,
    service: CurrentService,
    asked: AskedFigures,
    form: AskedForm,
) -> StreamingResponse:
    """Answer a basin's figures over those of its counties that the caller may read; published ones over all."""
    basin = service.plan.basins.get(code)
    if basin is None:
        raise Refused(problem("unknown_basin", code=code[:40]))
    async with snapshot(service.read_engine) as connection:
        tree = await service.trees.of_year(connection, period.year)
    readable = set(service.plan.members(basin, tree))
    if not asked.published_only and access is not None:
        readable = {county for county in readable if access.may_read_figures(county, tree)}
    if not readable:
        raise Refused(problem("above_scope", region=basin.name))
    async with workplace(service) as folder:
        return await _sent(await export_basin(service, basin, readable, period, asked, form, folder))


def _check_region(tree: RegionTree, region_code: str, access: Access | None, year: int) -> None:
    """Raise Refused unless the region is one of the year, and may be read; published figures may be by anybody."""
    if access is not None:
        readable_region(tree, region_code, access, year)
        return
    region = tree.get(region_code)
    if region is None or region.level is RegionLevel.TOWNSHIP or not region.in_scope:
        raise Refused(problem("unknown_region", code=region_code[:20]))


async def _sent(made: Made) -> StreamingResponse:
    """Return the answer that sends a finished export; its folder is gone by then, the open file is not."""
    found = await to_thread.run_sync(parcel, made)
    named = f"attachment; filename=\"{made.plain_name}\"; filename*=UTF-8''{quote(made.name)}"
    headers = {"Content-Disposition": named, **found.headers}
    return StreamingResponse(found.chunks(), media_type=made.media_type, headers=headers)
