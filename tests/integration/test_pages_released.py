"""The files of the pages: kept by browsers for good, and never of two releases at once."""

import gzip
import re

import httpx
import pytest

from backend.web.pages import STATIC, release_of
from tests.integration.conftest import Offices

pytestmark = pytest.mark.anyio

NAMED = re.compile(r'(?:href|src)="((?:\.\./)*static[^"]*)"')


def named_files(page: httpx.Response) -> list[httpx.URL]:
    return [page.request.url.join(name) for name in NAMED.findall(page.text)]


@pytest.mark.parametrize("path", ["/", "/desk", "/figures/430623/film_recovery/2025"])
async def test_a_page_names_its_files_by_their_release_and_all_of_them_are_there(offices: Offices, path: str) -> None:
    page = await offices.http.get(path)
    assert page.headers["cache-control"] == "no-cache"
    files = named_files(page)
    assert len({str(file).split("/")[3] for file in files}) == 1
    for file in files:
        answer = await offices.http.get(file)
        assert (file.path, answer.status_code) == (file.path, 200)
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"


async def test_a_file_of_another_release_is_what_it_is_now_for_once(offices: Offices) -> None:
    for folder in ("static-0123456789abcdef", "static"):
        answer = await offices.http.get(f"/{folder}/close/library.js")
        assert answer.content == (STATIC / "close" / "library.js").read_bytes()
        assert answer.headers["cache-control"] == "no-cache"
        again = await offices.http.get(answer.request.url, headers={"If-None-Match": answer.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")


async def test_text_comes_compressed_to_whoever_takes_it_and_as_it_is_to_others(offices: Offices) -> None:
    whole = (STATIC / "app.js").read_bytes()
    async with offices.http.stream("GET", "/static/app.js", headers={"Accept-Encoding": "gzip"}) as zipped:
        sent = b"".join([part async for part in zipped.aiter_raw()])
    assert gzip.decompress(sent) == whole
    assert zipped.headers["content-length"] == str(len(sent))
    plain = await offices.http.get("/static/app.js", headers={"Accept-Encoding": "identity"})
    assert (plain.content, plain.headers.get("content-encoding")) == (whole, None)


async def test_nothing_but_the_files_is_given_out(offices: Offices) -> None:
    for path in ("/static-x/../../app.py", "/static/%2e%2e/pages.py", "/static/", "/static-x/nothing.js"):
        assert (await offices.http.get(path)).status_code == 404


def test_a_release_is_told_by_content_and_names(tmp_path_factory: pytest.TempPathFactory) -> None:
    folders = [tmp_path_factory.mktemp("release") for _ in range(3)]
    for folder, name, text in zip(folders, ("a.js", "a.js", "b.js"), ("1", "2", "1"), strict=True):
        (folder / name).write_text(text)
    assert len({release_of([folder]) for folder in folders}) == 3
    assert release_of([folders[0]]) == release_of([folders[0]])
