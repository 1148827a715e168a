"""An identity provider as the standards have it, over real sockets: discovery, authorization code with PKCE, JWKS.

It is the provider's side alone and shares no code with the service. What it gets wrong is set by a test.
"""

import base64
import hashlib
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote_plus, urlencode

import uvicorn
from fastapi import FastAPI, Form, Request
from fastapi.responses import JSONResponse, RedirectResponse, Response
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, RSAKey

CLIENT_ID, CLIENT_SECRET = "qingtian-hn", "a secret: 湘 +%&"


def _b64(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


@dataclass
class IdentityProvider:
    """The provider, who signs in there, and what it says wrongly."""

    url: str = ""
    person: dict[str, Any] = field(default_factory=lambda: {"sub": "hn-000417", "name": "李雷"})
    keys: list[Any] = field(default_factory=list)
    wrong: dict[str, Any] = field(default_factory=dict)
    """Claims that stand in the ID token instead of the right ones."""
    unsigned: bool = False
    signed_with: Any = None
    """Another key than the published one, such as the client's secret."""
    denies: str | None = None
    asked: list[str] = field(default_factory=list)
    """The paths that were asked for."""
    codes: dict[str, dict[str, str]] = field(default_factory=dict)

    def roll_keys(self, kind: str = "RSA") -> None:
        """Sign with a new key from now on; the one before is no longer published."""
        kid = secrets.token_hex(4)
        made = ECKey.generate_key("P-256", {"kid": kid}) if kind == "EC" else RSAKey.generate_key(2048, {"kid": kid})
        self.keys = [made]

    @property
    def configuration(self) -> dict[str, Any]:
        """What it says of itself (OpenID Connect Discovery)."""
        return {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/authorize?tenant=hn",
            "token_endpoint": f"{self.url}/token",
            "jwks_uri": f"{self.url}/jwks",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256", "ES256"],
            "token_endpoint_auth_methods_supported": ["client_secret_basic"],
        }

    def app(self) -> FastAPI:
        app = FastAPI()

        @app.middleware("http")
        async def note(request: Request, call_next: Any) -> Any:
            self.asked.append(request.url.path)
            return await call_next(request)

        @app.get("/.well-known/openid-configuration")
        async def configuration() -> dict[str, Any]:
            return self.configuration

        @app.get("/jwks")
        async def jwks() -> Any:
            return KeySet(self.keys).as_dict(private=False)

        @app.get("/authorize")
        async def authorize(request: Request) -> Response:
            asked = dict(request.query_params)
            assert asked["response_type"] == "code"
            assert asked["client_id"] == CLIENT_ID
            assert "openid" in asked["scope"].split()
            assert asked["code_challenge_method"] == "S256"
            assert asked["tenant"] == "hn"
            if self.denies is not None:
                answer = {"error": self.denies, "state": asked["state"]}
            else:
                code = secrets.token_urlsafe(24)
                self.codes[code] = asked
                answer = {"code": code, "state": asked["state"]}
            return RedirectResponse(f"{asked['redirect_uri']}?{urlencode(answer)}", 302)

        @app.post("/token")
        async def token(
            request: Request,
            grant_type: str = Form(),
            code: str = Form(),
            redirect_uri: str = Form(),
            code_verifier: str = Form(),
        ) -> Response:
            given = request.headers.get("authorization", "").removeprefix("Basic ")
            client, _, secret = base64.b64decode(given).decode().partition(":")
            if (unquote_plus(client), unquote_plus(secret)) != (CLIENT_ID, CLIENT_SECRET):
                return JSONResponse({"error": "invalid_client"}, 401)
            asked = self.codes.pop(code, None)
            challenge = _b64(hashlib.sha256(code_verifier.encode()).digest())
            if asked is None or grant_type != "authorization_code" or asked["redirect_uri"] != redirect_uri:
                return JSONResponse({"error": "invalid_grant"}, 400)
            if asked["code_challenge"] != challenge:
                return JSONResponse({"error": "invalid_grant"}, 400)
            return JSONResponse(
                {"access_token": secrets.token_urlsafe(16), "token_type": "Bearer", "id_token": self.id_token(asked)}
            )

        return app

    def id_token(self, asked: dict[str, str]) -> str:
        """Return what it says of the person, to whoever asked."""
        now = int(time.time())
        right = {"iss": self.url, "aud": CLIENT_ID, "iat": now, "exp": now + 300, "nonce": asked["nonce"]}
        claims = {name: value for name, value in (right | self.person | self.wrong).items() if value is not None}
        if self.unsigned:
            head, body = (_b64(JSONResponse(part).body) for part in ({"alg": "none"}, claims))
            return f"{head}.{body}."
        key = self.signed_with or self.keys[0]
        algorithm = {"RSA": "RS256", "EC": "ES256", "oct": "HS256"}[key.key_type]
        return jwt.encode({"alg": algorithm, "kid": self.keys[0].kid}, claims, key, algorithms=[algorithm])


@contextmanager
def running(provider: IdentityProvider, port: int = 0) -> Iterator[None]:
    """Serve the provider on this machine until the block ends; `port` 0 takes a free one."""
    server = uvicorn.Server(uvicorn.Config(provider.app(), port=port, log_level="warning", lifespan="off"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    end = time.monotonic() + 20
    while not server.started:
        assert time.monotonic() < end, "the provider did not start"
        time.sleep(0.02)
    provider.url = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    try:
        yield
    finally:
        server.should_exit = True
        thread.join(20)
