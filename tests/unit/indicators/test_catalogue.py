"""The catalogue is whole: every field labelled, every form a JSON Schema, every quantity and rule described."""

import ast
import json
import re
from pathlib import Path

import pytest
from pydantic import BaseModel

import schemas.indicators
from schemas.farms import Farm
from schemas.indicators.catalogue import CATALOGUE, RULE_PROBLEMS
from schemas.indicators.form import label_of, names_of
from schemas.indicators.manure_form import HEAD_COUNTS, SPECIES_NAMES
from schemas.indicators.spec import WHOLE
from schemas.indicators.straw_form import CROP_LIMITS, CROP_NAMES, Crop
from schemas.problem_catalogue import PROBLEMS
from schemas.reference import loader
from schemas.vocabulary import Indicator, Level, Severity, Unit
from tests.unit.indicators.payloads import (
    accepted,
    film_county,
    film_farm,
    manure_county,
    manure_farm,
    straw_county,
    straw_household,
    straw_market,
)

FORMS = [spec.form(level) for spec in CATALOGUE.values() for level in Level]
EXAMPLES = [film_farm, film_county, straw_household, straw_market, straw_county, manure_farm, manure_county]
CHINESE = re.compile("[\u4e00-\u9fff]")


def models_below(form: type[BaseModel]):
    yield form
    for field in form.model_fields.values():
        for part in getattr(field.annotation, "__args__", ()):
            if isinstance(part, type) and issubclass(part, BaseModel):
                yield from models_below(part)


def fields_below(form):
    return [(name, field) for model in models_below(form) for name, field in model.model_fields.items()]


def test_every_indicator_of_the_vocabulary_is_in_the_catalogue_under_its_own_name():
    assert set(CATALOGUE) == set(Indicator)
    assert all(spec.indicator is indicator for indicator, spec in CATALOGUE.items())


@pytest.mark.parametrize("form", [*FORMS, Farm])
def test_every_field_has_a_label_in_both_languages(form):
    for name, field in fields_below(form):
        label = label_of(field)
        assert CHINESE.search(label.zh), name
        assert label.en, name
        assert not CHINESE.search(label.en), name
        assert bool(label.hint_zh) >= bool(label.hint_en), name


@pytest.mark.parametrize("form", FORMS)
def test_a_field_that_carries_a_unit_in_its_name_declares_the_same_unit(form):
    for name, field in fields_below(form):
        suffix = name.rsplit("_", 1)[-1]
        if suffix in {Unit.KG, Unit.TONNE, Unit.MU, Unit.HEAD}:
            assert label_of(field).unit == suffix, name


@pytest.mark.parametrize("form", FORMS)
def test_farm_forms_ask_kilograms_and_county_forms_tonnes(form):
    units = {label_of(field).unit for _, field in fields_below(form)}
    asks_mass = bool({Unit.KG, Unit.TONNE} & units)
    assert (Unit.KG in units, Unit.TONNE in units) == (
        asks_mass and form.__name__.endswith("FarmForm"),
        asks_mass and form.__name__.endswith("CountyForm"),
    )


@pytest.mark.parametrize("form", [*FORMS, Farm])
def test_every_form_is_a_json_schema_that_says_number_strings_labels_and_units(form):
    schema = form.model_json_schema()
    positions = schema.get("$defs", {}).get("AttachmentNamed", {}).get("properties", {}).pop("position", None)
    assert (positions is not None) == form.__name__.endswith("FarmForm"), "coordinates alone are JSON numbers"
    text = json.dumps(schema, ensure_ascii=False)
    assert schema["additionalProperties"] is False
    assert '"number"' not in text, "no float on the wire"
    assert '"x-label"' in text
    if form is not Farm:
        assert schema["properties"]["period"]["x-label"] == {"zh": "统计期", "en": "Period"}
        assert '"x-unit"' in text


def test_the_schema_names_the_crops_and_who_is_asked():
    schema = CATALOGUE[Indicator.STRAW_UTILISATION].farm_form.model_json_schema()
    crops = schema["properties"]["crops"]
    assert crops["x-names"]["early_rice"] == {"zh": "早稻", "en": "Early rice"}
    entry = schema["$defs"]["FarmCrop"]["properties"]
    assert entry["inbound_kg"]["x-asked-of"] == "market_entity"
    assert entry["grain_kg"]["x-asked-of"] == "household"
    assert "x-asked-of" not in entry["use_feed_kg"]
    assert entry["grain_kg"]["anyOf"][0]["pattern"] == r"^(0|[1-9][0-9]{0,11})(\.[0-9]{1,6})?$"


