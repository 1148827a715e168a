"""The printed summary: what stands on its A4 pages, chosen and worded; the setting is `summary.typ`. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import shapely

from backend.exports.county_map import draw, legend
from backend.exports.figures import Figures, Line, goal_nature
from backend.exports.method import method_lines
from backend.exports.provenance import DEMO, DEMO_EXPLAINED, Provenance
from backend.exports.words import BASIN_TIERS, FILING_STATES, GOAL_STATES
from backend.rollup.goal_line import percent
from schemas.decimals import rounded
from schemas.exports import FORM_MARKS
from schemas.indicators.catalogue import CATALOGUE
from schemas.summaries import BasinSummary, FiledFigure, IndicatorSummary, ViewFigure
from schemas.vocabulary import UNIT_NAMES, BasinTier, FigureKind, GoalState, Indicator, View

FURTHEST = 10
MOST_COUNTIES = 38
NUMERALS = "零一二三四五六"
TEN_THOUSAND = Decimal(10_000)
DASH = "—"


@dataclass(frozen=True, slots=True)
class MapAsked:
    """What the small map shows, and of which outlines it is drawn; None: no map."""

    indicator: Indicator
    outlines: Mapping[str, shapely.Geometry]
    source: str


def document(
    figures: Figures, provenance: Provenance, rows_sha256: str, basins: Sequence[BasinSummary], drawn: MapAsked | None
) -> dict[str, Any]:
    """Return everything that the pages say, as JSON that the setting reads; no text in it is ever markup."""
    return {
        "demo": DEMO if provenance.demo else "",
        "demo_explained": DEMO_EXPLAINED.split(" · ")[0],
        "title": f"{figures.place}农业清洁生产情况表",
        "period": provenance.period_zh,
        "scope": provenance.scope,
        "marks": {name: provenance.marks.of(name) for name in FORM_MARKS},
        "labels": dict(FORM_MARKS),
        "published_only": figures.published_only,
        "totals": [_total(line, figures) for line in figures.totals],
        "furthest": furthest(figures),
        "basins": [_basin(one, figures.indicators) for one in basins],
        "tiers": _tiers(figures) if figures.is_basin else [],
        "counties": _counties(figures, 4 if basins or figures.is_basin else 3),
        "map": None if drawn is None else _map(figures, drawn),
        "method": [list(line) for line in method_lines(figures.indicators)],
        "sources": list(provenance.sources),
        "said": [
            ["查询", provenance.query],
            ["导出时间", provenance.moment],
            ["账本摘要", provenance.ledger.digest],
            ["数据摘要", rows_sha256],
        ],
    }


def furthest(figures: Figures, count: int = FURTHEST) -> list[dict[str, str]]:
    """Return the counties that are furthest below a goal, the furthest first; each with the indicator it is of."""
    found = [
        (Decimal(one.distance_points), line, indicator, one)
        for line in figures.rows
        for indicator in figures.indicators
        if (one := line.figures.indicators[indicator]).distance_points is not None
        and CATALOGUE[indicator].kind is FigureKind.RATE
        and Decimal(one.distance_points or 0) < 0
    ]
    found.sort(key=lambda each: (each[0], each[1].figures.region.code, each[2]))
    return [
        {
            "name": line.name,
            "above": line.prefecture or line.province,
            "indicator": CATALOGUE[indicator].zh,
            "value": f"{one.headline.rate_percent}",
            "goal": _goal(indicator, one),
            "distance": _signed(distance),
            "state": GOAL_STATES[one.headline.state],
            "filing": "" if figures.published_only else FILING_STATES[one.filing.state],
        }
        for distance, line, indicator, one in found[:count]
    ]


def map_indicator(figures: Figures) -> Indicator | None:
    """Return the indicator that the map shows: the first rate with a goal and with figures in two counties or more."""
    for indicator in figures.indicators:
        known = [line for line in figures.rows if line.figures.indicators[indicator].distance_points is not None]
        if CATALOGUE[indicator].kind is FigureKind.RATE and len(known) > 1:
            return indicator
    return None


def _total(line: Line, figures: Figures) -> dict[str, Any]:
    return {
        "name": line.name,
        "counties": line.figures.counties,
        "rows": [_indicator(indicator, line, figures) for indicator in figures.indicators],
    }


def _indicator(indicator: Indicator, line: Line, figures: Figures) -> dict[str, Any]:
    spec, one = CATALOGUE[indicator], line.figures.indicators[indicator]
    is_rate = spec.kind is FigureKind.RATE
    goal = Decimal(one.goal.value) if one.goal is not None else None
    rate = one.headline.rate
    return {
        "name": spec.zh,
        "unit": "万亩" if spec.kind is FigureKind.CUMULATIVE else "%",
        "value": _value(spec.kind, one.headline),
        "terms": _terms(indicator, one.headline),
        "goal": _goal(indicator, one),
        "nature": goal_nature(one.goal),
        "distance": _distance(spec.kind, one),
        "state": GOAL_STATES[one.headline.state],
        "missed": one.headline.state is GoalState.BELOW,
        "official": _filed(spec.kind, one.filing.official),
        "pending": _filed(spec.kind, one.filing.pending),
        "field": _value(spec.kind, one.views[View.FARM]),
        "coverage": f"{one.headline.counties}/{line.figures.counties}",
        "bar": float(min(Decimal(rate), Decimal(1))) if is_rate and rate is not None else None,
        "mark": float(goal) if is_rate and goal is not None else None,
        "filed": "" if figures.published_only else f"{line.figures.counties - one.filing.missing}",
    }


def _value(kind: FigureKind, figure: ViewFigure) -> str:
    if kind is FigureKind.CUMULATIVE:
        return DASH if figure.numerator is None else _in_ten_thousands(figure.numerator)
    if figure.rate_percent is None:
        return DASH
    return _signed(Decimal(figure.rate_percent)) if kind is FigureKind.CHANGE else figure.rate_percent


def _terms(indicator: Indicator, figure: ViewFigure) -> str:
    """Return the amounts behind a figure with their names, in 10,000 t or mu where they are large."""
    spec = CATALOGUE[indicator]
    if spec.denominator is None or figure.numerator is None or figure.denominator is None:
        return ""
    unit = UNIT_NAMES[spec.numerator.unit][0]
    part, whole = _large(figure.numerator, unit), _large(figure.denominator, unit)
    return f"{spec.numerator.zh} {part}；{spec.denominator.zh} {whole}"


def _large(text: str, unit: str) -> str:
    value = Decimal(text)
    if abs(value) >= TEN_THOUSAND:
        return f"{rounded(value / TEN_THOUSAND, 2):,f} 万{unit}"
    return f"{rounded(value, 2):,f} {unit}"


def _in_ten_thousands(text: str) -> str:
    return f"{rounded(Decimal(text) / TEN_THOUSAND, 2):,f}"


def _goal(indicator: Indicator, one: IndicatorSummary) -> str:
    if one.goal is None:
        return DASH
    match CATALOGUE[indicator].kind:
        case FigureKind.CUMULATIVE:
            return _in_ten_thousands(one.goal.value)
        case FigureKind.CHANGE:
            return f"≤ {percent(Decimal(one.goal.value)).normalize():f}"
        case FigureKind.RATE:
            return f"≥ {percent(Decimal(one.goal.value)).normalize():f}"


def _distance(kind: FigureKind, one: IndicatorSummary) -> str:
    if kind is FigureKind.CUMULATIVE:
        return DASH if one.distance_amount is None else _signed(Decimal(_plain(_in_ten_thousands(one.distance_amount))))
    return DASH if one.distance_points is None else _signed(Decimal(one.distance_points))


def _plain(text: str) -> str:
    return text.replace(",", "")


def _signed(value: Decimal) -> str:
    """Return a number with its sign, the minus as it is printed."""
    said = f"{rounded(value, 2):+,f}"
    return said.replace("-", "−") if value else "0.00"


def _filed(kind: FigureKind, filed: FiledFigure | None) -> str:
    if filed is None:
        return DASH
    if kind is FigureKind.RATE:
        return DASH if filed.rate_percent is None else f"{rounded(Decimal(filed.rate_percent), 2):f}"
    if kind is FigureKind.CHANGE or filed.numerator is None:  # a filing freezes the amount, its base is the summary's
        return DASH
    return _in_ten_thousands(filed.numerator)


def _basin(one: BasinSummary, indicators: Sequence[Indicator]) -> dict[str, Any]:
    chosen = [each for each in indicators if CATALOGUE[each].kind is FigureKind.RATE]
    return {
        "name": one.basin.name,
        "counties": "、".join(f"{BASIN_TIERS[tier]} {number}" for tier, number in _counted(one).items() if number),
        "core": [_value(FigureKind.RATE, one.core.indicators[each].headline) for each in chosen],
        "both": [_value(FigureKind.RATE, one.core_and_extended.indicators[each].headline) for each in chosen],
        "indicators": [CATALOGUE[each].zh for each in chosen],
    }


def _counted(one: BasinSummary) -> dict[BasinTier, int]:
    """Return how many of the counties shown belong to each tier; only a region's own are."""
    found = dict.fromkeys(BasinTier, 0)
    for row in one.rows:
        for membership in row.basins:
            if membership.code == one.basin.code:
                found[membership.tier] += 1
    return found


