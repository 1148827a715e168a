"""The JSON Schemas are sound, say everything a form needs, and take and refuse what the server takes and refuses."""

import json
from functools import cache
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from pydantic import ValidationError

from backend.contract.definitions import forms
from backend.contract.json_schemas import MESSAGES, schema_files
from backend.contract.structure import fields_of
from backend.contract.versions import REPOSITORY
from schemas.indicators.translation import translate
from schemas.receipts import CHECKPOINT_ALGORITHM, RECEIPT_ALGORITHM, Signer
from tests.contract.payloads import changed_payloads, payloads

SCHEMAS = schema_files()
FORMS = forms()
VALUE_CODES = {"out_of_range", "share_out_of_range"}
"""Refusals that a pattern cannot tell: a schema gives the limits of a number string as x-minimum and x-maximum."""

thorough = settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.too_slow])


@cache
def validator(name: str) -> Draft202012Validator:
    return Draft202012Validator(SCHEMAS[name])


def refusals(name: str, payload: dict[str, Any]) -> set[str]:
    """Return the codes of what the server finds wrong with the form of a payload."""
    try:
        FORMS[name].model_validate(payload)
    except ValidationError as error:
        return {each.code for each in translate(error, FORMS[name], "/payload")}
    return set()


def test_there_is_a_schema_file_for_every_form_and_message():
    found = {path.name for path in (REPOSITORY / "mobile_contract" / "schemas").iterdir()}
    assert found == {f"{name}.schema.json" for name in (*FORMS, *MESSAGES)}


@pytest.mark.parametrize("name", SCHEMAS)
def test_a_schema_is_valid_and_stands_by_itself(name):
    schema = SCHEMAS[name]
    Draft202012Validator.check_schema(schema)
    assert schema["$id"].endswith(f":{name}")
    references = {part.partition('"')[0] for part in json.dumps(schema).split('"$ref": "')[1:]}
    assert references <= {f"#/$defs/{each}" for each in schema.get("$defs", {})}


@pytest.mark.parametrize("name", FORMS)
def test_every_field_of_a_form_is_labelled_and_every_number_has_unit_and_limits(name):
    def members(schema: dict[str, Any]):
        yield from schema.get("properties", {}).items()
        for below in schema.get("$defs", {}).values():
            yield from members(below)

    for field, schema in members(SCHEMAS[name]):
        assert schema["title"], field
        assert set(schema["x-label"]) == {"zh", "en"}, field
        number = next((each for each in (schema, *schema.get("anyOf", ())) if "x-maximum" in each), None)
        if number is not None:
            assert schema["x-unit"], field
            assert float(number["x-minimum"]) <= float(number["x-maximum"]), field


@pytest.mark.parametrize("name", FORMS)
@thorough
@given(data=st.data())
def test_the_server_takes_what_a_schema_describes(name, data):
    payload = data.draw(payloads(SCHEMAS[name]))
    assert validator(name).is_valid(payload)
    assert refusals(name, payload) == set()


@pytest.mark.parametrize("name", FORMS)
@thorough
@given(data=st.data())
def test_schema_and_server_refuse_alike(name, data):
    payload = data.draw(changed_payloads(SCHEMAS[name]))
    found = refusals(name, payload)
    if not found:
        assert validator(name).is_valid(payload), payload
    if validator(name).is_valid(payload):
        assert found <= VALUE_CODES, payload


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"mulch_used_kg": 12.5}, "number_format"),
        ({"mulch_used_kg": "1e3"}, "number_format"),
        ({"unheard_of": "1"}, "unknown_field"),
        ({"period": "2025Q5"}, "invalid_period"),
        ({"township_code": "4306"}, "code_digits"),
        ({"farm_id": "01930000-0000-4000-8000-000000000001"}, "not_uuid7"),
        ({"none_this_year": "yes"}, "wrong_type"),
        ({"note": "字" * 501}, "text_too_long"),
        ({"recovery_channel": "sea"}, "unknown_code"),
    ],
)
def test_what_the_server_calls_a_fault_of_the_form_the_schema_refuses(change, code):
    payload = {
        "indicator": "film_recovery",
        "level": "farm",
        "period": "2025",
        "farm_id": "01930000-0000-7000-8000-000000000001",
        "township_code": "430623101",
        "mulch_used_kg": "100",
    }
    assert validator("film_recovery.farm").is_valid(payload)
    assert not validator("film_recovery.farm").is_valid(payload | change)
    assert code in refusals("film_recovery.farm", payload | change)


def test_a_missing_answer_is_refused_by_both():
    payload = {"indicator": "film_recovery", "level": "county"}
    assert not validator("film_recovery.county").is_valid(payload)
    assert refusals("film_recovery.county", payload) == {"missing"}


RECORD = "01930000-0000-7000-8000-000000000001"


@pytest.mark.parametrize(
    ("name", "takes", "refuses"),
    [
        (
            "manifest",
            {"county_code": "430623", "entries": [[RECORD, "0a" * 8]], "after": None},
            {"entries": [[RECORD]]},
        ),
        ("wanted_records", {"county_code": "430623", "ids": [RECORD]}, {"ids": []}),
        ("found_records", {"records": []}, {"records": [{}]}),
        (
            "packs",
            {"county_code": "430623", "sha256": "ab" * 32, "packs": [], "files_sha256": "", "files": []},
            {"packs": None},
        ),
        ("devices", {"county_code": "430623", "devices": []}, {"devices": [{"device_id": RECORD}]}),
        ("keys", {"keys": []}, {"keys": [{"key_id": "ab" * 8}]}),
    ],
)
def test_a_message_of_sync_is_described(name, takes, refuses):
    assert validator(name).is_valid(takes)
    assert not validator(name).is_valid(takes | refuses)


def test_receipt_and_checkpoint_files_are_described_as_they_are_signed():
    signer = Signer.of(bytes(32))
    heads = [{"county_code": "430623", "position": 7, "entry_hash": "ab" * 32}]
    about = {"issued_at": "2025-10-03T10:20:00Z", "heads": heads}
    item = [RECORD, "cd" * 32, "applied", "430623", 7]
    receipt = signer.signed(
        {"alg": RECEIPT_ALGORITHM, "account": RECORD, "device_id": RECORD, "items": [item], **about}
    )
    checkpoint = signer.signed({"alg": CHECKPOINT_ALGORITHM, "id": RECORD, **about})
    for name, document in (("receipt", receipt), ("checkpoint", checkpoint)):
        assert validator(name).is_valid(document)
        assert not validator(name).is_valid(document | {"alg": "qt1"})
        assert not validator(name).is_valid(document | {"signature": document["signature"][:-1]})
    assert not validator("receipt").is_valid(receipt | {"items": [item[:-1]]})


def test_the_fields_of_a_form_are_found_at_any_depth():
    fields = fields_of(SCHEMAS["straw_utilisation.county"])
    assert fields["/crops/*/straw_grain_ratio"]["x-maximum"] == "6"
    assert "wheat" in fields["/crops"]["keys"]
