"""Files sent by clients that others wrote, over sockets that break: tuspy, tus-js-client, and a bare socket."""

import http.client
import json
import os
import shutil
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import anyio
import httpx
import pytest
from tusclient.client import TusClient
from tusclient.exceptions import TusCommunicationError

from tests.support.offices import COUNTY
from tests.support.photos import metadata, photo, sha256
from tests.support.servers import LiveServer, kill, launch, offices_of, serving

TUS_JS = "tus-js-client@4.3.1"
OFFSET_BODY = "application/offset+octet-stream"
CHUNK = 100_000

RESUME = """
import sys
from tusclient.client import TusClient
base, token, where, path = sys.argv[1:]
client = TusClient(base + "/v1/attachments", headers={"Authorization": "Bearer " + token})
with open(path, "rb") as stream:
    uploader = client.uploader(file_stream=stream, url=where, chunk_size=100_000)
    print(uploader.offset)
    uploader.upload()
    print(uploader.offset)
"""

SEND_JS = """
const fs = require('fs');
const tus = require('tus-js-client');
const [base, token, path, county, sha256, stopAfter, store] = process.argv.slice(2);
const upload = new tus.Upload(fs.createReadStream(path), {
  endpoint: base + '/v1/attachments',
  headers: { Authorization: 'Bearer ' + token },
  metadata: { county_code: county, sha256, filename: 'photo.jpg' },
  uploadSize: fs.statSync(path).size,
  chunkSize: 100000,
  overridePatchMethod: process.env.OVERRIDE === '1',
  urlStorage: new tus.FileUrlStorage(store),
  fingerprint: () => Promise.resolve(sha256),
  retryDelays: [0, 500, 1000],
  onChunkComplete: (size, accepted) => {
    if (Number(stopAfter) && accepted >= Number(stopAfter)) process.exit(3);
  },
  onError: (error) => { console.error(String(error)); process.exit(1); },
  onSuccess: () => { console.log(upload.url); process.exit(0); },
});
upload.findPreviousUploads().then((previous) => {
  console.log(JSON.stringify({ previous: previous.length }));
  if (previous.length) upload.resumeFromPreviousUpload(previous[0]);
  upload.start();
});
"""


@pytest.fixture
def picture(tmp_path) -> Path:
    path = tmp_path / "photo.png"
    path.write_bytes(photo("PNG", side=450))
    assert path.stat().st_size > 4 * CHUNK
    return path


def token_of(server: LiveServer) -> str:
    username, password = server.accounts["worker"]
    form = {"username": username, "password": password}
    answer = httpx.post(f"{server.url}/v1/auth/token", data=form, trust_env=False)
    return answer.json()["access_token"]


@pytest.fixture
def token(live_server) -> str:
    return token_of(live_server)


def served(server: LiveServer, token: str, data: bytes) -> httpx.Response:
    url = f"{server.url}/v1/attachments/{sha256(data)}?county={COUNTY}"
    return httpx.get(url, headers={"Authorization": f"Bearer {token}"}, trust_env=False)


def stored(server: LiveServer) -> list[bytes]:
    return [path.read_bytes() for path in (server.home / "attachments").rglob("*") if path.is_file()]


@contextmanager
def tuspy_uploader(server: LiveServer, token: str, path: Path, **options):
    client = TusClient(f"{server.url}/v1/attachments", headers={"Authorization": f"Bearer {token}"})
    said = {"county_code": COUNTY, "sha256": sha256(path.read_bytes())}
    with path.open("rb") as stream:  # tuspy would leave its own open
        yield client.uploader(file_stream=stream, metadata=said, chunk_size=CHUNK, **options)


