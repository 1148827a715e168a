"""The catalogue: every indicator that this release measures, and the texts of all their rules."""

from collections.abc import Mapping

from schemas.indicators.fertiliser import FERTILISER
from schemas.indicators.film import FILM
from schemas.indicators.green_control import GREEN_CONTROL
from schemas.indicators.irrigation import IRRIGATION
from schemas.indicators.manure import MANURE
from schemas.indicators.pesticide import PESTICIDE
from schemas.indicators.spec import IndicatorSpec
from schemas.indicators.straw import STRAW
from schemas.problem_catalogue import ProblemType
from schemas.vocabulary import Indicator

CATALOGUE: Mapping[Indicator, IndicatorSpec] = {
    spec.indicator: spec for spec in (FILM, STRAW, MANURE, FERTILISER, PESTICIDE, IRRIGATION, GREEN_CONTROL)
}

RULE_PROBLEMS: Mapping[str, ProblemType] = {rule.code: rule.kind for spec in CATALOGUE.values() for rule in spec.rules}
"""The problem types of the rules, beside `schemas.problems.PROBLEMS`."""
