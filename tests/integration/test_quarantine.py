"""What cannot be applied is kept, shown to the county without names, and goes in once its cause is mended."""

import gzip
import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from backend.quarantine.replay import replay_quarantine
from tests.conftest import Database
from tests.integration.conftest import Caller, Offices
from tests.support.ledgers import ledger, stored
from tests.support.offices import COUNTY, NEIGHBOUR, OTHER_TOWNSHIP, TOWNSHIP
from tests.support.program import run_program
from tests.support.reports import amend, body, farm, film
from tests.support.soundness import assert_sound

pytestmark = pytest.mark.anyio

GRANT = "INSERT INTO account_grant SELECT id, 'worker', :code, now() FROM account WHERE username = 'worker'"


async def page(caller: Caller, county: str = COUNTY, **params: Any) -> dict[str, Any]:
    response = await caller.get("/v1/quarantine", county=county, **params)
    assert response.status_code == 200, response.text
    answered: dict[str, Any] = response.json()
    return answered


async def run(engine: AsyncEngine, statement: str, **values: Any) -> None:
    async with engine.begin() as connection:
        await connection.execute(text(statement), values)


async def test_the_county_sees_what_could_not_be_applied_and_no_name(worker: Caller, county: Caller) -> None:
    await worker.outcomes(farm(name="极少见的名字", phone="19900001234") | {"action": "frobnicate"})
    await worker.outcomes(farm(name="极少见的名字", phone="19900001234"), schema_version=99)
    await worker.push(farm(name="极少见的名字", township_code=OTHER_TOWNSHIP))
    await worker.send(b'{"device_id": "x", "name": "\xe6\x9e\x81\xe5\xb0\x91"')
    response = await county.get("/v1/quarantine", county=COUNTY)
    assert "极少" not in response.text
    assert "19900001234" not in response.text
    items = {one["reason"]: one for one in response.json()["items"]}
    assert {reason: one["source"] for reason, one in items.items()} == {
        "unknown_code": "bytes",
        "schema_unknown": "change",
        "scope_lost": "change",
        "malformed_json": "bytes",
    }
    assert {one["username"] for one in items.values()} == {"worker"}
    assert all(problem["zh"] and problem["en"] for one in items.values() for problem in one["problems"])
    assert items["schema_unknown"]["schema_version"] == 99
    assert items["scope_lost"]["excerpt"]["township_code"] == OTHER_TOWNSHIP
    assert items["unknown_code"]["excerpt"]["action"] == "frobnicate"
    assert items["malformed_json"]["excerpt"] == {}


@pytest.mark.parametrize(
    ("office", "status"),
    [("worker", 403), ("township", 403), ("neighbour", 403), ("county", 200), ("prefecture", 200), ("ministry", 200)],
)
async def test_only_the_bureau_and_those_above_read_it(offices: Offices, office: str, status: int) -> None:
    response = await (await offices.of(office)).get("/v1/quarantine", county=COUNTY)
    assert response.status_code == status


async def test_bytes_belong_to_the_county_they_name_and_else_to_that_of_the_sender(
    offices: Offices, worker: Caller, county: Caller
) -> None:
    await worker.outcomes(farm() | {"county_code": NEIGHBOUR, "action": "frobnicate"}, "nothing")
    await worker.send(b"{")
    assert [one["reason"] for one in (await page(await offices.of("neighbour"), NEIGHBOUR))["items"]] == [
        "unknown_code"
    ]
    reasons = [one["reason"] for one in (await page(county))["items"]]
    assert sorted(reasons) == ["malformed_json", "not_an_object"]


async def test_pages_follow_one_another_without_a_gap(worker: Caller, county: Caller) -> None:
    for number in range(3):
        await worker.outcomes(f"nothing {number}", farm(), schema_version=99)
    seen, after = [], None
    while True:
        found = await page(county, limit=2, **({"after": after} if after else {}))
        seen += [one["id"] for one in found["items"]]
        after = found["after"]
        if after is None:
            break
    assert len(seen) == len(set(seen)) == 6
    assert seen == sorted(seen)


async def test_a_change_out_of_scope_goes_in_under_its_account_once_the_grant_is_there(
    offices: Offices, worker: Caller, owner_engine: AsyncEngine
) -> None:
    homestead = farm(township_code=OTHER_TOWNSHIP)
    report = film(homestead["record_id"], township_code=OTHER_TOWNSHIP)
    await worker.push(homestead, report)
    service = offices.app.state.service
    refused = await replay_quarantine(service, county_code=COUNTY)
    assert {each.reason for one in refused for each in one.outcomes} == {"scope_lost"}
    await run(owner_engine, GRANT, code=OTHER_TOWNSHIP)
    done = await replay_quarantine(service, county_code=COUNTY)
    assert [each.outcome for one in done for each in one.outcomes] == ["applied", "applied"]
    late = await stored(owner_engine, report)
    assert (late.outcome, late.settled_position) == ("applied", 2)
    assert {one.actor for one in await ledger(owner_engine)} == {late.account}
    [replayed] = await worker.outcomes(homestead)
    assert (replayed["outcome"], replayed["replayed"]) == ("applied", True)
    assert await replay_quarantine(service, county_code=COUNTY) == []
    await assert_sound(owner_engine)