def test_every_code_of_crops_and_species_has_a_name_and_its_limits():
    assert set(CROP_NAMES) == set(CROP_LIMITS) == set(Crop)
    assert set(SPECIES_NAMES) == set(HEAD_COUNTS)
    for form in FORMS:
        for name, field in form.model_fields.items():
            if name in {"crops", "species"}:
                assert names_of(field)


@pytest.mark.parametrize("example", EXAMPLES)
def test_every_quantity_and_subject_that_a_report_adds_is_described(example):
    form = accepted(example())
    spec = CATALOGUE[form.indicator]
    for subject, quantity in spec.quantities(form):
        assert quantity in spec.quantity_labels
        assert subject == WHOLE or subject in spec.subject_labels


@pytest.mark.parametrize("spec", CATALOGUE.values(), ids=lambda spec: spec.indicator.value)
def test_the_current_formula_is_one_of_the_versions_and_each_says_how(spec):
    assert spec.current_formula in spec.formulas
    for version, formula in spec.formulas.items():
        assert formula.version == version
        assert CHINESE.search(formula.zh)
        assert not CHINESE.search(formula.en)


def test_a_rule_code_has_one_text_everywhere_and_does_not_shadow_another_problem():
    for spec in CATALOGUE.values():
        for rule in spec.rules:
            assert RULE_PROBLEMS[rule.code] == rule.kind
            if rule.code in PROBLEMS:
                assert (rule.zh, rule.en) == (PROBLEMS[rule.code].zh, PROBLEMS[rule.code].en)
            assert CHINESE.search(rule.zh)
            assert not CHINESE.search(rule.en)


def test_on_farm_reports_no_rule_of_plausibility_blocks():
    """A rate over 100 % or an unusual amount on a farm is for the reviewer, never a reason to type another number."""
    blocking = {
        rule.code for spec in CATALOGUE.values() for rule in spec.rules if rule.severity(Level.FARM) is Severity.BLOCK
    }
    assert blocking == {
        "all_zero",
        "none_contradicted",
        "not_asked_of_respondent",
        "harvest_missing",
        "yield_over_limit",
        "grain_without_area",
        "returned_exceeds_sown",
        "inbound_exceeds_use",
        "uses_exceed_straw",
        "wrong_head_count",
        "heads_missing",
        "basis_missing",
        "project_needs_year",
    }


@pytest.mark.parametrize("spec", CATALOGUE.values(), ids=lambda spec: spec.indicator.value)
def test_merge_groups_name_fields_that_exist(spec):
    def exists(form, pointer):
        head, *rest = pointer.strip("/").split("/")
        if head not in form.model_fields:
            return False
        if not rest:
            return True
        code, name = rest
        field = form.model_fields[head]
        entry = next(part for part in field.annotation.__args__ if issubclass(part, BaseModel))
        return code in names_of(field) and name in entry.model_fields

    for group in spec.merge_groups:
        assert len(group) > 1
        for pointer in group:
            assert any(exists(spec.form(level), pointer) for level in Level), pointer


def test_film_gross_impurity_and_moisture_merge_together():
    groups = CATALOGUE[Indicator.FILM_RECOVERY].merge_groups
    [mulch] = [group for group in groups if "/mulch_impurity_rate" in group]
    assert mulch >= {"/mulch_recovered_gross_kg", "/mulch_recovered_gross_t", "/mulch_moisture_rate"}


def test_every_packaged_coefficient_is_one_that_a_formula_asks_for():
    for each in loader.coefficients():
        asking = [spec for spec in CATALOGUE.values() if each.name in spec.coefficient_labels]
        assert asking, each
        assert each.subject == WHOLE or each.subject in asking[0].subject_labels, each


def test_the_packaged_coefficients_cover_every_species():
    packaged = {(each.name, each.subject) for each in loader.coefficients()}
    names = CATALOGUE[Indicator.MANURE_UTILISATION].coefficient_labels
    assert {(name, species) for name in names for species in SPECIES_NAMES} <= packaged


def test_no_module_of_the_catalogue_holds_a_float():
    for path in Path(schemas.indicators.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            assert not (isinstance(node, ast.Constant) and isinstance(node.value, float)), path
            assert not (isinstance(node, ast.Name) and node.id == "float"), path


@pytest.mark.parametrize("spec", CATALOGUE.values(), ids=lambda spec: spec.indicator.value)
def test_a_field_belongs_to_one_merge_group_at_most(spec):
    pointers = [pointer for group in spec.merge_groups for pointer in group]
    assert len(pointers) == len(set(pointers))
