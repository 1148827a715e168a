"""Runs of phones over ledgers that are restored from a backup in between."""

from hypothesis.stateful import run_state_machine_as_test

from tests.faults.effort import SEARCH
from tests.faults.machine import on_stage
from tests.faults.restored import RestoredSync
from tests.faults.stage import Stage


def test_what_was_acknowledged_is_there_once_after_a_backup_was_restored(stage: Stage) -> None:
    run_state_machine_as_test(on_stage(RestoredSync, stage), settings=SEARCH)
