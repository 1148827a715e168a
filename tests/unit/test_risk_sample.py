"""Samples drawn by risk: the chances are those said, and the seed gives the same sample again."""

from collections import Counter
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from backend.estimation.risk_sample import draw, inclusion_chances

WEIGHTS = st.dictionaries(st.text(min_size=1, max_size=8), st.integers(1, 1000), min_size=1, max_size=40)


@given(WEIGHTS, st.integers(1, 50), st.text(max_size=20))
def test_a_sample_has_its_size_and_each_at_most_once(weights: dict[str, int], size: int, seed: str) -> None:
    drawn = draw(weights, size, seed)
    assert len(drawn) == len({one.key for one in drawn}) == min(size, len(weights))
    assert drawn == draw(weights, size, seed)


@given(WEIGHTS, st.integers(1, 50))
def test_chances_add_up_and_follow_the_weights(weights: dict[str, int], size: int) -> None:
    chances = inclusion_chances(weights, size)
    assert sum(chances.values()) == min(size, len(weights))
    drawn_by_chance = {key: chance for key, chance in chances.items() if chance < 1}
    ratios = {Fraction(weights[key]) / chance for key, chance in drawn_by_chance.items()}
    assert len(ratios) <= 1


def test_over_many_seeds_each_is_drawn_as_often_as_its_chance_says() -> None:
    weights = {"a": 1, "b": 2, "c": 3, "d": 4, "e": 90}
    chances = inclusion_chances(weights, 3)
    assert chances == {"a": Fraction(1, 5), "b": Fraction(2, 5), "c": Fraction(3, 5), "d": Fraction(4, 5), "e": 1}
    counted = Counter(one.key for seed in range(4000) for one in draw(weights, 3, str(seed)))
    for key, chance in chances.items():
        assert abs(counted[key] / 4000 - float(chance)) < 0.03


def test_another_seed_is_another_sample() -> None:
    weights = {str(number): 1 for number in range(200)}
    assert draw(weights, 10, "2025") != draw(weights, 10, "2026")


def test_a_sample_is_the_same_for_ever() -> None:
    weights = {letter: number for number, letter in enumerate("abcdefghij", 1)}
    assert [one.key for one in draw(weights, 4, "430623-2025")] == ["e", "i", "j", "f"]