def test_tuspy_resumes_in_a_new_process(live_server, token, picture):
    data = picture.read_bytes()
    with tuspy_uploader(live_server, token, picture, upload_checksum=True) as first:
        first.upload(stop_at=2 * CHUNK)
    assert first.offset == 2 * CHUNK
    command = [sys.executable, "-c", RESUME, live_server.url, token, first.url, str(picture)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.split() == [str(2 * CHUNK), str(len(data))]
    assert stored(live_server) == [data]
    assert served(live_server, token, data).status_code == 200


def test_tuspy_without_an_account_leaves_no_byte(live_server, picture):
    with tuspy_uploader(live_server, "nobody", picture) as uploader, pytest.raises(TusCommunicationError) as refused:
        uploader.upload()
    assert refused.value.status_code == 401
    assert not (live_server.home / "uploads").exists()


@pytest.fixture(scope="session")
def tus_js(tmp_path_factory) -> Path:
    """A folder with tus-js-client in it."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        pytest.skip("node and npm are not installed, and tus-js-client runs on them")
    folder = tmp_path_factory.mktemp("tus_js")
    command = ["npm", "install", "--silent", "--no-audit", "--no-fund", TUS_JS]
    subprocess.run(command, cwd=folder, check=True, capture_output=True, timeout=180)
    (folder / "send.js").write_text(SEND_JS)
    return folder


@pytest.mark.parametrize("override", ["0", "1"])
def test_tus_js_client_resumes_in_a_new_process(live_server, token, tus_js, tmp_path, picture, override):
    data = picture.read_bytes()

    def run(stop_after: int) -> subprocess.CompletedProcess[str]:
        arguments = [live_server.url, token, str(picture), COUNTY, sha256(data), str(stop_after)]
        command = ["node", "send.js", *arguments, str(tmp_path / "urls.json")]
        environment = os.environ | {"OVERRIDE": override, "NO_PROXY": "127.0.0.1"}
        return subprocess.run(
            command, cwd=tus_js, env=environment, capture_output=True, text=True, check=False, timeout=60
        )

    first = run(2 * CHUNK)
    assert first.returncode == 3, first.stderr
    assert stored(live_server) == []
    second = run(0)
    assert second.returncode == 0, second.stderr
    assert json.loads(second.stdout.splitlines()[0]) == {"previous": 1}
    assert stored(live_server) == [data]
    assert served(live_server, token, data).status_code == 200


def test_tus_js_client_is_told_at_once_that_the_county_holds_the_file(live_server, token, tus_js, tmp_path, picture):
    data = picture.read_bytes()
    with tuspy_uploader(live_server, token, picture) as uploader:
        uploader.upload()
    arguments = [live_server.url, token, str(picture), COUNTY, sha256(data), "0", str(tmp_path / "urls.json")]
    done = subprocess.run(
        ["node", "send.js", *arguments], cwd=tus_js, capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr
    assert stored(live_server) == [data]


def opened(server: LiveServer, token: str, data: bytes) -> str:
    headers = {
        "Authorization": f"Bearer {token}",
        "Tus-Resumable": "1.0.0",
        "Upload-Length": str(len(data)),
        "Upload-Metadata": metadata(data),
    }
    return httpx.post(f"{server.url}/v1/attachments", headers=headers, trust_env=False).headers["location"]


def offset(server: LiveServer, token: str, where: str) -> int:
    headers = {"Authorization": f"Bearer {token}", "Tus-Resumable": "1.0.0"}
    return int(httpx.head(server.url + where, headers=headers, trust_env=False).headers["upload-offset"])


def patched(server: LiveServer, token: str, where: str, data: bytes, start: int) -> httpx.Response:
    headers = {"Authorization": f"Bearer {token}", "Tus-Resumable": "1.0.0", "Content-Type": OFFSET_BODY}
    headers["Upload-Offset"] = str(start)
    return httpx.patch(server.url + where, headers=headers, content=data[start:], trust_env=False, timeout=30)


@contextmanager
def half_open(server: LiveServer, token: str, where: str, data: bytes, sent: int):
    """A PATCH that sends some bytes and then nothing, its socket open, as from a phone without a signal."""
    address = urlsplit(server.url)
    head = (
        f"PATCH {where} HTTP/1.1\r\nHost: {address.netloc}\r\nAuthorization: Bearer {token}\r\n"
        f"Tus-Resumable: 1.0.0\r\nContent-Type: {OFFSET_BODY}\r\nUpload-Offset: 0\r\n"
        f"Content-Length: {len(data)}\r\n\r\n"
    )
    with socket.create_connection((address.hostname, address.port), timeout=10) as line:
        line.sendall(head.encode() + data[:sent])
        yield line


def until(condition, seconds: float = 15) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "took too long"
        time.sleep(0.1)


def test_a_retry_takes_over_from_a_half_open_patch_while_the_service_answers(live_server, token, picture):
    data = picture.read_bytes()
    where = opened(live_server, token, data)
    with half_open(live_server, token, where, data, 50_000) as dead:
        until(lambda: offset(live_server, token, where) == 50_000)
        began = time.monotonic()
        assert httpx.get(f"{live_server.url}/healthz", trust_env=False, timeout=1).status_code == 200
        assert time.monotonic() - began < 1
        assert patched(live_server, token, where, data, 50_000).status_code == 204
        assert stored(live_server) == [data]
        dead.sendall(data[50_000:60_000])  # the line comes back to life, too late
        dead.sendall(data[60_000:])
        answer = http.client.HTTPResponse(dead, method="PATCH")
        answer.begin()
        assert (answer.status, json.loads(answer.read())["code"]) == (409, "upload_taken_over")
    assert stored(live_server) == [data]


def test_many_half_open_patches_freeze_nothing(live_server, token, picture):
    data = picture.read_bytes()
    lines = [half_open(live_server, token, opened(live_server, token, data), data, 30_000) for _ in range(40)]
    entered = [line.__enter__() for line in lines]
    try:
        assert len(entered) == 40
        for _ in range(5):
            assert httpx.get(f"{live_server.url}/healthz", trust_env=False, timeout=1).status_code == 200
        where = opened(live_server, token, data)
        assert patched(live_server, token, where, data, 0).status_code == 204
    finally:
        for line in lines:
            line.__exit__(None, None, None)


def test_an_unauthenticated_patch_writes_nothing(live_server, token, picture):
    data = picture.read_bytes()
    where = opened(live_server, token, data)
    with half_open(live_server, "forged", where, data, 50_000) as line:
        answer = http.client.HTTPResponse(line, method="PATCH")
        answer.begin()
        assert answer.status == 401
    assert not (live_server.home / "uploads").exists()
    assert offset(live_server, token, where) == 0


def with_accounts(server: LiveServer, accounts) -> LiveServer:
    return LiveServer(server.url, server.home, server.process, accounts)


def test_an_upload_goes_on_after_the_server_was_killed(database, tmp_path, picture):
    accounts = anyio.run(offices_of, database.owner_url)
    data = picture.read_bytes()
    home = tmp_path / "home"
    home.mkdir()
    first = launch(database, home)
    try:
        server = with_accounts(first, accounts)
        token = token_of(server)
        where = opened(server, token, data)
        with half_open(server, token, where, data, 300_000):
            until(lambda: offset(server, token, where) == 300_000)
            kill(first)
    finally:
        kill(first)
    with serving(database, home, demo=False) as running:
        server = with_accounts(running, accounts)
        token = token_of(server)
        assert offset(server, token, where) == 300_000
        assert patched(server, token, where, data, 300_000).status_code == 204
        assert stored(server) == [data]
