"""The number format and the arithmetic."""

from decimal import Decimal, Inexact

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.decimals import EXACT, parse_decimal, plain, product, quotient, rounded, tonnes


@pytest.mark.parametrize("text", ["0", "12", "12.5", "999999999999.999999", "0.000001"])
def test_wire_numbers_are_read_exactly(text: str) -> None:
    assert parse_decimal(text) == Decimal(text)


@pytest.mark.parametrize(
    "text", ["", "-1", "+1", "01", "1.", ".5", "1e3", "1_000", " 1", "1\n", "NaN", "１", "1" * 13, "0.1234567", "1,5"]
)
def test_everything_else_is_not_a_number(text: str) -> None:
    assert parse_decimal(text) is None


def test_a_sign_is_read_only_where_it_is_allowed() -> None:
    assert parse_decimal("-1.5", signed=True) == Decimal("-1.5")


@given(st.decimals(allow_nan=False, allow_infinity=False, places=6, min_value=-(10**12), max_value=10**12))
def test_plain_reads_back_as_the_same_number(value: Decimal) -> None:
    text = plain(value)
    assert Decimal(text) == value
    assert "E" not in text
    assert not (("." in text) and text.endswith(("0", ".")))


def test_a_product_that_would_be_rounded_is_an_error() -> None:
    with pytest.raises(Inexact):
        product(*[Decimal("0.123456")] * 20)


def test_a_quotient_has_34_digits_and_none_for_a_zero_denominator() -> None:
    assert quotient(Decimal(1), Decimal(3)) == Decimal("0." + "3" * 34)
    assert quotient(Decimal(1), Decimal(0)) is None


def test_rounding_is_half_even() -> None:
    assert [rounded(Decimal(text), 1) for text in ("0.25", "0.35", "0.45")] == [
        Decimal("0.2"),
        Decimal("0.4"),
        Decimal("0.4"),
    ]


def test_kilograms_become_tonnes_exactly() -> None:
    assert tonnes(Decimal("0.000001")) == Decimal("1E-9")
    assert EXACT.scaleb(tonnes(Decimal("12.5")), 3) == Decimal("12.5")
