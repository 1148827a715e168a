"""The phones of the bench: a lean HTTP client over plain sockets, in a process of its own.

Requests are bytes made beforehand and answers are only counted through, so that the service is what is measured; the
processor time that the client itself took is measured and told.
"""

import asyncio
import resource
import time
from dataclasses import dataclass

APPLIED = b'"outcome":"applied"'
WATCHED = b"HTTP/1.1 200"


@dataclass(frozen=True)
class Sent:
    """What one run took: wall seconds, the client's own processor seconds, and the seconds each push waited."""

    wall_s: float
    client_cpu_s: float
    waits_s: tuple[float, ...]


@dataclass(frozen=True)
class Target:
    """Where the pushes go."""

    host: str
    port: int


def request(target: Target, token: str, body: bytes) -> bytes:
    """Return a push as it stands on the wire."""
    head = (
        f"POST /v1/sync/push HTTP/1.1\r\nHost: {target.host}:{target.port}\r\nAuthorization: Bearer {token}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def send_all(target: Target, queues: list[list[bytes]], batch: int) -> Sent:
    """Send every queue over a connection of its own, one push after the other; every item must be applied."""
    return asyncio.run(_send_all(target, queues, batch))


async def _send_all(target: Target, queues: list[list[bytes]], batch: int) -> Sent:
    streams = [await asyncio.open_connection(target.host, target.port, limit=1 << 22) for _ in queues]
    cpu = _cpu_s()
    start = time.perf_counter()
    waits = await asyncio.gather(
        *(_send(reader, writer, queue, batch) for (reader, writer), queue in zip(streams, queues, strict=True))
    )
    wall_s = time.perf_counter() - start
    cpu_s = _cpu_s() - cpu
    for _, writer in streams:
        writer.close()
    return Sent(wall_s, cpu_s, tuple(wait for one in waits for wait in one))


async def _send(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, queue: list[bytes], batch: int
) -> list[float]:
    waits = []
    for request_ in queue:
        sent = time.perf_counter()
        writer.write(request_)
        head = await reader.readuntil(b"\r\n\r\n")
        answer = await reader.readexactly(_length(head))
        waits.append(time.perf_counter() - sent)
        if not head.startswith(WATCHED) or answer.count(APPLIED) != batch:
            raise RuntimeError(f"not every item was applied: {head.decode()}{answer[:2000].decode()}")
    return waits


def _length(head: bytes) -> int:
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return int(value)
    raise RuntimeError(f"an answer without a length: {head.decode()}")


def _cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime
