"""Reference packs: named by their content, sent once, listed in a pull only where they differ."""

import hashlib
import os
import subprocess
import sys

import httpx
import pytest
from jsonschema import Draft202012Validator
from sqlalchemy.ext.asyncio import AsyncEngine

from backend.service import reload_reference
from schemas.changes import PackRef
from schemas.reference.kinds import ReferenceKind
from sync.packs import hash_of_hashes
from tests.integration.conftest import Caller, Offices
from tests.support.offices import COUNTY, OTHER_TOWNSHIP, TOWNSHIP
from tests.support.reference_files import COEFFICIENT_HEAD, loaded, table_file
from tests.support.reports import farm, film, withdraw

pytestmark = pytest.mark.anyio

REFERENCE = ("regions", "goals", "coefficients", "catalogue")


async def pack(caller: Caller, name: str, **headers: str) -> httpx.Response:
    return await caller.http.get(
        f"/v1/packs/{name}",
        params={"county": COUNTY},
        headers=caller.headers | {"Accept-Encoding": "identity"} | headers,
    )


async def listed(caller: Caller) -> dict[str, PackRef]:
    response = await caller.get("/v1/packs", county=COUNTY)
    assert response.status_code == 200, response.text
    return {one["name"]: PackRef(**one) for one in response.json()["packs"]}


@pytest.mark.parametrize("encoding", ["identity", "gzip"])
async def test_every_listed_pack_has_the_hash_and_size_it_is_listed_with(worker: Caller, encoding: str) -> None:
    await worker.apply(farm())
    refs = await listed(worker)
    assert set(refs) == {*REFERENCE, "farms"}
    for name, ref in refs.items():
        response = await pack(worker, name, **{"Accept-Encoding": encoding})
        assert (hashlib.sha256(response.content).hexdigest(), len(response.content)) == (ref.sha256, ref.size)
        assert ref.sha256 in response.headers["etag"]
        assert response.headers.get("content-encoding", "identity") == encoding


async def test_a_pack_that_the_phone_has_is_not_sent_again(worker: Caller) -> None:
    plain = (await pack(worker, "regions")).headers["etag"]
    zipped = (await pack(worker, "regions", **{"Accept-Encoding": "gzip"})).headers["etag"]
    assert plain != zipped
    for tag in (plain, zipped, f'"other", W/{plain}', "*"):
        again = await pack(worker, "regions", **{"If-None-Match": tag})
        assert (again.status_code, again.content) == (304, b"")
    assert (await pack(worker, "regions", **{"If-None-Match": '"other"'})).status_code == 200


async def test_the_regions_are_the_county_with_its_townships(worker: Caller) -> None:
    regions = (await pack(worker, "regions")).json()
    assert [one["code"] for one in regions["regions"]] == [COUNTY, "430600", "430000", "100000"]
    assert {TOWNSHIP, OTHER_TOWNSHIP} <= {one["code"] for one in regions["townships"]}
    assert regions["no_township"] == "430623000"


async def test_goals_and_coefficients_are_those_that_reach_the_county(worker: Caller) -> None:
    goals = (await pack(worker, "goals")).json()["goals"]
    assert {"film_recovery", "straw_utilisation"} <= {one["indicator"] for one in goals}
    chain = {COUNTY, "430600", "430000", "100000"}
    assert {one["region_code"] for one in goals} <= chain
    assert not [one for one in goals if one["type"] == "cumulative_amount" and one["region_code"] != COUNTY]
    coefficients = (await pack(worker, "coefficients")).json()["coefficients"]
    assert coefficients
    assert {one["region_code"] for one in coefficients} <= chain


async def test_the_catalogue_holds_forms_that_take_what_the_server_takes_and_the_texts_of_rules(
    worker: Caller,
) -> None:
    catalogue = (await pack(worker, "catalogue")).json()
    report = film(farm()["record_id"])["payload"]
    Draft202012Validator(catalogue["forms"]["film_recovery.farm"]).validate(report)
    rules = {rule["code"]: rule for spec in catalogue["indicators"] for rule in spec["rules"]}
    assert all(rule["zh"] and rule["en"] for rule in rules.values())
    assert catalogue["problems"]["busy"]["zh"]


async def test_farms_are_those_of_the_scope_that_live_and_follow_the_ledger(worker: Caller, county: Caller) -> None:
    mine, gone, other = farm(name="甲"), farm(), farm(name="乙", township_code=OTHER_TOWNSHIP)
    await county.apply(mine, gone, other)
    first = (await listed(worker))["farms"].sha256
    assert first == (await listed(worker))["farms"].sha256
    await county.apply(withdraw(gone))
    assert (await listed(worker))["farms"].sha256 != first
    expected = {"id": mine["record_id"], "entity_kind": "household", "township_code": TOWNSHIP, "name": "甲"}
    assert (await pack(worker, "farms")).json() == {"county_code": COUNTY, "farms": [expected]}
    assert [one["name"] for one in (await pack(county, "farms")).json()["farms"]] == ["甲", "乙"]


async def test_above_the_county_farms_come_without_names(county: Caller, offices: Offices) -> None:
    await county.apply(farm(name="不外传"))
    await pack(county, "farms")
    [one] = (await pack(await offices.of("prefecture"), "farms")).json()["farms"]
    assert set(one) == {"id", "entity_kind", "township_code"}


async def test_a_pull_lists_the_packs_only_where_the_phone_has_others(worker: Caller) -> None:
    assert (await worker.pull(COUNTY))["packs"] is None
    refs = [PackRef(**one) for one in (await worker.pull(COUNTY, packs=""))["packs"]]
    assert [one.name for one in refs] == list(REFERENCE)
    known = hash_of_hashes(refs)
    assert (await worker.get("/v1/packs", county=COUNTY)).json()["sha256"] == known
    assert (await worker.pull(COUNTY, packs=known))["packs"] is None
    assert (await worker.get("/v1/sync/pull", county=COUNTY, packs="zz")).status_code == 422


async def test_new_reference_data_change_their_pack_and_no_other(
    worker: Caller, offices: Offices, reference_engine: AsyncEngine, tmp_path
) -> None:
    before = await listed(worker)
    row = f"2025,{COUNTY},dung_kg_per_day,dairy,30,kg/d,县里测定,official"
    await loaded(reference_engine, ReferenceKind.COEFFICIENTS, table_file(tmp_path, COEFFICIENT_HEAD, row))
    assert await reload_reference(offices.app.state.service)
    after = await listed(worker)
    assert {name for name in before if before[name] != after[name]} == {"coefficients"}


async def test_a_foreign_county_has_no_packs_for_the_caller_and_no_other_name_is_one(offices: Offices) -> None:
    neighbour = await offices.of("neighbour")
    assert (await neighbour.get("/v1/packs", county=COUNTY)).status_code == 403
    assert (await pack(neighbour, "regions")).status_code == 403
    assert (await pack(await offices.of("worker"), "passwords")).status_code == 422


def test_the_catalogue_is_the_same_whatever_the_process() -> None:
    program = "from backend.api.packs import catalogue_pack; print(catalogue_pack().sha256)"
    hashes = {
        subprocess.run(
            [sys.executable, "-c", program],
            check=True,
            capture_output=True,
            text=True,
            env=os.environ | {"PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("1", "2")
    }
    assert len(hashes) == 1
