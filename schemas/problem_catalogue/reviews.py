"""Problems of reviews: who decides on what, in which state, and many at once."""

from collections.abc import Mapping

from schemas.problem_catalogue.problem_type import ProblemType

REVIEW_PROBLEMS: Mapping[str, ProblemType] = {
    "review_record_unknown": ProblemType(
        404, "没有这份填报，不能审核。", "There is no such report, so it cannot be reviewed."
    ),
    "review_of_farm_reports": ProblemType(
        422,
        "只审核主体的填报；主体登记和县级报表不在此审核。",
        "Only reports of farms are reviewed here, neither registrations nor county statements.",
    ),
    "review_not_yours": ProblemType(
        403,
        "您的账号不能对“{region}”的这项填报作此审核。审核通过由县农业农村局办理，乡镇可初审、退回本乡镇的填报。",
        "Your account may not decide this on reports of '{region}'. The county bureau accepts; a township's office "
        "prechecks and returns the reports of its own township.",
    ),
    "review_of_a_filed_year": ProblemType(
        409,
        "{period} 年该指标已经报送，审核意见不再改动；需要改动的，请先撤回报送。",
        "{period} has been filed for this indicator, so nothing is decided anew; recall the filing first.",
    ),
    "review_position": ProblemType(
        409,
        "该填报在您查看（第 {seen} 号）之后已有变化，现为第 {position} 号，请重新查看后再审核。",
        "The report changed after you saw it at position {seen}; it is now at {position}. Look at it again first.",
    ),
    "review_status": ProblemType(
        409,
        "该填报目前为“{status}”，不能作此审核。",
        "The report is {status}, so this decision does not apply.",
    ),
    "bulk_count_differs": ProblemType(
        409,
        "符合条件的填报现有 {found} 份，与您确认的 {expected} 份不符，未作任何审核，请重新核对。",
        "{found} reports match now, not the {expected} that you confirmed; nothing was decided. Please check again.",
    ),
    "bulk_has_flagged": ProblemType(
        409,
        "符合条件的填报中有 {count} 份带有校核提示，未作任何审核。请先逐份查看，或确认一并通过。",
        "{count} of the reports carry warnings worth a look; nothing was decided. Look at them first, or confirm that "
        "they are accepted with the others.",
    ),
    "bulk_too_many": ProblemType(
        422,
        "一次最多批量审核 {limit} 份，请缩小范围。",
        "At most {limit} reports are reviewed at once; please narrow the selection.",
    ),
}
