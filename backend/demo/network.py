"""A bad network for simulated phones: requests that never arrive, and answers that never come back."""

from collections.abc import Iterable
from enum import StrEnum

import httpx


class Fate(StrEnum):
    """What happens to a push."""

    DELIVERED = "delivered"
    LOST_REQUEST = "lost_request"
    LOST_ANSWER = "lost_answer"


class SharedTransport(httpx.BaseTransport):
    """One connection pool for many phones; a phone that is closed leaves it open for the others."""

    def __init__(self, transport: httpx.BaseTransport) -> None:
        self._transport = transport

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send the request on."""
        return self._transport.handle_request(request)

    def close(self) -> None:
        """Leave the pool to its owner."""


class FlakyTransport(httpx.BaseTransport):
    """Lets each request to `path` meet its fate; once the fates are used up everything is delivered."""

    def __init__(self, transport: httpx.BaseTransport, fates: Iterable[Fate], path: str = "/v1/sync/push") -> None:
        self._transport = transport
        self._fates = iter(fates)
        self._path = path
        self.met: list[Fate] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send the request on, or not, and give the answer back, or not."""
        if request.url.path != self._path:
            return self._transport.handle_request(request)
        fate = next(self._fates, Fate.DELIVERED)
        self.met.append(fate)
        if fate is Fate.LOST_REQUEST:
            raise httpx.ConnectError("no network", request=request)
        response = self._transport.handle_request(request)
        if fate is Fate.LOST_ANSWER:
            # The server has answered, so it has committed; only the phone will never know.
            response.read()
            response.close()
            raise httpx.ReadError("the connection broke before the answer arrived", request=request)
        return response

    def close(self) -> None:
        """Close the network behind it."""
        self._transport.close()
