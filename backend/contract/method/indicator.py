"""The section of one indicator: what it is, formulas, what is asked and added up, coefficients and rules."""

from collections.abc import Iterable, Mapping
from fractions import Fraction
from pathlib import Path

from backend.contract.method.asked import fields_table, quantities_table
from backend.contract.method.coefficients import coefficient_tables
from backend.contract.method.goals import national_goal
from backend.contract.method.limits import crop_limits_table, head_counts_table
from backend.contract.method.markdown import both, code, folded, table
from backend.contract.method.rules import own_rules_table
from backend.contract.words import KINDS, STANDINGS, STATUSES, Words
from schemas.indicators.spec import WHOLE, Formula, IndicatorSpec, Key, Measure, QuantityLabel
from schemas.vocabulary import UNIT_NAMES, FigureKind, SourceStatus

PROSE = Path(__file__).parent / "prose"
OURS: Words = ("本系统约定", "ours")

TABLES = {"{{crop_limits}}": crop_limits_table, "{{head_counts}}": head_counts_table}
"""Tables that the prose of an indicator asks for by name."""


def anchor(spec: IndicatorSpec) -> str:
    """Return the anchor of an indicator's section: the first word of its code."""
    return spec.indicator.partition("_")[0]


def section(spec: IndicatorSpec) -> str:
    """Return the section of an indicator."""
    parts = [
        f'<a id="{anchor(spec)}"></a>\n## {spec.zh} {spec.en}',
        _facts(spec),
        "### 计算公式 Formula",
        *(_formula(formula, current=formula is spec.formula) for formula in _newest_first(spec)),
        *_explained(spec),
        *_measures(spec),
        *_coefficients(spec),
        folded("填报项目 What is asked（● 必填 required）", fields_table(spec)),
        folded("计入合计的数 What a report adds to its county's sums", _added(spec)),
        folded("审核规则 Rules of this indicator", own_rules_table(spec)),
    ]
    return "\n\n".join(parts)


def _facts(spec: IndicatorSpec) -> str:
    rows = [
        ["指标代码 Code", code(spec.indicator)],
        ["算法 Kind", both(*KINDS[spec.kind])],
        ["分子 Numerator" if spec.kind is FigureKind.RATE else "数量 Amount", both(*_with_unit(spec.numerator))],
    ]
    if spec.denominator is not None:
        name = "分母 Denominator" if spec.kind is FigureKind.RATE else "对比 Held against"
        rows.append([name, both(*_with_unit(spec.denominator))])
    if spec.base_year is not None:
        rows.append(["基期 Base year", f"{spec.base_year} 年（约定 convention）"])
    if spec.start_year is not None:
        rows.append(["起始年 Start year", str(spec.start_year)])
    if len(spec.series) > 1:
        zh, en = (
            "、".join(each[0] for each in spec.series.values()),
            ", ".join(each[1] for each in spec.series.values()),
        )
        rows.append(
            ["口径 Series", both(f"{zh}，互不相加，以第一种为准", f"{en}; never added, the first is the headline")]
        )
    rows += [
        ["经营主体填报 Farm reports", both(*STANDINGS[spec.standing])],
        ["现行公式 Current formula", f"{code(spec.current_formula)}，{' '.join(STATUSES[spec.formula.status])}"],
    ]
    if goal := national_goal(spec):
        rows.append(["全国目标 National goal", goal])
    return table(["", ""], rows)


def _newest_first(spec: IndicatorSpec) -> list[Formula]:
    others = [formula for version, formula in spec.formulas.items() if version != spec.current_formula]
    return [spec.formula, *reversed(others)]


def _formula(formula: Formula, *, current: bool) -> str:
    state = "现行 current" if current else "旧版 former"
    source = formula.source or " ".join(OURS)
    zh, en = "\n".join(formula.zh.split("；")), "\n".join(formula.en.split("; "))
    status = " ".join(STATUSES[formula.status])
    head = f"**{code(formula.version)}**（{state}） 状态 Status：{status}；来源 Source：{source}"
    return f"{head}\n\n```text\n{zh}\n\n{en}\n```"


