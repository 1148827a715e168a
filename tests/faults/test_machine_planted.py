"""The machine itself is tested: it finds each fault that is planted in the service, and none where there is none."""

from collections.abc import Callable

import pytest
from hypothesis import settings
from hypothesis.stateful import run_state_machine_as_test

from tests.faults.effort import SEARCH
from tests.faults.machine import Sync, on_stage
from tests.faults.planted import advance_by_rows_returned, forget_known_changes, skip_a_delta
from tests.faults.stage import Stage

HUNT = settings(SEARCH, max_examples=100, derandomize=True)
"""Deterministic, so that a fault that is found is found each time."""


@pytest.mark.parametrize(
    ("plant", "finding"),
    [
        (forget_known_changes, "its phone was told|stands 2 times|was acknowledged|is entered|entered:"),
        (advance_by_rows_returned, "a cursor was refused|sent again|something else|do not come to rest"),
        (skip_a_delta, "cell"),
    ],
)
def test_a_planted_fault_is_found(
    plant: Callable[[pytest.MonkeyPatch], None], finding: str, stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine = on_stage(Sync, stage)
    plant(monkeypatch)
    with pytest.raises(AssertionError, match=finding):
        run_state_machine_as_test(machine, settings=HUNT)


def test_without_a_fault_the_same_hunt_finds_nothing(stage: Stage) -> None:
    run_state_machine_as_test(on_stage(Sync, stage), settings=HUNT)
