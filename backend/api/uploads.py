"""The door for files: tus 1.0 (https://tus.io/protocols/resumable-upload) under `/v1/attachments`.

Who asks, whether it may write in the county, and what the headers say are settled before a byte of the body is read.
"""

import uuid
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from datetime import datetime
from email.utils import format_datetime
from typing import Annotated, Any

from anyio import to_thread
from asyncpg import LockNotAvailableError
from fastapi import APIRouter, Path, Request
from fastapi.responses import Response
from fastapi.routing import APIRoute
from starlette.requests import ClientDisconnect

from backend.api.dependencies import CurrentAccess, CurrentService
from backend.auth.access import Access
from backend.problems import Refused, problem_response
from backend.service import Service
from schemas.identifiers import UUID_PATTERN
from schemas.problems import Problem, problem
from sync.attachments.files import is_held
from sync.attachments.headers import (
    BODY_TYPE,
    CHECKSUM_ALGORITHMS,
    EXTENSIONS,
    TUS_VERSION,
    HeaderRefused,
    announced,
    checksum,
    content_length,
    metadata_header,
    upload_offset,
)
from sync.attachments.receive import Reception, SenderGoneError, UploadRefused
from sync.attachments.store import StoreUnavailableError
from sync.attachments.uploads import (
    TakenOverError,
    Upload,
    UploadBusyError,
    create_upload,
    delete_upload,
    find_upload,
    take_over,
)

Headers = dict[str, str]

RESUMABLE: Headers = {"Tus-Resumable": TUS_VERSION}
UPLOADS = "/v1/attachments/uploads"

CODES: Mapping[type[Exception], str] = {
    TakenOverError: "upload_taken_over",
    UploadBusyError: "upload_busy",
    LockNotAvailableError: "upload_busy",
    StoreUnavailableError: "unavailable",
}


class UploadRefusedAt(Exception):  # noqa: N818 - it is an answer, not a fault
    """A refusal that says where the upload stands."""

    def __init__(self, refusal: Problem, received: int) -> None:
        super().__init__(refusal.code)
        self.problem = refusal
        self.received = received


class TusRoute(APIRoute):
    """A route whose every answer, refusals too, carries what tus demands."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return the handler of the route within that of the protocol."""
        handler = super().get_route_handler()

        async def answered(request: Request) -> Response:
            response = await _answered(handler(request), request.url.path)
            response.headers["Tus-Resumable"] = TUS_VERSION
            if response.status_code == 412:
                response.headers["Tus-Version"] = TUS_VERSION
            return response

        return answered


async def _answered(answer: Awaitable[Response], path: str) -> Response:
    """Return the answer, or the problem document of a refusal."""
    try:
        return await answer
    except (Refused, HeaderRefused, UploadRefused, UploadRefusedAt) as refused:
        response = problem_response(refused.problem, path)
        if isinstance(refused, UploadRefusedAt):
            response.headers["Upload-Offset"] = str(refused.received)
        return response
    except (TakenOverError, UploadBusyError, LockNotAvailableError, StoreUnavailableError) as error:
        return problem_response(problem(CODES[type(error)]), path)
    except SenderGoneError:
        return Response(status_code=400)  # nobody is there to read it


router = APIRouter(prefix="/v1/attachments", tags=["attachments"], route_class=TusRoute)

UploadId = Annotated[str, Path(pattern=UUID_PATTERN)]


@router.options("", status_code=204, response_class=Response)
@router.options("/uploads/{_upload_id}", status_code=204, response_class=Response, include_in_schema=False)
async def capabilities(service: CurrentService) -> Response:
    """Say what of tus this service speaks."""
    return Response(
        status_code=204,
        headers={
            "Tus-Version": TUS_VERSION,
            "Tus-Extension": ",".join(EXTENSIONS),
            "Tus-Max-Size": str(service.desk.limits.max_bytes),
            "Tus-Checksum-Algorithm": ",".join(CHECKSUM_ALGORITHMS),
        },
    )


@router.post("", status_code=201, response_class=Response)
async def open_upload(request: Request, access: CurrentAccess, service: CurrentService) -> Response:
    """Open an upload, with its first bytes or none. `Upload-Metadata` names `county_code` and should name `sha256`.

    A file that the county holds already is complete at once: `Upload-Offset` equals its length.
    """
    _check_version(request.headers)
    said = announced(request.headers, service.desk.limits.max_bytes)
    _check_scope(access, said.county_code, service)
    has_body = request.headers.get("content-type") == BODY_TYPE
    check = checksum(request.headers) if has_body else None
    if has_body:
        _check_size(request.headers, said.length)
    pool = service.desk.pool
    is_known = said.sha256 is not None and await is_held(pool, said.county_code, said.sha256, said.length)
    ttl_s = service.desk.limits.ttl_s
    upload = await create_upload(pool, str(uuid.uuid4()), access.account_id, said, ttl_s=ttl_s, is_known=is_known)
    headers = {"Location": f"{UPLOADS}/{upload.id}"}
    if upload.is_complete:
        return Response(status_code=201, headers=headers | {"Upload-Offset": str(upload.length)})
    if not has_body:
        return Response(status_code=201, headers=headers | _until(upload.expires_at))
    reception = Reception(service.desk, await take_over(pool, upload, 0), check)
    await _take(reception, request)
    return Response(status_code=201, headers=headers | _standing(reception))


