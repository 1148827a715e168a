"""The checks as tables: what each asks, and the thresholds it goes by."""

import re

from backend.contract.method.markdown import both, code, table
from schemas.checks.catalogue import CHECKS, WARNED_ELSEWHERE
from schemas.checks.check import Check, Threshold
from schemas.decimals import plain
from schemas.indicators.catalogue import CATALOGUE
from schemas.vocabulary import UNIT_NAMES, CheckLevel, Unit

LEVELS = {
    CheckLevel.REPORT: ("填报", "reports"),
    CheckLevel.FILING: ("上报", "filings"),
    CheckLevel.PROVINCE: ("全省", "a province"),
}

_PARAMETER = re.compile(r"\{[a-z_]+\}")


def checks_table() -> str:
    """Return every check that is swept for or made at a filing."""
    return table(
        ["核查 Check", "对象 Of", "内容 What it says", "阈值 Thresholds", "权重 Weight"],
        (
            [
                f"{code(check.code)}<br>{both(check.title_zh, check.title_en)}",
                " ".join(LEVELS[check.level]),
                both(_PARAMETER.sub("…", check.zh), _PARAMETER.sub("…", check.en)),
                _thresholds(check),
                str(check.weight) if check.level is CheckLevel.REPORT else "—",
            ]
            for check in CHECKS.values()
        ),
    )


def warned_elsewhere_list() -> str:
    """Return the warnings that are given at once, by the module that gives them."""
    by_module: dict[str, list[str]] = {}
    for one in WARNED_ELSEWHERE:
        by_module.setdefault(one.module, []).append(code(one.code))
    return "\n".join(f"- {code(module)}：{'、'.join(codes)}" for module, codes in by_module.items())


def _thresholds(check: Check) -> str:
    said = [_threshold(name, threshold) for name, threshold in check.thresholds.items()]
    return "<br>".join(said) or "—"


def _threshold(name: str, threshold: Threshold) -> str:
    unit = "" if threshold.unit in (Unit.RATE, Unit.COUNT) else " " + " ".join(UNIT_NAMES[threshold.unit])
    others = "".join(f"，{CATALOGUE[one].zh} {plain(value)}" for one, value in threshold.of.items())
    return f"{code(name)} {both(threshold.zh, threshold.en)} {plain(threshold.value)}{unit}{others}"
