"""The fast writer and the library give the same canonical form, or the library decides."""

import json
from typing import Any

import pytest
import rfc8785
from hypothesis import example, given
from hypothesis import strategies as st

from schemas.canonical import NotCanonicalError, canonical_bytes

EVERY_CONTROL = "".join(map(chr, range(0x20))) + "\x7f\x80\x9f"
ODD_TEXT = EVERY_CONTROL + "\u2028\u2029\ufeff\ufffe\U0001f33e\U0010ffff\"\\/<>&'𠮷é"

TEXTS = st.text() | st.sampled_from(list(ODD_TEXT)) | st.just(ODD_TEXT)
KEYS = st.text(st.characters(max_codepoint=127)) | TEXTS
COORDINATES = st.floats(-200, 200) | st.floats(1e-5, 1e-3) | st.floats(1e14, 1e16)
LEAVES = st.none() | st.booleans() | st.integers(-(2**54), 2**54) | st.floats() | COORDINATES | TEXTS
VALUES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=5) | st.dictionaries(KEYS, inner, max_size=5), max_leaves=40
)


def by_the_library(value: Any) -> bytes | None:
    try:
        return rfc8785.dumps(value)
    except (rfc8785.CanonicalizationError, UnicodeError):
        return None


@given(VALUES)
@example(ODD_TEXT)
@example({"b": 1, "a": {"\x7f": 2, "~": 3, "": 4, "A": 5, "10": 6, "9": 7}})
@example([2**53 - 1, -(2**53) + 1])
@example(2**53)
@example(-(2**53))
@example({"\U0001f33e": 1, "\ufb33": 2})
@example([1.0, 1e21, 1e-7, -0.0])
@example([1e-4, 0.00012345678901234567, 123456789012345.67, 999999999999999.9, 112.1234567])
@example("\ud800")
@example({"a": ["\udfff"]})
@example({"\ud83c\udf3e": 1})
def test_the_form_is_that_of_rfc_8785_whichever_writer_makes_it(value: Any) -> None:
    expected = by_the_library(value)
    if expected is None:
        with pytest.raises(NotCanonicalError):
            canonical_bytes(value)
    else:
        assert canonical_bytes(value) == expected


def test_the_form_is_the_one_the_standard_prints() -> None:
    """RFC 8785, section 3.2.3: keys by UTF-16, so that a non-BMP key stands before U+FB33."""
    given_ = {"\u20ac": 1, "\r": 2, "\ufb33": 3, "1": 4, "\U0001f600": 5, "\x80": 6, "\u00f6": 7}
    assert list(json.loads(canonical_bytes(given_)).values()) == [2, 4, 6, 7, 1, 5, 3]
