"""Checks that only the whole of a province shows."""

from collections.abc import Mapping
from decimal import Decimal

from schemas.checks.check import Check, Threshold, count, share
from schemas.vocabulary import CheckLevel, Unit

JUST_ABOVE_GOAL = Check(
    "just_above_goal",
    CheckLevel.PROVINCE,
    "多县刚好达标",
    "Many counties just above the goal",
    "{counties} 个县（有数的 {of} 个）的结果高出目标不超过 {points} 个百分点，请核实。",
    "{counties} of {of} counties with a figure lie at most {points} points above their goal; please check.",
    {
        "above": share("0.001", "高出目标不超过", "above the goal, at most"),
        "counties": count(3, "县数不少于", "counties, at least"),
        "share": share("0.2", "占有数县的比例不低于", "share of the counties with a figure, at least"),
    },
)

TRANSFERS_UNBALANCED = Check(
    "straw_transfers_unbalanced",
    CheckLevel.PROVINCE,
    "秸秆调出与调入不平衡",
    "Straw sent out and bought in do not balance",
    "全省县级报表秸秆调出 {outbound} 吨、调入 {inbound} 吨，相差 {percent}%，请核实跨省调运或重复填报。",
    "The counties' statements send out {outbound} t and buy in {inbound} t of straw, {percent} % apart; please check "
    "transfers across the province's border, or double counts.",
    {
        "share": share("0.2", "相差占较大者的比例超过", "difference over the larger, over"),
        "coverage": share("0.5", "已报县级报表的县占比不低于", "share of the counties that have filed, at least"),
        "tonnes": Threshold(Decimal(1000), Unit.TONNE, "相差超过", "difference, over"),
    },
)

SOURCES_DIFFER = Check(
    "statistics_differ",
    CheckLevel.PROVINCE,
    "统计数与农业部门数不一致",
    "Statistics and agriculture figures differ",
    "较 {base} 年的变化，统计年鉴为 {published}%，农业部门（{counties} 个县）为 {reported}%，"
    "相差 {points} 个百分点，请核实口径。",
    "Since {base} the yearbook shows a change of {published} %, the reports of {counties} counties {reported} %: "
    "{points} points apart; please check their scopes.",
    {
        "difference": share("0.03", "相差超过", "difference, over"),
        "coverage": share("0.5", "有两年数据的县占比不低于", "share of the counties with both years, at least"),
    },
)

PROVINCE_CHECKS: Mapping[str, Check] = {
    one.code: one for one in (JUST_ABOVE_GOAL, TRANSFERS_UNBALANCED, SOURCES_DIFFER)
}
