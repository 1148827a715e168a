"""Bad input gets a clear answer, nothing is lost and nothing is half written."""

import gzip
import json
import random
from typing import Any

import pytest
import zstandard
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.integration.conftest import Caller, Offices
from tests.support.reports import body, farm, film, new_id, square
from tests.support.vaults import quarantined

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [
        (b"", 400, "malformed_json"),
        (b"{", 400, "malformed_json"),
        (b"\xff\xfe\x00", 400, "malformed_json"),
        (b"[" * 100_000, 422, "too_deep"),
        (b"null", 422, "invalid_request"),
        (b"[]", 422, "invalid_request"),
        (b'{"changes": {}}', 422, "invalid_request"),
        (b'{"device_id": "x", "schema_version": "1", "sent_at": "now", "changes": []}', 422, "invalid_request"),
    ],
)
async def test_a_body_that_is_no_push_is_a_problem_and_is_kept(
    worker: Caller, owner_engine: AsyncEngine, content: bytes, status: int, code: str
) -> None:
    response = await worker.send(content)
    assert (response.status_code, response.json()["code"]) == (status, code)
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json()["zh"]
    assert await quarantined(owner_engine) == [content]


async def test_the_faults_of_an_envelope_are_named_field_by_field(worker: Caller) -> None:
    response = await worker.send(json.dumps(body(device_id="x", schema_version="1", sent_at="2025-10-03")).encode())
    assert {one["field"]: one["code"] for one in response.json()["errors"]} == {
        "/device_id": "not_uuid7",
        "/schema_version": "wrong_type",
        "/sent_at": "not_aware_time",
    }


async def test_a_schema_version_no_release_will_have_is_refused(worker: Caller) -> None:
    response = await worker.push(schema_version=2**31)
    assert (response.status_code, response.json()["errors"][0]["field"]) == (422, "/schema_version")


async def test_a_body_over_the_limit_is_a_413_and_not_kept(worker: Caller, owner_engine: AsyncEngine) -> None:
    response = await worker.send(b" " * 10_000_000)
    assert (response.status_code, response.json()["code"]) == (413, "body_too_large")
    assert await quarantined(owner_engine) == []


@pytest.mark.parametrize("encoding", ["gzip", "zstd"])
async def test_a_bomb_is_a_413(worker: Caller, encoding: str) -> None:
    zeros = b" " * 200_000_000
    packed = gzip.compress(zeros) if encoding == "gzip" else zstandard.compress(zeros)
    assert len(packed) < 500_000
    response = await worker.send(packed, **{"Content-Encoding": encoding})
    assert (response.status_code, response.json()["code"]) == (413, "body_too_large")


@pytest.mark.parametrize("encoding", ["gzip", "zstd"])
async def test_a_compressed_push_is_taken(worker: Caller, encoding: str) -> None:
    plain = json.dumps(body(farm())).encode()
    packed = gzip.compress(plain) if encoding == "gzip" else zstandard.compress(plain)
    response = await worker.send(packed, **{"Content-Encoding": encoding})
    assert response.json()["outcomes"][0]["outcome"] == "applied"


@pytest.mark.parametrize("encoding", ["gzip", "zstd"])
async def test_damaged_compression_is_a_400_and_is_kept(
    worker: Caller, owner_engine: AsyncEngine, encoding: str
) -> None:
    response = await worker.send(b"not compressed", **{"Content-Encoding": encoding})
    assert (response.status_code, response.json()["code"]) == (400, "broken_encoding")
    assert await quarantined(owner_engine) == [b"not compressed"]


async def test_an_unknown_encoding_is_a_415(worker: Caller) -> None:
    response = await worker.send(b"{}", **{"Content-Encoding": "br"})
    assert (response.status_code, response.json()["code"]) == (415, "unsupported_encoding")


async def test_too_many_items_are_a_413(worker: Caller) -> None:
    response = await worker.push(*range(501))
    assert (response.status_code, response.json()["code"]) == (413, "too_many_items")


NESTED: Any = "x"
for _ in range(60):
    NESTED = [NESTED]


