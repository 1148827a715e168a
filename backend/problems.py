"""Problem documents (RFC 9457): the one place where a refusal becomes an HTTP answer."""

import logging
import secrets
import traceback
from collections.abc import Sequence
from typing import Any

import asyncpg
import orjson
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from schemas.changes import ChangeOutcome
from schemas.problems import Problem, ProblemDocument, problem

MEDIA_TYPE = "application/problem+json"
LOG = logging.getLogger("qingtian")


class Refused(Exception):  # noqa: N818 - it is an answer, not a fault
    """A request that is answered with a problem document."""

    def __init__(
        self, found: Problem, errors: Sequence[Problem] = (), outcomes: Sequence[ChangeOutcome] | None = None
    ) -> None:
        super().__init__(found.code)
        self.problem = found
        self.errors = errors
        self.outcomes = outcomes


def problem_response(
    found: Problem,
    instance: str,
    errors: Sequence[Problem] = (),
    outcomes: Sequence[ChangeOutcome] | None = None,
) -> Response:
    """Return the problem document of a refused request."""
    document = ProblemDocument(
        **found.model_dump(), title=found.zh, detail=found.en, instance=instance, errors=list(errors)
    )
    body: dict[str, Any] = document.model_dump(mode="json", exclude_none=True)
    if outcomes is not None:
        body["outcomes"] = [one.model_dump(mode="json") for one in outcomes]
    headers = {"WWW-Authenticate": "Bearer"} if found.status == 401 else {}
    if found.status == 503:
        headers["Retry-After"] = "5"
    if found.status == 429:
        headers["Retry-After"] = found.params["seconds"]
    return Response(orjson.dumps(body), found.status, headers, MEDIA_TYPE)


def install_problem_handlers(app: FastAPI) -> None:
    """Answer every refusal, known or not, with a problem document."""

    @app.exception_handler(Refused)
    async def _refused(request: Request, refused: Refused) -> Response:
        return problem_response(refused.problem, request.url.path, refused.errors, refused.outcomes)

    @app.exception_handler(RequestValidationError)
    async def _invalid(request: Request, error: RequestValidationError) -> Response:
        return problem_response(problem("invalid_request"), request.url.path, _request_errors(error))

    @app.exception_handler(HTTPException)
    async def _http(request: Request, error: HTTPException) -> Response:
        return problem_response(_http_problem(request, error), request.url.path)

    @app.exception_handler(ClientDisconnect)
    async def _gone(_request: Request, _error: ClientDisconnect) -> Response:
        return Response(status_code=400)  # nobody is there to read it, and a phone out of reach is no fault

    @app.exception_handler(DBAPIError)
    async def _database(request: Request, error: DBAPIError) -> Response:
        if error.connection_invalidated or isinstance(error.orig, OSError):
            return problem_response(problem("unavailable"), request.url.path)
        return _internal(request, error)

    @app.exception_handler(PoolTimeoutError)
    @app.exception_handler(asyncpg.PostgresConnectionError)
    @app.exception_handler(asyncpg.CannotConnectNowError)
    @app.exception_handler(asyncpg.AdminShutdownError)
    @app.exception_handler(asyncpg.InterfaceError)
    @app.exception_handler(asyncpg.InternalClientError)
    @app.exception_handler(OSError)
    async def _unavailable(request: Request, error: Exception) -> Response:
        LOG.warning("unavailable: %s\n%s", type(error).__name__, _where(error))
        return problem_response(problem("unavailable"), request.url.path)

    @app.exception_handler(Exception)
    async def _unexpected(request: Request, error: Exception) -> Response:
        return _internal(request, error)


def _http_problem(request: Request, error: HTTPException) -> Problem:
    match error.status_code:
        case 405:
            return problem("method_not_allowed", method=request.method)
        case 404:
            return problem("not_found", path=request.url.path[:200])
        case 401:
            return problem("unauthenticated")
        case _:
            return problem("invalid_request")


def _internal(request: Request, error: Exception) -> Response:
    """Answer a fault of ours without a word of SQL; the log has the same reference."""
    reference = secrets.token_hex(4)
    # A message quotes what it is about, a failing row or an answer, and that may hold a name: none is written down.
    what = getattr(getattr(error, "orig", error), "sqlstate", None) or "-"
    name = type(error).__name__
    LOG.error("internal error %s at %s: %s %s\n%s", reference, request.url.path, name, what, _where(error))
    return problem_response(problem("internal_error", reference=reference), request.url.path)


def _where(error: BaseException) -> str:
    """Return where an error came from, and nothing of what it says."""
    return "".join(traceback.format_tb(error.__traceback__))


def _request_errors(error: RequestValidationError) -> list[Problem]:
    """Return one problem per fault of a query, path or form parameter."""
    problems = []
    for fault in error.errors():
        name = str(fault["loc"][-1]) if fault["loc"] else ""
        match fault["type"]:
            case "missing":
                problems.append(problem("missing", name, label=name))
            case "enum" | "literal_error":
                problems.append(problem("unknown_code", name, label=name, value=str(fault["input"])[:80]))
            case _:
                problems.append(problem("invalid_parameter", name, label=name, reason=fault["msg"]))
    return problems
