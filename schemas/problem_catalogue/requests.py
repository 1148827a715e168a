"""Problems of a request as a whole."""

from collections.abc import Mapping

from schemas.problem_catalogue.problem_type import ProblemType

REQUEST_PROBLEMS: Mapping[str, ProblemType] = {
    "malformed_json": ProblemType(400, "请求体不是有效的 JSON：{reason}。", "The body is not valid JSON: {reason}."),
    "body_too_large": ProblemType(
        413,
        "请求体解压后超过 {limit} 字节，请分批发送。",
        "The body exceeds {limit} bytes decompressed; send smaller batches.",
    ),
    "too_many_items": ProblemType(
        413,
        "一次最多 {limit} 条，收到 {count} 条，请分批发送。",
        "At most {limit} items a push, got {count}; split it.",
    ),
    "unsupported_encoding": ProblemType(
        415,
        "不支持的内容编码“{encoding}”，请用 gzip 或 zstd。",
        "Content encoding '{encoding}' is not supported; use gzip or zstd.",
    ),
    "broken_encoding": ProblemType(
        400, "请求体无法按 {encoding} 解压。", "The body cannot be decompressed as {encoding}."
    ),
    "invalid_request": ProblemType(422, "请求有误，详见各字段。", "The request has faults; see the fields."),
    "invalid_parameter": ProblemType(422, "参数“{label}”无效。", "The parameter '{label}' is not valid: {reason}."),
    "unauthenticated": ProblemType(401, "请先登录，或登录已失效。", "Sign in first, or the sign-in has expired."),
    "published_only": ProblemType(
        401,
        "未登录时只能查看已公布的数字；查看主体汇总和待审数字请先登录。",
        "Without a sign-in only published figures are shown; sign in to see field sums and what is pending.",
    ),
    "wrong_credentials": ProblemType(401, "用户名或密码不正确。", "The user name or the password is wrong."),
    "not_found": ProblemType(404, "没有这个地址：{path}。", "Nothing is found at {path}."),
    "method_not_allowed": ProblemType(405, "该地址不支持 {method} 方法。", "{method} is not allowed here."),
    "unknown_region": ProblemType(404, "没有代码为“{code}”的行政区划。", "No region has the code '{code}'."),
    "code_of_other_years": ProblemType(
        404,
        "{year} 年没有县级代码“{value}”，该年这里是：{counties}。",
        "The county code '{value}' did not hold in {year}; its land was then: {counties}.",
    ),
    "unknown_basin": ProblemType(404, "没有代码为“{code}”的重点流域。", "No key basin has the code '{code}'."),
    "invalid_period": ProblemType(
        422,
        "统计期“{value}”无效，应为 2025、2025H1 或 2025Q3 这样的写法。",
        "'{value}' is no period; write 2025, 2025H1 or 2025Q3.",
    ),
    "above_scope": ProblemType(
        403, "您的账号不能查看“{region}”的数据。", "Your account may not read the figures of '{region}'."
    ),
    "plots_of_county_only": ProblemType(
        403,
        "地块的准确位置只有所属县和所属乡镇能查看，您的账号不能查看地块。",
        "Exact positions of plots are for the county and township that own them; your account sees none.",
    ),
    "out_of_scope": ProblemType(
        403,
        "您的账号不能在“{region}”填报。内容已原样保存，请联系县农业农村局调整权限后重新同步。",
        "Your account may not report for '{region}'. What you sent is kept; ask the county bureau for access "
        "and sync again.",
    ),
    "cursor_invalid": ProblemType(
        400, "同步游标无效，请从头拉取。", "The cursor is not valid; pull from the beginning."
    ),
}
