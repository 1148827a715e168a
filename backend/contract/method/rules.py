"""The rules as tables: how hard each bites on which level, what it says, and whose rule it is."""

import re
from collections.abc import Iterable

from backend.contract.method.markdown import both, code, table
from backend.contract.words import SEVERITIES, STATUSES
from schemas.indicators.catalogue import CATALOGUE
from schemas.indicators.spec import IndicatorSpec, Rule
from schemas.problem_catalogue import PROBLEMS
from schemas.vocabulary import Severity

BLOCK, WARN = Severity.BLOCK, Severity.WARN

ELSEWHERE: tuple[tuple[str, Severity | None, Severity | None], ...] = (
    ("out_of_range", BLOCK, BLOCK),
    ("share_out_of_range", BLOCK, BLOCK),
    ("period_future", BLOCK, BLOCK),
    ("rate_over_one", WARN, BLOCK),
    ("coefficient_missing", WARN, WARN),
    ("township_elsewhere", BLOCK, None),
    ("unknown_township", WARN, None),
    ("retired_county", WARN, BLOCK),
    ("plot_outside_county", WARN, None),
    ("area_differs", WARN, None),
    ("geometry_repaired", WARN, None),
    ("geometry_ring_closed", WARN, None),
    ("statement_differs", None, WARN),
)
"""What is checked outside the catalogue's rules: code, severity on a farm's report and on a county's statement."""

HEADS = ["规则 Rule", "主体 Farm", "县级 County", "内容 What it says", "状态 Status"]
NAMED = {"{numerator_name}": ("分子", "numerator"), "{denominator_name}": ("分母", "denominator")}
"""Parameters that are told by what they stand for."""

_PARAMETER = re.compile(r"\{[a-z_]+\}")
_ELLIPSES = re.compile(r"…(?:\s*…)+")
_ROOM = re.compile(r"\s*…\s*")


def own_rules_table(spec: IndicatorSpec) -> str:
    """Return the rules of an indicator that not every indicator has."""
    shared = {rule.code for rule in shared_rules()}
    return table(HEADS, (_row(rule) for rule in spec.rules if rule.code not in shared))


def common_rules_table() -> str:
    """Return the rules of every indicator, and what is checked of a report beside its form."""
    elsewhere = (
        [code(name), _severity(farm), _severity(county), _said(PROBLEMS[name].zh, PROBLEMS[name].en), "约定"]
        for name, farm, county in ELSEWHERE
    )
    return table(HEADS, [*(_row(rule) for rule in shared_rules()), *elsewhere])


def shared_rules() -> list[Rule]:
    """Return the rules that every indicator has."""
    first, *others = CATALOGUE.values()
    return [rule for rule in first.rules if all(_has(spec.rules, rule.code) for spec in others)]


def _has(rules: Iterable[Rule], wanted: str) -> bool:
    return any(rule.code == wanted for rule in rules)


def _row(rule: Rule) -> list[str]:
    farm, county = _severity(rule.on_farm), _severity(rule.on_county)
    return [code(rule.code), farm, county, _said(rule.zh, rule.en), STATUSES[rule.status][0]]


def _severity(severity: Severity | None) -> str:
    return "—" if severity is None else SEVERITIES[severity][0]


def _said(zh: str, en: str) -> str:
    """Return the texts of a rule, what varies told by dots."""
    for parameter, (name_zh, name_en) in NAMED.items():
        zh, en = zh.replace(parameter, name_zh), en.replace(parameter, name_en)
    return both(_ROOM.sub("…", _dotted(zh)), _dotted(en))


def _dotted(text: str) -> str:
    return _ELLIPSES.sub("…", _PARAMETER.sub("…", text))