@pytest.mark.parametrize(
    ("answers", "code", "field"),
    [
        ({"mulch_used_kg": 12.5}, "number_format", "/payload/mulch_used_kg"),
        ({"mulch_used_kg": 12}, "number_format", "/payload/mulch_used_kg"),
        ({"mulch_used_kg": "1e3"}, "number_format", "/payload/mulch_used_kg"),
        ({"mulch_used_kg": "1_000"}, "number_format", "/payload/mulch_used_kg"),
        ({"mulch_used_kg": "１２"}, "number_format", "/payload/mulch_used_kg"),
        ({"mulch_used_kg": "12\n"}, "number_format", "/payload/mulch_used_kg"),
        ({"mulch_used_kg": "-1"}, "number_format", "/payload/mulch_used_kg"),
        ({"mulch_used_kg": "1" * 13}, "number_format", "/payload/mulch_used_kg"),
        ({"mulch_used_kg": "0.1234567"}, "number_format", "/payload/mulch_used_kg"),
        ({"mulch_used_kg": True}, "number_format", "/payload/mulch_used_kg"),
        ({"mulch_impurity_rate": "1.01"}, "share_out_of_range", "/payload/mulch_impurity_rate"),
        ({"period": "2025Q9"}, "invalid_period", "/payload/period"),
        ({"period": "2099"}, "period_future", "/payload/period"),
        ({"indicator": "fishing"}, "unknown_code", "/payload/indicator"),
        ({"indicator": ["film_recovery"]}, "wrong_type", "/payload/indicator"),
        ({"level": "village"}, "unknown_code", "/payload/level"),
        ({"township_code": "430624100"}, "township_elsewhere", "/payload/township_code"),
        ({"colour": "black"}, "unknown_field", "/payload/colour"),
        ({"note": "x" * 501}, "text_too_long", "/payload/note"),
        ({"farm_id": "not an id"}, "not_uuid7", "/payload/farm_id"),
        ({"geometry": square()}, "datum_missing", "/datum"),
    ],
)
async def test_a_faulty_answer_is_rejected_by_field_in_zh_and_en(
    worker: Caller, answers: dict[str, Any], code: str, field: str
) -> None:
    homestead = farm()
    outcomes = await worker.outcomes(homestead, film(**{"farm_id": homestead["record_id"]} | answers))
    assert [one["outcome"] for one in outcomes] == ["applied", "rejected"]
    found = {one["field"]: one["code"] for one in outcomes[1]["problems"]}
    assert found == {field: code}
    [problem] = outcomes[1]["problems"]
    assert any("\u4e00" <= character <= "\u9fff" for character in problem["zh"])
    assert problem["en"]
    assert "{" not in problem["zh"] + problem["en"]


def ring(*points: list[Any]) -> dict[str, Any]:
    return {"type": "Polygon", "coordinates": [list(points)]}


@pytest.mark.parametrize(
    ("geometry", "code"),
    [
        ({"type": "Polygon", "coordinates": []}, "geometry_empty"),
        (ring([29.5, 112.5], [29.6, 112.5], [29.6, 112.6], [29.5, 112.5]), "geometry_axes_swapped"),
        (ring([2.3, 48.8], [2.4, 48.8], [2.4, 48.9], [2.3, 48.8]), "geometry_outside_china"),
        (ring([112.5, 29.5], [112.5, 29.5], [112.5, 29.5], [112.5, 29.5]), "geometry_empty"),
        ({"type": "LineString", "coordinates": [[112.5, 29.5], [112.6, 29.6]]}, "geometry_type"),
        ({"type": "Point", "coordinates": ["112.5", "29.5"]}, "geometry_invalid"),
        ({"type": "Point", "coordinates": [112.5]}, "geometry_invalid"),
        ({"type": "Point", "coordinates": None}, "geometry_invalid"),
        ({"type": ["Point"]}, "geometry_type"),
        ({}, "geometry_type"),
    ],
)
async def test_a_faulty_plot_is_rejected_with_its_reason(worker: Caller, geometry: dict[str, Any], code: str) -> None:
    [outcome] = await worker.outcomes(farm(geometry=geometry) | {"datum": "wgs84"})
    assert outcome["outcome"] == "rejected"
    assert [one["code"] for one in outcome["problems"]] == [code]
    assert outcome["problems"][0]["field"].startswith("/payload/geometry")


async def test_a_bow_tie_plot_is_repaired_with_a_warning(worker: Caller) -> None:
    bow_tie = ring([112.5, 29.5], [112.6, 29.6], [112.6, 29.5], [112.5, 29.6], [112.5, 29.5])
    [outcome] = await worker.outcomes(farm(geometry=bow_tie) | {"datum": "wgs84"})
    assert outcome["outcome"] == "applied"
    assert "geometry_repaired" in [one["code"] for one in outcome["warnings"]]


async def test_what_no_database_can_store_is_kept_and_named(worker: Caller, owner_engine: AsyncEngine) -> None:
    hostile = [
        json.dumps(farm(name="SLOT")).replace("SLOT", r"\ud800"),
        json.dumps(farm(name="SLOT")).replace('"SLOT"', "NaN"),
        json.dumps(farm() | {"reason": 2**70}),
        json.dumps(farm(name=NESTED)),
        json.dumps(farm() | {"\u0000": 1}),
    ]
    envelope = json.dumps(body("SLOT")).replace('"SLOT"', ",".join([*hostile, json.dumps(farm())]))
    response = await worker.send(envelope.encode())
    assert response.status_code == 200, response.text
    outcomes = response.json()["outcomes"]
    assert [one["outcome"] for one in outcomes] == ["rejected"] * 5 + ["applied"]
    codes = [one["problems"][0]["code"] for one in outcomes[:5]]
    assert codes == ["illegal_character", "not_canonical", "not_canonical", "too_deep", "illegal_character"]
    assert len(await quarantined(owner_engine)) == 5


