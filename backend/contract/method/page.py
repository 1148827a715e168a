"""The page put together: the prose of `page.md`, its markers replaced by what is generated."""

import re
from collections.abc import Callable, Mapping

from backend.contract.method.asked import common_fields_table
from backend.contract.method.checks import checks_table, warned_elsewhere_list
from backend.contract.method.goals import goals_table
from backend.contract.method.indicator import PROSE, anchor, section
from backend.contract.method.markdown import table
from backend.contract.method.rules import common_rules_table
from backend.contract.words import KINDS, STATUSES
from schemas.indicators.catalogue import CATALOGUE

MARKER = re.compile(r"^\{\{([a-z_]+)\}\}$", re.MULTILINE)


def method_page() -> str:
    """Return the method page. Raises KeyError for a marker that nothing stands behind."""
    prose = (PROSE / "page.md").read_text(encoding="utf-8")
    return MARKER.sub(lambda found: PARTS[found[1]](), prose).strip() + "\n"


def _indicators() -> str:
    return "\n\n".join(section(spec) for spec in CATALOGUE.values())


def _overview() -> str:
    rows = [
        [
            f"[{spec.zh} {spec.en}](#{anchor(spec)})",
            KINDS[spec.kind][0],
            f"`{spec.current_formula}`",
            " ".join(STATUSES[spec.formula.status]),
        ]
        for spec in CATALOGUE.values()
    ]
    return table(["指标 Indicator", "算的是什么 What it is", "公式版本 Formula", "状态 Status"], rows)


PARTS: Mapping[str, Callable[[], str]] = {
    "overview": _overview,
    "common_fields": common_fields_table,
    "indicators": _indicators,
    "goals": goals_table,
    "common_rules": common_rules_table,
    "checks": checks_table,
    "warned_elsewhere": warned_elsewhere_list,
}
"""What stands behind each marker of the page."""
