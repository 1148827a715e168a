"""The shipped goals as a table, and what an indicator's own line says of them."""

from backend.contract.method.markdown import both, table
from backend.contract.words import GOAL_TYPES, STATUSES, Words, region_words
from schemas.decimals import plain
from schemas.indicators.catalogue import CATALOGUE
from schemas.indicators.spec import IndicatorSpec
from schemas.reference.loader import goals
from schemas.reference.rows import GoalRow
from schemas.regions import NATION
from schemas.vocabulary import UNIT_NAMES, GoalType, Indicator, Unit

HEADS = (
    "地区 Region",
    "指标 Indicator",
    "目标 Goal",
    "有效期 Valid",
    "责任部门 Department",
    "来源 Source",
    "状态 Status",
)


def goals_table() -> str:
    """Return every shipped goal with its source and status."""
    rows = [
        [
            both(*region_words(goal.region_code)),
            _indicator(goal.indicator),
            both(*_value(goal)),
            f"{goal.valid_from}–{goal.due_year}",
            goal.department,
            goal.source,
            STATUSES[goal.status][0],
        ]
        for goal in goals()
    ]
    heads = [
        "地区 Region",
        "指标 Indicator",
        "目标 Goal",
        "有效期 Valid",
        "责任部门 Department",
        "来源 Source",
        "状态 Status",
    ]
    return table(heads, rows)


def national_goal(spec: IndicatorSpec) -> str:
    """Return what the national plan asks of an indicator; empty where it sets no number."""
    found = [goal for goal in goals() if goal.indicator is spec.indicator and goal.region_code == NATION]
    return "；".join(f"{goal.due_year} 年{_value(goal)[0]} · {_value(goal)[1]} by {goal.due_year}" for goal in found)


def _indicator(indicator: Indicator) -> str:
    spec = CATALOGUE[indicator]
    return both(spec.zh, spec.en)


def _value(goal: GoalRow) -> Words:
    zh, en = GOAL_TYPES[goal.type]
    if goal.type is GoalType.NO_INCREASE:
        return zh, en
    if goal.unit is Unit.RATE:
        percent = plain(goal.value * 100)
        return f"{zh} {percent}%", f"{en} {percent} %"
    unit_zh, unit_en = UNIT_NAMES[goal.unit]
    amount = f"{goal.value:,f}"
    return f"{zh} {amount} {unit_zh}", f"{en} {amount} {unit_en}"
