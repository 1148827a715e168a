"""Above the county nobody is named: every door that answers an office above is opened and searched."""

import json
import logging
import re
import sys
import uuid
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from backend.privacy.logs import WordlessFormatter
from tests.integration.conftest import Caller, Offices
from tests.support.access_matrix import DOORS
from tests.support.offices import COUNTY
from tests.support.people import ADDRESS, NAME, PHONE, PLANTED, planted_farm, planted_film
from tests.support.reports import amend, review

pytestmark = pytest.mark.anyio

ABOVE = ("prefecture", "province", "ministry", "admin")
REASON = f"请{NAME}补拍照片"
NOTE = f"{NAME}在电话{PHONE}里说的"
SECRETS = (*PLANTED, REASON, NOTE)

BREAKS = (
    ["ALTER TABLE record ADD CONSTRAINT nobody CHECK (farm_id IS NOT NULL) NOT VALID"],
    ["ALTER TABLE record DROP CONSTRAINT nobody", "ALTER TABLE personal RENAME COLUMN salt TO pepper"],
)
"""Ways to make the service fail while it holds a name."""


async def plant(worker: Caller, county: Caller) -> dict[str, str]:
    """Leave planted persons wherever a county keeps something, and return the target of the doors."""
    homestead = planted_farm()
    report = planted_film(homestead["record_id"], note=NOTE)
    straw = planted_film(homestead["record_id"], period="2024")
    await worker.apply(homestead, report, straw)
    await county.apply(review(report, "return", 2, ("/mulch_used_kg", REASON)))
    await worker.outcomes(amend(homestead, {"/phone": PHONE, "/area_mu": NAME}), planted_farm(entity_kind=NAME))
    await worker.outcomes(planted_farm() | {"county_code": "999999"}, {**homestead, "change_id": PHONE}, {"x": ADDRESS})
    await worker.outcomes(planted_farm(), schema_version=99)
    await worker.send(b"{" + NAME.encode())
    return {
        "record_id": homestead["record_id"],
        "report_id": report["record_id"],
        "username": "worker",
        "account_id": str(uuid.uuid4()),
        "device_id": str(uuid.uuid4()),
        "indicator": "film_recovery",
        "period": "2025",
        "action": "file",
        "finding_id": str(uuid.uuid4()),
        "target_finding_id": str(uuid.uuid4()),
        "z": "0",
        "x": "0",
        "y": "0",
        "county": COUNTY,
        "county_code": COUNTY,
        "region_code": COUNTY,
        "code": "none",
        "sha256": "0" * 64,
        "name": "none",
        "_upload_id": str(uuid.uuid4()),
        "checkpoint_id": str(uuid.uuid4()),
        "upload_id": str(uuid.uuid4()),
        "webhook_id": str(uuid.uuid4()),
        "event_id": str(uuid.uuid4()),
    }


async def answers(caller: Caller, target: dict[str, str]) -> dict[str, str]:
    """Return what every reading door tells the caller."""
    told = {}
    for door in DOORS:
        if door.method != "GET" and door.route != "/v1/sync/records":
            continue
        request: dict[str, Any] = door.request(target)
        request["headers"] = request.get("headers", {}) | caller.headers
        path = (door.path or door.route).format(**target)
        response = await caller.http.request(door.method, path, **request)
        told[f"{door.method} {path}"] = json.dumps(dict(response.headers)) + response.text
    return told


def unescaped(told: str) -> str:
    """Return a text with the characters that its JSON names by number; whatever else it holds, files too, stays."""
    return re.sub(r"\\u([0-9a-fA-F]{4})", lambda named: chr(int(named[1], 16)), told)


async def test_no_door_names_a_person_above_the_county(offices: Offices, worker: Caller, county: Caller) -> None:
    target = await plant(worker, county)
    leaks = []
    for office in (*ABOVE, "neighbour"):
        for door, told in (await answers(await offices.of(office), target)).items():
            leaks += [f"{office} {door}: {one}" for one in SECRETS if one in told or one in unescaped(told)]
    assert leaks == []


async def test_the_county_and_its_workers_see_what_is_theirs(worker: Caller, county: Caller) -> None:
    """Else the search above would find nothing because there is nothing."""
    target = await plant(worker, county)
    told = await answers(county, target)
    whole = "".join(told.values())
    assert [one for one in SECRETS if one not in whole] == []
    pulled = (await worker.pull(COUNTY))["records"]
    [returned] = [one for one in pulled if one["review"]]
    assert returned["review"]["reasons"][0]["text"] == REASON
    assert returned["payload"]["note"] == NOTE


async def test_above_the_county_a_return_names_its_fields_alone(
    offices: Offices, worker: Caller, county: Caller
) -> None:
    await plant(worker, county)
    pulled = (await (await offices.of("province")).pull(COUNTY))["records"]
    [returned] = [one for one in pulled if one["review"]]
    assert returned["review"]["reasons"] == [{"field": "/mulch_used_kg", "text": "***"}]
    assert "note" not in returned["payload"]


async def test_logs_metrics_and_problems_name_nobody(
    worker: Caller, county: Caller, owner_engine: AsyncEngine, caplog: pytest.LogCaptureFixture
) -> None:
    """Whatever goes wrong: bad rows, refused constraints, faults of ours."""
    caplog.set_level("DEBUG")
    await plant(worker, county)
    said = [
        await worker.get("/v1/sync/pull", county=COUNTY, cursor=NAME),
        await county.get("/v1/quarantine", county=NAME),
        await worker.http.post("/v1/personal/erasures", json={"name": NAME}, headers=worker.headers),
        await worker.http.post("/v1/auth/token", data={"username": NAME, "password": PHONE}),
    ]
    for statements in BREAKS:
        async with owner_engine.begin() as connection:
            for statement in statements:
                await connection.execute(text(statement))
        broken = await worker.push(planted_farm())
        assert (broken.status_code, broken.json()["code"]) == (500, "internal_error"), statements
        said.append(broken)
    said.append(await worker.http.get("/metrics"))
    logged = [WordlessFormatter().format(one) for one in caplog.records if not one.name.startswith("http")]
    assert any("internal error" in one for one in logged)
    whole = "\n".join([*(one.text for one in said), *logged])
    assert [one for one in SECRETS if one in whole] == []


def fail(name: str, phone: str) -> None:
    """Fail as a parser does: with an error that quotes what it could not read."""
    try:
        float(name)
    except ValueError as error:
        raise KeyError(phone) from error


def test_the_log_tells_where_an_error_came_from_and_not_what_it_says() -> None:
    try:
        fail(NAME, PHONE)
    except KeyError:
        record = logging.LogRecord("jobs", logging.ERROR, "", 0, "a job failed", None, sys.exc_info())
    told = WordlessFormatter().format(record)
    assert "KeyError" in told
    assert "ValueError" in told
    assert "test_personal_masking.py" in told
    assert not [one for one in (NAME, PHONE) if one in told]
