"""What stands beside a region's figures: its years, its gaps, its townships, and how complete its reports are."""

from datetime import UTC, datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from fastapi.responses import Response
from sqlalchemy.ext.asyncio import AsyncConnection

from backend.api.dependencies import CurrentAccess, CurrentPeriod, CurrentReader, CurrentService
from backend.api.map_values import View, view_read
from backend.api.summaries import frame_of, readable_region
from backend.db import snapshot
from backend.estimation.county import Asked, county_estimate
from backend.estimation.design import read_design
from backend.explanation.stand import BELOW
from backend.filing.completeness import Wanted as WantedCompleteness
from backend.filing.completeness import region_completeness
from backend.problems import Refused
from backend.rollup.gaps import region_gaps
from backend.rollup.summaries import Frame
from backend.rollup.townships import county_townships
from backend.rollup.trend import region_trend
from backend.rollup.values import Wanted
from backend.rollup.views import source_of_view
from backend.service import Service
from schemas.completeness import Completeness
from schemas.deadlines import Deadlines
from schemas.gaps import GapEstimate, Gaps
from schemas.indicators.catalogue import CATALOGUE
from schemas.map_values import Trend
from schemas.period import CHINA_STANDARD_TIME, Period
from schemas.problems import problem
from schemas.regions import Region
from schemas.townships import Townships
from schemas.vocabulary import FigureView, Indicator, RegionLevel, Standing

router = APIRouter(prefix="/v1", tags=["figures"])

FIRST_YEAR, LAST_YEAR, MOST_YEARS = 2015, 2100, 12

Year = Annotated[int, Query(ge=FIRST_YEAR, le=LAST_YEAR)]


@router.get("/summaries/{region_code}/trend", response_model=Trend)
async def region_years(
    region_code: str,
    indicator: Indicator,
    reader: CurrentReader,
    service: CurrentService,
    view: View = FigureView.HEADLINE,
    first: Year = 2021,
    last: Annotated[int | None, Query(ge=FIRST_YEAR, le=LAST_YEAR, description="This year where absent.")] = None,
) -> Response:
    """Answer a region's figure by year with its goal and state; without a sign-in as published."""
    until = min(last or datetime.now(CHINA_STANDARD_TIME).year, first + MOST_YEARS - 1)
    view = view_read(view, reader)
    async with snapshot(service.read_engine) as connection:
        frames = [await frame_of(connection, service, Period(year)) for year in range(first, until + 1)]
        known = [frame for frame in frames if region_code in frame.tree]
        if not known:
            raise Refused(problem("unknown_region", code=region_code[:20]))
        for frame in known:
            readable_region(frame.tree, region_code, reader.access, frame.period.year)
        level = known[-1].tree[region_code].level
        wanted = Wanted(indicator, view, region_code, level)
        seen = reader.source if reader.is_public else source_of_view(view)
        trend = await region_trend(connection, known, wanted, reader.source, seen, demo=service.settings.demo)
    return Response(trend.model_dump_json(), media_type="application/json")


@router.get("/summaries/{region_code}/gaps", response_model=Gaps)
async def statement_gaps(
    region_code: str,
    indicator: Indicator,
    period: CurrentPeriod,
    access: CurrentAccess,
    service: CurrentService,
    by: Annotated[
        Literal["county", "prefecture", "province"] | None, Query(description="One level below where absent.")
    ] = None,
) -> Response:
    """Answer how far statements and field sums lie apart, and how much of the county its farms cover."""
    async with snapshot(service.read_engine) as connection:
        frame = await frame_of(connection, service, period)
        readable_region(frame.tree, region_code, access, period.year)
        region = frame.tree[region_code]
        level = RegionLevel(by) if by else BELOW[region.level]
        estimate = await _estimate(connection, service, frame, region, indicator)
        gaps = await region_gaps(connection, frame, region, level, indicator, estimate, demo=service.settings.demo)
    return Response(gaps.model_dump_json(), media_type="application/json")


async def _estimate(
    connection: AsyncConnection, service: Service, frame: Frame, county: Region, indicator: Indicator
) -> GapEstimate | None:
    """Return what a county's sample says, where there is a design; of regions above counties there is none."""
    if county.level is not RegionLevel.COUNTY or CATALOGUE[indicator].standing is not Standing.SAMPLE:
        return None
    design = await read_design(connection, county.code, indicator, str(frame.period))
    if not design:
        return None
    asked = Asked(county.code, county.ledger_codes, indicator, frame.period, None)
    found = await county_estimate(connection, asked, design, service.reference)
    if found is None:
        return None
    shown = found.rate or found.households
    return GapEstimate(
        county_code=county.code,
        value=shown.value,
        lower=shown.lower,
        upper=shown.upper,
        confidence=found.confidence,
        is_rate=found.rate is not None,
        meets_minimum=found.meets_minimum,
    )


@router.get("/summaries/{county_code}/townships", response_model=Townships)
async def field_sums_of_townships(
    county_code: str, period: CurrentPeriod, access: CurrentAccess, service: CurrentService
) -> Response:
    """Answer the field sums of a county's townships; statements know no townships."""
    async with snapshot(service.read_engine) as connection:
        tree = await service.trees.of_year(connection, period.year)
        readable_region(tree, county_code, access, period.year)
        county = tree[county_code]
        if county.level is not RegionLevel.COUNTY:
            raise Refused(problem("unknown_region", "county_code", code=county_code))
        found = await county_townships(connection, county, period, service.reference, demo=service.settings.demo)
    return Response(found.model_dump_json(), media_type="application/json")


@router.get("/completeness", response_model=Completeness, tags=["filing"])
async def completeness(
    region: Annotated[str, Query(pattern=r"^[0-9]{6}$", description="The region and all below it.")],
    period: CurrentPeriod,
    access: CurrentAccess,
    service: CurrentService,
    indicator: Annotated[Indicator | None, Query(description="All where absent.")] = None,
) -> Response:
    """Answer how far a region's counties are before their dates: by office, never by person."""
    settings = service.settings
    async with snapshot(service.read_engine) as connection:
        tree = await service.trees.of_year(connection, period.year)
        readable_region(tree, region, access, period.year)
        wanted = WantedCompleteness(
            tree=tree,
            region=tree[region],
            level=BELOW[tree[region].level],
            period=period,
            indicators=list(CATALOGUE) if indicator is None else [indicator],
            now=datetime.now(UTC),
            deadlines=Deadlines.parse(settings.deadlines),
            wait_days=settings.wait_days,
            top_region=settings.top_region,
        )
        found = await region_completeness(connection, wanted)
    return Response(found.model_dump_json(), media_type="application/json")
