"""A slow line between a phone and the service: a TCP proxy with a bandwidth each way, a round trip and a meter.

Bytes of one direction go one behind the other, at the bandwidth, and arrive half a round trip later; a new connection
costs a round trip before its first byte, as the handshake does. Not played: loss, slow start, and the headers of TCP
and IP, which the meter does not count either.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import NamedTuple

from anyio.from_thread import start_blocking_portal

from tests.bench.phones import Target

PIECE_BYTES = 512


class Carried(NamedTuple):
    """Bytes that have gone over a line, headers of HTTP included."""

    up: int
    down: int

    def since(self, before: "Carried") -> "Carried":
        """Return what has gone since."""
        return Carried(self.up - before.up, self.down - before.down)


@dataclass(frozen=True)
class Line:
    """What a line can do."""

    up_bits_s: int
    down_bits_s: int
    round_trip_s: float

    def seconds(self, carried: Carried) -> float:
        """Return the least time that so many bytes take, one direction after the other, if nobody ever waits."""
        return carried.up * 8 / self.up_bits_s + carried.down * 8 / self.down_bits_s


TWO_G = Line(up_bits_s=20_000, down_bits_s=40_000, round_trip_s=0.6)


class Lane:
    """One direction of a line, shared by all its connections."""

    def __init__(self, bits_s: int, delay_s: float) -> None:
        self.delay_s = delay_s
        self.carried = 0
        self._bits_s = bits_s
        self._free_at = 0.0

    def sent_at(self, size: int, now: float) -> float:
        """Return when the last of so many bytes has left, behind all that waits already."""
        self.carried += size
        self._free_at = max(now, self._free_at) + size * 8 / self._bits_s
        return self._free_at


class Link:
    """A line that is open: where a phone connects instead of to the service, and what has gone over it."""

    def __init__(self, line: Line) -> None:
        self.line = line
        self.port = 0
        self.broken = 0
        """Connections that one side ended while the other was still sending."""
        self._up = Lane(line.up_bits_s, line.round_trip_s / 2)
        self._down = Lane(line.down_bits_s, line.round_trip_s / 2)

    @property
    def url(self) -> str:
        """The address of the phone's end."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def carried(self) -> Carried:
        """What has gone over the line by now."""
        return Carried(self._up.carried, self._down.carried)

    @asynccontextmanager
    async def listening(self, service: Target) -> AsyncIterator[None]:
        """Carry what comes, to the service and back."""
        calls: set[asyncio.Task[None]] = set()

        async def connected(phone: asyncio.StreamReader, to_phone: asyncio.StreamWriter) -> None:
            call = asyncio.create_task(self._call(service, phone, to_phone))
            calls.add(call)
            call.add_done_callback(calls.discard)

        server = await asyncio.start_server(connected, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield
        finally:
            server.close()
            for one in calls:
                one.cancel()
            await asyncio.gather(*calls, return_exceptions=True)

    async def _call(self, service: Target, phone: asyncio.StreamReader, to_phone: asyncio.StreamWriter) -> None:
        answers, to_service = await asyncio.open_connection(service.host, service.port)
        await asyncio.sleep(self.line.round_trip_s)
        try:
            async with asyncio.TaskGroup() as both:
                both.create_task(_carry(phone, to_service, self._up))
                both.create_task(_carry(answers, to_phone, self._down))
        except* ConnectionError:
            self.broken += 1
        finally:
            to_service.close()
            to_phone.close()


@contextmanager
def slow_line(service: Target, line: Line) -> Iterator[Link]:
    """Give an open line to the service; it runs in a thread of its own."""
    link = Link(line)
    with start_blocking_portal() as portal, portal.wrap_async_context_manager(link.listening(service)):
        yield link


async def _carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, lane: Lane) -> None:
    loop = asyncio.get_running_loop()
    under_way: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()
    async with asyncio.TaskGroup() as both:
        both.create_task(_arrive(under_way, writer))
        while piece := await reader.read(PIECE_BYTES):
            sent_at = lane.sent_at(len(piece), loop.time())
            await asyncio.sleep(max(0.0, sent_at - loop.time()))
            under_way.put_nowait((sent_at + lane.delay_s, piece))
        under_way.put_nowait((loop.time() + lane.delay_s, b""))


async def _arrive(under_way: asyncio.Queue[tuple[float, bytes]], writer: asyncio.StreamWriter) -> None:
    """Hand over each piece at its time; an empty one ends the direction."""
    loop = asyncio.get_running_loop()
    while True:
        at, piece = await under_way.get()
        await asyncio.sleep(max(0.0, at - loop.time()))
        if not piece:
            writer.write_eof()
            return
        writer.write(piece)
        await writer.drain()
