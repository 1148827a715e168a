"""A province's own identity provider (OpenID Connect): what it says of itself, and what it says of a person.

Authorization code with PKCE; an ID token is believed when its signature, issuer, audience, times and nonce are right.
"""

import asyncio
import base64
import hashlib
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus, urlencode, urlsplit

import httpx
from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from backend.urls import is_safe_url

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "Ed25519", "EdDSA")
"""Signatures by a key pair alone: `none`, and tags made with the client's secret, are refused."""

CLOCK_SKEW_S = 60
KEPT_S = 3600
"""How long what the provider says of itself, and its keys, are kept."""
NEW_KEYS_AFTER_S = 10
"""A key that is not known is asked for at once, but not more often than this."""
TIMEOUT_S = 10
LARGEST_ANSWER = 1_000_000


class ProviderDownError(Exception):
    """The provider does not answer, or not as one."""


class IdentityRefusedError(Exception):
    """What was presented does not prove who somebody is; the text says why, for the log alone."""


@dataclass(frozen=True, slots=True)
class Client:
    """The deployment as the provider knows it; without a secret a public client, which PKCE protects."""

    issuer: str
    client_id: str
    secret: str | None
    scope: str = "openid profile email"


@dataclass(frozen=True, slots=True)
class Asked:
    """A sign-in under way: its secrets, known to this deployment alone until the provider answers."""

    state: str
    nonce: str
    verifier: str
    redirect_uri: str

    @property
    def challenge(self) -> str:
        """The PKCE challenge of the verifier (RFC 7636, S256)."""
        return base64.urlsafe_b64encode(hashlib.sha256(self.verifier.encode()).digest()).decode().rstrip("=")


@dataclass
class _Kept:
    """An answer of the provider, and when it was given."""

    value: Any = None
    at: float = float("-inf")

    def is_younger_than(self, seconds: float) -> bool:
        return time.monotonic() - self.at < seconds


