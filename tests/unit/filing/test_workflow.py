"""The steps of a filing: every step from every state by every office, and random walks."""

import itertools
from collections.abc import Callable

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from backend.filing.tiers import ROLE_OF, Tiers, tiers_of
from backend.filing.workflow import Progress, Step, StepRefusedError, holder, take
from schemas.regions import NATION, Region, RegionTree
from schemas.vocabulary import FilingAction, FilingState, RegionLevel, Role

FULL = Tiers(Role.COUNTY, Role.PREFECTURE, Role.PROVINCE, Role.MINISTRY)
DIRECT = Tiers(Role.COUNTY, None, Role.PROVINCE, Role.MINISTRY)
OF_PROVINCE = Tiers(Role.COUNTY, Role.PREFECTURE, Role.PROVINCE, Role.PROVINCE)
OF_MUNICIPALITY = Tiers(Role.COUNTY, None, Role.PROVINCE, Role.PROVINCE)
OF_PREFECTURE = Tiers(Role.COUNTY, None, Role.PREFECTURE, Role.PREFECTURE)
ALL_TIERS = (FULL, DIRECT, OF_PROVINCE, OF_MUNICIPALITY, OF_PREFECTURE)

O, F, E, A, P = FilingState  # noqa: E741 - open, filed, endorsed, accepted, published
COUNTY, PREFECTURE, PROVINCE, MINISTRY = Role.COUNTY, Role.PREFECTURE, Role.PROVINCE, Role.MINISTRY
STEPS = {
    FULL: {
        (O, "file"): (COUNTY, F),
        (F, "recall"): (COUNTY, O),
        (F, "endorse"): (PREFECTURE, E),
        (F, "return"): (PREFECTURE, O),
        (E, "recall"): (PREFECTURE, F),
        (E, "accept"): (PROVINCE, A),
        (E, "return"): (PROVINCE, O),
        (A, "recall"): (PROVINCE, E),
        (A, "publish"): (MINISTRY, P),
        (A, "return"): (MINISTRY, O),
    },
    DIRECT: {
        (O, "file"): (COUNTY, F),
        (F, "recall"): (COUNTY, O),
        (F, "accept"): (PROVINCE, A),
        (F, "return"): (PROVINCE, O),
        (E, "accept"): (PROVINCE, A),  # endorsed by a prefecture that is there no more: it does not get stuck
        (E, "return"): (PROVINCE, O),
        (A, "recall"): (PROVINCE, F),
        (A, "publish"): (MINISTRY, P),
        (A, "return"): (MINISTRY, O),
    },
    OF_PROVINCE: {
        (O, "file"): (COUNTY, F),
        (F, "recall"): (COUNTY, O),
        (F, "endorse"): (PREFECTURE, E),
        (F, "return"): (PREFECTURE, O),
        (E, "recall"): (PREFECTURE, F),
        (E, "accept"): (PROVINCE, A),
        (E, "return"): (PROVINCE, O),
        (A, "recall"): (PROVINCE, E),
        (A, "publish"): (PROVINCE, P),
        (A, "return"): (PROVINCE, O),
    },
}
"""The whole table by tiers: (state, action) -> who takes it, and where it leads."""


def as_role(role: Role) -> Callable[[Role], bool]:
    return lambda asked: asked is role


def refusal(progress: Progress, step: Step, tiers: Tiers, role: Role) -> str:
    with pytest.raises(StepRefusedError) as refused:
        take(progress, step, tiers, "华容县", as_role(role))
    return refused.value.problem.code


@pytest.mark.parametrize("tiers", STEPS, ids=["full", "direct", "province"])
def test_every_step_from_every_state_by_every_office(tiers: Tiers) -> None:
    table = STEPS[tiers]
    for state, action, role in itertools.product(FilingState, FilingAction, Role):
        step = Step(action, state, reasons=1)
        expected = table.get((state, action.value))
        ever = {one for (_, name), (one, _) in table.items() if name == action.value}
        if expected is not None and expected[0] is role:
            assert take(Progress(state), step, tiers, "华容县", as_role(role)).state is expected[1]
        elif role not in ever or expected is not None:
            assert refusal(Progress(state), step, tiers, role) == "not_your_step", (state, action, role)
        else:
            assert refusal(Progress(state), step, tiers, role) == "step_impossible", (state, action, role)


@pytest.mark.parametrize("tiers", ALL_TIERS)
def test_a_step_on_a_state_that_has_moved_is_a_conflict_that_names_the_present_one(tiers: Tiers) -> None:
    for present, seen in itertools.permutations(FilingState, 2):
        with pytest.raises(StepRefusedError) as refused:
            take(Progress(present), Step(FilingAction.FILE, seen), tiers, "华容县", as_role(tiers.filer))
        assert refused.value.problem.code == "filing_moved"
        assert refused.value.problem.params["state"] == present
        assert refused.value.problem.status == 409


