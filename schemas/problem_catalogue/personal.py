"""Problems of a person's rights: who may see and erase what is held on them."""

from collections.abc import Mapping

from schemas.problem_catalogue.problem_type import ProblemType

PERSONAL_PROBLEMS: Mapping[str, ProblemType] = {
    "personal_not_yours": ProblemType(
        403,
        "个人信息由“{region}”的县农业农村局负责，您的账号不能查阅或删除。",
        "The personal data of '{region}' are its county bureau's to show and to erase; your account may not.",
    ),
    "personal_unknown": ProblemType(
        404,
        "本县账本中没有这条涉及个人信息的记录。",
        "The ledger of this county has no such record with personal data.",
    ),
    "personal_too_many": ProblemType(
        409,
        "该主体名下填报过多，不能一次删除，请联系系统管理员。",
        "The farm has too many reports to be erased at once; ask the operator of the deployment.",
    ),
}
