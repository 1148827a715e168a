"""Files as reports name them and as they go out: complete or not, in their scope, without what is personal."""

import io
import os
from typing import Any

import pillow_heif
import pytest
from PIL import Image
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.integration.attachments.conftest import Sender, code, of, stored_files
from tests.integration.conftest import Caller, Offices
from tests.support.offices import COUNTY, OTHER_TOWNSHIP
from tests.support.photos import OWNER, POSITION, SERIAL, TAKEN_AT, exif_block, photo, sha256
from tests.support.reports import amend, farm, film

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "HEIF"])
async def test_a_picture_goes_out_without_owner_serial_and_position(
    offices: Offices, sender: Sender, kind: str
) -> None:
    pillow_heif.register_heif_opener()
    data = photo(kind, side=128)
    assert all(word in data for word in (SERIAL, OWNER))
    await sender.send(data)
    response = await sender.fetch(data)
    assert response.status_code == 200
    assert response.headers["content-type"] == {"HEIF": "image/heic"}.get(kind, f"image/{kind.lower()}")
    served = response.content
    assert SERIAL not in served
    assert OWNER not in served
    before, after = Image.open(io.BytesIO(data)), Image.open(io.BytesIO(served))
    assert before.convert("RGB").tobytes() == after.convert("RGB").tobytes()
    exif = after.getexif()
    assert not exif.get_ifd(0x8825)
    assert not exif.get_ifd(0x8769)
    if kind != "HEIF":  # there the turn is a property of the picture
        assert dict(exif) == {0x0112: 6}
    assert stored_files(offices) == [data]


async def test_what_follows_a_picture_and_what_comments_it_stays_in_the_store(sender: Sender) -> None:
    data = photo(side=100, comment=b"taken by Li Si", progressive=True) + photo(side=20)
    await sender.send(data)
    served = (await sender.fetch(data)).content
    assert served.endswith(b"\xff\xd9")
    assert served.count(b"\xff\xd8\xff") == 1
    assert b"Li Si" not in served
    assert SERIAL not in served


async def test_a_file_is_served_by_ranges_and_for_ever(sender: Sender) -> None:
    data = photo(side=150)
    await sender.send(data)
    whole = await sender.fetch(data)
    size = len(whole.content)
    assert "immutable" in whole.headers["cache-control"]
    for asked, part in (("bytes=0-9", whole.content[:10]), ("bytes=-7", whole.content[-7:])):
        response = await sender.fetch(data, Range=asked)
        assert (response.status_code, response.content) == (206, part)
        assert response.headers["content-range"].endswith(f"/{size}")
    assert (await sender.fetch(data, Range=f"bytes=10-{size * 2}")).content == whole.content[10:]
    beyond = await sender.fetch(data, Range=f"bytes={size}-")
    assert (beyond.status_code, beyond.headers["content-range"]) == (416, f"bytes */{size}")
    assert (await sender.fetch(data, Range="bytes=0-9", If_Range='"other"')).status_code == 200
    same = await sender.fetch(data, If_None_Match=whole.headers["etag"])
    assert (same.status_code, same.content) == (304, b"")


def named(*files: bytes, **said: Any) -> list[dict[str, Any]]:
    return [{"sha256": sha256(data)} | said for data in files]


async def completeness(caller: Caller, record_id: str) -> dict[str, Any]:
    response = await caller.get(f"/v1/records/{COUNTY}/{record_id}/attachments")
    assert response.status_code == 200, response.text
    return response.json()


async def test_files_come_before_and_after_the_report_that_names_them(offices: Offices, sender: Sender) -> None:
    worker = sender.caller
    early, late = photo(), photo(exif=Image.Exif())
    await sender.send(early)
    place = farm()
    said = {"taken_at": "2025-10-03T09:00:00+08:00", "position": [112.6, 29.5]}
    report = film(place["record_id"], attachments=named(early) + named(late, **said))
    await worker.apply(place, report | {"datum": "gcj02"})
    before = await completeness(worker, report["record_id"])
    assert (before["expected"], before["come"], before["missing"]) == (2, 1, [sha256(late)])
    assert not before["is_complete"]
    await sender.send(late)
    after = await completeness(worker, report["record_id"])
    assert (after["is_complete"], after["missing"]) == (True, [])
    by_hash = {one["sha256"]: one for one in after["files"]}
    from_exif = by_hash[sha256(early)]["said_by_file"]
    assert from_exif["taken_at"] == TAKEN_AT
    assert from_exif["position"] == pytest.approx(POSITION, abs=1e-6)
    assert by_hash[sha256(late)]["said_by_file"] is None
    from_report = by_hash[sha256(late)]["said_by_report"]
    assert from_report["taken_at"] == said["taken_at"]
    moved = [given - stored for given, stored in zip(said["position"], from_report["position"], strict=True)]
    assert all(0.001 < abs(one) < 0.01 for one in moved), "GCJ-02 lies some hundred metres off"
    above = await completeness(await offices.of("province"), report["record_id"])
    assert above["is_complete"]
    assert all(one["said_by_file"] is one["said_by_report"] is None for one in above["files"])


