"""Runs of phones over a bad network, with clocks that jump, grants and records that move, servers that restart."""

from hypothesis.stateful import run_state_machine_as_test

from tests.faults.effort import SEARCH
from tests.faults.machine import Sync, on_stage
from tests.faults.stage import Stage


def test_after_healing_every_phone_equals_the_server_and_the_ledger_holds(stage: Stage) -> None:
    run_state_machine_as_test(on_stage(Sync, stage), settings=SEARCH)
