"""Signing in by a province's own identity provider, where the deployment has one, and whose identity is whose account.

A browser is sent to the provider, comes back with a code, and collects the sign-in by a cookie of its own: no token is
ever in an address.
"""

import logging
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Cookie, Query, Request, status
from fastapi.responses import RedirectResponse, Response

from backend.api.accounts import administered
from backend.api.auth import address_of, token_of
from backend.api.dependencies import CurrentAccess, CurrentService
from backend.auth import identities, provider_sign_ins
from backend.auth.attempts import TooManyAttemptsError, count_attempt, forgive_attempt, limits_on_provider
from backend.auth.audit import Actor
from backend.auth.identities import IdentityRejectedError, Policy
from backend.auth.provider import Asked, IdentityRefusedError, Provider, ProviderDownError
from backend.auth.sessions import Origin, open_session
from backend.problems import Refused
from backend.service import Service
from schemas.accounts import Identities, IdentityAsked, Token
from schemas.problems import Problem, problem

router = APIRouter(prefix="/v1", tags=["accounts"])
LOG = logging.getLogger(__name__)

COOKIE = "qingtian_sign_in"
COOKIE_PATH = "/v1/auth/oidc"
RETURN_TO = "/?signed-in"
"""The page that collects the sign-in, or says why there is none."""
LONGEST_WORD, LONGEST_CODE = 200, 2048
"""Of what a provider sends in an address, in characters: a server refuses a request line beyond 64 KB by itself."""

Browser = Annotated[str | None, Cookie(alias=COOKIE, max_length=200)]
Word = Annotated[str | None, Query(max_length=LONGEST_WORD)]
Code = Annotated[str | None, Query(max_length=LONGEST_CODE)]


@router.get("/auth/oidc/start", status_code=status.HTTP_303_SEE_OTHER, response_class=RedirectResponse)
async def start(request: Request, service: CurrentService) -> Response:
    """Send a browser to the identity provider."""
    provider, key = _provider(service), service.keys.sign_in
    redirect_uri = service.settings.oidc_redirect_url or str(request.url_for("callback"))
    try:
        async with service.engine.begin() as connection:
            await count_attempt(connection, limits_on_provider(address_of(request), key))
            begun = await provider_sign_ins.begin(connection, redirect_uri)
    except TooManyAttemptsError as error:
        raise Refused(problem("too_many_attempts", seconds=error.wait_s)) from None
    try:
        target = await provider.sign_in_url(begun.asked)
    except ProviderDownError as error:
        LOG.warning("the identity provider cannot be used: %s", error)
        async with service.engine.begin() as connection:
            await provider_sign_ins.settle(connection, begun.browser, problem("provider_down"))
        target = RETURN_TO
    response = RedirectResponse(target, status.HTTP_303_SEE_OTHER)
    response.set_cookie(
        COOKIE,
        begun.browser,
        max_age=provider_sign_ins.MINUTES * 60,
        path=COOKIE_PATH,
        secure=redirect_uri.startswith("https:"),
        httponly=True,
        samesite="lax",
    )
    return response


@router.get("/auth/oidc/callback", status_code=status.HTTP_303_SEE_OTHER, response_class=RedirectResponse)
async def callback(
    service: CurrentService, *, state: Word = None, code: Code = None, error: Word = None, browser: Browser = None
) -> Response:
    """Take the browser back from the provider and send it to the page, which collects what it came to."""
    provider = _provider(service)
    asked = None
    if state is not None and browser is not None:
        async with service.engine.begin() as connection:
            asked = await provider_sign_ins.take_answer(connection, state, browser)
    if asked is not None and browser is not None:
        outcome = await _outcome(service, provider, asked, code, error)
        async with service.engine.begin() as connection:
            await provider_sign_ins.settle(connection, browser, outcome)
    return RedirectResponse(RETURN_TO, status.HTTP_303_SEE_OTHER)


@router.post("/auth/oidc/token")
async def collect(request: Request, service: CurrentService, browser: Browser = None) -> Token:
    """Answer the sign-in that this browser has brought home from the provider, once."""
    _provider(service)
    key, days = service.keys.sign_in, service.settings.sign_in_days
    if browser is None:
        raise Refused(problem("provider_refused"))
    async with service.engine.begin() as connection:
        outcome = await provider_sign_ins.collect(connection, browser)
        opened = None
        if isinstance(outcome, str):
            opened = await open_session(connection, outcome, None, Origin.IDENTITY_PROVIDER, key, days)
            await forgive_attempt(connection, limits_on_provider(address_of(request), key))
    if isinstance(outcome, Problem) or opened is None:
        raise Refused(outcome if isinstance(outcome, Problem) else problem("provider_refused"))
    return await token_of(opened, service)


@router.get("/accounts/{account_id}/identities", tags=["administration"])
async def list_identities(account_id: UUID, access: CurrentAccess, service: CurrentService) -> Identities:
    """Answer the provider's identities of an account."""
    async with administered(account_id, access, service) as (connection, person):
        issuer = _provider(service).client.issuer
        return Identities(identities=await identities.identities_of(connection, person.account_id, issuer))


@router.post("/accounts/{account_id}/identities", tags=["administration"])
async def link_identity(
    account_id: UUID, body: IdentityAsked, access: CurrentAccess, service: CurrentService
) -> Identities:
    """Link an identity of the provider to an account: whoever proves to be it signs in as this account."""
    async with administered(account_id, access, service) as (connection, person):
        issuer = _provider(service).client.issuer
        await identities.link(connection, Actor.of(access), person, issuer, body.subject)
        return Identities(identities=await identities.identities_of(connection, person.account_id, issuer))


@router.post("/accounts/{account_id}/identities/remove", tags=["administration"])
async def unlink_identity(
    account_id: UUID, body: IdentityAsked, access: CurrentAccess, service: CurrentService
) -> Identities:
    """Take an identity from an account; what it has signed in ends."""
    async with administered(account_id, access, service) as (connection, person):
        issuer = _provider(service).client.issuer
        await identities.unlink(connection, Actor.of(access), person, issuer, body.subject)
        return Identities(identities=await identities.identities_of(connection, person.account_id, issuer))


def _provider(service: Service) -> Provider:
    if service.provider is None:
        raise Refused(problem("provider_off"))
    return service.provider


async def _outcome(
    service: Service, provider: Provider, asked: Asked, code: str | None, error: str | None
) -> str | Problem:
    """Return the account that the provider's answer proves, or why there is none."""
    settings = service.settings
    if code is None or error is not None:
        LOG.warning("the identity provider answered without a code: %.60r", error)
        return problem("provider_refused")
    try:
        claims = await provider.claims_for(code, asked)
        policy = Policy(
            provider.client.issuer, settings.oidc_claim, settings.oidc_domains, settings.oidc_create_accounts
        )
        async with service.engine.begin() as connection:
            return await identities.account_of(connection, claims, policy)
    except IdentityRejectedError as rejected:
        return rejected.problem
    except IdentityRefusedError as refused:
        LOG.warning("an identity was refused: %s", refused)
        return problem("provider_refused")
    except ProviderDownError as down:
        LOG.warning("the identity provider cannot be used: %s", down)
        return problem("provider_down")
