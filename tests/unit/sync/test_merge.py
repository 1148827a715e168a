"""The three-way merge."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from sync.leaves import flatten, nest
from sync.merge import after_base, merge

MASSES = frozenset({"/gross", "/impurity", "/moisture"})


def test_a_field_nobody_else_touched_is_taken() -> None:
    result = merge({"/a": "1", "/b": "2"}, [{"/b": "0"}], {"/a": "5"})
    assert (result.leaves, result.replaced, result.clashes) == ({"/a": "5", "/b": "2"}, {"/a": "1"}, ())


def test_a_field_changed_to_the_same_value_by_both_does_not_clash() -> None:
    result = merge({"/a": "5"}, [{"/a": "1"}], {"/a": "5"})
    assert (result.clashes, result.replaced) == ((), {})


def test_numbers_that_engines_write_differently_are_the_same() -> None:
    assert merge({"/a": "1.5"}, [{"/a": "1"}], {"/a": "1.50"}).clashes == ()


def test_a_field_changed_to_different_values_clashes_and_nothing_else_is_taken() -> None:
    result = merge({"/a": "2", "/b": "1"}, [{"/a": "1"}], {"/a": "3", "/b": "9"})
    [clash] = result.clashes
    assert (clash.pointer, clash.base, clash.current, clash.incoming) == ("/a", "1", "2", "3")
    assert result.leaves == {"/a": "2", "/b": "1"}


def test_a_value_that_went_away_and_came_back_does_not_clash() -> None:
    later = [{"/a": "2"}, {"/a": "1"}]  # newest first: 1 -> 2 -> 1
    assert merge({"/a": "1"}, later, {"/a": "3"}).clashes == ()


def test_fields_that_mean_something_together_clash_together() -> None:
    current = {"/gross": "10", "/impurity": "0.2"}
    result = merge(current, [{"/impurity": "0.1"}], {"/gross": "12"}, [MASSES])
    assert [clash.pointer for clash in result.clashes] == ["/gross", "/impurity"]


def test_an_object_replaces_all_that_lay_below_it() -> None:
    current = flatten({"crops": {"wheat": {"grain": "1", "area": "2"}}})
    result = merge(current, [], {"/crops/wheat": {"grain": "3"}})
    assert nest(result.leaves) == {"crops": {"wheat": {"grain": "3"}}}


def test_null_clears_an_answer_and_all_below_it() -> None:
    current = flatten({"note": "x", "crops": {"wheat": {"grain": "1"}, "maize": {"grain": "2"}}})
    result = merge(current, [], {"/note": None, "/crops/wheat": None})
    assert nest(result.leaves) == {"crops": {"maize": {"grain": "2"}}}


def test_a_clearing_and_a_change_of_one_field_clash() -> None:
    [clash] = merge({}, [{"/a": "1"}], {"/a": "2"}).clashes
    assert (clash.base, clash.current, clash.incoming) == ("1", None, "2")


POINTERS = st.sampled_from(["/a", "/b", "/c", "/d"])
VALUES = st.one_of(st.none(), st.sampled_from(["1", "2", "3", "x"]))
CHANGES = st.dictionaries(POINTERS, VALUES, max_size=4)


def _apply(leaves: dict[str, Any], change: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    result = merge(leaves, [], change)
    return dict(result.leaves), dict(result.replaced)


@given(st.dictionaries(POINTERS, st.sampled_from(["1", "2"])), st.lists(CHANGES, max_size=5))
def test_walking_back_what_was_replaced_gives_the_record_after_any_base(
    start: dict[str, Any], changes: list[dict[str, Any]]
) -> None:
    states, replaced = [dict(start)], []
    for change in changes:
        leaves, before = _apply(states[-1], change)
        states.append(leaves)
        replaced.append(before)
    for base, state in enumerate(states):
        assert after_base(states[-1], list(reversed(replaced[base:]))) == state


@given(st.dictionaries(POINTERS, st.sampled_from(["1", "2"])), CHANGES, CHANGES)
def test_changes_of_disjoint_fields_commute(start: dict[str, Any], one: dict[str, Any], other: dict[str, Any]) -> None:
    other = {pointer: value for pointer, value in other.items() if pointer not in one}

    def both(first: dict[str, Any], second: dict[str, Any]) -> dict[str, Any]:
        after_first, replaced = _apply(dict(start), first)
        result = merge(after_first, [replaced], second)
        assert not result.clashes
        return dict(result.leaves)

    assert both(one, other) == both(other, one)


@given(
    st.recursive(
        st.sampled_from(["1", "x", 3, True]),
        lambda children: st.dictionaries(st.text(min_size=1), children, min_size=1),
    )
)
def test_nest_is_the_inverse_of_flatten(value: Any) -> None:
    payload = {"root": value}
    assert nest(flatten(payload)) == payload
