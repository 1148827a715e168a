"""How closed sets are called on pages for people, Chinese and English."""

from collections.abc import Mapping

from schemas.vocabulary import FigureKind, GoalType, Severity, SourceStatus, Standing

Words = tuple[str, str]

STATUSES: Mapping[SourceStatus, Words] = {
    SourceStatus.OFFICIAL: ("官方", "official"),
    SourceStatus.CONVENTION: ("约定", "convention"),
    SourceStatus.UNVERIFIED: ("未核实", "unverified"),
}

STANDINGS: Mapping[Standing, Words] = {
    Standing.CENSUS: ("全面填报，各户之和即全县数", "census: the farms add up to the county"),
    Standing.SAMPLE: ("抽样，只给出比例，不作为总量", "sample: gives a ratio, never a total"),
    Standing.REGISTRY: ("按名录填报，名录内各户之和", "registry: the registered entities add up"),
}

SEVERITIES: Mapping[Severity, Words] = {Severity.BLOCK: ("拦截", "block"), Severity.WARN: ("提示", "warn")}

KINDS: Mapping[FigureKind, Words] = {
    FigureKind.RATE: ("比率：分子÷分母", "rate: numerator / denominator"),
    FigureKind.CHANGE: (
        "增减幅度：（当年量－基期量）÷基期量",
        "change: (amount - base year's amount) / base year's amount",
    ),
    FigureKind.CUMULATIVE: ("累计量：自起始年起逐年相加", "cumulative: yearly amounts added up from the start year"),
}

GOAL_TYPES: Mapping[GoalType, Words] = {
    GoalType.FLOOR: ("不低于", "at least"),
    GoalType.CUMULATIVE_AMOUNT: ("累计不低于", "at least, cumulative,"),
    GoalType.NO_INCREASE: ("不高于基期", "no increase over the base year"),
}

PROVINCES: Mapping[str, Words] = {
    "10": ("全国", "Nation"),
    "11": ("北京", "Beijing"),
    "12": ("天津", "Tianjin"),
    "13": ("河北", "Hebei"),
    "14": ("山西", "Shanxi"),
    "15": ("内蒙古", "Inner Mongolia"),
    "21": ("辽宁", "Liaoning"),
    "22": ("吉林", "Jilin"),
    "23": ("黑龙江", "Heilongjiang"),
    "31": ("上海", "Shanghai"),
    "32": ("江苏", "Jiangsu"),
    "33": ("浙江", "Zhejiang"),
    "34": ("安徽", "Anhui"),
    "35": ("福建", "Fujian"),
    "36": ("江西", "Jiangxi"),
    "37": ("山东", "Shandong"),
    "41": ("河南", "Henan"),
    "42": ("湖北", "Hubei"),
    "43": ("湖南", "Hunan"),
    "44": ("广东", "Guangdong"),
    "45": ("广西", "Guangxi"),
    "46": ("海南", "Hainan"),
    "50": ("重庆", "Chongqing"),
    "51": ("四川", "Sichuan"),
    "52": ("贵州", "Guizhou"),
    "53": ("云南", "Yunnan"),
    "54": ("西藏", "Xizang"),
    "61": ("陕西", "Shaanxi"),
    "62": ("甘肃", "Gansu"),
    "63": ("青海", "Qinghai"),
    "64": ("宁夏", "Ningxia"),
    "65": ("新疆", "Xinjiang"),
    "66": ("兵团", "XPCC"),
}
"""The provinces that shipped reference data speak of, by the first two digits of their codes."""


def region_words(code: str) -> Words:
    """Return what a province or the nation is called; a region below them goes by its code."""
    return PROVINCES[code[:2]] if code.endswith("0000") else (code, code)