async def test_an_item_nested_hundreds_deep_is_refused_alone(worker: Caller) -> None:
    deep = "[" * 900 + "]" * 900
    envelope = json.dumps(body("SLOT", farm())).replace('"SLOT"', deep)
    outcomes = (await worker.send(envelope.encode())).json()["outcomes"]
    assert [one["outcome"] for one in outcomes] == ["rejected", "applied"]


@pytest.mark.parametrize("pointer", ["/crops", "mulch_used_kg", "", "/geometry/coordinates/0", "/a~2b", "/note/x"])
async def test_an_amendment_of_something_that_is_no_field_is_rejected(worker: Caller, pointer: str) -> None:
    homestead = farm()
    report = film(homestead["record_id"])
    amendment = {
        **{name: report[name] for name in ("county_code", "record_id", "kind", "captured_at")},
        "change_id": new_id(), "action": "amend", "base_change_id": report["change_id"], "set": {pointer: "1"},
    }  # fmt: skip
    outcomes = await worker.outcomes(homestead, report, amendment)
    assert [one["outcome"] for one in outcomes] == ["applied", "applied", "rejected"]
    assert outcomes[2]["problems"]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/v1/nowhere", 404),
        ("GET", "/v1/sync/push", 405),
        ("GET", "/v1/me", 401),
        ("POST", "/v1/sync/push", 401),
        ("POST", "/v1/auth/token", 422),
        ("GET", "/problems/nothing", 404),
        ("GET", "/v1/map/layers/%00", 404),
    ],
)
async def test_every_refusal_is_a_problem_document(offices: Offices, method: str, path: str, status: int) -> None:
    response = await offices.http.request(method, path)
    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json"
    document = response.json()
    assert document["status"] == status
    assert document["type"].startswith("/problems/")
    assert document["zh"]
    assert document["en"]


async def test_a_problem_type_leads_to_its_explanation(offices: Offices) -> None:
    response = await offices.http.get("/problems/out_of_scope")
    assert response.json()["status"] == 403


@pytest.mark.parametrize("change_id", [r"\ud800", "x" * 200_000, "no id"])
async def test_an_unreadable_change_id_is_not_echoed(worker: Caller, change_id: str) -> None:
    envelope = json.dumps(body(farm() | {"change_id": "SLOT"}, farm())).replace("SLOT", change_id)
    response = await worker.send(envelope.encode())
    assert response.status_code == 200
    outcomes = response.json()["outcomes"]
    assert [(one["outcome"], one["change_id"] is None) for one in outcomes] == [("rejected", True), ("applied", False)]


async def test_a_tangle_is_refused_before_anybody_tries_to_untie_it(worker: Caller) -> None:
    draw = random.Random(1)
    points = [[112.5 + draw.random() / 10, 29.5 + draw.random() / 10] for _ in range(2000)]
    [outcome] = await worker.outcomes(farm(geometry=ring(*points, points[0])) | {"datum": "wgs84"})
    assert [one["code"] for one in outcome["problems"]] == ["geometry_tangled"]


async def test_the_extremes_of_the_wire_format_leave_every_summary_answering(worker: Caller, offices: Offices) -> None:
    homestead = farm()
    extreme = {
        "mulch_used_kg": "777777777777",
        "mulch_recovered_gross_kg": "0.000001",
        "mulch_impurity_rate": "0.999999",
        "mulch_moisture_rate": "0.999999",
    }
    other = farm()
    reverse = extreme | {"mulch_used_kg": "0.000001", "mulch_recovered_gross_kg": "999999999999"}
    await worker.apply(homestead, film(homestead["record_id"], **extreme))
    ministry = await offices.of("ministry")
    for answers in (None, reverse):
        if answers is not None:
            await worker.apply(other, film(other["record_id"], period="2024", **answers))
        for region in ("430623", "430000", "100000"):
            for period in ("2025", "2024"):
                assert (await ministry.get(f"/v1/summaries/{region}", period=period)).status_code == 200


async def test_a_failing_row_is_not_quoted_in_the_log(
    worker: Caller, owner_engine: AsyncEngine, caplog: pytest.LogCaptureFixture
) -> None:
    async with owner_engine.begin() as connection:
        await connection.execute(text("ALTER TABLE change ADD CONSTRAINT none CHECK (false) NOT VALID"))
    response = await worker.push(farm(name="极少见的名字", phone="19900001234"))
    assert response.status_code == 500
    assert response.json()["params"]["reference"] in caplog.text
    for secret in ("极少见的名字", "19900001234", "INSERT INTO change", "Failing row"):
        assert secret not in caplog.text + response.text
