"""A network between a phone and the service that loses, cuts, repeats and delays what passes through it."""

import random
from collections import deque
from collections.abc import Callable
from enum import StrEnum

import httpx

PUSH = "/v1/sync/push"


class Fate(StrEnum):
    """What happens to a request."""

    LOST_REQUEST = "lost_request"
    LOST_ANSWER = "lost_answer"
    TRUNCATED = "truncated"
    DUPLICATED = "duplicated"
    DELAYED = "delayed"
    """It arrives after the phone has given up, before the phone's next request or after it."""
    DATABASE_GONE = "database_gone"
    """The database ends the service's connections: of a push when all is written and nothing is committed yet."""


class BadNetwork(httpx.BaseTransport):
    """A phone's network: each request of a sync meets the next fate; without one it is delivered."""

    def __init__(self, inner: httpx.BaseTransport, sever: Callable[[str], None], dice: random.Random) -> None:
        """`inner` delivers. `sever` ends the database's connections under the request of a path."""
        self.fates: deque[Fate] = deque()
        self._inner = inner
        self._sever = sever
        self._dice = dice
        self._delayed: list[httpx.Request] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send the request on, or not, and give the answer back, or not."""
        is_of_sync = request.url.path.startswith("/v1/sync/")
        fate = self.fates.popleft() if self.fates and is_of_sync else None
        delayed_first = self._dice.random() < 0.5
        if delayed_first:
            self.deliver_delayed()
        answer = self._met(request, fate)
        if not delayed_first:
            self.deliver_delayed()
        return answer

    def _met(self, request: httpx.Request, fate: Fate | None) -> httpx.Response:
        match fate:
            case Fate.LOST_REQUEST:
                raise httpx.ReadTimeout("nothing came back", request=request)
            case Fate.DELAYED:
                request.read()
                self._delayed.append(request)
                raise httpx.ReadTimeout("nothing came back", request=request)
            case Fate.LOST_ANSWER:
                self._delivered(request)
                raise httpx.ReadError("the connection broke before the answer arrived", request=request)
            case Fate.TRUNCATED:
                self._delivered(request)
                raise httpx.RemoteProtocolError("the answer broke off", request=request)
            case Fate.DUPLICATED:
                self._delivered(request)
            case Fate.DATABASE_GONE:
                self._sever(request.url.path)
        return self._delivered(request)

    def deliver_delayed(self) -> None:
        """Let what was under way arrive, the last one first; nobody waits for its answer."""
        while self._delayed:
            self._delivered(self._delayed.pop())

    def _delivered(self, request: httpx.Request) -> httpx.Response:
        answer = self._inner.handle_request(request)
        answer.read()
        return answer
