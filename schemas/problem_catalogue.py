"""The problem catalogue: every refusal and warning has a stable code and says in zh and en what to do.

Texts of indicator rules live with their indicator.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ProblemType:
    """A kind of problem: its HTTP status where it is the answer to a request, and its texts with `{placeholders}`."""

    status: int
    zh: str
    en: str


PROBLEMS: Mapping[str, ProblemType] = {
    # The request as a whole.
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
    "out_of_scope": ProblemType(
        403,
        "您的账号不能在“{region}”填报。内容已原样保存，请联系县农业农村局调整权限后重新同步。",
        "Your account may not report for '{region}'. What you sent is kept; ask the county bureau for access "
        "and sync again.",
    ),
    "cursor_invalid": ProblemType(
        400, "同步游标无效，请从头拉取。", "The cursor is not valid; pull from the beginning."
    ),
    # Photos and papers.
    "tus_version": ProblemType(
        412, "请在 Tus-Resumable 中写明版本 {expected}。", "Say version {expected} in Tus-Resumable."
    ),
    "tus_header": ProblemType(400, "请求头 {label} 缺失或无效。", "The header {label} is missing or not valid."),
    "tus_metadata": ProblemType(
        400,
        "Upload-Metadata 中的“{label}”缺失或无效。",
        "'{label}' in Upload-Metadata is missing or not valid.",
    ),
    "upload_body_type": ProblemType(
        415, "请求体的类型应为 {expected}。", "The content type of the body must be {expected}."
    ),
    "upload_unknown": ProblemType(
        404, "没有这个上传，或已经结束，请重新上传。", "There is no such upload, or it has ended; start it again."
    ),
    "upload_expired": ProblemType(
        410, "上传中断过久，已失效，请重新上传。", "The upload rested for too long and has expired; start it again."
    ),
    "upload_out_of_scope": ProblemType(
        403,
        "您的账号不能为“{region}”上传附件，文件未接收。请联系县农业农村局调整权限后重试。",
        "Your account may not send attachments for '{region}'; nothing was taken. Ask the county bureau for access "
        "and try again.",
    ),
    "upload_offset": ProblemType(
        409,
        "续传位置不符：服务器已收到 {received} 字节，请从该处继续。",
        "The offset does not fit: {received} bytes have arrived; go on from there.",
    ),
    "upload_taken_over": ProblemType(
        409,
        "该文件正由另一请求继续上传，请查询续传位置后再试。",
        "Another request continues this upload; ask for its offset before trying again.",
    ),
    "upload_busy": ProblemType(423, "该文件正在收尾，请稍后查询。", "The file is being completed; ask again shortly."),
    "upload_idle": ProblemType(
        408,
        "长时间没有收到数据，已保存收到的部分，请稍后续传。",
        "Nothing came for too long; what came is kept, go on later.",
    ),
    "upload_too_long": ProblemType(
        413, "内容超过所声明的 {limit} 字节。", "The body goes beyond the announced {limit} bytes."
    ),
    "checksum_differs": ProblemType(
        460,
        "校验值不符，本段内容未保存，请重发。",
        "The checksum does not fit; this part was not kept, send it again.",
    ),
    "attachment_too_large": ProblemType(
        413,
        "附件超过 {limit} 字节，请压缩后再上传。",
        "The attachment exceeds {limit} bytes; compress it and try again.",
    ),
    "attachment_type": ProblemType(
        415,
        "不支持这种文件，请上传 JPEG、PNG、WebP、HEIC 图片或 PDF。",
        "Files of this kind are not taken; send a JPEG, PNG, WebP or HEIC picture, or a PDF.",
    ),
    "attachment_broken": ProblemType(
        422, "文件已损坏，无法读取，请重新拍摄或导出。", "The file is damaged and cannot be read."
    ),
    "attachment_differs": ProblemType(
        460,
        "文件内容与所声明的 SHA-256 不符，未保存，请重新上传。",
        "The content does not fit the announced SHA-256 and was not kept; send it again.",
    ),
    "attachment_unknown": ProblemType(
        404, "没有这个附件，或您无权查看。", "There is no such attachment, or your account may not see it."
    ),
    "range_outside": ProblemType(
        416, "所请求的范围超出文件长度 {size} 字节。", "The range lies outside the file of {size} bytes."
    ),
    "attachment_twice": ProblemType(422, "同一附件只能列一次。", "An attachment may be listed only once."),
    "too_many_entries": ProblemType(
        422, "“{label}”最多 {maximum} 项。", "'{label}' may have at most {maximum} entries."
    ),
    "busy": ProblemType(503, "该县账本正忙，请稍后重试。", "The ledger of this county is busy; try again shortly."),
    "unavailable": ProblemType(
        503, "服务暂时不可用，请稍后重试。", "The service is not available right now; try again shortly."
    ),
    "internal_error": ProblemType(
        500,
        "服务内部错误，内容未写入。请稍后重试，并告知编号 {reference}。",
        "Internal error; nothing was written. Try again later and quote {reference}.",
    ),
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
    # A figure.
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
    # Geometry.
    "geometry_invalid": ProblemType(422, "地块图形无效：{reason_zh}。", "The geometry is not valid: {reason}."),
    "geometry_type": ProblemType(
        422,
        "不支持“{value}”图形，请用点、面或多面。",
        "Geometry type '{value}' is not supported; use Point, Polygon or MultiPolygon.",
    ),
    "geometry_empty": ProblemType(422, "地块图形为空或面积为零。", "The geometry is empty or has no area."),
    "geometry_outside_china": ProblemType(
        422, "坐标不在中国境内：{value}。", "The position is outside China: {value}."
    ),
    "geometry_axes_swapped": ProblemType(
        422, "坐标顺序疑似颠倒，应为先经度后纬度：{value}。", "The axes look swapped; longitude comes first: {value}."
    ),
    "geometry_too_detailed": ProblemType(
        422,
        "地块图形的顶点过多（{count}），上限 {limit}。",
        "The geometry has too many vertices ({count}); the limit is {limit}.",
    ),
    "geometry_tangled": ProblemType(
        422,
        "地块边界自相交过多，无法识别，请重新勾绘。",
        "The outline crosses itself too often to be read; please draw it again.",
    ),
    "geometry_repaired": ProblemType(
        422,
        "地块边界自相交，已自动修复，请核对面积。",
        "The outline crossed itself and was repaired; please check its area.",
    ),
    "geometry_ring_closed": ProblemType(
        422,
        "地块边界首尾不相接，已自动闭合，请核对图形。",
        "The outline did not end where it began and was closed; please check its shape.",
    ),
    "datum_missing": ProblemType(422, "有坐标时须注明坐标系（datum）。", "Coordinates need their datum."),
    "plot_outside_county": ProblemType(
        422,
        "地块距所填县界约 {distance_km} 千米，请核对位置、坐标系或县别。",
        "The plot lies about {distance_km} km outside the declared county; check position, datum or county.",
    ),
    "area_differs": ProblemType(
        422,
        "填写面积 {declared} 亩与图形面积 {measured} 亩相差较大，请核对。",
        "The declared area of {declared} mu and the drawn area of {measured} mu differ widely; please check.",
    ),
    # An imported file as a whole.
    "import_too_large": ProblemType(
        413, "文件超过 {limit} MB，请按乡镇拆分后导入。", "The file exceeds {limit} MB; split it by township."
    ),
    "import_unpacks_too_large": ProblemType(
        413,
        "工作簿展开后超过 {limit} MB，不予读取。请删去图片和多余的工作表，只留数据。",
        "The workbook unpacks to more than {limit} MB and is not read; keep the data only.",
    ),
    "import_too_many_rows": ProblemType(
        413, "数据超过 {limit} 行，请按乡镇拆分后导入。", "More than {limit} rows; split the file by township."
    ),
    "import_too_many_columns": ProblemType(
        413,
        "表格超过 {limit} 列，不是填报表，不予读取。",
        "More than {limit} columns: this is no form and is not read.",
    ),
    "import_missing_file": ProblemType(422, "请选择要导入的文件（字段名 file）。", "Attach the file (field `file`)."),
    "import_broken_form": ProblemType(
        400, "上传内容不是有效的 multipart/form-data。", "The body is not valid multipart/form-data."
    ),
    "import_not_a_table": ProblemType(
        415,
        "不是可读取的 XLSX 或 CSV 文件，或文件已损坏。请用 Excel 或 WPS 另存为“.xlsx”后重试。",
        "This is no readable XLSX or CSV file, or it is damaged; save it as .xlsx and try again.",
    ),
    "import_old_excel": ProblemType(
        415,
        "文件是旧版 Excel（.xls）格式或设有打开密码。请取消密码，另存为“.xlsx”后重试。",
        "The file is in the old Excel format (.xls) or has a password; save it as .xlsx without one.",
    ),
    "import_macro": ProblemType(
        415,
        "工作簿带有宏，不予读取。请另存为不含宏的“.xlsx”后重试。",
        "The workbook has macros and is not read; save it as .xlsx without them.",
    ),
    "import_encoding": ProblemType(
        422,
        "第 {line} 行的文字编码有误，无法辨认。请另存为“CSV UTF-8”或“.xlsx”后重试。",
        "The text encoding is broken in line {line}; save the file as CSV UTF-8 or .xlsx.",
    ),
    "import_broken_csv": ProblemType(
        422,
        "第 {line} 行的引号不成对，无法分列。请检查该行，或另存为“.xlsx”后重试。",
        "The quotes do not match in row {line}; check it, or save the file as .xlsx.",
    ),
    "import_no_header": ProblemType(
        422,
        "没有找到表头。请使用下载的模板，或让表头含有：{expected}……",
        "No header was found; use the template, or headings such as: {expected} ...",
    ),
    "import_no_identity_column": ProblemType(
        422,
        "表中没有“主体编号”或“主体名称”列，无法认出各行是哪一个主体。",
        "There is no column for the roster number or the farm's name, so no line can be told whom it is about.",
    ),
    "import_duplicate_column": ProblemType(
        422,
        "{columns} 两列都是“{label}”，不知以哪一列为准，请删去一列。",
        "The columns {columns} are both '{label}'; remove one of them.",
    ),
    "import_no_rows": ProblemType(422, "表中没有数据。", "The file holds no data."),
    "import_file_changed": ProblemType(
        409,
        "文件与预览时的不一致，未写入任何内容。请重新预览。",
        "The file is not the one that was previewed; nothing was written. Preview it again.",
    ),
    "import_out_of_scope": ProblemType(
        403,
        "您的账号不能在“{region}”填报，请联系县农业农村局。",
        "Your account may not report for '{region}'; ask the county bureau.",
    ),
    "import_busy": ProblemType(
        503,
        "该县正在导入另一个文件，请稍后重试。",
        "Another file of this county is being imported; try again shortly.",
    ),
    # A cell of an imported file.
    "import_number": ProblemType(
        422,
        "“{label}”中的“{value}”不是数字。可写 1234.5、1,234.5，或带单位，如 20斤。",
        "'{value}' in '{label}' is no number; write 1234.5 or 1,234.5, with a unit if you like.",
    ),
    "import_none_in_number": ProblemType(
        422,
        "“{label}”应填数字，收到“{value}”。确实没有的填 0，未调查的留空。",
        "'{label}' takes a number, got '{value}'; write 0 for none, or leave it blank if not known.",
    ),
    "import_number_size": ProblemType(
        422,
        "“{label}”中的“{value}”超出可填范围（至多 12 位整数，个数不为负）。",
        "'{value}' in '{label}' is outside what can be stored (12 integer digits, counts not negative).",
    ),
    "import_decimals": ProblemType(
        422,
        "“{label}”中的“{value}”有 6 位以上小数，系统不代为取舍，请自行保留至 6 位以内。",
        "'{value}' in '{label}' has more than 6 decimals; round it yourself, the service does not.",
    ),
    "import_not_whole": ProblemType(
        422, "“{label}”应为整数，收到“{value}”。", "'{label}' takes a whole number, got '{value}'."
    ),
    "import_scientific": ProblemType(
        422,
        "“{label}”中的“{value}”是科学记数法，可能已丢失数位，请写出全部数字。",
        "'{value}' in '{label}' is in scientific notation and may have lost digits; write the number out.",
    ),
    "import_bare_share": ProblemType(
        422,
        "“{label}”是比率，“{value}”不知是否为百分数。请写成 12% 或 0.12。",
        "'{label}' is a share and '{value}' may or may not be in percent; write 12% or 0.12.",
    ),
    "import_unclear_share": ProblemType(
        422,
        "“{label}”的表头是百分数，“{value}”不知是 {value}% 还是小数，请在单元格中写上百分号。",
        "The heading of '{label}' says percent, yet '{value}' may be a fraction; write the percent sign in the cell.",
    ),
    "import_unit": ProblemType(
        422,
        "“{label}”中的“{value}”单位不对，应能换算为{unit}。",
        "The unit of '{value}' in '{label}' cannot be converted to {unit}.",
    ),
    "import_code": ProblemType(
        422,
        "“{label}”应为 {digits} 位数字，收到“{value}”。代码请按文本格式填写。",
        "'{label}' must be {digits} digits, got '{value}'; keep codes as text.",
    ),
    "import_digits_lost": ProblemType(
        422,
        "“{label}”中的“{value}”已被表格软件当作数字缩写，后面的数位丢失。请将该列设为文本格式后重新填写。",
        "'{value}' in '{label}' was shortened as a number and lost digits; set the column to text and type it again.",
    ),
    "import_township": ProblemType(
        422,
        "该县没有名为“{value}”的乡镇，请改填 9 位乡镇代码。",
        "The county has no township named '{value}'; give its 9-digit code.",
    ),
    "import_choice": ProblemType(
        422, "“{label}”没有“{value}”这一项，可填：{choices}。", "'{label}' has no '{value}'; choose from: {choices}."
    ),
    "import_yes_or_no": ProblemType(
        422, "“{label}”请填“是”或“否”，收到“{value}”。", "'{label}' takes yes or no, got '{value}'."
    ),
    "import_date": ProblemType(
        422,
        "“{label}”中的“{value}”不是日期，请写成 2025-03-01。",
        "'{value}' in '{label}' is no date; write 2025-03-01.",
    ),
    "import_formula": ProblemType(
        422,
        "“{label}”单元格是公式，但文件中没有计算结果。请用 Excel 或 WPS 打开并保存一次，或改填数值。",
        "The cell of '{label}' is a formula without a stored result; open and save the file, or type the value.",
    ),
    "import_cell_error": ProblemType(
        422,
        "“{label}”单元格是表格软件的错误值“{value}”，请更正。",
        "The cell of '{label}' holds the error value '{value}'; please correct it.",
    ),
    "import_cell_too_long": ProblemType(
        422, "“{label}”单元格内容过长：“{value}”……", "The cell of '{label}' is too long: '{value}' ..."
    ),
    "import_cannot_clear": ProblemType(
        422, "“{label}”为必填项，不能清空。", "'{label}' is required and cannot be cleared."
    ),
    "import_code_missing": ProblemType(
        422,
        "该行填了“{label}”，但没有写明是哪一种，请补填前面的种类列。",
        "The line answers '{label}' but does not say of which kind; fill the column that names it.",
    ),
    "import_no_heading": ProblemType(
        422,
        "{label} 列的“{value}”上方没有列名，不知是什么内容。",
        "'{value}' in column {label} has no heading above it.",
    ),
    # A line of an imported file.
    "import_total_row": ProblemType(422, "合计行，不导入。", "A row of totals; not imported."),
    "import_remark_row": ProblemType(422, "表尾说明，不导入。", "A remark below the table; not imported."),
    "import_no_identity": ProblemType(
        422,
        "该行没有主体编号，也没有主体名称。",
        "The line has neither a roster number nor a name.",
    ),
    "import_row_twice": ProblemType(
        422,
        "与第 {first} 行是同一主体，一个文件中只能有一行。若是同名的另一主体，请填写主体编号。",
        "This is the farm of line {first} again; a file has one line each. Give roster numbers to farms of one name.",
    ),
    "import_lines_differ": ProblemType(
        422,
        "“{label}”与第 {first} 行所填不一致，同一主体只能有一个答案。",
        "'{label}' differs from line {first}; one farm has one answer.",
    ),
    "import_farm_unknown": ProblemType(
        422,
        "花名册中没有“{name}”，请先导入经营主体花名册，或核对编号、名称和乡镇。",
        "'{name}' is not in the roster; import the roster first, or check number, name and township.",
    ),
    "import_farm_ambiguous": ProblemType(
        422,
        "有几个主体都叫“{name}”，请填写主体编号或乡镇代码以区别。",
        "Several farms fit '{name}'; give the roster number or the township.",
    ),
    "import_county_differs": ProblemType(
        422, "该行是“{value}”的，与导入时所选的县不一致。", "The line is about '{value}', not the county chosen."
    ),
    "import_period_differs": ProblemType(
        422,
        "该行的统计期是“{value}”，与导入时所选的不一致。",
        "The line is about the period '{value}', not the one chosen.",
    ),
}
