"""What the routes ask for: the service of this process and the access of whoever is asking."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Query, Request
from fastapi.security import OAuth2PasswordBearer

from backend.auth.access import Access
from backend.auth.accounts import access_of_session
from backend.auth.tokens import Identity, identity_of
from backend.db import connected
from backend.problems import Refused
from backend.rollup.source import PUBLISHED, STORED, Source
from backend.service import Service
from schemas.period import Period
from schemas.problems import problem
from sync.reading import Reader

bearer_of = OAuth2PasswordBearer(tokenUrl="/v1/auth/token", auto_error=False)
"""Reads the token that a request presents."""


async def current_service(request: Request) -> Service:
    """Return the service of this process; a coroutine, because a plain function would cost every request a thread."""
    service: Service = request.app.state.service
    return service


CurrentService = Annotated[Service, Depends(current_service)]


async def current_identity(service: CurrentService, token: Annotated[str | None, Depends(bearer_of)]) -> Identity:
    """Return whose sign-in the caller presents; what became of it is not asked yet."""
    identity = identity_of(token, service.keys.token) if token else None
    if identity is None:
        raise Refused(problem("unauthenticated"))
    return identity


CurrentIdentity = Annotated[Identity, Depends(current_identity)]


async def current_access(service: CurrentService, identity: CurrentIdentity) -> Access:
    """Return what the caller may do, read afresh: an account, phone or sign-in that was revoked is refused at once."""
    async with connected(service.pool) as connection:
        access = await access_of_session(connection, identity, service.reference, service.plan)
    if access is None:
        raise Refused(problem("unauthenticated"))
    return access


CurrentAccess = Annotated[Access, Depends(current_access)]


@dataclass(frozen=True, slots=True)
class FigureReader:
    """Who reads figures, and out of what: routes take both together, so that none reads more than its caller may."""

    access: Access
    source: Source

    @property
    def is_public(self) -> bool:
        """Whether nobody has signed in."""
        return self.access.published_only


async def figure_reader(service: CurrentService, token: Annotated[str | None, Depends(bearer_of)]) -> FigureReader:
    """Return who reads figures: an account, or without any sign-in the public, which reads what is published.

    A sign-in that has expired is refused rather than taken for none: its page would show other figures unnoticed.
    """
    if token is None and service.settings.public_view:
        public = Access.of_the_public(service.reference.tree, service.reference.history)
        return FigureReader(public, PUBLISHED)
    return FigureReader(await current_access(service, await current_identity(service, token)), STORED)


CurrentReader = Annotated[FigureReader, Depends(figure_reader)]

CountyAsked = Annotated[str, Query(pattern=r"^[0-9]{6}$", description="The county whose ledger is read.")]


def reader_of(county: str, access: Access, service: Service) -> Reader:
    """Return who reads a county's ledger, and what of it; whoever may read none of it is refused."""
    if county not in service.reference.ledgers:
        raise Refused(problem("unknown_region", "county", code=county))
    townships = access.townships(county)
    if townships is not None and not townships:
        raise Refused(problem("above_scope", region=county))
    return Reader(access.account_id, townships, access.sees_personal(county), service.vault)


async def valid_period(period: str) -> Period:
    """Return the period of a query."""
    parsed = Period.parse(period)
    if parsed is None:
        raise Refused(problem("invalid_period", "period", value=period[:20]))
    return parsed


CurrentPeriod = Annotated[Period, Depends(valid_period)]
