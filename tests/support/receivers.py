"""An endpoint that events are sent to, over real sockets, which behaves as it is told, request by request."""

import asyncio
import base64
import hashlib
import hmac
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import orjson


@dataclass(frozen=True)
class Arrival:
    """One request as it came."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def event_id(self) -> str:
        return self.headers["webhook-id"]

    @property
    def event(self) -> dict[str, Any]:
        event: dict[str, Any] = orjson.loads(self.body)
        return event

    def is_signed_with(self, secret: str) -> bool:
        """Verify as the convention tells a receiver to, written from its text: base64 key, `id.timestamp.body`."""
        key = base64.b64decode(secret.removeprefix("whsec_"))
        signed = b".".join((self.event_id.encode(), self.headers["webhook-timestamp"].encode(), self.body))
        wanted = base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()
        given = [one.split(",", 1) for one in self.headers["webhook-signature"].split(" ")]
        return any(version == "v1" and hmac.compare_digest(value, wanted) for version, value in given)


@dataclass
class Receiver:
    """What arrived, and what to do with what comes next; `then` when the script is over."""

    port: int = 0
    script: list[str] = field(default_factory=list)
    then: str = "200"
    arrived: list[Arrival] = field(default_factory=list)
    came: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook?a=1"

    @property
    def ids(self) -> list[str]:
        return [one.event_id for one in self.arrived]

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
            headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in head[1:] if line)}
            body = await reader.readexactly(int(headers["content-length"]))
            behaviour = self.script.pop(0) if self.script else self.then
            self.arrived.append(Arrival(head[0].split(" ")[1], headers, body))
            self.came.set()
            await self._behave(behaviour, reader, writer)
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    async def _behave(self, behaviour: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        match behaviour:
            case "drop":
                writer.transport.abort()
            case "hang":
                await reader.read()
            case "drip":
                await repeat(writer, b"", b"H", 0.05)
            case "drip body":
                await repeat(writer, b"HTTP/1.1 200 OK\r\ncontent-length: 1000000000\r\n\r\n", b"x", 0.05)
            case "flood":
                await repeat(writer, b"HTTP/1.1 200 OK\r\ncontent-length: 1000000000000\r\n\r\n", b"x" * 65536, 0)
            case _:
                writer.write(self._answer(behaviour).encode())
                await writer.drain()

    def _answer(self, behaviour: str) -> str:
        if behaviour == "redirect":
            there = f"http://127.0.0.1:{self.port}/elsewhere"
            return f"HTTP/1.1 307 Away\r\nlocation: {there}\r\ncontent-length: 0\r\n\r\n"
        if behaviour == "garbage":
            return "\x00 no http at all\r\n\r\n"
        return f"HTTP/1.1 {behaviour} Said\r\ncontent-length: 2\r\n\r\nok"


async def repeat(writer: asyncio.StreamWriter, head: bytes, part: bytes, pause_s: float) -> None:
    """Answer without ever coming to an end; ends with an OSError where the other side hangs up."""
    writer.write(head)
    while True:
        writer.write(part)
        await writer.drain()
        await asyncio.sleep(pause_s)


@asynccontextmanager
async def receiving() -> AsyncIterator[Receiver]:
    receiver = Receiver()
    server = await asyncio.start_server(receiver.serve, "127.0.0.1", 0)
    receiver.port = server.sockets[0].getsockname()[1]
    try:
        yield receiver
    finally:
        server.close()
