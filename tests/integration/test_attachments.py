"""Photos come by tus in pieces, before or after the report that names them, and go out without what is personal."""

import asyncio
import hashlib
import io
import os
from base64 import b64encode
from dataclasses import dataclass, replace
from typing import Any

import httpx
import pillow_heif
import pytest
from PIL import Image
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from backend.jobs.expire import expire_uploads
from tests.integration.conftest import Caller, Offices
from tests.support.offices import COUNTY, NEIGHBOUR, OTHER_TOWNSHIP
from tests.support.photos import OWNER, POSITION, SERIAL, TAKEN_AT, exif_block, metadata, photo, sha256
from tests.support.reports import amend, farm, film

pytestmark = pytest.mark.anyio

OFFSET_BODY = "application/offset+octet-stream"
TUS = {"Tus-Resumable": "1.0.0"}


@dataclass
class Sender:
    """What a tus client does, one request at a time."""

    caller: Caller

    async def ask(self, method: str, path: str, content: bytes | None = None, **headers: str) -> httpx.Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.caller.http.request(method, path, content=content, headers=self.caller.headers | TUS | named)

    async def open(self, data: bytes, **more: str) -> str:
        response = await self.create(data, **more)
        assert response.status_code == 201, response.text
        return response.headers["location"]

    async def create(self, data: bytes, **more: str) -> httpx.Response:
        said = metadata(data, **more)
        return await self.ask("POST", "/v1/attachments", Upload_Length=str(len(data)), Upload_Metadata=said)

    async def patch(self, where: str, data: bytes, offset: int = 0, **headers: str) -> httpx.Response:
        return await self.ask("PATCH", where, data, Upload_Offset=str(offset), Content_Type=OFFSET_BODY, **headers)

    async def offset(self, where: str) -> int:
        response = await self.ask("HEAD", where)
        assert response.status_code == 200
        return int(response.headers["upload-offset"])

    async def send(self, data: bytes, **more: str) -> None:
        where = await self.open(data, **more)
        response = await self.patch(where, data)
        assert (response.status_code, response.headers["upload-offset"]) == (204, str(len(data))), response.text

    async def fetch(self, data: bytes, county: str = COUNTY, **headers: str) -> httpx.Response:
        path = f"/v1/attachments/{sha256(data)}?county={county}"
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.caller.http.get(path, headers=self.caller.headers | named)


@pytest.fixture
async def sender(worker: Caller) -> Sender:
    return Sender(worker)


async def of(offices: Offices, office: str) -> Sender:
    return Sender(await offices.of(office))


def code(response: httpx.Response) -> tuple[int, str]:
    return response.status_code, response.json()["code"]


def stored_files(offices: Offices) -> list[bytes]:
    folder = offices.app.state.service.settings.home / "attachments"
    return [path.read_bytes() for path in folder.rglob("*") if path.is_file()]


def parts(offices: Offices) -> list[str]:
    folder = offices.app.state.service.settings.home / "uploads"
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


async def counted(engine: AsyncEngine, table: str) -> int:
    async with engine.connect() as connection:
        return (await connection.execute(text(f"SELECT count(*) FROM {table}"))).scalar_one()


async def test_a_photo_sent_in_two_parts_is_stored_as_it_was_sent(offices: Offices, sender: Sender) -> None:
    data = photo(side=200)
    where = await sender.open(data)
    first = await sender.patch(where, data[:1000])
    assert (first.status_code, first.headers["upload-offset"]) == (204, "1000")
    assert "upload-expires" in first.headers
    assert await sender.offset(where) == 1000
    rest = await sender.patch(where, data[1000:], 1000)
    assert (rest.status_code, rest.headers["upload-offset"]) == (204, str(len(data)))
    assert stored_files(offices) == [data]
    assert parts(offices) == []
    assert await sender.offset(where) == len(data)


async def test_capabilities_are_told_without_an_account(offices: Offices) -> None:
    response = await offices.http.options("/v1/attachments")
    assert response.status_code == 204
    assert response.headers["tus-version"] == response.headers["tus-resumable"] == "1.0.0"
    assert response.headers["tus-extension"] == "creation,creation-with-upload,checksum,expiration,termination"
    assert response.headers["tus-checksum-algorithm"] == "sha1,sha256"
    assert response.headers["tus-max-size"] == "10000000"


