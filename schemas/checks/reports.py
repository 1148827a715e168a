"""Checks of reports against one another: what no rule of a single report can see."""

from collections.abc import Mapping
from decimal import Decimal

from schemas.checks.check import Check, Threshold, count, share
from schemas.vocabulary import CheckLevel, Unit

_ANSWERS = count(3, "至少有几项数值才比较", "how many amounts a report must have to be compared")

UNCHANGED = Check(
    "unchanged_from_last_year",
    CheckLevel.REPORT,
    "与上年数据完全相同",
    "Unchanged from last year",
    "本期 {answers} 项数值与 {before} 完全相同，请核实是否沿用了上年数据。",
    "All {answers} amounts equal those of {before}; please check whether last year's numbers were carried over.",
    {"answers": _ANSWERS},
    weight=2,
)

SAME_ANSWERS = Check(
    "same_answers_many_farms",
    CheckLevel.REPORT,
    "多个主体数据完全相同",
    "The same answers of many farms",
    "{farms} 个主体的 {answers} 项数值完全相同，请核实是否逐户填报。",
    "{farms} farms report the very same {answers} amounts; please check that each was asked.",
    {"answers": _ANSWERS, "farms": count(5, "相同的主体数不少于", "farms with the same answers, at least")},
    weight=3,
)

ROUND_NUMBERS = Check(
    "round_numbers",
    CheckLevel.REPORT,
    "整数集中",
    "Heaping on round numbers",
    "乡镇 {township} 的 {amounts} 项数值中有 {percent}% 为整数（只有一位有效数字），请核实是否估填。",
    "In township {township} {percent} % of {amounts} amounts are round (one significant digit); please check whether "
    "they were guessed.",
    {
        "share": share("0.6", "整数占比达到", "share of round amounts, from"),
        "amounts": count(30, "至少有几项数值才统计", "amounts needed to tell"),
    },
)

IMPURITY_ALWAYS_ZERO = Check(
    "impurity_always_zero",
    CheckLevel.REPORT,
    "含杂率全部为零",
    "Impurity always zero",
    "乡镇 {township} 填报了回收毛重的 {reports} 张报表含杂率全部为 0，请核实是否实测。",
    "All {reports} reports of township {township} with film recovered say an impurity of 0; please check that it was "
    "measured.",
    {"reports": count(5, "至少有几张报表", "reports needed to tell")},
    weight=2,
)

SHARED_PHOTO = Check(
    "photo_in_two_reports",
    CheckLevel.REPORT,
    "同一照片用于多张报表",
    "One photo in several reports",
    "同一照片用于 {reports} 张报表（涉及 {farms} 个主体、{periods} 个统计期），请核实。",
    "One photo belongs to {reports} reports ({farms} farms, {periods} periods); please check.",
    weight=3,
)

ONE_POSITION = Check(
    "many_reports_one_position",
    CheckLevel.REPORT,
    "同一位置短时间多次填报",
    "Many reports from one position",
    "{minute} 起 {seconds} 秒内，在同一位置填报了 {farms} 个主体，请核实是否到场。",
    "Within {seconds} s of {minute}, {farms} farms were reported from one position; please check that each was "
    "visited.",
    {
        "farms": count(5, "主体数不少于", "farms, at least"),
        "seconds": count(60, "时间窗口（秒）", "window in seconds"),
    },
    weight=3,
)

DATUM_WRONG = Check(
    "datum_looks_wrong",
    CheckLevel.REPORT,
    "坐标系疑似填错",
    "The datum looks wrong",
    "报表地块与登记地块相距 {distance} 米；{side}申报的坐标系为 {declared}，若按 {datum}换算，两者仅差 {residual} 米。"
    "同一设备至少有 {plots} 处地块同样偏移，请核实坐标系。",
    "The plot lies {distance} m from the registered one. {side} was declared as {declared}; read as {datum}, the two "
    "lie {residual} m apart. At least {plots} plots of the same device are shifted alike; please check the datum.",
    {
        "tolerance_m": count(30, "按另一坐标系换算后相差不超过（米）", "metres apart in the other datum, at most"),
        "plots": count(3, "同一设备同样偏移的地块不少于", "plots of one device shifted alike, at least"),
        "share": share("0.5", "占该设备不符地块的比例不低于", "share of the device's plots that miss, at least"),
    },
    weight=2,
)

PLOT_FAR_OUTSIDE = Check(
    "plot_far_outside",
    CheckLevel.REPORT,
    "地块在县界之外",
    "The plot lies outside the county",
    "{what}位于本县界外 {distance_km} 公里处，请核实县别、坐标系或地块位置。",
    "{what} lies {distance_km} km outside the county; please check the county, the datum and the position.",
    {"distance_m": count(1000, "距县界超过（米）", "metres outside the county, over")},
)

PLOTS_OVERLAP = Check(
    "plots_overlap",
    CheckLevel.REPORT,
    "地块重叠",
    "Plots overlap",
    "与另一主体的地块重叠 {overlap} 亩，占较小地块的 {percent}%，请核实边界。",
    "Overlaps another farm's plot by {overlap} mu, {percent} % of the smaller one; please check the outlines.",
    {
        "share": share("0.1", "重叠占较小地块的比例超过", "share of the smaller plot, over"),
        "area_mu": Threshold(Decimal("0.5"), Unit.MU, "重叠面积超过", "overlap, over"),
    },
    weight=2,
)

REPORT_CHECKS: Mapping[str, Check] = {
    one.code: one
    for one in (
        UNCHANGED,
        SAME_ANSWERS,
        ROUND_NUMBERS,
        IMPURITY_ALWAYS_ZERO,
        SHARED_PHOTO,
        ONE_POSITION,
        DATUM_WRONG,
        PLOT_FAR_OUTSIDE,
        PLOTS_OVERLAP,
    )
}
