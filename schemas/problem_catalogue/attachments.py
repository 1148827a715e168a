"""Problems of photos and papers on their way up and down."""

from collections.abc import Mapping

from schemas.problem_catalogue.problem_type import ProblemType

ATTACHMENT_PROBLEMS: Mapping[str, ProblemType] = {
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
}
