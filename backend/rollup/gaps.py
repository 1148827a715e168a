"""What counties state beside what their farms report: how far apart, and how much of the county the farms are."""

from collections.abc import Mapping

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from backend.rollup.goal_line import percent, points_between, rate_of
from backend.rollup.parts import IndicatorSums
from backend.rollup.summaries import GAP_TOLERANCE_POINTS, Frame, name_of, row_code
from backend.rollup.sums import sums_by_row
from schemas.decimals import plain, quotient, rounded
from schemas.gaps import BaseCover, FarmCover, GapEstimate, GapRow, Gaps
from schemas.indicators.catalogue import CATALOGUE
from schemas.indicators.spec import IndicatorSpec
from schemas.regions import Region
from schemas.vocabulary import FigureKind, Indicator, RegionLevel, Standing

COUNT_FARMS = """
    SELECT g.row_code, count(*) AS n
    FROM unnest(cast(:ledger_codes AS text[]), cast(:row_codes AS text[])) AS g (ledger_code, row_code)
    JOIN record ON record.county_code = g.ledger_code AND record.kind = 'farm' AND record.status <> 'withdrawn'
    GROUP BY g.row_code
"""

NOTES: Mapping[str, tuple[str, str]] = {
    "census": (
        "本指标逐户填报：县级报表与主体汇总应当一致，相差 3 个百分点以上的请核实。",
        "Every farm reports: statement and field sum should agree; a gap of more than 3 points wants a reason.",
    ),
    "registry": (
        "本指标按名录填报：名录内主体全部填报后，县级报表与主体汇总应当一致，相差 3 个百分点以上的请核实。",
        (
            "Those of a register report: once all of them have, statement and field sum should agree; a gap of more than 3 "
            "points wants a reason."
        ),
    ),
    "sample": (
        "本指标为抽样填报：样本只给出比率，不能与县级报表直接相减；有抽样方案的县另列估计值和区间。",
        (
            "The reports are a sample: they give a ratio, which is not held against the statement; a county with a design "
            "has its estimate and interval beside it."
        ),
    ),
    "amount": (
        "本指标不是比率，没有以百分点计的差距。",
        "This indicator is no rate: there is no gap in points.",
    ),
}


async def region_gaps(
    connection: AsyncConnection,
    frame: Frame,
    region: Region,
    by: RegionLevel,
    indicator: Indicator,
    estimate: GapEstimate | None,
    *,
    demo: bool,
) -> Gaps:
    """Return the gap of a region and of each row below it: five statements, whatever their number."""
    spec, tree = CATALOGUE[indicator], frame.tree
    counties = tree.descendants(region.code, RegionLevel.COUNTY)
    row_of = {county.code: row_code(tree, county, region.code, by) for county in counties}
    places = [frame.place(ledger, one.code, row_of[one.code]) for one in counties for ledger in one.ledger_codes]
    sums = await sums_by_row(connection, places, frame.period, frame.history, frame.spans, indicators={indicator})
    bound = {"ledger_codes": [one.ledger_code for one in places], "row_codes": [one.row_code for one in places]}
    farms = {row.row_code: row.n for row in await connection.execute(text(COUNT_FARMS), bound)}
    codes = sorted(set(row_of.values()))
    whole, rows = IndicatorSums(), []
    for code in codes:
        found = sums.get((code, indicator, spec.headline_series), IndicatorSums())
        whole = whole.plus(found)
        members = sum(row == code for row in row_of.values())
        of_row = estimate if estimate is not None and estimate.county_code == code else None
        rows.append(_row(spec, tree[code], found, farms.get(code, 0), members, of_row))
    zh, en = NOTES[spec.standing if spec.kind is FigureKind.RATE else "amount"]
    return Gaps(
        region=name_of(region),
        indicator=indicator,
        period=str(frame.period),
        standing=spec.standing,
        tolerance_points=plain(GAP_TOLERANCE_POINTS),
        comparable=_is_comparable(spec),
        zh=zh,
        en=en,
        total=_row(spec, region, whole, sum(farms.values()), len(counties), estimate if len(counties) == 1 else None),
        rows=rows,
        demo=demo,
    )


def _is_comparable(spec: IndicatorSpec) -> bool:
    return spec.kind is FigureKind.RATE and spec.standing is not Standing.SAMPLE


def _row(
    spec: IndicatorSpec, region: Region, sums: IndicatorSums, farms: int, counties: int, estimate: GapEstimate | None
) -> GapRow:
    statement, farm = rate_of(sums.both_statement), rate_of(sums.both_farm)
    gap = points_between(statement, farm) if _is_comparable(spec) else None
    return GapRow(
        region=name_of(region),
        statement=None if statement is None else format(percent(statement), "f"),
        farm=None if farm is None else format(percent(farm), "f"),
        gap_points=None if gap is None else plain(rounded(gap, 2)),
        flagged=gap is not None and abs(gap) > GAP_TOLERANCE_POINTS,
        farms=FarmCover(reported=sums.farm.reports, registered=farms),
        base=_base(spec, sums),
        counties=counties,
        compared=sums.both_statement.counties,
        estimate=estimate,
    )


def _base(spec: IndicatorSpec, sums: IndicatorSums) -> BaseCover:
    """Return how much of the stated base the farms cover; a sample is no part of a whole."""
    farm, stated = sums.both_farm.denominator, sums.both_statement.denominator
    share = quotient(farm, stated) if farm is not None and stated is not None and _is_comparable(spec) else None
    return BaseCover(
        farm=None if farm is None else plain(farm),
        statement=None if stated is None else plain(stated),
        share_percent=None if share is None else format(percent(share), "f"),
        unit=None if spec.denominator is None else str(spec.denominator.unit),
    )