async def test_nobody_unknown_opens_or_writes_an_upload(offices: Offices, sender: Sender) -> None:
    data = photo()
    where = await sender.open(data)
    nobody = Sender(offices.anonymous)
    for response in (await nobody.create(data), await nobody.patch(where, data), await nobody.ask("DELETE", where)):
        assert code(response) == (401, "unauthenticated")
        assert response.headers["tus-resumable"] == "1.0.0"
    assert parts(offices) == []
    assert await sender.offset(where) == 0


async def test_an_upload_is_unknown_to_everybody_else(offices: Offices, sender: Sender) -> None:
    data = photo()
    where = await sender.open(data)
    colleague = await of(offices, "colleague")
    assert code(await colleague.patch(where, data)) == (404, "upload_unknown")
    assert (await colleague.ask("HEAD", where)).status_code == 404
    assert code(await colleague.ask("DELETE", where)) == (404, "upload_unknown")


@pytest.mark.parametrize("office", ["neighbour", "province", "admin"])
async def test_only_those_who_report_in_a_county_send_files_there(offices: Offices, office: str) -> None:
    assert code(await (await of(offices, office)).create(photo())) == (403, "upload_out_of_scope")


async def test_a_grant_that_is_gone_ends_the_writing(
    offices: Offices, sender: Sender, owner_engine: AsyncEngine
) -> None:
    data = photo()
    where = await sender.open(data)
    async with owner_engine.begin() as connection:
        await connection.execute(text("UPDATE account_grant SET region_code = '430624101' WHERE role = 'worker'"))
    assert code(await sender.patch(where, data)) == (403, "upload_out_of_scope")
    assert parts(offices) == []


async def test_the_offset_must_be_the_one_that_was_acknowledged(sender: Sender) -> None:
    data = photo()
    where = await sender.open(data)
    await sender.patch(where, data[:100])
    for offset in (0, 99, 101):
        refused = await sender.patch(where, data[offset:], offset)
        assert code(refused) == (409, "upload_offset")
        assert refused.headers["upload-offset"] == "100"


async def test_too_large_a_file_is_refused_by_its_announcement(sender: Sender) -> None:
    said = {"Upload_Length": "10000001", "Upload_Metadata": metadata(b"")}
    assert code(await sender.ask("POST", "/v1/attachments", **said)) == (413, "attachment_too_large")


async def test_a_body_beyond_the_announced_length_is_refused(sender: Sender) -> None:
    data = photo()
    where = await sender.open(data)
    assert code(await sender.patch(where, data + b"x")) == (413, "upload_too_long")

    async def chunked() -> Any:
        yield data + b"x"

    headers = sender.caller.headers | TUS | {"Upload-Offset": "0", "Content-Type": OFFSET_BODY}
    response = await sender.caller.http.patch(where, content=chunked(), headers=headers)
    assert code(response) == (413, "upload_too_long")
    assert await sender.offset(where) == 0


@pytest.mark.parametrize("algorithm", ["sha1", "sha256"])
async def test_a_part_that_does_not_fit_its_checksum_is_not_kept(sender: Sender, algorithm: str) -> None:
    data = photo()
    where = await sender.open(data)
    right = f"{algorithm} {b64encode(hashlib.new(algorithm, data[:500]).digest()).decode()}"
    wrong = await sender.patch(where, data[:499] + b"?", Upload_Checksum=right)
    assert code(wrong) == (460, "checksum_differs")
    assert await sender.offset(where) == 0
    assert (await sender.patch(where, data[:500], Upload_Checksum=right)).headers["upload-offset"] == "500"
    assert code(await sender.patch(where, data[500:], 500, Upload_Checksum="crc32 AAAA")) == (400, "tus_header")
    last = f"{algorithm} {b64encode(hashlib.new(algorithm, data[500:]).digest()).decode()}"
    assert (await sender.patch(where, data[500:], 500, Upload_Checksum=last)).headers["upload-offset"] == str(len(data))
    assert (await sender.fetch(data)).status_code == 200