async def test_bytes_go_in_once_they_can_be_read_and_stay_where_they_lie(
    offices: Offices, worker: Caller, county: Caller, owner_engine: AsyncEngine
) -> None:
    homestead = farm()
    report = film(homestead["record_id"])
    whole = body(homestead)
    pushed = gzip.compress(json.dumps(whole).encode())
    # As kept by a server that could read neither: the push as a whole, compressed, and one item by itself.
    await worker.send(b"{")
    await worker.outcomes("nothing")
    values = {"push": pushed, "item": json.dumps(report).encode()}
    await run(
        owner_engine,
        "UPDATE quarantine SET key_id = NULL, body = :push WHERE reason = 'malformed_json'",
        push=values["push"],
    )
    await run(
        owner_engine,
        "UPDATE quarantine SET key_id = NULL, body = :item WHERE reason = 'not_an_object'",
        item=values["item"],
    )
    done = await replay_quarantine(offices.app.state.service)
    assert [each.outcome for one in done for each in one.outcomes] == ["applied", "applied"]
    late = await stored(owner_engine, report)
    assert late.settled_position == late.decided_position  # nobody was there to read the answer: it is pulled
    items = (await page(county))["items"]
    assert [one["replay"][0]["outcome"] for one in items] == ["applied", "applied"]
    assert all(one["replayed_at"] for one in items)
    assert await replay_quarantine(offices.app.state.service) == []
    await assert_sound(owner_engine)


async def test_a_replay_of_what_still_cannot_be_read_changes_nothing(
    offices: Offices, worker: Caller, owner_engine: AsyncEngine
) -> None:
    await worker.send(b"{")
    await worker.send(b"\x1f\x8bnothing", **{"Content-Encoding": "gzip"})
    await worker.outcomes("nothing", farm(name="张\x00三"), farm() | {"county_code": "999999"})
    service = offices.app.state.service
    first = await replay_quarantine(service)
    assert len(first) == 5
    assert not any(one.is_taken for one in first)
    again = await replay_quarantine(service)
    assert [one.id for one in again] == [one.id for one in first]
    async with owner_engine.connect() as connection:
        assert (await connection.execute(text("SELECT count(*) FROM quarantine"))).scalar_one() == 5
    assert await ledger(owner_engine) == []


async def test_a_replayed_conflict_comes_to_an_entry_so_that_the_phone_learns_of_it(
    offices: Offices, worker: Caller, owner_engine: AsyncEngine
) -> None:
    homestead = farm()
    await worker.apply(homestead, amend(homestead, {"/name": "李家"}))
    clash = amend(homestead, {"/name": "王家"})
    await worker.outcomes(clash, schema_version=99)
    await run(owner_engine, "UPDATE change SET schema_version = 2 WHERE outcome = 'held'")
    [done] = await replay_quarantine(offices.app.state.service, item_id=clash["change_id"])
    assert [one.outcome for one in done.outcomes] == ["conflict"]
    late = await stored(owner_engine, clash)
    assert (late.outcome, late.settled_position) == ("conflict", 3)
    assert (await ledger(owner_engine))[-1].action == "decide"


async def test_the_outcome_of_a_replay_is_shown_without_the_names_that_clash(
    offices: Offices, worker: Caller, county: Caller, owner_engine: AsyncEngine
) -> None:
    homestead = farm(name="原名户")
    await worker.apply(homestead, amend(homestead, {"/name": "李家"}))
    await worker.send(b"{")
    clash = json.dumps(body(amend(homestead, {"/name": "王家"}))).encode()
    await run(owner_engine, "UPDATE quarantine SET key_id = NULL, body = :push", push=clash)
    await replay_quarantine(offices.app.state.service)
    response = await county.get("/v1/quarantine", county=COUNTY)
    [item] = response.json()["items"]
    assert item["replay"][0]["outcome"] == "conflict"
    assert not [name for name in ("原名户", "李家", "王家") if name in response.text]


async def test_the_commands_list_and_replay(
    worker: Caller, owner_engine: AsyncEngine, database: Database, tmp_path: Path
) -> None:
    homestead = farm(township_code=OTHER_TOWNSHIP)
    await worker.push(homestead)
    await run(owner_engine, GRANT, code=OTHER_TOWNSHIP)
    environment = {
        "QINGTIAN_DATABASE_URL": database.service_url,
        "QINGTIAN_HOME": str(tmp_path),
        "QINGTIAN_SECRET": "s" * 40,
        "COLUMNS": "200",
    }

    def command(*words: str) -> subprocess.CompletedProcess[str]:
        return run_program("quarantine", *words, environment=environment)

    listed = command("list", "--county", COUNTY)
    assert (listed.returncode, "scope_lost" in listed.stdout) == (0, True), listed.stderr
    replayed = command("replay", "--id", homestead["change_id"])
    assert (replayed.returncode, "applied 1" in replayed.stdout) == (0, True), replayed.stderr
    assert command("list", "--county", "999999").returncode == 1
    assert command("replay", "--id", homestead["change_id"]).returncode == 1
    assert TOWNSHIP not in listed.stdout
