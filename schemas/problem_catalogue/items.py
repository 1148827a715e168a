"""Problems of one item of a push: its form, and its values against the coefficients of its county."""

from collections.abc import Mapping

from schemas.problem_catalogue.problem_type import ProblemType

ITEM_PROBLEMS: Mapping[str, ProblemType] = {
    # The form of an item.
    "missing": ProblemType(422, "“{label}”未填写。", "'{label}' is missing."),
    "unknown_field": ProblemType(422, "不认识的字段“{label}”。", "Unknown field '{label}'."),
    "wrong_type": ProblemType(
        422, "“{label}”的类型不对，应为{expected_zh}。", "'{label}' has the wrong type; expected {expected}."
    ),
    "not_an_object": ProblemType(422, "每一条变更应为 JSON 对象。", "Each change must be a JSON object."),
    "number_format": ProblemType(
        422,
        '“{label}”应写成带引号的十进制数，如 "12.5"：至多 12 位整数、6 位小数，不用科学记数法。',
        "'{label}' must be a decimal number in a JSON string such as \"12.5\": at most 12 integer digits "
        "and 6 decimals, no exponent.",
    ),
    "out_of_range": ProblemType(
        422,
        "“{label}”应在 {minimum} 至 {maximum} 之间，收到 {value}。",
        "'{label}' must be from {minimum} to {maximum}, got {value}.",
    ),
    "share_out_of_range": ProblemType(
        422,
        "“{label}”请用 0 至 1 之间的小数填写，如 15% 填 0.15；收到 {value}。",
        "'{label}' must be a share from 0 to 1, such as 0.15 for 15 %; got {value}.",
    ),
    "below_minimum": ProblemType(422, "“{label}”不能小于 {minimum}。", "'{label}' may not be less than {minimum}."),
    "above_maximum": ProblemType(422, "“{label}”不能大于 {maximum}。", "'{label}' may not be more than {maximum}."),
    "code_digits": ProblemType(422, "“{label}”应为 {digits} 位数字。", "'{label}' must be {digits} digits."),
    "invalid_value": ProblemType(422, "“{label}”的内容无效。", "'{label}' is not valid."),
    "unknown_code": ProblemType(422, "“{label}”没有“{value}”这个代码。", "'{label}' has no code '{value}'."),
    "text_too_long": ProblemType(
        422, "“{label}”最多 {maximum} 个字符。", "'{label}' may have at most {maximum} characters."
    ),
    "text_empty": ProblemType(422, "“{label}”不能为空。", "'{label}' may not be empty."),
    "illegal_character": ProblemType(
        422,
        "“{label}”含有不能保存的字符（空字符或不成对的代理字符）。",
        "'{label}' holds a character that cannot be stored (NUL or a lone surrogate).",
    ),
    "too_deep": ProblemType(422, "内容嵌套过深。", "The content is nested too deeply."),
    "too_many_members": ProblemType(
        422, "一个对象最多有 {limit} 个成员。", "An object may have at most {limit} members."
    ),
    "not_canonical": ProblemType(
        422,
        "内容含有无法规范化的数值（NaN、无穷大或过大的整数）。",
        "The content holds a number that has no canonical form (NaN, infinity or too large an integer).",
    ),
    "not_uuid7": ProblemType(422, "“{label}”应为小写 UUIDv7。", "'{label}' must be a lower-case UUIDv7."),
    "not_statement_id": ProblemType(
        422,
        "县级报表的编号由县、指标和统计期推定，应为 {expected}。",
        "The id of a county statement follows from county, indicator and period; expected {expected}.",
    ),
    "not_aware_time": ProblemType(
        422,
        "“{label}”应为带时区的时间，如 2025-10-03T18:20:00+08:00。",
        "'{label}' must be a time with an offset, such as 2025-10-03T18:20:00+08:00.",
    ),
    "not_pointer": ProblemType(422, "“{label}”不是可修改的字段。", "'{label}' is not a field that can be amended."),
    "immutable_field": ProblemType(
        422,
        "“{label}”不可修改；如填错，请撤回后重新填报。",
        "'{label}' cannot be changed; withdraw the record and file it again.",
    ),
    "all_zero": ProblemType(
        422,
        "各项全为零。若今年确实没有，请勾选“今年无”。",
        "All answers are zero. If there was none this year, say so with 'none_this_year'.",
    ),
    "none_contradicted": ProblemType(
        422, "已勾选“今年无”，但“{label}”填了数值。", "'none_this_year' is set, yet '{label}' has a value."
    ),
    # The figures of a report or a county against its coefficients.
    "rate_over_one": ProblemType(
        422,
        "{subject}{numerator_name} {numerator} {unit}，超过{denominator_name} {denominator} {unit}"
        "（占 {rate}），请核对。",
        "{subject}: {numerator_name} {numerator} {unit} exceeds {denominator_name} {denominator} {unit} ({rate}); "
        "please check.",
    ),
    "coefficient_missing": ProblemType(
        422,
        "系数表中没有“{subject}”的{name}，暂不能计算比率。有本县实测值的请在报表中填写，没有的请联系管理员补充系数表。",
        "The coefficient table has no {name} for '{subject}', so there is no rate yet. State the county's own value if "
        "it was measured, or have the table completed.",
    ),
}
