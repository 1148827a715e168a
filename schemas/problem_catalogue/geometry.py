"""Problems of a point or a plot."""

from collections.abc import Mapping

from schemas.problem_catalogue.problem_type import ProblemType

GEOMETRY_PROBLEMS: Mapping[str, ProblemType] = {
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
}