@router.head("/uploads/{upload_id}", status_code=200, response_class=Response)
async def upload_standing(
    upload_id: UploadId, request: Request, access: CurrentAccess, service: CurrentService
) -> Response:
    """Say how much of an upload has come."""
    _check_version(request.headers)
    return await _standing_of(upload_id, access, service)


@router.patch("/uploads/{upload_id}", status_code=204, response_class=Response)
async def continue_upload(
    upload_id: UploadId, request: Request, access: CurrentAccess, service: CurrentService
) -> Response:
    """Take the next bytes of an upload. Whoever asks last goes on: a request on a dead line never stands in the way."""
    _check_version(request.headers)
    return await _continue(upload_id, request, access, service)


@router.delete("/uploads/{upload_id}", status_code=204, response_class=Response)
async def end_upload(upload_id: UploadId, request: Request, access: CurrentAccess, service: CurrentService) -> Response:
    """End an upload; a file that is complete stays."""
    _check_version(request.headers)
    return await _end(upload_id, access, service)


@router.post("/uploads/{upload_id}", status_code=204, response_class=Response)
async def override_method(
    upload_id: UploadId, request: Request, access: CurrentAccess, service: CurrentService
) -> Response:
    """Do what `X-HTTP-Method-Override` says (PATCH, DELETE or HEAD), for clients that know GET and POST only."""
    _check_version(request.headers)
    match request.headers.get("x-http-method-override", "").upper():
        case "PATCH":
            return await _continue(upload_id, request, access, service)
        case "DELETE":
            return await _end(upload_id, access, service)
        case "HEAD":
            return await _standing_of(upload_id, access, service)
        case _:
            raise Refused(problem("method_not_allowed", method="POST"))


async def _standing_of(upload_id: str, access: Access, service: Service) -> Response:
    upload = await _found(upload_id, access, service)
    received = await _offset(upload, service)
    headers = {"Upload-Offset": str(received), "Upload-Length": str(upload.length)}
    headers |= {"Upload-Metadata": metadata_header(upload.about)} if upload.about else {}
    headers |= {} if upload.is_complete else _until(upload.expires_at)
    return Response(status_code=200, headers=headers | {"Cache-Control": "no-store"})


async def _continue(upload_id: str, request: Request, access: Access, service: Service) -> Response:
    upload = await _found(upload_id, access, service)
    _check_scope(access, upload.county_code, service)
    if request.headers.get("content-type") != BODY_TYPE:
        raise Refused(problem("upload_body_type", expected=BODY_TYPE))
    check = checksum(request.headers)
    received = await _offset(upload, service)
    if upload_offset(request.headers) != received:
        raise UploadRefusedAt(problem("upload_offset", received=received), received)
    _check_size(request.headers, upload.length - received)
    if upload.is_complete:
        return Response(status_code=204, headers={"Upload-Offset": str(upload.length)})
    lease = await take_over(service.desk.pool, upload, received)
    if lease.received != received:  # whoever was before moved on in between
        raise UploadRefusedAt(problem("upload_offset", received=lease.received), lease.received)
    reception = Reception(service.desk, lease, check)
    await _take(reception, request)
    return Response(status_code=204, headers=_standing(reception))


async def _end(upload_id: str, access: Access, service: Service) -> Response:
    upload = await _found(upload_id, access, service)
    await delete_upload(service.desk.pool, upload.id)
    await to_thread.run_sync(service.desk.staging.discard, upload.id)
    return Response(status_code=204)


async def _take(reception: Reception, request: Request) -> None:
    """Take a body chunk by chunk; the server stops reading from the line while a chunk is on its way to disk."""
    is_whole = False

    async def next_chunk() -> bytes | None:
        nonlocal is_whole
        if is_whole:
            return None
        message = await request.receive()
        if message["type"] == "http.disconnect":
            raise SenderGoneError
        is_whole = not message.get("more_body", False)
        body: bytes = message.get("body", b"")
        return body

    try:
        await reception.take(next_chunk)
    except ClientDisconnect:
        raise SenderGoneError from None


async def _found(upload_id: str, access: Access, service: Service) -> Upload:
    """Return an upload of the caller's; another's is as unknown as none."""
    upload = await find_upload(service.desk.pool, upload_id)
    if upload is None or upload.account != access.account_id:
        raise Refused(problem("upload_unknown"))
    if upload.is_expired:
        raise Refused(problem("upload_expired"))
    return upload


async def _offset(upload: Upload, service: Service) -> int:
    """Return what was acknowledged and is there: after a fault of the disk a part may be shorter."""
    if upload.is_complete:
        return upload.length
    return min(upload.received, await to_thread.run_sync(service.desk.staging.size, upload.id))


def _check_version(headers: Mapping[str, str]) -> None:
    if headers.get("tus-resumable") != TUS_VERSION:
        raise Refused(problem("tus_version", expected=TUS_VERSION))


def _check_scope(access: Access, county_code: str, service: Service) -> None:
    if county_code not in service.reference.ledgers:
        raise Refused(problem("unknown_region", code=county_code))
    if not access.writes_in(county_code):
        raise Refused(problem("upload_out_of_scope", region=county_code))


def _check_size(headers: Mapping[str, str], remaining: int) -> None:
    if (content_length(headers) or 0) > remaining:
        raise Refused(problem("upload_too_long", limit=remaining))


def _standing(reception: Reception) -> Headers:
    offset = {"Upload-Offset": str(reception.acknowledged)}
    return offset if reception.is_complete else offset | _until(reception.expires_at)


def _until(expires_at: datetime) -> Headers:
    return {"Upload-Expires": format_datetime(expires_at, usegmt=True)}
