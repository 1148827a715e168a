"""Endpoints of other systems that are told of events: for the administrators of their regions."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, status
from fastapi.responses import Response
from sqlalchemy.ext.asyncio import AsyncConnection

from backend.api.dependencies import CurrentAccess, CurrentService
from backend.auth.access import Access, Grant
from backend.auth.audit import Actor, regions_below
from backend.db import connected
from backend.outbox import endpoints as desk
from backend.outbox.address import ForbiddenAddressError, checked_url
from backend.problems import Refused
from backend.service import Service
from schemas.problems import problem
from schemas.regions import NATION
from schemas.vocabulary import RegionLevel, Role
from schemas.webhooks import (
    DeliveryPage,
    DeliveryState,
    Replayed,
    WebhookAsked,
    WebhookChange,
    WebhookGiven,
    WebhookList,
    WebhookShown,
)

router = APIRouter(prefix="/v1/webhooks", tags=["webhooks"])

MAX_PAGE = 200

REASONS: Mapping[str, tuple[str, str]] = {
    "url_invalid": ("不是有效的地址", "it is no valid URL"),
    "url_userinfo": ("地址里不能带用户名或口令", "it holds a user name or password"),
    "url_plain": ("必须使用 https", "it must be https"),
    "address_private": ("位于内部网络", "it lies in a private network"),
}


@router.post("", status_code=status.HTTP_201_CREATED)
async def create_webhook(body: WebhookAsked, access: CurrentAccess, service: CurrentService) -> WebhookGiven:
    """Create an endpoint; its secret is in this answer and nowhere else."""
    region = service.reference.tree.get(body.region_code)
    if region is None or region.level is RegionLevel.TOWNSHIP:
        raise Refused(problem("unknown_region", "region_code", code=body.region_code))
    if not _administers(access, region.code):
        raise Refused(problem("not_webhook_administrator", region=region.name))
    _check_url(body.url, service)
    async with service.engine.begin() as connection:
        return await desk.create_endpoint(connection, body, Actor.of(access), service.keys.webhook)


@router.get("")
async def list_webhooks(access: CurrentAccess, service: CurrentService) -> WebhookList:
    """Answer the endpoints that the caller administers."""
    tops = {grant.region_code for grant in access.grants if grant.role is Role.ADMIN}
    regions = None if NATION in tops else regions_below(service.reference.tree, tops)
    async with service.engine.connect() as connection:
        return WebhookList(webhooks=await desk.endpoints(connection, regions=regions))


@router.patch("/{webhook_id}")
async def change_webhook(
    webhook_id: UUID, body: WebhookChange, access: CurrentAccess, service: CurrentService
) -> WebhookShown:
    """Change an endpoint, or enable it again after a pause."""
    if body.url is not None:
        _check_url(body.url, service)
    async with _administered(webhook_id, access, service) as (connection, endpoint):
        return await desk.change_endpoint(connection, endpoint, body, Actor.of(access))


@router.delete("/{webhook_id}", status_code=status.HTTP_204_NO_CONTENT)
async def remove_webhook(webhook_id: UUID, access: CurrentAccess, service: CurrentService) -> Response:
    """Remove an endpoint; what waited for it is given up."""
    async with _administered(webhook_id, access, service) as (connection, endpoint):
        await desk.remove_endpoint(connection, endpoint, Actor.of(access))
    return Response(status_code=status.HTTP_204_NO_CONTENT)


@router.post("/{webhook_id}/rotate")
async def rotate_secret(webhook_id: UUID, access: CurrentAccess, service: CurrentService) -> WebhookGiven:
    """Give an endpoint a new secret, shown this once; for a day every event is signed with both."""
    async with _administered(webhook_id, access, service) as (connection, endpoint):
        return await desk.rotate_secret(connection, endpoint, Actor.of(access), service.keys.webhook)


@router.post("/{webhook_id}/trial", status_code=status.HTTP_202_ACCEPTED)
async def try_webhook(webhook_id: UUID, access: CurrentAccess, service: CurrentService) -> Replayed:
    """Send a `webhook.trial` to this endpoint alone; what became of it is among its deliveries."""
    async with _administered(webhook_id, access, service) as (_, endpoint):
        pass
    async with connected(service.pool) as driver:
        event_id = await desk.send_trial(driver, endpoint)
    return Replayed(event_id=event_id, state=DeliveryState.PENDING)


@router.get("/{webhook_id}/deliveries")
async def read_deliveries(
    webhook_id: UUID,
    access: CurrentAccess,
    service: CurrentService,
    state: Annotated[DeliveryState | None, Query(description="All where absent.")] = None,
    before: Annotated[UUID | None, Query(description="As answered last.")] = None,
    limit: Annotated[int, Query(ge=1, le=MAX_PAGE)] = 100,
) -> DeliveryPage:
    """Answer what became of an endpoint's events, the newest first."""
    async with _administered(webhook_id, access, service) as (connection, endpoint):
        older = None if before is None else str(before)
        return await desk.deliveries_page(connection, endpoint.id, state, older, limit)


@router.post("/{webhook_id}/deliveries/{event_id}/replay", status_code=status.HTTP_202_ACCEPTED)
async def replay_delivery(webhook_id: UUID, event_id: UUID, access: CurrentAccess, service: CurrentService) -> Replayed:
    """Send an event again under its own id, whether it was given up or had arrived."""
    async with _administered(webhook_id, access, service) as (connection, endpoint):
        if not await desk.replay(connection, endpoint, str(event_id), Actor.of(access)):
            raise Refused(problem("unknown_delivery"))
    return Replayed(event_id=str(event_id), state=DeliveryState.PENDING)


@asynccontextmanager
async def _administered(
    webhook_id: UUID, access: Access, service: Service
) -> AsyncIterator[tuple[AsyncConnection, WebhookShown]]:
    """Give an endpoint that the caller administers, in a transaction. Raises Refused as if there were no other."""
    async with service.engine.begin() as connection:
        found = await desk.endpoints(connection, webhook_id=str(webhook_id))
        if not found or not _administers(access, found[0].region_code):
            raise Refused(problem("unknown_webhook"))
        yield connection, found[0]


def _administers(access: Access, region_code: str) -> bool:
    return access.may_grant(Grant(Role.ADMIN, region_code))


def _check_url(url: str, service: Service) -> None:
    try:
        checked_url(url, allows_private=service.settings.webhook_private)
    except ForbiddenAddressError as error:
        zh, en = REASONS[error.reason]
        raise Refused(problem("webhook_url_refused", "/url", reason=zh, reason_en=en)) from None
