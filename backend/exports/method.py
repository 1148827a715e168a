"""How the exported figures are computed, in the words of the catalogue. Pure."""

from collections.abc import Iterator, Sequence

from schemas.indicators.catalogue import CATALOGUE
from schemas.vocabulary import FigureKind, Indicator, SourceStatus

STATUSES = {
    SourceStatus.OFFICIAL: "官方文本",
    SourceStatus.CONVENTION: "本系统约定",
    SourceStatus.UNVERIFIED: "未核实",
}

GENERAL = (
    ("汇总方法", "先逐县计算分子、分母，再逐级相加后相除；不对百分比求平均。没有数据的县按缺失处理，不按 0 计。"),
    ("主要数字", "县级报表已报的用报表数，未报的用田间汇总数。"),
    ("官方数、报送中", "官方数：已通过或已公布的报送；报送中：尚未通过的报送。均以报送时冻结的数字为准。"),
    ("数值修约", "计算保留 34 位，显示时一次修约（四舍六入五成双，GB/T 8170—2008）；是否达标按未修约数判定。"),
    (
        "目标",
        "“参考线”指未下达到本级的上级目标，仅供对照。目标年份以前显示“未到期”。减量指标距目标为负，表示用量下降。",
    ),
)

KINDS = {
    FigureKind.RATE: "比率",
    FigureKind.CHANGE: "与基期比较的增减，只比较两期都有数的县",
    FigureKind.CUMULATIVE: "自起始年起逐年累计",
}


def method_lines(indicators: Sequence[Indicator]) -> Iterator[tuple[str, str]]:
    """Yield (label, text): what holds for all figures, then the formula of each indicator with its source."""
    yield from GENERAL
    for indicator in indicators:
        spec = CATALOGUE[indicator]
        formula = spec.formula
        source = f"来源：{formula.source}；" if formula.source else ""
        kind = f"{KINDS[spec.kind]}。"
        yield spec.zh, f"{kind}{formula.zh}。{source}{STATUSES[formula.status]}，公式版本 {formula.version}。"
