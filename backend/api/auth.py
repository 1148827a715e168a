"""Signing in, staying signed in, signing out, and who one is."""

import asyncio
from typing import Annotated, Literal

from fastapi import APIRouter, Form, Request, Response, status
from sqlalchemy import text

from backend.api.dependencies import CurrentAccess, CurrentIdentity, CurrentService
from backend.auth.accounts import password_of
from backend.auth.attempts import Limit, TooManyAttemptsError, count_attempt, forgive_attempt, limits_on_codes
from backend.auth.audit import Actor
from backend.auth.enrolments import EnrolmentInvalidError, redeem
from backend.auth.password_policy import password_problem
from backend.auth.passwords import hash_password, password_matches
from backend.auth.people import find_person, set_password, shown_grant
from backend.auth.sessions import DeviceRevokedError, Opened, SignInEndedError, refresh
from backend.auth.sessions import sign_out as end_session
from backend.auth.signing_in import Attempt, WrongCredentialsError
from backend.auth.signing_in import sign_in as sign_in_by_password
from backend.auth.tokens import issue_token, keyed_hash
from backend.problems import Refused
from backend.service import Service
from schemas.accounts import Enrolling, Me, PasswordChange, Token
from schemas.identifiers import is_uuid7
from schemas.problems import problem

router = APIRouter(prefix="/v1", tags=["accounts"])

READ_USERNAME = "SELECT username FROM account WHERE id = :id"

DeviceField = Annotated[str | None, Form(description="The phone's id (UUIDv7); the sign-in is then bound to it.")]


@router.post("/auth/token")
async def sign_in(
    request: Request,
    service: CurrentService,
    *,
    grant_type: Annotated[Literal["password", "refresh_token"], Form()] = "password",
    username: Annotated[str | None, Form()] = None,
    password: Annotated[str | None, Form()] = None,
    refresh_token: Annotated[str | None, Form()] = None,
    device_id: DeviceField = None,
) -> Token:
    """Exchange a user name and password, or a refresh token, for a sign-in (OAuth2 form).

    A refresh token is good once; it stays good until the one that it was exchanged for is used, because that answer may
    have been lost. One that is older ends the sign-in.
    """
    if device_id is not None and not is_uuid7(device_id):
        raise Refused(problem("invalid_parameter", "device_id", label="device_id", reason="not a UUIDv7"))
    if grant_type == "refresh_token":
        return await _refreshed(_given(refresh_token, "refresh_token"), device_id, service)
    attempt = Attempt(_given(username, "username"), _given(password, "password"), device_id, address_of(request))
    if "\0" in attempt.username:
        raise Refused(problem("wrong_credentials"))  # NUL cannot be bound as text; no user name holds it
    try:
        opened = await sign_in_by_password(service.engine, attempt, service.keys.sign_in, service.settings.sign_in_days)
    except TooManyAttemptsError as error:
        raise Refused(problem("too_many_attempts", seconds=error.wait_s)) from None
    except WrongCredentialsError:
        raise Refused(problem("wrong_credentials")) from None
    except DeviceRevokedError:
        raise Refused(problem("device_revoked")) from None
    return await token_of(opened, service)


@router.post("/auth/enrol")
async def enrol(body: Enrolling, request: Request, service: CurrentService) -> Token:
    """Sign a phone in by the code that its office handed over. The same phone may repeat it where no answer came."""
    key, days = service.keys.sign_in, service.settings.sign_in_days
    limits = limits_on_codes(address_of(request), key)
    try:
        async with service.engine.begin() as connection:
            await count_attempt(connection, limits)
        async with service.engine.begin() as connection:
            opened = await redeem(connection, body.code, body.device_id, key, days)
            await forgive_attempt(connection, limits)
    except TooManyAttemptsError as error:
        raise Refused(problem("too_many_attempts", seconds=error.wait_s)) from None
    except EnrolmentInvalidError:
        raise Refused(problem("enrolment_invalid", "code")) from None
    return await token_of(opened, service)


@router.post("/auth/sign-out", status_code=status.HTTP_204_NO_CONTENT)
async def sign_out(refresh_token: Annotated[str, Form()], service: CurrentService) -> Response:
    """End a sign-in by its refresh token; whether there was one is not told."""
    async with service.engine.begin() as connection:
        await end_session(connection, refresh_token, service.keys.sign_in)
    return Response(status_code=status.HTTP_204_NO_CONTENT)


@router.get("/me")
async def me(access: CurrentAccess, service: CurrentService) -> Me:
    """Say who is signed in and for which regions."""
    grants = [shown_grant(grant, service.reference.tree) for grant in access.grants]
    return Me(
        username=access.username,
        display_name=access.display_name,
        grants=[grant for grant in grants if grant is not None],
    )


@router.post("/me/password", status_code=status.HTTP_204_NO_CONTENT)
async def change_password(
    body: PasswordChange, access: CurrentAccess, identity: CurrentIdentity, service: CurrentService
) -> Response:
    """Change the own password; every other sign-in of the account ends."""
    found = password_problem(body.password, access.username)
    if found is not None:
        raise Refused(problem("invalid_request"), [found])
    key = service.keys.sign_in
    limits = [Limit(keyed_hash(access.account_id, "own password", key), 5, 900)]
    try:
        async with service.engine.begin() as connection:
            await count_attempt(connection, limits)
            kept = await password_of(connection, access.username)
    except TooManyAttemptsError as error:
        raise Refused(problem("too_many_attempts", seconds=error.wait_s)) from None
    if not await password_matches(body.present, kept[1] if kept is not None else None):
        raise Refused(problem("wrong_password", "present"))
    hashed = await asyncio.to_thread(hash_password, body.password)
    async with service.engine.begin() as connection:
        await forgive_attempt(connection, limits)
        person, _ = await find_person(connection, service.reference.tree, account_id=access.account_id)
        await set_password(connection, Actor.of(access), person, hashed, except_session=identity.session_id)
    return Response(status_code=status.HTTP_204_NO_CONTENT)


async def _refreshed(refresh_token: str, device_id: str | None, service: Service) -> Token:
    key, days = service.keys.sign_in, service.settings.sign_in_days
    try:
        async with service.engine.begin() as connection:
            opened = await refresh(connection, refresh_token, device_id, key, days)
    except DeviceRevokedError:
        raise Refused(problem("device_revoked")) from None
    except SignInEndedError:
        opened = None
    if opened is None:
        raise Refused(problem("sign_in_ended"))
    return await token_of(opened, service)


async def token_of(opened: Opened, service: Service) -> Token:
    """Return a sign-in as it is answered."""
    ttl = service.settings.token_ttl_s
    async with service.engine.connect() as connection:
        username = (await connection.execute(text(READ_USERNAME), {"id": opened.account_id})).scalar_one()
    return Token(
        access_token=issue_token(str(opened.account_id), opened.session_id, service.keys.token, ttl),
        expires_in=ttl,
        refresh_token=opened.refresh_token,
        username=username,
    )


def _given(value: str | None, name: str) -> str:
    if not value:
        raise Refused(problem("invalid_request"), [problem("missing", name, label=name)])
    return value


def address_of(request: Request) -> str | None:
    """Return where a request comes from."""
    return request.client.host if request.client is not None else None
