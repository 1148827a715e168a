"""Old versions of the forms, brought to today's step by step."""

from copy import deepcopy
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.changes import SCHEMA_VERSION
from schemas.indicators.validation import read_report
from sync.leaves import flatten
from sync.upcast import UPCASTERS, Default, Drop, Move, Rescale, Upcasters, upcast_payload, upcast_set

FILM = "film_recovery.farm"
V0: Upcasters = {
    0: {
        FILM: (
            Move("/film/used_g", "/mulch_used_kg"),
            Rescale("/mulch_used_kg", Decimal("0.001")),
            Move("/returned_kg", "/mulch_recovered_gross_kg"),
            Default("/mulch_impurity_rate", "0.1"),
            Drop("/colour", "农膜颜色"),
        )
    }
}
"""A version that never was: nested, in grams, under another name, with a field that nobody asks for any more."""

OLD: dict[str, Any] = {
    "indicator": "film_recovery",
    "level": "farm",
    "period": "2025",
    "farm_id": "01930000-0000-7000-8000-000000000001",
    "township_code": "430623101",
    "film": {"used_g": "100500"},
    "returned_kg": "90",
    "colour": "黑色",
    "mulch_moisture_rate": "0.1",
    "mulch_covered_area_mu": "20",
    "note": "东头两块地",
}


def payload(old: dict[str, Any]) -> Any:
    return upcast_payload(old, 0, FILM, V0 | UPCASTERS)


def changes(sent: dict[str, Any], current: dict[str, Any] | None = None) -> Any:
    return upcast_set(sent, 0, FILM, flatten(current or {}), V0 | UPCASTERS)


def test_a_payload_of_a_made_up_version_0_is_read_by_the_form_of_today() -> None:
    before = deepcopy(OLD)
    form, _ = read_report(payload(OLD))
    answers = form.model_dump(mode="json", exclude_none=True)
    assert (answers["mulch_used_kg"], answers["mulch_recovered_gross_kg"]) == ("100.5", "90")
    assert (answers["mulch_impurity_rate"], answers["note"]) == ("0.1", "东头两块地；农膜颜色：黑色")
    assert before == OLD


def test_the_same_content_as_version_1_is_left_alone() -> None:
    assert upcast_payload(OLD, 1, FILM, V0 | UPCASTERS) is OLD


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        ({"/film/used_g": "2000"}, {"/mulch_used_kg": "2"}),
        ({"/film": {"used_g": "2000"}}, {"/mulch_used_kg": "2"}),
        ({"/film/used_g": None}, {"/mulch_used_kg": None}),
        ({"/returned_kg": "5", "/period": "2024"}, {"/mulch_recovered_gross_kg": "5", "/period": "2024"}),
        ({"/colour": "白色"}, {"/note": "农膜颜色：白色"}),
        ({"/colour": None}, {}),
        ({"/colour": "白色", "/note": None}, {"/note": "农膜颜色：白色"}),
        ({"/film/used_g": "many"}, {"/mulch_used_kg": "many"}),
        ({"/returned_kg": "1", "/mulch_recovered_gross_kg": "2"}, None),
        ({"film": 1}, None),
        ({"/film": {"used_g": "1"}, "/film/used_g": "1"}, None),
    ],
)
def test_the_pointers_of_an_amendment_follow(sent: dict[str, Any], expected: dict[str, Any] | None) -> None:
    before = deepcopy(sent)
    assert changes(sent) == (sent if expected is None else expected)
    assert sent == before


def test_a_dropped_field_joins_the_note_that_the_record_has_and_says_nothing_twice() -> None:
    assert changes({"/colour": "白色"}, {"note": "原有"}) == {"/note": "原有；农膜颜色：白色"}
    assert changes({"/colour": "白色"}, {"note": "原有；农膜颜色：白色"}) == {}


def test_a_note_never_outgrows_its_form_and_keeps_what_a_person_wrote() -> None:
    written = "长" * 495
    assert payload(OLD | {"note": written})["note"] == written + "；农膜颜色"
    assert payload(OLD | {"note": "长" * 500})["note"] == "长" * 500


CROPS: Upcasters = {
    1: {
        "x": (
            Move("/crops/*/left_kg", "/crops/*/left_t"),
            Rescale("/crops/*/left_t", Decimal("0.001")),
            Move("/crops/*/price", "/prices/*"),
            Default("/crops/*/kind", "grain"),
            Move("/crops", "/harvest"),
        )
    }
}


def test_a_step_reaches_every_crop_whatever_its_code() -> None:
    sent = {"crops": {"rice": {"left_kg": "1500", "price": "3"}, "wheat": {"left_kg": "2", "kind": "bran"}}}
    assert upcast_payload(sent, 1, "x", CROPS, 2) == {
        "harvest": {"rice": {"left_t": "1.5", "kind": "grain"}, "wheat": {"left_t": "0.002", "kind": "bran"}},
        "prices": {"rice": "3"},
    }


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        ({"/crops/rice/left_kg": "1500"}, {"/harvest/rice/left_t": "1.5"}),
        ({"/crops/rice": {"left_kg": "1"}}, {"/harvest/rice": {"left_t": "0.001", "kind": "grain"}}),
        ({"/crops/rice/price": "3"}, {"/prices/rice": "3"}),
        ({"/crops/rice": None}, {"/harvest/rice": None}),
        ({"/crops": {"a/b": {"left_kg": "1", "price": "2"}}},
         {"/harvest": {"a/b": {"left_t": "0.001", "kind": "grain"}}, "/prices/a~1b": "2"}),
    ],
)  # fmt: skip
def test_amended_crops_follow_at_any_depth(sent: dict[str, Any], expected: dict[str, Any]) -> None:
    assert upcast_set(sent, 1, "x", {}, CROPS, 2) == expected


@given(st.integers(0, 10**18 - 1))
def test_a_unit_change_is_exact_to_the_last_digit_of_the_wire(micro: int) -> None:
    sent = f"{micro // 10**6}.{micro % 10**6:06d}"
    scaled = upcast_set({"/a": sent}, 1, "x", {}, {1: {"x": (Rescale("/a", Decimal("0.001")),)}}, 2)["/a"]
    assert abs(Decimal(scaled) - Decimal(sent) / 1000) <= Decimal("0.0000005")
    exponent = Decimal(scaled).as_tuple().exponent
    assert isinstance(exponent, int)
    assert exponent >= -6


def test_several_versions_are_gone_through_in_order() -> None:
    two: Upcasters = {1: {"x": (Move("/a", "/b"),)}, 2: {"x": (Move("/b", "/c"),)}}
    assert upcast_payload({"a": 1}, 1, "x", two, 3) == {"c": 1}
    assert upcast_payload({"b": 1}, 2, "x", two, 3) == {"c": 1}


def test_every_published_version_before_todays_has_its_steps() -> None:
    assert set(UPCASTERS) == set(range(1, SCHEMA_VERSION))
