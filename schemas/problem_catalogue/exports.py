"""Problems of exports."""

from collections.abc import Mapping

from schemas.problem_catalogue.problem_type import ProblemType

EXPORT_PROBLEMS: Mapping[str, ProblemType] = {
    "exports_busy": ProblemType(
        503,
        "正在导出的文件较多，请稍后再试。",
        "Too many exports are being made; try again in a moment.",
    ),
    "export_fonts_missing": ProblemType(
        501,
        "服务器没有中文字体，无法生成 PDF。请管理员安装 fonts-noto-cjk（Debian、Ubuntu）或 google-noto-serif-cjk-fonts"
        "（其他发行版），或在 QINGTIAN_FONTS 中指明字体目录。",
        "The server has no Chinese fonts and cannot set a PDF. Install fonts-noto-cjk (Debian, Ubuntu), or name a "
        "folder with fonts in QINGTIAN_FONTS.",
    ),
}
