"""The columns of an indicator's figures, from the catalogue, and a region's values in them. Pure.

Nothing is computed here but percents of shares that a summary already holds: sums, rates, gaps and distances are those
of the summaries.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from backend.exports.sheet import Column, Kind, Value
from backend.exports.words import BASIN_TIERS, FILING_STATES, GOAL_STATES
from backend.rollup.goal_line import percent
from schemas.indicators.spec import IndicatorSpec
from schemas.summaries import FiledFigure, GoalShown, IndicatorSummary, LedgerDigest, RegionSummary, ViewFigure
from schemas.vocabulary import UNIT_NAMES, BasinTier, FigureKind, GoalType, Indicator, View

PERCENT = ("%", "%")
POINTS = ("百分点", "percentage points")
COUNTIES = ("个县", "counties")
REPORTS = ("份", "reports")


@dataclass(frozen=True, slots=True)
class Line:
    """A region's figures with where it lies; `total` marks a sum over the other lines."""

    figures: RegionSummary
    prefecture: str = ""
    province: str = ""
    tier: BasinTier | None = None
    total: bool = False

    @property
    def name(self) -> str:
        """The name of the region, or what a sum is over."""
        name = self.figures.region.name
        return f"{name}合计" if self.total and not name.endswith("合计") else name


@dataclass(frozen=True, slots=True)
class Figures:
    """What is exported of a region or basin: totals, rows, and what they were computed from."""

    place: str
    totals: tuple[Line, ...]
    rows: tuple[Line, ...]
    indicators: tuple[Indicator, ...]
    ledger: LedgerDigest
    published_only: bool
    by_county: bool
    is_basin: bool
    complete: bool = True
    """Of a basin: whether all of its counties are in it."""

    @property
    def lines(self) -> tuple[Line, ...]:
        """Totals and rows, as they stand in a table."""
        return (*self.totals, *self.rows)


def place_columns(figures: Figures) -> list[Column]:
    """Return the columns that say which region a row is of."""
    columns = [
        Column("region_code", "行政区划代码", "Region code"),
        Column("region_name", "行政区划名称", "Region"),
        Column("prefecture", "地（市、州）", "Prefecture"),
        Column("province", "省（区、市）", "Province"),
    ]
    if figures.is_basin:
        columns.append(Column("basin_tier", "流域层级", "Tier of the basin"))
    return columns


def place_values(line: Line, figures: Figures) -> list[Value]:
    """Return a line's values in the columns of `place_columns`."""
    region = line.figures.region
    found: list[Value] = [region.code, line.name, line.prefecture, line.province]
    if figures.is_basin:
        found.append("" if line.tier is None else BASIN_TIERS[line.tier])
    return found


def figure_columns(spec: IndicatorSpec, figures: Figures) -> list[Column]:
    """Return the columns of an indicator; what is an office's own business is left out of published figures."""
    found = [*_headline(spec), *_goal(spec)]
    if not figures.published_only:
        found += [*_filed(spec, "official", "官方数"), *_filed(spec, "pending", "报送中"), *_field(spec)]
    found.append(Column("counties_with_figure", "有数县数", "Counties with a figure", Kind.COUNT, COUNTIES,
                        printed=not figures.by_county))  # fmt: skip
    found.append(Column("counties", "应报县数", "Counties that report", Kind.COUNT, COUNTIES,
                        printed=not figures.by_county))  # fmt: skip
    if not figures.published_only:
        found.append(Column("counties_not_filed", "未报送县数", "Counties that have not filed", Kind.COUNT, COUNTIES,
                            printed=not figures.by_county))  # fmt: skip
        found.append(Column("filing_state", "报送状态", "State of the filing", printed=figures.by_county))
    return found


def figure_values(spec: IndicatorSpec, line: Line, figures: Figures) -> list[Value]:
    """Return a line's values in the columns of `figure_columns`."""
    one = line.figures.indicators[spec.indicator]
    found = [*_headline_values(spec, one), *_goal_values(spec, one)]
    if not figures.published_only:
        found += _filed_values(spec, one.filing.official)
        found += _filed_values(spec, one.filing.pending)
        found += _field_values(spec, one)
    found += [one.headline.counties, line.figures.counties]
    if not figures.published_only:
        found += [one.filing.missing, FILING_STATES[one.filing.state]]
    return found


def _amount(name: str, zh: str, en: str, spec: IndicatorSpec, group: str = "", *, printed: bool = True) -> Column:
    return Column(name, zh, en, Kind.AMOUNT, UNIT_NAMES[spec.numerator.unit], group, printed)


def _headline(spec: IndicatorSpec) -> Iterator[Column]:
    numerator, denominator = spec.numerator, spec.denominator
    yield _amount("numerator", numerator.zh, numerator.en, spec)
    if denominator is not None:
        yield Column("denominator", denominator.zh, denominator.en, Kind.AMOUNT, UNIT_NAMES[denominator.unit])
    match spec.kind:
        case FigureKind.RATE:
            yield Column("rate_percent", spec.zh, spec.en, Kind.PERCENT, PERCENT)
        case FigureKind.CHANGE:
            yield Column("change_percent", "比基期增减", "Change against the base year", Kind.PERCENT, PERCENT)
            yield _amount(
                "amount_all", "全部县本期用量", "Amount of all counties, compared or not", spec, printed=False
            )
            yield Column("counties_compared", "两期可比县数", "Counties compared", Kind.COUNT, COUNTIES, printed=False)
        case FigureKind.CUMULATIVE:
            pass


