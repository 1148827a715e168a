"""Bearer tokens carry identity only: what an account may do is read at every request."""

import time
from functools import cache

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

ALGORITHM = "HS256"
ISSUER = "qingtian"


def issue_token(account_id: str, key: bytes, ttl_s: int) -> str:
    """Return a signed token for an account, valid for `ttl_s` seconds."""
    now = int(time.time())
    claims = {"iss": ISSUER, "sub": account_id, "iat": now, "exp": now + ttl_s}
    return jwt.encode({"alg": ALGORITHM}, claims, _imported(key))


def account_of(token: str, key: bytes) -> str | None:
    """Return the account id of a valid token, or None for one that is forged, damaged or expired."""
    try:
        claims = jwt.decode(token, _imported(key), algorithms=[ALGORITHM]).claims
        jwt.JWTClaimsRegistry(
            iss={"essential": True, "value": ISSUER}, sub={"essential": True}, exp={"essential": True}
        ).validate(claims)
    except (JoseError, ValueError):
        return None
    return str(claims["sub"])


@cache
def _imported(key: bytes) -> OctKey:
    return OctKey.import_key(key)
