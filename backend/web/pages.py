"""The pages, and the files they are made of: all of it from this service, nothing from another host."""

import gzip
import hashlib
import importlib.util
import os
import re
from collections.abc import Awaitable, Callable, Iterable
from os import PathLike
from pathlib import Path

from fastapi import FastAPI
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.responses import FileResponse, HTMLResponse
from fastapi.staticfiles import StaticFiles
from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import Scope

from backend.api.zipped import accepts_gzip
from backend.headers import ASK_AGAIN, FOR_EVER

STATIC = Path(__file__).parent / "static"

PAGES = {
    "/": "index.html",
    "/desk": "desk/index.html",
    "/figures/{region_code}/{indicator}/{period}": "figure.html",
}
"""What of its address a page shows is its own business; who reads it is decided where it asks for figures."""

MAP_LIBRARY = ("maplibre", "srcjs")
"""The package, and the folder in it, that the close map's program comes with."""

TEXT = {".js", ".css", ".svg"}

_NAMED = re.compile(r'((?:href|src)="(?:\.\./)*)static/')
"""Where a page names a file of its own."""


class ReleasedFiles(StaticFiles):
    """Files under an address that holds the digest of them all: kept by browsers for good, and never of two releases.

    Under the address of another release, which a page that stays open over an upgrade still asks for, there is the file
    as it is now, for once.
    """

    def __init__(self, release: str, folder: Path) -> None:
        super().__init__(directory=folder)
        self.release = release
        self._zipped: dict[tuple[str, float], bytes] = {}

    async def get_response(self, path: str, scope: Scope) -> Response:
        """Return a file and how long it may be kept."""
        response = await super().get_response(path, scope)
        asked = scope.get("path_params", {}).get("release")
        response.headers["Cache-Control"] = f"public, {FOR_EVER}" if asked == self.release else ASK_AGAIN
        return response

    def file_response(
        self, full_path: str | PathLike[str], stat_result: os.stat_result, scope: Scope, status_code: int = 200
    ) -> Response:
        """Return a file; text is compressed once, not at every request: a first visit asks for sixty."""
        response = super().file_response(full_path, stat_result, scope, status_code)
        if not isinstance(response, FileResponse) or Path(full_path).suffix not in TEXT:
            return response
        if not accepts_gzip(Headers(scope=scope).get("Accept-Encoding", "")):
            return response
        key = (str(full_path), stat_result.st_mtime)
        if key not in self._zipped:
            self._zipped[key] = gzip.compress(Path(full_path).read_bytes())
        kept = {name: response.headers[name] for name in ("ETag", "Last-Modified", "Content-Type")}
        zipped = {"Content-Encoding": "gzip", "Vary": "Accept-Encoding"}
        return Response(self._zipped[key], status_code, headers=kept | zipped)


def add_pages(app: FastAPI) -> None:
    """Add the pages to an application, as their files are at this moment."""
    library = _package_folder(*MAP_LIBRARY)
    release = release_of([STATIC, library])
    for path, name in PAGES.items():
        app.add_api_route(path, _page(_released(STATIC / name, release)), include_in_schema=False)
    app.add_api_route("/docs", _documentation, include_in_schema=False)
    for address in ("/static-{release}", "/static"):
        app.mount(f"{address}/maplibre", ReleasedFiles(release, library))
        app.mount(address, ReleasedFiles(release, STATIC))
    app.mount("/docs/assets", StaticFiles(packages=[("fastapi_swagger", "resources")]), name="documentation assets")


def release_of(folders: Iterable[Path]) -> str:
    """Return the digest of all files in folders, their names included."""
    digest = hashlib.sha256()
    for folder in folders:
        for file in sorted(path for path in folder.rglob("*") if path.is_file()):
            content = file.read_bytes()
            digest.update(f"{file.relative_to(folder).as_posix()} {len(content)}\n".encode())
            digest.update(content)
    return digest.hexdigest()[:16]


def _package_folder(package: str, folder: str) -> Path:
    """Return a folder of a package that is not imported: of this one only the files are wanted."""
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        raise RuntimeError(f"package {package} is not installed")
    return Path(spec.origin).parent / folder


def _released(page: Path, release: str) -> str:
    """Return a page that names its files as they are in a release."""
    return _NAMED.sub(rf"\1static-{release}/", page.read_text(encoding="utf-8"))


def _page(content: str) -> Callable[[], Awaitable[HTMLResponse]]:
    async def answer() -> HTMLResponse:
        return HTMLResponse(content, headers={"Cache-Control": ASK_AGAIN})

    return answer


async def _documentation() -> HTMLResponse:
    """Answer the interface documentation; its program comes with a package, never from another host."""
    return get_swagger_ui_html(
        openapi_url="/openapi.json",
        title="清田接口 · Qingtian API",
        swagger_js_url="/docs/assets/swagger-ui-bundle.js",
        swagger_css_url="/docs/assets/swagger-ui.css",
        swagger_favicon_url="/static/icon.svg",
    )