def _headline_values(spec: IndicatorSpec, one: IndicatorSummary) -> list[Value]:
    figure = one.headline
    found: list[Value] = [_number(figure.numerator)]
    if spec.denominator is not None:
        found.append(_number(figure.denominator))
    if spec.kind is not FigureKind.CUMULATIVE:
        found.append(_number(figure.rate_percent))
    if spec.kind is FigureKind.CHANGE:
        found += [_number(figure.amount), figure.compared_counties or 0]
    return found


def _goal(spec: IndicatorSpec) -> Iterator[Column]:
    if spec.kind is FigureKind.CUMULATIVE:
        yield _amount("goal_amount", "目标值", "Goal", spec)
        yield Column("goal_nature", "目标性质", "Assigned goal, or reference line")
        yield _amount("distance_amount", "距目标", "Distance to the goal", spec)
    else:
        yield Column("goal_percent", "目标值", "Goal", Kind.PERCENT, PERCENT)
        yield Column("goal_nature", "目标性质", "Assigned goal, or reference line")
        yield Column("distance_points", "距目标", "Distance to the goal", Kind.PERCENT, POINTS)
    yield Column("state", "完成情况", "State")


def _goal_values(spec: IndicatorSpec, one: IndicatorSummary) -> list[Value]:
    value = None
    if one.goal is not None:
        given = Decimal(one.goal.value)
        value = given if spec.kind is FigureKind.CUMULATIVE else percent(given)
    distance = one.distance_amount if spec.kind is FigureKind.CUMULATIVE else one.distance_points
    return [value, goal_nature(one.goal), _number(distance), GOAL_STATES[one.headline.state]]


def goal_nature(goal: GoalShown | None) -> str:
    """Return whether a goal was assigned to the region, or stands there for comparison only."""
    if goal is None:
        return ""
    if not goal.assigned:
        return "参考线"
    return "不增长" if goal.type is GoalType.NO_INCREASE else "本级目标"


def _filed(spec: IndicatorSpec, name: str, zh: str) -> Iterator[Column]:
    """Yield the columns of what was filed: a form shows the rate alone, where there is one."""
    is_rate = spec.kind is FigureKind.RATE
    numerator = spec.numerator
    yield _amount(f"{name}_numerator", numerator.zh, f"{numerator.en}, {name}", spec, zh, printed=not is_rate)
    if is_rate and spec.denominator is not None:
        unit = UNIT_NAMES[spec.denominator.unit]
        en = f"{spec.denominator.en}, {name}"
        yield Column(f"{name}_denominator", spec.denominator.zh, en, Kind.AMOUNT, unit, zh, printed=False)
        yield Column(f"{name}_percent", "比率", f"Rate, {name}", Kind.PERCENT, PERCENT, zh)
    yield Column(f"{name}_counties", "县数", f"Counties, {name}", Kind.COUNT, COUNTIES, zh, printed=False)


def _filed_values(spec: IndicatorSpec, filed: FiledFigure | None) -> list[Value]:
    numerator = _number(filed.numerator) if filed is not None else None
    counties = filed.counties if filed is not None else 0
    if spec.kind is not FigureKind.RATE or spec.denominator is None:
        return [numerator, counties]
    if filed is None:
        return [None, None, None, 0]
    return [numerator, _number(filed.denominator), _number(filed.rate_percent), counties]


def _field(spec: IndicatorSpec) -> Iterator[Column]:
    group = "田间汇总"
    yield _amount("field_numerator", spec.numerator.zh, f"{spec.numerator.en}, field sum", spec, group,
                  printed=spec.kind is FigureKind.CUMULATIVE)  # fmt: skip
    if spec.denominator is not None:
        unit = UNIT_NAMES[spec.denominator.unit]
        yield Column("field_denominator", spec.denominator.zh, f"{spec.denominator.en}, field sum", Kind.AMOUNT, unit,
                     group, printed=False)  # fmt: skip
    if spec.kind is not FigureKind.CUMULATIVE:
        label = "比率" if spec.kind is FigureKind.RATE else "增减"
        yield Column("field_percent", label, "Field sum", Kind.PERCENT, PERCENT, group)
    yield Column("field_reports", "填报份数", "Reports of the field sum", Kind.COUNT, REPORTS, group)
    if spec.kind is FigureKind.RATE:
        yield Column("gap_points", "报表与田间之差", "Statement less field sum", Kind.PERCENT, POINTS)


def _field_values(spec: IndicatorSpec, one: IndicatorSummary) -> list[Value]:
    figure: ViewFigure = one.views[View.FARM]
    found: list[Value] = [_number(figure.numerator)]
    if spec.denominator is not None:
        found.append(_number(figure.denominator))
    if spec.kind is not FigureKind.CUMULATIVE:
        found.append(_number(figure.rate_percent))
    found.append(figure.reports)
    if spec.kind is FigureKind.RATE:
        found.append(_number(one.gap_points))
    return found


def _number(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)
