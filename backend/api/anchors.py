"""What anyone may keep to prove a ledger rewritten: the public keys and the signed checkpoints. No sign-in is asked."""

import hashlib
from typing import Annotated

import orjson
from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import Response
from pydantic import BaseModel

from backend.api.dependencies import CurrentService
from backend.headers import ASK_AGAIN, FOR_EVER
from backend.problems import Refused
from schemas.checkpoints import CheckpointDocument, CheckpointPage
from schemas.identifiers import UUID_PATTERN
from schemas.problems import problem
from schemas.receipts import KEYS_PATH, PublishedKeys
from sync.checkpoints import read_checkpoint, read_checkpoints
from sync.receipts import published_keys

router = APIRouter(tags=["anchors"])

KEYS_CACHE = "public, max-age=3600"

MAX_PAGE = 100


@router.get(KEYS_PATH, response_model=PublishedKeys)
async def signing_keys(request: Request, service: CurrentService) -> Response:
    """Answer every public key that receipts and checkpoints are or were signed with."""
    return _cached(request, await published_keys(service.pool), KEYS_CACHE)


@router.get("/v1/checkpoints")
async def checkpoints(
    service: CurrentService,
    limit: Annotated[int, Query(ge=1, le=MAX_PAGE)] = 30,
    before: Annotated[str | None, Query(pattern=UUID_PATTERN, description="As answered last.")] = None,
) -> CheckpointPage:
    """List the checkpoints, newest first."""
    async with service.read_engine.connect() as connection:
        return await read_checkpoints(connection, limit, before)


@router.get("/v1/checkpoints/latest", response_model=CheckpointDocument)
async def latest_checkpoint(request: Request, service: CurrentService) -> Response:
    """Answer the newest checkpoint as it was signed."""
    return await _checkpoint(request, service, None, f"public, {ASK_AGAIN}")


@router.get("/v1/checkpoints/{checkpoint_id}", response_model=CheckpointDocument)
async def one_checkpoint(
    request: Request, service: CurrentService, checkpoint_id: Annotated[str, Path(pattern=UUID_PATTERN)]
) -> Response:
    """Answer a checkpoint as it was signed."""
    return await _checkpoint(request, service, checkpoint_id, f"public, {FOR_EVER}")


async def _checkpoint(request: Request, service: CurrentService, checkpoint_id: str | None, cache: str) -> Response:
    async with service.read_engine.connect() as connection:
        document = await read_checkpoint(connection, checkpoint_id)
    if document is None:
        raise Refused(problem("not_found", path=request.url.path))
    return _cached(request, CheckpointDocument.model_validate(document), cache)


def _cached(request: Request, answer: BaseModel, cache: str) -> Response:
    body = orjson.dumps(answer.model_dump(mode="json"))
    headers = {"Cache-Control": cache, "ETag": f'"{hashlib.sha256(body).hexdigest()[:32]}"'}
    if headers["ETag"] in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    return Response(body, media_type="application/json", headers=headers)
