"""Files on their way out, and how complete a record's files are."""

from typing import Annotated

from anyio import to_thread
from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import Response

from backend.api.dependencies import CurrentAccess, CurrentService
from backend.api.ranges import part, wanted_range
from backend.auth.access import Access
from backend.headers import FOR_EVER
from backend.problems import Refused
from backend.service import Service
from schemas.attachments import RecordAttachments
from schemas.identifiers import UUID_PATTERN
from schemas.indicators.form import SHA256_PATTERN
from schemas.problems import problem
from sync.attachments.contents import STRIPPING, inspected
from sync.attachments.desk import Desk
from sync.attachments.files import Viewer, record_attachments, visible_type
from sync.attachments.media import SUFFIXES, MediaType
from sync.attachments.store import StoreUnavailableError

router = APIRouter(prefix="/v1", tags=["attachments"])


CountyParameter = Annotated[str, Query(pattern=r"^[0-9]{6}$", description="A county that holds the file.")]
BINARY = {"content": {str(one): {"schema": {"type": "string", "format": "binary"}} for one in MediaType}}


@router.get(
    "/attachments/{sha256}", response_class=Response, responses={200: BINARY, 206: BINARY, 304: {"description": "Same"}}
)
async def attachment(
    sha256: Annotated[str, Path(pattern=SHA256_PATTERN)],
    county: CountyParameter,
    request: Request,
    access: CurrentAccess,
    service: CurrentService,
) -> Response:
    """Answer a file without what is personal in it (EXIF, XMP, comments); the original stays in the store."""
    _check_readable(access, county, service)
    digest = bytes.fromhex(sha256)
    media_type = await visible_type(service.desk.pool, county, digest, _viewer(access, county))
    if media_type is None:
        raise Refused(problem("attachment_unknown"))
    if media_type == MediaType.PDF and not access.sees_personal(county):
        # A paper names people on its face; no part of it could be left out.
        raise Refused(problem("above_scope", region=county))
    etag = f'"{sha256}-{STRIPPING}"'
    name = f"{sha256[:16]}.{SUFFIXES[MediaType(media_type)]}"
    headers = {
        "ETag": etag,
        "Cache-Control": f"private, {FOR_EVER}",
        "Content-Disposition": f'inline; filename="{name}"',
    }
    if etag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    try:
        body = await _served(service.desk, digest)
    except StoreUnavailableError:
        raise Refused(problem("unavailable")) from None
    return part(body, wanted_range(request, etag), headers, media_type, request.url.path)


@router.get("/records/{county}/{record_id}/attachments")
async def attachments_of_record(
    county: Annotated[str, Path(pattern=r"^[0-9]{6}$")],
    record_id: Annotated[str, Path(pattern=UUID_PATTERN)],
    request: Request,
    access: CurrentAccess,
    service: CurrentService,
) -> RecordAttachments:
    """Say which files a record names, which of them have come, and what they and the report say of time and place."""
    _check_readable(access, county, service)
    viewer = _viewer(access, county)
    found = await record_attachments(service.desk.pool, county, record_id, viewer, service.vault)
    if found is None:
        raise Refused(problem("not_found", path=request.url.path[:200]))
    return found


def _check_readable(access: Access, county_code: str, service: Service) -> None:
    if county_code not in service.reference.ledgers:
        raise Refused(problem("unknown_region", "county", code=county_code))
    if not access.pulls(county_code):
        raise Refused(problem("above_scope", region=county_code))


def _viewer(access: Access, county_code: str) -> Viewer:
    return Viewer(access.account_id, access.townships(county_code), access.sees_personal(county_code))


async def _served(desk: Desk, sha256: bytes) -> bytes:
    """Return a file as it may go out; few at a time are held whole."""
    async with desk.whole:
        found = await to_thread.run_sync(inspected, await desk.store.read(sha256))
    if found is None:
        raise StoreUnavailableError("the store answers another file than it was given")
    return found.served
