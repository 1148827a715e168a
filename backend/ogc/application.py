"""tipg's routes put together as a part of this service: its own start, faults and description in our forms."""

import re
from collections.abc import Callable
from typing import Any

import asyncpg
import orjson
from fastapi import APIRouter, Depends, FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.responses import HTMLResponse
from morecantile import tms
from morecantile.defaults import TileMatrixSets
from starlette.exceptions import HTTPException
from tipg import collections, errors, factory
from tipg import dependencies as asked_by_tipg
from tipg.factory import COMMON_CONFORMS, Endpoints
from tipg.model import Conformance, Landing, Link
from tipg.resources.enums import MediaType

from backend import __version__
from backend.ogc import questions
from backend.ogc.description import described
from backend.ogc.layers import COLLECTIONS
from backend.problems import install_problem_handlers, problem_response
from schemas.problems import problem

TITLE = "清田地理数据 · Qingtian geodata"
DESCRIPTION = (
    "县级行政区、各县指标、重点流域与已公布数值，OGC API Features 与 Tiles。"
    "Counties, their figures, key basins and published statements as OGC API Features and Tiles."
)
TILES = "WebMercatorQuad"

DEFAULT_FEATURES = 1_000
MAX_FEATURES = 10_000
"""A larger `limit` is answered with as many, which the standard asks for and tipg refuses."""

_LIMIT = re.compile(rb"(?<![^&])limit=\+?0*([0-9]{5,})(?![^&])")

FAULTS_OF_QUESTIONS = (
    errors.InvalidBBox,
    errors.InvalidDatetime,
    errors.InvalidLimit,
    errors.InvalidPropertyName,
    errors.InvalidGeometryColumnName,
    errors.InvalidDatetimeColumnName,
    errors.MissingDatetimeColumn,
    errors.MissingGeometryColumn,
    asyncpg.DataError,
    asyncpg.UndefinedFunctionError,
    asyncpg.UndefinedColumnError,
    asyncpg.DatatypeMismatchError,
    asyncpg.AmbiguousFunctionError,
)
"""What is the caller's mistake; a value of the wrong kind is found by the database alone."""

OVERRIDES: dict[Callable[..., Any], Callable[..., Any]] = {
    asked_by_tipg.bbox_query: questions.bbox_asked,
    asked_by_tipg.datetime_query: questions.datetime_asked,
    asked_by_tipg.filter_query: questions.filter_asked,
    asked_by_tipg.OutputType: questions.format_of_document,
    asked_by_tipg.QueryablesOutputType: questions.format_of_queryables,
    asked_by_tipg.ItemsOutputType: questions.format_of_items,
    asked_by_tipg.TileParams: questions.tile_asked,
}


def create() -> FastAPI:
    """Return the application; its state still needs a `pool` that gives connections of the caller's scope."""
    # tipg takes these from its own environment and from a file `.env` wherever the service was started.
    for bounds in (factory.features_settings, collections.features_settings):
        bounds.default_features_limit, bounds.max_features_per_query = DEFAULT_FEATURES, MAX_FEATURES
    application = FastAPI(title=TITLE, description=DESCRIPTION, version=__version__, openapi_url=None)
    endpoints = Endpoints(
        router=APIRouter(dependencies=[Depends(questions.known_parameters)]),
        collection_dependency=questions.collection_asked,
        title=TITLE,
        with_common=False,
        with_tiles_viewer=False,
        supported_tms=TileMatrixSets({TILES: tms.get(TILES)}),
    )
    application.state.collection_catalog = {"collections": COLLECTIONS}
    application.dependency_overrides.update(OVERRIDES)
    install_problem_handlers(application)
    _install_faults(application)
    application.include_router(endpoints.router)
    _add_common(application, endpoints)
    application.add_middleware(LimitBound)
    return application


