"""What county codes of any year stand for: a merger, a new number, a county that takes another in."""

import pytest

from schemas.lineage import CodeHistory, CodeSpan

HISTORY = CodeHistory(
    [
        CodeSpan("A", "甲县", 2015, 2023, ("A",)),
        CodeSpan("B", "乙县", 2015, 2023, ("B",)),
        CodeSpan("C", "丙市", 2024, 2025, ("C", "A", "B")),
        CodeSpan("D", "丙区", 2026, None, ("D", "C", "A", "B")),
        CodeSpan("X", "戊县", 2015, 2025, ("X",)),
        CodeSpan("T", "己区", 2015, 2025, ("T",)),
        CodeSpan("T", "己区", 2026, None, ("T", "X")),
    ]
)


@pytest.mark.parametrize(
    ("code", "grant", "reached"),
    [
        ("A", "C", True),
        ("A", "D", True),
        ("C", "A", False),
        ("B", "A", False),
        ("D", "C", True),
        ("C", "D", True),
        ("X", "T", True),
        ("T", "X", False),
        ("N", "N", True),
        ("N", "A", False),
        ("A", "N", False),
    ],
)
def test_a_code_is_of_another_where_all_its_land_is(code: str, grant: str, reached: bool) -> None:
    assert HISTORY.is_of(code, grant) is reached


@pytest.mark.parametrize(
    ("code", "year", "counties"),
    [
        ("D", 2020, ["A", "B"]),
        ("D", 2025, ["C"]),
        ("A", 2026, ["D"]),
        ("X", 2026, ["T"]),
        ("T", 2025, ["T", "X"]),
        ("N", 2025, []),
    ],
)
def test_the_counties_of_a_year_are_found_from_a_code_of_any_year(code: str, year: int, counties: list[str]) -> None:
    assert [span.code for span in HISTORY.counties_in(code, year)] == counties


def test_a_ledger_is_held_by_one_code_a_year() -> None:
    held = [(ledger, span.code, span.first_year) for ledger, span in HISTORY.holders(["A", "C", "T", "N"])]
    assert held == [("A", "C", 2024), ("C", "D", 2026), ("A", "D", 2026)]


def test_today_and_the_first_year_of_a_code() -> None:
    assert [HISTORY.today(code) for code in ("A", "C", "X", "T", "N")] == ["D", "D", "T", "T", "N"]
    assert [HISTORY.first_year(code) for code in ("D", "A", "N")] == [2026, 2015, None]


def test_codes_that_only_follow_one_another_reach_nothing_else() -> None:
    circle = CodeHistory([CodeSpan("P", "甲", 2015, None, ("P", "Q")), CodeSpan("Q", "乙", 2015, None, ("Q", "P"))])
    assert not circle.is_of("P", "N")
