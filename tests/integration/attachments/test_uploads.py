"""An upload by tus: opened, written in pieces, ended; refused where it does not fit."""

import hashlib
import os
from base64 import b64encode
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from backend.jobs.expire import expire_uploads
from tests.integration.attachments.conftest import OFFSET_BODY, TUS, Sender, code, counted, of, parts, stored_files
from tests.integration.conftest import Offices
from tests.support.offices import NEIGHBOUR
from tests.support.photos import metadata, photo

pytestmark = pytest.mark.anyio


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
