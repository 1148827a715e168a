"""Who may import what, how much, and how an order says so."""

import hashlib

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.integration.conftest import Caller, Offices
from tests.support.imports import REPORTS, ROSTER, commit, ledger_size, outcomes, payloads, preview, upload
from tests.support.offices import COUNTY, TOWNSHIP
from tests.support.sheets import csv_bytes

pytestmark = pytest.mark.anyio


async def test_more_lines_than_one_push_takes_are_all_written(county: Caller, owner_engine: AsyncEngine) -> None:
    lines = [["编号", "名称", "主体类型", "乡镇"]] + [[str(n), f"农户{n}", "农户", TOWNSHIP] for n in range(1, 1_101)]
    body = csv_bytes(lines)
    done = await commit(county, body)
    assert done["counts"]["new"] == 1_100
    assert all(row["ledger"]["outcome"] == "applied" for row in done["rows"])
    assert await ledger_size(owner_engine) == 1_100
    assert (await commit(county, body))["counts"]["unchanged"] == 1_100


async def test_a_commit_cut_short_is_finished_by_the_same_file(county: Caller, owner_engine: AsyncEngine) -> None:
    whole = csv_bytes(ROSTER)
    await commit(county, csv_bytes(ROSTER[:2]))  # what a crash after the first batch leaves
    done = await commit(county, whole)
    assert outcomes(done) == ["unchanged", "new", "new", "skipped"]
    assert await ledger_size(owner_engine) == 3


async def test_a_commit_needs_the_file_that_was_previewed(county: Caller, owner_engine: AsyncEngine) -> None:
    shown = await preview(county, csv_bytes(ROSTER))
    other = await upload(county, csv_bytes(ROSTER[:2]), commit=True, sha256=shown["sha256"])
    assert (other.status_code, other.json()["code"]) == (409, "import_file_changed")
    without = await upload(county, csv_bytes(ROSTER), commit=True)
    assert (without.status_code, without.json()["errors"][0]["field"]) == (422, "/sha256")
    assert await ledger_size(owner_engine) == 0


async def test_one_county_imports_one_file_at_a_time(county: Caller, owner_engine: AsyncEngine) -> None:
    body = csv_bytes(ROSTER)
    async with owner_engine.begin() as other:
        await other.execute(text("SELECT pg_advisory_xact_lock(hashtextextended('import ' || :c, 0))"), {"c": COUNTY})
        busy = await upload(county, body, commit=True, sha256=hashlib.sha256(body).hexdigest())
        assert (busy.status_code, busy.json()["code"]) == (503, "import_busy")
        assert outcomes(await preview(county, body))[0] == "new"
    assert (await commit(county, body))["counts"]["new"] == 3


@pytest.mark.parametrize("office", ["neighbour", "prefecture", "province", "ministry", "admin"])
async def test_nobody_else_imports_into_a_county(offices: Offices, office: str) -> None:
    caller = await offices.of(office)
    response = await upload(caller, csv_bytes(ROSTER))
    assert (response.status_code, response.json()["code"]) == (403, "import_out_of_scope")


async def test_a_township_imports_its_own_farms_and_no_statement(offices: Offices, county: Caller) -> None:
    township = await offices.of("township")
    answer = await commit(township, csv_bytes(ROSTER))
    assert outcomes(answer) == ["new", "new", "refused", "skipped"]
    assert answer["rows"][2]["problems"][0]["code"] == "import_out_of_scope"
    assert [one["name"] for one in await payloads(county, "farm")] == ["李䶮", "王𬭚种植合作社"]
    await commit(county, csv_bytes(ROSTER))
    film_of_another = csv_bytes([["主体编号", "地膜使用量"], ["003", "1"]])
    answer = await preview(township, film_of_another, **REPORTS)
    assert answer["rows"][0]["problems"][0]["code"] == "import_farm_unknown"
    statement = await upload(township, csv_bytes([["地膜使用量（吨）"], ["1"]]), **REPORTS | {"level": "county"})
    assert statement.status_code == 403


async def test_an_order_that_is_incomplete_names_its_fields(county: Caller, offices: Offices) -> None:
    body = csv_bytes(ROSTER)
    response = await upload(county, body, kind="report", indicator="film", period="2025X")
    assert {one["field"]: one["code"] for one in response.json()["errors"]} == {
        "/indicator": "unknown_code",
        "/period": "invalid_period",
    }
    assert (await upload(county, body, kind="report")).json()["errors"][0]["field"] == "/indicator"
    assert (await upload(county, body, period="2025")).json()["errors"][0]["code"] == "unknown_field"
    assert (await upload(county, body, county_code="999999")).json()["code"] == "unknown_region"
    no_file = await county.http.post("/v1/imports", data={"kind": "farm"}, headers=county.headers)
    assert (no_file.status_code, no_file.json()["code"]) == (400, "import_broken_form")
    broken = await county.http.post(
        "/v1/imports",
        content=b"--x\r\nno",
        headers=county.headers | {"content-type": "multipart/form-data; boundary=x"},
    )
    assert (broken.status_code, broken.json()["code"]) in [(400, "import_broken_form"), (422, "import_missing_file")]
    assert (await upload(offices.anonymous, body)).status_code == 401


async def test_a_body_over_the_limit_is_refused_while_it_arrives(county: Caller) -> None:
    response = await upload(county, b"x" * 9_000_000)
    assert (response.status_code, response.json()["code"]) == (413, "import_too_large")