async def test_a_file_that_is_not_the_announced_one_is_not_kept(offices: Offices, sender: Sender) -> None:
    data = photo()
    where = await sender.open(data)
    assert code(await sender.patch(where, data[:-1] + b"?")) == (460, "attachment_differs")
    assert stored_files(offices) == parts(offices) == []
    assert code(await sender.patch(where, data)) == (404, "upload_unknown")


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"MZ" + os.urandom(500), (415, "attachment_type")),
        (b"<svg xmlns='http://www.w3.org/2000/svg'>" + b" " * 200, (415, "attachment_type")),
        (b"\0\0\0\x18ftypisom" + bytes(200), (415, "attachment_type")),
        (b"\xff\xd8\xff", (422, "attachment_broken")),
        (b"\x89PNG\r\n\x1a\n" + b"\xff" * 100, (422, "attachment_broken")),
        (b"RIFF\xff\xff\xff\xffWEBPVP8 \xff\xff\xff\xff", (422, "attachment_broken")),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic\0\0\0\x0cmetajunk", (422, "attachment_broken")),
    ],
)
async def test_what_is_no_picture_and_no_paper_is_refused_whatever_it_is_called(
    offices: Offices, sender: Sender, data: bytes, expected: tuple[int, str]
) -> None:
    where = await sender.open(data, filetype="image/jpeg")
    assert code(await sender.patch(where, data)) == expected
    assert stored_files(offices) == parts(offices) == []


async def test_an_upload_that_rested_too_long_is_gone_and_cleared_away(
    offices: Offices, sender: Sender, owner_engine: AsyncEngine
) -> None:
    data = photo()
    where = await sender.open(data)
    await sender.patch(where, data[:100])
    async with owner_engine.begin() as connection:
        await connection.execute(text("UPDATE upload SET expires_at = clock_timestamp() - interval '1 s'"))
    assert code(await sender.patch(where, data[100:], 100)) == (410, "upload_expired")
    assert len(parts(offices)) == 1
    desk = offices.app.state.service.desk
    stray = desk.staging.part("01930000-0000-7000-8000-000000000001")
    stray.write_bytes(b"left behind")
    os.utime(stray, (0, 0))
    cleared = await expire_uploads(desk)
    assert (cleared.uploads, cleared.parts) == (1, 1)
    assert parts(offices) == []
    assert code(await sender.patch(where, data[100:], 100)) == (404, "upload_unknown")


async def test_an_ended_upload_is_forgotten(offices: Offices, sender: Sender) -> None:
    data = photo()
    where = await sender.open(data)
    await sender.patch(where, data[:100])
    assert (await sender.ask("DELETE", where)).status_code == 204
    assert parts(offices) == []
    assert (await sender.ask("HEAD", where)).status_code == 404


async def test_a_client_without_patch_names_its_method(sender: Sender) -> None:
    data = photo()
    where = await sender.open(data)
    headers = {"X_HTTP_Method_Override": "PATCH", "Upload_Offset": "0", "Content_Type": OFFSET_BODY}
    sent = await sender.ask("POST", where, data, **headers)
    assert (sent.status_code, sent.headers["upload-offset"]) == (204, str(len(data)))
    standing = await sender.ask("POST", where, X_HTTP_Method_Override="HEAD")
    assert standing.headers["upload-offset"] == str(len(data))
    assert (await sender.ask("POST", where, X_HTTP_Method_Override="DELETE")).status_code == 204
    assert code(await sender.ask("POST", where)) == (405, "method_not_allowed")


async def test_a_file_may_come_with_its_announcement(offices: Offices, sender: Sender) -> None:
    data = photo()
    said = {"Upload_Length": str(len(data)), "Upload_Metadata": metadata(data), "Content_Type": OFFSET_BODY}
    response = await sender.ask("POST", "/v1/attachments", data, **said)
    assert (response.status_code, response.headers["upload-offset"]) == (201, str(len(data)))
    assert stored_files(offices) == [data]


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"Upload_Length": "5"}, (400, "tus_metadata")),
        ({"Upload_Length": "-5", "Upload_Metadata": metadata(b"")}, (400, "tus_header")),
        ({"Upload_Length": "0", "Upload_Metadata": metadata(b"")}, (400, "tus_header")),
        ({"Upload_Defer_Length": "1", "Upload_Metadata": metadata(b"")}, (400, "tus_header")),
        ({"Upload_Length": "5", "Upload_Metadata": "county_code %%%"}, (400, "tus_metadata")),
        ({"Upload_Length": "5", "Upload_Metadata": metadata(b"", sha256="beef")}, (400, "tus_metadata")),
        ({"Upload_Length": "5", "Upload_Metadata": metadata(b"", county="999999")}, (404, "unknown_region")),
        ({"Upload_Length": "5", "Tus_Resumable": "0.2.2"}, (412, "tus_version")),
    ],
)
async def test_headers_are_read_strictly(sender: Sender, headers: dict[str, str], expected: tuple[int, str]) -> None:
    assert code(await sender.ask("POST", "/v1/attachments", **headers)) == expected


