"""Reports as files: whole, in scope, without a person in them, and in as much memory for many as for few."""

import asyncio
import csv
import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import openpyxl
import pyogrio
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.conftest import Database
from tests.integration.conftest import Caller, Offices
from tests.support.offices import COUNTY, NEIGHBOUR, OTHER_TOWNSHIP, PROVINCE
from tests.support.reports import create, farm, film, withdraw
from tests.support.statements import counted

pytestmark = pytest.mark.anyio

NAME, CONTACT, PHONE = "=HYPERLINK(1)种植户", "张三丰", "13807301234"
ASKED = {"period": "2025", "indicator": "film_recovery"}

FILL = """
    INSERT INTO record (county_code, id, kind, status, revision, position, township_code, farm_id, indicator, level,
                        period, payload, quantities, warnings, payload_hash, mark, last_change_id, account, recorded_at,
                        submitted_at)
    SELECT cast(:county AS text), gen_random_uuid(), 'report', 'submitted', 1, g, cast(:county AS text) || '000',
           gen_random_uuid(), 'film_recovery', 'farm', '2025', '{}',
           '[["mulch_film", "used_t", "0.1"], ["mulch_film", "net_t", "0.07"]]', '[]', sha256(''),
           substr(sha256(''), 1, 8), gen_random_uuid(), gen_random_uuid(), now(), now()
    FROM generate_series(1, cast(:rows AS int)) AS g
"""

CELLS = """
    INSERT INTO rollup_cell (county_code, period, indicator, level, status, subject, quantity, amount, n)
    SELECT cast(:county AS text), '2025', 'film_recovery', 'farm', 'submitted', 'mulch_film', q, 1, 1
    FROM unnest(cast('{used_t,net_t}' AS text[])) AS q
"""

MEASURED = """
import asyncio, resource, sys
from datetime import UTC, datetime
from pathlib import Path
from backend.exports.making import ReportForm, export_reports
from backend.exports.reports import ReportsAsked, Scope
from backend.exports.summaries import Asked
from backend.service import open_service
from backend.settings import Settings
from schemas.exports import FormMarks, ReportFormat
from schemas.period import Period
from schemas.vocabulary import Indicator

async def main(url, home, *counties):
    settings = Settings(home=Path(home), database_url=url, secret="s" * 40, jobs=False)
    async with open_service(settings, url) as service:
        said = Asked("", (), False, datetime.now(UTC), False, FormMarks({}), "")
        for county in counties:
            rows = []
            for name in ("csv", "geojson", "gpkg", "xlsx"):
                asked = ReportsAsked(county, Indicator.FILM_RECOVERY, Period(2025))
                scope = Scope((county,), (), (county,))
                form = ReportForm(ReportFormat(name))
                rows.append((await export_reports(service, scope, asked, said, form, Path(home))).rows)
            print(*rows, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)

asyncio.run(main(*sys.argv[1:]))
"""


@pytest.fixture
async def filled(offices: Offices) -> Offices:
    """Two reports in one township, one in another, one withdrawn, and one of the neighbour."""
    county, neighbour = await offices.of("county"), await offices.of("neighbour")
    first = farm(name=NAME, contact_name=CONTACT, phone=PHONE)
    second, gone = farm(name="王二麻子"), farm(name="李四光")
    third = farm(township_code=OTHER_TOWNSHIP, name="赵六")
    lost = film(gone["record_id"])
    await county.apply(first, second, third, gone, film(first["record_id"]), lost)
    await county.apply(film(second["record_id"], mulch_used_kg="200"))
    await county.apply(film(third["record_id"], township_code=OTHER_TOWNSHIP))
    await county.apply(withdraw(lost))
    theirs = create(
        "farm", {"entity_kind": "household", "name": "邻", "township_code": "430624101"}, county_code=NEIGHBOUR
    )
    report = film(theirs["record_id"], township_code="430624101") | {"county_code": NEIGHBOUR}
    await neighbour.apply(theirs, report)
    return offices


async def exported(caller: Caller, region: str, **params: Any) -> httpx.Response:
    response = await caller.get(f"/v1/exports/reports/{region}", **(ASKED | params))
    assert response.status_code == 200, response.text
    return response


def lines_of(response: httpx.Response) -> list[dict[str, str]]:
    lines = list(csv.reader(io.StringIO(response.content.decode("utf-8-sig"), newline="")))
    rows = [line for line in lines if not line[0].startswith("# ")]
    return [dict(zip(rows[0], row, strict=True)) for row in rows[1:]]


async def test_reports_leave_as_far_as_the_caller_reads_them(filled: Offices) -> None:
    async def townships(office: str, region: str) -> list[str]:
        lines = lines_of(await exported(await filled.of(office), region, heads="id"))
        return sorted(line["township_code"] for line in lines)

    own = ["430623101", "430623101", OTHER_TOWNSHIP]
    assert await townships("county", COUNTY) == own
    assert await townships("county", PROVINCE) == own
    assert await townships("worker", COUNTY) == own[:2]
    assert await townships("province", PROVINCE) == [*own, "430624101"]
    refused = await (await filled.of("neighbour")).get(f"/v1/exports/reports/{COUNTY}", **ASKED)
    assert (refused.status_code, refused.json()["code"]) == (403, "above_scope")
    assert (await filled.anonymous.get(f"/v1/exports/reports/{COUNTY}", **ASKED)).status_code == 401


