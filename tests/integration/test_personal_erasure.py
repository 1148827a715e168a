"""Erasing what names a person: every copy goes, the ledger stays sound, phones learn of it, nothing comes back."""

import json
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from backend.verify.ledgers import county_report
from sync.recompute import differing_cells
from tests.integration.conftest import Caller, Offices
from tests.support.ledgers import ledger
from tests.support.offices import COUNTY
from tests.support.people import EDGE, NAME, PHONE, PLANTED, planted_farm, planted_film, told_in_the_clear
from tests.support.reports import amend, farm, film, new_id, review
from tests.support.soundness import assert_sound, checks_of, verified

pytestmark = pytest.mark.anyio


async def erase(caller: Caller, record_id: str, **asked: Any) -> Any:
    body = {"request_id": new_id(), "county_code": COUNTY, "record_id": record_id, "ground": "consent_withdrawn"}
    return await caller.http.post("/v1/personal/erasures", json=body | asked, headers=caller.headers)


async def rows(engine: AsyncEngine, statement: str, **values: Any) -> list[Any]:
    async with engine.connect() as connection:
        return [tuple(row) for row in await connection.execute(text(statement), values)]


async def test_no_copy_of_what_names_a_person_stands_in_the_clear(worker: Caller, owner_engine: AsyncEngine) -> None:
    """Applied, conflicting, rejected, held and undecodable: only the plot is kept, for the spatial checks."""
    homestead, neighbour = planted_farm(), farm()
    report = planted_film(homestead["record_id"], note="今年换了地膜")
    await worker.apply(homestead, neighbour, report)
    await worker.apply(amend(homestead, {"/phone": "13700000001"}, reason=f"{NAME}换了号码"))
    await worker.outcomes(amend(homestead, {"/phone": PHONE}), amend(neighbour, {"/area_mu": PHONE}))
    await worker.outcomes(planted_farm(entity_kind="robot"), planted_farm() | {"county_code": "999999"}, {"name": NAME})
    await worker.outcomes(amend(farm(), {"/name": NAME, f"/{PHONE}": "1"}))
    await worker.outcomes(planted_farm(), schema_version=99)
    await worker.send(json.dumps({"changes": PHONE, "device_id": NAME}).encode())
    await worker.send(b"{" + NAME.encode())
    assert await told_in_the_clear(owner_engine) == {("record", "geom")}
    await assert_sound(owner_engine)


