"""The headers that keep a page to itself and figures out of caches, set on every answer without touching its body."""

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

FOR_EVER = "max-age=31536000, immutable"
"""Of what stands under an address that holds its digest; whether caches of others may keep it stands before it."""
ASK_AGAIN = "no-cache"

PAGE_POLICY = (
    "default-src 'self'; img-src 'self' data:; worker-src blob:; object-src 'none'; base-uri 'none'; "
    "frame-ancestors 'none'; form-action 'self'"
)
"""The close map's program starts its workers from a part of itself, a blob; nothing is let in from another host."""
DOCUMENTATION_POLICY = PAGE_POLICY + "; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'"
"""The interface documentation starts itself by an inline script; it shows nothing but `/openapi.json`."""
DOCUMENTATION = ("/docs", "/ogc/api.html")


class PageHeaders:
    """ASGI middleware that adds the headers."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and add the headers to whatever is answered."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        policy = DOCUMENTATION_POLICY if scope["path"] in DOCUMENTATION else PAGE_POLICY

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.setdefault("Content-Security-Policy", policy)
                headers.setdefault("X-Content-Type-Options", "nosniff")
                headers.setdefault("Referrer-Policy", "no-referrer")
                if scope["path"].startswith("/v1/"):
                    headers.setdefault("Cache-Control", "no-store")
            await send(message)

        await self.app(scope, receive, send_with_headers)
