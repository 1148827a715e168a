"""Figures and reports as files. Published figures are anybody's: they were published."""

from datetime import UTC, datetime
from typing import Annotated, Any, Literal
from urllib.parse import quote

from anyio import to_thread
from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import StreamingResponse

from backend.api.dependencies import CurrentAccess, CurrentPeriod, CurrentReader, CurrentService
from backend.api.summaries import readable_region
from backend.auth.access import Access
from backend.db import snapshot
from backend.exports.making import MEDIA_TYPES, Form, ReportForm, export_basin, export_region, export_reports
from backend.exports.reports import ReportsAsked, scope_of
from backend.exports.spool import Made, parcel, workplace
from backend.exports.summaries import Asked
from backend.problems import Refused
from backend.service import Service
from schemas.exports import FormMarks, Heads, ReportFormat, SummaryFormat
from schemas.problems import problem
from schemas.vocabulary import Indicator, Level, RecordStatus, RegionLevel

router = APIRouter(prefix="/v1/exports", tags=["exports"])

By = Annotated[Literal["county", "prefecture", "province"], Query(description="The tier of the rows.")]
HeadsAsked = Annotated[Heads, Query(description="Heads of a CSV: Chinese with units, or identifiers.")]
Bom = Annotated[bool, Query(description="Begin a CSV with the mark by which Excel knows UTF-8.")]


def _files(formats: type[SummaryFormat | ReportFormat]) -> dict[int | str, dict[str, Any]]:
    """Return what a route answers: a file of any of its formats."""
    content: dict[str, Any] = {MEDIA_TYPES[one].partition(";")[0]: {} for one in formats}
    return {200: {"content": content, "description": "The file, with its length and `Repr-Digest`."}}


async def asked_report_form(
    file_format: Annotated[ReportFormat, Query(alias="format", description="What file is made.")] = ReportFormat.CSV,
    *,
    heads: HeadsAsked = Heads.ZH,
    bom: Bom = True,
) -> ReportForm:
    """Return the form of an export of reports."""
    return ReportForm(file_format, heads, bom)


async def asked_reports(
    region_code: str,
    indicator: Annotated[Indicator, Query(description="One indicator: each has quantities of its own.")],
    period: CurrentPeriod,
    level: Annotated[Level, Query(description="Reports of farms, or the counties' statements.")] = Level.FARM,
    status: Annotated[list[RecordStatus] | None, Query(description="None: all but the withdrawn.")] = None,
) -> ReportsAsked:
    """Return which reports are exported."""
    return ReportsAsked(region_code, indicator, period, level, tuple(status or ()))


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
    reader: CurrentReader,
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
    return said_of(request, service, tuple(indicator or ()), published_only=published or reader.is_public)


def said_of(request: Request, service: Service, indicators: tuple[Indicator, ...], *, published_only: bool) -> Asked:
    """Return what an export says of the request that asked for it."""
    return Asked(
        query=f"{request.url.path}?{request.url.query}"[:500],
        indicators=indicators,
        published_only=published_only,
        moment=datetime.now(UTC),
        demo=service.settings.demo,
        marks=FormMarks(service.settings.form_marks),
        map_source=service.map_source,
    )


AskedForm = Annotated[Form, Depends(asked_form)]
AskedFigures = Annotated[Asked, Depends(asked_figures)]


@router.get("/summaries/{region_code}", response_class=StreamingResponse, responses=_files(SummaryFormat))
async def export_summary(
    region_code: str,
    period: CurrentPeriod,
    reader: CurrentReader,
    service: CurrentService,
    asked: AskedFigures,
    form: AskedForm,
    by: By = "county",
) -> StreamingResponse:
    """Answer a region's figures as a workbook, CSV, GeoJSON, GeoPackage or printed pages."""
    async with snapshot(service.read_engine) as connection:
        tree = await service.trees.of_year(connection, period.year)
    access = Access.of_the_public(tree, service.reference.history) if asked.published_only else reader.access
    readable_region(tree, region_code, access, period.year)
    async with workplace(service) as folder:
        return await _sent(await export_region(service, region_code, period, RegionLevel(by), asked, form, folder))


@router.get("/basins/{code}", response_class=StreamingResponse, responses=_files(SummaryFormat))
async def export_of_basin(
    code: str,
    period: CurrentPeriod,
    reader: CurrentReader,
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
    if not asked.published_only:
        readable = {county for county in readable if reader.access.may_read_figures(county, tree)}
    if not readable:
        raise Refused(problem("above_scope", region=basin.name))
    async with workplace(service) as folder:
        return await _sent(await export_basin(service, basin, readable, period, asked, form, folder))


@router.get("/reports/{region_code}", response_class=StreamingResponse, responses=_files(ReportFormat))
async def export_reports_of(
    request: Request,
    access: CurrentAccess,
    service: CurrentService,
    asked: Annotated[ReportsAsked, Depends(asked_reports)],
    form: Annotated[ReportForm, Depends(asked_report_form)],
) -> StreamingResponse:
    """Answer reports one by one, as far as the caller may read them: quantities, township and status, nobody's name."""
    region = service.reference.tree.get(asked.region_code)
    if region is None or region.level is RegionLevel.TOWNSHIP or not region.in_scope:
        raise Refused(problem("unknown_region", code=asked.region_code[:20]))
    scope = scope_of(access, service.reference.tree, asked.region_code)
    if not scope:
        raise Refused(problem("above_scope", region=region.name))
    said = said_of(request, service, (asked.indicator,), published_only=False)
    async with workplace(service) as folder:
        return await _sent(await export_reports(service, scope, asked, said, form, folder))


async def _sent(made: Made) -> StreamingResponse:
    """Return the answer that sends a finished export; its folder is gone by then, the open file is not."""
    found = await to_thread.run_sync(parcel, made)
    named = f"attachment; filename=\"{made.plain_name}\"; filename*=UTF-8''{quote(made.name)}"
    headers = {"Content-Disposition": named, **found.headers}
    return StreamingResponse(found.chunks(), media_type=made.media_type, headers=headers)
