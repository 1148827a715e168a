"""Runs of the machine."""

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.conftest import Database
from tests.faults.effort import EXAMPLES
from tests.faults.machine import Sync, open_stage
from tests.faults.stage import staged

STEPS = 20
SEARCH = settings(
    max_examples=EXAMPLES,
    stateful_step_count=STEPS,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    database=None,
    print_blob=True,
)
HUNT = settings(SEARCH, max_examples=300, phases=(Phase.generate,))


@pytest.fixture
def machine(database: Database, tmp_path) -> Iterator[type[Sync]]:
    with staged(database, tmp_path) as stage:
        yield type("StagedSync", (Sync,), {"stage": stage, "filed": open_stage(stage)})


def test_after_healing_every_phone_equals_the_server_and_the_ledger_holds(machine: type[Sync]) -> None:
    run_state_machine_as_test(machine, settings=SEARCH)
