"""Figures of a region or basin gathered for an export: everything from the summaries, in one snapshot."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from backend.exports.figures import Figures, Line
from backend.exports.provenance import Provenance
from backend.exports.words import period_said
from backend.rollup.plan import BasinInfo
from backend.rollup.source import PUBLISHED, STORED
from backend.rollup.summaries import Frame, basin_summary, region_summary
from schemas.exports import FormMarks
from schemas.indicators.catalogue import CATALOGUE
from schemas.regions import RegionTree
from schemas.summaries import BasinSummary, RegionSummary, Summary
from schemas.vocabulary import BasinTier, Indicator, RegionLevel

OWN_SOURCE = "县级农业农村部门通过清田系统上报的数据（县级账本）"
ALL_SEEN, ALL_PUBLISHED = "账号权限内的全部数据", "已公布数据"
PART_OF_BASIN = "账号权限内的县，不是流域的全部"
TIERS: Mapping[RegionLevel, str] = {
    RegionLevel.COUNTY: "分县",
    RegionLevel.PREFECTURE: "分市",
    RegionLevel.PROVINCE: "分省",
}


@dataclass(frozen=True, slots=True)
class Asked:
    """What of the figures is exported; no indicator stands for all of them."""

    query: str
    indicators: tuple[Indicator, ...]
    published_only: bool
    moment: datetime
    demo: bool
    marks: FormMarks
    map_source: str

    @property
    def chosen(self) -> tuple[Indicator, ...]:
        """The indicators, in the order of the catalogue."""
        return tuple(one for one in CATALOGUE if one in self.indicators) or tuple(CATALOGUE)


@dataclass(frozen=True, slots=True)
class Gathered:
    """Figures with their origin, and the counties that each row's outline is made of."""

    code: str
    """Of the region or basin."""
    figures: Figures
    provenance: Provenance
    counties: Mapping[str, Sequence[str]]
    basins: tuple[BasinSummary, ...] = ()
    """For printed pages: the key basins in the region, over its own counties."""


async def gather_region(
    connection: AsyncConnection, frame: Frame, region_code: str, by: RegionLevel, asked: Asked
) -> Gathered:
    """Return a region's figures by county, prefecture or province. The connection is in one snapshot."""
    source = PUBLISHED if asked.published_only else STORED
    summary = await region_summary(connection, frame, region_code, by, source, demo=asked.demo)
    tree = frame.tree
    figures = Figures(
        place=summary.region.name,
        totals=(_line(summary.total, tree, total=True),),
        rows=tuple(_line(row, tree) for row in summary.rows),
        indicators=asked.chosen,
        ledger=summary.ledger,
        published_only=asked.published_only,
        by_county=by is RegionLevel.COUNTY,
        is_basin=False,
    )
    title = f"{summary.region.name}{period_said(frame.period)}农业清洁生产{TIERS[by]}情况"
    counties = {row.region.code: _counties(tree, row.region.code) for row in summary.rows}
    return Gathered(region_code, figures, _provenance(title, frame, figures, summary, asked), counties)


async def gather_basin(
    connection: AsyncConnection, frame: Frame, basin: BasinInfo, readable: Collection[str], asked: Asked
) -> Gathered:
    """Return a basin's figures by county over those in `readable`, the core tier's total first."""
    source = PUBLISHED if asked.published_only else STORED
    summary = await basin_summary(connection, frame, basin, set(readable), source, demo=asked.demo)
    tiers = frame.plan.members(basin, frame.tree)
    core, both = _renamed(summary.core, "核心区合计"), _renamed(summary.core_and_extended, "核心区＋拓展区合计")
    figures = Figures(
        place=f"{basin.name}流域",
        totals=(Line(core, total=True), Line(both, total=True)),
        rows=tuple(_line(row, frame.tree, tiers) for row in summary.rows),
        indicators=asked.chosen,
        ledger=summary.ledger,
        published_only=asked.published_only,
        by_county=True,
        is_basin=True,
        complete=summary.complete,
    )
    title = f"{basin.name}流域{period_said(frame.period)}农业清洁生产分县情况"
    counties = {row.region.code: [row.region.code] for row in summary.rows}
    return Gathered(basin.code, figures, _provenance(title, frame, figures, summary, asked), counties)


async def basins_within(
    connection: AsyncConnection, frame: Frame, counties: Collection[str], asked: Asked
) -> tuple[BasinSummary, ...]:
    """Return the key basins that have any of the counties, each summed over those alone."""
    source = PUBLISHED if asked.published_only else STORED
    found = []
    for basin in frame.plan.basins.values():
        own = set(frame.plan.members(basin, frame.tree)) & set(counties)
        if own:
            found.append(await basin_summary(connection, frame, basin, own, source, demo=asked.demo))
    return tuple(found)


def _provenance(
    title: str, frame: Frame, figures: Figures, summary: Summary | BasinSummary, asked: Asked
) -> Provenance:
    scope = ALL_PUBLISHED if asked.published_only else ALL_SEEN
    if not figures.complete:
        scope += f"（{PART_OF_BASIN}）"
    return Provenance(
        title=title,
        query=asked.query,
        exported_at=asked.moment,
        period=summary.period,
        period_zh=period_said(frame.period),
        scope=scope,
        ledger=summary.ledger,
        sources=(OWN_SOURCE, *_goal_sources(figures), f"边界：{asked.map_source.removeprefix('数据来源：')}"),
        demo=asked.demo,
        marks=asked.marks,
    )


def _goal_sources(figures: Figures) -> tuple[str, ...]:
    """Return the documents that the goals were set by, each once, with the status of what was not seen officially."""
    found = dict.fromkeys(
        f"目标：{goal.source}" + ("" if goal.status == "official" else "（未核实）" * (goal.status == "unverified"))
        for line in figures.lines
        for indicator in figures.indicators
        if (goal := line.figures.indicators[indicator].goal) is not None
    )
    return tuple(found)


def _line(
    row: RegionSummary, tree: RegionTree, tiers: Mapping[str, BasinTier] | None = None, *, total: bool = False
) -> Line:
    above = {region.level: region.name for region in tree.chain(row.region.code)}
    tier = (tiers or {}).get(row.region.code)
    return Line(
        row,
        prefecture=above.get(RegionLevel.PREFECTURE, ""),
        province=above.get(RegionLevel.PROVINCE, ""),
        tier=tier,
        total=total,
    )


def _renamed(row: RegionSummary, name: str) -> RegionSummary:
    return row.model_copy(update={"region": row.region.model_copy(update={"name": name})})


def _counties(tree: RegionTree, code: str) -> list[str]:
    return [county.code for county in tree.descendants(code, RegionLevel.COUNTY)]
