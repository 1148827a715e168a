"""Serve until told to stop: set up, announce, fill the demo beside it, shut down without leaving anything behind."""

import asyncio
import contextlib
import gc
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator
from types import FrameType

import uvicorn
from uvicorn.loops.auto import auto_loop_factory

from backend.app import create_app
from backend.embedded import stop_cluster
from backend.faults import PortTakenError, told_in_words
from backend.prepare import Prepared, locate, prepare
from backend.settings import Settings
from backend.terminal import Terminal, log_to

GC_THRESHOLD = 20_000
"""How many more containers are made than freed before the youngest generation is looked through."""

KEEP_ALIVE_S = 75
"""How long a connection may rest. What was written has not arrived yet: a page takes a phone at 40 kbit/s more than the
server's usual five seconds, after which its next request would meet a closed connection."""


class AnnouncedServer(uvicorn.Server):
    """A server that says when it serves."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.serving = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then let whoever waits know."""
        await super().startup(sockets)
        _spare_the_collector()
        self.serving.set()


def run(settings: Settings) -> int:
    """Set up and serve until Ctrl-C; return the exit code. A fault that a deployer can mend ends the program."""
    terminal = Terminal()
    log_to(settings.home)
    signal.signal(signal.SIGTERM, _interrupt)
    cluster = None
    try:
        with told_in_words(terminal):
            # The port first: the first administrator's password is shown once, so nothing may fail in between.
            listener = _listen(settings)
            settings, cluster = locate(settings, terminal.step)
            prepared = asyncio.run(prepare(settings, cluster, terminal.step))
        # asyncio.run would take the standard event loop, not the faster one that uvicorn chooses.
        with asyncio.Runner(loop_factory=auto_loop_factory()) as runner:
            runner.run(_serve(prepared, listener, terminal))
    except KeyboardInterrupt:
        pass
    finally:
        if cluster is not None:
            stop_cluster(settings.home)
    terminal.say("\n已停止，数据已保存。Stopped; the data are kept.")
    return 0


def _spare_the_collector() -> None:
    """Set what was loaded apart, so that the garbage collector does not walk through all of it time and again.

    A push makes thousands of short-lived values without cycles; looking for cycles after every 700 took a tenth of it.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(GC_THRESHOLD)


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    """End on SIGTERM as on Ctrl-C, so that the private database is stopped too."""
    raise KeyboardInterrupt


async def _serve(prepared: Prepared, listener: socket.socket, terminal: Terminal) -> None:
    settings = prepared.settings
    port = listener.getsockname()[1]
    url = f"http://{settings.host}:{port}"
    config = uvicorn.Config(
        create_app(settings),
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_keep_alive=KEEP_ALIVE_S,
        timeout_graceful_shutdown=5,
    )
    server = AnnouncedServer(config)
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    announced = asyncio.create_task(server.serving.wait())
    await asyncio.wait({serving, announced}, return_when=asyncio.FIRST_COMPLETED)
    if not server.serving.is_set():
        announced.cancel()
        await serving
        return
    terminal.address(url)
    if prepared.administrator_password is not None:
        terminal.administrator(prepared.administrator_password)
    async with _demo(prepared, url, terminal):
        await serving


def _listen(settings: Settings) -> socket.socket:
    # With the protocol named, the loop turns off delays for small packets on every connection.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((settings.host, settings.port))
    except OSError as error:
        listener.close()
        raise PortTakenError(
            f"端口 {settings.port} 已被占用，请换一个：PORT=8001 make run\n"
            f"Port {settings.port} is taken; choose another: PORT=8001 make run"
        ) from error
    return listener


@contextlib.asynccontextmanager
async def _demo(prepared: Prepared, url: str, terminal: Terminal) -> AsyncIterator[None]:
    """In the demo, let phones in a process of their own file reports while the service runs."""
    if not prepared.settings.demo:
        yield
        return
    terminal.accounts(prepared.demo_accounts)
    phones = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "backend", "demo", "--url", url, env=_with_urls(prepared.settings)
    )
    try:
        yield
    finally:
        if phones.returncode is None:
            phones.terminate()
        await phones.wait()


def _with_urls(settings: Settings) -> dict[str, str]:
    """Return the environment for a process that works on the same database."""
    return os.environ | {
        "QINGTIAN_HOME": str(settings.home),
        "QINGTIAN_DATABASE_URL": settings.database_url or "",
        "DEMO": "1",
    }
