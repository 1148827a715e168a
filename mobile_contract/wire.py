"""The HTTP side of the client: tokens, patience, and what counts as an answer."""

import gzip
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any, Protocol, TypeVar

import httpx
from pydantic import BaseModel, ValidationError

from mobile_contract.pacing import Pacing
from mobile_contract.refusals import Refusal, RefusedError, SignInNeededError, UnreachableError, refusal_of
from mobile_contract.version import APP_VERSION
from schemas.changes import FoundRecords, Manifest, Pull, PushAnswer, WantedRecords

__all__ = [
    "Delivery",
    "Pacing",
    "Pushed",
    "Refusal",
    "RefusedError",
    "SignInNeededError",
    "Tokens",
    "UnreachableError",
    "Wire",
    "refusal_of",
]

TUS_VERSION = "1.0.0"

M = TypeVar("M", bound=BaseModel)

_BUSY = frozenset({429, 500, 502, 503, 504})
_NEVER_LEFT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
"""Failures after which not a byte of the request can have arrived."""


@dataclass(frozen=True, slots=True)
class Pushed:
    """The answer to a push, and its receipt as it was written: a signature holds for those very letters."""

    answer: PushAnswer
    receipt: dict[str, Any] | None


@dataclass(slots=True)
class Delivery:
    """Whether a request may have arrived without its answer coming back. True from the first byte until disproved."""

    doubtful: bool = False


def _read(model: type[M], response: httpx.Response) -> M:
    """Return an answer as its model. Raises UnreachableError where it is none."""
    try:
        return model.model_validate_json(response.content)
    except ValidationError as error:
        raise UnreachableError(f"the answer cannot be read as {model.__name__}: {error}") from error


@dataclass(frozen=True, slots=True)
class Tokens:
    """A sign-in as a phone keeps it: the access token of minutes, and the refresh token that renews it."""

    access: str | None = None
    refresh: str | None = None


class Incoming(Protocol):
    """Something large that is written away as it comes."""

    def headers(self) -> Mapping[str, str]:
        """Return what to ask for now: after a broken line less than before."""

    def take(self, response: httpx.Response) -> None:
        """Read the body of an answer with 200 or 206."""


