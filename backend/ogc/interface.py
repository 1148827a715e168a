"""The door to `/ogc`: it finds out who asks, and opens what is behind it when somebody first does.

tipg with its tile matrix sets and templates takes over a second to import, and some 10 MB; a county's service that no
geographic information system ever asks does without.
"""

import asyncio
import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib import import_module

import asyncpg
from fastapi import FastAPI, Request
from starlette.datastructures import MutableHeaders
from starlette.types import Message, Receive, Scope, Send

from backend.api.dependencies import bearer_of, current_access, current_identity
from backend.auth.access import Access
from backend.ogc.scope import CALLER, ScopedPool, open_pool, scope_of
from backend.problems import Refused
from backend.service import Service
from schemas.problems import problem

FOR_EVERYBODY = "public, max-age=60"
FOR_THE_CALLER = "private, no-store"


class GeographicInterface:
    """ASGI application below a mount; routes are those of the application behind it."""

    def __init__(self) -> None:
        self._service: Service | None = None
        self._pool: asyncpg.Pool | None = None
        self._application: FastAPI | None = None
        self._opening = asyncio.Lock()

    @asynccontextmanager
    async def serving(self, service: Service) -> AsyncIterator[None]:
        """Answer from a service's database until the end, and close what was opened for it."""
        self._service, self._opening = service, asyncio.Lock()
        try:
            yield
        finally:
            pool, self._pool, self._application = self._pool, None, None
            if pool is not None:
                await pool.close()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on with the scope of its caller."""
        service = self._service
        if scope["type"] != "http" or service is None:
            raise Refused(problem("not_found", path=scope["path"][:200]))
        access = await caller_of(Request(scope), service)
        application = await self._opened(service)

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.setdefault("Cache-Control", FOR_EVERYBODY if access is None else FOR_THE_CALLER)
                headers.add_vary_header("Authorization")
            await send(message)

        token = CALLER.set(scope_of(access, service))
        try:
            # Links are made from the root of the application: below a mount it is the mount.
            await application({**scope, "app_root_path": scope["root_path"]}, receive, send_with_headers)
        finally:
            CALLER.reset(token)

    async def _opened(self, service: Service) -> FastAPI:
        async with self._opening:
            if self._application is None:
                application = await asyncio.to_thread(build)
                self._pool = await open_pool(service)
                application.state.pool = ScopedPool(self._pool)
                self._application = application
            return self._application


def build() -> FastAPI:
    """Return the application behind the door; importing it is what takes its time."""
    application: FastAPI = import_module("backend.ogc.application").create()
    return application


async def caller_of(request: Request, service: Service) -> Access | None:
    """Return what the caller may do, None for one who does not say who he is. Raises Refused for a false sign-in.

    The token comes as everywhere (`Bearer`), or as the password of `Basic`: older desktop programs know nothing else.
    """
    scheme, _, value = request.headers.get("authorization", "").partition(" ")
    if not scheme and service.settings.public_view:
        return None
    token = _password_of(value) if scheme.lower() == "basic" else await bearer_of(request)
    return await current_access(service, await current_identity(service, token))


def _password_of(value: str) -> str | None:
    """Return the password of a `Basic` sign-in, None for what is none."""
    try:
        return base64.b64decode(value, validate=True).decode("ascii").partition(":")[2]
    except ValueError:
        return None
