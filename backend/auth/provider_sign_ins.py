"""Sign-ins by the identity provider under way: begun by a browser, answered once, and ended by the same browser."""

import secrets
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from backend.auth.provider import Asked
from backend.auth.tokens import token_hash
from schemas.problems import Problem, problem

MINUTES = 10
"""How long a person may take at the provider, and how long the outcome waits for the page."""

BEGIN = """
    INSERT INTO provider_sign_in (state_hash, browser_hash, nonce, verifier, redirect_uri, expires_at)
    VALUES (:state_hash, :browser_hash, :nonce, :verifier, :redirect_uri,
            clock_timestamp() + make_interval(mins => :minutes))
"""

ANSWER = """
    UPDATE provider_sign_in SET answered_at = clock_timestamp()
    WHERE state_hash = :state_hash AND browser_hash = :browser_hash AND answered_at IS NULL
      AND expires_at > clock_timestamp()
    RETURNING nonce, verifier, redirect_uri
"""

SETTLE = """
    UPDATE provider_sign_in SET account_id = cast(:account_id AS uuid), refusal = cast(:refusal AS jsonb),
        answered_at = clock_timestamp()
    WHERE browser_hash = :browser_hash
"""

COLLECT = """
    DELETE FROM provider_sign_in
    WHERE browser_hash = :browser_hash AND answered_at IS NOT NULL AND expires_at > clock_timestamp()
    RETURNING account_id, refusal
"""

FORGET = "DELETE FROM provider_sign_in WHERE expires_at < clock_timestamp()"

IS_DISABLED = "SELECT disabled FROM account WHERE id = :id"


@dataclass(frozen=True, slots=True)
class Begun:
    """A sign-in that a browser has begun: what it is sent with, and the cookie that it keeps."""

    asked: Asked
    browser: str


async def begin(connection: AsyncConnection, redirect_uri: str) -> Begun:
    """Draw the secrets of a sign-in and keep them, the state and the cookie as hashes alone."""
    asked = Asked(secrets.token_urlsafe(32), secrets.token_urlsafe(32), secrets.token_urlsafe(48), redirect_uri)
    browser = secrets.token_urlsafe(32)
    values = {
        "state_hash": token_hash(asked.state),
        "browser_hash": token_hash(browser),
        "nonce": asked.nonce,
        "verifier": asked.verifier,
        "redirect_uri": redirect_uri,
        "minutes": MINUTES,
    }
    await connection.execute(text(BEGIN), values)
    return Begun(asked, browser)


async def take_answer(connection: AsyncConnection, state: str, browser: str) -> Asked | None:
    """Return the sign-in that a browser comes back to; None for a state of none, of another browser, or taken before.

    Commit it before the code is spent: a state is taken once, whatever becomes of it.
    """
    values = {"state_hash": token_hash(state), "browser_hash": token_hash(browser)}
    row = (await connection.execute(text(ANSWER), values)).one_or_none()
    return None if row is None else Asked(state, row.nonce, row.verifier, row.redirect_uri)


async def settle(connection: AsyncConnection, browser: str, outcome: str | Problem) -> None:
    """Keep what a sign-in came to, an account's id or a problem, until its page asks."""
    refusal = None
    if isinstance(outcome, Problem):
        refusal = orjson.dumps({"code": outcome.code, "params": outcome.params}).decode()
    values = {
        "browser_hash": token_hash(browser),
        "account_id": None if refusal else outcome,
        "refusal": refusal,
    }
    await connection.execute(text(SETTLE), values)


async def collect(connection: AsyncConnection, browser: str) -> str | Problem:
    """Return what the sign-in of a browser came to, once: the account's id, or a problem."""
    row = (await connection.execute(text(COLLECT), {"browser_hash": token_hash(browser)})).one_or_none()
    if row is None:
        return problem("provider_refused")
    if row.account_id is not None:
        disabled = (await connection.execute(text(IS_DISABLED), {"id": row.account_id})).scalar_one_or_none()
        return str(row.account_id) if disabled is False else problem("provider_refused")
    refusal: dict[str, Any] = row.refusal or {"code": "provider_refused", "params": {}}
    return problem(refusal["code"], **refusal["params"])


async def forget_provider_sign_ins(connection: AsyncConnection) -> int:
    """Delete those that nobody ended in time and return how many."""
    return (await connection.execute(text(FORGET))).rowcount
