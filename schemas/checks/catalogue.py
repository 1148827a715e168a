"""All checks by code, and where those warnings live that a report gets at once."""

from collections.abc import Mapping
from dataclasses import dataclass

from schemas.checks.check import Check
from schemas.checks.filings import FILING_CHECKS
from schemas.checks.provinces import PROVINCE_CHECKS
from schemas.checks.reports import REPORT_CHECKS
from schemas.vocabulary import FindingState

CHECKS: Mapping[str, Check] = {**REPORT_CHECKS, **FILING_CHECKS, **PROVINCE_CHECKS}

SETTLED = frozenset({FindingState.EXPLAINED, FindingState.DISMISSED})
"""Of which an office has said something; new evidence opens them again."""


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """A warning that is not swept for, because something else says it at once."""

    code: str
    module: str


WARNED_ELSEWHERE = (
    Elsewhere("recovered_more_than_used", "schemas.indicators.film_rules"),
    Elsewhere("impurity_zero", "schemas.indicators.film_rules"),
    Elsewhere("share_not_given", "schemas.indicators.film_rules"),
    Elsewhere("film_per_mu_unusual", "schemas.indicators.film_rules"),
    Elsewhere("film_below_standard", "schemas.indicators.film_rules"),
    Elsewhere("use_without_harvest", "schemas.indicators.straw_rules"),
    Elsewhere("manure_without_animals", "schemas.indicators.manure_rules"),
    Elsewhere("rate_over_one", "schemas.indicators.findings"),
    Elsewhere("plot_outside_county", "geo.counties"),
    Elsewhere("area_differs", "sync.content"),
    Elsewhere("rate_over_whole", "backend.rollup.summaries"),
    Elsewhere("goal_weaker", "backend.rollup.goals"),
)
"""Warnings of a single report, figure or goal: the report carries them from its push on, the summary shows them."""
