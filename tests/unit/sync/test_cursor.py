"""The pull cursor."""

from collections.abc import Iterable

import pytest

from sync.cursor import Cursor, CursorInvalidError, scope_digest

KEY = b"k" * 32
CURSOR = Cursor("430623", 4711, "0011223344556677", scope_digest(None, sees_personal=True))


def test_a_cursor_reads_back_as_written() -> None:
    assert Cursor.decode(CURSOR.encode(KEY), KEY) == CURSOR


def test_every_changed_character_is_noticed() -> None:
    text = CURSOR.encode(KEY)
    for index, character in enumerate(text):
        forged = text[:index] + ("A" if character != "A" else "B") + text[index + 1 :]
        try:
            assert Cursor.decode(forged, KEY) == CURSOR  # the last character may carry unused bits
        except CursorInvalidError:
            continue
        assert index == len(text) - 1


@pytest.mark.parametrize("text", ["", "x", "====", "不是游标", "A" * 22, CURSOR.encode(b"other key" * 4)])
def test_what_is_not_ours_is_invalid(text: str) -> None:
    with pytest.raises(CursorInvalidError):
        Cursor.decode(text, KEY)


def test_a_scope_is_the_same_in_any_order_and_differs_from_the_county() -> None:
    def digest(townships: Iterable[str] | None) -> str:
        return scope_digest(townships, sees_personal=True)

    assert digest({"430623101", "430623102"}) == digest(["430623102", "430623101"])
    assert digest(None) != digest([]) != digest({"430623101"})


@pytest.mark.parametrize("townships", [None, [], ["430623101"]])
def test_a_scope_with_names_is_another_than_one_without(townships: list[str] | None) -> None:
    assert scope_digest(townships, sees_personal=True) != scope_digest(townships, sees_personal=False)