async def test_evidence_lies_sealed_in_the_database(sender: Sender, owner_engine: AsyncEngine) -> None:
    await sender.send(photo())
    async with owner_engine.connect() as connection:
        stored = (await connection.execute(text("SELECT CAST(evidence AS text) FROM attachment"))).scalar_one()
    assert "ciphertext" in stored
    assert "2025" not in stored
    assert "position" not in stored


async def test_an_amendment_changes_which_files_belong_to_the_report(sender: Sender) -> None:
    worker = sender.caller
    first, second = photo(), photo()
    place = farm()
    report = film(place["record_id"], attachments=named(first))
    await worker.apply(place, report)
    change = amend(report, {"/attachments": named(first, second)})
    await worker.apply(change)
    assert (await completeness(worker, report["record_id"]))["expected"] == 2
    cleared = amend(report, {"/attachments": None}, base_change_id=change["change_id"])
    await worker.apply(cleared)
    assert (await completeness(worker, report["record_id"]))["files"] == []


@pytest.mark.parametrize(
    ("given", "field", "expected"),
    [
        ([{"sha256": "beef"}], "/payload/attachments/0/sha256", "invalid_value"),
        ([{"sha256": "a" * 64}] * 2, "/payload/attachments/1/sha256", "attachment_twice"),
        ([{"sha256": f"{n:064x}"} for n in range(13)], "/payload/attachments", "too_many_entries"),
        ([{"sha256": "a" * 64, "position": [29.5, 112.6]}], "/payload/attachments/0/position", "geometry_axes_swapped"),
        ([{"sha256": "a" * 64, "taken_at": "yesterday"}], "/payload/attachments/0/taken_at", "not_aware_time"),
        ([{"sha256": "a" * 64, "owner": "x"}], "/payload/attachments/0/owner", "unknown_field"),
        ("photo.jpg", "/payload/attachments", "wrong_type"),
    ],
)
@pytest.mark.parametrize("amended", [False, True])
async def test_a_wrong_list_of_files_is_refused_by_its_field(
    worker: Caller, given: Any, field: str, expected: str, amended: bool
) -> None:
    place = farm()
    report = film(place["record_id"])
    if amended:
        await worker.apply(place, report)
        sent = [amend(report, {"/attachments": given}, datum="cgcs2000")]
    else:
        sent = [place, film(place["record_id"], attachments=given) | {"datum": "cgcs2000"}]
    outcome = (await worker.outcomes(*sent))[-1]
    assert outcome["outcome"] == "rejected"
    assert (field, expected) in [(one["field"], one["code"]) for one in outcome["problems"]]


async def test_a_photo_is_seen_in_its_township_and_above_only(offices: Offices, owner_engine: AsyncEngine) -> None:
    bureau = await of(offices, "county")
    data = photo()
    await bureau.send(data)
    place = farm(township_code=OTHER_TOWNSHIP)
    report = film(place["record_id"], township_code=OTHER_TOWNSHIP, attachments=named(data))
    await bureau.caller.apply(place, report)
    worker = await of(offices, "worker")
    assert code(await worker.fetch(data)) == (404, "attachment_unknown")
    path = f"/v1/records/{COUNTY}/{report['record_id']}/attachments"
    assert (await worker.caller.get(path)).status_code == 404
    async with owner_engine.begin() as connection:
        statement = "UPDATE account_grant SET region_code = :code WHERE role = 'worker'"
        await connection.execute(text(statement), {"code": OTHER_TOWNSHIP})
    assert (await worker.fetch(data)).status_code == 200
    assert (await (await of(offices, "prefecture")).fetch(data)).status_code == 200
    assert code(await (await of(offices, "neighbour")).fetch(data)) == (403, "above_scope")
    assert code(await Sender(offices.anonymous).fetch(data)) == (401, "unauthenticated")


async def test_a_paper_is_served_to_its_county_only(offices: Offices, sender: Sender) -> None:
    data = b"%PDF-1.7\n1 0 obj<</Author(Zhang San)>>endobj\n" + os.urandom(40) + b"\n%%EOF\n"
    await sender.send(data)
    assert (await sender.fetch(data)).content == data
    assert code(await (await of(offices, "province")).fetch(data)) == (403, "above_scope")


async def test_exif_that_lies_about_its_own_size_says_nothing(sender: Sender) -> None:
    whole = exif_block().tobytes()
    for cut in (10, 30, len(whole) // 2):
        data = photo()
        broken = data.replace(
            whole.removeprefix(b"Exif\0\0"), whole.removeprefix(b"Exif\0\0")[:cut] + b"\xff" * (len(whole) - 6 - cut)
        )
        await sender.send(broken)
        assert (await sender.fetch(broken)).status_code == 200
