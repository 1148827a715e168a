"""Sign-ins: opened, refreshed by tokens that rotate, and revoked; a revocation bites at the next request."""

import uuid
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from backend.auth.tokens import new_refresh_token, session_of, token_hash


class Origin(StrEnum):
    """What a session was opened with."""

    PASSWORD = "password"  # noqa: S105 - the name of an origin
    ENROLMENT = "enrolment"
    IDENTITY_PROVIDER = "identity_provider"


class Revoked(StrEnum):
    """Why a session was ended before its time."""

    SIGNED_OUT = "signed_out"
    REUSED = "reused"
    DEVICE_REVOKED = "device_revoked"
    PASSWORD_CHANGED = "password_changed"  # noqa: S105 - the name of a reason
    DISABLED = "disabled"
    IDENTITY_UNLINKED = "identity_unlinked"


@dataclass(frozen=True, slots=True)
class Opened:
    """A sign-in as it is answered: whose it is, and the refresh token, which is nowhere else."""

    account_id: str
    session_id: str
    refresh_token: str


class SignInEndedError(Exception):
    """The refresh token is none, or its sign-in is over."""


class DeviceRevokedError(Exception):
    """The phone was revoked under this account; only a new enrolment brings it back."""


OPEN = """
    INSERT INTO session (id, account_id, device_id, origin, current_hash, created_at, expires_at)
    VALUES (:id, :account_id, :device_id, :origin, :current_hash, clock_timestamp(),
            clock_timestamp() + make_interval(days => :days))
"""

LOCK = """
    SELECT session.account_id, session.device_id, session.current_hash, session.previous_hash,
           session.revoked_at IS NULL AND session.expires_at > clock_timestamp() AND NOT account.disabled AS is_live,
           session.revoked_for
    FROM session JOIN account ON account.id = session.account_id
    WHERE session.id = :id FOR UPDATE OF session
"""

ROTATE = """
    UPDATE session SET current_hash = :current_hash, previous_hash = :previous_hash,
        refreshed_at = clock_timestamp(), expires_at = clock_timestamp() + make_interval(days => :days)
    WHERE id = :id
"""

REOPEN = """
    UPDATE session SET current_hash = :current_hash WHERE id = :id AND refreshed_at IS NULL AND revoked_at IS NULL
    RETURNING id
"""

REVOKE = """
    UPDATE session SET revoked_at = clock_timestamp(), revoked_for = :reason
    WHERE id = :id AND revoked_at IS NULL
"""

REVOKE_OF_ACCOUNT = """
    UPDATE session SET revoked_at = clock_timestamp(), revoked_for = :reason
    WHERE account_id = :account_id AND revoked_at IS NULL AND id IS DISTINCT FROM cast(:except_id AS uuid)
"""

KNOW_DEVICE = """
    INSERT INTO device AS known (device_id, account_id, known_at)
    VALUES (:device_id, :account_id, clock_timestamp())
    ON CONFLICT (device_id, account_id) DO UPDATE SET revoked_at = CASE WHEN :again THEN NULL ELSE known.revoked_at END
    RETURNING revoked_at IS NOT NULL AS is_revoked
"""

IS_KNOWN_DEVICE = """
    SELECT EXISTS (
        SELECT FROM device JOIN account ON account.id = device.account_id
        WHERE device.device_id = :device_id AND account.username = :username AND device.revoked_at IS NULL)
"""


async def open_session(
    connection: AsyncConnection, account_id: str, device_id: str | None, origin: Origin, key: bytes, days: int
) -> Opened:
    """Open a session, bound to a phone where one is named. Raises DeviceRevokedError; an enrolment takes it back."""
    if device_id is not None:
        values = {"device_id": device_id, "account_id": account_id, "again": origin is Origin.ENROLMENT}
        if (await connection.execute(text(KNOW_DEVICE), values)).scalar_one():
            raise DeviceRevokedError
    session_id = str(uuid.uuid4())
    token = new_refresh_token(session_id, key)
    values = {
        "id": session_id,
        "account_id": account_id,
        "device_id": device_id,
        "origin": origin,
        "current_hash": token_hash(token),
        "days": days,
    }
    await connection.execute(text(OPEN), values)
    return Opened(account_id, session_id, token)


async def refresh(
    connection: AsyncConnection, refresh_token: str, device_id: str | None, key: bytes, days: int
) -> Opened | None:
    """Exchange a refresh token for its successor. None: it was used up, and its session is revoked; commit that.

    The one before the current is taken too: the answer to it may never have arrived. What was answered then, and not
    used, is dropped. Raises SignInEndedError for what is no token of a live session, or comes from another phone, and
    DeviceRevokedError where its phone was revoked.
    """
    session_id = session_of(refresh_token, key)
    row = None if session_id is None else (await connection.execute(text(LOCK), {"id": session_id})).one_or_none()
    if session_id is None or row is None or (row.device_id is not None and str(row.device_id) != device_id):
        raise SignInEndedError
    if row.revoked_for == Revoked.DEVICE_REVOKED:
        raise DeviceRevokedError
    if not row.is_live:
        raise SignInEndedError
    given = token_hash(refresh_token)
    if given not in (row.current_hash, row.previous_hash):
        await connection.execute(text(REVOKE), {"id": session_id, "reason": Revoked.REUSED})
        return None
    token = new_refresh_token(session_id, key)
    values = {"id": session_id, "current_hash": token_hash(token), "previous_hash": given, "days": days}
    await connection.execute(text(ROTATE), values)
    return Opened(str(row.account_id), session_id, token)


async def reopen(connection: AsyncConnection, session_id: str, key: bytes) -> str | None:
    """Return a new refresh token of a live session that was never refreshed, else None: its first was not used yet."""
    token = new_refresh_token(session_id, key)
    values = {"id": session_id, "current_hash": token_hash(token)}
    return token if (await connection.execute(text(REOPEN), values)).one_or_none() is not None else None


async def sign_out(connection: AsyncConnection, refresh_token: str, key: bytes) -> None:
    """End the sign-in that a refresh token is of; what is no such token ends nothing."""
    session_id = session_of(refresh_token, key)
    if session_id is not None:
        await connection.execute(text(REVOKE), {"id": session_id, "reason": Revoked.SIGNED_OUT})


async def revoke_sessions(
    connection: AsyncConnection, account_id: str, reason: Revoked, *, except_id: str | None = None
) -> None:
    """End every sign-in of an account, but for one where it is named."""
    values = {"account_id": account_id, "reason": reason, "except_id": except_id}
    await connection.execute(text(REVOKE_OF_ACCOUNT), values)


async def is_known_device(connection: AsyncConnection, username: str, device_id: str) -> bool:
    """Return whether the account has signed in on the phone before, and the phone is not revoked."""
    values = {"username": username, "device_id": device_id}
    return bool((await connection.execute(text(IS_KNOWN_DEVICE), values)).scalar_one())
