"""The Chinese of exported tables: states, periods, tiers. Pure."""

from collections.abc import Mapping

from schemas.period import Period
from schemas.vocabulary import BasinTier, FilingState, GoalState, RecordStatus

GOAL_STATES: Mapping[GoalState, str] = {
    GoalState.MET: "达标",
    GoalState.BELOW: "未达标",
    GoalState.NOT_DUE: "未到期",
    GoalState.NO_GOAL: "无目标",
    GoalState.NO_DATA: "无数据",
}

FILING_STATES: Mapping[FilingState, str] = {
    FilingState.OPEN: "未报送",
    FilingState.FILED: "已报送",
    FilingState.ENDORSED: "已复核",
    FilingState.ACCEPTED: "已通过",
    FilingState.PUBLISHED: "已公布",
}

RECORD_STATES: Mapping[RecordStatus, str] = {
    RecordStatus.SUBMITTED: "待审核",
    RecordStatus.RETURNED: "已退回",
    RecordStatus.ACCEPTED: "已通过",
    RecordStatus.WITHDRAWN: "已撤销",
}

BASIN_TIERS: Mapping[BasinTier, str] = {
    BasinTier.CORE: "核心区",
    BasinTier.EXTENDED: "拓展区",
    BasinTier.PERIPHERAL: "外围区",
}

PARTS: Mapping[str, str] = {
    "": "",
    "H1": "上半年",
    "Q1": "1—3月",
    "Q2": "1—6月",
    "Q3": "1—9月",
    "Q4": "1—12月",
}
"""Parts of a year are cumulative to date."""


def period_said(period: Period) -> str:
    """Return a period as a form has it, such as 2025年1—9月."""
    return f"{period.year}年{PARTS[period.part]}"
