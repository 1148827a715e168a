"""The phone's doors: push, pull, and the manifest by which a mirror that does not fit is set right."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response
from pydantic import StringConstraints

from backend.api.dependencies import CountyAsked, CurrentAccess, CurrentService, reader_of
from backend.api.devices import CallingPhone, hear_pull, hear_push
from backend.api.packs import files_unless, packs_unless
from backend.auth.access import Access
from backend.db import connected
from backend.metrics import PULL_SECONDS, PUSH_SECONDS, count_outcomes
from backend.problems import Refused
from backend.service import Service
from schemas.changes import (
    HEAD_PATTERN,
    MAX_BODY_BYTES,
    MAX_HEADS,
    ChangeOutcome,
    FoundRecords,
    Manifest,
    Pull,
    Push,
    PushAnswer,
    WantedRecords,
)
from schemas.identifiers import UUID_PATTERN
from schemas.problems import Problem, problem
from schemas.vocabulary import Disposition, HoldReason
from sync.cursor import Cursor, CursorInvalidError
from sync.decision import Writer
from sync.decode import PushRefused, decompressed, read_push
from sync.manifest import MAX_ENTRIES, manifest_page, wanted_records
from sync.pull import Wanted, changed_records
from sync.push import push
from sync.quarantine import Kept, keep, origin_of_body
from sync.receipts import receipt_of

router = APIRouter(prefix="/v1/sync", tags=["sync"])

CLOCK_TOLERANCE = timedelta(minutes=10)
MAX_PAGE = 1000
MIN_PAGE_BYTES, MAX_PAGE_BYTES = 1_000, 10_000_000
PACKS_PATTERN = r"^([0-9a-f]{64})?$"
JSON = "application/json"

HeadSaid = Annotated[str, StringConstraints(pattern=HEAD_PATTERN)]


@router.post("/push", response_model=PushAnswer)
async def push_changes(request: Request, access: CurrentAccess, service: CurrentService) -> Response:
    """Take a phone's changes and answer each with what became of it; what is answered is committed.

    The body is JSON, plain or with gzip or zstd content encoding, of at most 500 items and 2 MB decompressed.
    """
    raw_body = await _limited_body(request)
    body_bytes = b""
    try:
        body_bytes = decompressed(raw_body, request.headers.get("content-encoding", ""))
        body = read_push(body_bytes)
    except PushRefused as refused:
        if refused.kept:
            await _keep(raw_body, body_bytes, refused, access, service)
        raise Refused(refused.problem, refused.errors) from None
    with PUSH_SECONDS.time():
        outcomes = await push(body, body_bytes, _writer(body, access), service.push_context)
    count_outcomes(outcomes)
    hear_push(body, _counties(body), access, service)
    if outcomes and all(one.reason is HoldReason.SCOPE_LOST for one in outcomes):
        region = outcomes[0].problems[0].params["region"]
        raise Refused(problem("out_of_scope", region=region), outcomes=outcomes)
    receipt = await receipt_of(body, outcomes, access.account_id, service.signer, service.pool)
    answer = PushAnswer(
        outcomes=outcomes, server_time=datetime.now(UTC), warnings=_clock_warnings(body), receipt=receipt
    )
    return Response(answer.model_dump_json(), media_type=JSON, headers=_retry_after(outcomes))


async def wanted_page(
    limit: Annotated[int, Query(ge=1, le=MAX_PAGE, description="At most so many records, exits and outcomes.")] = 200,
    max_bytes: Annotated[
        int | None,
        Query(
            ge=MIN_PAGE_BYTES,
            le=MAX_PAGE_BYTES,
            description="The page ends before what would make it longer, uncompressed; it tells at least one thing.",
        ),
    ] = None,
    head: Annotated[
        list[HeadSaid] | None,
        Query(
            max_length=MAX_HEADS,
            description="The heads for this county in the receipts since the last pull, each "
            "`<position>:<the first 16 digits of entry_hash>`. A ledger without them was restored: `reset`.",
        ),
    ] = None,
) -> Wanted:
    """Return what a phone asks of a page."""
    return Wanted(limit, max_bytes, head or ())


WantedPage = Annotated[Wanted, Depends(wanted_page)]


@router.get("/pull", response_model=Pull)
async def pull_changes(
    access: CurrentAccess,
    service: CurrentService,
    phone: CallingPhone,
    county: CountyAsked,
    wanted: WantedPage,
    cursor: Annotated[str | None, Query(max_length=400, description="As answered last; none: from the start.")] = None,
    packs: Annotated[
        str | None,
        Query(pattern=PACKS_PATTERN, description="The hash of hashes of the packs that the phone has; empty: none."),
    ] = None,
    files: Annotated[
        str | None,
        Query(pattern=PACKS_PATTERN, description="The hash of the files that the phone was told of; empty: none."),
    ] = None,
) -> Response:
    """Answer what changed in a county since the cursor, in ledger order, within the caller's townships."""
    reader = reader_of(county, access, service)
    hear_pull(county, phone, access, service)
    try:
        since = Cursor.decode(cursor, service.keys.cursor) if cursor else None
    except CursorInvalidError:
        raise Refused(problem("cursor_invalid", "cursor")) from None
    if since is not None and since.county_code != county:
        raise Refused(problem("cursor_invalid", "cursor"))
    with PULL_SECONDS.time():
        async with connected(service.pool) as connection:
            page = await changed_records(connection, county, since, wanted, reader, service.keys.cursor)
        others = None if packs is None else await packs_unless(packs, county, service)
        told = None if files is None else await files_unless(files, county, reader, service)
        body = page.as_json(datetime.now(UTC), others, told)
    return Response(body, media_type=JSON)


