"""The database ends a connection under a push: nothing is half written, and the phone is asked to come again."""

from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

import sync.push
from sync.store import write_push
from tests.integration.conftest import Caller
from tests.support.offices import COUNTY
from tests.support.reports import farm

pytestmark = pytest.mark.anyio

END_CONNECTIONS = """
    SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
    WHERE datname = current_database() AND usename = 'qingtian_service'
"""


async def test_a_push_that_loses_its_connection_before_the_commit_is_taken_when_it_comes_again(
    worker: Caller, owner_engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def written_and_severed(*arguments: Any) -> None:
        await write_push(*arguments)
        async with owner_engine.connect() as owner:
            await owner.execute(text(END_CONNECTIONS))

    homestead = farm()
    with monkeypatch.context() as severed:
        severed.setattr(sync.push, "write_push", written_and_severed)
        response = await worker.push(homestead)
    assert (response.status_code, response.json()["code"]) == (503, "unavailable")
    for _ in range(3):
        # The pool finds out about each connection by using it.
        response = await worker.push(homestead)
        if response.status_code == 200:
            break
    [outcome] = response.json()["outcomes"]
    assert (outcome["outcome"], outcome["replayed"], outcome["position"]) == ("applied", False, 1)
    assert len((await worker.pull(COUNTY))["records"]) == 1
