"""Access tokens say who signed in, for minutes; refresh tokens renew a sign-in, and are known by their hash only."""

import base64
import binascii
import hashlib
import hmac
import secrets
import time
import uuid
from dataclasses import dataclass
from functools import cache

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

from schemas.identifiers import is_uuid

ALGORITHM = "HS256"
ISSUER = "qingtian"

ID_BYTES, SECRET_BYTES, TAG_BYTES = 16, 20, 16


@dataclass(frozen=True, slots=True)
class Identity:
    """Whose sign-in a token is of."""

    account_id: str
    session_id: str


def issue_token(account_id: str, session_id: str, key: bytes, ttl_s: int) -> str:
    """Return a signed access token of a session, valid for `ttl_s` seconds."""
    now = int(time.time())
    claims = {"iss": ISSUER, "sub": account_id, "sid": session_id, "iat": now, "exp": now + ttl_s}
    return jwt.encode({"alg": ALGORITHM}, claims, _imported(key))


def identity_of(token: str, key: bytes) -> Identity | None:
    """Return who a valid access token names, or None for one that is forged, damaged or expired."""
    try:
        claims = jwt.decode(token, _imported(key), algorithms=[ALGORITHM]).claims
        jwt.JWTClaimsRegistry(
            iss={"essential": True, "value": ISSUER},
            sub={"essential": True},
            sid={"essential": True},
            exp={"essential": True},
        ).validate(claims)
    except (JoseError, ValueError):
        return None
    identity = Identity(str(claims["sub"]), str(claims["sid"]))
    return identity if is_uuid(identity.account_id) and is_uuid(identity.session_id) else None


def new_refresh_token(session_id: str, key: bytes) -> str:
    """Return a refresh token of a session: its id, a secret, and a tag that only this deployment can have made.

    By the tag a used-up token is told from noise: the first ends its sign-in, the second nobody's.
    """
    body = uuid.UUID(session_id).bytes + secrets.token_bytes(SECRET_BYTES)
    return base64.urlsafe_b64encode(body + _tag(body, key)).decode()


def session_of(refresh_token: str, key: bytes) -> str | None:
    """Return the session that a refresh token was issued to, or None for one that this deployment never issued."""
    try:
        raw = base64.urlsafe_b64decode(refresh_token.encode("ascii"))
    except (UnicodeEncodeError, binascii.Error):
        return None
    body, tag = raw[:-TAG_BYTES], raw[-TAG_BYTES:]
    if len(body) != ID_BYTES + SECRET_BYTES or not hmac.compare_digest(tag, _tag(body, key)):
        return None
    return str(uuid.UUID(bytes=body[:ID_BYTES]))


def token_hash(refresh_token: str) -> bytes:
    """Return what is kept of a refresh token. Its secret has 160 bits, so that a plain SHA-256 tells nothing."""
    return hashlib.sha256(refresh_token.encode()).digest()


def keyed_hash(text: str, purpose: str, key: bytes) -> bytes:
    """Return the 32-byte keyed hash of something short or guessable, such as a code or a user name."""
    return hmac.new(key, f"{purpose}\0{text}".encode("utf-8", "surrogatepass"), hashlib.sha256).digest()


def _tag(body: bytes, key: bytes) -> bytes:
    return hmac.new(key, b"refresh\0" + body, hashlib.sha256).digest()[:TAG_BYTES]


@cache
def _imported(key: bytes) -> OctKey:
    return OctKey.import_key(key)