async def test_an_erasure_leaves_no_copy_and_a_sound_ledger(
    offices: Offices, worker: Caller, county: Caller, owner_engine: AsyncEngine
) -> None:
    homestead, other = planted_farm(), farm(name="留下的户")
    report, earlier = planted_film(homestead["record_id"]), planted_film(homestead["record_id"], period="2024")
    await worker.apply(homestead, other, report, earlier)
    await worker.apply(amend(homestead, {"/phone": "13700000001", "/area_mu": "12"}), amend(report, {"/note": "已核"}))
    await county.apply(review(report, "return", 6, ("/geometry", f"请{NAME}重画地块")))
    before = await rows(owner_engine, "SELECT * FROM rollup_cell ORDER BY 1, 2, 3, 4, 5, 6, 7")
    answer = await erase(county, homestead["record_id"])
    assert (answer.status_code, answer.json()["records"]) == (200, 3), answer.text
    assert await told_in_the_clear(owner_engine) == set()
    assert await rows(owner_engine, "SELECT * FROM rollup_cell ORDER BY 1, 2, 3, 4, 5, 6, 7") == before
    assert (await verified(offices.app.state.service)).named == []
    await assert_sound(owner_engine)
    async with owner_engine.connect() as connection:
        assert await differing_cells(connection, [COUNTY]) == []
    of_person = "record_id <> cast(:other AS uuid)"
    values = {"other": other["record_id"]}
    assert await rows(owner_engine, f"SELECT 1 FROM change WHERE sealed IS NOT NULL AND {of_person}", **values) == []
    assert await rows(owner_engine, f"SELECT revision FROM personal WHERE {of_person}", **values) == [(3,)]
    assert await rows(owner_engine, "SELECT 1 FROM record WHERE geom IS NOT NULL") == []
    assert [one.action for one in await ledger(owner_engine)][-3:] == ["erase"] * 3


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE personal_erased SET commitment = sha256(commitment) WHERE revision = 1",
        "DELETE FROM personal_erased WHERE revision = 1",
        """UPDATE record SET payload = jsonb_set(payload, '{area_mu}', '"13"')""",
        """UPDATE change SET replaced = '{"/area_mu": "9"}' WHERE decided_position = 2""",
        "UPDATE record SET erased_position = 2",
        "UPDATE record SET erased_position = NULL",
        "DELETE FROM personal",
    ],
)
async def test_what_is_altered_after_an_erasure_is_found(
    offices: Offices, worker: Caller, county: Caller, owner_engine: AsyncEngine, damage: str
) -> None:
    homestead = planted_farm()
    await worker.apply(homestead, amend(homestead, {"/area_mu": "12"}))
    await erase(county, homestead["record_id"])
    checks = checks_of(offices.app.state.service)
    async with owner_engine.connect() as connection:
        assert (await county_report(connection, COUNTY, checks)).faults == 0
        assert (await connection.execute(text(damage))).rowcount == 1
        assert (await county_report(connection, COUNTY, checks)).faults > 0
        await connection.rollback()


async def test_a_phone_that_pulls_drops_the_fields_and_its_mirror_fits(worker: Caller, county: Caller) -> None:
    homestead = planted_farm()
    await worker.apply(homestead)
    page = await worker.pull(COUNTY)
    assert page["records"][0]["payload"]["phone"] == PHONE
    await erase(county, homestead["record_id"])
    after = await worker.pull(COUNTY, cursor=page["cursor"])
    [record] = after["records"]
    assert record["erased_position"] == record["position"] == 2
    assert (record["payload"]["name"], record["revision"]) == ("已删除", 2)
    assert not [one for one in PLANTED if one in json.dumps(after, ensure_ascii=False)]
    assert after["checksum"] == {"records": 1, "sum": record["mark"]}


async def test_an_amendment_that_comes_later_brings_nothing_back(
    offices: Offices, worker: Caller, county: Caller, owner_engine: AsyncEngine
) -> None:
    homestead = planted_farm()
    await worker.apply(homestead)
    await erase(county, homestead["record_id"])
    late = amend(homestead, {"/phone": PHONE, "/area_mu": "12"})
    [refused] = await worker.outcomes(late)
    assert (refused["outcome"], refused["problems"][0]["code"]) == ("conflict", "record_erased")
    [again] = await worker.outcomes(late)
    assert (again["outcome"], again["replayed"]) == ("conflict", True)
    await worker.apply(film(homestead["record_id"]))
    [merged] = await worker.outcomes(amend(homestead, {"/area_mu": "12"}))
    assert merged["outcome"] == "merged"
    [replayed] = await worker.outcomes(homestead)
    assert (replayed["outcome"], replayed["replayed"]) == ("applied", True)
    assert await told_in_the_clear(owner_engine) == set()
    kept = "SELECT sealed, encode(item_hash, 'hex') FROM change WHERE change_id = cast(:id AS uuid)"
    assert await rows(owner_engine, kept, id=late["change_id"]) == [(None, "00" * 32)]
    assert (await verified(offices.app.state.service)).named == []


