"""Which phones of a county need help: seen by the county bureau and above."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Header
from pydantic import BaseModel

from backend.api.dependencies import CurrentAccess, CurrentService
from backend.auth.access import Access
from backend.db import connected
from backend.problems import Refused
from backend.service import Service
from schemas.changes import Push
from schemas.identifiers import is_uuid7
from schemas.problems import problem
from sync.devices import DeviceState, Seen, read_devices

router = APIRouter(prefix="/v1/counties", tags=["sync"])

MAX_SKEW_S = 2**31 - 1
MAX_VERSION_CHARACTERS = 40


class Devices(BaseModel):
    """The phones of a county, those first that need help most."""

    county_code: str
    devices: list[DeviceState]


@router.get("/{county_code}/devices")
async def list_devices(county_code: str, access: CurrentAccess, service: CurrentService) -> Devices:
    """Answer how the phones of a county are: unsent work, clock, app and forms, last push and pull."""
    if county_code not in service.reference.ledgers:
        raise Refused(problem("unknown_region", "county_code", code=county_code[:20]))
    if not access.may_read_figures(county_code, service.reference.tree):
        raise Refused(problem("above_scope", region=county_code))
    async with connected(service.pool) as connection:
        devices = await read_devices(connection, county_code, datetime.now(UTC))
    return Devices(county_code=county_code, devices=devices)


def hear_push(body: Push, counties: Iterable[str], access: Access, service: Service) -> None:
    """Note what a push says of its phone, in every county that it reports to and the account belongs to."""
    now = datetime.now(UTC)
    skew_s = round((body.sent_at - now).total_seconds())
    for county_code in counties:
        if county_code in service.reference.ledgers and access.pulls(county_code):
            seen = Seen(
                county_code,
                body.device_id,
                access.account_id,
                app_version=_shown(body.app_version),
                schema_version=body.schema_version,
                clock_skew_s=max(-MAX_SKEW_S, min(MAX_SKEW_S, skew_s)),
                queued=body.queued,
                oldest_queued_at=body.oldest_queued_at,
                last_push_at=now,
            )
            service.devices.hear(seen)


@dataclass(frozen=True, slots=True)
class Phone:
    """What a phone says of itself beside its question."""

    device_id: str
    app_version: str


async def calling_phone(
    qingtian_device: Annotated[str, Header(description="The phone's device id.")] = "",
    qingtian_app: Annotated[str, Header(description="The version of its app.")] = "",
) -> Phone:
    """Return who says to be asking."""
    return Phone(qingtian_device, qingtian_app)


CallingPhone = Annotated[Phone, Depends(calling_phone)]


def hear_pull(county_code: str, phone: Phone, access: Access, service: Service) -> None:
    """Note that a phone pulled; one that does not say which it is, or says what is no id, is not noted."""
    if not is_uuid7(phone.device_id):
        return
    app_version = _shown(phone.app_version)
    seen = Seen(
        county_code, phone.device_id, access.account_id, app_version=app_version, last_pull_at=datetime.now(UTC)
    )
    service.devices.hear(seen)


def _shown(version: str | None) -> str | None:
    """Return a version as it may be stored and shown."""
    return version[:MAX_VERSION_CHARACTERS] if version and version.isprintable() else None
