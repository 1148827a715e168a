"""The method page says everything that the program computes with, and nothing twice or unfilled."""

import re

import pytest

from backend.contract.method.answered import full_answers
from backend.contract.method.asked import quantities_table
from backend.contract.method.page import PARTS, method_page
from backend.contract.words import STATUSES
from schemas.decimals import plain
from schemas.indicators.catalogue import CATALOGUE
from schemas.reference.loader import coefficients, goals
from schemas.vocabulary import UNIT_NAMES, Level, SourceStatus, Unit

PAGE = method_page()
SPECS = list(CATALOGUE.values())
CHINESE = re.compile("[\u4e00-\u9fff]")


def section(spec) -> str:
    start = PAGE.index(f"\n## {spec.zh} {spec.en}\n")
    end = PAGE.find("\n## ", start + 1)
    return PAGE[start:end]


def test_nothing_is_left_unfilled():
    assert not re.search(r"\{\{|\}\}|\{[a-z_]+\}", PAGE)


def test_a_marker_without_a_part_is_an_error_of_ours():
    with pytest.raises(KeyError):
        PARTS["unheard_of"]()


def test_every_link_within_the_page_leads_somewhere():
    anchors = set(re.findall(r'<a id="([a-z]+)"></a>', PAGE))
    assert set(re.findall(r"\]\(#([a-z]+)\)", PAGE)) <= anchors


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.indicator)
def test_an_indicator_is_told_whole(spec):
    told = section(spec)
    for formula in spec.formulas.values():
        assert all(part in told for part in (*formula.zh.split("；"), *formula.en.split("; "), f"`{formula.version}`"))
        assert formula.source in told
    for measure in spec.measures:
        assert f"`{measure.code}`" in told
        assert measure.zh in told
    for label in spec.quantity_labels.values():
        assert label.zh in told
    for zh, en in spec.coefficient_labels.values():
        assert zh in told
        assert en in told
    assert "### 例 Example" in told


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.indicator)
def test_every_rule_stands_on_the_page_once_for_its_indicator_or_once_for_all(spec):
    for rule in spec.rules:
        row = f"| `{rule.code}` |"
        assert (section(spec).count(row), PAGE.count(row)) in {(1, 1), (0, 1)}, rule.code


def test_every_shipped_coefficient_value_stands_on_the_page_with_its_source():
    by_name = {name: section(spec) for spec in SPECS for name in spec.coefficient_labels}
    for each in coefficients():
        told = by_name[each.name]
        assert f" {plain(each.value)} " in told, each
        assert f"{each.source}（{' '.join(STATUSES[each.status])}）" in told


def test_every_shipped_goal_stands_on_the_page_with_its_source_and_status():
    table = PARTS["goals"]().splitlines()[2:]
    assert len(table) == len(goals())
    for row, goal in zip(table, goals(), strict=True):
        assert goal.source in row
        assert row.endswith(f"| {STATUSES[goal.status][0]} |")


def test_every_unit_and_status_has_words():
    assert set(UNIT_NAMES) == set(Unit)
    assert set(STATUSES) == set(SourceStatus)


def test_a_full_answer_is_a_report_that_the_form_takes():
    for spec in SPECS:
        for level in Level:
            answers = list(full_answers(spec.form(level)))
            assert answers
            for each in answers:
                spec.form(level).model_validate(each)


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.indicator)
def test_every_quantity_is_added_by_some_report(spec):
    rows = quantities_table(spec).splitlines()[2:]
    assert len(rows) == len(spec.quantity_labels)
    for row in rows:
        assert "●" in row, row


def test_the_film_quantities_are_those_of_the_program():
    film = section(SPECS[0])
    assert "| 使用量<br>used | `used_t` | 吨<br>t | 地膜、棚膜、全生物降解地膜<br>" in film
    assert "| 净回收量<br>recovered, net | `net_t` | 吨<br>t | 地膜、棚膜<br>Mulch film, Shed film | ● | ● |" in film