async def test_what_waits_for_an_erased_record_is_refused_once_it_is_decided(
    offices: Offices, worker: Caller, county: Caller, owner_engine: AsyncEngine
) -> None:
    homestead, hidden = planted_farm(), "另一处秘密地址"
    await worker.apply(homestead)
    first = amend(homestead, {"/phone": "13700000001"})
    second = amend(first, {"/address": hidden})
    await worker.hold(second)
    await erase(county, homestead["record_id"])
    assert await told_in_the_clear(owner_engine, (*PLANTED, hidden)) == set()
    cursor = (await worker.pull(COUNTY))["cursor"]
    await worker.outcomes(first)
    [outcome] = (await worker.pull(COUNTY, cursor=cursor))["outcomes"]
    assert outcome["change_id"] == second["change_id"]
    assert outcome["outcome"] in ("conflict", "rejected")
    assert (await verified(offices.app.state.service)).named == []


async def test_quarantined_bytes_that_name_the_record_go_with_it(
    worker: Caller, county: Caller, owner_engine: AsyncEngine
) -> None:
    homestead = planted_farm()
    await worker.apply(homestead)
    await worker.outcomes({**homestead, "change_id": "no id"}, "something else")
    assert (await erase(county, homestead["record_id"])).json()["quarantined"] == 1
    assert await rows(owner_engine, "SELECT reason FROM quarantine") == [("not_an_object",)]


async def test_an_erasure_is_asked_for_once_and_written_down(worker: Caller, county: Caller, offices: Offices) -> None:
    homestead = planted_farm()
    await worker.apply(homestead)
    request_id = new_id()
    first = (await erase(county, homestead["record_id"], request_id=request_id)).json()
    again = (await erase(county, homestead["record_id"], request_id=request_id)).json()
    assert (first["records"], first["replayed"]) == (1, False)
    assert (again["records"], again["replayed"], again["position"]) == (0, True, first["position"])
    entries = (await county.get("/v1/audit")).json()["entries"]
    acts = [(one["account_name"], one["after"]["ground"]) for one in entries if one["act"] == "personal_erased"]
    assert acts == [(homestead["record_id"], "consent_withdrawn")]
    for office in ("worker", "township", "neighbour", "prefecture", "province", "ministry", "admin"):
        refused = await erase(await offices.of(office), homestead["record_id"])
        assert (refused.status_code, refused.json()["code"]) == (403, "personal_not_yours"), office
    unknown = await erase(county, new_id())
    assert (unknown.status_code, unknown.json()["code"]) == (404, "personal_unknown")


async def test_what_is_held_on_a_person_is_told_to_the_county_and_written_down(
    worker: Caller, county: Caller, offices: Offices
) -> None:
    homestead = planted_farm()
    report = planted_film(homestead["record_id"])
    await worker.apply(homestead, report, amend(homestead, {"/phone": "13700000001"}))
    asked = {"county_code": COUNTY, "phone": "137-0000-0001"}
    found = await county.http.post("/v1/personal/search", json=asked, headers=county.headers)
    assert found.json()["farms"] == [homestead["record_id"]]
    path = f"/v1/personal/{COUNTY}/{homestead['record_id']}"
    farm_part, report_part = (await county.get(path)).json()["records"]
    phones = {(one["value"], one["revision"]) for one in farm_part["values"] if one["field"] == "/phone"}
    assert phones == {(PHONE, 1), ("13700000001", 2)}
    labels = {one["field"]: (one["label_zh"], one["label_en"]) for one in farm_part["values"]}
    assert labels["/address"] == ("地址", "Address")
    assert str(EDGE) in json.dumps(report_part["values"])
    assert farm_part["copies"] == {"change": 2, "record.geom": 1}
    assert [(one["act"], one["by"]) for one in farm_part["history"]] == [("create", "worker"), ("amend", "worker")]
    again = (await county.get(path)).json()
    assert again["records"][0]["history"][-1]["act"] == "personal_exported"
    for office in ("worker", "neighbour", "prefecture", "admin"):
        refused = await (await offices.of(office)).get(path)
        assert (refused.status_code, refused.json()["code"]) == (403, "personal_not_yours"), office
