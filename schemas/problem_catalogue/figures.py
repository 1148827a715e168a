"""Problems of a figure: why it is missing, or what to hold against it."""

from collections.abc import Mapping

from schemas.problem_catalogue.problem_type import ProblemType

FIGURE_PROBLEMS: Mapping[str, ProblemType] = {
    "goal_weaker": ProblemType(
        422,
        "本地目标 {value}% 低于上级目标 {parent}%。",
        "The local goal of {value} % is below the parent's {parent} %.",
    ),
    "goal_scope_unknown": ProblemType(
        422,
        "目标口径与本指标的关系未定，不作比较。",
        "How the goal's scope compares with this indicator is not known; the two are not compared.",
    ),
    "goal_scope_wider": ProblemType(
        422,
        "目标口径为{counted}，宽于本指标；本指标的数只是其中一部分，到期时如未满目标，也不能据此判为未达标。",
        "The goal counts {counted}, more than this indicator does: its sum is a part of that, and to fall short "
        "by the due year does not show that the goal was missed.",
    ),
    "goal_years_missing": ProblemType(
        422,
        "目标自 {first} 年起算，本指标自 {start} 年起才有数；到期时如未满目标，也不能据此判为未达标。",
        "The goal counts from {first}, this indicator only from {start}: to fall short by the due year does not show "
        "that the goal was missed.",
    ),
    "statement_differs": ProblemType(
        422,
        "县级报表 {statement}% 与田间汇总 {farm}% 相差 {points} 个百分点，请说明原因。",
        "The county statement of {statement} % and the field sum of {farm} % differ by {points} points; "
        "give the reason.",
    ),
    "rate_over_whole": ProblemType(
        422,
        "田间汇总的比率为 {value}%，超过 100%，请核对。",
        "The rate of the field sum is {value} %, over 100 %; please check.",
    ),
}
