"""Signing in with a password: counted before it is checked, of the same cost for every name."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncEngine

from backend.auth.accounts import password_of
from backend.auth.attempts import Limit, count_attempt, forgive_attempt, limits_on_password
from backend.auth.passwords import password_matches
from backend.auth.sessions import Opened, Origin, is_known_device, open_session


@dataclass(frozen=True, slots=True)
class Attempt:
    """A password sign-in as it comes in."""

    username: str
    password: str
    device_id: str | None
    address: str | None


class WrongCredentialsError(Exception):
    """No account of that name has that password; which of the two is wrong is not told."""


async def sign_in(engine: AsyncEngine, attempt: Attempt, key: bytes, days: int) -> Opened:
    """Open a session for the right password.

    Raises TooManyAttemptsError, WrongCredentialsError, DeviceRevokedError. No connection is held while the password
    is checked, which takes long on purpose.
    """
    limits, found = await _counted(engine, attempt, key)
    account_id, password_hash = found or (None, None)
    if not await password_matches(attempt.password, password_hash) or account_id is None:
        raise WrongCredentialsError
    async with engine.begin() as connection:
        opened = await open_session(connection, account_id, attempt.device_id, Origin.PASSWORD, key, days)
        await forgive_attempt(connection, limits)
    return opened


async def _counted(
    engine: AsyncEngine, attempt: Attempt, key: bytes
) -> tuple[Sequence[Limit], tuple[str, str | None] | None]:
    async with engine.begin() as connection:
        device_id = attempt.device_id
        if device_id is not None and not await is_known_device(connection, attempt.username, device_id):
            device_id = None
        limits = limits_on_password(attempt.username, device_id, attempt.address, key)
        await count_attempt(connection, limits)
        return limits, await password_of(connection, attempt.username)
