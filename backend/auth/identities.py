"""Identities of the identity provider, and the accounts that they are linked to; none is linked by a mere name."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from backend.auth.audit import Act, Actor, Person, keep_act
from backend.auth.people import PeopleError, open_account
from backend.auth.sessions import Origin, Revoked
from schemas.accounts import DisplayName, IdentityShown, Username
from schemas.problems import Problem, problem

MOST_CHARACTERS = 255
"""A subject has at most so many (OpenID Connect Core 2)."""

FIND = """
    SELECT account.id, account.disabled FROM identity JOIN account ON account.id = identity.account_id
    WHERE identity.issuer = :issuer AND identity.subject = :subject
"""

LIST = "SELECT subject, linked_at FROM identity WHERE account_id = :account_id AND issuer = :issuer ORDER BY subject"

LINK = """
    INSERT INTO identity (issuer, subject, account_id, linked_at)
    VALUES (:issuer, :subject, :account_id, clock_timestamp())
    ON CONFLICT (issuer, subject) DO UPDATE SET linked_at = identity.linked_at
    RETURNING cast(account_id AS text) AS account_id, xmax = 0 AS is_news
"""

UNLINK = """
    DELETE FROM identity WHERE issuer = :issuer AND subject = :subject AND account_id = :account_id RETURNING subject
"""

REVOKE_SESSIONS = """
    UPDATE session SET revoked_at = clock_timestamp(), revoked_for = :reason
    WHERE account_id = :account_id AND origin = :origin AND revoked_at IS NULL
"""

OPERATOR = Actor(None, "统一身份认证 identity provider")
"""Who opens an account that nobody opened by hand."""


@dataclass(frozen=True, slots=True)
class Policy:
    """Which of the provider's people may come in, and under what they are known."""

    issuer: str
    claim: str
    domains: frozenset[str]
    creates_accounts: bool


class IdentityRejectedError(Exception):
    """The provider has proved who somebody is, and that is nobody who may come in."""

    def __init__(self, found: Problem) -> None:
        super().__init__(found.code)
        self.problem = found


def subject_of(claims: Mapping[str, Any], policy: Policy) -> str:
    """Return what an identity is linked by. Raises IdentityRejectedError.

    An address counts where the provider says that it has verified it; where domains are named, there must be one.
    """
    address = claims.get("email")
    mailbox, _, domain = address.rpartition("@") if isinstance(address, str) else ("", "", "")
    verified = bool(mailbox) and claims.get("email_verified") is True
    if policy.domains and not (verified and domain.lower() in policy.domains):
        raise IdentityRejectedError(problem("identity_domain"))
    subject = claims.get(policy.claim)
    if not isinstance(subject, str) or not 0 < len(subject) <= MOST_CHARACTERS or "\0" in subject:
        raise IdentityRejectedError(problem("provider_refused"))
    if policy.claim == "email" and not verified:
        raise IdentityRejectedError(problem("provider_refused"))
    return subject


async def account_of(connection: AsyncConnection, claims: Mapping[str, Any], policy: Policy) -> str:
    """Return the account of an identity; one is opened, without any grant, where the deployment says so.

    Raises IdentityRejectedError.
    """
    subject = subject_of(claims, policy)
    row = (await connection.execute(text(FIND), {"issuer": policy.issuer, "subject": subject})).one_or_none()
    if row is not None and not row.disabled:
        return str(row.id)
    if row is None and policy.creates_accounts:
        return await _opened(connection, claims, policy.issuer, subject)
    raise IdentityRejectedError(problem("identity_unlinked", subject=subject))


async def _opened(connection: AsyncConnection, claims: Mapping[str, Any], issuer: str, subject: str) -> str:
    """Open an account for an identity. A name that is taken is somebody else's: then an administrator must link."""
    try:
        username = TypeAdapter(Username).validate_python(subject)
    except ValidationError:
        raise IdentityRejectedError(problem("identity_unlinked", subject=subject)) from None
    try:
        display_name = TypeAdapter(DisplayName).validate_python(claims.get("name"))
    except ValidationError:
        display_name = username
    try:
        account_id = await open_account(connection, OPERATOR, username, display_name, None, ())
    except PeopleError:
        raise IdentityRejectedError(problem("identity_unlinked", subject=subject)) from None
    await link(connection, OPERATOR, Person(account_id, username, ()), issuer, subject)
    return account_id


async def identities_of(connection: AsyncConnection, account_id: str, issuer: str) -> list[IdentityShown]:
    """Return the identities that are linked to an account."""
    rows = await connection.execute(text(LIST), {"account_id": account_id, "issuer": issuer})
    return [IdentityShown(subject=row.subject, linked_at=row.linked_at) for row in rows]


async def link(connection: AsyncConnection, actor: Actor, person: Person, issuer: str, subject: str) -> None:
    """Link an identity to an account; done before, it is no news. Raises PeopleError(identity_taken, own_account)."""
    if actor.account_id == person.account_id:
        raise PeopleError(problem("own_account"))
    values = {"issuer": issuer, "subject": subject, "account_id": person.account_id}
    row = (await connection.execute(text(LINK), values)).one()
    if row.account_id != person.account_id:
        raise PeopleError(problem("identity_taken", "subject", subject=subject))
    if row.is_news:
        await keep_act(connection, actor, Act.IDENTITY_LINKED, person, after={"issuer": issuer, "subject": subject})


async def unlink(connection: AsyncConnection, actor: Actor, person: Person, issuer: str, subject: str) -> None:
    """Take an identity from an account and end its sign-ins by the provider. Raises PeopleError(unknown_identity)."""
    values = {"issuer": issuer, "subject": subject, "account_id": person.account_id}
    if (await connection.execute(text(UNLINK), values)).one_or_none() is None:
        raise PeopleError(problem("unknown_identity", "subject"))
    ended = {"account_id": person.account_id, "origin": Origin.IDENTITY_PROVIDER, "reason": Revoked.IDENTITY_UNLINKED}
    await connection.execute(text(REVOKE_SESSIONS), ended)
    await keep_act(connection, actor, Act.IDENTITY_UNLINKED, person, before={"issuer": issuer, "subject": subject})