async def test_a_file_is_stored_once_and_known_only_where_it_is_held(
    offices: Offices, sender: Sender, owner_engine: AsyncEngine
) -> None:
    data = photo()
    await sender.send(data)
    again = await (await of(offices, "colleague")).create(data)
    assert (again.status_code, again.headers["upload-offset"]) == (201, str(len(data)))
    neighbour = await of(offices, "neighbour")
    elsewhere = await neighbour.create(data, county=NEIGHBOUR)
    assert "upload-offset" not in elsewhere.headers
    assert code(await neighbour.fetch(data, NEIGHBOUR)) == (404, "attachment_unknown")
    assert (await neighbour.patch(elsewhere.headers["location"], data)).status_code == 204
    assert (await neighbour.fetch(data, NEIGHBOUR)).status_code == 200
    assert stored_files(offices) == [data]
    assert await counted(owner_engine, "attachment") == 1


async def until_more_than(received: int, sender: Sender, where: str) -> None:
    for _ in range(100):
        if await sender.offset(where) > received:
            return
        await asyncio.sleep(0.1)
    raise AssertionError("nothing was acknowledged")


async def test_the_last_of_concurrent_senders_goes_on_and_the_file_is_whole(offices: Offices, sender: Sender) -> None:
    data = photo(side=300)
    where = await sender.open(data)
    waits = asyncio.Event()

    async def stuck() -> Any:
        yield data[:5000]
        await waits.wait()
        yield data[5000:]

    headers = sender.caller.headers | TUS | {"Upload-Offset": "0", "Content-Type": OFFSET_BODY}
    first = asyncio.create_task(sender.caller.http.patch(where, content=stuck(), headers=headers))
    await until_more_than(0, sender, where)
    second = await sender.patch(where, data[5000:], 5000)
    assert second.headers["upload-offset"] == str(len(data))
    waits.set()
    assert code(await first) == (409, "upload_taken_over")
    assert stored_files(offices) == [data]


async def test_a_sender_that_falls_silent_is_let_go_and_loses_nothing(offices: Offices, sender: Sender) -> None:
    service = offices.app.state.service
    service.desk = replace(service.desk, limits=replace(service.desk.limits, idle_s=0.2))
    data = photo()
    where = await sender.open(data)

    async def silent() -> Any:
        yield data[:100]
        await asyncio.Event().wait()

    headers = sender.caller.headers | TUS | {"Upload-Offset": "0", "Content-Type": OFFSET_BODY}
    assert code(await sender.caller.http.patch(where, content=silent(), headers=headers)) == (408, "upload_idle")
    assert await sender.offset(where) == 100


async def test_many_senders_of_one_upload_leave_one_whole_file(offices: Offices, sender: Sender) -> None:
    data = photo(side=300)
    where = await sender.open(data)

    async def persist() -> None:
        while (offset := await sender.offset(where)) < len(data):
            response = await sender.patch(where, data[offset : offset + 20_000], offset)
            assert response.status_code in (204, 409, 423), response.text

    await asyncio.gather(*(persist() for _ in range(6)))
    assert stored_files(offices) == [data]


async def test_a_part_that_was_lost_is_asked_for_again(offices: Offices, sender: Sender) -> None:
    data = photo()
    where = await sender.open(data)
    await sender.patch(where, data[:300])
    offices.app.state.service.desk.staging.discard(where.rpartition("/")[2])
    assert await sender.offset(where) == 0
    assert (await sender.patch(where, data)).status_code == 204


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
