"""How a person is shown above the county."""

import pytest

from schemas.masking import masked_answers, masked_name, masked_phone, rounded_position, without_texts, without_values
from schemas.problems import problem


@pytest.mark.parametrize(
    ("name", "shown"),
    [("张三", "张*"), ("欧阳雪梅", "欧***"), ("华容县团结农机合作社", "华***"), ("张", "张*"), ("", "")],
)
def test_of_a_name_the_first_character_is_shown(name: str, shown: str) -> None:
    assert masked_name(name) == shown


@pytest.mark.parametrize(
    ("phone", "shown"),
    [("13812341234", "138****1234"), ("138 1234-1234", "138****1234"), ("6612345", "***45"), ("110", "***")],
)
def test_of_a_phone_number_its_ends_are_shown(phone: str, shown: str) -> None:
    assert masked_phone(phone) == shown


def test_a_plot_becomes_a_rounded_point() -> None:
    ring = [[112.553217, 29.551234], [112.555217, 29.551234], [112.555217, 29.553234], [112.553217, 29.551234]]
    shown = rounded_position({"type": "Polygon", "coordinates": [ring]})
    assert shown == {"type": "Point", "coordinates": [112.55, 29.55]}
    assert rounded_position({"type": "Polygon", "coordinates": []}) is None


def test_addresses_and_files_are_left_out() -> None:
    personal = {"name": "张三", "address": "某村某组", "external_id": "HR-000123", "attachments": [{"sha256": "0"}]}
    assert masked_answers(personal) == {"name": "张*", "external_id": "***23"}


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