async def test_withdrawn_reports_leave_only_when_asked_for(filled: Offices) -> None:
    lines = lines_of(await exported(await filled.of("county"), COUNTY, status="withdrawn"))
    assert [line["审核状态"] for line in lines] == ["已撤销"]


async def test_every_format_holds_the_same_reports_and_nobody(filled: Offices, tmp_path: Path) -> None:
    county = await filled.of("county")
    lines = lines_of(await exported(county, COUNTY, heads="id"))
    expected = {line["report_id"]: float(line["mulch_film_used_t"]) for line in lines}
    assert sorted(expected.values()) == [0.1, 0.1, 0.2]
    files = {name: (await exported(county, COUNTY, format=name)).content for name in ("xlsx", "geojson", "gpkg", "csv")}
    sheet = openpyxl.load_workbook(io.BytesIO(files["xlsx"]))["填报明细"]
    heads = [cell.value for cell in sheet[3]]
    used = heads.index("地膜使用量\n（吨）" if "地膜使用量\n（吨）" in heads else "使用量\n（吨）")
    assert {row[0]: row[used] for row in sheet.iter_rows(min_row=4, values_only=True)} == expected
    features = json.loads(files["geojson"])["features"]
    assert {one["properties"]["report_id"]: one["properties"]["mulch_film_used_t"] for one in features} == expected
    assert all(one["geometry"] is None for one in features)
    path = tmp_path / "reports.gpkg"
    path.write_bytes(files["gpkg"])
    meta, _, _, fields = pyogrio.raw.read(path, layer="reports", read_geometry=False)
    columns = dict(zip(meta["fields"], fields, strict=True))
    assert dict(zip(columns["report_id"], columns["mulch_film_used_t"], strict=True)) == expected
    book = openpyxl.load_workbook(io.BytesIO(files["xlsx"]))
    files["xlsx"] = repr([list(each.values) for each in book]).encode()
    for name, content in files.items():
        for secret in (NAME, CONTACT, PHONE, "王二麻子", "赵六", "112.55"):
            assert secret.encode() not in content, f"{secret} in {name}"


async def test_a_file_that_was_cut_is_seen_to_be_a_part(filled: Offices) -> None:
    whole = await exported(await filled.of("county"), COUNTY)
    rows = lines_of(whole)
    said = dict(line for line in csv.reader(io.StringIO(whole.text)) if line[0].startswith("# "))
    assert said["# 数据行数 rows"] == str(len(rows)) == whole.headers["qingtian-rows"]
    assert "# 数据行数" not in whole.text[: len(whole.text) // 2]
    with pytest.raises(json.JSONDecodeError):
        json.loads((await exported(await filled.of("county"), COUNTY, format="geojson")).content[:-2])


async def test_statements_do_not_grow_with_reports(filled: Offices, owner_engine: AsyncEngine) -> None:
    county, engine = await filled.of("county"), filled.app.state.service.read_engine
    with counted(engine) as few:
        await exported(county, COUNTY)
    async with owner_engine.begin() as connection:
        await connection.execute(text(FILL), {"rows": 300, "county": COUNTY})
    with counted(engine) as many:
        assert len(lines_of(await exported(county, COUNTY))) == 303
    assert len(many) == len(few)


async def test_too_many_at_once_are_asked_to_come_again(filled: Offices) -> None:
    service = filled.app.state.service
    service.settings.export_wait_s = 0.05
    county = await filled.of("county")
    for _ in range(2):
        await service.exports.acquire()
    refused = await county.get(f"/v1/exports/reports/{COUNTY}", **ASKED)
    assert (refused.status_code, refused.json()["code"]) == (503, "exports_busy")
    assert refused.headers["retry-after"]
    for _ in range(2):
        service.exports.release()
    await exported(county, COUNTY)


async def test_nothing_is_left_behind(filled: Offices) -> None:
    for name in ("csv", "xlsx", "gpkg"):
        await exported(await filled.of("county"), COUNTY, format=name)
    assert list((filled.app.state.service.settings.home / "exports").iterdir()) == []


async def test_twenty_times_the_reports_take_no_more_memory(
    database: Database, owner_engine: AsyncEngine, tmp_path: Path
) -> None:
    async with owner_engine.begin() as connection:
        for county, rows in ((COUNTY, 600), (NEIGHBOUR, 12_000)):
            await connection.execute(text(FILL), {"rows": rows, "county": county})
            await connection.execute(text(CELLS), {"county": county})
    command = [sys.executable, "-c", MEASURED, database.service_url, str(tmp_path), COUNTY, NEIGHBOUR]
    ran = await asyncio.to_thread(
        subprocess.run, command, capture_output=True, text=True, check=False, env=os.environ | {"PYTHONPATH": "."}
    )
    assert ran.returncode == 0, ran.stderr[-2000:]
    (*few, small_mb), (*many, large_mb) = [list(map(int, line.split())) for line in ran.stdout.splitlines()]
    assert (few, many) == ([600] * 4, [12_000] * 4)
    assert large_mb - small_mb < 25, f"{small_mb} MB for 600 reports, {large_mb} MB for 12,000"
