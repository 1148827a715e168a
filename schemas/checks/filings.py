"""Checks of what a county files: against last year, against its own field, against what it said before."""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

from schemas.checks.check import Check, count, share
from schemas.problem_catalogue.figures import FIGURE_PROBLEMS
from schemas.vocabulary import CheckLevel, Indicator

_DIFFERS = FIGURE_PROBLEMS["statement_differs"]


RATE_JUMPS = Check(
    "rate_jumps",
    CheckLevel.FILING,
    "比率同比变动过大",
    "A rate jumps within a year",
    "{view}为 {now}%，{before} 为 {was}%，变动 {points} 个百分点，请说明原因。",
    "{view} of {now} % against {was} % in {before}: a change of {points} points; please give the reason.",
    {"change": share("0.15", "变动超过", "change, over")},
    weight=2,
)

AMOUNT_JUMPS = Check(
    "amount_jumps",
    CheckLevel.FILING,
    "总量同比变动过大",
    "An amount jumps within a year",
    "{view}为 {now} {unit}，{before} 为 {was} {unit}，变动 {percent}%，请说明原因。",
    "{view} of {now} {unit} against {was} {unit} in {before}: a change of {percent} %; please give the reason.",
    {"change": replace(share("0.3", "变动幅度超过", "change, over"), of={Indicator.IRRIGATION_NEW_AREA: Decimal(5)})},
    weight=2,
)

INPUT_AGAINST_AREA = Check(
    "input_falls_area_rises",
    CheckLevel.FILING,
    "面积增加而投入减少",
    "Input falls while sown area rises",
    "{view}中投入品用量较 {before} 下降 {percent}%，而播种面积由 {area_was} 亩增至 {area_now} 亩，请说明原因。",
    "{view}: the input fell by {percent} % since {before} while sown area rose from {area_was} to {area_now} mu; "
    "please give the reason.",
    {"fall": share("0.05", "降幅达到", "fall, from")},
    weight=2,
)

STATEMENT_DIFFERS = Check(
    "statement_differs",
    CheckLevel.FILING,
    "县级报表与田间汇总不一致",
    "The statement differs from the field sum",
    _DIFFERS.zh,
    _DIFFERS.en,
    {"difference": share("0.03", "相差超过", "difference, over")},
    weight=2,
)

BEFORE_TOWNSHIPS = Check(
    "filed_before_townships",
    CheckLevel.FILING,
    "乡镇未报齐即上报",
    "Filed before the townships",
    "{silent} 个乡镇尚无填报（共 {townships} 个）即已上报：{names}。",
    "Filed while {silent} of {townships} townships had not reported: {names}.",
    weight=2,
)

ACROSS_GOAL = Check(
    "amended_across_goal",
    CheckLevel.FILING,
    "临近截止期修改后达标",
    "Amended across the goal near the deadline",
    "截止日（{deadline}）前 {days} 天内修改报表，结果由 {was}% 变为 {now}%，跨过目标 {goal}%，请说明修改依据。",
    "Amended within {days} days of the deadline ({deadline}): from {was} % to {now} %, across the goal of {goal} %; "
    "please give the grounds.",
    {
        "days": count(15, "截止日前天数", "days before the deadline"),
        "deadline_month": count(1, "次年截止月份", "month of the deadline, in the next year"),
        "deadline_day": count(31, "次年截止日", "day of the deadline"),
    },
    weight=3,
)

FILING_CHECKS: Mapping[str, Check] = {
    one.code: one
    for one in (
        RATE_JUMPS,
        AMOUNT_JUMPS,
        INPUT_AGAINST_AREA,
        STATEMENT_DIFFERS,
        BEFORE_TOWNSHIPS,
        ACROSS_GOAL,
    )
}
