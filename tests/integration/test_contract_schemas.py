"""What the running service answers fits the published JSON Schemas."""

from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from backend.contract.json_schemas import schema_files
from backend.jobs.checkpoints import issue_checkpoint
from backend.jobs.devices import write_devices
from schemas.receipts import KEYS_PATH
from tests.integration.conftest import Offices
from tests.support.offices import COUNTY
from tests.support.receipts import document_of
from tests.support.reports import amend, body, farm, film, film_statement, square, withdraw

pytestmark = pytest.mark.anyio

SCHEMAS = schema_files()


def fits(name: str, document: dict[str, Any]) -> None:
    Draft202012Validator(SCHEMAS[name]).validate(document)


async def test_a_push_its_answer_and_the_pull_after_it_fit_their_schemas(offices: Offices) -> None:
    worker, bureau = await offices.of("worker"), await offices.of("county")
    homestead = farm(geometry=square())
    report = film(homestead["record_id"])
    changes = [homestead, report, amend(report, {"/mulch_used_kg": "110"})]
    fits("push", body(*changes))
    answer = (await worker.push(*changes)).json()
    fits("push_answer", answer)
    assert [one["outcome"] for one in answer["outcomes"]] == ["applied"] * 3
    mishaps = [
        amend(report, {"/mulch_used_kg": "120"}),
        film(homestead["record_id"]),
        film(homestead["record_id"], mulch_used_kg=5),
        amend(farm(), {"/name": "未到的主体"}),
    ]
    refused = (await worker.push(*mishaps)).json()
    fits("push_answer", refused)
    assert {one["outcome"] for one in refused["outcomes"]} == {"conflict", "rejected", "held"}
    for one in refused["outcomes"]:
        fits("outcome", one)
    await bureau.apply(film_statement())
    await worker.apply(withdraw(changes[2]))
    for office in ("worker", "county", "prefecture"):
        page = await (await offices.of(office)).pull(COUNTY)
        assert page["records"]
        fits("pull", page)


async def test_what_a_phone_meets_beside_the_pull_fits_its_schema(offices: Offices, tmp_path: Path) -> None:
    worker, bureau = await offices.of("worker"), await offices.of("county")
    homestead = farm(geometry=square())
    changes = [homestead, film(homestead["record_id"])]
    answer = (await worker.push(*changes)).json()
    fits("receipt", document_of(answer, changes))
    listing = (await worker.get("/v1/sync/manifest", county=COUNTY)).json()
    fits("manifest", listing)
    wanted = {"county_code": COUNTY, "ids": [record_id for record_id, _ in listing["entries"]]}
    fits("wanted_records", wanted)
    found = await worker.http.post("/v1/sync/records", json=wanted, headers=worker.headers)
    assert len(found.json()["records"]) == 2
    fits("found_records", found.json())
    fits("packs", (await worker.get("/v1/packs", county=COUNTY)).json())
    service = offices.app.state.service
    await write_devices(service)
    devices = (await bureau.get(f"/v1/counties/{COUNTY}/devices")).json()
    assert devices["devices"]
    fits("devices", devices)
    await issue_checkpoint(service.engine, service.signer, tmp_path)
    fits("checkpoint", (await offices.anonymous.get("/v1/checkpoints/latest")).json())
    keys = (await offices.anonymous.get(KEYS_PATH)).json()
    assert keys["keys"]
    fits("keys", keys)


async def test_refused_requests_are_problem_documents_of_the_schema(offices: Offices) -> None:
    worker, neighbour = await offices.of("worker"), await offices.of("neighbour")
    for response in (
        await offices.anonymous.get("/v1/me"),
        await worker.push(device_id="x"),
        await neighbour.push(farm()),
        await worker.get("/v1/sync/pull", county="430623", limit=0),
    ):
        assert response.status_code >= 400
        fits("problem", response.json())
    assert (await neighbour.push(farm())).json()["outcomes"]
