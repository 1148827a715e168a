"""The number format of the wire and the decimal arithmetic behind every figure.

Measured numbers and rates travel as JSON strings, because a float loses digits and a JSON number is rounded
on the way by many parsers. Sums and products are exact; only quotients are rounded, and only at 34 digits.
"""

import re
from collections.abc import Iterable
from decimal import ROUND_HALF_EVEN, Context, Decimal, DivisionByZero, Inexact, InvalidOperation, Overflow
from fractions import Fraction

UNSIGNED_PATTERN = r"^(0|[1-9][0-9]{0,11})(\.[0-9]{1,6})?$"
SIGNED_PATTERN = r"^-?(0|[1-9][0-9]{0,11})(\.[0-9]{1,6})?$"
_UNSIGNED = re.compile(UNSIGNED_PATTERN, re.ASCII)
_SIGNED = re.compile(SIGNED_PATTERN, re.ASCII)

EXACT = Context(prec=60, rounding=ROUND_HALF_EVEN, traps=[InvalidOperation, DivisionByZero, Overflow, Inexact])
"""Sums and products: an inexact result is an error, never a silent rounding."""

QUOTIENT = Context(prec=34, rounding=ROUND_HALF_EVEN, traps=[InvalidOperation, DivisionByZero, Overflow])
"""Quotients: 34 digits, half-even (GB/T 8170-2008)."""

WIDE = Context(prec=120, rounding=ROUND_HALF_EVEN, traps=[InvalidOperation, DivisionByZero, Overflow])
"""Rounding for display and differences of quotients: wide enough for whatever the wire format can spell."""

ZERO = Decimal(0)
ONE = Decimal(1)
MU_PER_HECTARE = Decimal(15)
_FINEST = Decimal(1).scaleb(-24)


def parse_decimal(text: str, *, signed: bool = False) -> Decimal | None:
    """Return the number that `text` spells in the wire format, or None where it is not in that format.

    `fullmatch` matters: `$` alone would let a trailing newline pass.
    """
    pattern = _SIGNED if signed else _UNSIGNED
    return Decimal(text) if pattern.fullmatch(text) else None


def plain(value: Decimal) -> str:
    """Return `value` without exponent and without trailing zeros, so that equal numbers read equal."""
    if value == 0:
        return "0"
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def plain_or_none(value: Decimal | None) -> str | None:
    """Return `plain(value)`, or None for what is missing."""
    return None if value is None else plain(value)


def decimal_or_none(text: str | None) -> Decimal | None:
    """Return the number that the database or a document has spelled, or None for what is missing."""
    return None if text is None else Decimal(text)


def total(values: Iterable[Decimal]) -> Decimal:
    """Return the exact sum; 0 for no values."""
    result = ZERO
    for value in values:
        result = EXACT.add(result, value)
    return result


def product(*factors: Decimal) -> Decimal:
    """Return the exact product."""
    result = ONE
    for factor in factors:
        result = EXACT.multiply(result, factor)
    return result


def quotient(numerator: Decimal, denominator: Decimal) -> Decimal | None:
    """Return numerator / denominator at 34 digits, or None where the denominator is 0."""
    return None if denominator == 0 else QUOTIENT.divide(numerator, denominator)


def as_decimal(value: Fraction) -> Decimal:
    """Return a fraction at 34 digits and at most 24 decimals, half-even; exact wherever that suffices."""
    divided = QUOTIENT.divide(Decimal(value.numerator), Decimal(value.denominator))
    # Without this bound a tiny quotient could have more decimals than the exact sums over regions can carry.
    exponent = divided.as_tuple().exponent
    return divided.quantize(_FINEST, context=WIDE) if isinstance(exponent, int) and exponent < -24 else divided


def tonnes(kg: Decimal) -> Decimal:
    """Return a mass in kg as t, exactly."""
    return EXACT.scaleb(kg, -3)


def rounded(value: Decimal, places: int) -> Decimal:
    """Return `value` rounded once to `places` decimals, half-even (GB/T 8170-2008)."""
    return value.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_EVEN, context=WIDE)
