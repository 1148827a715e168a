"""Problems of a change against what is known, and of the phone that sent it."""

from collections.abc import Mapping

from schemas.problem_catalogue.problem_type import ProblemType

CHANGE_PROBLEMS: Mapping[str, ProblemType] = {
    # The change against what is known.
    "change_id_reused": ProblemType(
        409, "该变更编号已用于另一内容。", "This change id was already used for other content."
    ),
    "record_exists": ProblemType(409, "该编号的记录已经存在。", "A record with this id exists already."),
    "report_exists": ProblemType(
        409,
        "该主体本期的这项指标已有填报，请在原记录上修改。",
        "This farm already has a report for the indicator and period; amend that one.",
    ),
    "project_exists": ProblemType(
        409,
        "项目 {value} 已经填报过。一个项目只计一次，跨年也不重报，请在原记录上修改。",
        "Project {value} has been reported already. A project counts once, whatever the year; amend that report.",
    ),
    "record_kind_differs": ProblemType(409, "该编号是另一类记录。", "This id belongs to a record of another kind."),
    "record_erased": ProblemType(
        409,
        "该记录的个人信息已按规定删除，不再接收姓名、电话、地址、地块等个人信息。",
        "The personal data of this record were erased as the law asks; names, phones, addresses and plots are no "
        "longer taken in.",
    ),
    "record_withdrawn": ProblemType(
        409, "该记录已撤回，不能再修改。", "The record is withdrawn and cannot be changed."
    ),
    "state_changed": ProblemType(
        409,
        "该记录在您上次查看之后已有变化，请先同步再撤回。",
        "The record changed after you last saw it; sync before you withdraw it.",
    ),
    "field_conflict": ProblemType(
        409,
        "“{label}”现为{current}，与您的{incoming}不一致，请核对后再改。",
        "'{label}' is now {current}, yours is {incoming}; please check and change it again.",
    ),
    "base_failed": ProblemType(
        409,
        "所依据的上一次修改未被接受，本次修改也未执行。",
        "The change this one was made on was not accepted, so this one was not applied.",
    ),
    "farm_has_reports": ProblemType(
        409, "该主体还有未撤回的填报，不能撤回主体。", "The farm still has live reports and cannot be withdrawn."
    ),
    "farm_withdrawn": ProblemType(
        409, "该主体已撤回，不能再填报。", "The farm is withdrawn and takes no more reports."
    ),
    "base_of_other_record": ProblemType(
        409, "所依据的上一次修改属于另一条记录。", "The change this one was made on belongs to another record."
    ),
    "statement_stays": ProblemType(
        409, "县级报表不能撤回，请直接修改。", "A county statement cannot be withdrawn; amend it instead."
    ),
    "base_missing": ProblemType(
        409,
        "所依据的上一次修改尚未到达，本次修改已保存，待其到达后自动处理，结果同步时告知。",
        "The change this one was made on has not arrived; this one is kept and decided once it has, you will be told.",
    ),
    "farm_missing": ProblemType(
        409,
        "所属主体尚未到达，本次填报已保存，待其到达后自动处理，结果同步时告知。",
        "The farm has not arrived yet; the report is kept and decided once it has, you will be told.",
    ),
    "base_never_came": ProblemType(
        409,
        "所依据的上一次修改在 {days} 天内一直未到达，本次修改未予采用，原文仍保存。请先拉取最新内容，核对后重新修改。",
        "The change this one was made on did not arrive within {days} days, so this one was not applied; it is kept. "
        "Pull the record as it is now, check it and change it again.",
    ),
    "farm_never_came": ProblemType(
        409,
        "所属主体在 {days} 天内一直未到达，本次填报未予采用，原文仍保存。请先上报主体，再重新填报。",
        "The farm did not arrive within {days} days, so the report was not taken; it is kept. Send the farm first, "
        "then file the report again.",
    ),
    "schema_unknown": ProblemType(
        422,
        "表式版本 {version} 暂不能识别，内容已保存，待服务升级后重新同步即可。",
        "Schema version {version} is not known yet; the content is kept, sync again after the service is upgraded.",
    ),
    "unknown_county": ProblemType(
        422,
        "没有代码为“{value}”的县级行政区。内容已原样保存。",
        "No county has the code '{value}'. What you sent is kept.",
    ),
    "retired_county": ProblemType(
        422,
        "县级代码“{value}”已停用，现为“{successor}”。",
        "The county code '{value}' is retired; it is now '{successor}'.",
    ),
    "code_not_yet": ProblemType(
        422,
        "县级代码“{value}”从 {first_year} 年起使用，{year} 年的数据请按当时的代码填报：{counties}。",
        "The county code '{value}' holds from {first_year} on; report for {year} under the code of then: {counties}.",
    ),
    "farm_of_other_code": ProblemType(
        422,
        "该主体登记在县级代码“{value}”下，请用这个代码填报。",
        "The farm is registered under the county code '{value}'; report for it under that code.",
    ),
    "unknown_township": ProblemType(
        422,
        "乡镇代码“{value}”不在区划表中，请核对。",
        "The township code '{value}' is not in the register; please check it.",
    ),
    "township_elsewhere": ProblemType(
        422, "乡镇代码“{value}”不属于该县。", "The township code '{value}' does not belong to this county."
    ),
    "period_future": ProblemType(422, "统计期“{value}”尚未开始。", "The period '{value}' has not begun."),
    "clock_skew": ProblemType(
        422,
        "手机时间与服务器相差约 {minutes} 分钟，请校正手机时间。",
        "The phone's clock is off by about {minutes} minutes; please set it.",
    ),
    # A phone, as its county sees it.
    "device_queue_old": ProblemType(
        422,
        "手机上有填报已 {days} 天未能上传。",
        "Reports have been waiting on the phone for {days} days.",
    ),
    "device_forms_old": ProblemType(
        422,
        "手机上的表式是第 {version} 版，现行为第 {current} 版，请更新应用。",
        "The app has version {version} of the forms; version {current} is in force. Please update it.",
    ),
    "device_silent": ProblemType(422, "该手机已 {days} 天没有同步。", "The phone has not synced for {days} days."),
}
