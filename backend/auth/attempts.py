"""Failed sign-ins slow down whoever makes them, never the owner on a phone that is known.

Attempts are counted in the database, by every process, before a password is looked at: a thousand guesses at once are a
thousand attempts. The keys are hashes, so that nobody reads off the table which names were tried.
"""

import ipaddress
import math
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from backend.auth.tokens import keyed_hash

FORGET_AFTER = "interval '1 day'"

COUNT = f"""
    INSERT INTO sign_in_attempts AS kept (key, failures, last_at, open_at)
    VALUES (:key, 1, clock_timestamp(), clock_timestamp())
    ON CONFLICT (key) DO UPDATE SET
        failures = CASE WHEN kept.last_at < clock_timestamp() - {FORGET_AFTER} THEN 1 ELSE kept.failures + 1 END,
        last_at = clock_timestamp(),
        open_at = clock_timestamp() + CASE
            WHEN kept.last_at < clock_timestamp() - {FORGET_AFTER} OR kept.failures < :free THEN interval '0'
            ELSE least(cast(:longest_s AS double precision), power(2, least(kept.failures - :free, 30)))
                 * interval '1 second' END
    WHERE kept.open_at <= clock_timestamp()
    RETURNING failures
"""
"""An attempt that comes too early changes nothing and returns no row, so that impatience does not prolong the wait."""

READ_WAIT = "SELECT extract(epoch FROM open_at - clock_timestamp()) FROM sign_in_attempts WHERE key = :key"

FORGIVE = """
    UPDATE sign_in_attempts SET failures = greatest(failures - 1, 0), open_at = clock_timestamp()
    WHERE key = :key
"""

CLEAR = "DELETE FROM sign_in_attempts WHERE key = :key"

FORGET = f"DELETE FROM sign_in_attempts WHERE last_at < clock_timestamp() - {FORGET_AFTER}"


@dataclass(frozen=True, slots=True)
class Limit:
    """After `free` failures each attempt waits 1, 2, 4 ... seconds after the one before, at most `longest_s`."""

    key: bytes
    free: int
    longest_s: int


class TooManyAttemptsError(Exception):
    """The attempt comes too early and is not looked at."""

    def __init__(self, wait_s: int) -> None:
        super().__init__(wait_s)
        self.wait_s = wait_s


def address_prefix(address: str | None) -> str:
    """Return the network that an address counts as: /24 of IPv4, /64 of IPv6."""
    try:
        parsed = ipaddress.ip_address(address or "")
    except ValueError:
        return "unknown"
    if isinstance(parsed, ipaddress.IPv6Address) and parsed.ipv4_mapped is not None:
        parsed = parsed.ipv4_mapped
    return str(ipaddress.ip_network(f"{parsed}/{24 if parsed.version == 4 else 64}", strict=False))


def limits_on_password(username: str, device_id: str | None, address: str | None, key: bytes) -> list[Limit]:
    """Return what a password attempt counts against; `device_id` where the account knows the phone, else None.

    A known phone is measured by itself alone, whatever others try under the name: its id is drawn at random on the
    phone, so nobody can spend its attempts from afar.
    """
    if device_id is not None:
        return [Limit(keyed_hash(f"{username}\0{device_id}", "known device", key), 5, 900)]
    prefix = address_prefix(address)
    return [
        Limit(keyed_hash(f"{username}\0{prefix}", "name and network", key), 5, 900),
        Limit(keyed_hash(username, "name", key), 100, 60),
        Limit(keyed_hash(prefix, "network", key), 300, 60),
    ]


def limits_on_codes(address: str | None, key: bytes) -> list[Limit]:
    """Return what an attempt at an enrolment code counts against: the network that it comes from, and all of them."""
    return [
        Limit(keyed_hash(address_prefix(address), "codes of a network", key), 20, 900),
        Limit(keyed_hash("", "codes", key), 1000, 5),
    ]


def limits_on_provider(address: str | None, key: bytes) -> list[Limit]:
    """Return what a sign-in by the identity provider counts against until it succeeds: each leaves a row behind."""
    return [
        Limit(keyed_hash(address_prefix(address), "provider of a network", key), 60, 60),
        Limit(keyed_hash("", "provider", key), 2000, 2),
    ]


async def count_attempt(connection: AsyncConnection, limits: Sequence[Limit]) -> None:
    """Count an attempt as failed until it is forgiven. Raises TooManyAttemptsError; commit before the answer."""
    for limit in limits:
        values = {"key": limit.key, "free": limit.free, "longest_s": limit.longest_s}
        if (await connection.execute(text(COUNT), values)).one_or_none() is None:
            wait = (await connection.execute(text(READ_WAIT), {"key": limit.key})).scalar_one_or_none()
            raise TooManyAttemptsError(max(1, math.ceil(wait or 0)))


async def forgive_attempt(connection: AsyncConnection, limits: Sequence[Limit]) -> None:
    """Take an attempt back that succeeded; the narrowest limit begins anew. In the order of counting: no deadlock."""
    await connection.execute(text(CLEAR), {"key": limits[0].key})
    for limit in limits[1:]:
        await connection.execute(text(FORGIVE), {"key": limit.key})


async def forget_attempts(connection: AsyncConnection) -> int:
    """Delete what is older than a day and return how much that was."""
    return (await connection.execute(text(FORGET))).rowcount
