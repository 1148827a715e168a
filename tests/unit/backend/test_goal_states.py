"""Where a change and a flow stand against their goals: inclusive, never before the due year, never beyond it."""

from decimal import Decimal

import pytest

from backend.rollup.goals import PLAN_SCOPE, Goal, Goals, change_state, compare_other, cumulative_state
from schemas.period import Period
from schemas.regions import Region, RegionTree
from schemas.vocabulary import GoalState, GoalType, Indicator, RegionLevel, SourceStatus

YEAR = Period(2025)
TREE = RegionTree(
    [
        Region("100000", "全国", RegionLevel.NATION, None, (), True),
        Region("120000", "天津市", RegionLevel.PROVINCE, "100000", (), True),
        Region("120110", "东丽区", RegionLevel.COUNTY, "120000", ("120110",), True),
    ]
)


def goal(region="100000", kind=GoalType.NO_INCREASE, value="0", scope=PLAN_SCOPE, due_year=2025, first=2021):
    return Goal(
        region, Indicator.IRRIGATION_NEW_AREA, scope, first, due_year, kind, Decimal(value), "mu", "文件",
        SourceStatus.OFFICIAL, "农业农村部",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("amount", "base", "held", "period", "state"),
    [
        ("100", "100", goal(), YEAR, GoalState.MET),
        ("100.000001", "100", goal(), YEAR, GoalState.BELOW),
        ("99", "100", goal(), YEAR, GoalState.MET),
        ("99", "100", goal(), Period(2024), GoalState.NOT_DUE),
        ("99", "100", goal(), Period(2025, "H1"), GoalState.NOT_DUE),
        ("99", "100", None, YEAR, GoalState.NO_GOAL),
        (None, "100", goal(), YEAR, GoalState.NO_DATA),
        ("99", None, goal(), YEAR, GoalState.NO_DATA),
        ("99", "0", goal(), YEAR, GoalState.NO_DATA),
    ],
)
def test_a_use_must_not_rise_above_its_base(amount, base, held, period, state):
    numbers = [None if number is None else Decimal(number) for number in (amount, base)]
    assert change_state(*numbers, held, period) is state


@pytest.mark.parametrize(
    ("amount", "period", "state"),
    [("90000", YEAR, GoalState.MET), ("89999.9", YEAR, GoalState.BELOW), ("90000", Period(2024), GoalState.NOT_DUE)],
)
def test_a_flow_is_held_against_its_amount(amount, period, state):
    assert cumulative_state(Decimal(amount), goal(kind=GoalType.CUMULATIVE_AMOUNT, value="90000"), period) is state


def test_an_amount_is_never_inherited_and_no_goal_is_stretched_past_its_year():
    indicator = Indicator.IRRIGATION_NEW_AREA
    amount = Goals([goal(kind=GoalType.CUMULATIVE_AMOUNT, value="60000000")])
    assert amount.nearest(TREE, "100000", indicator, 2025) is not None
    assert amount.nearest(TREE, "120000", indicator, 2025) is None
    assert amount.nearest(TREE, "100000", indicator, 2026) is None
    assert Goals([goal()]).nearest(TREE, "120110", indicator, 2025) is not None


def test_a_goal_of_another_scope_stands_beside_the_plans():
    other = goal("120000", GoalType.CUMULATIVE_AMOUNT, "90000", "tianjin_water_saving_2025")
    goals = Goals([goal(), other])
    assert goals.standing(TREE, "120000", Indicator.IRRIGATION_NEW_AREA, 2025) == (goal(), [other])
    assert goals.standing(TREE, "120110", Indicator.IRRIGATION_NEW_AREA, 2025) == (goal(), [])


WATER_SAVING = goal("120000", GoalType.CUMULATIVE_AMOUNT, "90000", "tianjin_water_saving_2025", first=2023)


@pytest.mark.parametrize(
    ("amount", "period", "share", "state", "reason"),
    [
        ("45000", Period(2024), "0.5", GoalState.NOT_DUE, "goal_scope_wider"),
        ("45000", Period(2025, "H1"), "0.5", GoalState.NOT_DUE, "goal_scope_wider"),
        ("45000", YEAR, "0.5", None, "goal_scope_wider"),
        ("89999.9", YEAR, "0.9999988888888888888888888888888889", None, "goal_scope_wider"),
        ("90000", YEAR, "1", GoalState.MET, None),
        ("99000", Period(2024), "1.1", GoalState.NOT_DUE, None),
        (None, YEAR, None, GoalState.NO_DATA, None),
    ],
)
def test_a_part_that_falls_short_of_a_wider_goal_says_nothing_of_the_whole(amount, period, share, state, reason):
    found = compare_other(WATER_SAVING, None if amount is None else Decimal(amount), 2021, period)
    assert (found.state, found.reason and found.reason.code) == (state, reason)
    assert found.share == (None if share is None else Decimal(share))
    assert found.at_least is (amount is not None)


def test_a_wider_goal_is_explained_in_both_languages():
    reason = compare_other(WATER_SAVING, Decimal(1), 2021, YEAR).reason
    assert "节水灌溉（含渠道防渗等）" in reason.zh
    assert "water-saving irrigation, canal lining included" in reason.en


@pytest.mark.parametrize(
    ("other", "start"),
    [
        (goal(kind=GoalType.CUMULATIVE_AMOUNT, value="1", scope="another_plan"), 2021),
        (goal(kind=GoalType.FLOOR, value="0.9", scope="tianjin_water_saving_2025"), 2021),
        (goal(kind=GoalType.CUMULATIVE_AMOUNT, value="1", scope="tianjin_water_saving_2025"), None),
    ],
)
def test_what_cannot_be_compared_has_no_state_but_a_reason(other, start):
    found = compare_other(other, Decimal(5), start, YEAR)
    assert (found.state, found.amount, found.reason.code) == (None, None, "goal_scope_unknown")


def test_a_goal_older_than_the_flow_lacks_years():
    early = goal("120000", GoalType.CUMULATIVE_AMOUNT, "10", "tianjin_water_saving_2025", first=2019)
    found = compare_other(early, Decimal(5), 2021, YEAR)
    assert (found.state, found.reason.code) == (None, "goal_years_missing")
    assert "2019" in found.reason.zh


def test_a_flow_is_summed_again_only_from_the_later_first_years_of_goals_that_hold():
    starts = {Indicator.IRRIGATION_NEW_AREA: 2021}
    goals = Goals([goal(kind=GoalType.CUMULATIVE_AMOUNT), WATER_SAVING, goal(first=2024)])
    assert goals.spans(starts, 2025) == [(Indicator.IRRIGATION_NEW_AREA, 2023)]
    assert goals.spans(starts, 2022) == goals.spans(starts, 2026) == goals.spans({}, 2025) == []