def _tiers(figures: Figures) -> list[dict[str, str]]:
    return [
        {"tier": BASIN_TIERS[tier], "counties": "、".join(line.name for line in figures.rows if line.tier is tier)}
        for tier in BasinTier
        if any(line.tier is tier for line in figures.rows)
    ]


def _counties(figures: Figures, number: int) -> dict[str, Any]:
    """Return the counties with any figure, as many as a page holds, in the order of their codes."""
    known = [
        line
        for line in figures.rows
        if any(line.figures.indicators[one].headline.counties for one in figures.indicators)
    ]
    shown = known[:MOST_COUNTIES]
    return {
        "number": NUMERALS[number],
        "next": NUMERALS[number + 1],
        "heads": [
            f"{CATALOGUE[one].zh}（{'万亩' if CATALOGUE[one].kind is FigureKind.CUMULATIVE else '%'}）"
            for one in figures.indicators
        ],
        "rows": [
            {
                "name": line.name,
                "above": line.prefecture or line.province,
                "values": [
                    [_value(CATALOGUE[one].kind, figure.headline), figure.headline.state is GoalState.BELOW]
                    for one in figures.indicators
                    for figure in (line.figures.indicators[one],)
                ],
            }
            for line in shown
        ],
        "left": len(known) - len(shown),
    }


def _map(figures: Figures, drawn: MapAsked) -> dict[str, Any]:
    distances = {
        line.figures.region.code: None if (said := line.figures.indicators[drawn.indicator].distance_points) is None
        else Decimal(said)
        for line in figures.rows
    }  # fmt: skip
    goals = {
        Decimal(goal.value)
        for line in figures.rows
        if (goal := line.figures.indicators[drawn.indicator].goal) is not None
    }
    return {
        "svg": draw(drawn.outlines, distances),
        "indicator": CATALOGUE[drawn.indicator].zh,
        "legend": [[entry.colour, entry.label] for entry in legend(percent(goals.pop()) if len(goals) == 1 else None)],
        "source": drawn.source,
    }
