"""The HTTP side of the client: tokens, patience, and what counts as an answer."""

import gzip
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import httpx
from pydantic import ValidationError

from schemas.changes import ChangeOutcome, Pull, PushAnswer

_BUSY = frozenset({429, 500, 502, 503, 504})
_NEVER_LEFT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
"""Failures after which not a byte of the request can have arrived."""


@dataclass(frozen=True, slots=True)
class Pacing:
    """Clock, sleep and dice, so that a run can be repeated; and how long the client keeps trying."""

    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    sleep: Callable[[float], None] = time.sleep
    dice: random.Random = field(default_factory=random.SystemRandom)
    attempts: int = 5
    first_wait_s: float = 0.5
    longest_wait_s: float = 60.0

    def wait_s(self, attempt: int, at_least_s: float) -> float:
        """Return the wait after the failed `attempt` (from 0): full jitter, never less than the server asked for."""
        ceiling = min(self.longest_wait_s, self.first_wait_s * 2**attempt)
        return at_least_s + self.dice.uniform(0, ceiling)


@dataclass(frozen=True, slots=True)
class Refusal:
    """What a problem document (RFC 9457) said, as far as it could be read."""

    status: int
    code: str
    zh: str
    en: str
    outcomes: tuple[ChangeOutcome, ...] = ()


class SignInNeededError(Exception):
    """The server knows no valid sign-in of this phone and the client holds no password for one."""


class RefusedError(Exception):
    """The server refused a request as a whole."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(f"{refusal.status} {refusal.code}: {refusal.en}")
        self.refusal = refusal


class UnreachableError(Exception):
    """No usable answer came within the client's patience."""


@dataclass(slots=True)
class Delivery:
    """Whether a request may have arrived without its answer coming back. True from the first byte until disproved."""

    doubtful: bool = False


def refusal_of(response: httpx.Response) -> Refusal:
    """Return what an error answer says; a proxy's page instead of a problem gives an empty text."""
    try:
        body = response.json()
    except ValueError:
        body = None
    if not isinstance(body, dict):
        body = {}
    code = str(body.get("code") or str(body.get("type", "")).rpartition("/")[2])
    try:
        outcomes = tuple(ChangeOutcome.model_validate(outcome) for outcome in body.get("outcomes") or ())
    except ValidationError:
        outcomes = ()
    english = body.get("en") or body.get("detail") or body.get("title") or response.reason_phrase
    return Refusal(response.status_code, code, str(body.get("zh") or ""), str(english), outcomes)


class Wire:
    """Requests to one server, repeated with jittered backoff until they are answered or patience ends."""

    def __init__(self, base_url: str, transport: httpx.BaseTransport | None, pacing: Pacing) -> None:
        """`transport` replaces the network; without it HTTP/1.1, and never a proxy from the environment."""
        self._client = httpx.Client(
            base_url=base_url,
            transport=transport,
            trust_env=False,
            timeout=httpx.Timeout(60, connect=10),
            headers={"accept": "application/json, application/problem+json"},
        )
        self._pacing = pacing
        self._credentials: tuple[str, str] | None = None
        self._token: str | None = None

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def sign_in(self, username: str, password: str) -> None:
        """Get a token; the password is kept in memory only, to sign in again when the token expires.

        Raises RefusedError for wrong credentials and UnreachableError without an answer.
        """
        form = {"grant_type": "password", "username": username, "password": password}
        response = self._patiently("POST", "/v1/auth/token", Delivery(), data=form)
        if response.status_code != httpx.codes.OK:
            raise RefusedError(refusal_of(response))
        self._token = str(response.json()["access_token"])
        self._credentials = (username, password)

    def push(self, body: bytes, delivery: Delivery) -> PushAnswer:
        """Send an envelope, gzipped. Raises RefusedError, UnreachableError or SignInNeededError.

        Whatever is raised, `delivery` says whether the server may have taken the envelope all the same.
        """
        response = self._signed(
            "POST",
            "/v1/sync/push",
            delivery,
            content=gzip.compress(body, compresslevel=6, mtime=0),
            headers={"content-type": "application/json", "content-encoding": "gzip"},
        )
        try:
            return PushAnswer.model_validate_json(response.content)
        except ValidationError as error:
            delivery.doubtful = True
            raise UnreachableError(f"the answer to a push cannot be read: {error}") from error

    def pull(self, county_code: str, cursor: str | None, limit: int) -> Pull:
        """Get a page of a county's changes. Raises RefusedError, UnreachableError or SignInNeededError."""
        params = {"county": county_code, "limit": str(limit)} | ({"cursor": cursor} if cursor else {})
        response = self._signed("GET", "/v1/sync/pull", Delivery(), params=params)
        try:
            return Pull.model_validate_json(response.content)
        except ValidationError as error:
            raise UnreachableError(f"the answer to a pull cannot be read: {error}") from error

    def _signed(self, method: str, path: str, delivery: Delivery, **request: Any) -> httpx.Response:
        """Send with the token; sign in once more where it is no longer accepted. Only 200 is returned."""
        headers = dict(request.pop("headers", {}))
        for renewed in (False, True):
            if self._token is None:
                if self._credentials is None:
                    raise SignInNeededError
                self.sign_in(*self._credentials)
            headers["authorization"] = f"Bearer {self._token}"
            response = self._patiently(method, path, delivery, headers=headers, **request)
            if response.status_code != httpx.codes.UNAUTHORIZED or renewed:
                break
            self._token = None
        if response.status_code == httpx.codes.UNAUTHORIZED:
            raise SignInNeededError
        if response.status_code != httpx.codes.OK:
            raise RefusedError(refusal_of(response))
        return response

    def _patiently(self, method: str, path: str, delivery: Delivery, **request: Any) -> httpx.Response:
        """Repeat the same bytes while the network fails or the server is busy."""
        reason = ""
        for attempt in range(self._pacing.attempts):
            at_least_s = 0.0
            before, delivery.doubtful = delivery.doubtful, True
            try:
                response = self._client.request(method, path, **request)
            except httpx.RequestError as error:
                reason = f"{type(error).__name__}: {error}"
                if isinstance(error, _NEVER_LEFT):
                    delivery.doubtful = before
            else:
                if response.status_code not in _BUSY:
                    delivery.doubtful = before
                    return response
                if response.status_code == httpx.codes.TOO_MANY_REQUESTS:
                    delivery.doubtful = before
                reason = str(RefusedError(refusal_of(response)))
                at_least_s = self._asked_wait_s(response)
            if attempt + 1 < self._pacing.attempts:
                self._pacing.sleep(self._pacing.wait_s(attempt, at_least_s))
        raise UnreachableError(reason)

    def _asked_wait_s(self, response: httpx.Response) -> float:
        """Return the seconds of `Retry-After` (RFC 9110: seconds or a date); 0 without one that can be read."""
        text = response.headers.get("retry-after", "").strip()
        if text.isascii() and text.isdigit():
            return float(text)
        try:
            moment = parsedate_to_datetime(text)
        except ValueError:
            return 0.0
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        return max(0.0, (moment - self._pacing.clock()).total_seconds())