@dataclass
class Provider:
    """The provider of a deployment. Safe to use from several requests at once."""

    client: Client
    _configuration: _Kept = field(default_factory=_Kept)
    _keys: _Kept = field(default_factory=_Kept)
    _asking: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def sign_in_url(self, asked: Asked) -> str:
        """Return where a browser goes to sign in. Raises ProviderDownError."""
        configuration = await self._configured()
        values = {
            "response_type": "code",
            "client_id": self.client.client_id,
            "redirect_uri": asked.redirect_uri,
            "scope": self.client.scope,
            "state": asked.state,
            "nonce": asked.nonce,
            "code_challenge": asked.challenge,
            "code_challenge_method": "S256",
        }
        endpoint: str = configuration["authorization_endpoint"]
        return endpoint + ("&" if "?" in endpoint else "?") + urlencode(values)

    async def claims_for(self, code: str, asked: Asked) -> Mapping[str, Any]:
        """Return what the provider says of whoever came back with a code.

        Raises ProviderDownError, IdentityRefusedError.
        """
        configuration = await self._configured()
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": asked.redirect_uri,
            "code_verifier": asked.verifier,
        }
        answer = await _ask("POST", configuration["token_endpoint"], **self._authenticated(form, configuration))
        token = answer.get("id_token")
        if not isinstance(token, str):
            raise IdentityRefusedError(f"no ID token: {str(answer.get('error'))[:60]}")
        return self._checked(await self._decoded(token, configuration), asked.nonce)

    def _authenticated(self, form: dict[str, str], configuration: Mapping[str, Any]) -> dict[str, Any]:
        """Return the request for a token with what proves this client, in a way that the provider takes."""
        client = self.client
        if client.secret is None:
            return {"data": form | {"client_id": client.client_id}}
        if "client_secret_basic" in configuration.get("token_endpoint_auth_methods_supported", ["client_secret_basic"]):
            # Both are written as in a form first (RFC 6749, 2.3.1).
            return {"data": form, "auth": httpx.BasicAuth(quote_plus(client.client_id), quote_plus(client.secret))}
        return {"data": form | {"client_id": client.client_id, "client_secret": client.secret}}

    async def _decoded(self, token: str, configuration: Mapping[str, Any]) -> dict[str, Any]:
        """Return the claims of a token with a good signature; a key that is not known is asked for once."""
        try:
            kid = jws.extract_compact(token.encode()).headers().get("kid")
            keys = await self._key_set(configuration, kid)
            return jwt.decode(token, keys, algorithms=list(ALGORITHMS)).claims
        except (JoseError, ValueError) as error:
            raise IdentityRefusedError(f"signature: {type(error).__name__}") from None

    def _checked(self, claims: dict[str, Any], nonce: str) -> dict[str, Any]:
        registry = jwt.JWTClaimsRegistry(
            leeway=CLOCK_SKEW_S,
            iss={"essential": True, "value": self.client.issuer},
            aud={"essential": True, "value": self.client.client_id},
            sub={"essential": True},
            exp={"essential": True},
            iat={"essential": True},
            nonce={"essential": True, "value": nonce},
        )
        try:
            registry.validate(claims)
        except (JoseError, ValueError, TypeError) as error:
            raise IdentityRefusedError(f"claims: {error}") from None
        audience, authorised = claims["aud"], claims.get("azp")
        if authorised not in (None, self.client.client_id) or (isinstance(audience, list) and len(audience) > 1):
            raise IdentityRefusedError("the token is for others too")
        return claims

    async def _configured(self) -> Mapping[str, Any]:
        """Return what the provider says of itself (OpenID Connect Discovery). What is old is used while it is down."""
        async with self._asking:
            kept = self._configuration
            if not kept.is_younger_than(KEPT_S):
                try:
                    self._configuration = kept = _Kept(await self._discovered(), time.monotonic())
                except ProviderDownError:
                    if kept.value is None:
                        raise
            found: Mapping[str, Any] = kept.value
            return found

    async def _discovered(self) -> Mapping[str, Any]:
        issuer = self.client.issuer
        said = await _ask("GET", issuer.rstrip("/") + "/.well-known/openid-configuration")
        if said.get("issuer") != issuer:
            raise ProviderDownError("the provider names another issuer")
        for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
            if not is_safe_url(said.get(name)):
                raise ProviderDownError(f"the provider gives no {name} by TLS")
        return said

    async def _key_set(self, configuration: Mapping[str, Any], kid: str | None) -> KeySet:
        async with self._asking:
            kept = self._keys
            known = kept.value is not None and (kid is None or any(key.kid == kid for key in kept.value.keys))
            if not kept.is_younger_than(KEPT_S if known else NEW_KEYS_AFTER_S):
                said = await _ask("GET", configuration["jwks_uri"])
                try:
                    self._keys = kept = _Kept(KeySet.import_key_set(_public(said)), time.monotonic())
                except (JoseError, ValueError, KeyError, TypeError):
                    raise ProviderDownError("the provider's keys cannot be read") from None
            keys: KeySet = kept.value
            return keys


def _public(said: Mapping[str, Any]) -> Any:
    """Return the signing keys of a key set; what is secret or for encryption is none."""
    keys = [key for key in said["keys"] if key.get("kty") != "oct" and key.get("use", "sig") == "sig"]
    return {"keys": keys}


async def _ask(method: str, url: str, **request: Any) -> dict[str, Any]:
    """Return the JSON object that the provider answers, a refusal of a token request too."""
    try:
        async with httpx.AsyncClient(timeout=TIMEOUT_S) as http:
            answer = await http.request(method, url, headers={"Accept": "application/json"}, **request)
        said = answer.json() if len(answer.content) <= LARGEST_ANSWER else None
    except (httpx.HTTPError, ValueError) as error:
        raise ProviderDownError(f"{urlsplit(url).path}: {type(error).__name__}") from None
    if answer.status_code >= 500 or not isinstance(said, dict) or (method == "GET" and answer.status_code != 200):
        raise ProviderDownError(f"{urlsplit(url).path}: {answer.status_code}")
    return said


def read_secret(path: Path | None) -> str | None:
    """Return the client's secret from its file. Raises OSError, and ValueError for an empty one."""
    if path is None:
        return None
    secret = path.read_text(encoding="utf-8").strip()
    if not secret:
        raise ValueError(f"密钥文件为空 · the file of the client's secret is empty: {path}")
    return secret
