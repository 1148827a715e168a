"""Figures for whoever may see them: regions and basins."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query
from fastapi.responses import Response

from backend.api.dependencies import CurrentAccess, CurrentPeriod, CurrentReader, CurrentService
from backend.auth.access import Access
from backend.db import snapshot
from backend.metrics import SUMMARY_SECONDS
from backend.problems import Refused
from backend.rollup.measures import region_measures
from backend.rollup.published import published_amounts, published_tables
from backend.rollup.summaries import basin_name, basin_summary, region_summary
from schemas.problems import problem
from schemas.reference.amounts import PublishedCode
from schemas.regions import RegionTree
from schemas.summaries import (
    BasinName,
    BasinSummary,
    PublishedAmountShown,
    PublishedTable,
    RegionMeasures,
    Summary,
)
from schemas.vocabulary import RegionLevel

router = APIRouter(prefix="/v1", tags=["figures"])

By = Annotated[
    Literal["county", "prefecture", "province"],
    Query(description="The tier of the rows; a county without that tier stands as a row of its own."),
]


@router.get("/summaries/{region_code}", response_model=Summary)
async def summarise_region(
    region_code: str, period: CurrentPeriod, reader: CurrentReader, service: CurrentService, by: By = "county"
) -> Response:
    """Answer figures of a region, its rows and its total; `100000` is the nation. Without a sign-in as published."""
    async with snapshot(service.read_engine) as connection:
        tree = await service.trees.of_year(connection, period.year)
        readable_region(tree, region_code, reader.access, period.year)
        frame = await service.frame(connection, period)
        with SUMMARY_SECONDS.time():
            summary = await region_summary(
                connection, frame, region_code, RegionLevel(by), reader.source, demo=service.settings.demo
            )
    return Response(summary.model_dump_json(), media_type="application/json")


@router.get("/summaries/{region_code}/measures", response_model=RegionMeasures)
async def measure_region(
    region_code: str, period: CurrentPeriod, access: CurrentAccess, service: CurrentService
) -> Response:
    """Answer what stands beside a region's headlines: summed quantities and the measures that follow from them."""
    async with snapshot(service.read_engine) as connection:
        tree = await service.trees.of_year(connection, period.year)
        readable_region(tree, region_code, access, period.year)
        measures = await region_measures(connection, tree, region_code, period, service.reference.history)
    return Response(measures.model_dump_json(), media_type="application/json")


@router.get("/published")
async def published_measures(_: CurrentReader, service: CurrentService) -> list[PublishedTable]:
    """Answer which measures a yearbook printed by province, and for which years."""
    async with snapshot(service.read_engine) as connection:
        return await published_tables(connection)


@router.get("/published/{region_code}")
async def published(
    region_code: str,
    reader: CurrentReader,
    service: CurrentService,
    by: Annotated[
        Literal["province"] | None,
        Query(description="`province`: the provinces below the region as well, as far as they were printed."),
    ] = None,
    measure: Annotated[PublishedCode | None, Query(description="This measure alone.")] = None,
    year: Annotated[int | None, Query(ge=1900, le=2200, description="This year alone.")] = None,
) -> list[PublishedAmountShown]:
    """Answer what yearbooks printed for a region: published data, never mixed with what was reported here.

    Nothing is printed below the province: a prefecture or county answers an empty list.
    """
    tree = service.reference.tree
    async with snapshot(service.read_engine) as connection:
        readable_region(tree, region_code, reader.access, service.state.year)
        provinces = tree.descendants(region_code, RegionLevel.PROVINCE) if by else ()
        codes = sorted({region_code, *(province.code for province in provinces)})
        return await published_amounts(connection, codes, measure, year)


@router.get("/basins")
async def key_basins(_: CurrentReader, service: CurrentService) -> list[BasinName]:
    """Answer the key basins of this deployment with their counties counted by tier."""
    return [
        basin_name(basin, list(service.plan.members(basin, service.reference.tree).values()))
        for basin in service.plan.basins.values()
    ]


@router.get("/basins/{code}/summary", response_model=BasinSummary)
async def summarise_basin(code: str, period: CurrentPeriod, reader: CurrentReader, service: CurrentService) -> Response:
    """Answer a basin's figures over those of its counties that the caller may read."""
    access = reader.access
    basin = service.plan.basins.get(code)
    if basin is None:
        raise Refused(problem("unknown_basin", code=code[:40]))
    async with snapshot(service.read_engine) as connection:
        tree = await service.trees.of_year(connection, period.year)
        readable = {county for county in service.plan.members(basin, tree) if access.may_read_figures(county, tree)}
        if not readable:
            raise Refused(problem("above_scope", region=basin.name))
        frame = await service.frame(connection, period)
        summary = await basin_summary(connection, frame, basin, readable, reader.source, demo=service.settings.demo)
    return Response(summary.model_dump_json(), media_type="application/json")


def readable_region(tree: RegionTree, region_code: str, access: Access, year: int) -> None:
    """Raise Refused unless the region exists in the year, reports, and may be read by the caller.

    A county code of other years is answered with the codes that its land had in this one.
    """
    region = tree.get(region_code)
    others = access.history.counties_in(region_code, year) if region is None else []
    if others:
        listed = "、".join(f"{one.code} {one.name}" for one in others)
        raise Refused(problem("code_of_other_years", value=region_code, year=year, counties=listed))
    if region is None or region.level is RegionLevel.TOWNSHIP or not region.in_scope:
        raise Refused(problem("unknown_region", code=region_code[:20]))
    if not access.may_read_figures(region_code, tree):
        raise Refused(problem("above_scope", region=region.name))
