"""What samples say of a county, and which farms to visit."""

from typing import Annotated

from fastapi import APIRouter, Path, Query
from fastapi.responses import Response
from sqlalchemy.ext.asyncio import AsyncConnection

from backend.api.dependencies import CurrentAccess, CurrentPeriod, CurrentService
from backend.auth.access import Access
from backend.db import snapshot
from backend.estimation.county import Asked, county_estimate
from backend.estimation.design import design_problems, keep_design, read_design
from backend.estimation.inspections import inspections
from backend.problems import Refused
from backend.service import Service
from schemas.estimates import EstimateShown, InspectionList, SampleDesign
from schemas.indicators.catalogue import CATALOGUE
from schemas.period import Period
from schemas.problems import problem
from schemas.regions import Region
from schemas.vocabulary import Indicator, RegionLevel, Role, Standing

router = APIRouter(prefix="/v1", tags=["estimates"])

County = Annotated[str, Path(pattern=r"^[0-9]{6}$", description="A county of the period's year.")]

MOST_FARMS = 500


@router.get("/estimates/{county_code}/{indicator}/{period}")
async def estimate(
    county_code: County, indicator: Indicator, period: CurrentPeriod, access: CurrentAccess, service: CurrentService
) -> EstimateShown:
    """Answer the ratio that a county's sample gives, its 95 % interval, and what that says of the goal."""
    _check_sampled(indicator)
    async with snapshot(service.read_engine) as connection:
        county = await _county(connection, county_code, period, access, service)
        design = await read_design(connection, county_code, indicator, str(period))
        if not design:
            raise Refused(problem("no_sample_design", region=county.name, period=period))
        tree = await service.trees.of_year(connection, period.year)
        goal = service.plan.goals.nearest(tree, county_code, indicator, period.year)
        asked = Asked(county_code, county.ledger_codes, indicator, period, goal)
        found = await county_estimate(connection, asked, design, service.reference)
    if found is None:
        raise Refused(problem("no_sample_answers", region=county.name, period=period))
    return found


@router.get("/estimates/{county_code}/{indicator}/{period}/design")
async def sample_design(
    county_code: County, indicator: Indicator, period: CurrentPeriod, access: CurrentAccess, service: CurrentService
) -> SampleDesign:
    """Answer the villages that were drawn into a county's sample."""
    _check_sampled(indicator)
    async with snapshot(service.read_engine) as connection:
        county = await _county(connection, county_code, period, access, service)
        design = await read_design(connection, county_code, indicator, str(period))
    if not design:
        raise Refused(problem("no_sample_design", region=county.name, period=period))
    return SampleDesign(villages=design)


@router.put("/estimates/{county_code}/{indicator}/{period}/design", status_code=204, response_class=Response)
async def put_sample_design(
    county_code: County,
    indicator: Indicator,
    period: CurrentPeriod,
    design: SampleDesign,
    access: CurrentAccess,
    service: CurrentService,
) -> None:
    """Put a design in place of what was there; for the county bureau, which drew the sample."""
    _check_sampled(indicator)
    async with service.engine.begin() as connection:
        county = await _county(connection, county_code, period, access, service)
        if not access.acts_as(Role.COUNTY, county_code, indicator):
            raise Refused(problem("above_scope", region=county.name))
        problems = design_problems(design.villages)
        if problems:
            raise Refused(problem("invalid_request"), problems)
        await keep_design(connection, county_code, indicator, str(period), design)


@router.get("/counties/{county_code}/inspections")
async def inspection_list(
    county_code: County,
    period: CurrentPeriod,
    access: CurrentAccess,
    service: CurrentService,
    seed: Annotated[str, Query(min_length=1, max_length=64, description="The same seed draws the same farms.")],
    size: Annotated[int, Query(ge=1, le=MOST_FARMS, description="How many farms to draw.")],
    indicator: Annotated[
        Indicator | None, Query(description="Of this indicator's reports; of all where absent.")
    ] = None,
) -> InspectionList:
    """Answer farms to visit, drawn with chances proportional to what stands open about them."""
    async with snapshot(service.read_engine) as connection:
        county = await _county(connection, county_code, period, access, service)
        return await inspections(connection, county_code, county.ledger_codes, str(period), indicator, seed, size)


def _check_sampled(indicator: Indicator) -> None:
    spec = CATALOGUE[indicator]
    if spec.standing is not Standing.SAMPLE:
        raise Refused(problem("not_sampled", "indicator", indicator=spec.zh, indicator_en=spec.en))


async def _county(
    connection: AsyncConnection, county_code: str, period: Period, access: Access, service: Service
) -> Region:
    """Return a county of the period's year that the caller may read."""
    tree = await service.trees.of_year(connection, period.year)
    county = tree.get(county_code)
    if county is None or county.level is not RegionLevel.COUNTY or not county.in_scope:
        raise Refused(problem("unknown_region", code=county_code))
    if not access.may_read_figures(county_code, tree):
        raise Refused(problem("above_scope", region=county.name))
    return county
