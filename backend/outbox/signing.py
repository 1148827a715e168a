"""Signatures after the Standard Webhooks convention (1.0.0), and the secrets they are made with, sealed.

Signed is `<webhook-id>.<webhook-timestamp>.<body>` by HMAC-SHA256; the header holds `v1,<base64>`, one for each secret
that is good, with a space between.
"""

import base64
import hashlib
import hmac
import os
from collections.abc import Mapping, Sequence

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

PREFIX = "whsec_"
SECRET_BYTES = 32
NONCE_BYTES = 12

ID_HEADER, TIMESTAMP_HEADER, SIGNATURE_HEADER = "webhook-id", "webhook-timestamp", "webhook-signature"


def new_secret() -> bytes:
    """Draw a secret."""
    return os.urandom(SECRET_BYTES)


def shown_secret(secret: bytes) -> str:
    """Return a secret as its receiver configures it."""
    return PREFIX + base64.b64encode(secret).decode()


def signature(secret: bytes, event_id: str, timestamp: int, body: bytes) -> str:
    """Return one signature. `timestamp` is in seconds since 1970."""
    signed = f"{event_id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(secret, signed, hashlib.sha256).digest()).decode()


def signed_headers(secrets: Sequence[bytes], event_id: str, timestamp: int, body: bytes) -> Mapping[str, str]:
    """Return the headers of an attempt; every secret signs, so that a receiver may change over at its leisure."""
    return {
        ID_HEADER: event_id,
        TIMESTAMP_HEADER: str(timestamp),
        SIGNATURE_HEADER: " ".join(signature(secret, event_id, timestamp, body) for secret in secrets),
    }


def seal_secret(secret: bytes, webhook_id: str, key: bytes) -> bytes:
    """Return a secret sealed and bound to its endpoint: AES-256-GCM, the nonce in front."""
    nonce = os.urandom(NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, secret, webhook_id.encode())


def open_secret(sealed: bytes, webhook_id: str, key: bytes) -> bytes:
    """Return a sealed secret. Raises InvalidTag where the key or the endpoint is another."""
    return AESGCM(key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], webhook_id.encode())
