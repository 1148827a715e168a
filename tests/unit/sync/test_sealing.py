"""What of a change is sealed, and that it comes back whole."""

import json
from typing import Any

import pytest
from cryptography.exceptions import InvalidTag
from hypothesis import given
from hypothesis import strategies as st

from schemas.farms import Farm
from schemas.vocabulary import Outcome
from sync.personal import Vault
from sync.sealing import ChangeText, form_of_item, joined, open_change, seal_change, split
from tests.support.people import ADDRESS, NAME, PHONE, PLANTED, planted_farm, planted_film
from tests.support.reports import amend, farm, film, new_id

VAULT = Vault([b"k" * 32])

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(0, 9) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)
POINTERS = st.sampled_from(["/name", "/phone", "/area_mu", "/unknown", "x", "/geometry/x", "/note"]) | st.text(
    max_size=6
)


def told(*documents: Any) -> str:
    return json.dumps(documents, ensure_ascii=False)


@given(
    payload=st.dictionaries(st.sampled_from(["name", "area_mu", "period", "odd"]), VALUES),
    changes=st.dictionaries(POINTERS, VALUES),
    replaced=st.dictionaries(POINTERS, VALUES),
    outcome=st.sampled_from(list(Outcome)),
    is_checked=st.booleans(),
)
def test_what_is_split_is_joined_again(
    payload: Any, changes: Any, replaced: Any, outcome: Outcome, is_checked: bool
) -> None:
    item = {"change_id": "c", "payload": payload, "set": changes, "reason": "因为"}
    result = {"outcome": str(outcome), "conflicts": [{"current": NAME}], "problems": [1]}
    whole = ChangeText(item, replaced, result)
    clear, hidden = split(whole, Farm, outcome, is_checked=is_checked)
    assert joined(clear, hidden) == whole
    assert joined(clear, json.loads(json.dumps(hidden))) == whole


@pytest.mark.parametrize("item", [planted_farm(), planted_film(new_id())])
def test_of_a_checked_item_the_personal_fields_are_sealed(item: dict[str, Any]) -> None:
    clear, hidden = split(ChangeText(item, {}, {}), form_of_item(item), Outcome.APPLIED, is_checked=True)
    assert not [one for one in PLANTED if one in told(clear.item)]
    assert set(item["payload"]) - set(clear.item["payload"]) == {path[-1] for path, _ in hidden["item"]}


def test_a_report_that_names_nobody_is_not_sealed() -> None:
    item = film(new_id())
    clear, hidden = split(ChangeText(item, {}, {}), form_of_item(item), Outcome.APPLIED, is_checked=True)
    assert (clear.item, hidden) == (item, {})


def test_of_what_was_not_taken_any_field_may_hold_a_name() -> None:
    base = farm()
    wrong = amend(base, {"/area_mu": PHONE, f"/{NAME}": "1", "/phone": None})
    clear, _ = split(ChangeText(wrong, {}, {}), Farm, Outcome.REJECTED, is_checked=False)
    assert clear.item["set"] == {"/area_mu": None, "/phone": None}
    odd = farm(entity_kind=NAME, village_code=PHONE, township_code=ADDRESS, farm_id=NAME)
    clear, _ = split(ChangeText(odd, {}, {}), Farm, Outcome.REJECTED, is_checked=False)
    assert clear.item["payload"] == {}


def test_a_sealed_part_belongs_to_its_change() -> None:
    sealed = seal_change(VAULT, {"replaced": {"/phone": PHONE}}, "430623", "one")
    row = {"change_id": "one", "sealed": sealed.ciphertext, "sealed_key_id": sealed.key_id}
    assert open_change(VAULT, row, "430623") == {"replaced": {"/phone": PHONE}}
    assert open_change(VAULT, row | {"sealed": "\\x" + sealed.ciphertext.hex()}, "430623")
    for other, county in (("two", "430623"), ("one", "430624")):
        with pytest.raises(InvalidTag):
            open_change(VAULT, row | {"change_id": other}, county)
