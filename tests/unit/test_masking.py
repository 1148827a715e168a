"""What is told of a person above the county: nothing that was typed."""

from schemas.masking import without_texts, without_values
from schemas.problems import problem


def test_a_problem_keeps_its_code_and_field_and_loses_what_was_typed() -> None:
    found = problem("unknown_township", "/payload/township_code", value="13987651234")
    kept = without_values(found)
    assert (kept.code, kept.field) == (found.code, found.field)
    assert "13987651234" not in kept.model_dump_json()
    plain = problem("record_erased", "/record_id")
    assert without_values(plain) is plain


def test_a_return_keeps_its_fields_alone() -> None:
    review = {"decision": "return", "reasons": [{"field": "/note", "text": "请张三核对"}]}
    assert without_texts(review) == {"decision": "return", "reasons": [{"field": "/note", "text": "***"}]}
    assert without_texts({"decision": "accept"}) == {"decision": "accept"}
