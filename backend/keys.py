"""The keys of a deployment: one master secret, from which each purpose derives its own."""

import os
import secrets
from dataclasses import dataclass

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from backend.settings import Settings

MIN_SECRET_CHARACTERS = 32


class KeysError(RuntimeError):
    """The deployment's secret cannot be used."""


@dataclass(frozen=True, slots=True)
class Keys:
    """One 32-byte key per purpose; a leak of one tells nothing of the others."""

    token: bytes
    cursor: bytes
    personal: bytes
    receipt: bytes
    """The seed of the Ed25519 key that receipts and checkpoints are signed with."""
    sign_in: bytes
    """What refresh tokens, enrolment codes and failed attempts are recognised by."""
    webhook: bytes
    """What the secrets of webhooks are sealed with."""


def load_keys(settings: Settings) -> Keys:
    """Return the keys. Without `QINGTIAN_SECRET` a secret is made once and kept, readable by its owner only.

    Raises KeysError for a secret that is too short to be one.
    """
    secret = settings.secret or _kept_secret(settings)
    if len(secret) < MIN_SECRET_CHARACTERS:
        raise KeysError(
            f"QINGTIAN_SECRET 至少要有 {MIN_SECRET_CHARACTERS} 个字符。\n"
            f"QINGTIAN_SECRET must have at least {MIN_SECRET_CHARACTERS} characters."
        )
    purposes = ("token", "cursor", "personal", "receipt", "sign_in", "webhook")
    return Keys(*(_derived(secret, purpose) for purpose in purposes))


def _kept_secret(settings: Settings) -> str:
    folder = settings.home / "keys"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / "master"
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text(encoding="ascii").strip()
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(secrets.token_urlsafe(48))
    return path.read_text(encoding="ascii")


def _derived(secret: str, purpose: str) -> bytes:
    return HKDF(SHA256(), 32, salt=None, info=f"qingtian/{purpose}".encode()).derive(secret.encode())
