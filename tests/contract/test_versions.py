"""A published form stays as it is: a change is found, named, and must come as a new version that takes the old."""

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from backend.contract.definitions import forms
from backend.contract.versions import (
    CHANGELOG,
    PublishedError,
    forms_today,
    is_released,
    publish,
    published,
    version_faults,
)
from schemas.changes import SCHEMA_VERSION
from schemas.indicators.validation import read_farm, read_report
from sync.upcast import upcast_payload
from tests.contract.payloads import payloads

TODAY = forms_today()
PUBLISHED = published()
FORM = "straw_utilisation.county"
GOLDEN = sorted((Path(__file__).parent / "golden").glob("*/*.json"))
OLD_FORMS = [(number, name) for number, then in PUBLISHED.items() for name in then]


def crop(today: dict[str, Any]) -> dict[str, Any]:
    return today[FORM]["$defs"]["CountyCrop"]


def faults(change) -> list[str]:
    """Return what is found after a change of today's forms, had they been published as they are."""
    after = deepcopy(TODAY)
    change(after)
    return version_faults({SCHEMA_VERSION: TODAY}, after, SCHEMA_VERSION)


def test_the_forms_of_today_keep_every_published_version():
    released = is_released(CHANGELOG.read_text(encoding="utf-8"))
    found = version_faults(PUBLISHED, TODAY, SCHEMA_VERSION, released=released)
    assert not found, "\n".join(found)


def test_forms_that_did_not_change_have_no_faults():
    assert faults(lambda _: None) == []


def add_field(today):
    crop(today)["properties"]["ash_t"] = {"type": "string"}


def demand_field(today):
    crop(today)["required"].append("inbound_t")


def drop_field(today):
    del crop(today)["properties"]["outbound_t"]


def change_unit(today):
    crop(today)["properties"]["grain_output_t"]["x-unit"] = "kg"


def narrow_limit(today):
    crop(today)["properties"]["straw_grain_ratio"]["anyOf"][0]["x-maximum"] = "3"


def widen_limit(today):
    crop(today)["properties"]["straw_grain_ratio"]["anyOf"][0]["x-maximum"] = "8"


def drop_code(today):
    today[FORM]["$defs"]["Crop"]["enum"].remove("cotton")


def add_code(today):
    today[FORM]["$defs"]["Crop"]["enum"].append("flax")


@pytest.mark.parametrize(
    ("change", "field", "breaks"),
    [
        (add_field, "/crops/*/ash_t", False),
        (widen_limit, "/crops/*/straw_grain_ratio", False),
        (add_code, "/crops", False),
        (demand_field, "/crops/*/inbound_t", True),
        (drop_field, "/crops/*/outbound_t", True),
        (change_unit, "/crops/*/grain_output_t", True),
        (narrow_limit, "/crops/*/straw_grain_ratio", True),
        (drop_code, "/crops", True),
    ],
)
def test_a_changed_form_is_named_with_its_field(change, field, breaks):
    [fault] = faults(change)
    assert fault.startswith(f"{FORM} {field}（")
    assert ("refuses what version" in fault) is breaks
    assert ("raise SCHEMA_VERSION" in fault) is not breaks


def test_a_new_version_may_add_and_widen_but_not_refuse_what_an_older_one_takes():
    after = deepcopy(TODAY)
    for change in (add_field, widen_limit, add_code):
        change(after)
    assert version_faults({1: TODAY}, after, 2) == []
    drop_field(after)
    assert [fault.partition("（")[0] for fault in version_faults({1: TODAY}, after, 2)] == [
        f"{FORM} /crops/*/outbound_t"
    ]


def test_words_may_be_corrected_without_a_new_version():
    def reword(schema: Any) -> None:
        if isinstance(schema, dict):
            schema.update({"title": "other", "x-label": {"zh": "别的", "en": "other"}, "x-hint": {"zh": "", "en": ""}})

    assert faults(lambda today: [reword(each) for each in crop(today)["properties"].values()]) == []


def test_a_new_form_needs_a_new_version_and_a_form_never_goes():
    def add_form(today):
        today["soil.farm"] = today["farm"]

    def drop_form(today):
        del today["farm"]

    assert "soil.farm（新表 new form）" in faults(add_form)[0]
    assert "refuses what version" in faults(drop_form)[0]


def test_a_version_below_a_published_one_and_a_release_without_its_version_are_faults():
    assert "is published" in version_faults({3: TODAY}, TODAY, 2)[0]
    assert version_faults({1: TODAY}, TODAY, 2, released=False) == []
    assert "qingtian contract publish" in version_faults({1: TODAY}, TODAY, 2, released=True)[0]


def test_a_changelog_is_released_once_its_newest_section_has_a_date():
    assert not is_released("# 更新日志\n\n## [0.2.0] - 未发布 Unreleased\n\n## [0.1.0] - 2026-01-01\n")
    assert is_released("# 更新日志\n\n## [0.2.0] - 2026-12-01\n\n## [0.1.0] - 未发布 Unreleased\n")


def test_a_version_is_published_once_and_read_back_as_it_was(tmp_path):
    publish(tmp_path, 1)
    assert published(tmp_path) == {1: forms_today(1)}
    with pytest.raises(PublishedError, match="SCHEMA_VERSION"):
        publish(tmp_path, 1)


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_what_a_phone_of_a_published_version_sent_is_still_taken(path):
    schema = PUBLISHED[int(path.parent.name)][path.stem]
    for payload in json.loads(path.read_text(encoding="utf-8")):
        Draft202012Validator(schema).validate(payload)
        upcast = upcast_payload(payload, int(path.parent.name), path.stem)
        Draft202012Validator(TODAY[path.stem]).validate(upcast)
        if path.stem == "farm":
            read_farm(upcast)
        else:
            read_report(upcast)


def test_every_published_form_has_golden_payloads():
    assert {(int(path.parent.name), path.stem) for path in GOLDEN} == set(OLD_FORMS)


@pytest.mark.parametrize(("number", "name"), OLD_FORMS)
@settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_whatever_a_published_form_describes_still_fits_the_form(number, name, data):
    forms()[name].model_validate(data.draw(payloads(PUBLISHED[number][name])))
