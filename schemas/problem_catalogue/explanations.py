"""Problems of asking for a figure as it stood, and for its signed statement."""

from collections.abc import Mapping

from schemas.problem_catalogue.problem_type import ProblemType

EXPLANATION_PROBLEMS: Mapping[str, ProblemType] = {
    "as_of_invalid": ProblemType(
        422,
        "as_of 应为带时区的时间（如 2025-12-31T18:00:00+08:00）、报送状态（filed、endorsed、accepted、published）"
        "或 filing:<办理编号>，收到“{value}”。",
        "as_of is a time with its zone (2025-12-31T18:00:00+08:00), a state of a filing (filed, endorsed, accepted, "
        "published) or filing:<step id>; got '{value}'.",
    ),
    "as_of_future": ProblemType(
        422, "{value} 尚未到来，只能查询过去的数字。", "{value} has not come yet; only the past can be asked for."
    ),
    "as_of_before_ledger": ProblemType(
        422,
        "{value} 时“{region}”的账本尚无记录，首条记录于 {first}。",
        "At {value} the ledgers of '{region}' had no entry yet; the first was recorded at {first}.",
    ),
    "as_of_never_filed": ProblemType(
        404,
        "“{region}”的该项数字没有这样的报送记录（{value}）。",
        "This figure of '{region}' was never filed so ({value}).",
    ),
    "revisions_before_invalid": ProblemType(
        422,
        "翻页标记无法识别，请使用上一页给出的 next。",
        "The page mark cannot be read; use the `next` of the page before.",
    ),
    "figure_not_rebuilt": ProblemType(
        409,
        "“{region}”报送时冻结的数字与账本条目重建的结果不符，不予公布。请核对账本（ledger verify、figure verify）。",
        "What '{region}' froze when it filed is not what its ledger entries give; it is not published. Verify the "
        "ledger (ledger verify, figure verify).",
    ),
    "figure_not_published": ProblemType(
        404, "“{region}”的该项数字尚未公布，没有签名文书。", "This figure of '{region}' has not been published yet."
    ),
}
