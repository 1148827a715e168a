"""A person's rights: what the county holds on them, and its erasure."""

import asyncio
import time
from typing import Annotated

from asyncpg import LockNotAvailableError
from fastapi import APIRouter, Path

from backend.api.dependencies import CurrentAccess, CurrentService
from backend.auth.access import Access
from backend.auth.audit import Act, Actor, keep_act_on_record
from backend.db import connected, snapshot
from backend.privacy.erasure import NothingToEraseError, Order, TooManyReportsError, erase
from backend.privacy.held import farms_with_phone, held_on
from backend.privacy.rights import answers_for
from backend.problems import Refused
from backend.service import Service
from schemas.identifiers import UUID_PATTERN, uuid7
from schemas.personal_data import Erased, ErasureAsked, FarmsFound, HeldOnPerson, PhoneAsked
from schemas.problems import problem
from sync.attachments.store import StoreUnavailableError

router = APIRouter(prefix="/v1/personal", tags=["personal"])


@router.post("/erasures")
async def erase_personal(asked: ErasureAsked, access: CurrentAccess, service: CurrentService) -> Erased:
    """Erase the personal fields of a record, of a farm with its reports; for the bureau of the owning county."""
    _check(asked.county_code, access, service)
    order = Order(asked, access.account_id, Actor.of(access), uuid7(time.time_ns() // 1_000_000))
    try:
        erased = await erase(order, service)
    except NothingToEraseError:
        raise Refused(problem("personal_unknown", "record_id")) from None
    except TooManyReportsError:
        raise Refused(problem("personal_too_many", "record_id")) from None
    except LockNotAvailableError:
        raise Refused(problem("busy")) from None
    except StoreUnavailableError:
        raise Refused(problem("unavailable")) from None
    # Files made for phones before the erasure would still answer whoever began with one.
    await asyncio.to_thread(service.files.kept.forget, asked.county_code)
    return erased


@router.post("/search")
async def find_by_phone(asked: PhoneAsked, access: CurrentAccess, service: CurrentService) -> FarmsFound:
    """Answer which farms of the county have a phone number; it stands in the body, so that no log of addresses has it.

    For the bureau of the owning county.
    """
    _check(asked.county_code, access, service)
    async with snapshot(service.engine) as connection:
        found = await farms_with_phone(connection, asked.county_code, asked.phone, service.vault)
    return FarmsFound(county_code=asked.county_code, farms=found)


@router.get("/{county_code}/{record_id}")
async def read_personal(
    county_code: Annotated[str, Path(pattern=r"^[0-9]{6}$")],
    record_id: Annotated[str, Path(pattern=UUID_PATTERN)],
    access: CurrentAccess,
    service: CurrentService,
) -> HeldOnPerson:
    """Answer all that is held on the person behind a record; for the bureau of the owning county, written down."""
    _check(county_code, access, service)
    async with snapshot(service.engine) as connection:
        found = await held_on(connection, county_code, record_id, service.vault)
    if found is None:
        raise Refused(problem("personal_unknown", "record_id"))
    async with connected(service.pool) as driver:
        await keep_act_on_record(driver, Actor.of(access), Act.PERSONAL_EXPORTED, county_code, record_id)
    return found


def _check(county_code: str, access: Access, service: Service) -> None:
    if county_code not in service.reference.ledgers:
        raise Refused(problem("unknown_region", "county_code", code=county_code))
    if not answers_for(access, county_code):
        raise Refused(problem("personal_not_yours", region=county_code))