def test_a_return_gives_a_reason() -> None:
    assert refusal(Progress(F), Step(FilingAction.RETURN, F), FULL, PREFECTURE) == "return_reasons_missing"


@pytest.mark.parametrize("explanation", [None, "", "  "])
def test_what_was_returned_is_filed_again_with_an_explanation_only(explanation: str | None) -> None:
    returned = take(Progress(F), Step(FilingAction.RETURN, F, reasons=1), FULL, "华容县", as_role(PREFECTURE))
    assert returned == Progress(O, returned=True)
    again = Step(FilingAction.FILE, O, explanation)
    assert refusal(returned, again, FULL, COUNTY) == "explanation_missing"
    filed = take(returned, Step(FilingAction.FILE, O, "已核对"), FULL, "华容县", as_role(COUNTY))
    recalled = take(filed, Step(FilingAction.RECALL, F), FULL, "华容县", as_role(COUNTY))
    assert refusal(recalled, again, FULL, COUNTY) == "explanation_missing"  # recalling it pays no debt


REGIONS = [
    Region(NATION, "全国", RegionLevel.NATION, None),
    Region("430000", "湖南省", RegionLevel.PROVINCE, NATION),
    Region("430600", "岳阳市", RegionLevel.PREFECTURE, "430000"),
    Region("430623", "华容县", RegionLevel.COUNTY, "430600", ("430623",)),
    Region("420000", "湖北省", RegionLevel.PROVINCE, NATION),
    Region("429004", "仙桃市", RegionLevel.COUNTY, "420000", ("429004",)),
]


@pytest.mark.parametrize(
    ("county", "top", "tiers"),
    [
        ("430623", NATION, FULL),
        ("429004", NATION, DIRECT),
        ("430623", "430000", OF_PROVINCE),
        ("429004", "420000", OF_MUNICIPALITY),
        ("430623", "430600", OF_PREFECTURE),
        ("430623", "420000", FULL),  # outside the deployment's top region the nation is the top
    ],
)
def test_tiers_follow_the_regions_above(county: str, top: str, tiers: Tiers) -> None:
    assert tiers_of(RegionTree(REGIONS), county, top) == tiers


class Walk(RuleBasedStateMachine):
    """Offices try any step at any time; a model that knows only "one up, one down, or back to the start" agrees."""

    def __init__(self) -> None:
        super().__init__()
        self.tiers = FULL
        self.progress = Progress()
        self.trail: list[FilingState] = [O]
        self.owes = False

    @rule(tiers=st.sampled_from(ALL_TIERS))
    def begin_elsewhere(self, tiers: Tiers) -> None:
        if self.trail == [O] and not self.owes:
            self.tiers = tiers

    @rule(
        action=st.sampled_from(FilingAction),
        role=st.sampled_from([COUNTY, PREFECTURE, PROVINCE, MINISTRY]),
        seen_now=st.booleans(),
        explanation=st.sampled_from([None, "已核对"]),
        reasons=st.integers(0, 1),
    )
    def step(self, action: FilingAction, role: Role, seen_now: bool, explanation: str | None, reasons: int) -> None:
        before = self.progress
        seen = before.state if seen_now else next(one for one in FilingState if one is not before.state)
        try:
            self.progress = take(before, Step(action, seen, explanation, reasons), self.tiers, "", as_role(role))
        except StepRefusedError:
            assert self.progress == before
            return
        assert seen_now
        took = self._model(action, role)
        assert took, (before, action, role)
        if action is FilingAction.FILE:
            assert explanation or not self.owes
        if action is FilingAction.RETURN:
            assert reasons
            self.owes = True
        if action is FilingAction.ACCEPT:
            self.owes = False

    def _model(self, action: FilingAction, role: Role) -> bool:
        """Move the trail of states; whether the step was this role's."""
        whose = holder(self.trail[-1], self.tiers) is role
        if action is FilingAction.RETURN:
            self.trail = [O]
        elif action is FilingAction.RECALL:
            self.trail.pop()
            whose = holder(self.trail[-1], self.tiers) is role
        else:
            reached = {"file": F, "endorse": E, "accept": A, "publish": P}
            self.trail.append(reached[action.value])
        return whose

    @invariant()
    def agrees(self) -> None:
        assert self.progress.state is self.trail[-1]
        assert self.progress.returned == self.owes
        assert self.trail == sorted(self.trail, key=list(FilingState).index)
        if self.tiers.endorser is None:
            assert E not in self.trail


TestWalk = Walk.TestCase
TestWalk.settings = settings(max_examples=100, stateful_step_count=40, deadline=None)


def test_every_level_of_a_chain_has_a_role() -> None:
    assert set(ROLE_OF) == set(RegionLevel) - {RegionLevel.TOWNSHIP}
