"""The machine itself is tested: it finds each fault that is planted in the service."""

from collections.abc import Callable

import pytest
from hypothesis import settings
from hypothesis.stateful import run_state_machine_as_test

from tests.faults.effort import SEARCH
from tests.faults.machine import Sync, on_stage
from tests.faults.planted import advance_by_rows_returned, ask_about_no_receipt, forget_known_changes, skip_a_delta
from tests.faults.restored import RestoredSync
from tests.faults.stage import Stage

HUNT = settings(SEARCH, max_examples=100, derandomize=True)
"""Deterministic, so that a fault that is found is found each time."""


@pytest.mark.parametrize(
    ("machine", "plant", "finding"),
    [
        (Sync, forget_known_changes, "its phone was told|stands 2 times|entered:"),
        (Sync, advance_by_rows_returned, "a cursor was refused|sent again|something else|do not come to rest"),
        (Sync, skip_a_delta, "cell"),
        (RestoredSync, ask_about_no_receipt, "was acknowledged and is not stored"),
    ],
)
def test_a_planted_fault_is_found(
    machine: type[Sync],
    plant: Callable[[pytest.MonkeyPatch], None],
    finding: str,
    stage: Stage,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    staged = on_stage(machine, stage)
    plant(monkeypatch)
    with pytest.raises(AssertionError, match=finding):
        run_state_machine_as_test(staged, settings=HUNT)
