"""Signed checkpoints of all ledgers: every night one, however many processes, and every one leaves the database."""

import json
from datetime import datetime, time, timedelta
from pathlib import Path

import anyio
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from backend.jobs.checkpoints import issue_checkpoint, issue_if_due, write_checkpoint
from schemas.period import CHINA_STANDARD_TIME
from schemas.receipts import KEYS_PATH, PublishedKeys, SignatureState, raw_keys, signature_state
from tests.integration.conftest import Caller, Offices
from tests.support.offices import COUNTY
from tests.support.reports import farm

pytestmark = pytest.mark.anyio
MIDNIGHT = time(0)
"""Of China Standard Time: always past."""

OLDER = "UPDATE checkpoint SET issued_at = issued_at - interval '4 days'"


async def test_a_checkpoint_leaves_as_a_file_an_answer_and_a_message(
    offices: Offices, worker: Caller, owner_engine: AsyncEngine, tmp_path: Path
) -> None:
    await worker.apply(farm(), farm())
    service = offices.app.state.service
    path = await issue_checkpoint(service.engine, service.signer, tmp_path)
    document = json.loads(path.read_text())
    async with owner_engine.connect() as connection:
        [head] = await connection.execute(text("SELECT entry_hash FROM ledger_head WHERE county_code = '430623'"))
        [message] = await connection.execute(text("SELECT cast(id AS text), kind, body, routed_at FROM outbox"))
    assert document["heads"] == [{"county_code": COUNTY, "position": 2, "entry_hash": bytes(head.entry_hash).hex()}]
    assert tuple(message) == (document["id"], "checkpoint.issued", document, None)
    latest = await offices.http.get("/v1/checkpoints/latest")
    assert latest.json() == document
    by_id = await offices.http.get(f"/v1/checkpoints/{document['id']}")
    assert by_id.json() == document
    assert "immutable" in by_id.headers["cache-control"]
    keys = raw_keys(PublishedKeys.model_validate((await offices.http.get(KEYS_PATH)).json()))
    assert signature_state(latest.json(), keys) is SignatureState.HOLDS
    assert signature_state(document | {"heads": []}, keys) is SignatureState.BROKEN


async def test_checkpoints_are_listed_page_by_page_and_a_day_never_overwrites_itself(
    offices: Offices, worker: Caller, tmp_path: Path
) -> None:
    await worker.apply(farm())
    service = offices.app.state.service
    paths = [await issue_checkpoint(service.engine, service.signer, tmp_path) for _ in range(3)]
    assert len({path.read_text() for path in paths}) == len(list((tmp_path / "checkpoints").iterdir())) == 3
    ids = [json.loads(path.read_text())["id"] for path in reversed(paths)]
    first = (await offices.http.get("/v1/checkpoints", params={"limit": 2})).json()
    assert [one["id"] for one in first["checkpoints"]] == ids[:2]
    assert (first["checkpoints"][0]["ledgers"], first["checkpoints"][0]["entries"]) == (1, 1)
    rest = (await offices.http.get("/v1/checkpoints", params={"limit": 2, "before": first["before"]})).json()
    assert [one["id"] for one in rest["checkpoints"]] == ids[2:]
    assert rest["before"] is None


async def test_missed_nights_are_caught_up_once(offices: Offices, owner_engine: AsyncEngine, tmp_path: Path) -> None:
    service = offices.app.state.service

    async def issued() -> bool:
        return await issue_if_due(service.engine, service.signer, tmp_path, MIDNIGHT) is not None

    assert [await issued(), await issued()] == [True, False]
    async with owner_engine.begin() as connection:
        await connection.execute(text(OLDER))
    assert [await issued(), await issued()] == [True, False]


async def test_before_the_hour_yesterdays_checkpoint_is_enough(
    offices: Offices, owner_engine: AsyncEngine, tmp_path: Path
) -> None:
    service = offices.app.state.service
    await issue_checkpoint(service.engine, service.signer, tmp_path)
    local = datetime.now(CHINA_STANDARD_TIME)
    later = (local + timedelta(minutes=5)).time()
    yesterday = datetime.combine(local.date(), later, CHINA_STANDARD_TIME) - timedelta(days=1)
    async with owner_engine.begin() as connection:
        set_to = text("UPDATE checkpoint SET issued_at = :moment")
        await connection.execute(set_to, {"moment": yesterday + timedelta(seconds=1)})
    assert await issue_if_due(service.engine, service.signer, tmp_path, later) is None
    async with owner_engine.begin() as connection:
        await connection.execute(set_to, {"moment": yesterday - timedelta(seconds=1)})
    assert await issue_if_due(service.engine, service.signer, tmp_path, later) is not None


async def test_of_several_processes_one_issues_the_checkpoint(
    offices: Offices, owner_engine: AsyncEngine, tmp_path: Path
) -> None:
    service = offices.app.state.service
    issued: list[Path | None] = []

    async def run() -> None:
        issued.append(await issue_if_due(service.engine, service.signer, tmp_path, MIDNIGHT))

    async with anyio.create_task_group() as group:
        for _ in range(8):
            group.start_soon(run)
    assert sum(path is not None for path in issued) == 1
    async with owner_engine.connect() as connection:
        assert (await connection.execute(text("SELECT count(*) FROM checkpoint"))).scalar_one() == 1


async def test_an_unknown_checkpoint_is_not_found(offices: Offices) -> None:
    for path in ("latest", "01928f3c-0000-7000-8000-000000000001"):
        response = await offices.http.get(f"/v1/checkpoints/{path}")
        assert (response.status_code, response.json()["code"]) == (404, "not_found")
    assert (await offices.http.get("/v1/checkpoints/x")).status_code == 422


def test_a_checkpoint_file_is_whole_and_nothing_else_is_left(tmp_path: Path) -> None:
    document = {"id": "a", "issued_at": "2025-10-03T18:00:00Z", "heads": []}
    paths = [write_checkpoint(tmp_path, document | {"id": name}) for name in "abc"]
    assert [path.name for path in paths] == ["2025-10-04.json", "2025-10-04T020000.json", "c.json"]
    assert sorted(path.name for path in (tmp_path / "checkpoints").iterdir()) == sorted(path.name for path in paths)
    assert [json.loads(path.read_text())["id"] for path in paths] == ["a", "b", "c"]
