"""Problems of a filing: why a step cannot be taken, and what waits for it."""

from collections.abc import Mapping

from schemas.problem_catalogue.problem_type import ProblemType

FILING_PROBLEMS: Mapping[str, ProblemType] = {
    "not_a_county": ProblemType(
        422, "“{value}”不是县级行政区，只有县级报送。", "'{value}' is no county; only counties file."
    ),
    "not_your_step": ProblemType(
        403,
        "您的账号不能对“{region}”的报送{action_zh}，应由{office_zh}办理。",
        "Your account may not {action} the filing of '{region}'; that is for {office}.",
    ),
    "filing_moved": ProblemType(
        409,
        "该报送现为“{state_zh}”，与您看到的“{seen_zh}”不同，请刷新后再办理。",
        "The filing is now '{state}', you saw '{seen}'; reload it and decide again.",
    ),
    "step_impossible": ProblemType(
        409,
        "该报送现为“{state_zh}”，不能{action_zh}。",
        "The filing is '{state}'; the step '{action}' cannot be taken from there.",
    ),
    "step_id_reused": ProblemType(
        409, "该办理编号已用于另一次办理。", "This step id was already used for another step."
    ),
    "return_reasons_missing": ProblemType(422, "退回须写明理由，至少一条。", "A return needs at least one reason."),
    "explanation_missing": ProblemType(
        422,
        "该报送曾被退回，重新报送须说明整改情况。",
        "The filing was returned before; say what was done about the reasons when you file it again.",
    ),
    "statement_missing": ProblemType(
        409,
        "本期县级报表尚未填报，请先填报再报送。",
        "There is no county statement for the period yet; fill it in before you file.",
    ),
    "difference_unexplained": ProblemType(
        422,
        "{label}：县级报表为 {stated} {unit_zh}，审核通过的填报合计为 {accepted} {unit_zh}，请说明差异原因。",
        "{label}: the statement says {stated} {unit}, the accepted reports add up to {accepted} {unit}; "
        "give the reason.",
    ),
    "filed_without_reports": ProblemType(
        422,
        "本期尚无审核通过的填报，请说明县级报表的数据来源。",
        "No report of the period has been accepted yet; say what the statement rests on.",
    ),
    "exception_of_open": ProblemType(
        409, "该报送尚未锁定，无须开放补报。", "The filing is open and locks nothing; no exception is needed."
    ),
    "exception_too_long": ProblemType(
        422,
        "补报截止时间应在今后 {days} 天之内，收到 {value}。",
        "An exception must end within the next {days} days, got {value}.",
    ),
    "year_locked": ProblemType(
        409,
        "该指标 {period} 期已报送并锁定，本次变更已保存，待上级开放补报或退回、撤回报送后自动处理，结果同步时告知。",
        "The indicator has been filed for {period} and is locked; this change is kept and decided once the filing is "
        "recalled, returned or opened by an exception, you will be told.",
    ),
    # What a county still lacks before it files.
    "ready_no_statement": ProblemType(422, "县级报表尚未填报。", "The county statement is missing."),
    "ready_unreviewed": ProblemType(422, "{count} 份填报待审核。", "{count} reports wait for review."),
    "ready_returned": ProblemType(
        422, "{count} 份填报已退回，尚未重新提交。", "{count} reports were returned and not sent again."
    ),
    "ready_silent": ProblemType(422, "{count} 个乡镇尚无填报。", "{count} townships have no report."),
    "ready_differs": ProblemType(
        422,
        "县级报表有 {count} 项与审核通过的填报合计不一致，报送时须说明原因。",
        "{count} quantities of the statement differ from the accepted reports; each needs a reason.",
    ),
    "ready_flagged": ProblemType(
        422, "{count} 份填报带有提示，请核对。", "{count} reports carry a warning; check them."
    ),
    "ready_findings": ProblemType(
        422, "{count} 条核查问题尚未说明或排除。", "{count} findings are neither explained nor dismissed."
    ),
    "ready_held": ProblemType(
        422, "{count} 条逾期变更因已报送锁定，待处理。", "{count} late changes are kept out by the filing."
    ),
}