class Wire:
    """Requests to one server, repeated with jittered backoff until they are answered or patience ends."""

    def __init__(
        self,
        base_url: str,
        transport: httpx.BaseTransport | None,
        pacing: Pacing,
        device_id: str,
        keep: Callable[[Tokens], bool] = lambda _: True,
    ) -> None:
        """`transport` replaces the network; without it HTTP/1.1, and never a proxy from the environment.

        `keep` makes a sign-in outlive the app and answers whether it did. A refresh token that could not be kept is not
        used: the server still takes the one before it.
        """
        self._client = httpx.Client(
            base_url=base_url,
            transport=transport,
            trust_env=False,
            timeout=httpx.Timeout(60, connect=10),
            headers={
                "accept": "application/json, application/problem+json",
                "qingtian-device": device_id,
                "qingtian-app": APP_VERSION,
            },
        )
        self._pacing = pacing
        self._device_id = device_id
        self._keep = keep
        self._credentials: tuple[str, str] | None = None
        self.tokens = Tokens()
        """The sign-in; a phone keeps it over restarts and forgets it when its person signs out."""
        self.bytes_received = 0
        """Bytes of all answers' bodies, decompressed."""

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def sign_in(self, username: str, password: str) -> None:
        """Sign in on this phone; the password is kept in memory only, for when the sign-in ends.

        Raises RefusedError for wrong credentials and UnreachableError without an answer.
        """
        form = {"grant_type": "password", "username": username, "password": password, "device_id": self._device_id}
        self._take(self._patiently("POST", "/v1/auth/token", Delivery(), data=form))
        self._credentials = (username, password)

    def enrol(self, code: str) -> str:
        """Sign this phone in by the code that its office gave, and return whose it now is. Raises as `sign_in`."""
        body = {"code": code, "device_id": self._device_id}
        response = self._patiently("POST", "/v1/auth/enrol", Delivery(), json=body)
        self._take(response)
        return str(response.json()["username"])

    def sign_out(self) -> None:
        """Forget the sign-in and tell the server so, once; without a network it ends there by itself in its time."""
        tokens, self.tokens, self._credentials = self.tokens, Tokens(), None
        self._keep(self.tokens)
        if tokens.refresh is not None:
            with suppress(httpx.RequestError):
                self._client.post("/v1/auth/sign-out", data={"refresh_token": tokens.refresh})

    def push(self, body: bytes, delivery: Delivery) -> Pushed:
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
            answer = PushAnswer.model_validate_json(response.content)
            return Pushed(answer, response.json().get("receipt"))
        except ValidationError as error:
            delivery.doubtful = True
            raise UnreachableError(f"the answer to a push cannot be read: {error}") from error

    def pull(self, county_code: str, cursor: str | None, limits: Mapping[str, str], heads: Sequence[str] = ()) -> Pull:
        """Get a page of a county's changes. Raises RefusedError, UnreachableError or SignInNeededError."""
        params: dict[str, Any] = {"county": county_code, **limits} | ({"cursor": cursor} if cursor else {})
        params |= {"head": list(heads)} if heads else {}
        return _read(Pull, self._signed("GET", "/v1/sync/pull", Delivery(), params=params))

    def manifest(self, county_code: str, after: str | None, limit: int) -> Manifest:
        """Get a page of what the phone's scope of a county holds. Raises as `pull` does."""
        params = {"county": county_code, "limit": str(limit)} | ({"after": after} if after else {})
        return _read(Manifest, self._signed("GET", "/v1/sync/manifest", Delivery(), params=params))

    def records(self, wanted: WantedRecords) -> FoundRecords:
        """Get single records of a county. Raises as `pull` does."""
        return _read(FoundRecords, self._signed("POST", "/v1/sync/records", Delivery(), json=wanted.model_dump()))

    def get(self, path: str, headers: Mapping[str, str] | None = None) -> httpx.Response:
        """Get what lies at a path, 304 included. Raises as `pull` does."""
        return self._signed("GET", path, Delivery(), accepted=(200, 304), headers=dict(headers or {}))

    def download(self, path: str, incoming: Incoming) -> httpx.Response:
        """Get what lies at a path piece by piece; 304 and 416 are answers too. Raises as `pull` does."""
        return self._signed("GET", path, Delivery(), accepted=(200, 206, 304, 416), incoming=incoming)

    def tus(self, method: str, url: str, accepted: tuple[int, ...], **request: Any) -> httpx.Response:
        """Send a request of an upload (tus 1.0). Raises as `pull` does; statuses not `accepted` are refusals."""
        headers = {"tus-resumable": TUS_VERSION, **request.pop("headers", {})}
        return self._signed(method, url, Delivery(), accepted=accepted, headers=headers, **request)

    def _signed(
        self, method: str, path: str, delivery: Delivery, *, accepted: tuple[int, ...] = (200,), **request: Any
    ) -> httpx.Response:
        """Send with the token; sign in once more where it is no longer valid. Only `accepted` statuses are returned."""
        headers = dict(request.pop("headers", {}))
        for renewed in (False, True):
            if self.tokens.access is None:
                self._renew()
            headers["authorization"] = f"Bearer {self.tokens.access}"
            response = self._patiently(method, path, delivery, headers=headers, **request)
            if response.status_code != httpx.codes.UNAUTHORIZED or renewed:
                break
            self.tokens = replace(self.tokens, access=None)
        if response.status_code == httpx.codes.UNAUTHORIZED:
            raise SignInNeededError(refusal_of(response))
        if response.status_code not in accepted:
            raise RefusedError(refusal_of(response))
        return response

    def _renew(self) -> None:
        """Renew the sign-in by its refresh token, or else by the password. Raises SignInNeededError, UnreachableError.

        An answer that is lost costs nothing: the same refresh token is sent again, and still good.
        """
        refusal = None
        if self.tokens.refresh is not None:
            form = {"grant_type": "refresh_token", "refresh_token": self.tokens.refresh, "device_id": self._device_id}
            response = self._patiently("POST", "/v1/auth/token", Delivery(), data=form)
            if response.status_code != httpx.codes.UNAUTHORIZED:
                self._take(response)
                return
            refusal = refusal_of(response)
        self.tokens = Tokens()
        self._keep(self.tokens)
        if self._credentials is None:
            raise SignInNeededError(refusal)
        self.sign_in(*self._credentials)

    def _take(self, response: httpx.Response) -> None:
        """Take a sign-in that was answered. Raises RefusedError."""
        if response.status_code != httpx.codes.OK:
            raise RefusedError(refusal_of(response))
        answer = response.json()
        given = Tokens(str(answer["access_token"]), answer.get("refresh_token"))
        self.tokens = given if self._keep(given) else Tokens(given.access, self.tokens.refresh)

    def _exchanged(self, method: str, path: str, *, incoming: Incoming | None = None, **request: Any) -> httpx.Response:
        if incoming is None:
            response = self._client.request(method, path, **request)
            self.bytes_received += len(response.content)
            return response
        headers = {**request.pop("headers", {}), **incoming.headers()}
        with self._client.stream(method, path, headers=headers, **request) as response:
            try:
                if response.status_code in {httpx.codes.OK, httpx.codes.PARTIAL_CONTENT}:
                    incoming.take(response)
                else:
                    response.read()
            finally:
                self.bytes_received += response.num_bytes_downloaded
        return response

    def _patiently(self, method: str, path: str, delivery: Delivery, **request: Any) -> httpx.Response:
        """Repeat the same bytes while the network fails or the server is busy."""
        reason, at_least_s = "", 0.0
        for attempt in range(self._pacing.attempts):
            at_least_s = 0.0
            before, delivery.doubtful = delivery.doubtful, True
            try:
                response = self._exchanged(method, path, **request)
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
                at_least_s = self._pacing.asked_wait_s(response.headers.get("retry-after", ""))
                if at_least_s > self._pacing.longest_asked_s:
                    break
            if attempt + 1 < self._pacing.attempts:
                self._pacing.sleep(self._pacing.wait_s(attempt, at_least_s))
        raise UnreachableError(reason, at_least_s)
