"""The phone's two doors: push and pull."""

from datetime import UTC, datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from backend.api.dependencies import CurrentAccess, CurrentService
from backend.auth.access import Access
from backend.db import snapshot
from backend.metrics import PULL_SECONDS, PUSH_SECONDS, count_outcomes
from backend.problems import Refused
from backend.service import Service
from schemas.changes import MAX_BODY_BYTES, Pull, Push, PushAnswer
from schemas.problems import Problem, problem
from schemas.vocabulary import HoldReason
from sync.cursor import Cursor, CursorInvalidError
from sync.decision import Writer
from sync.decode import PushRefused, decompressed, read_push
from sync.pull import Reader, changed_records
from sync.push import push
from sync.quarantine import Kept, keep, origin_of_body
from sync.receipts import receipt_of

router = APIRouter(prefix="/v1/sync", tags=["sync"])

CLOCK_TOLERANCE = timedelta(minutes=10)
MAX_PAGE = 1000


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
    if outcomes and all(one.reason is HoldReason.SCOPE_LOST for one in outcomes):
        region = outcomes[0].problems[0].params["region"]
        raise Refused(problem("out_of_scope", region=region), outcomes=outcomes)
    receipt = await receipt_of(body, outcomes, access.account_id, service.signer, service.pool)
    answer = PushAnswer(
        outcomes=outcomes, server_time=datetime.now(UTC), warnings=_clock_warnings(body), receipt=receipt
    )
    return Response(answer.model_dump_json(), media_type="application/json")


@router.get("/pull")
async def pull_changes(
    access: CurrentAccess,
    service: CurrentService,
    county: Annotated[str, Query(pattern=r"^[0-9]{6}$", description="The county whose ledger is read.")],
    cursor: Annotated[str | None, Query(max_length=400, description="As answered last; none: from the start.")] = None,
    limit: Annotated[int, Query(ge=1, le=MAX_PAGE)] = 200,
) -> Pull:
    """Answer what changed in a county since the cursor, in ledger order, within the caller's townships."""
    if county not in service.reference.ledgers:
        raise Refused(problem("unknown_region", "county", code=county))
    if not access.pulls(county):
        raise Refused(problem("above_scope", region=county))
    try:
        since = Cursor.decode(cursor, service.keys.cursor) if cursor else None
    except CursorInvalidError:
        raise Refused(problem("cursor_invalid", "cursor")) from None
    if since is not None and since.county_code != county:
        raise Refused(problem("cursor_invalid", "cursor"))
    reader = Reader(access.townships(county), access.sees_personal(county))
    async with snapshot(service.engine) as connection:
        with PULL_SECONDS.time():
            return await changed_records(connection, county, since, limit, reader, service.vault, service.keys.cursor)


async def _limited_body(request: Request) -> bytes:
    """Return the body; one that is larger than any push may be is refused before it is held."""
    chunks = bytearray()
    async for chunk in request.stream():
        chunks += chunk
        if len(chunks) > MAX_BODY_BYTES:
            raise Refused(problem("body_too_large", limit=MAX_BODY_BYTES))
    return bytes(chunks)


def _writer(body: Push, access: Access) -> Writer:
    return Writer(access.account_id, body.device_id, access.may_write)


async def _keep(raw_body: bytes, body: bytes, refused: PushRefused, access: Access, service: Service) -> None:
    """Keep a body as it came; `body` is what it was decompressed to, empty where it could not be."""
    problems = (refused.problem, *refused.errors)
    kept = Kept(raw_body, refused.problem.code, problems, origin_of_body(body, service.reference.ledgers))
    async with service.engine.begin() as connection:
        await keep(connection, [kept], account=access.account_id)


def _clock_warnings(body: Push) -> list[Problem]:
    skew = body.sent_at - datetime.now(UTC)
    if abs(skew) <= CLOCK_TOLERANCE:
        return []
    return [problem("clock_skew", "/sent_at", minutes=round(abs(skew).total_seconds() / 60))]
