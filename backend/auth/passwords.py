"""Passwords are kept as Argon2id hashes; checking one is slow on purpose and never blocks the event loop."""

import asyncio
from functools import cache

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

_HASHER = PasswordHash((Argon2Hasher(),))


def hash_password(password: str) -> str:
    """Return the Argon2id hash of a password."""
    return _HASHER.hash(password)


async def password_matches(password: str, password_hash: str | None) -> bool:
    """Return whether the password fits; an unknown account (None) costs the same time as a wrong password."""
    fits = await asyncio.to_thread(_HASHER.verify, password, password_hash or _nobody())
    return fits and password_hash is not None


@cache
def _nobody() -> str:
    """Return a hash that is nobody's, made once."""
    return _HASHER.hash("nobody has this password")