@router.get("/manifest", response_model=Manifest)
async def list_manifest(
    access: CurrentAccess,
    service: CurrentService,
    county: CountyAsked,
    after: Annotated[str | None, Query(pattern=UUID_PATTERN, description="The last id of the page before.")] = None,
    limit: Annotated[int, Query(ge=1, le=MAX_ENTRIES)] = MAX_ENTRIES,
) -> Response:
    """Answer the id and mark of every record in the caller's townships, by id: what a sound mirror holds."""
    reader = reader_of(county, access, service)
    async with connected(service.pool) as connection:
        body = await manifest_page(connection, county, after, limit, reader)
    return Response(body, media_type=JSON)


@router.post("/records", response_model=FoundRecords)
async def find_records(wanted: WantedRecords, access: CurrentAccess, service: CurrentService) -> Response:
    """Answer the named records as they are now; those outside the caller's townships are left out."""
    reader = reader_of(wanted.county_code, access, service)
    async with connected(service.pool) as connection:
        body = await wanted_records(connection, wanted.county_code, wanted.ids, reader)
    return Response(body, media_type=JSON)


def _counties(body: Push) -> set[str]:
    """Return the counties that a push names, whatever else its items are."""
    named = (raw.get("county_code") for raw in body.changes if isinstance(raw, dict))
    return {code for code in named if isinstance(code, str)}


def _retry_after(outcomes: Sequence[ChangeOutcome]) -> dict[str, str]:
    """Return when to send again what met a locked ledger; a change that is held for longer says so itself."""
    waits = [
        one.retry_after_s
        for one in outcomes
        if one.disposition is Disposition.RETRY_AFTER and one.reason is None and one.retry_after_s is not None
    ]
    return {"Retry-After": str(max(waits))} if waits else {}


async def _limited_body(request: Request) -> bytes:
    """Return the body; one that is larger than any push may be is refused before it is held."""
    chunks = bytearray()
    async for chunk in request.stream():
        chunks += chunk
        if len(chunks) > MAX_BODY_BYTES:
            raise Refused(problem("body_too_large", limit=MAX_BODY_BYTES))
    return bytes(chunks)


def _writer(body: Push, access: Access) -> Writer:
    return Writer(access.account_id, body.device_id, access)


async def _keep(raw_body: bytes, body: bytes, refused: PushRefused, access: Access, service: Service) -> None:
    """Keep a body as it came; `body` is what it was decompressed to, empty where it could not be."""
    problems = (refused.problem, *refused.errors)
    kept = Kept(raw_body, refused.problem.code, problems, origin_of_body(body, service.reference.ledgers))
    async with service.engine.begin() as connection:
        await keep(connection, [kept], service.vault, account=access.account_id)


def _clock_warnings(body: Push) -> list[Problem]:
    skew = body.sent_at - datetime.now(UTC)
    if abs(skew) <= CLOCK_TOLERANCE:
        return []
    return [problem("clock_skew", "/sent_at", minutes=round(abs(skew).total_seconds() / 60))]
