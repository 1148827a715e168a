"""One attempt to deliver: a signed POST that may take so long and no longer, and never follows where it is sent on."""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httpx

from backend import __version__
from backend.outbox.address import ForbiddenAddressError, resolved
from backend.outbox.signing import signed_headers

MOST_ANSWER_BYTES = 16_384
LONGEST_ANSWER_S = 2.0
"""Nothing of an answer is kept; so much of it is read, so that an honest receiver can finish it."""

GONE = 410
"""By the convention: the endpoint wants no more of it."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """What an attempt came to: the status that was answered, or why there was no answer."""

    status: int | None = None
    error: str | None = None

    @property
    def has_arrived(self) -> bool:
        """Whether the endpoint took it: 2xx and nothing else, a redirect is no answer."""
        return self.status is not None and 200 <= self.status < 300

    @property
    def is_gone(self) -> bool:
        """Whether the endpoint wants no more events."""
        return self.status == GONE


@dataclass(frozen=True, slots=True)
class Letter:
    """What is sent where."""

    url: str
    event_id: str
    body: bytes
    secrets: Sequence[bytes]


@dataclass(frozen=True, slots=True)
class Sender:
    """How attempts are made."""

    client: httpx.AsyncClient
    timeout_s: float
    allows_private: bool

    async def send(self, letter: Letter) -> Attempt:
        """Make one attempt. Whatever the endpoint does, it ends within the time, and nothing is raised."""
        response: httpx.Response | None = None
        try:
            async with asyncio.timeout(self.timeout_s):
                response = await self._post(letter)
        except TimeoutError:
            return Attempt(error="timeout")
        except ForbiddenAddressError as error:
            return Attempt(error=error.reason)
        except (httpx.HTTPError, httpx.InvalidURL, OSError, UnicodeError) as error:
            return Attempt(error=type(error).__name__)
        await _end(response)
        return Attempt(status=response.status_code)

    async def _post(self, letter: Letter) -> httpx.Response:
        """Return the answer as soon as its head is there."""
        target = await resolved(letter.url, allows_private=self.allows_private)
        headers = signed_headers(letter.secrets, letter.event_id, int(time.time()), letter.body)
        request = self.client.build_request(
            "POST",
            target.connected_url,
            content=letter.body,
            headers={"host": target.host_header, "content-type": "application/json", **headers},
            extensions={"sni_hostname": target.server_name},
        )
        return await self.client.send(request, stream=True)


async def _end(response: httpx.Response) -> None:
    """Read a little of what follows the head, unpacked by nobody, and hang up; the status counts, whatever follows."""
    read = 0
    try:
        async with asyncio.timeout(LONGEST_ANSWER_S):
            async for part in response.aiter_raw():
                read += len(part)
                if read > MOST_ANSWER_BYTES:
                    break
    except (TimeoutError, httpx.HTTPError, httpx.StreamError):
        pass
    finally:
        await response.aclose()


@asynccontextmanager
async def open_sender(timeout_s: float, *, allows_private: bool) -> AsyncIterator[Sender]:
    """Give a sender; no proxy of the environment, no redirects, no cookies from one event to the next."""
    async with httpx.AsyncClient(
        trust_env=False,
        follow_redirects=False,
        timeout=timeout_s,
        headers={"user-agent": f"qingtian/{__version__}", "accept-encoding": "identity"},
        # Connections go to addresses: one of another name at the same address must not be taken for this one's.
        limits=httpx.Limits(max_keepalive_connections=0),
    ) as client:
        yield Sender(client, timeout_s, allows_private)