def _explained(spec: IndicatorSpec) -> list[str]:
    """Return what was written by hand about an indicator, with the tables that it asks for."""
    path = PROSE / f"{spec.indicator}.md"
    if not path.exists():
        return []
    prose = path.read_text(encoding="utf-8").strip()
    for marker, render in TABLES.items():
        if marker in prose:
            prose = prose.replace(marker, render())
    return [prose]


def _coefficients(spec: IndicatorSpec) -> list[str]:
    if not spec.coefficient_labels:
        return []
    return ["### 系数 Coefficients", coefficient_tables(spec)]


def _added(spec: IndicatorSpec) -> str:
    subjects = [label for subject, label in spec.subject_labels.items() if subject != WHOLE]
    if len(subjects) < 2:
        return quantities_table(spec)
    zh, en = "、".join(zh for zh, _ in subjects), ", ".join(en for _, en in subjects)
    return f"分列 By：{zh}。 {en}.\n\n{quantities_table(spec)}"


def _measures(spec: IndicatorSpec) -> list[str]:
    if not spec.measures:
        return []
    rows = [
        [
            both(measure.zh, measure.en),
            code(measure.code),
            both(*UNIT_NAMES[measure.unit]),
            _measured(spec, measure),
            _trust(measure.source, measure.status),
        ]
        for measure in spec.measures
    ]
    heads = ["指标 Figure", "代码 Code", "单位 Unit", "算法 How", "状态与来源 Status, source"]
    return ["### 辅助指标 Measures", table(heads, rows)]


def _trust(source: str, status: SourceStatus) -> str:
    return both(" ".join(STATUSES[status]), source)


def _measured(spec: IndicatorSpec, measure: Measure) -> str:
    over = _weighed(spec, measure.numerator)
    if measure.denominator is None:
        return both(*over)
    under = _weighed(spec, measure.denominator)
    return both(*(f"{_bracketed(above)} ÷ {_bracketed(below)}" for above, below in zip(over, under, strict=True)))


def _bracketed(sum_of: str) -> str:
    return f"({sum_of})" if any(sign in sum_of for sign in ("＋", " + ", "×")) else sum_of


def _weighed(spec: IndicatorSpec, weights: Mapping[Key, Fraction]) -> Words:
    """Return a weighted sum of quantities in words; subjects of one quantity and weight are named together."""
    groups: dict[tuple[str, Fraction], list[str]] = {}
    for (subject, quantity), weight in weights.items():
        groups.setdefault((quantity, weight), []).append(subject)
    terms = [_term(spec, quantity, weight, subjects) for (quantity, weight), subjects in groups.items()]
    return " ＋ ".join(zh for zh, _ in terms), " + ".join(en for _, en in terms)


def _term(spec: IndicatorSpec, quantity: str, weight: Fraction, subjects: Iterable[str]) -> Words:
    label = spec.quantity_labels[quantity]
    factor = "" if weight == 1 else f" × {weight}"
    named = [spec.subject_labels[subject] for subject in subjects if subject != WHOLE]
    if not named:
        return f"{label.zh}{factor}", f"{label.en}{factor}"
    if len(named) > 1 and len(named) == sum(subject != WHOLE for subject in spec.subject_labels):
        return f"各项{label.zh}合计{factor}", f"all {label.en}{factor}"
    zh, en = "、".join(zh for zh, _ in named), ", ".join(en for _, en in named)
    return f"{zh}·{label.zh}{factor}", f"{en}: {label.en}{factor}"


def _with_unit(label: QuantityLabel) -> Words:
    unit_zh, unit_en = UNIT_NAMES[label.unit]
    return f"{label.zh}（{unit_zh}）", f"{label.en} ({unit_en})"
