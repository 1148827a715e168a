"""Problems of signing in, of phones, and of administering accounts."""

from collections.abc import Mapping

from schemas.problem_catalogue.problem_type import ProblemType

ACCOUNT_PROBLEMS: Mapping[str, ProblemType] = {
    "sign_in_ended": ProblemType(
        401,
        "登录已失效，请重新登录。本机尚未报送的内容都还在。",
        "The sign-in has ended; sign in again. What is unsent stays on the phone.",
    ),
    "device_revoked": ProblemType(
        401,
        "这部手机已被停用。如需继续使用，请向县农业农村局或乡镇申领新的开通码；本机尚未报送的内容都还在。",
        "This phone was revoked. To go on, ask your office for a new enrolment code; what is unsent stays on it.",
    ),
    "too_many_attempts": ProblemType(
        429, "尝试次数过多，请在 {seconds} 秒后再试。", "Too many attempts; try again in {seconds} seconds."
    ),
    "enrolment_invalid": ProblemType(
        400,
        "开通码无效：可能输入有误、已经用过、已经过期或已被新码取代。请核对，或重新申领。",
        "The enrolment code is not valid: mistyped, used, expired or replaced. Check it or ask for another.",
    ),
    "password_short": ProblemType(
        422,
        "口令太短：至少 {limit} 个字符，或至少 {words} 个词、以空格分开。",
        "The password is too short: at least {limit} characters, or {words} words with spaces between.",
    ),
    "password_long": ProblemType(
        422,
        "口令至多 {limit} 个字符，且不能含控制字符。",
        "At most {limit} characters, none of them NUL.",
    ),
    "password_is_name": ProblemType(
        422, "口令不能就是用户名，或只比用户名多几个字符。", "The password is the user name, or hardly more than it."
    ),
    "password_common": ProblemType(
        422, "这个口令太常见，容易被猜中，请换一个。", "This password is among the commonest; choose another."
    ),
    "wrong_password": ProblemType(422, "原口令不正确。", "The present password is wrong."),
    "username_taken": ProblemType(409, "用户名“{value}”已被使用。", "The user name '{value}' is taken."),
    "unknown_account": ProblemType(
        404, "没有这个账号，或不归您管理。", "There is no such account, or it is not yours to administer."
    ),
    "unknown_device": ProblemType(
        404, "没有这部手机，或不归您管理。", "There is no such phone, or it is not yours to administer."
    ),
    "not_administrator": ProblemType(403, "您的账号没有管理账号的权限。", "Your account does not administer accounts."),
    "grant_out_of_reach": ProblemType(
        403,
        "您的账号不能授予或收回“{role}”在“{region}”的权限。",
        "Your account may neither give nor take the role '{role}' in '{region}'.",
    ),
    "role_of_other_level": ProblemType(
        422, "“{role}”不能授予“{region}”这一级的区划。", "The role '{role}' is not held at the level of '{region}'."
    ),
    "basin_of_other_role": ProblemType(
        422,
        "只有市、省、部级查阅权限可以限定到重点流域。",
        "Only prefectures, provinces and the ministry are granted a key basin.",
    ),
    "unknown_grant": ProblemType(404, "该账号没有这项授权。", "The account does not hold this grant."),
    "last_grant": ProblemType(
        409, "这是最后一项授权，不能收回；不再使用的账号请停用。", "The last grant stays; disable the account instead."
    ),
    "own_account": ProblemType(
        409, "不能停用自己的账号或更改自己的授权。", "Nobody disables the own account or changes its grants."
    ),
    "account_disabled": ProblemType(
        409, "账号“{value}”已停用，请先启用。", "The account '{value}' is disabled; enable it first."
    ),
    "provider_off": ProblemType(
        404, "本部署没有接入统一身份认证。", "This deployment is not connected to an identity provider."
    ),
    "provider_refused": ProblemType(
        401,
        "统一身份认证没有通过，或与本系统账号对应不上，请联系管理员。",
        "The identity provider's answer was refused, or matches no account here; ask your administrator.",
    ),
    "provider_down": ProblemType(
        503,
        "统一身份认证暂时无法连接，请稍后再试，或用本系统的用户名和口令登录。",
        "The identity provider cannot be reached; try again later, or sign in with a user name and password of this "
        "service.",
    ),
    "identity_unlinked": ProblemType(
        403,
        "统一身份“{subject}”尚未关联本系统账号，请联系管理员关联。",
        "The identity '{subject}' is not linked to an account here; ask your administrator to link it.",
    ),
    "identity_domain": ProblemType(
        403,
        "统一身份的邮箱不在本部署允许的单位之内，或尚未核验。",
        "The address of the identity is not verified, or not of an organisation that this deployment admits.",
    ),
    "identity_taken": ProblemType(
        409, "统一身份“{subject}”已关联其他账号。", "The identity '{subject}' is linked to another account."
    ),
    "unknown_identity": ProblemType(404, "该账号没有关联这个统一身份。", "This identity is not linked to the account."),
}
