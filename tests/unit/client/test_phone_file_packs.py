"""The phone's files where something is wrong: a full device, a broken body, a server that changed its mind."""

import hashlib
import shutil
from types import SimpleNamespace

import httpx
import pytest

from mobile_contract.client import Phone
from mobile_contract.store import StoreFullError
from mobile_contract.wire import Pacing
from tests.unit.client.conftest import COUNTY, page, pulled

OLD, NEW = b"the county as it was" * 5_000, b"the county as it is now" * 5_000
RECORD = "0199aa00-0000-7000-8000-000000000001"


def tag(body: bytes) -> str:
    return f'"{hashlib.sha256(body).hexdigest()}"'


class FileServer:
    """Answers pulls with what it tells of one file, and serves the file by ranges."""

    def __init__(self) -> None:
        self.body = OLD
        self.sent: bytes | None = None
        """What goes out instead of the body, under the body's tag."""
        self.asked: list[dict[str, str]] = []
        self.records: list[dict] = []
        self.refused = False

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.url.path == "/v1/auth/token":
            return httpx.Response(200, json={"access_token": "t", "token_type": "bearer"})
        if request.url.path == "/v1/sync/pull":
            if self.refused:
                problem = {"type": "/problems/above_scope", "code": "above_scope", "status": 403, "zh": "", "en": ""}
                return httpx.Response(403, json=problem)
            told = self.told()
            known = hashlib.sha256(f"geopackage:{told['version']}\n".encode()).hexdigest()
            files = None if request.url.params.get("files") == known else [told]
            return page(self.records, "c1", files=files)
        if request.url.path != "/v1/packs/geopackage":
            return httpx.Response(200, json={"keys": []})
        return self._file(request)

    def told(self) -> dict:
        version = hashlib.sha256(b"inputs of " + self.body).hexdigest()
        url = f"/v1/packs/geopackage?county={COUNTY}&version={version}"
        media_type = "application/geopackage+sqlite3"
        return {
            "name": "geopackage",
            "version": version,
            "media_type": media_type,
            "url": url,
            "size": None,
            "sha256": None,
        }

    def _file(self, request: httpx.Request) -> httpx.Response:
        names = ("range", "if-range", "if-none-match")
        self.asked.append({name: request.headers[name] for name in names if name in request.headers})
        headers = {"etag": tag(self.body)}
        if request.headers.get("if-none-match") == tag(self.body):
            return httpx.Response(304, headers=headers)
        body, status, start = self.body if self.sent is None else self.sent, 200, 0
        if "range" in request.headers and request.headers["if-range"] == tag(self.body):
            start = int(request.headers["range"].removeprefix("bytes=").removesuffix("-"))
            status = 206
            headers["content-range"] = f"bytes {start}-{len(body) - 1}/{len(body)}"
        headers["content-length"] = str(len(body) - start)
        return httpx.Response(status, headers=headers, content=body[start:])


@pytest.fixture
def server():
    return FileServer()


@pytest.fixture
def phone(server, tmp_path):
    transport = httpx.MockTransport(server)
    phone = Phone(tmp_path / "phone.sqlite", "http://server", transport=transport, pacing=Pacing(attempts=1))
    phone.sign_in("worker", "secret")
    phone.follow(COUNTY)
    phone.sync()
    yield phone
    phone.close()


def only(phone):
    [file] = phone.files.all()
    return file


def kept(phone) -> bytes | None:
    path = phone.files.path_of(only(phone))
    return path.read_bytes() if path.exists() else None


def test_what_was_begun_of_another_file_is_begun_anew_and_its_bytes_are_not_mixed(phone, server):
    phone.files._folder.mkdir()
    phone.files.begin(only(phone), tag(OLD))
    phone.files.partial_of(only(phone)).write_bytes(OLD[:1_000])
    server.body = NEW
    phone.sync()
    assert phone.fetch_files().files == 1
    assert server.asked[-1] == {"range": "bytes=1000-", "if-range": tag(OLD)}
    assert kept(phone) == NEW
    assert only(phone).is_current


def test_a_body_that_does_not_fit_its_hash_never_takes_the_place_of_a_sound_one(phone, server):
    phone.fetch_files()
    server.body = NEW
    phone.sync()
    server.sent = NEW[:-1] + b"!"
    report = phone.fetch_files()
    assert (report.reached, report.files) == (False, 0)
    assert "hash" in report.reason
    assert kept(phone) == OLD
    assert not phone.files.partial_of(only(phone)).exists()
    server.sent = None
    assert phone.fetch_files().files == 1
    assert kept(phone) == NEW


def test_equal_bytes_under_another_version_are_not_sent_again(phone, server):
    phone.fetch_files()
    with phone._connection:
        phone._connection.execute("UPDATE pack_file SET version = 'another'")
    assert not only(phone).is_current
    assert phone.fetch_files().files == 0
    assert server.asked[-1] == {"if-none-match": tag(OLD)}
    assert only(phone).is_current


def test_a_full_device_is_told_keeps_the_old_file_and_gives_the_room_back(phone, server, monkeypatch):
    phone.fetch_files()
    server.body = NEW
    phone.sync()
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=1_000))
    with pytest.raises(StoreFullError, match="存储空间已满"):
        phone.fetch_files()
    assert kept(phone) == OLD
    assert not phone.files.partial_of(only(phone)).exists()
    monkeypatch.undo()
    assert phone.fetch_files().files == 1
    assert kept(phone) == NEW


def test_an_app_that_ended_after_the_last_byte_asks_for_nothing_again(phone, server):
    phone.files._folder.mkdir()
    phone.files.begin(only(phone), tag(OLD))
    phone.files.partial_of(only(phone)).write_bytes(OLD)
    server.asked.clear()
    assert phone.fetch_files().files == 1
    assert server.asked == []
    assert kept(phone) == OLD


@pytest.mark.parametrize("why", ["lost", "erased"])
def test_the_files_of_a_county_go_with_the_right_to_it_and_with_an_erasure_in_it(phone, server, why):
    """A GeoPackage holds names: what was erased at the office is not left on the phone."""
    phone.fetch_files()
    path = phone.files.path_of(only(phone))
    if why == "lost":
        server.refused = True
    else:
        server.records = [pulled(RECORD, 1, RECORD) | {"erased_position": 1}]
    phone.sync()
    assert not path.exists()
