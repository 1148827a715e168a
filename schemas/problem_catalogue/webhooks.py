"""Problems of webhooks."""

from collections.abc import Mapping

from schemas.problem_catalogue.problem_type import ProblemType

WEBHOOK_PROBLEMS: Mapping[str, ProblemType] = {
    "unknown_webhook": ProblemType(
        404, "没有这个推送地址，或不归您管理。", "There is no such endpoint, or it is not yours to administer."
    ),
    "unknown_delivery": ProblemType(
        404, "该推送地址没有这个事件的推送记录。", "This endpoint has no delivery of such an event."
    ),
    "not_webhook_administrator": ProblemType(
        403,
        "只有“{region}”或其上级的管理员可以管理该区划的推送地址。",
        "Only an administrator of '{region}' or above administers its endpoints.",
    ),
    "webhook_url_refused": ProblemType(
        422,
        "推送地址不可用：{reason}。",
        "The endpoint cannot be used: {reason}.",
    ),
}
