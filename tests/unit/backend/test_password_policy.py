"""Which passwords are taken."""

import pytest

from backend.auth.password_policy import COMMONEST, password_problem


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("short", "password_short"),
        ("two words", "password_short"),
        ("a b c", "password_short"),
        ("123456789012", "password_common"),
        ("qwertyuiop12", "password_common"),
        ("Password2025!", "password_common"),
        ("admin 123456 2025", "password_common"),
        ("aaaaaaaaaaaaaaaa", "password_common"),
        ("zhangsan2025", "password_is_name"),
        ("ZhangSan-ZhangSan", "password_is_name"),
        ("x" * 201, "password_long"),
        ("a long one with \0", "password_long"),
    ],
)
def test_a_weak_password_is_refused_with_its_reason(password: str, code: str) -> None:
    found = password_problem(password, "zhangsan")
    assert found is not None
    assert (found.code, found.field) == (code, "password")


@pytest.mark.parametrize("password", ["稻田 油菜 紫云英", "correct horse battery", "Zp4-kk9_wqLm", "v7Tq0w2ErrX-"])
def test_a_long_one_or_three_words_are_taken(password: str) -> None:
    assert password_problem(password, "zhangsan") is None


def test_none_of_the_commonest_is_taken_however_often_it_is_repeated() -> None:
    for one in COMMONEST:
        assert password_problem(one * 4, "zhangsan") is not None
        assert password_problem(f"{one} {one} {one}", "zhangsan") is not None
