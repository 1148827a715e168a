"""Administering accounts: administrators in their region, county bureaus for their workers and townships."""

import asyncio
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, status
from sqlalchemy.ext.asyncio import AsyncConnection

from backend.api.dependencies import CurrentAccess, CurrentService
from backend.auth import people
from backend.auth.access import Access, Grant
from backend.auth.audit import Actor, AuditPage, Person, audit_page, regions_below
from backend.auth.password_policy import password_problem
from backend.auth.passwords import hash_password
from backend.problems import Refused
from backend.service import Service
from schemas.accounts import AccountAsked, AccountPage, AccountShown, GrantAsked, PasswordGiven
from schemas.problems import problem
from schemas.regions import NATION

router = APIRouter(prefix="/v1", tags=["administration"])

MAX_PAGE = 200


@router.get("/accounts")
async def list_accounts(
    access: CurrentAccess,
    service: CurrentService,
    after: Annotated[str, Query(max_length=64, pattern=r"^[^\x00]*$", description="As answered last.")] = "",
    limit: Annotated[int, Query(ge=1, le=MAX_PAGE)] = 100,
) -> AccountPage:
    """Answer the accounts that the caller administers or enrols phones for, by user name."""
    tree = service.reference.tree
    async with service.engine.connect() as connection:
        found = await people.people_page(connection, tree, governed(access, service), after, limit + 1)
    shown = [account for person, account in found[:limit] if access.may_enrol(person.grants)]
    return AccountPage(accounts=shown, after=found[limit - 1][0].username if len(found) > limit else None)


@router.post("/accounts", status_code=status.HTTP_201_CREATED)
async def create_account(body: AccountAsked, access: CurrentAccess, service: CurrentService) -> AccountShown:
    """Create an account; without a password its person signs in on an enrolled phone only."""
    if not access.governed_regions():
        raise Refused(problem("not_administrator"))
    found = None if body.password is None else password_problem(body.password, body.username)
    if found is not None:
        raise Refused(problem("invalid_request"), [found])
    grants = [read_grant(one) for one in body.grants]
    hashed = None if body.password is None else await asyncio.to_thread(hash_password, body.password)
    tree = service.reference.tree
    async with refusing(), service.engine.begin() as connection:
        for grant in grants:
            people.check_grant(grant, tree, service.plan.basins, access)
        account_id = await people.open_account(
            connection, Actor.of(access), body.username, body.display_name, hashed, grants
        )
        return (await people.find_person(connection, tree, account_id=account_id))[1]


@router.post("/accounts/{account_id}/disable")
async def disable_account(account_id: UUID, access: CurrentAccess, service: CurrentService) -> AccountShown:
    """Disable an account: it is refused at its next request, and all its sign-ins end."""
    return await _set_disabled(account_id, access, service, disabled=True)


@router.post("/accounts/{account_id}/enable")
async def enable_account(account_id: UUID, access: CurrentAccess, service: CurrentService) -> AccountShown:
    """Enable an account again; it signs in anew."""
    return await _set_disabled(account_id, access, service, disabled=False)


@router.post("/accounts/{account_id}/grants")
async def add_grant(account_id: UUID, body: GrantAsked, access: CurrentAccess, service: CurrentService) -> AccountShown:
    """Give an account a role within a region; one of the same role, region and basin gets its indicators."""
    grant = read_grant(body)
    async with administered(account_id, access, service) as (connection, person):
        people.check_grant(grant, service.reference.tree, service.plan.basins, access)
        await people.add_grant(connection, Actor.of(access), person, grant)
        return await _shown(connection, person, service)


@router.post("/accounts/{account_id}/grants/remove")
async def remove_grant(
    account_id: UUID, body: GrantAsked, access: CurrentAccess, service: CurrentService
) -> AccountShown:
    """Take a grant from an account, on whatever indicators it was held."""
    async with administered(account_id, access, service) as (connection, person):
        await people.remove_grant(connection, Actor.of(access), person, read_grant(body))
        return await _shown(connection, person, service)


@router.post("/accounts/{account_id}/password")
async def reset_password(account_id: UUID, access: CurrentAccess, service: CurrentService) -> PasswordGiven:
    """Give an account a new password, drawn by the service and shown this once; its sign-ins end."""
    password = secrets.token_urlsafe(12)
    hashed = await asyncio.to_thread(hash_password, password)
    async with administered(account_id, access, service) as (connection, person):
        if access.account_id == person.account_id:
            raise people.PeopleError(problem("own_account"))
        await people.set_password(connection, Actor.of(access), person, hashed)
    return PasswordGiven(username=person.username, password=password)


@router.get("/audit")
async def read_audit(
    access: CurrentAccess,
    service: CurrentService,
    before: Annotated[int | None, Query(ge=1, le=2**63 - 1, description="As answered last.")] = None,
    limit: Annotated[int, Query(ge=1, le=MAX_PAGE)] = 100,
) -> AuditPage:
    """Answer what was done to the accounts of the caller's region, the newest first."""
    regions = governed(access, service)
    async with service.engine.connect() as connection:
        return await audit_page(connection, regions, before, limit)


def governed(access: Access, service: Service) -> set[str] | None:
    """Return the regions whose accounts the caller has to do with, None for all. Refuses whoever has none."""
    tops = access.governed_regions()
    if not tops:
        raise Refused(problem("not_administrator"))
    return None if NATION in tops else regions_below(service.reference.tree, tops)


def read_grant(asked: GrantAsked) -> Grant:
    """Return a grant as it is asked for."""
    indicators = None if asked.indicators is None else frozenset(asked.indicators)
    return Grant(asked.role, asked.region_code, indicators, asked.basin_code)


@asynccontextmanager
async def refusing() -> AsyncIterator[None]:
    """Answer what cannot be done to an account with its problem; nothing of it is kept then."""
    try:
        yield
    except people.PeopleError as error:
        raise Refused(error.problem) from None


@asynccontextmanager
async def administered(
    account_id: UUID, access: Access, service: Service
) -> AsyncIterator[tuple[AsyncConnection, Person]]:
    """Give a transaction with an account that the caller administers. Any other is answered as if there were none."""
    async with refusing(), service.engine.begin() as connection:
        if not access.governed_regions():
            raise Refused(problem("not_administrator"))
        person, _ = await people.find_person(connection, service.reference.tree, account_id=str(account_id))
        if not access.administers(person.grants):
            raise Refused(problem("unknown_account"))
        yield connection, person


async def _set_disabled(account_id: UUID, access: Access, service: Service, *, disabled: bool) -> AccountShown:
    async with administered(account_id, access, service) as (connection, person):
        await people.set_disabled(connection, Actor.of(access), person, disabled=disabled)
        return await _shown(connection, person, service)


async def _shown(connection: AsyncConnection, person: Person, service: Service) -> AccountShown:
    return (await people.find_person(connection, service.reference.tree, account_id=person.account_id))[1]
