"""The catalogue of checks: texts, thresholds, and the warnings that live elsewhere."""

import importlib
import string
from decimal import Decimal

import pytest

from backend.checks.sweep import PROBES
from schemas.checks.catalogue import CHECKS, WARNED_ELSEWHERE
from schemas.checks.thresholds import Thresholds
from schemas.indicators.catalogue import CATALOGUE
from schemas.problems import PROBLEMS
from schemas.vocabulary import CheckLevel, Indicator


def fields_of(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_every_check_is_swept_for_but_the_one_that_filing_makes() -> None:
    assert {probe.check.code for probe in PROBES} == CHECKS.keys() - {"filed_before_townships"}


@pytest.mark.parametrize("check", CHECKS.values(), ids=CHECKS)
def test_both_texts_of_a_check_name_the_same_values(check) -> None:
    assert fields_of(check.zh) == fields_of(check.en)
    params = dict.fromkeys(fields_of(check.zh), "1")
    zh, en = check.said(params)
    assert zh.endswith("。")
    assert en.endswith(".")
    assert check.level in CheckLevel


def test_what_is_warned_of_elsewhere_is_there() -> None:
    of_rules = {rule.code for spec in CATALOGUE.values() for rule in spec.rules}
    for one in WARNED_ELSEWHERE:
        importlib.import_module(one.module)
        assert one.code in of_rules | PROBLEMS.keys()
        assert one.code not in CHECKS


def test_a_deployments_threshold_wins_and_that_of_an_indicator_over_it() -> None:
    own = Thresholds.parse({"rate_jumps.change": "0.2", "rate_jumps.change.straw_utilisation": "0.1"})
    assert own.get("rate_jumps", "change", Indicator.FILM_RECOVERY) == Decimal("0.2")
    assert own.get("rate_jumps", "change", Indicator.STRAW_UTILISATION) == Decimal("0.1")
    assert own.get("amount_jumps", "change", Indicator.STRAW_UTILISATION) == Decimal("0.3")
    assert Thresholds.parse({"round_numbers": "off"}).off == {"round_numbers"}


@pytest.mark.parametrize(
    "given",
    [
        {"nothing": "off"},
        {"rate_jumps": "1"},
        {"rate_jumps.size": "1"},
        {"rate_jumps.change": "a fifth"},
        {"rate_jumps.change.wheat": "0.1"},
        {"rate_jumps.change.film_recovery.more": "0.1"},
    ],
)
def test_a_threshold_that_is_none_is_refused_by_name(given: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=next(iter(given))):
        Thresholds.parse(given)