class LimitBound:
    """ASGI middleware that lowers a `limit` to what is answered at once."""

    def __init__(self, app: Any) -> None:
        self.app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Pass the request on with its limit lowered."""
        await self.app(scope | {"query_string": _LIMIT.sub(_lowered, scope["query_string"])}, receive, send)


def _lowered(match: re.Match[bytes]) -> bytes:
    limit = MAX_FEATURES if len(match[1]) > len(str(MAX_FEATURES)) else min(int(match[1]), MAX_FEATURES)
    return b"limit=%d" % limit


def _install_faults(application: FastAPI) -> None:
    """Answer tipg's faults as problems: 400 where the caller is wrong, which tipg calls 404, 422 or 500."""

    async def of_question(request: Request, error: Exception) -> Response:
        name, reason = "filter", type(error).__name__
        return problem_response(problem("invalid_query", name, label=name, reason=reason), request.url.path)

    async def of_parameter(request: Request, error: Exception) -> Response:
        fault = error.errors()[0] if isinstance(error, RequestValidationError) else {"loc": ("",), "msg": ""}
        name = str(fault["loc"][-1])
        return problem_response(problem("invalid_query", name, label=name, reason=fault["msg"]), request.url.path)

    async def nothing_there(request: Request, _error: Exception) -> Response:
        return problem_response(problem("not_found", path=request.url.path[:200]), request.url.path)

    async def of_protocol(request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 500
        if status == 405:
            return problem_response(problem("method_not_allowed", method=request.method), request.url.path)
        return await nothing_there(request, error)

    async def too_slow(request: Request, _error: Exception) -> Response:
        return problem_response(problem("unavailable"), request.url.path)

    for kind in FAULTS_OF_QUESTIONS:
        application.add_exception_handler(kind, of_question)
    application.add_exception_handler(RequestValidationError, of_parameter)
    application.add_exception_handler(errors.NotFound, nothing_there)
    application.add_exception_handler(HTTPException, of_protocol)
    application.add_exception_handler(asyncpg.QueryCanceledError, too_slow)


def _add_common(application: FastAPI, endpoints: Endpoints) -> None:
    """Add the landing page, the conformance classes that hold, and the description of the interface."""
    dependencies = [Depends(questions.known_parameters)]
    answer: dict[str, Any] = {"response_model_exclude_none": True, "tags": ["OGC Common"], "dependencies": dependencies}

    async def landing(request: Request, f: questions.JsonAsked = None) -> Landing:
        del f

        def link(rel: str, title: str, name: str, kind: MediaType) -> Link:
            href = application.url_path_for(name).make_absolute_url(request.base_url)
            return Link(rel=rel, title=title, href=str(href), type=kind)

        links = [
            link("self", "本页 · This document", "landing", MediaType.json),
            link("service-desc", "接口描述 · Description", "openapi", MediaType.openapi30_json),
            link("service-doc", "接口文档 · Documentation", "documentation", MediaType.html),
            link("conformance", "符合的标准 · Conformance", "conformance", MediaType.json),
            *endpoints.links(request),
        ]
        return Landing(title=TITLE, description=DESCRIPTION, links=links)

    async def conformance(f: questions.JsonAsked = None) -> Conformance:
        del f
        held = [*COMMON_CONFORMS, *endpoints.conforms_to]
        return Conformance(conformsTo=[one for one in held if not one.endswith("/html")])

    async def openapi(f: questions.JsonAsked = None) -> Response:
        del f
        return Response(orjson.dumps(described(application)), media_type=MediaType.openapi30_json.value)

    async def documentation() -> HTMLResponse:
        return get_swagger_ui_html(
            openapi_url="api",
            title=TITLE,
            swagger_js_url="/docs/assets/swagger-ui-bundle.js",
            swagger_css_url="/docs/assets/swagger-ui.css",
            swagger_favicon_url="/static/icon.svg",
        )

    application.add_api_route("/", landing, response_model=Landing, **answer)
    application.add_api_route("/conformance", conformance, response_model=Conformance, **answer)
    application.add_api_route("/api", openapi, tags=["OGC Common"], dependencies=dependencies)
    application.add_api_route("/api.html", documentation, include_in_schema=False)
